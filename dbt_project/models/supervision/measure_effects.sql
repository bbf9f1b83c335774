{{ config(meta={'distribute_by': 'reference'}) }}
-- What measures did in a year: on how many subjects of a division one was due, and how often it was applied, left aside,
-- lifted, or applied without ground. Both sides by the subject's own division, or a share would compare two things.
with due as (
    select
        extract(year from years.begins_on)::integer as year,
        terms.measure_code,
        terms.direction,
        terms.subject_id
    from {{ ref('measure_terms') }} as terms
    cross join
        lateral generate_series(
            date_trunc('year', terms.in_force_from::timestamp),
            least(terms.in_force_to, {{ as_of() }})::timestamp,
            interval '1 year'
        ) as years (begins_on)
    where terms.in_force_from <= {{ as_of() }}
    union
    -- Past grades are not judged again: theirs count in the year of the day judged only.
    select
        extract(year from as_of)::integer as year,
        measure_code,
        direction,
        subject_id
    from {{ ref('measures_in_force') }}
    where basis_kind = 'grade'
),

counted as (
    select
        due.year,
        due.measure_code,
        due.direction,
        due.subject_id,
        true as is_due,
        null as effect,
        null::boolean as is_applied,
        null::boolean as was_due
    from due
    union all
    select
        extract(year from applied_on)::integer as year,
        measure_code,
        direction,
        subject_id,
        false as is_due,
        effect,
        is_applied,
        was_due
    from {{ ref('measure_applications') }}
)

select
    counted.year,
    subjects.division_code,
    counted.measure_code,
    counted.direction,
    (count(*) filter (where counted.is_due))::integer as due_subjects,
    (count(distinct counted.subject_id) filter (where counted.is_applied))::integer as subjects_applied_to,
    (count(*) filter (where counted.is_applied))::integer as applied,
    (count(*) filter (where counted.effect = 'exempted'))::integer as exempted,
    (count(*) filter (where counted.effect = 'lifted'))::integer as lifted,
    (count(*) filter (where counted.is_applied and not counted.was_due))::integer as applied_without_ground,
    {{ as_of() }} as as_of
from counted
inner join {{ ref('subjects') }} as subjects on counted.subject_id = subjects.subject_id
group by counted.year, subjects.division_code, counted.measure_code, counted.direction
