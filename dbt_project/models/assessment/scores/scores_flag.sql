{{ config(materialized='ephemeral') }}
-- 达到即得分: full points when the number reaches its threshold, or the task set for the region (附件 12).
select
    {{ scored_cell('inputs') }},
    case
        when inputs.target_code is not null and inputs.target is null then 'target_missing'
        when inputs.value_kind in ('ratio', 'growth') and inputs.denominator = 0 then 'denominator_zero'
    end as reason,
    case when inputs.value >= coalesce(inputs.target, inputs.threshold) then inputs.points else 0 end as points
from {{ ref('rule_inputs') }} as inputs
where inputs.kind = 'flag'
