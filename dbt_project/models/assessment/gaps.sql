-- What each responsible unit may still bring in, worth how many points, until when (督促、检查: 营西政发〔2022〕12号 一).
-- Deductions are no gap; what the published text lacks is nobody's to bring, and what is scored when the time is over is over.
select
    results.assessment_year,
    results.region_code,
    results.city_code,
    units.unit_name,
    units.is_lead,
    results.rule_id,
    results.rule_no,
    results.state,
    results.reason,
    results.max_points - coalesce(results.points, 0) as points_at_stake,
    results.window_to as due_on,
    case
        when results.state = 'awaiting' and results.reason = 'no_judgement' then '等待评定单位评分；请备齐支撑材料'
        when results.state = 'awaiting' and results.reason = 'change_without_reason' then '签核后改分未写明原因，请评定单位补写'
        when results.state = 'awaiting' then '没有报送过案件信息：确无案件的，请零报告'
        when results.reason = 'not_reported' then '报送“' || coalesce(results.metric_title, '本项') || '”的台账或申报值；确无的，零报告'
        when results.reason = 'evidence_missing' then '补报支撑材料的编号、校验值和日期；没有支撑材料的不得分'
        when results.reason = 'not_certified' then '请认定单位认定后重新申报'
        when results.reason in ('target_missing', 'target_zero') then '任务数未下达，由省知识产权局报送“外部参数与任务目标”'
        when results.reason = 'denominator_zero' then '分母为零，无法计算比率；请核对申报值'
        when results.kind = 'rank_band' then '现列第 ' || results.rank || ' 名，名次上升可多得分'
        else '尚未达到满分，可继续开展工作并报送'
    end as what_to_do
from {{ ref('rule_results') }} as results
inner join {{ ref('assessment_units') }} as units
    on
        results.policy_id = units.policy_id
        and results.policy_version = units.version
        and results.indicator_no = units.indicator_no
where
    results.section_kind in ('base', 'bonus')
    and results.state <> 'not_applicable'
    and coalesce(results.points, 0) < results.max_points
    and (results.state <> 'scored' or results.window_to >= {{ as_of() }})
