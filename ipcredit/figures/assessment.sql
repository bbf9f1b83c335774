-- The year's assessment of cities and areas; counties have their own scorecards.

-- key: assessment.regions
-- label: 纳入检查考核的市（示范区）
-- unit: 个
select s.division_code, s.region_code, s.region_name, s.card_state, s.policy_id
from assessment_scorecards as s where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area')

-- key: assessment.points
-- label: 检查考核总分
-- unit: 分
-- each: division
select
    s.division_code, s.total_points as quantity, s.region_name, s.base_points, s.bonus_points, s.deduction_points, s.base_awardable,
    s.awaiting_rules, s.not_evaluable_rules, s.card_state,
    s.card_state not in ('final', 'signed_off') as is_provisional
from assessment_scorecards as s where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area')

-- key: assessment.rank
-- label: 检查考核名次
-- unit: 名
-- each: division
select
    s.division_code, s.rank as quantity, case when s.rank is null then '不参加排名' end as missing_reason, s.region_name,
    s.total_points, s.card_state, s.is_rank_provisional as is_provisional
from assessment_scorecards as s where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area')

-- key: assessment.awaiting
-- label: 待评定的考核规则
-- unit: 条
select s.division_code, s.awaiting_rules as quantity, s.region_name, s.awaiting_points
from assessment_scorecards as s
where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area') and s.awaiting_rules > 0

-- key: assessment.not_evaluable
-- label: 无法评价的考核规则
-- unit: 条
select s.division_code, s.not_evaluable_rules as quantity, s.region_name, s.not_evaluable_points
from assessment_scorecards as s
where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area') and s.not_evaluable_rules > 0

-- key: assessment.signed
-- label: 成绩已签核的市（示范区）
-- unit: 个
select s.division_code, s.region_name, s.signed_by_unit, s.signed_on, s.signed_points, s.card_state
from assessment_scorecards as s
where s.assessment_year = %(year)s::integer and s.region_level in ('city', 'area') and s.card_state = 'signed_off'
