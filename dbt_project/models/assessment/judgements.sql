-- STUB
select null::integer as assessment_year, null::text as region_code, null::text as rule_id, null::numeric as judged_points, false as is_unreasoned_change,
null::text as scorer_unit, null::date as judged_on, null::text as change_reason, null::text as evidence_id, null::text as evidence_sha256
where false
