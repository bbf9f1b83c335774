{% call judged_rows('cases') %}
    select
        typed.*,
        case when case_state = 'closed' then 'case_closed' else 'case_open' end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when filed_on < received_on then 'filed_on:dates_out_of_order' end,
            case when closed_on < filed_on then 'closed_on:dates_out_of_order' end,
            case when published_on < closed_on then 'published_on:dates_out_of_order' end,
            case when system_report_due_on < filed_on then 'system_report_due_on:dates_out_of_order' end,
            case when system_reported_on < filed_on then 'system_reported_on:dates_out_of_order' end,
            case when returned_on < system_reported_on then 'returned_on:dates_out_of_order' end,
            {{ required_where('closed_on', "case_state = 'closed'") }},
            {{ required_where('closing_mode', "case_state = 'closed'") }},
            -- a case of which nobody says whether it is to be published would leave the disclosure ratio unnoticed
            {{ required_where('is_publishable', "(case_state = 'closed' or published_on is not null)") }},
            {{ required_where('nondisclosure_reason', "not is_publishable") }},
            {{ required_where('system_report_due_on', "system_reported_on is not null") }},
            {{ required_where('system_reported_on', "returned_count > 0") }},
            -- returns count by the day: without it one would cost nothing
            {{ required_where('returned_on', "returned_count > 0") }},
            case
                when case_state <> 'closed' and (closed_on is not null or closing_mode is not null or published_on is not null)
                    then 'case_state:fields_disagree'
            end,
            case when not is_publishable and published_on is not null then 'is_publishable:fields_disagree' end,
            -- only disputes between parties are adjudicated
            case
                when
                    closing_mode = 'adjudication'
                    and case_type not in ('patent_infringement', 'other_patent_dispute', 'plant_variety', 'layout_design')
                    then 'closing_mode:fields_disagree'
            end,
            case when filed_on > {{ period_end('period') }} then 'filed_on:outside_period' end,
            {{ outside_period('closed_on') }}
        ] as row_issues
    from typed
{% endcall %}
