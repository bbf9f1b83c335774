{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Incentives and constraints that hold for a subject on the day judged, by its place on a list or by its grade. A measure
-- reaches the subjects of the jurisdiction that applies it.
with grounds as (
    select
        subject_id,
        'list' as basis_kind,
        list_code as basis_code,
        jurisdiction as basis_jurisdiction,
        null as policy_id,
        entry_id as basis_id,
        ends_on as in_force_to
    from {{ ref('list_entries') }}
    where state = 'active'
    union all
    select
        subject_id,
        'grade' as basis_kind,
        grade as basis_code,
        null as basis_jurisdiction,
        policy_id,
        track as basis_id,
        next_change_on - 1 as in_force_to
    from {{ ref('subject_grades') }}
)

select
    grounds.subject_id,
    measures.measure_code,
    measures.measure_name,
    measures.direction,
    measures.is_discretionary,
    measures.jurisdiction,
    grounds.basis_kind,
    grounds.basis_code,
    grounds.basis_id,
    grounds.in_force_to,
    measures.policy_id,
    measures.version as policy_version,
    measures.status as policy_status,
    measures.source_clause,
    {{ as_of() }} as as_of
from grounds
inner join {{ policy_in_force('measures') }} as measures
    on
        grounds.basis_kind = measures.basis_kind
        and grounds.basis_code = measures.basis_code
        and grounds.basis_jurisdiction is not distinct from measures.basis_jurisdiction
        -- A grade means nothing outside the policy that gave it.
        and (grounds.policy_id is null or grounds.policy_id = measures.policy_id)
inner join {{ ref('subjects') }} as subjects on grounds.subject_id = subjects.subject_id
inner join {{ ref('division_scopes') }} as scopes
    on subjects.division_code = scopes.division_code and measures.jurisdiction = scopes.jurisdiction
