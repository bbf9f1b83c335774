select
    '{{ release_id() }}'::text as release_id,
    r.policy_id,
    r.version as policy_version,
    r.event_type,
    r.is_repairable,
    r.min_months,
    r.min_months_between,
    r.needs_correction,
    r.needs_performance,
    r.needs_commitment,
    r.bars_listed,
    r.effective_from,
    r.effective_to,
    r.status as policy_status,
    r.source_clause
from {{ policy_in_force('repair_rules') }} as r
where r.status <> 'no_rule'
