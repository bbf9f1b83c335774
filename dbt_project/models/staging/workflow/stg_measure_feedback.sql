{% call judged_rows('measure_feedback') %}
    select
        typed.*,
        case
            when measure_effect = 'exempted' then 'measure_exempted'
            when measure_effect = 'lifted' then 'measure_lifted'
            else measure_direction || '_applied'
        end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when applied_until < applied_on then 'applied_until:dates_out_of_order' end,
            {{ required_where('applied_until', "measure_effect = 'lifted'") }},
            case when applied_on > {{ period_end('period') }} then 'applied_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
