select
    '{{ release_id() }}'::text as release_id,
    t.record_id,
    t.subject_id,
    s.division_code,
    t.event_type,
    t.behaviour_code,
    t.event_date,
    t.document_no,
    t.authority,
    t.source_clause,
    t.is_listed,
    t.policy_id,
    t.policy_version
from {{ ref('list_proposals') }} as t
left join {{ ref('subjects') }} as s on t.subject_id = s.subject_id
