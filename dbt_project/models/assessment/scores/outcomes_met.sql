{{ config(materialized='ephemeral') }}
-- The first special case of a rule all of whose conditions hold: zero counts, alternative clauses, options. Conditions are a closed
-- set of comparisons (assessment_conditions); one whose metric has no value does not hold.
with held as (
    select
        inputs.assessment_year,
        inputs.region_code,
        inputs.rule_id,
        conditions.outcome_no,
        bool_and(coalesce(case conditions.comparison
            when 'equals' then given.value = conditions.operand
            when 'at_least' then given.value >= conditions.operand
            when 'more_than' then given.value > conditions.operand
            when 'less_than' then given.value < conditions.operand
            when 'is_choice' then given.choice = conditions.choice
        end, false)) as is_met
    from {{ ref('rule_inputs') }} as inputs
    inner join {{ ref('assessment_conditions') }} as conditions
        on
            inputs.policy_id = conditions.policy_id
            and inputs.version = conditions.version
            and inputs.rule_id = conditions.rule_id
    left join {{ ref('metric_values') }} as given
        on
            inputs.assessment_year = given.assessment_year
            and inputs.region_code = given.region_code
            and conditions.metric_code = given.metric_code
    group by inputs.assessment_year, inputs.region_code, inputs.rule_id, conditions.outcome_no
)

select distinct on (held.assessment_year, held.region_code, held.rule_id)
    held.assessment_year,
    held.region_code,
    held.rule_id,
    outcomes.state,
    outcomes.reason,
    outcomes.points,
    outcomes.flag,
    outcomes.outcome_text,
    outcomes.status,
    outcomes.source_clause
from held
inner join {{ ref('assessment_years') }} as years on held.assessment_year = years.assessment_year
inner join {{ ref('assessment_outcomes') }} as outcomes
    on
        years.policy_id = outcomes.policy_id
        and years.version = outcomes.version
        and held.rule_id = outcomes.rule_id
        and held.outcome_no = outcomes.outcome_no
where held.is_met
order by held.assessment_year, held.region_code, held.rule_id, held.outcome_no
