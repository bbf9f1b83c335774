{% call judged_rows('agency_conduct') %}
    select
        typed.*,
        typed.conduct as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when valid_until < happened_on then 'valid_until:dates_out_of_order' end
        ] as row_issues
    from typed
{% endcall %}
