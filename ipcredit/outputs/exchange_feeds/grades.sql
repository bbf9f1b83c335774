-- Provincial grades as published: no score, nothing of the internal class. They rest on conditionally shared records.
-- A person's goes to nobody: without the person's key, which is ours alone, it says nothing.
select
    g.track || ':' || g.subject_id as item_key,
    '有条件共享' as sharing,
    g.division_code,
    g.grade not in ('U', 'not_evaluable') as is_present,
    'delete' as removal,
    jsonb_build_object(
        'subject_id', g.subject_id,
        'subject_name', exchange.shown_name(s.subject_id, s.subject_name),
        'division_code', g.division_code,
        'track', g.track,
        'subject_kind', g.subject_kind,
        'grade', g.grade,
        'policy_id', g.policy_id,
        'policy_version', g.policy_version,
        'policy_status', g.policy_status
    ) as details
from release_store.subject_grades as g
left join release_store.subjects as s on g.release_id = s.release_id and g.subject_id = s.subject_id
where g.release_id = %(release)s and g.is_provincial and not starts_with(g.subject_id, 'P:')
