select
    '{{ release_id() }}'::text as release_id,
    r.record_id,
    r.subject_id,
    r.dataset,
    r.catalogue_code,
    r.event_type,
    r.event_value,
    r.behaviour_code,
    r.event_date,
    r.valid_from,
    r.valid_to,
    r.document_no,
    r.amount_yuan,
    r.authority,
    r.division_code,
    r.bureau_code,
    r.period,
    r.submission_id,
    r.row_number,
    r.details
from {{ ref('credit_records') }} as r
where not r.is_internal
