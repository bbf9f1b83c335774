{% call judged_rows('review_verdicts') %}
    select
        typed.*,
        'review_verdict' as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            {{ required_where('wrong_field', "verdict = 'inconsistent'") }},
            {{ required_where('evidence', "verdict in ('inconsistent', 'unverifiable')") }}
        ] as row_issues
    from typed
{% endcall %}
