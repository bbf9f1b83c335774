select
    '{{ release_id() }}'::text as release_id,
    m.subject_id,
    s.division_code,
    m.measure_code,
    m.measure_name,
    m.direction,
    m.is_discretionary,
    m.jurisdiction,
    m.basis_kind,
    m.basis_code,
    m.basis_id,
    m.in_force_to,
    m.policy_id,
    m.policy_version,
    m.policy_status,
    m.source_clause,
    m.as_of,
    m.measure_class,
    m.measure_level,
    m.in_force_from,
    m.is_disputed
from {{ ref('measures_in_force') }} as m
left join {{ ref('subjects') }} as s on m.subject_id = s.subject_id
