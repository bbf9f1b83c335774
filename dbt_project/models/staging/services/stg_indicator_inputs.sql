{% call judged_rows('indicator_inputs') %}
    select
        typed.*,
        case when rule_id = 'survey' then 'survey_result' else 'indicator_declared' end as event_type,
        null::text as behaviour_code,
        null::date as ended_on,
        array[
            case when (rule_id = 'survey') <> starts_with(metric_code, 'survey_') then 'metric_code:unknown_code' end,
            -- 93.5 written for 93.5 %
            case when value_unit = 'ratio' and metric_value > 1 then 'metric_value:number_out_of_range' end,
            {{ required_where('metric_value', "metric_choice is null and not field_issues && array['metric_choice:unknown_code', 'metric_choice:cell_error']") }},
            {{ required_where('value_unit', "metric_value is not null") }},
            case when counted_until < counted_from then 'counted_until:dates_out_of_order' end,
            {{ required_where('certified_on', "certified_by is not null") }},
            -- evidence is its number, its bytes and its day, or it is none
            {{ required_where('evidence_id', "coalesce(evidence_sha256, evidence_on::text) is not null") }},
            {{ required_where('evidence_sha256', "coalesce(evidence_id, evidence_on::text) is not null") }},
            {{ required_where('evidence_on', "coalesce(evidence_id, evidence_sha256) is not null") }}
        ] as row_issues
    from typed
{% endcall %}
