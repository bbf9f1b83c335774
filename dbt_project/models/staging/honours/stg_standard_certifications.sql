{% call judged_rows('standard_certifications') %}
    select
        typed.*,
        'standard_certified' as event_type,
        null::text as behaviour_code,
        case when certificate_status in ('revoked', 'cancelled') then status_changed_on end as ended_on,
        array[
            case when valid_until < certified_on then 'valid_until:dates_out_of_order' end,
            case when status_changed_on < certified_on then 'status_changed_on:dates_out_of_order' end,
            -- without its day a certificate would seem to be valid still
            {{ required_where('status_changed_on', "certificate_status in ('revoked', 'cancelled')") }}
        ] as row_issues
    from typed
{% endcall %}
