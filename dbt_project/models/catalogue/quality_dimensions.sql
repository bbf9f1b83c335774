-- 规范性, 准确性, 完整性: rows in force without an issue or a cross-source finding of the dimension, of all rows in force.
-- 实效性: the period reported by its due day (1 of 1) or not (0 of 1); nothing while it is neither reported nor due.
-- Basis `review`: 准确性 as people found it, rows of the sample that agree of those they could verify; never mixed with
-- what machines checked.
with rows_in_force as (
    select row_states.*
    from {{ ref('row_states') }} as row_states
    inner join {{ ref('submissions_in_force') }} as in_force on row_states.submission_id = in_force.submission_id
),

totals as (
    select
        bureau_code,
        dataset,
        period,
        count(*)::integer as denominator
    from rows_in_force
    group by bureau_code, dataset, period
),

flaws as (
    select
        submission_id,
        row_number,
        dimension
    from {{ ref('row_issues') }}
    union
    select
        submission_id,
        row_number,
        dimension
    from {{ ref('cross_source_findings') }}
),

flawed as (
    select
        rows_in_force.bureau_code,
        rows_in_force.dataset,
        rows_in_force.period,
        flaws.dimension,
        count(*)::integer as flawed_rows
    from rows_in_force
    inner join flaws
        on rows_in_force.submission_id = flaws.submission_id and rows_in_force.row_number = flaws.row_number
    group by rows_in_force.bureau_code, rows_in_force.dataset, rows_in_force.period, flaws.dimension
),

counted as (
    select
        totals.bureau_code,
        totals.dataset,
        totals.period,
        dimensions.dimension,
        'checks' as basis,
        totals.denominator - coalesce(flawed.flawed_rows, 0) as numerator,
        totals.denominator
    from totals
    cross join unnest(array['规范性', '准确性', '完整性']) as dimensions (dimension)
    left join flawed
        on
            totals.bureau_code = flawed.bureau_code
            and totals.dataset = flawed.dataset
            and totals.period = flawed.period
            and dimensions.dimension = flawed.dimension
    union all
    select
        bureau_code,
        dataset,
        period,
        '实效性' as dimension,
        'checks' as basis,
        coalesce(first_received_on <= due_on, false)::integer as numerator,
        1 as denominator
    from {{ ref('coverage') }}
    where due_on is not null and (first_received_on is not null or is_due)
    union all
    select
        bureau_code,
        dataset,
        period,
        '准确性' as dimension,
        'review' as basis,
        count(*) filter (where verdict = 'consistent')::integer as numerator,
        count(*)::integer as denominator
    from {{ ref('review_results') }}
    where state = 'reviewed' and verdict in ('consistent', 'inconsistent')
    group by bureau_code, dataset, period
)

select
    counted.bureau_code,
    organisations.division_code,
    counted.dataset,
    counted.period,
    counted.dimension,
    counted.basis,
    counted.numerator,
    counted.denominator,
    round(counted.numerator::numeric / counted.denominator, 4) as rate
from counted
inner join {{ ref('organisations') }} as organisations on counted.bureau_code = organisations.organisation_code
