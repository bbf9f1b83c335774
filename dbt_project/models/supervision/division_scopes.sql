{{ config(meta={'distribute_by': 'reference'}) }}
-- Which jurisdictions a division belongs to: itself and those above it.
select
    own.division_code,
    scope.jurisdiction
from {{ ref('divisions') }} as own
left join {{ ref('divisions') }} as parents on own.parent_code = parents.division_code

cross join unnest(array[own.division_code, own.parent_code, parents.parent_code]) as scope (jurisdiction)
where scope.jurisdiction is not null
