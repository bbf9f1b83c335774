-- What every grade was: one row where a published release says something else than was known before. It outlives the
-- releases, of which only the newest are kept.

create table release_store.grade_history (
    subject_id text not null,
    track text not null,
    as_of date not null,
    known_at timestamptz not null,
    release_id text not null references release_store.releases,
    division_code text,
    jurisdiction text,
    is_provincial boolean,
    grade text,
    score numeric(7, 2),
    override_code text,
    policy_id text,
    policy_version integer,
    policy_status text,
    primary key (subject_id, track, as_of, known_at, release_id)
);
comment on table release_store.grade_history is '信用等级的历史：与此前所知不同的才追加一行；发布清除后仍保留';

-- The answer for a day, as known at a moment: the last day judged up to it and, of that day, what was known last.
create function release_store.grades_as_of(as_of date, known_at timestamptz)
returns setof release_store.grade_history
language sql stable
begin atomic
    select distinct on (h.subject_id, h.track) h.*
    from release_store.grade_history as h
    where h.as_of <= grades_as_of.as_of and h.known_at <= grades_as_of.known_at
    order by h.subject_id, h.track, h.as_of desc, h.known_at desc, h.release_id desc;
end;
comment on function release_store.grades_as_of is '某日的等级，按某时所知';

create view publication.grade_history with (security_barrier) as
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
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or h.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );
comment on view publication.grade_history is
'信用等级的历史：等级、得分、定级规则或办法与此前所知不同的，自该评价基准日起一行；同一基准日后来改判的另成一行，原行保留';
comment on column publication.grade_history.subject_id is '主体标识，见 subjects';
comment on column publication.grade_history.division_code is '主体所属行政区划代码';
comment on column publication.grade_history.track is '评价轨道，见 subject_grades';
comment on column publication.grade_history.jurisdiction is '评价办法适用地区的行政区划代码';
comment on column publication.grade_history.is_provincial is '是否省级评价';
comment on column publication.grade_history.as_of is '评价基准日：自该日起为此等级，至下一行的基准日止';
comment on column publication.grade_history.known_at is '数据截止时刻：按此时所知';
comment on column publication.grade_history.release_id is '首次这样评价的发布';
comment on column publication.grade_history.grade is '等级；空为自该日起不再评价（注销、不再是该类主体）';
comment on column publication.grade_history.score is '得分（不含内部使用的项目）';
comment on column publication.grade_history.override_code is '直接定级的规则';
comment on column publication.grade_history.policy_id is '评价办法';
comment on column publication.grade_history.policy_version is '评价办法版本';
comment on column publication.grade_history.policy_status is '办法效力';
