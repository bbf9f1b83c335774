-- What has been run, found and moved, for analysts: builds, gate runs, the pointer's moves, intake runs. These outlive
-- the releases. Of single rows and units nothing is told here, so every analyst sees all of it.

create view publication.release_builds with (security_barrier) as
select
    r.release_id,
    r.as_of,
    r.known_at,
    r.code_commit,
    r.state,
    r.previous_release_id,
    r.built_at,
    r.published_at
from release_store.releases as r;
comment on view publication.release_builds is '历次生成：成功的、失败的、未通过检查的和已清除的都在内';
comment on column publication.release_builds.release_id is '发布编号';
comment on column publication.release_builds.as_of is '评价基准日';
comment on column publication.release_builds.known_at is '数据截止时刻';
comment on column publication.release_builds.code_commit is '生成所用的程序版本';
comment on column publication.release_builds.state is
'building 生成中；candidate 待发布的候选；rejected 未通过发布前检查；failed 生成失败或中断；published 已发布；dropped 已清除或被取代';
comment on column publication.release_builds.previous_release_id is '生成时的现行发布';
comment on column publication.release_builds.built_at is '开始生成的时间';
comment on column publication.release_builds.published_at is '发布时间；未发布的为空';

create view publication.release_moves with (security_barrier) as
select
    p.moved_at,
    p.action,
    p.from_release_id,
    p.to_release_id,
    p.moved_by,
    p.reason
from release_store.pointer_history as p;
comment on view publication.release_moves is '现行发布的每一次切换：发布和回退';
comment on column publication.release_moves.moved_at is '切换时间';
comment on column publication.release_moves.action is 'publish 发布；rollback 回退';
comment on column publication.release_moves.from_release_id is '切换前的现行发布；首次发布为空';
comment on column publication.release_moves.to_release_id is '切换后的现行发布';
comment on column publication.release_moves.moved_by is '决定的岗位；按计划运行的为 ipcredit';
comment on column publication.release_moves.reason is '回退的理由';

create view publication.gate_verdicts with (security_barrier) as
select
    v.release_id,
    v.run_id,
    v.checked_at,
    v.passed,
    v.checks,
    v.failures,
    v.warnings,
    v.waived,
    v.is_latest
from quality.gate_verdicts as v;
comment on view publication.gate_verdicts is '历次发布前检查的结论，未通过的和已清除的发布也在内';
comment on column publication.gate_verdicts.release_id is '发布编号';
comment on column publication.gate_verdicts.run_id is '检查编号：一次发布可检查多次';
comment on column publication.gate_verdicts.checked_at is '检查时间';
comment on column publication.gate_verdicts.passed is '是否通过';
comment on column publication.gate_verdicts.checks is '检查项数';
comment on column publication.gate_verdicts.failures is '不通过且未放行的关键项数';
comment on column publication.gate_verdicts.warnings is '提示项数';
comment on column publication.gate_verdicts.waived is '经批准放行的项数';
comment on column publication.gate_verdicts.is_latest is '是否该发布最近一次检查';

create view publication.gate_history with (security_barrier) as
select
    g.release_id,
    g.run_id,
    g.expectation_id,
    g.suite,
    g.title,
    g.severity,
    g.success,
    g.unexpected_count,
    g.waived,
    g.checked_at
from quality.gate_results as g;
comment on view publication.gate_history is '历次发布前检查的各项结果；现行发布的见 gate_results';
comment on column publication.gate_history.release_id is '发布编号';
comment on column publication.gate_history.run_id is '检查编号';
comment on column publication.gate_history.expectation_id is '检查项编号';
comment on column publication.gate_history.suite is '被检查的表';
comment on column publication.gate_history.title is '检查项';
comment on column publication.gate_history.severity is 'critical 不通过即不得发布；warning 提示';
comment on column publication.gate_history.success is '是否通过';
comment on column publication.gate_history.unexpected_count is '不符合的行数';
comment on column publication.gate_history.waived is '是否经批准放行';
comment on column publication.gate_history.checked_at is '检查时间';

create view publication.intake_runs with (security_barrier) as
select
    s.received_at,
    count(distinct s.bureau_code) as units,
    count(distinct (s.bureau_code, s.file_name, s.sha256)) as files,
    count(*) filter (where s.state = 'loaded') as loaded,
    count(*) filter (where s.state = 'held') as held,
    count(*) filter (where s.state = 'nil_return') as nil_returns,
    count(*) filter (where s.state = 'withdrawal') as withdrawals,
    count(*) filter (where s.state = 'refused') as refused,
    coalesce(sum(s.rows_received), 0) as rows_received
from intake.submissions as s
group by s.received_at;
comment on view publication.intake_runs is '历次接收：一次运行（同一收到时间）一行；没有收到任何文件的运行不在内';
comment on column publication.intake_runs.received_at is '收到时间';
comment on column publication.intake_runs.units is '报送单位数';
comment on column publication.intake_runs.files is '文件数';
comment on column publication.intake_runs.loaded is '已入库的报送数（一张表一次报送）';
comment on column publication.intake_runs.held is '待确认的报送数';
comment on column publication.intake_runs.nil_returns is '本期无数据的报送数';
comment on column publication.intake_runs.withdrawals is '撤回数';
comment on column publication.intake_runs.refused is '退回数';
comment on column publication.intake_runs.rows_received is '读到的数据行数';
