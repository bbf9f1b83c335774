-- Repair and objection, and what had to be taken back because of them.

-- key: repairs.cases
-- label: 本年信用修复申请
-- unit: 件
-- from: repairs
select
    r.division_code, min(r.state) as part,
    case min(r.state) when 'refused' then '不予修复' end as part_label,
    r.case_id, r.repair_no, r.applied_on, r.decided_on, r.repair_result, r.document_no
from repairs as r where extract(year from r.applied_on) = %(year)s
group by r.division_code, r.case_id, r.repair_no, r.applied_on, r.decided_on, r.repair_result, r.document_no

-- key: repairs.granted
-- label: 本年准予信用修复
-- unit: 件
-- from: repairs
select distinct r.division_code, r.case_id, r.repair_no, r.applied_on, r.decided_on, r.document_no
from repairs as r where r.repair_result = 'granted' and extract(year from r.decided_on) = %(year)s

-- key: repairs.overdue
-- label: 受理、决定或撤下公示逾期的信用修复
-- unit: 件
-- from: repairs
select distinct r.division_code, r.case_id, r.repair_no, r.applied_on, r.accept_due_on, r.decide_due_on, r.withdraw_due_on
from repairs as r where r.is_accept_overdue or r.is_decide_overdue or r.is_withdraw_overdue

-- key: objections.cases
-- label: 本年异议
-- unit: 件
-- from: objections
select
    o.division_code, min(o.state) as part,
    o.case_id, o.objection_no, o.filed_on, o.decided_on, o.document_no,
    bool_or(o.policy_status <> 'enacted') as is_provisional
from objections as o where extract(year from o.filed_on) = %(year)s
group by o.division_code, o.case_id, o.objection_no, o.filed_on, o.decided_on, o.document_no

-- key: objections.overdue
-- label: 受理、决定或更正逾期的异议
-- unit: 件
-- from: objections
select distinct o.division_code, o.case_id, o.objection_no, o.filed_on, o.accept_due_on, o.decide_due_on, o.correct_due_on
from objections as o where o.is_accept_overdue or o.is_decide_overdue or o.is_correct_overdue

-- key: withdrawals.count
-- label: 因修复或异议成立撤下的记录和名单条目
-- unit: 条
select
    w.division_code, w.reason as part,
    w.withdrawn_kind, w.withdrawn_id, w.withdrawn_on, w.document_no
from withdrawals as w where extract(year from w.withdrawn_on) = %(year)s
