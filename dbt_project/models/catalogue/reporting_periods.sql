-- Periods that somebody reported, and those of the year judged that were due by as_of under the catalogue then in force.
with items as (
    select
        dataset,
        catalogue_code,
        update_cycle,
        due_working_days
    from {{ ref('catalogue_items') }}
),

judged_year as (
    select extract(year from {{ as_of() }})::integer as year
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
        items.dataset,
        case items.update_cycle
            when 'annual' then judged_year.year::text
            when 'quarterly' then judged_year.year || 'Q' || parts.part
            else judged_year.year || '-' || lpad(parts.part::text, 2, '0')
        end as period,
        false as is_reported
    from items
    cross join judged_year
    cross join lateral generate_series(
        1, case items.update_cycle when 'annual' then 1 when 'quarterly' then 4 else 12 end
    ) as parts (part)
    where items.update_cycle <> 'as_needed'
),

periods as (
    select
        dataset,
        period,
        bool_or(is_reported) as is_reported
    from named
    group by dataset, period
),

bounded as (
    select
        periods.dataset,
        periods.period,
        items.catalogue_code,
        items.update_cycle,
        items.due_working_days,
        {{ period_start('periods.period') }} as period_start,
        {{ period_end('periods.period') }} as period_end,
        periods.is_reported
    from periods
    inner join items on periods.dataset = items.dataset
    where periods.period ~ '^[12]\d{3}(Q[1-4]|-(0[1-9]|1[0-2]))?$'
),

dated as (
    select
        bounded.*,
        bounded.catalogue_code not in (select versions.catalogue_code from {{ ref('catalogue_versions') }} as versions)
        or exists (
            select 1
            from {{ ref('catalogue_versions') }} as versions
            where
                versions.catalogue_code = bounded.catalogue_code
                and bounded.period_end between versions.effective_from and coalesce(versions.effective_to, 'infinity')
                and versions.recorded_on <= ({{ known_at() }} at time zone 'Asia/Shanghai')::date
        ) as is_in_catalogue,
        -- null where the calendar of working days ends: unknown, not guessed
        case when bounded.update_cycle <> 'as_needed' then due.day end as due_on
    from bounded
    left join {{ ref('working_days') }} as last_day on bounded.period_end = last_day.day
    left join {{ ref('working_days') }} as due
        on last_day.working_day_no + bounded.due_working_days = due.working_day_no and due.is_working_day
)

select
    dataset,
    period,
    period_start,
    period_end,
    due_on,
    -- the due day itself is still in time
    update_cycle <> 'as_needed' and is_in_catalogue and due_on < {{ as_of() }} as is_due
from dated
where is_reported or (is_in_catalogue and due_on <= {{ as_of() }})
