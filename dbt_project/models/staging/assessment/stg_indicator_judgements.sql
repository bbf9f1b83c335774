{% call judged_rows('indicator_judgements', [ref('assessment_policies'), ref('assessment_rules')]) %}
    select
        typed.*,
        'indicator_judged' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            {{ rule_not_judged('rule_id') }},
            {{ points_above_maximum('judged_points') }},
            {{ unknown_organisation('scorer_unit') }},
            -- nobody scores their own unit
            {{ own_unit('scorer_unit', 'responsible_unit') }},
            case when evidence_on > judged_on then 'evidence_on:dates_out_of_order' end
        ] as row_issues
    from typed
{% endcall %}
