select
    '{{ release_id() }}'::text as release_id,
    r.bureau_code,
    r.division_code,
    r.review_period,
    r.sample_no,
    r.dataset,
    r.period,
    r.submission_id,
    r.row_number,
    r.record_id,
    r.row_state,
    r.state,
    r.verdict,
    r.reviewed_on,
    r.verdict_submission_id,
    r.verdict_row_number
from {{ ref('review_results') }} as r
