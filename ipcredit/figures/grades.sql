-- Grades by kind of subject, by the province's rule; a city's own variant stands beside it and is not counted here.

-- key: grades
-- label: 信用等级
-- unit: 户
select
    g.division_code, g.subject_kind || '.' || g.grade as part,
    g.subject_id, g.track, g.override_code, g.policy_id, g.policy_version,
    g.policy_status <> 'enacted' as is_provisional
from subject_grades as g
where g.is_provincial

-- key: grades.limited
-- label: 被限定等级的主体（按评价对象类别计）
-- unit: 户
select
    g.division_code, g.override_code as part, '因' || max(o.condition_title) as part_label, g.subject_id, g.track, g.grade,
    bool_or(o.policy_status <> 'enacted') as is_provisional
from subject_grades as g
left join override_rules as o on g.policy_id = o.policy_id and g.override_code = o.override_code
where g.is_provincial and g.override_code is not null
group by g.division_code, g.override_code, g.subject_id, g.track, g.grade

-- key: grades.city
-- label: 按市（示范区）自定办法评价的主体
-- unit: 户
select g.division_code, g.jurisdiction, g.subject_id, g.track, g.grade, g.policy_id, g.policy_status <> 'enacted' as is_provisional
from subject_grades as g where not g.is_provincial
