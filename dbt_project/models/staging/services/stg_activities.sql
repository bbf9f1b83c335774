{% call judged_rows('activities') %}
    select
        typed.*,
        'activity' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when finished_on < held_on then 'finished_on:dates_out_of_order' end,
            case
                when not held_on between {{ period_start('period') }} and {{ period_end('period') }}
                    then 'held_on:outside_period'
            end,
            {{ required_where('media_name', "activity_kind = 'media_case_publicity'") }},
            -- whether a medium, a course or a replication counts depends on its level
            {{ required_where('activity_level', "activity_kind in ('media_case_publicity', 'training_attended', 'central_replication')") }},
            {{ required_where('amount', "activity_kind in ('budget_fund', 'budget_project')") }},
            {{ required_where('document_no', "activity_kind = 'policy_document'") }},
            {{ required_where('adopted_by', "activity_kind in ('publicity_item', 'central_replication')") }},
            -- evidence is its number, its bytes and its day, or it is none
            {{ required_where('evidence_id', "coalesce(evidence_sha256, evidence_on::text) is not null") }},
            {{ required_where('evidence_sha256', "coalesce(evidence_id, evidence_on::text) is not null") }},
            {{ required_where('evidence_on', "coalesce(evidence_id, evidence_sha256) is not null") }}
        ] as row_issues
    from typed
{% endcall %}
