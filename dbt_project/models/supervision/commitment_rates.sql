{{ config(meta={'distribute_by': 'reference'}) }}
-- Who has a commitment in force among those graded, by division and kind of subject; the province has a row of its own.
with graded as (
    select distinct
        grades.subject_id,
        grades.subject_kind,
        subjects.division_code
    from {{ ref('subject_grades') }} as grades
    inner join {{ ref('subjects') }} as subjects on grades.subject_id = subjects.subject_id
    where grades.is_provincial
),

signers as (
    select
        subject_id,
        bool_or(state in ('in_force', 'kept')) as is_bound,
        bool_or(state = 'broken') as has_broken
    from {{ ref('commitments') }}
    group by subject_id
)

select
    coalesce(graded.division_code, province.division_code) as division_code,
    graded.subject_kind,
    count(*) as subjects,
    count(signers.subject_id) as signed,
    count(*) filter (where signers.is_bound) as bound,
    count(*) filter (where signers.has_broken) as broken,
    (count(signers.subject_id)::numeric / count(*))::numeric(7, 4) as signing_rate
from graded
left join signers on graded.subject_id = signers.subject_id

cross join (
    select divisions.division_code from {{ ref('divisions') }} as divisions
    where divisions.level = 'province'
) as province
group by grouping sets ((graded.division_code, graded.subject_kind, province.division_code), (graded.subject_kind, province.division_code))
-- whom no city reports is in the province's row only
having grouping(graded.division_code) = 1 or graded.division_code <> province.division_code
