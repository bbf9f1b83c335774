{% call judged_rows('patent_awards') %}
    select
        typed.*,
        award_type as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            -- each award has grades of its own
            case
                when (award_type = 'china_patent_award') <> (award_grade in ('gold', 'silver', 'excellence'))
                    then 'award_grade:unknown_code'
            end
        ] as row_issues
    from typed
{% endcall %}
