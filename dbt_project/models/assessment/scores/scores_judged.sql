{{ config(materialized='ephemeral') }}
-- 评定: the points a named scorer gave, with evidence. None given is none given, not zero. A change after sign-off needs its reason.
select
    {{ scored_cell('inputs') }},
    case
        when judgements.judged_points is null then 'no_judgement'
        when judgements.is_unreasoned_change then 'change_without_reason'
    end as reason,
    judgements.judged_points as points,
    judgements.scorer_unit,
    judgements.judged_on,
    judgements.change_reason,
    judgements.evidence_id,
    judgements.evidence_sha256
from {{ ref('rule_inputs') }} as inputs
left join {{ ref('judgements') }} as judgements
    on
        inputs.assessment_year = judgements.assessment_year
        and inputs.region_code = judgements.region_code
        and inputs.rule_id = judgements.rule_id
where inputs.kind = 'judged'
