-- What was declared for a metric: the latest declaration of a region, with its evidence and who certified it.
-- A declaration for a county that is none of the regions stays a record, and counts for nobody.
select distinct on (declared.assessment_year, regions.region_code, declared.metric_code)
    declared.assessment_year,
    regions.region_code,
    declared.metric_code,
    declared.record_id,
    coalesce(declared.metric_value, case declared.metric_choice when 'yes' then 1 when 'no' then 0 end) as declared_value,
    declared.metric_choice as declared_choice,
    declared.evidence_id,
    declared.evidence_sha256,
    declared.evidence_on,
    declared.certified_by,
    declared.certified_on,
    declared.submission_id,
    declared.row_number
from {{ recorded_rows('indicator_inputs') }} as declared
inner join {{ ref('assessment_regions') }} as regions on {{ is_region('declared', 'regions') }}
order by
    declared.assessment_year asc, regions.region_code asc, declared.metric_code asc,
    declared.declared_on desc, declared.submission_id desc, declared.row_number desc
