-- The ranking of every release ever published: it outlives the releases, of which only the newest are kept.

create table quality.ranking_history (
    release_id text not null references release_store.releases,
    as_of date not null,
    period text not null,
    bureau_code text not null,
    division_code text not null,
    state text not null,
    place integer,
    score numeric(5, 2),
    missing text,
    policy_id text,
    policy_version integer,
    policy_status text,
    primary key (release_id, period, bureau_code)
);
comment on table quality.ranking_history is '各次发布的数据质量排名，发布时追加；发布清除后仍保留';

create view publication.quality_ranking_history with (security_barrier) as
select
    h.release_id,
    h.as_of,
    r.published_at,
    h.period,
    h.bureau_code,
    h.division_code,
    h.state,
    h.place,
    h.score,
    h.missing,
    h.policy_id,
    h.policy_version,
    h.policy_status
from quality.ranking_history as h
inner join release_store.releases as r on h.release_id = r.release_id
where
    (select pg_has_role(current_user, 'analyst', 'member'))
    or h.division_code in (
        select d.division_code
        from release_store.analyst_divisions as d
        inner join pg_catalog.pg_roles as p on d.role_name = p.rolname
        where pg_has_role(current_user, p.oid, 'member')
    );
comment on view publication.quality_ranking_history is '历次发布的数据质量排名，已清除的发布也在内';
comment on column publication.quality_ranking_history.release_id is '发布编号';
comment on column publication.quality_ranking_history.as_of is '评价基准日';
comment on column publication.quality_ranking_history.published_at is '发布时间';
comment on column publication.quality_ranking_history.period is '季度（报送期间在该季度结束）或年';
comment on column publication.quality_ranking_history.bureau_code is '报送单位代码';
comment on column publication.quality_ranking_history.division_code is '报送单位所属行政区划代码';
comment on column publication.quality_ranking_history.state is
'ranked 参加排名；unranked 有得分、不参加排名；not_evaluable 缺少分母，无法评价';
comment on column publication.quality_ranking_history.place is '名次；得分相同的名次相同，其后空出；不参加排名的为空';
comment on column publication.quality_ranking_history.score is '得分（0 至 100）';
comment on column publication.quality_ranking_history.missing is '缺少哪些维度的数据';
comment on column publication.quality_ranking_history.policy_id is '权重规则代码';
comment on column publication.quality_ranking_history.policy_version is '权重规则版本';
comment on column publication.quality_ranking_history.policy_status is 'enacted 文件规定；provisional 文件未给出、系统暂定';
