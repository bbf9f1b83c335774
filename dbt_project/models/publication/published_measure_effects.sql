select
    '{{ release_id() }}'::text as release_id,
    e.year,
    e.division_code,
    e.measure_code,
    e.direction,
    e.due_subjects,
    e.subjects_applied_to,
    e.applied,
    e.exempted,
    e.lifted,
    e.applied_without_ground,
    e.as_of
from {{ ref('measure_effects') }} as e
