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

-- Both sides summed up by themselves: those due are many, and only of the applications is asked who is in them how often.
counted as (
    select
        due.year,
        subjects.division_code,
        due.measure_code,
        due.direction,
        count(*) as due_subjects,
        0 as subjects_applied_to,
        0 as applied,
        0 as exempted,
        0 as lifted,
        0 as applied_without_ground
    from due
    inner join {{ ref('subjects') }} as subjects on due.subject_id = subjects.subject_id
    group by due.year, subjects.division_code, due.measure_code, due.direction
    union all
    select
        extract(year from applications.applied_on)::integer as year,
        subjects.division_code,
        applications.measure_code,
        applications.direction,
        0 as due_subjects,
        count(distinct applications.subject_id) filter (where applications.is_applied) as subjects_applied_to,
        count(*) filter (where applications.is_applied) as applied,
        count(*) filter (where applications.effect = 'exempted') as exempted,
        count(*) filter (where applications.effect = 'lifted') as lifted,
        count(*) filter (where applications.is_applied and not applications.was_due) as applied_without_ground
    from {{ ref('measure_applications') }} as applications
    inner join {{ ref('subjects') }} as subjects on applications.subject_id = subjects.subject_id
    group by
        extract(year from applications.applied_on)::integer, subjects.division_code, applications.measure_code,
        applications.direction
)

select
    year,
    division_code,
    measure_code,
    direction,
    sum(due_subjects)::integer as due_subjects,
    sum(subjects_applied_to)::integer as subjects_applied_to,
    sum(applied)::integer as applied,
    sum(exempted)::integer as exempted,
    sum(lifted)::integer as lifted,
    sum(applied_without_ground)::integer as applied_without_ground,
    {{ as_of() }} as as_of
from counted
group by year, division_code, measure_code, direction
