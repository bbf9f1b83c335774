-- The lists on the day judged, by the province's rule; what only a city's rule lists is told apart.

-- key: lists.active
-- label: 在列名单主体（各名单分别计）
-- unit: 户
select
    e.division_code, e.list_code as part,
    e.subject_id, e.rule_code, e.entered_on, e.ends_on, e.decision_document_no, e.is_disputed, e.record_id,
    e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction = %(province)s and e.state = 'active'

-- key: lists.entered
-- label: 本年列入名单（各名单分别计）
-- unit: 户次
select
    e.division_code, e.list_code as part,
    e.subject_id, e.rule_code, e.entered_on, e.state, e.decision_document_no, e.policy_status <> 'enacted' as is_provisional
from list_entries as e
where e.jurisdiction = %(province)s and extract(year from e.entered_on) = %(year)s

-- key: lists.left
-- label: 本年移出名单（各名单分别计）
-- unit: 户次
select
    e.division_code, e.list_code as part,
    e.subject_id, e.entered_on, e.left_on, e.exit_reason, e.policy_status <> 'enacted' as is_provisional
from list_entries as e
where e.jurisdiction = %(province)s and extract(year from e.left_on) = %(year)s

-- key: lists.shown
-- label: 名单公示中的主体（各名单分别计）
-- unit: 户
select
    e.division_code, e.list_code as part,
    e.subject_id, e.publish_from, e.publish_to, e.decision_document_no, e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction = %(province)s and e.is_shown

-- key: lists.city
-- label: 按市（示范区）自定规则在列的主体
-- unit: 户
select
    e.division_code, e.list_code as part,
    e.jurisdiction, e.subject_id, e.rule_code, e.entered_on, e.policy_status <> 'enacted' as is_provisional
from list_entries as e where e.jurisdiction <> %(province)s and e.state = 'active'

-- key: lists.withheld
-- label: 荣誉合格、因在负面名单上未列入“红名单”的主体
-- unit: 户
select distinct c.division_code, c.subject_id, c.negative_list_code
from list_conflicts as c where c.jurisdiction = %(province)s and c.conflict_state = 'withheld'

-- key: lists.proposed
-- label: 提示有关机关研究是否列入严重违法失信名单的处罚
-- unit: 件
select p.division_code, p.subject_id, p.event_type, p.event_date, p.document_no, p.authority, p.source_clause
from list_proposals as p where not p.is_listed
