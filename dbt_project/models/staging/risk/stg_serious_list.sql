{% call judged_rows('serious_list') %}
    select
        typed.*,
        'serious_list_entry' as event_type,
        null::text as behaviour_code,
        removed_on as ended_on,
        array[
            case when listed_until < listed_on then 'listed_until:dates_out_of_order' end,
            case when removed_on < listed_on then 'removed_on:dates_out_of_order' end
        ] as row_issues
    from typed
{% endcall %}
