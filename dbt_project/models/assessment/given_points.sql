{{ config(materialized='ephemeral') }}
-- The points that people gave, by region and rule: those given last by the day judged.
select distinct on (judged.assessment_year, regions.region_code, judged.rule_id)
    judged.assessment_year,
    regions.region_code,
    judged.rule_id,
    judged.judged_points,
    judged.scorer_role,
    judged.scorer_unit,
    judged.judged_on,
    judged.change_reason,
    judged.evidence_id,
    judged.evidence_sha256
from {{ recorded_rows('indicator_judgements') }} as judged
inner join {{ ref('assessment_regions') }} as regions on {{ is_region('judged', 'regions') }}
where judged.judged_on <= {{ as_of() }}
order by
    judged.assessment_year asc, regions.region_code asc, judged.rule_id asc,
    judged.judged_on desc, judged.submission_id desc, judged.row_number desc
