-- Targets and external parameters in force at the end of each year, or on the day judged if that comes first: by region, the province's for all.
select distinct on (given.parameter_year, regions.region_code, given.parameter_kind, given.parameter_code)
    given.parameter_year as assessment_year,
    regions.region_code,
    given.parameter_kind,
    given.parameter_code,
    given.parameter_value,
    given.document_no,
    given.certified_by,
    given.certified_on,
    given.record_id
from {{ recorded_rows('external_parameters') }} as given
inner join {{ ref('assessment_regions') }} as regions
    on
        given.division_code = regions.region_code
        -- a target is its region's own; a parameter may be the whole province's
        or (
            given.parameter_kind = 'external'
            and given.division_code in (
                select divisions.division_code from {{ ref('divisions') }} as divisions
                where divisions.level = 'province'
            )
        )
inner join {{ ref('assessment_years') }} as years on given.parameter_year = years.assessment_year
where
    least(years.closes_on, {{ as_of() }}) between given.valid_from and coalesce(given.valid_to, 'infinity')
    and given.certified_on <= {{ as_of() }}
order by
    given.parameter_year asc, regions.region_code asc, given.parameter_kind asc, given.parameter_code asc,
    (given.division_code = regions.region_code) desc, given.valid_from desc, given.certified_on desc, given.submission_id desc
