-- The catalogue, and how completely it has come in (应归尽归).

-- key: catalogue.items
-- label: 全省目录在用数据集
-- unit: 项
-- each: province
select
    %(province)s as division_code, i.dataset, i.catalogue_code, i.title, i.responsible_office, i.update_cycle, i.legal_basis,
    i.version_status <> 'enacted' as is_provisional
from catalogue_items as i where i.is_in_force

-- key: catalogue.city_items
-- label: 市（示范区）补充规定的目录项
-- unit: 项
select
    v.scope_division_code as division_code, v.dataset, v.catalogue_code, v.version, v.effective_from, v.source_clause,
    v.status <> 'enacted' as is_provisional
from catalogue_item_versions as v
where v.scope_division_code <> %(province)s and v.effective_from <= %(as_of)s
    and (v.effective_to is null or v.effective_to >= %(as_of)s)

-- key: coverage.due
-- label: 应归集的目录期次
-- unit: 项次
select c.division_code, c.dataset as part, i.title as part_label, c.bureau_code, c.period, c.due_on, c.completeness
from catalogue_coverage as c
left join catalogue_items as i on c.dataset = i.dataset
where c.is_due and left(c.period, 4) = %(year)s

-- key: coverage.came
-- label: 已归集的目录期次
-- unit: 项次
select c.division_code, c.dataset as part, i.title as part_label, c.bureau_code, c.period, c.due_on, c.completeness
from catalogue_coverage as c
left join catalogue_items as i on c.dataset = i.dataset
where c.is_due and left(c.period, 4) = %(year)s and c.completeness in ('received', 'late', 'nil_return')

-- key: coverage.rate
-- label: 目录归集率
-- ratio: coverage.came / coverage.due

-- key: coverage.late
-- label: 迟报的目录期次
-- unit: 项次
select
    c.division_code, c.dataset as part, i.title as part_label, c.bureau_code, c.period, c.due_on, c.first_received_on,
    c.late_working_days
from catalogue_coverage as c
left join catalogue_items as i on c.dataset = i.dataset
where c.is_due and left(c.period, 4) = %(year)s and c.completeness = 'late'

-- key: coverage.late_rate
-- label: 迟报率
-- ratio: coverage.late / coverage.due

-- key: coverage.missing
-- label: 到期未归集的目录期次
-- unit: 项次
select c.division_code, c.dataset as part, i.title as part_label, c.bureau_code, c.period, c.due_on, c.gap
from catalogue_coverage as c
left join catalogue_items as i on c.dataset = i.dataset
where c.is_due and left(c.period, 4) = %(year)s and c.completeness = 'missing'

-- key: coverage.nil
-- label: 声明本期无数据的目录期次
-- unit: 项次
select c.division_code, c.bureau_code, c.dataset, c.period, c.due_on
from catalogue_coverage as c
where c.is_due and left(c.period, 4) = %(year)s and c.completeness = 'nil_return'

-- key: submissions.taken
-- label: 接收的报送件
-- unit: 件
select
    s.division_code, s.state as part,
    s.bureau_code, s.dataset, s.period, s.submission_id, s.received_at::date as received_on
from submissions as s where extract(year from s.received_at) = %(year)s

-- key: rows.received
-- label: 收到的数据行
-- unit: 行
select s.division_code, s.rows_received as quantity, s.bureau_code, s.dataset, s.period, s.submission_id
from submissions as s where extract(year from s.received_at) = %(year)s and s.rows_received > 0

-- key: rows.accepted
-- label: 采信的数据行
-- unit: 行
select s.division_code, s.rows_accepted as quantity, s.bureau_code, s.dataset, s.period, s.submission_id
from submissions as s where extract(year from s.received_at) = %(year)s and s.rows_accepted > 0

-- key: rows.rejected
-- label: 退回的数据行
-- unit: 行
select s.division_code, s.rows_rejected as quantity, s.bureau_code, s.dataset, s.period, s.submission_id
from submissions as s where extract(year from s.received_at) = %(year)s and s.rows_rejected > 0

-- key: rows.superseded
-- label: 被后报数据取代的数据行
-- unit: 行
select s.division_code, s.rows_superseded as quantity, s.bureau_code, s.dataset, s.period, s.submission_id
from submissions as s where extract(year from s.received_at) = %(year)s and s.rows_superseded > 0

-- key: rows.accepted_rate
-- label: 数据采信率
-- ratio: rows.accepted / rows.received

-- key: records.kept
-- label: 信用信息记录
-- unit: 条
select r.division_code, r.dataset, r.quantity
from (select c.division_code, c.dataset, count(*) as quantity from credit_records as c group by c.division_code, c.dataset) as r

-- key: collected.valid
-- label: 重点采集的信用信息（在有效期内）
-- unit: 条
-- from: honours standard_certifications agencies
select
    r.division_code, r.event_type as part, t.title as part_label, r.subject_id, r.event_date, r.valid_to, r.document_no,
    r.submission_id, r.row_number
from credit_records as r
left join event_types as t on r.event_type = t.event_type
where r.dataset in ('honours', 'standard_certifications', 'agencies', 'patent_awards')
    and r.valid_from <= %(as_of)s and (r.valid_to is null or r.valid_to >= %(as_of)s)
