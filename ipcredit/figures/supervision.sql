-- What supervision did in the year: inspections, penalties, abnormal filings, complaints, campaigns, publicity.

-- key: inspections.done
-- label: 本年双随机抽查
-- unit: 户次
-- from: inspections
select
    i.division_code, i.object_kind as part,
    i.subject_id, i.plan_no, i.draw_no, i.inspected_on, i.inspection_result, i.document_no, i.submission_id, i.row_number
from inspections as i where extract(year from i.inspected_on) = %(year)s

-- key: inspections.problems
-- label: 本年双随机抽查发现问题
-- unit: 户次
-- from: inspections
select
    i.division_code, i.object_kind as part,
    i.subject_id, i.plan_no, i.draw_no, i.inspected_on, i.inspection_result, i.fix_due_on, i.problems_fixed_on, i.submission_id,
    i.row_number
from inspections as i
where extract(year from i.inspected_on) = %(year)s and i.inspection_result in ('problem_ordered', 'problem_pending')

-- key: inspections.problem_rate
-- label: 双随机抽查问题发现率
-- ratio: inspections.problems / inspections.done

-- key: inspections.fixed
-- label: 本年抽查发现的问题中已整改的
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.inspected_on, i.fix_due_on, i.problems_fixed_on, i.submission_id, i.row_number
from inspections as i
where extract(year from i.inspected_on) = %(year)s and i.inspection_result in ('problem_ordered', 'problem_pending')
    and i.problems_fixed_on is not null

-- key: inspections.unfixed
-- label: 逾期未整改
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.inspected_on, i.fix_due_on, i.submission_id, i.row_number
from inspections as i where extract(year from i.inspected_on) = %(year)s and i.is_fix_overdue

-- key: inspections.open
-- label: 已抽取、结果尚未报送
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.draw_no, i.object_kind, i.drawn_on, i.inspect_by, i.state
from inspections as i where i.inspected_on is null and extract(year from i.drawn_on) = %(year)s

-- key: inspections.published
-- label: 已公示结果的抽查
-- unit: 户次
-- from: inspections
select i.division_code, i.subject_id, i.plan_no, i.draw_no, i.inspected_on, i.published_on, i.submission_id, i.row_number
from inspections as i where extract(year from i.inspected_on) = %(year)s and i.published_on is not null

-- key: penalties.count
-- label: 本年行政处罚
-- unit: 件
-- from: penalties
select r.division_code, r.event_type as part, t.title as part_label, r.event_date, r.document_no, r.authority, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
left join event_types as t on r.event_type = t.event_type
where r.dataset = 'penalties' and r.event_type <> 'penalty_annulled' and extract(year from r.event_date) = %(year)s

-- key: penalties.amount
-- label: 本年罚没款
-- unit: 万元
-- from: penalties
select
    r.division_code, (coalesce(r.amount_yuan, 0) + coalesce(r.confiscated_yuan, 0)) / 10000 as quantity, r.amount_yuan,
    r.confiscated_yuan, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select
        division_code, dataset, event_type, event_date, document_no, amount_yuan,
        (details ->> 'confiscated_amount')::numeric as confiscated_yuan, submission_id, row_number
    from credit_records
    union all
    select
        division_code, dataset, event_type, event_date, document_no, amount_yuan,
        (details ->> 'confiscated_amount')::numeric as confiscated_yuan, submission_id, row_number
    from work_records
) as r
where r.dataset = 'penalties' and r.event_type <> 'penalty_annulled' and extract(year from r.event_date) = %(year)s
    and coalesce(r.amount_yuan, r.confiscated_yuan) is not null

-- key: abnormal.notified
-- label: 本年通报的非正常专利申请
-- unit: 件
-- from: abnormal_patents
select r.division_code, r.event_type, r.event_value, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
where r.dataset = 'abnormal_patents' and r.event_type <> 'abnormal_patent_annulled'
    and extract(year from r.event_date) = %(year)s

-- key: abnormal.corrected
-- label: 其中已撤回或纠正
-- unit: 件
-- from: abnormal_patents
select r.division_code, r.event_type, r.event_value, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
where r.dataset = 'abnormal_patents' and r.event_type = 'abnormal_patent_corrected'
    and extract(year from r.event_date) = %(year)s

-- key: abnormal.rate
-- label: 非正常专利申请纠正率
-- ratio: abnormal.corrected / abnormal.notified

-- key: malicious.count
-- label: 本年恶意商标注册申请
-- unit: 件
-- from: malicious_trademarks
select r.division_code, r.event_value, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
where r.dataset = 'malicious_trademarks' and extract(year from r.event_date) = %(year)s

-- key: complaints.count
-- label: 本年举报投诉
-- unit: 件
-- from: complaints
select r.division_code, r.event_type as part, t.title as part_label, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
left join event_types as t on r.event_type = t.event_type
where r.dataset = 'complaints' and extract(year from r.event_date) = %(year)s

-- key: campaigns.actions
-- label: 本年专项整治行动
-- unit: 件
-- from: campaign_cases
select
    r.division_code, r.event_value as part, coalesce(k.label, r.event_value) as part_label, r.event_date, r.document_no,
    r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
left join (
    select split_part(o.pair, '=', 1) as code, max(split_part(o.pair, '=', 2)) as label
    from catalogue_fields as f cross join regexp_split_to_table(f.codes, '、(?=[a-z0-9_]+=)') as o (pair)
    where f.dataset = 'campaign_cases' group by split_part(o.pair, '=', 1)
) as k on r.event_value = k.code
where r.dataset = 'campaign_cases' and extract(year from r.event_date) = %(year)s

-- key: cases.count
-- label: 本年知识产权案件
-- unit: 件
-- from: cases
select r.division_code, r.event_type as part, t.title as part_label, r.event_value, r.event_date, r.document_no, r.submission_id, r.row_number
from (
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from credit_records
    union all
    select division_code, dataset, event_type, event_value, event_date, document_no, authority, amount_yuan, submission_id, row_number
    from work_records
) as r
left join event_types as t on r.event_type = t.event_type
where r.dataset = 'cases' and extract(year from r.event_date) = %(year)s

-- key: activities.count
-- label: 本年宣传、培训、调研等活动
-- unit: 次
-- from: activities
select
    r.division_code, r.event_value as part, coalesce(k.label, r.event_value) as part_label, r.event_date, r.document_no,
    r.submission_id, r.row_number
from work_records as r
left join (
    select split_part(o.pair, '=', 1) as code, max(split_part(o.pair, '=', 2)) as label
    from catalogue_fields as f cross join regexp_split_to_table(f.codes, '、(?=[a-z0-9_]+=)') as o (pair)
    where f.dataset = 'activities' group by split_part(o.pair, '=', 1)
) as k on r.event_value = k.code
where r.dataset = 'activities' and extract(year from r.event_date) = %(year)s

-- key: discipline.count
-- label: 行业惩戒
-- unit: 件
-- from: agency_conduct
select r.division_code, r.subject_id, r.event_date, r.document_no, r.authority, r.submission_id, r.row_number
from credit_records as r where r.event_type = 'industry_discipline' and extract(year from r.event_date) = %(year)s
