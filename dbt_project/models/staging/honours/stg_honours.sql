{% call judged_rows('honours') %}
    select
        typed.*,
        honour_type as event_type,
        null::text as behaviour_code,
        cancelled_on as ended_on,
        array[
            case when valid_until < awarded_on then 'valid_until:dates_out_of_order' end,
            case when cancelled_on < awarded_on then 'cancelled_on:dates_out_of_order' end
        ] as row_issues
    from typed
{% endcall %}
