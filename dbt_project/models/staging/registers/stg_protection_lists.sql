{% call judged_rows('protection_lists') %}
    select
        typed.*,
        'protection_listed' as event_type,
        null::text as behaviour_code,
        removed_on as ended_on,
        array[
            case when listed_until < listed_on then 'listed_until:dates_out_of_order' end,
            case when removed_on < listed_on then 'removed_on:dates_out_of_order' end,
            -- what is protected must be found again when goods or notices come in
            {{ required_where('trademark_no', "right_kind = 'trademark'") }},
            {{ required_where('patent_no', "right_kind = 'patent'") }},
            {{ required_where('customs_record_no', "list_kind = 'customs_recorded'") }}
        ] as row_issues
    from typed
{% endcall %}
