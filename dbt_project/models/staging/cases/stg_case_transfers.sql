{% call judged_rows('case_transfers') %}
    select
        typed.*,
        case when direction = 'received' then 'case_transfer_received' else 'case_transfer_sent' end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when received_on < sent_on then 'received_on:dates_out_of_order' end,
            case when outcome_on < sent_on then 'outcome_on:dates_out_of_order' end,
            {{ required_where('case_no', "direction = 'sent' and matter = 'case'") }},
            {{ required_where('received_on', "(direction = 'received' or receipt_no is not null)") }},
            {{ required_where('receipt_no', "outcome in ('accepted', 'case_filed', 'closed')") }},
            -- who receives reports in the quarter of receiving, whenever it was sent
            case when direction = 'sent' then {{ outside_period('sent_on') }} end,
            case when direction = 'received' then {{ outside_period('received_on') }} end
        ] as row_issues
    from typed
{% endcall %}
