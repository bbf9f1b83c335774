{{ config(meta={'distribute_by': 'reference'}) }}
-- The one policy that holds for each kind of subject and track on the day judged.
with in_force as (
    select * from {{ policy_in_force('policy_versions', key='subject_kind, track') }} as versions
),

coming as (
    select
        subject_kind,
        track,
        min(effective_from) as comes_on
    from {{ ref('policy_versions') }}
    where effective_from > {{ as_of() }} and recorded_on <= {{ known_day() }}
    group by subject_kind, track
)

select
    in_force.subject_kind,
    in_force.track,
    in_force.jurisdiction,
    divisions.level = 'province' as is_provincial,
    in_force.policy_id,
    in_force.version as policy_version,
    in_force.status as policy_status,
    in_force.base_points,
    in_force.source_clause,
    least(in_force.effective_to + 1, coming.comes_on) as changes_on
from in_force
left join coming on in_force.subject_kind = coming.subject_kind and in_force.track = coming.track
left join {{ ref('divisions') }} as divisions on in_force.jurisdiction = divisions.division_code
