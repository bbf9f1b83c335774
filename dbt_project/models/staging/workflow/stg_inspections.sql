{% call judged_rows('inspections') %}
    select
        typed.*,
        case
            when inspection_result in ('problem_ordered', 'problem_pending') and problems_fixed_on is not null
                then 'inspection_problem_fixed'
            -- by the day of the report the time given had run out
            when inspection_result = 'problem_ordered' and fix_due_on < (received_at at time zone 'Asia/Shanghai')::date
                then 'inspection_problem_unfixed'
            when inspection_result in ('problem_ordered', 'problem_pending') then 'inspection_problem_found'
            when inspection_result = 'uncooperative' then 'inspection_obstructed'
            when inspection_result = 'unreachable' then 'inspection_unreachable'
            else 'inspection_passed'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when inspected_on < drawn_on then 'inspected_on:dates_out_of_order' end,
            case when fix_due_on < inspected_on then 'fix_due_on:dates_out_of_order' end,
            case when problems_fixed_on < inspected_on then 'problems_fixed_on:dates_out_of_order' end,
            case when published_on < inspected_on then 'published_on:dates_out_of_order' end,
            {{ required_where('problems', "inspection_result in ('problem_ordered', 'problem_pending')") }},
            {{ required_where('fix_due_on', "inspection_result = 'problem_ordered'") }},
            -- an older inspection is told again when its problems are fixed or its result is published
            case when inspected_on > {{ period_end('period') }} then 'inspected_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
