-- Incentives and constraints: which there are, who stands under them, what was done.

-- key: measures.behaviours
-- label: 失信行为清单
-- unit: 项
-- each: province
select
    %(province)s as division_code, b.behaviour_code, b.behaviour_name, b.behaviour_class, b.behaviour_level, b.source_clause,
    b.policy_status <> 'enacted' as is_provisional
from behaviours as b

-- key: measures.kinds
-- label: 激励和惩戒措施清单
-- unit: 项
-- each: province
select
    %(province)s as division_code, m.direction as part,
   
    m.measure_code, m.measure_name, m.measure_class, m.measure_level, m.source_clause,
    m.policy_status <> 'enacted' as is_provisional
from measures as m where m.jurisdiction = %(province)s

-- key: measures.subjects
-- label: 措施有效的主体（激励、惩戒分别计）
-- unit: 户
select
    m.division_code, m.direction as part,
    m.subject_id, string_agg(distinct m.measure_code, '、' order by m.measure_code) as measure_codes,
    bool_and(m.policy_status <> 'enacted') as is_provisional
from measures_in_force as m where m.jurisdiction = %(province)s
group by m.division_code, m.direction, m.subject_id

-- key: measures.due
-- label: 本年应受措施的主体
-- unit: 户次
-- from: measure_feedback
select
    e.division_code, e.direction || '.' || e.measure_code as part,
    case e.direction when 'incentive' then '激励：' else '惩戒：' end || coalesce(m.measure_name, e.measure_code) as part_label,
    e.due_subjects as quantity
from measure_effects as e
left join (
    select x.measure_code, x.direction, max(x.measure_name) as measure_name
    from measures as x where x.jurisdiction = %(province)s group by x.measure_code, x.direction
) as m on e.measure_code = m.measure_code and e.direction = m.direction
where e.year = %(year)s::integer and e.due_subjects > 0

-- key: measures.reached
-- label: 本年已落实措施的主体
-- unit: 户次
-- from: measure_feedback
select
    e.division_code, e.direction || '.' || e.measure_code as part,
    case e.direction when 'incentive' then '激励：' else '惩戒：' end || coalesce(m.measure_name, e.measure_code) as part_label,
    e.subjects_applied_to as quantity
from measure_effects as e
left join (
    select x.measure_code, x.direction, max(x.measure_name) as measure_name
    from measures as x where x.jurisdiction = %(province)s group by x.measure_code, x.direction
) as m on e.measure_code = m.measure_code and e.direction = m.direction
where e.year = %(year)s::integer and e.subjects_applied_to > 0

-- key: measures.applied
-- label: 本年落实措施
-- unit: 件
-- from: measure_feedback
select
    a.division_code, a.direction as part,
    a.subject_id, a.measure_code, a.effect, a.applied_on, a.applied_by, a.document_no, a.was_due, a.submission_id, a.row_number
from measure_applications as a where a.is_applied and extract(year from a.applied_on) = %(year)s

-- key: measures.groundless
-- label: 落实当日该主体不应受该措施的
-- unit: 件
-- from: measure_feedback
select
    a.division_code, a.direction as part,
    a.subject_id, a.measure_code, a.effect, a.applied_on, a.applied_by, a.submission_id, a.row_number
from measure_applications as a where a.is_applied and not a.was_due and extract(year from a.applied_on) = %(year)s

-- key: measures.exempted
-- label: 应受措施而未适用的
-- unit: 件
-- from: measure_feedback
select a.division_code, a.subject_id, a.measure_code, a.effect, a.applied_on, a.applied_by, a.submission_id, a.row_number
from measure_applications as a
where a.effect = 'exempted' and a.was_due and extract(year from a.applied_on) = %(year)s
