-- The pilot's own matters: what was promised, which documents there are, what people have written.

-- key: milestones.count
-- label: 计划节点
-- unit: 项
select
    m.region_code as division_code, m.milestone_state as part,
    case m.milestone_state when 'open' then '进行中' end as part_label, m.milestone_code, m.promised, m.due_on, m.done_on, m.evidence,
    m.source_clause
from plan_milestones as m where m.due_on is null or extract(year from m.due_on) <= %(year)s

-- key: documents.count
-- label: 登记的政策文件
-- unit: 份
-- each: province
select
    %(province)s as division_code, p.document_status as part, p.document_code, p.title, p.document_no, p.issuer, p.issued_on,
    p.source_clause
from policy_documents as p

-- key: materials.count
-- label: 报送的试点工作材料
-- unit: 份
select m.division_code, m.material_kind as part, m.region_code, m.bureau_code, m.title, m.done_on, m.submission_id, m.row_number
from pilot_materials as m where m.summary_year = %(year)s::integer

-- key: closing.cities
-- label: 总结已定稿的市（示范区）
-- unit: 个
select distinct m.division_code, min(m.done_on) over (partition by m.division_code) as done_on
from pilot_materials as m
where m.material_kind = 'closing' and m.region_code = m.division_code and m.division_code <> %(province)s
    and m.summary_year = %(year)s::integer
