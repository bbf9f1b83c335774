-- 规范性、准确性、完整性、实效性 of what came in, and what is being checked against the originals.

-- key: quality.checked
-- label: 质量检查的行（次）
-- unit: 行次
select q.division_code, q.dimension as part, q.denominator as quantity, q.bureau_code, q.dataset, q.period
from quality_dimensions as q where left(q.period, 4) = %(year)s and q.basis = 'checks'

-- key: quality.passed
-- label: 质量检查合格的行（次）
-- unit: 行次
select q.division_code, q.dimension as part, q.numerator as quantity, q.bureau_code, q.dataset, q.period
from quality_dimensions as q where left(q.period, 4) = %(year)s and q.basis = 'checks'

-- key: quality.rate
-- label: 质量合格率
-- ratio: quality.passed / quality.checked

-- key: quality.score
-- label: 数据质量得分
-- unit: 分
-- each: division
select
    q.division_code, q.score as quantity, '缺' || q.missing as missing_reason, q.bureau_code, q.state, q.place, q.conformity_rate,
    q.accuracy_rate, q.completeness_rate, q.timeliness_rate, q.policy_status <> 'enacted' as is_provisional
from quality_ranking as q where q.period = %(year)s

-- key: quality.place
-- label: 数据质量名次
-- unit: 名
-- each: division
select
    q.division_code, q.place as quantity,
    case q.state when 'unranked' then '不参加排名' when 'not_evaluable' then '缺' || q.missing end as missing_reason,
    q.bureau_code, q.state, q.score, q.policy_status <> 'enacted' as is_provisional
from quality_ranking as q where q.period = %(year)s

-- key: quality.findings
-- label: 跨来源比对发现的问题
-- unit: 个
select
    f.division_code, f.rule_code as part, f.title as part_label, f.bureau_code, f.dataset, f.period, f.submission_id,
    f.row_number, f.field, f.policy_status <> 'enacted' as is_provisional
from cross_source_findings as f where left(f.period, 4) = %(year)s

-- key: quality.issues
-- label: 现行报送中有问题的行（按问题计）
-- unit: 行次
select
    i.division_code, i.severity as part,
    i.row_count as quantity, i.bureau_code, i.dataset, i.period, i.field, i.issue_title
from row_issue_counts as i where left(i.period, 4) = %(year)s

-- key: quality.sampled
-- label: 抽取核对原件的行
-- unit: 行
select
    r.division_code, r.state as part,
    r.bureau_code, r.review_period, r.sample_no, r.dataset, r.period, r.submission_id, r.row_number, r.verdict, r.reviewed_on
from review_results as r where left(r.review_period, 4) = %(year)s
