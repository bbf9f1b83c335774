{{ config(materialized='ephemeral') }}
-- What stood on a day instead of what happened in a time: agencies and branches at the beginning and the end of the year
-- (附件 39), geographical indications, and whether each has its own standard or project (附件 23, 24).
with days as (
    select
        years.assessment_year,
        windows.window_from - 1 as first_day,
        least(windows.window_to, {{ as_of() }}) as last_day
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('assessment_windows') }} as windows
        on years.policy_id = windows.policy_id and years.version = windows.version and windows.window_code = 'activities'
),

agencies as (
    select *
    from {{ recorded_rows('agencies') }} as given
    where agency_kind in ('patent_agency', 'patent_agency_branch')
),

indications as (select * from {{ recorded_rows('geographical_indications') }} as given
)

select
    {{ counted_columns('agencies') }},
    counted.metric_code,
    counted.day as counted_on,
    1 as quantity,
    days.assessment_year
from agencies
cross join days
cross join
    lateral (
        values ('patent_agency_begin_cnt', days.first_day), ('patent_agency_end_cnt', days.last_day)
    ) as counted (metric_code, day)
where
    agencies.licensed_on <= counted.day
    -- a licence revoked or cancelled may have only the day on which its state changed
    and coalesce(least(agencies.closed_on, agencies.ended_on) > counted.day, true)
union all
select
    {{ counted_columns('products') }},
    counted.metric_code,
    days.last_day as counted_on,
    counted.quantity,
    days.assessment_year
from indications as products
cross join days
cross join
    lateral (
        select
            coalesce(bool_or(standards.record_kind = 'gi_standard'), false) as has_standard,
            count(standards.record_id) > 0 as has_standard_or_project
        from indications as standards
        where
            standards.record_kind in ('gi_standard', 'gi_standard_project')
            and standards.gi_no = products.record_no
            and standards.city_code = products.city_code
            and standards.approved_on <= days.last_day
            and (standards.cancelled_on is null or standards.cancelled_on > days.last_day)
    ) as covered
cross join
    lateral (
        values
        ('gi_cnt', 1),
        ('all_gi_have_standard', covered.has_standard::integer),
        ('all_gi_project_approved', covered.has_standard_or_project::integer)
    ) as counted (metric_code, quantity)
where
    products.record_kind in ('gi_product', 'gi_certification_mark', 'gi_collective_mark')
    and products.approved_on <= days.last_day
    and (products.cancelled_on is null or products.cancelled_on > days.last_day)
