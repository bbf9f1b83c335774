{% call judged_rows('honours') %}
    select
        typed.*,
        honour_type as event_type,
        null::text as behaviour_code,
        cancelled_on as ended_on,
        array[
            case when valid_until < awarded_on then 'valid_until:dates_out_of_order' end,
            case when cancelled_on < awarded_on then 'cancelled_on:dates_out_of_order' end,
            -- who fails the review loses the title; without its day the title would seem to hold still
            {{ required_where('cancelled_on', "review_result = 'failed'") }}
        ] as row_issues
    from typed
{% endcall %}
