{% call judged_rows('serious_list') %}
    select
        typed.*,
        -- an annulled listing stays on file and counts for nothing
        case when removal_reason = 'annulled' then 'serious_list_annulled' else 'serious_list_entry' end as event_type,
        null::text as behaviour_code,
        removed_on as ended_on,
        array[
            case when listed_until < listed_on then 'listed_until:dates_out_of_order' end,
            case when removed_on < listed_on then 'removed_on:dates_out_of_order' end,
            -- without its day the party would seem to be listed still
            {{ required_where('removed_on', "removal_reason = 'repaired'") }}
        ] as row_issues
    from typed
{% endcall %}
