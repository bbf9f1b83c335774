select
    '{{ release_id() }}'::text as release_id,
    m.measure_code,
    m.measure_name,
    m.direction,
    m.measure_class,
    m.measure_level,
    m.is_discretionary,
    m.jurisdiction,
    m.basis_kind,
    m.basis_code,
    m.basis_jurisdiction,
    m.effective_from,
    m.effective_to,
    m.policy_id,
    m.version as policy_version,
    m.status as policy_status,
    m.source_clause
from {{ policy_in_force('measures') }} as m
where m.status <> 'no_rule'
