{% call judged_rows('objections') %}
    select
        typed.*,
        case
            when objection_result in ('upheld', 'partly_upheld') then 'objection_upheld'
            when objection_result is not null then 'objection_' || objection_result
            else 'objection_filed'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when accepted_on < filed_on then 'accepted_on:dates_out_of_order' end,
            case when decided_on < coalesce(accepted_on, filed_on) then 'decided_on:dates_out_of_order' end,
            case when corrected_on < filed_on then 'corrected_on:dates_out_of_order' end,
            {{ required_where('decided_on', "objection_result is not null") }},
            {{ required_where('objection_result', "decided_on is not null") }},
            case when filed_on > {{ period_end('period') }} then 'filed_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
