select
    '{{ release_id() }}'::text as release_id,
    t.withdrawn_id,
    t.withdrawn_kind,
    t.subject_id,
    s.division_code,
    t.withdrawn_on,
    t.reason,
    t.document_no
from {{ ref('withdrawals') }} as t
left join {{ ref('subjects') }} as s on t.subject_id = s.subject_id
