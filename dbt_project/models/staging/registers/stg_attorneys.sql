{% call judged_rows('attorneys') %}
    select
        typed.*,
        'attorney_registered' as event_type,
        null::text as behaviour_code,
        case when practice_status in ('revoked', 'ended') then changed_on end as ended_on,
        array[
            case when changed_on < first_practice_on then 'changed_on:dates_out_of_order' end,
            case when filed_on < first_practice_on then 'filed_on:dates_out_of_order' end,
            {{ required_where('changed_on', "practice_status <> 'practising'") }}
        ] as row_issues
    from typed
{% endcall %}
