select
    '{{ release_id() }}'::text as release_id,
    t.event_id,
    t.entry_id,
    t.subject_id,
    s.division_code,
    t.list_code,
    t.jurisdiction,
    t.event_kind,
    t.happened_on,
    t.reason,
    t.document_no,
    t.decided_by,
    t.legal_basis,
    t.publish_from,
    t.publish_to,
    t.policy_id,
    t.policy_version,
    t.policy_status
from {{ ref('list_events') }} as t
left join {{ ref('subjects') }} as s on t.subject_id = s.subject_id
