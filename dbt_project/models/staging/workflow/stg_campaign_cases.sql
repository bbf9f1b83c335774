{% call judged_rows('campaign_cases') %}
    select
        typed.*,
        'campaign_action' as event_type,
        case when action_outcome in ('corrected', 'punished') then matter end as behaviour_code,
        null::date as ended_on,
        array[
            case when closed_on < acted_on then 'closed_on:dates_out_of_order' end,
            {{ required_where('closed_on', "action_outcome in ('corrected', 'punished')") }},
            {{ required_where('applications_cleaned', "action_kind = 'cleaned' and trademarks_cleaned is null") }},
            case when acted_on > {{ period_end('period') }} then 'acted_on:outside_period' end
        ] as row_issues
    from typed
{% endcall %}
