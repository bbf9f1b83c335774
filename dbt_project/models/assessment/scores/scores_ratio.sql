{{ config(materialized='ephemeral') }}
-- 按比率分档: the first step, from the top, that the ratio reaches. A step whose limit is an external parameter that nobody has sent
-- is passed over, and said so (附件 19).
select
    {{ scored_cell('inputs') }},
    case when inputs.denominator = 0 then 'denominator_zero' end as reason,
    coalesce(reached.points, 0) as points,
    passed_over.is_any as is_parameter_missing
from {{ ref('rule_inputs') }} as inputs
left join lateral (
    select steps.points
    from {{ ref('assessment_thresholds') }} as steps
    left join {{ ref('parameters') }} as limits
        on
            inputs.assessment_year = limits.assessment_year
            and inputs.region_code = limits.region_code
            and steps.parameter_code = limits.parameter_code
            and limits.parameter_kind = 'external'
    where
        inputs.policy_id = steps.policy_id
        and inputs.version = steps.version
        and inputs.rule_id = steps.rule_id
        and case steps.comparison
            when 'at_least' then inputs.value >= coalesce(steps.limit_value, limits.parameter_value)
            when 'more_than' then inputs.value > coalesce(steps.limit_value, limits.parameter_value)
        end
    order by steps.step_no
    limit 1
) as reached on true
cross join
    lateral (
        select count(*) > 0 as is_any
        from {{ ref('assessment_thresholds') }} as steps
        where
            inputs.policy_id = steps.policy_id
            and inputs.version = steps.version
            and inputs.rule_id = steps.rule_id
            and steps.parameter_code is not null
            and not exists (
                select 1
                from {{ ref('parameters') }} as limits
                where
                    limits.assessment_year = inputs.assessment_year
                    and limits.region_code = inputs.region_code
                    and limits.parameter_code = steps.parameter_code
                    and limits.parameter_kind = 'external'
            )
    ) as passed_over
where inputs.kind = 'ratio_threshold'
