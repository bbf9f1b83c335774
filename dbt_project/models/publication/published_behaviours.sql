select
    '{{ release_id() }}'::text as release_id,
    b.behaviour_code,
    b.behaviour_name,
    b.behaviour_class,
    b.behaviour_level,
    b.effective_from,
    b.effective_to,
    b.policy_id,
    b.version as policy_version,
    b.status as policy_status,
    b.source_clause
from {{ policy_in_force('behaviours') }} as b
where b.status <> 'no_rule'
