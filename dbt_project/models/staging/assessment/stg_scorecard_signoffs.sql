{% call judged_rows('scorecard_signoffs') %}
    select
        typed.*,
        'scorecard_signed' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            {{ unknown_organisation('signed_by_unit') }},
            {{ own_unit('signed_by_unit') }}
        ] as row_issues
    from typed
{% endcall %}
