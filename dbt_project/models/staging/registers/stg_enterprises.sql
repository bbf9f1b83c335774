{% call judged_rows('enterprises') %}
    select
        typed.*,
        'enterprise_registered' as event_type,
        null::text as behaviour_code,
        deregistered_on as ended_on,
        array[
            case when deregistered_on < established_on then 'deregistered_on:dates_out_of_order' end,
            case when term_until < established_on then 'term_until:dates_out_of_order' end,
            {{ required_where('deregistered_on', "registration_status in ('cancelled', 'revoked')") }}
        ] as row_issues
    from typed
{% endcall %}
