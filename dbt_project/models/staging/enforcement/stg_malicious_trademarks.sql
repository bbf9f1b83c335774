{% call judged_rows('malicious_trademarks') %}
    select
        typed.*,
        'malicious_trademark' as event_type,
        'malicious_filing' as behaviour_code,
        null::date as ended_on,
        array[
            case when applied_on > decided_on then 'applied_on:dates_out_of_order' end
        ] as row_issues
    from typed
{% endcall %}
