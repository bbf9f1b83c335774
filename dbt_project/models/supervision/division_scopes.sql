{{ config(meta={'distribute_by': 'reference'}) }}
-- Which jurisdictions a division belongs to: itself and those above it.
select
    divisions.division_code,
    scope.jurisdiction
from {{ ref('divisions') }} as divisions
left join {{ ref('divisions') }} as parents on divisions.parent_code = parents.division_code
cross join lateral (
    values (divisions.division_code), (divisions.parent_code), (parents.parent_code)
) as scope (jurisdiction)
where scope.jurisdiction is not null
