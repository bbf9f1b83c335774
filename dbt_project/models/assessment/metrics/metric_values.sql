{{ config(indexes=[{'columns': ['assessment_year', 'region_code', 'metric_code'], 'unique': true}]) }}
-- Full grid: year × region × metric, the number counted from records beside the declared one. Where both are there the record
-- counts; where neither is, the reason is named.
with metrics as (
    select
        years.assessment_year,
        metrics.*
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('assessment_metrics') }} as metrics
        on years.policy_id = metrics.policy_id and years.version = metrics.version
    where metrics.value_kind in ('count', 'yes_no', 'choice')
),

-- A city has all records of its counties, a county those that name it.
placed as (
    select
        *,
        nullif(region_code, city_code) as county_code
    from {{ ref('metric_records') }}
),

counted as (
    select
        assessment_year,
        metric_code,
        coalesce(county_code, city_code) as region_code,
        coalesce(sum(quantity) filter (where is_evidenced), 0) as total,
        min(quantity) filter (where is_evidenced) as least_quantity,
        count(*) filter (where is_evidenced) as record_count,
        count(*) filter (where not is_evidenced) as unevidenced_count
    from placed
    group by grouping sets ((assessment_year, metric_code, city_code), (assessment_year, metric_code, county_code))
    having grouping(county_code) = 1 or county_code is not null
),

-- the few that count once however often they stand there, or are options
told_apart as (
    select
        assessment_year,
        metric_code,
        coalesce(county_code, city_code) as region_code,
        count(distinct counted_as) as different,
        (array_agg(counted_as order by choice_rank))[1] as first_choice
    from placed
    where is_evidenced and counted_as is not null
    group by grouping sets ((assessment_year, metric_code, city_code), (assessment_year, metric_code, county_code))
    having grouping(county_code) = 1 or county_code is not null
),

recorded as (
    select
        metrics.assessment_year,
        regions.region_code,
        regions.city_code,
        metrics.metric_code,
        metrics.metric_title,
        metrics.value_unit,
        metrics.value_kind,
        metrics.value_if_missing,
        metrics.needs_evidence,
        metrics.certifiers,
        coalesce(counted.record_count, 0) as record_count,
        -- records are there, but none with its supporting material
        coalesce(counted.unevidenced_count > 0 and counted.record_count = 0, false) as is_unevidenced,
        reporting.is_complete,
        case
            when not reporting.is_reported or metrics.recorded_in is null or metrics.value_kind = 'choice' then null
            when counted.unevidenced_count > 0 and counted.record_count = 0 then null
            when metrics.aggregation = 'distinct' then coalesce(told_apart.different, 0)
            when metrics.aggregation = 'all_of' then coalesce(counted.least_quantity, 0)
            else coalesce(counted.total, 0)
        end as recorded_value,
        case
            when reporting.is_reported and metrics.value_kind = 'choice'
                then coalesce(
                    told_apart.first_choice, case when counted.unevidenced_count is null then metrics.choice_if_none end
                )
        end as recorded_choice
    from metrics
    cross join {{ ref('assessment_regions') }} as regions
    left join {{ ref('metric_reporting') }} as reporting
        on
            metrics.assessment_year = reporting.assessment_year
            and metrics.metric_code = reporting.metric_code
            and regions.city_code = reporting.city_code
    left join counted
        on
            metrics.assessment_year = counted.assessment_year
            and metrics.metric_code = counted.metric_code
            and regions.region_code = counted.region_code
    left join told_apart
        on
            metrics.assessment_year = told_apart.assessment_year
            and metrics.metric_code = told_apart.metric_code
            and regions.region_code = told_apart.region_code
),

sourced as (
    select
        recorded.*,
        declared.declared_value,
        declared.declared_choice,
        declared.record_id as declared_record_id,
        declared.evidence_id,
        declared.evidence_sha256,
        declared.evidence_on,
        declared.certified_by,
        declared.certified_on,
        declared.submission_id as declared_submission_id,
        declared.row_number as declared_row_number,
        case
            when coalesce(recorded.recorded_value::text, recorded.recorded_choice) is not null then 'recorded'
            when declared.record_id is null then null
            when recorded.value_kind = 'choice' and declared.declared_choice is null then null
            when recorded.needs_evidence and declared.evidence_sha256 is null then null
            when coalesce(declared.certified_by = any(string_to_array(recorded.certifiers, '|')), recorded.certifiers is null)
                then 'declared'
        end as value_source
    from recorded
    left join {{ ref('declared_values') }} as declared
        on
            recorded.assessment_year = declared.assessment_year
            and recorded.region_code = declared.region_code
            and recorded.metric_code = declared.metric_code
)

select
    assessment_year,
    region_code,
    city_code,
    metric_code,
    metric_title,
    value_unit,
    coalesce(
        case value_source when 'recorded' then recorded_value when 'declared' then declared_value end, value_if_missing
    ) as value,
    case
        when value_kind = 'choice' then case value_source when 'recorded' then recorded_choice else declared_choice end
    end as choice,
    value_source,
    recorded_value,
    recorded_choice,
    declared_value,
    declared_choice,
    recorded_value - declared_value as difference,
    case
        when value_source is not null or value_if_missing is not null then null
        when is_unevidenced then 'evidence_missing'
        when declared_record_id is null or (value_kind = 'choice' and declared_choice is null) then 'not_reported'
        when needs_evidence and evidence_sha256 is null then 'evidence_missing'
        else 'not_certified'
    end as missing_reason,
    record_count,
    -- nothing need be sent of what stands in for itself; and what came without proof has come
    coalesce(
        case when value_source = 'declared' or value_if_missing is not null then true end, is_complete,
        declared_record_id is not null
    ) as is_complete,
    evidence_id,
    evidence_sha256,
    evidence_on,
    certified_by,
    certified_on,
    declared_submission_id,
    declared_row_number
from sourced
