-- Who may read what: the divisions of analyst roles, the verdict of a gate run, and the two published views that are not
-- made from release tables. `ipcredit db grant` gives the views to a role that is no superuser.

create table release_store.analyst_divisions (
    role_name text primary key,
    division_code text not null
);
comment on table release_store.analyst_divisions is '地区分析角色与其可见的行政区划；全省角色 analyst 不在此表';
comment on column release_store.analyst_divisions.role_name is '数据库角色名';
comment on column release_store.analyst_divisions.division_code is '该角色可见的行政区划代码';

create view quality.gate_verdicts as
select
    r.release_id,
    r.run_id,
    max(r.checked_at) as checked_at,
    bool_and(r.success or r.waived or r.severity <> 'critical') as passed,
    count(*) as checks,
    count(*) filter (where not r.success and r.severity = 'critical' and not r.waived) as failures,
    count(*) filter (where not r.success and r.severity <> 'critical') as warnings,
    count(*) filter (where not r.success and r.waived) as waived,
    row_number() over (partition by r.release_id order by max(r.checked_at) desc, r.run_id desc) = 1 as is_latest
from quality.gate_results as r
group by r.release_id, r.run_id;
comment on view quality.gate_verdicts is '每次发布前检查的结论；只看 is_latest 的一次';

create view publication.releases with (security_barrier) as
select
    r.release_id,
    r.as_of,
    r.known_at,
    r.code_commit,
    r.release_id = c.release_id as is_current,
    r.previous_release_id,
    r.published_at,
    r.pinned_by,
    r.pinned_reason,
    r.row_counts
from release_store.releases as r
cross join release_store.current_release as c
where r.state = 'published';
comment on view publication.releases is '可用的各次发布；现行发布即其他视图所显示的那一次';
comment on column publication.releases.release_id is '发布编号';
comment on column publication.releases.as_of is '评价基准日';
comment on column publication.releases.known_at is '数据截止时刻：此前收到的报送才计入';
comment on column publication.releases.code_commit is '生成本次发布的程序版本';
comment on column publication.releases.is_current is '是否现行发布';
comment on column publication.releases.previous_release_id is '生成时的上一次发布';
comment on column publication.releases.published_at is '发布时间';
comment on column publication.releases.pinned_by is '固定保留的决定岗位';
comment on column publication.releases.pinned_reason is '固定保留的理由';
comment on column publication.releases.row_counts is '各表行数';

create view publication.gate_results with (security_barrier) as
select
    g.release_id,
    g.expectation_id,
    g.suite,
    g.title,
    g.severity,
    g.success,
    g.unexpected_count,
    g.waived,
    w.waived_by,
    w.reason as waiver_reason,
    g.checked_at
from quality.gate_results as g
left join quality.gate_waivers as w on g.waived and g.release_id = w.release_id and g.expectation_id = w.expectation_id
where
    g.release_id = (select c.release_id from release_store.current_release as c)
    and g.run_id = (
        select v.run_id
        from quality.gate_verdicts as v
        where v.is_latest and v.release_id = (select c.release_id from release_store.current_release as c)
    );
comment on view publication.gate_results is '现行发布的发布前检查结果';
comment on column publication.gate_results.release_id is '发布编号';
comment on column publication.gate_results.expectation_id is '检查项编号';
comment on column publication.gate_results.suite is '被检查的表';
comment on column publication.gate_results.title is '检查项';
comment on column publication.gate_results.severity is 'critical 不通过即不得发布；warning 提示';
comment on column publication.gate_results.success is '是否通过';
comment on column publication.gate_results.unexpected_count is '不符合的行数';
comment on column publication.gate_results.waived is '是否经批准放行';
comment on column publication.gate_results.waived_by is '批准放行的岗位';
comment on column publication.gate_results.waiver_reason is '放行理由';
comment on column publication.gate_results.checked_at is '检查时间';
