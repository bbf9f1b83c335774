select
    '{{ release_id() }}'::text as release_id,
    t.division_code,
    t.subject_kind,
    t.subjects,
    t.signed,
    t.bound,
    t.broken,
    t.signing_rate
from {{ ref('commitment_rates') }} as t
