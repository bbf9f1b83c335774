-- Who is assessed: cities, of which the ranked ones are compared (全省1-14名), the area that stands beside them, and
-- counties, which take ranks and tiers from their city (the table is addressed to 各县市区, but ranks cities).
select
    divisions.division_code as region_code,
    divisions.name as region_name,
    divisions.level as region_level,
    case when divisions.level = 'county' then divisions.parent_code else divisions.division_code end as city_code,
    coalesce(divisions.is_ranked, false) and divisions.level = 'city' as is_ranked,
    array_remove(divisions.name || string_to_array(coalesce(divisions.aliases, ''), '|'), '') as names
from {{ ref('divisions') }} as divisions
where divisions.level in ('city', 'area', 'county')
