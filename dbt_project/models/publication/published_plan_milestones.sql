select
    '{{ release_id() }}'::text as release_id,
    m.milestone_code,
    m.plan_code,
    m.task_code,
    m.region_code,
    m.division_code,
    m.promised,
    m.starts_on,
    m.due_on,
    m.milestone_state,
    m.done_on,
    m.evidence_kind,
    m.evidence,
    m.record_id,
    m.version as policy_version,
    m.status as policy_status,
    m.source_clause
from {{ ref('milestone_states') }} as m
