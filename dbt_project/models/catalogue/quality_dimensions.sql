{{ config(meta={'distribute_by': 'reference'}) }}
-- 规范性, 准确性, 完整性: rows in force without an issue or a cross-source finding of the dimension, of all rows in force.
-- 实效性: the period reported by its due day (1 of 1) or not (0 of 1); nothing while it is neither reported nor due. What was
-- withdrawn and has not come again is not reported.
-- Basis `review`: 准确性 as people found it, rows of the sample that agree of those they could verify; never mixed with
-- what machines checked.
with totals as (
    select
        counts.bureau_code,
        counts.dataset,
        counts.period,
        sum(counts.rows_accepted + counts.rows_rejected + counts.rows_superseded)::integer as denominator
    from {{ ref('submission_counts') }} as counts
    inner join {{ ref('submissions_in_force') }} as in_force on counts.submission_id = in_force.submission_id
    group by counts.bureau_code, counts.dataset, counts.period
),

-- Rows that only another source shows to be flawed: those with an issue of the dimension are counted already.
found_by_others as (
    select
        findings.submission_id,
        findings.bureau_code,
        findings.dataset,
        findings.period,
        findings.dimension,
        count(distinct findings.row_number)::integer as flawed_rows
    from {{ ref('cross_source_findings') }} as findings
    left join {{ ref('row_issues') }} as row_issues
        on
            findings.submission_id = row_issues.submission_id
            and findings.row_number = row_issues.row_number
            and findings.dimension = row_issues.dimension
    where row_issues.submission_id is null
    group by findings.submission_id, findings.bureau_code, findings.dataset, findings.period, findings.dimension
),

flaws as (
    select
        submission_id,
        bureau_code,
        dataset,
        period,
        dimension,
        flawed_rows
    from {{ ref('submission_flaws') }}
    union all
    select
        submission_id,
        bureau_code,
        dataset,
        period,
        dimension,
        flawed_rows
    from found_by_others
),

flawed as (
    select
        flaws.bureau_code,
        flaws.dataset,
        flaws.period,
        flaws.dimension,
        sum(flaws.flawed_rows)::integer as flawed_rows
    from flaws
    inner join {{ ref('submissions_in_force') }} as in_force on flaws.submission_id = in_force.submission_id
    group by flaws.bureau_code, flaws.dataset, flaws.period, flaws.dimension
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
        (state in ('received', 'nil_return') and first_received_on <= due_on)::integer as numerator,
        1 as denominator
    from {{ ref('coverage') }}
    where due_on is not null and (state in ('received', 'nil_return') or is_due)
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
