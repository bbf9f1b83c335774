{{ config(materialized='ephemeral') }}
-- 按件计分: so much for each item, up to the cap, which the items of one rule share (附件 33(2)).
select
    {{ scored_cell('inputs') }},
    null::text as reason,
    string_agg(
        given.metric_title || ' ' || {{ shown('given.value') }} || coalesce(given.value_unit, ''), '，'
        order by items.metric_code
    ) as finding,
    least(sum(given.value * items.points_per_item), max(inputs.cap_points)) as points
from {{ ref('rule_inputs') }} as inputs
inner join {{ ref('assessment_items') }} as items
    on inputs.policy_id = items.policy_id and inputs.version = items.version and inputs.rule_id = items.rule_id
inner join {{ ref('metric_values') }} as given
    on
        inputs.assessment_year = given.assessment_year
        and inputs.region_code = given.region_code
        and items.metric_code = given.metric_code
where inputs.kind = 'per_item_capped'
group by inputs.assessment_year, inputs.region_code, inputs.rule_id
