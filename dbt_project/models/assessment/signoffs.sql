-- STUB
select null::integer as assessment_year, null::text as region_code, null::numeric as signed_points, null::text as signed_by_unit, null::date as signed_on, null::text as change_reason where false
