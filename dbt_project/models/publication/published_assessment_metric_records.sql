select
    '{{ release_id() }}'::text as release_id,
    t.assessment_year,
    t.metric_code,
    t.record_id,
    t.region_code,
    t.dataset,
    t.counted_on,
    t.quantity,
    t.is_evidenced,
    t.document_no,
    t.submission_id,
    t.row_number,
    t.city_code as division_code
from {{ ref('metric_records') }} as t
