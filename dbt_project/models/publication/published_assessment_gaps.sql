select
    '{{ release_id() }}'::text as release_id,
    t.assessment_year,
    t.region_code,
    t.rule_id,
    t.unit_name,
    t.is_lead,
    t.rule_no,
    t.state,
    t.reason,
    t.points_at_stake,
    t.due_on,
    t.what_to_do,
    t.city_code as division_code
from {{ ref('gaps') }} as t
