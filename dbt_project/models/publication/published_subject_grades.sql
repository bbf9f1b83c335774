-- The published score leaves out the internal items (general risk class), and the next change dates that only these
-- have; both with them stay in the store.
select
    '{{ release_id() }}'::text as release_id,
    g.subject_id,
    s.division_code,
    g.track,
    g.jurisdiction,
    g.is_provincial,
    g.subject_kind,
    g.policy_id,
    g.policy_version,
    {{ as_of() }} as as_of,
    g.ip_score as score,
    g.grade,
    g.override_code,
    g.policy_status,
    g.public_next_change_on as next_change_on,
    g.score as internal_score,
    g.grade_by_score as internal_grade_by_score,
    g.next_change_on as internal_next_change_on
from {{ ref('subject_grades') }} as g
left join {{ ref('subjects') }} as s on g.subject_id = s.subject_id
