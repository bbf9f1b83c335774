-- What bureaus and the provincial office wrote about the pilot, as it stands on the day judged.
select
    given.record_id,
    given.city_code as division_code,
    given.division_code as region_code,
    given.bureau_code,
    given.summary_year,
    given.material_kind,
    given.milestone_code,
    given.task_code,
    given.title,
    given.body,
    given.done_on,
    given.document_no,
    given.evidence_id,
    given.evidence_sha256,
    given.evidence_on,
    given.author_role,
    given.submission_id,
    given.row_number
from {{ recorded_rows('pilot_materials') }} as given
