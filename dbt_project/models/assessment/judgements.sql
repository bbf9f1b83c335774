-- The points that people gave, by region and rule, as of the day judged. After sign-off of a card points change only with a reason.
select
    given.assessment_year,
    given.region_code,
    given.rule_id,
    given.judged_points,
    given.scorer_unit,
    given.judged_on,
    given.change_reason,
    given.evidence_id,
    given.evidence_sha256,
    coalesce(given.judged_on > signoffs.signed_on and given.change_reason is null, false) as is_unreasoned_change
from {{ ref('given_points') }} as given
left join {{ ref('signoffs') }} as signoffs
    on
        given.assessment_year = signoffs.assessment_year
        and given.region_code = signoffs.region_code
        and signoffs.is_by_second_role
