{% call judged_rows('complaints') %}
    select
        typed.*,
        case
            when complaint_state = 'closed' and complaint_result in ('substantiated', 'partly_substantiated')
                then 'complaint_substantiated'
            when complaint_state = 'closed' then 'complaint_closed'
            when complaint_state in ('refused', 'withdrawn') then 'complaint_' || complaint_state
            else 'complaint_open'
        end as event_type,
        -- what is only alleged is nobody's behaviour
        case
            when complaint_state = 'closed' and complaint_result in ('substantiated', 'partly_substantiated') then matter
        end as behaviour_code,
        null::date as ended_on,
        array[
            case when accepted_on < received_on then 'accepted_on:dates_out_of_order' end,
            case when closed_on < coalesce(accepted_on, received_on) then 'closed_on:dates_out_of_order' end,
            case when replied_on < received_on then 'replied_on:dates_out_of_order' end,
            {{ required_where('accepted_on', "complaint_state in ('accepted', 'closed')") }},
            {{ required_where('closed_on', "complaint_state = 'closed'") }},
            {{ required_where('complaint_result', "complaint_state = 'closed'") }},
            -- what came in earlier is told again when it is closed
            case when received_on > {{ period_end('period') }} then 'received_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
