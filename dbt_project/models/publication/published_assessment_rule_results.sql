select
    '{{ release_id() }}'::text as release_id,
    t.assessment_year,
    t.region_code,
    t.rule_id,
    t.rule_no,
    t.indicator_no,
    t.state,
    t.reason,
    t.points,
    t.max_points,
    t.value,
    t.choice,
    t.numerator,
    t.denominator,
    t.target,
    t.rank::integer as rank,
    t.rank_population::integer as rank_population,
    t.dense_rank::integer as dense_rank,
    t.dense_points,
    t.inherited_from,
    t.is_provisional,
    t.declared_value,
    t.value_difference,
    nullif(array_to_string(t.flags, '、'), '') as flags,
    t.record_count,
    t.evidence_id,
    t.evidence_sha256,
    t.certified_by,
    t.scorer_unit,
    t.judged_on,
    t.change_reason,
    case t.state
        when 'scored'
            then
                coalesce('（名次、档次取自 ' || cities.region_name || '）', '')
                || concat_ws(
                    '；',
                    case when t.kind = 'judged' and t.scorer_unit is not null then t.scorer_unit || ' ' || t.judged_on || ' 评定' end,
                    t.finding,
                    '全省第 ' || t.rank || ' 名（共 ' || t.rank_population || ' 市）',
                    t.outcome_text
                )
                || '；得 ' || {{ shown('t.points') }} || ' 分'
                || case when 'parameter_missing' = any(t.flags) then '（全国平均值没有报送，只按其余各档计）' else '' end
        when 'not_applicable' then case t.reason when 'not_ranked' then '不参加全省排名' else '公布的文本没有这条规则，不能评分' end
        else case t.reason
            when 'not_reported' then '没有报送，无从评价'
            when 'evidence_missing' then '没有支撑材料，不得分'
            when 'not_certified' then '申报值未经规定的单位认定'
            when 'target_missing' then '任务数没有下达，无法评价'
            when 'target_zero' then '任务数为零，无法计算完成比例'
            when 'denominator_zero' then '分母为零，无法计算比率'
            when 'no_report' then '没有报送过案件信息，也没有零报告，待核实'
            when 'change_without_reason' then '签核后改分没有写明原因，不计'
            else '待评定单位评分'
        end || coalesce('；' || t.finding, '')
    end as explanation,
    t.policy_id,
    t.policy_version,
    t.policy_status,
    t.source_clause,
    t.city_code as division_code
from {{ ref('rule_results') }} as t
left join {{ ref('assessment_regions') }} as cities on t.inherited_from = cities.region_code
