{{ config(materialized='ephemeral') }}
-- 按件扣分: from the points a rule begins with, so much off for each item, down to the floor if there is one (附件 16, 46, 47).
select
    {{ scored_cell('inputs') }},
    null::text as reason,
    string_agg(
        given.metric_title || ' ' || {{ shown('given.value') }} || coalesce(given.value_unit, ''), '，'
        order by items.metric_code
    ) as finding,
    greatest(max(inputs.points) + sum(given.value * items.points_per_item), max(inputs.floor_points)) as points
from {{ ref('rule_inputs') }} as inputs
inner join {{ ref('assessment_items') }} as items
    on inputs.policy_id = items.policy_id and inputs.version = items.version and inputs.rule_id = items.rule_id
inner join {{ ref('metric_values') }} as given
    on
        inputs.assessment_year = given.assessment_year
        and inputs.region_code = given.region_code
        and items.metric_code = given.metric_code
where inputs.kind = 'deduction_per_item'
group by inputs.assessment_year, inputs.region_code, inputs.rule_id
