-- The table of the year as published, one row per rule.
select
    '{{ release_id() }}'::text as release_id,
    rules.assessment_year,
    rules.rule_id,
    rules.rule_no,
    rules.indicator_no,
    rules.policy_id,
    rules.version as policy_version,
    rules.section_no,
    rules.section_title,
    rules.section_kind,
    rules.section_max,
    rules.group_title,
    rules.group_max,
    rules.point_title,
    rules.point_max,
    rules.indicator_text,
    rules.rule_text,
    rules.kind,
    rules.max_points,
    rules.is_awardable,
    rules.evidence_text,
    rules.units_text,
    rules.remark,
    rules.metric_code,
    used.metric_codes,
    rules.metric_title,
    rules.shown_unit as value_unit,
    rules.window_code,
    rules.window_from,
    rules.window_to,
    rules.status as policy_status,
    rules.source_clause
from {{ ref('rules_of_year') }} as rules
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
