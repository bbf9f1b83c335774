{% call judged_rows('general_risk_class') %}
    select
        typed.*,
        'general_class' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[]::text [] as row_issues
    from typed
{% endcall %}
