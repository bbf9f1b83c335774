select
    '{{ release_id() }}'::text as release_id,
    o.policy_id,
    o.version as policy_version,
    o.override_code,
    o.priority,
    o.condition_kind,
    o.condition_code,
    o.window_months,
    o.force_grade,
    o.max_grade,
    o.effective_from,
    o.effective_to,
    o.status as policy_status,
    o.source_clause
from {{ policy_in_force('override_rules') }} as o
where o.status <> 'no_rule'
