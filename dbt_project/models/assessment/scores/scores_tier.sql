{{ config(materialized='ephemeral') }}
-- 按城市档次: the count that is asked of a city of its tier, or the lesser points (附件 14(1)).
select
    {{ scored_cell('inputs') }},
    null::text as reason,
    case when inputs.value >= tiers.min_count then tiers.points else inputs.points_below end as points
from {{ ref('rule_inputs') }} as inputs
inner join {{ ref('assessment_city_tiers') }} as cities
    on inputs.policy_id = cities.policy_id and inputs.version = cities.version and inputs.city_code = cities.division_code
inner join {{ ref('assessment_tiers') }} as tiers
    on
        inputs.policy_id = tiers.policy_id
        and inputs.version = tiers.version
        and inputs.rule_id = tiers.rule_id
        and cities.tier = tiers.tier
where inputs.kind = 'tier_threshold'
