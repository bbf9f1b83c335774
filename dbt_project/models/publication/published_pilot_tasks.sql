select
    '{{ release_id() }}'::text as release_id,
    t.task_code,
    t.version,
    t.plan_code,
    t.clause,
    t.task_name,
    t.position,
    t.task_text,
    t.recorded_on,
    t.status as policy_status,
    t.source_clause
from {{ recorded_last('pilot_tasks', 'task_code') }} as t
where t.status <> 'no_rule'
