{% call judged_rows('agencies') %}
    select
        typed.*,
        'agency_registered' as event_type,
        null::text as behaviour_code,
        case when agency_status in ('revoked', 'cancelled') then status_changed_on end as ended_on,
        array[
            case when closed_on < licensed_on then 'closed_on:dates_out_of_order' end,
            case when status_changed_on < licensed_on then 'status_changed_on:dates_out_of_order' end,
            {{ required_where('agency_code', "agency_kind = 'patent_agency'") }},
            {{ required_where('closed_on', "agency_status in ('revoked', 'cancelled') and status_changed_on is null") }}
        ] as row_issues
    from typed
{% endcall %}
