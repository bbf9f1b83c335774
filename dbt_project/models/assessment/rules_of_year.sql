{{ config(materialized='ephemeral') }}
-- The rules of each year that is assessed, each with its indicator, its window and its metric: the table with its merged cells
-- filled in.
select
    years.assessment_year,
    years.tie_method,
    rules.*,
    indicators.section_no,
    indicators.section_title,
    indicators.section_kind,
    indicators.section_max,
    indicators.group_title,
    indicators.group_max,
    indicators.point_title,
    indicators.point_max,
    indicators.indicator_text,
    indicators.units_text,
    indicators.remark,
    windows.window_code,
    windows.window_from,
    windows.window_to,
    metrics.metric_title,
    metrics.value_kind,
    metrics.numerator_metric,
    metrics.denominator_metric,
    coalesce(indicators.evidence_text, merged.evidence_text) as evidence_text,
    coalesce(metrics.value_unit, rules.value_unit) as shown_unit
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
