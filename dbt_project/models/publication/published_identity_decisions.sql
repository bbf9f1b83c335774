select
    '{{ release_id() }}'::text as release_id,
    d.record_id,
    d.decision,
    d.decided_uscc,
    d.reason,
    d.decided_by,
    d.decided_on,
    d.evidence,
    d.record_title,
    d.document_no,
    d.state,
    d.obstacle,
    d.finding,
    d.division_code,
    d.bureau_code,
    d.submission_id,
    d.row_number
from {{ ref('identity_decisions') }} as d
