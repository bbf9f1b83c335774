-- What a region has of each section, group and point of the table, in its order.
with parts as (
    select
        years.assessment_year,
        parts.level,
        indicators.section_no,
        indicators.section_kind,
        parts.title,
        max(parts.max_points) as max_points,
        -- a section before its groups, a group before its points
        row_number() over (
            partition by years.assessment_year
            order by min(indicators.indicator_no) asc, array_position(array['section', 'group', 'point'], parts.level) asc
        ) as part_no,
        array_agg(indicators.indicator_no) as indicators
    from {{ ref('assessment_years') }} as years
    inner join {{ ref('assessment_indicators') }} as indicators
        on years.policy_id = indicators.policy_id and years.version = indicators.version
    cross join
        lateral (
            values
            ('section', indicators.section_title, indicators.section_max),
            ('group', indicators.group_title, indicators.group_max),
            ('point', indicators.point_title, indicators.point_max)
        ) as parts (level, title, max_points)
    where parts.title is not null
    group by years.assessment_year, parts.level, indicators.section_no, indicators.section_kind, parts.title
)

select
    parts.assessment_year,
    results.region_code,
    results.city_code,
    parts.part_no,
    parts.level,
    parts.section_no,
    parts.title,
    parts.section_kind,
    parts.max_points,
    coalesce(sum(results.points), 0) as points,
    coalesce(sum(results.max_points) filter (where results.is_awardable), 0) as awardable_points,
    coalesce(sum(results.max_points) filter (where results.state = 'awaiting'), 0) as awaiting_points,
    coalesce(sum(results.max_points) filter (where results.state = 'not_evaluable'), 0) as not_evaluable_points
from parts
inner join {{ ref('rule_results') }} as results
    on parts.assessment_year = results.assessment_year and results.indicator_no = any(parts.indicators)
group by
    parts.assessment_year, results.region_code, results.city_code, parts.part_no, parts.level, parts.section_no,
    parts.title, parts.section_kind, parts.max_points
