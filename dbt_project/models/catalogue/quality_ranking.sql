{{ config(meta={'distribute_by': 'reference'}) }}
-- Bureaus by the weighted rates of a quarter (of all periods that end in it) and of the year. A bureau without a
-- denominator that the score needs is not evaluable, and what it lacks is named; an area that is not ranked keeps its score.
with weights as (
    select *
    from {{ policy_in_force('quality_weights') }} as in_force
    where status <> 'no_rule'
),

rates as (
    select
        counted.bureau_code,
        ranked_by.period,
        counted.dimension,
        counted.basis,
        sum(counted.numerator)::numeric / sum(counted.denominator) as rate
    from {{ ref('quality_dimensions') }} as counted
    cross join
        lateral (
            values ({{ quarter_of(period_end('counted.period')) }}), (left(counted.period, 4))
        ) as ranked_by (period)
    group by counted.bureau_code, ranked_by.period, counted.dimension, counted.basis
),

grid as (
    select
        organisations.organisation_code as bureau_code,
        organisations.division_code,
        divisions.is_ranked,
        periods.period
    from {{ ref('organisations') }} as organisations
    inner join {{ ref('divisions') }} as divisions on organisations.division_code = divisions.division_code
    cross join (select distinct period from rates) as periods
    where organisations.role = 'bureau'
),

scored as (
    select
        grid.bureau_code,
        grid.division_code,
        grid.is_ranked,
        grid.period,
        string_agg(weights.dimension, '、' order by weights.dimension) filter (where rates.rate is null) as missing,
        100 * sum(weights.weight * rates.rate) / sum(weights.weight) as score,
        min(weights.policy_id) as policy_id,
        min(weights.version) as policy_version,
        min(weights.status) as policy_status
    from grid
    left join weights on true
    left join rates
        on
            grid.bureau_code = rates.bureau_code
            and grid.period = rates.period
            and weights.dimension = rates.dimension
            and weights.basis = rates.basis
    group by grid.bureau_code, grid.division_code, grid.is_ranked, grid.period
),

stated as (
    select
        scored.*,
        case
            when scored.policy_id is null or scored.missing is not null then 'not_evaluable'
            when scored.is_ranked then 'ranked'
            else 'unranked'
        end as state
    from scored
),

shown as (
    select
        bureau_code,
        period,
        max(rate) filter (where dimension = '规范性' and basis = 'checks') as conformity_rate,
        max(rate) filter (where dimension = '准确性' and basis = 'checks') as accuracy_rate,
        max(rate) filter (where dimension = '完整性' and basis = 'checks') as completeness_rate,
        max(rate) filter (where dimension = '实效性' and basis = 'checks') as timeliness_rate,
        max(rate) filter (where dimension = '准确性' and basis = 'review') as reviewed_accuracy_rate
    from rates
    group by bureau_code, period
)

select
    {{ as_of() }} as as_of,
    stated.period,
    stated.bureau_code,
    stated.division_code,
    stated.state,
    -- equal scores share a place, and the next place is left out
    case
        when stated.state = 'ranked'
            then rank() over (partition by stated.period, stated.state order by round(stated.score, 2) desc)
    end::integer as place,
    case when stated.state <> 'not_evaluable' then round(stated.score, 2) end::numeric(5, 2) as score,
    stated.missing,
    round(shown.conformity_rate, 4)::numeric(5, 4) as conformity_rate,
    round(shown.accuracy_rate, 4)::numeric(5, 4) as accuracy_rate,
    round(shown.completeness_rate, 4)::numeric(5, 4) as completeness_rate,
    round(shown.timeliness_rate, 4)::numeric(5, 4) as timeliness_rate,
    round(shown.reviewed_accuracy_rate, 4)::numeric(5, 4) as reviewed_accuracy_rate,
    stated.policy_id,
    stated.policy_version,
    stated.policy_status
from stated
left join shown on stated.bureau_code = shown.bureau_code and stated.period = shown.period
