{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Incentives and constraints that hold for a subject on the day judged, by its place on a list or by its grade. Those by a
-- list end with the stay on it, so that an exit or a repair lifts them.
select
    terms.subject_id,
    terms.measure_code,
    terms.measure_name,
    terms.direction,
    terms.measure_class,
    terms.measure_level,
    terms.is_discretionary,
    terms.jurisdiction,
    'list' as basis_kind,
    terms.list_code as basis_code,
    terms.entry_id as basis_id,
    terms.in_force_from,
    terms.in_force_to,
    terms.is_disputed,
    terms.policy_id,
    terms.policy_version,
    terms.policy_status,
    terms.source_clause,
    {{ as_of() }} as as_of
from {{ ref('measure_terms') }} as terms
where
    terms.entry_state = 'active'
    and daterange(terms.in_force_from, terms.in_force_to, '[]') @> {{ as_of() }}
union all
select
    grades.subject_id,
    measures.measure_code,
    measures.measure_name,
    measures.direction,
    measures.measure_class,
    measures.measure_level,
    measures.is_discretionary,
    measures.jurisdiction,
    'grade' as basis_kind,
    grades.grade as basis_code,
    grades.track as basis_id,
    -- Since when a grade has held is a matter of its history; when it may end must not tell of what is internal.
    null as in_force_from,
    grades.public_next_change_on - 1 as in_force_to,
    false as is_disputed,
    measures.policy_id,
    measures.version as policy_version,
    measures.status as policy_status,
    measures.source_clause,
    {{ as_of() }} as as_of
from {{ ref('subject_grades') }} as grades
-- A grade means nothing outside the policy that gave it, and a city's own beside the province's carries no measure.
inner join {{ policy_in_force('measures') }} as measures
    on
        measures.basis_kind = 'grade'
        and grades.policy_id = measures.policy_id
        and grades.grade = measures.basis_code
        and measures.status <> 'no_rule'
inner join {{ ref('subjects') }} as subjects on grades.subject_id = subjects.subject_id
inner join {{ ref('division_scopes') }} as scopes
    on subjects.division_code = scopes.division_code and measures.jurisdiction = scopes.jurisdiction
where grades.is_provincial
