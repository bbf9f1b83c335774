-- What the dispatch sheet shows of a month and of its last day judged.

-- key: month.due
-- label: 本月到期的目录期次
-- unit: 项次
select c.division_code, c.bureau_code, c.dataset, c.period, c.due_on, c.completeness
from catalogue_coverage as c where c.is_due and c.due_on between %(first)s and %(last)s

-- key: month.came
-- label: 本月到期且已归集
-- unit: 项次
select c.division_code, c.bureau_code, c.dataset, c.period, c.due_on, c.first_received_on, c.completeness
from catalogue_coverage as c
where c.is_due and c.due_on between %(first)s and %(last)s and c.completeness in ('received', 'late', 'nil_return')

-- key: month.rate
-- label: 本月归集率
-- ratio: month.came / month.due

-- key: month.late
-- label: 本月到期而迟报
-- unit: 项次
select c.division_code, c.bureau_code, c.dataset, c.period, c.due_on, c.first_received_on, c.late_working_days
from catalogue_coverage as c
where c.is_due and c.due_on between %(first)s and %(last)s and c.completeness = 'late'

-- key: open.missing
-- label: 至今未归集
-- unit: 项次
select c.division_code, c.bureau_code, c.dataset, c.period, c.due_on, c.gap, c.late_working_days
from catalogue_coverage as c where c.is_due and c.completeness = 'missing' and left(c.period, 4) = %(year)s

-- key: month.submissions
-- label: 本月报送件
-- unit: 件
select s.division_code, s.bureau_code, s.dataset, s.period, s.submission_id, s.state, s.received_at::date as received_on
from submissions as s where s.received_at::date between %(first)s and %(last)s

-- key: month.rows
-- label: 本月收到数据
-- unit: 行
select s.division_code, s.rows_received as quantity, s.bureau_code, s.dataset, s.period, s.submission_id
from submissions as s where s.received_at::date between %(first)s and %(last)s and s.rows_received > 0

-- key: open.rejected
-- label: 退回尚未改正
-- unit: 行
select
    i.division_code, i.row_count as quantity, i.bureau_code, i.dataset, i.period, i.field, i.issue_title
from row_issue_counts as i where i.severity = 'blocking' and left(i.period, 4) = %(year)s

-- key: stock.rated
-- label: 已评定信用等级
-- unit: 户
select g.division_code, g.subject_id, g.track, g.grade, g.policy_status <> 'enacted' as is_provisional
from subject_grades as g where g.is_provincial and g.grade not in ('U', 'not_evaluable')

-- key: stock.red
-- label: 诚信“红名单”在列
-- unit: 户
select e.division_code, e.subject_id, e.entered_on, e.ends_on, e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction = %(province)s and e.state = 'active' and e.list_code = 'red'

-- key: stock.dishonest
-- label: 失信主体清单在列
-- unit: 户
select e.division_code, e.subject_id, e.entered_on, e.ends_on, e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction = %(province)s and e.state = 'active' and e.list_code = 'dishonest'

-- key: month.entered
-- label: 本月列入名单
-- unit: 户次
select e.division_code, e.list_code, e.subject_id, e.entered_on, e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction = %(province)s and e.entered_on between %(first)s and %(last)s

-- key: month.signed
-- label: 本月签署承诺书
-- unit: 份
-- from: commitments
select c.division_code, c.subject_id, c.commitment_no, c.commitment_type, c.signed_on
from commitments as c where c.signed_on between %(first)s and %(last)s

-- key: month.inspected
-- label: 本月双随机抽查
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.object_kind, i.inspected_on, i.inspection_result
from inspections as i where i.inspected_on between %(first)s and %(last)s

-- key: open.unfixed
-- label: 抽查问题逾期未整改
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.inspected_on, i.fix_due_on from inspections as i where i.is_fix_overdue

-- key: open.overdue
-- label: 信用修复和异议逾期
-- unit: 件
select distinct r.division_code, r.case_id, r.repair_no as case_no, r.applied_on as asked_on
from repairs as r where r.is_accept_overdue or r.is_decide_overdue or r.is_withdraw_overdue
union all
select distinct o.division_code, o.case_id, o.objection_no, o.filed_on
from objections as o where o.is_accept_overdue or o.is_decide_overdue or o.is_correct_overdue
