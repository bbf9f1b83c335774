-- What a candidate says otherwise than the history of grades is found and written down by the gate, where nobody waits for
-- it; the history shows it once the release is published.

alter table release_store.releases add column history_after text;
comment on column release_store.releases.history_after is
'等级历史已按哪次发布之后的情形备好（首次发布为空串）；空为尚未备好';

-- Rows come release by release: those of a candidate that was given up are found without looking at all.
create index on release_store.grade_history using brin (release_id);

create or replace function release_store.grades_as_of(as_of date, known_at timestamptz)
returns setof release_store.grade_history
language sql stable
begin atomic
    select distinct on (h.subject_id, h.track) h.*
    from release_store.grade_history as h
    inner join release_store.releases as r on h.release_id = r.release_id
    where h.as_of <= grades_as_of.as_of and h.known_at <= grades_as_of.known_at and r.state in ('published', 'dropped')
    order by h.subject_id, h.track, h.as_of desc, h.known_at desc, h.release_id desc;
end;

create or replace view publication.grade_history with (security_barrier) as
select
    h.subject_id,
    h.division_code,
    h.track,
    h.jurisdiction,
    h.is_provincial,
    h.as_of,
    h.known_at,
    h.release_id,
    h.grade,
    h.score,
    h.override_code,
    h.policy_id,
    h.policy_version,
    h.policy_status
from release_store.grade_history as h
inner join release_store.releases as r on h.release_id = r.release_id
where
    r.state in ('published', 'dropped')
    and (
        (select pg_has_role(current_user, 'analyst', 'member'))
        or h.division_code in (
            select d.division_code
            from release_store.analyst_divisions as d
            inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
            where pg_has_role(current_user, p.oid, 'member')
        )
    );
