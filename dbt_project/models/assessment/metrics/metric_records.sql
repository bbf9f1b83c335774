{{ config(
    meta={'distribute_by': 'record_id'},
    indexes=[{'columns': ['assessment_year', 'metric_code', 'record_id'], 'unique': true}],
    pre_hook="set local enable_nestloop = off"
) }}
-- The records behind every metric: one row per year, metric and record that counts in the time of that metric. The planner
-- takes the hundred times for one, and would go through all records for each of them.
{%- set flows = ['case_counts', 'procedure_counts', 'service_counts', 'activity_counts'] %}
with flows as (
    {% for flow in flows -%}
    select
        record_id,
        dataset,
        city_code,
        county_name,
        record_document_no,
        submission_id,
        row_number,
        is_evidenced,
        counted_as,
        choice_rank,
        metric_code,
        counted_on,
        quantity,
        {{ 'policy_id, version' if flow == 'activity_counts' else 'null::text as policy_id, null::integer as version' }}
    from {{ ref(flow) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

times as (
    select
        years.assessment_year,
        years.policy_id,
        years.version,
        metrics.metric_code,
        windows.window_from,
        least(windows.window_to, {{ as_of() }}) as window_to
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('assessment_metrics') }} as metrics
        on years.policy_id = metrics.policy_id and years.version = metrics.version and metrics.aggregation <> 'stock'
    inner join {{ ref('assessment_windows') }} as windows
        on
            metrics.policy_id = windows.policy_id
            and metrics.version = windows.version
            and metrics.window_code = windows.window_code
),

counted as (
    select
        times.assessment_year,
        flows.*
    from flows
    inner join times
        on
            flows.metric_code = times.metric_code
            and flows.counted_on between times.window_from and times.window_to
            and (flows.policy_id is null or (flows.policy_id = times.policy_id and flows.version = times.version))
    union all
    select
        stocks.assessment_year,
        stocks.record_id,
        stocks.dataset,
        stocks.city_code,
        stocks.county_name,
        stocks.record_document_no,
        stocks.submission_id,
        stocks.row_number,
        stocks.is_evidenced,
        stocks.counted_as,
        stocks.choice_rank,
        stocks.metric_code,
        stocks.counted_on,
        stocks.quantity,
        null as policy_id,
        null as version
    from {{ ref('stock_counts') }} as stocks
)

select
    counted.assessment_year,
    counted.metric_code,
    counted.record_id,
    counted.dataset,
    counted.city_code,
    coalesce(counties.region_code, counted.city_code) as region_code,
    counted.counted_on,
    counted.quantity::numeric as quantity,
    counted.counted_as,
    counted.choice_rank,
    counted.is_evidenced,
    counted.record_document_no as document_no,
    counted.submission_id,
    counted.row_number
from counted
left join {{ ref('assessment_regions') }} as counties
    on
        counties.region_level = 'county'
        and counted.city_code = counties.city_code
        and counted.county_name = any(counties.names)
