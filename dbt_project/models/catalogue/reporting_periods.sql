{{ config(
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['bureau_code', 'dataset', 'period'], 'unique': true}]
) }}
-- What each unit has to submit, item by item and period by period, under the catalogue in force at the period's end: the
-- province's, or the unit's own city's addition to it. A period stands here for every unit if it has begun since the
-- catalogue first took the item up, or if anybody reported it.
with submitters as (
    select
        dataset,
        unnest(string_to_array(submitters, '|')) as role
    from {{ ref('contract_items') }}
    union
    select
        dataset,
        unnest(string_to_array(submitters, '|')) as role
    from {{ ref('catalogue_item_versions') }}
),

cycles as (
    select
        items.dataset,
        coalesce(versions.update_cycle, items.update_cycle) as update_cycle,
        extract(year from min(coalesce(versions.effective_from, {{ as_of() }} - interval '1 year')))::integer as first_year
    from {{ ref('contract_items') }} as items
    inner join {{ ref('catalogue_item_versions') }} as versions on items.dataset = versions.dataset
    group by items.dataset, coalesce(versions.update_cycle, items.update_cycle)
),

named as (
    select
        submissions.dataset,
        submissions.period,
        true as is_reported
    from {{ source('intake', 'submissions') }} as submissions
    where submissions.received_at <= {{ known_at() }} and submissions.period is not null
    union all
    select
        cycles.dataset,
        case cycles.update_cycle
            when 'annual' then years.year::text
            when 'quarterly' then years.year || 'Q' || parts.part
            else years.year || '-' || lpad(parts.part::text, 2, '0')
        end as period,
        false as is_reported
    from cycles
    cross join generate_series(cycles.first_year, extract(year from {{ as_of() }})::integer) as years (year)
    cross join
        generate_series(
            1, case cycles.update_cycle when 'annual' then 1 when 'quarterly' then 4 else 12 end
        ) as parts (part)
    where cycles.update_cycle <> 'as_needed'
),

periods as (
    select
        dataset,
        period,
        bool_or(is_reported) as is_reported,
        {{ period_start('period') }} as period_start,
        {{ period_end('period') }} as period_end
    from named
    where period ~ '^[12]\d{3}(Q[1-4]|-(0[1-9]|1[0-2]))?$'
    group by dataset, period
),

ruled as (
    select
        organisations.organisation_code as bureau_code,
        organisations.division_code,
        periods.dataset,
        items.catalogue_code,
        periods.period,
        periods.is_reported,
        periods.period_start,
        periods.period_end,
        coalesce(of_city.due_working_days, of_province.due_working_days, items.due_working_days) as due_working_days,
        (of_province.dataset is not null or of_city.dataset is not null)
        and organisations.role = any(string_to_array(coalesce(of_city.submitters, of_province.submitters, items.submitters), '|'))
        -- a period as another version or another city counts them is nothing to ask for
        and coalesce(of_city.update_cycle, of_province.update_cycle, items.update_cycle) = case
            when periods.period like '____Q_' then 'quarterly'
            when periods.period like '____-__' then 'monthly'
            else 'annual'
        end as is_required
    from periods
    inner join {{ ref('contract_items') }} as items on periods.dataset = items.dataset
    inner join submitters on periods.dataset = submitters.dataset
    inner join {{ ref('organisations') }} as organisations on submitters.role = organisations.role
    left join
        lateral {{ item_version_in_force('periods.dataset', 'periods.period_end') }} as of_province
        on true
    left join
        lateral {{ item_version_in_force('periods.dataset', 'periods.period_end', 'organisations.division_code') }} as of_city
        on true
),

dated as (
    select
        ruled.*,
        -- null where the calendar of working days ends: unknown, not guessed
        case when ruled.is_required then due.day end as due_on,
        bool_or(ruled.is_required) over (partition by ruled.dataset, ruled.period) as is_required_of_somebody
    from ruled
    left join {{ ref('working_days') }} as last_day on ruled.period_end = last_day.day
    left join {{ ref('working_days') }} as due
        on last_day.working_day_no + ruled.due_working_days = due.working_day_no and due.is_working_day
)

select
    bureau_code,
    division_code,
    dataset,
    catalogue_code,
    period,
    period_start,
    period_end,
    is_required,
    due_on,
    -- the due day itself is still in time
    case when is_required then due_on < {{ as_of() }} else false end as is_due
from dated
where is_reported or (is_required_of_somebody and period_start <= {{ as_of() }})
