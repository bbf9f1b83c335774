-- The published score leaves out the internal items (general risk class); the score with them stays in the store.
select
    '{{ release_id() }}'::text as release_id,
    g.subject_id,
    s.division_code,
    g.track,
    g.policy_id,
    g.policy_version,
    g.as_of,
    g.ip_score as score,
    g.grade,
    g.override_code,
    g.policy_status,
    g.next_change_on,
    g.score as internal_score,
    g.grade_by_score as internal_grade_by_score
from {{ ref('subject_grades') }} as g
left join {{ ref('subjects') }} as s on g.subject_id = s.subject_id
