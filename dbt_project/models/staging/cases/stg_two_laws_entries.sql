{% call judged_rows('two_laws_entries') %}
    select
        typed.*,
        case when certified_on is not null then 'two_laws_entry_certified' else 'two_laws_entry' end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when certified_on < entered_on then 'certified_on:dates_out_of_order' end,
            {{ required_where('certificate_no', "certified_on is not null") }},
            {{ outside_period('entered_on') }}
        ] as row_issues
    from typed
{% endcall %}
