{% call judged_rows('well_known_marks') %}
    select
        typed.*,
        case
            when recognition = 'recognised' then 'well_known_mark_recognised'
            when recognition = 'refused' then 'well_known_mark_refused'
            else 'well_known_mark_requested'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when submitted_on < requested_on then 'submitted_on:dates_out_of_order' end,
            case when decided_on < coalesce(submitted_on, requested_on) then 'decided_on:dates_out_of_order' end,
            case when protected_on < decided_on then 'protected_on:dates_out_of_order' end,
            case when papers_reported_on < protected_on then 'papers_reported_on:dates_out_of_order' end,
            {{ required_where('decided_on', "(recognition is not null or protected_on is not null)") }},
            {{ required_where('recognition', "decided_on is not null") }},
            {{ required_where('decision_no', "decided_on is not null") }},
            {{ required_where('protected_on', "papers_reported_on is not null") }},
            {{ required_where('protection_action', "protected_on is not null") }},
            {{ required_where('protection_no', "protected_on is not null") }},
            case when recognition = 'refused' and protected_on is not null then 'protected_on:fields_disagree' end
        ] as row_issues
    from typed
{% endcall %}
