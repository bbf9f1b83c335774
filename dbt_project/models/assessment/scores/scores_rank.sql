{{ config(materialized='ephemeral') }}
-- 按全省名次: the ranked cities whose number is known, most first. Ties as the policy says: competition (1, 1, 3) or dense (1, 1, 2);
-- what the other reading gives stands beside it. 附件 14 备注: 如出现并列排名,则下一个排名为并列排名数+1.
with ranked as (
    select
        inputs.*,
        rank() over province as competition_rank,
        dense_rank() over province as dense_rank,
        count(*) over (partition by inputs.assessment_year, inputs.rule_id) as rank_population
    from {{ ref('rule_inputs') }} as inputs
    where inputs.kind = 'rank_band' and inputs.is_ranked and inputs.value is not null
    window province as (partition by inputs.assessment_year, inputs.rule_id order by inputs.value desc)
)

select
    {{ scored_cell('ranked') }},
    null::text as reason,
    coalesce(case ranked.tie_method when 'dense' then by_dense.points else by_competition.points end, 0) as points,
    case ranked.tie_method when 'dense' then ranked.dense_rank else ranked.competition_rank end as rank,
    ranked.rank_population,
    ranked.dense_rank,
    coalesce(by_dense.points, 0) as dense_points
from ranked
left join {{ ref('assessment_bands') }} as by_competition
    on
        ranked.policy_id = by_competition.policy_id
        and ranked.version = by_competition.version
        and ranked.rule_id = by_competition.rule_id
        and ranked.competition_rank between by_competition.rank_from and by_competition.rank_to
left join {{ ref('assessment_bands') }} as by_dense
    on
        ranked.policy_id = by_dense.policy_id
        and ranked.version = by_dense.version
        and ranked.rule_id = by_dense.rule_id
        and ranked.dense_rank between by_dense.rank_from and by_dense.rank_to
