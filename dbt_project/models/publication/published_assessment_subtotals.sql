select
    '{{ release_id() }}'::text as release_id,
    t.assessment_year,
    t.region_code,
    t.part_no::integer as part_no,
    t.level,
    t.section_no,
    t.title,
    t.section_kind,
    t.points,
    t.max_points,
    t.awardable_points,
    t.awaiting_points,
    t.not_evaluable_points,
    t.city_code as division_code
from {{ ref('subtotals') }} as t
