{{ config(materialized='ephemeral') }}
-- 按完成比例: pro rata of the task, at most all of it, to two decimals. Without a task, or with one of zero, there is no ratio (附件 27(1)).
select
    {{ scored_cell('inputs') }},
    case when inputs.target is null then 'target_missing' when inputs.target = 0 then 'target_zero' end as reason,
    -- multiplied first: a third of a point loses nothing before it is rounded
    round(least(inputs.value * inputs.points / nullif(inputs.target, 0), inputs.points), 2) as points
from {{ ref('rule_inputs') }} as inputs
where inputs.kind = 'completion_ratio'
