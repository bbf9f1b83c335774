-- The table of the year as published, one row per rule, with the merged cells filled in.
select
    '{{ release_id() }}'::text as release_id,
    years.assessment_year,
    rules.rule_id,
    rules.rule_no,
    rules.indicator_no,
    rules.policy_id,
    rules.version as policy_version,
    indicators.section_no,
    indicators.section_title,
    indicators.section_kind,
    indicators.section_max,
    indicators.group_title,
    indicators.group_max,
    indicators.point_title,
    indicators.point_max,
    indicators.indicator_text,
    rules.rule_text,
    rules.kind,
    rules.max_points,
    rules.is_awardable,
    coalesce(indicators.evidence_text, merged.evidence_text) as evidence_text,
    indicators.units_text,
    indicators.remark,
    rules.metric_code,
    used.metric_codes,
    metrics.metric_title,
    coalesce(metrics.value_unit, rules.value_unit) as value_unit,
    indicators.window_code,
    windows.window_from,
    windows.window_to,
    rules.status as policy_status,
    rules.source_clause
from {{ ref('assessment_years') }} as years
inner join {{ ref('assessment_rules') }} as rules on years.policy_id = rules.policy_id and years.version = rules.version
inner join {{ ref('assessment_indicators') }} as indicators
    on
        rules.policy_id = indicators.policy_id
        and rules.version = indicators.version
        and rules.indicator_no = indicators.indicator_no
inner join {{ ref('assessment_windows') }} as windows
    on
        indicators.policy_id = windows.policy_id
        and indicators.version = windows.version
        and indicators.window_code = windows.window_code
left join {{ ref('assessment_indicators') }} as merged
    on
        indicators.policy_id = merged.policy_id
        and indicators.version = merged.version
        and indicators.evidence_as_indicator = merged.indicator_no
left join {{ ref('assessment_metrics') }} as metrics
    on rules.policy_id = metrics.policy_id and rules.version = metrics.version and rules.metric_code = metrics.metric_code
left join lateral (
    select string_agg(distinct parts.metric_code, '、' order by parts.metric_code) as metric_codes
    from (
        select needed.metric_code
        from {{ ref('rule_metrics') }} as needed
        where needed.policy_id = rules.policy_id and needed.version = rules.version and needed.rule_id = rules.rule_id
        union
        select rules.metric_code
    ) as parts
) as used on true
