-- Whether a city has reported the datasets a metric is counted from: at all (else its count is missing, not zero), and all that
-- falls into the metric's time (else the count may still grow). What is sent as needed is reported when there is need.
with periods as (
    select
        coverage.dataset,
        organisations.role,
        coverage.division_code,
        coverage.gap is null as is_reported,
        coverage.completeness in ('missing', 'not_due') as is_awaited,
        {{ period_start('coverage.period') }} as period_start,
        {{ period_end('coverage.period') }} as period_end
    from {{ ref('coverage') }} as coverage
    inner join {{ ref('organisations') }} as organisations on coverage.bureau_code = organisations.organisation_code
),

sources as (
    select
        years.assessment_year,
        metrics.metric_code,
        sources.dataset,
        items.update_cycle = 'as_needed' as is_as_needed,
        windows.window_from,
        windows.window_to
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('assessment_metrics') }} as metrics
        on years.policy_id = metrics.policy_id and years.version = metrics.version
    inner join {{ ref('assessment_windows') }} as windows
        on
            metrics.policy_id = windows.policy_id
            and metrics.version = windows.version
            and metrics.window_code = windows.window_code
    cross join lateral unnest(string_to_array(metrics.recorded_in, '|')) as sources (dataset)
    inner join {{ ref('contract_items') }} as items on sources.dataset = items.dataset
),

by_source as (
    select
        sources.assessment_year,
        sources.metric_code,
        regions.city_code,
        sources.is_as_needed or coalesce(bool_or(periods.is_reported), false) as is_reported,
        sources.is_as_needed or not coalesce(bool_or(periods.is_awaited), true) as is_complete
    from sources
    cross join (select distinct city_code from {{ ref('assessment_regions') }}) as regions
    left join periods
        on
            sources.dataset = periods.dataset
            -- what one provincial office sends, it sends for all
            and (periods.role <> 'bureau' or regions.city_code = periods.division_code)
            and sources.window_to >= periods.period_start
            and sources.window_from <= periods.period_end
    group by sources.assessment_year, sources.metric_code, sources.dataset, regions.city_code, sources.is_as_needed
)

select
    assessment_year,
    metric_code,
    city_code,
    bool_and(is_reported) as is_reported,
    bool_and(is_complete) as is_complete
from by_source
group by assessment_year, metric_code, city_code
