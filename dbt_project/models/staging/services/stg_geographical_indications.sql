{% call judged_rows('geographical_indications') %}
    select
        typed.*,
        record_kind as event_type,
        null::text as behaviour_code,
        cancelled_on as ended_on,
        array[
            case when changed_on < approved_on then 'changed_on:dates_out_of_order' end,
            case when cancelled_on < approved_on then 'cancelled_on:dates_out_of_order' end,
            {{ required_where('changed_on', "gi_status = 'changed'") }},
            -- without its day the protection, or the use, would seem to last still
            {{ required_where('cancelled_on', "gi_status in ('cancelled', 'revoked')") }},
            {{ required_where('gi_no', "record_kind in ('gi_standard_project', 'gi_standard', 'gi_mark_user')") }},
            {{ required_where('standard_level', "record_kind = 'gi_standard'") }}
        ] as row_issues
    from typed
{% endcall %}
