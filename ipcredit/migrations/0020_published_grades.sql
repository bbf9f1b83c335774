-- The history of grades shows what was published, whether still kept or dropped since. A candidate whose place another took
-- is called dropped, too, but was never published: what it said is no part of the history.

-- A published release that said the same as such a candidate has no row of its own: it gets the candidate's.
insert into release_store.grade_history
select distinct on (h.subject_id, h.track, h.release_id)
    h.subject_id,
    h.track,
    r.as_of,
    r.known_at,
    r.release_id,
    h.division_code,
    h.jurisdiction,
    h.is_provincial,
    h.grade,
    h.score,
    h.override_code,
    h.policy_id,
    h.policy_version,
    h.policy_status
from release_store.releases as r
cross join lateral release_store.grades_as_of(r.as_of, r.known_at) as h
inner join release_store.releases as c on h.release_id = c.release_id
where
    r.published_at is not null
    and c.published_at is null
    -- Only what was built afterwards has left out its rows because of the candidate's.
    and r.built_at > c.built_at
    and exists (
        select from release_store.releases as g
        where g.state = 'dropped' and g.published_at is null and g.as_of <= r.as_of and g.built_at < r.built_at
    )
order by h.subject_id, h.track, h.release_id, r.as_of, r.known_at, r.release_id;

delete from release_store.grade_history as h using release_store.releases as r
where h.release_id = r.release_id and r.published_at is null;
-- Publication writes down again what the candidate of today says.
update release_store.releases set history_after = null
where history_after is not null and published_at is null;

-- A release of an earlier day than others also has written down what these have said, where its own grades would now be told
-- of their days: such rows are shown together with it.
alter table release_store.grade_history add column because_of text references release_store.releases;
comment on column release_store.grade_history.because_of is
'因补做此较早之日的发布而补记的，为该发布，与其一同公开；空为本发布自己记的';
create index on release_store.grade_history (because_of) where because_of is not null;

create or replace function release_store.grades_as_of(as_of date, known_at timestamptz)
returns setof release_store.grade_history
language sql stable
begin atomic
    select distinct on (h.subject_id, h.track) h.*
    from release_store.grade_history as h
    inner join release_store.releases as r on coalesce(h.because_of, h.release_id) = r.release_id
    where h.as_of <= grades_as_of.as_of and h.known_at <= grades_as_of.known_at and r.published_at is not null
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
inner join release_store.releases as r on coalesce(h.because_of, h.release_id) = r.release_id
where
    r.published_at is not null
    and (
        (select pg_has_role(current_user, 'analyst', 'member'))
        or h.division_code in (
            select d.division_code
            from release_store.analyst_divisions as d
            inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
            where pg_has_role(current_user, p.oid, 'member')
        )
    );
comment on view publication.grade_history is
'信用等级的历史：等级、得分、定级规则或办法与此前所知不同的，自该评价基准日起一行；同一基准日后来改判的另成一行，原行保留；补做较早之日的发布与其后的发布所说不同的，其后的发布所说的也再成一行';
