-- Who is graded: the management sample and whom the plan wants covered whole.

-- key: sample.judged
-- label: 纳入信用评价的主体（按评价对象类别计）
-- unit: 户
select
    g.division_code, g.subject_kind as part, g.subject_id, g.track, g.grade, g.policy_id,
    g.policy_status <> 'enacted' as is_provisional
from subject_grades as g
where g.is_provincial

-- key: sample.rated
-- label: 已评定信用等级的主体（按评价对象类别计）
-- unit: 户
select
    g.division_code, g.subject_kind as part, g.subject_id, g.track, g.grade, g.policy_id,
    g.policy_status <> 'enacted' as is_provisional
from subject_grades as g
where g.is_provincial and g.grade not in ('U', 'not_evaluable')

-- key: sample.no_rule
-- label: 尚无评价规定、暂不评级的主体（按评价对象类别计）
-- unit: 户
select
    g.division_code, g.subject_kind as part, g.subject_id, g.track, g.policy_id, g.policy_status
from subject_grades as g
where g.is_provincial and g.grade = 'not_evaluable'

-- key: sample.rated_rate
-- label: 评级面
-- ratio: sample.rated / sample.judged

-- key: target.firms
-- label: 知识产权优势示范企业
-- unit: 户
-- from: honours
-- A firm is counted once, under its highest honour that still holds; who no longer exists is graded no more and not counted.
select
    s.division_code, case when h.is_national then 'national' else 'provincial' end as part,
    s.subject_id, h.honours
from subjects as s
inner join (
    select
        r.subject_id, bool_or(r.event_type <> 'provincial_advantage') as is_national,
        string_agg(distinct t.title, '、' order by t.title) as honours
    from credit_records as r
    inner join event_types as t on r.event_type = t.event_type
    where r.dataset = 'honours' and r.event_type in ('national_demonstration', 'national_advantage', 'provincial_advantage')
        and r.valid_from <= %(as_of)s and (r.valid_to is null or r.valid_to >= %(as_of)s)
    group by r.subject_id
) as h on s.subject_id = h.subject_id
where not exists (
    select 1 from credit_records as e
    where e.subject_id = s.subject_id and e.event_type = 'enterprise_registered' and e.event_value = 'cancelled'
        and (e.details ->> 'deregistered_on')::date <= %(as_of)s
)

-- key: target.firms_rated
-- label: 已评定信用等级的知识产权优势示范企业
-- unit: 户
-- from: honours
select
    g.division_code, case when h.is_national then 'national' else 'provincial' end as part,
    g.subject_id, g.grade, g.policy_status <> 'enacted' as is_provisional
from subject_grades as g
inner join (
    select r.subject_id, bool_or(r.event_type <> 'provincial_advantage') as is_national
    from credit_records as r
    where r.dataset = 'honours' and r.event_type in ('national_demonstration', 'national_advantage', 'provincial_advantage')
        and r.valid_from <= %(as_of)s and (r.valid_to is null or r.valid_to >= %(as_of)s)
    group by r.subject_id
) as h on g.subject_id = h.subject_id
where g.is_provincial and g.subject_kind = 'enterprise' and g.grade not in ('U', 'not_evaluable')

-- key: target.firms_rate
-- label: 优势示范企业信用评价覆盖率
-- ratio: target.firms_rated / target.firms

-- key: target.agencies
-- label: 骨干中介机构
-- unit: 户
-- from: agencies
-- Closed ones are graded no more and not counted.
select s.division_code, s.subject_id, s.agency_kind
from subjects as s
where s.is_backbone_agency and exists (
    select 1 from credit_records as r
    where r.subject_id = s.subject_id and r.event_type = 'agency_registered'
        and (r.event_date is null or r.event_date <= %(as_of)s) and (r.valid_to is null or r.valid_to >= %(as_of)s)
)

-- key: target.agencies_rated
-- label: 已评定信用等级的骨干中介机构
-- unit: 户
-- from: agencies
select s.division_code, s.subject_id, bool_or(g.policy_status <> 'enacted') as is_provisional
from subjects as s
inner join subject_grades as g on s.subject_id = g.subject_id
where s.is_backbone_agency and g.is_provincial and g.subject_kind in ('patent_agency', 'trademark_agency')
    and g.grade not in ('U', 'not_evaluable')
group by s.division_code, s.subject_id

-- key: target.agencies_rate
-- label: 骨干中介机构信用评价覆盖率
-- ratio: target.agencies_rated / target.agencies
