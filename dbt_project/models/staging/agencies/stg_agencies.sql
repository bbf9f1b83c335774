{% call judged_rows('agencies') %}
    select
        typed.*,
        'agency_registered' as event_type,
        null::text as behaviour_code,
        case when agency_status in ('revoked', 'cancelled') then status_changed_on end as ended_on,
        array[
            case when closed_on < licensed_on then 'closed_on:dates_out_of_order' end,
            case when status_changed_on < licensed_on then 'status_changed_on:dates_out_of_order' end,
            case
                when agency_kind = 'patent_agency' and agency_code is null and not field_issues && array['agency_code:bad_agency_code']
                    then 'agency_code:missing_required'
            end,
            case
                when agency_status in ('revoked', 'cancelled') and coalesce(closed_on, status_changed_on) is null
                    then 'closed_on:missing_required'
            end
        ] as row_issues
    from typed
{% endcall %}
