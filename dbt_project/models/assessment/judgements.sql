-- The points that people gave, by region and rule, as of the day judged. After sign-off of a card points change only with a reason.
select
    given.*,
    coalesce(given.judged_on > signoffs.signed_on and given.change_reason is null, false) as is_unreasoned_change
from {{ ref('given_points') }} as given
left join {{ ref('signoffs') }} as signoffs
    on
        given.assessment_year = signoffs.assessment_year
        and given.region_code = signoffs.region_code
        and signoffs.is_by_second_role
