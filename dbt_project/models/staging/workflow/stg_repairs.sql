{% call judged_rows('repairs') %}
    select
        typed.*,
        'repair_' || coalesce(repair_result, 'applied') as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when accepted_on < applied_on then 'accepted_on:dates_out_of_order' end,
            case when decided_on < coalesce(accepted_on, applied_on) then 'decided_on:dates_out_of_order' end,
            case when publication_ended_on < decided_on then 'publication_ended_on:dates_out_of_order' end,
            {{ required_where('decided_on', "repair_result is not null") }},
            {{ required_where('repair_result', "decided_on is not null") }},
            {{ required_where('is_corrected', "repair_result = 'granted'") }},
            {{ required_where('is_performed', "repair_result = 'granted'") }},
            {{ required_where('has_commitment', "repair_result = 'granted'") }},
            case when repair_result = 'granted' and not is_corrected then 'is_corrected:condition_not_met' end,
            case when repair_result = 'granted' and not is_performed then 'is_performed:condition_not_met' end,
            case when repair_result = 'granted' and not has_commitment then 'has_commitment:condition_not_met' end,
            case when applied_on > {{ period_end('period') }} then 'applied_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
