{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Who is graded on which track by which policy. One legal person may be both an enterprise and an agency.
select
    subjects.subject_id,
    policies.track,
    policies.policy_id,
    policies.policy_version,
    policies.policy_status,
    policies.base_points,
    policies.source_clause,
    policies.changes_on
from {{ ref('subjects') }} as subjects
inner join {{ ref('policies_in_force') }} as policies
    on
        (subjects.is_enterprise and policies.subject_kind = 'enterprise')
        or (subjects.is_agency and subjects.agency_kind = policies.subject_kind)
where subjects.first_event_on is null or subjects.first_event_on <= {{ as_of() }}
