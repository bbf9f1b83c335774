{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- Who is graded on which track by which policy: everybody who is on the day judged what a policy is for. One legal person
-- may be on several tracks. A city's own track is for its own subjects and stands beside the province's.
with known as (
    select subjects.*
    from {{ ref('subjects') }} as subjects
    {{ join_due('subjects') }}
),

roles as (
    select
        known.subject_id,
        'enterprise' as subject_kind,
        known.first_event_on as holds_from,
        ended.ended_on - 1 as holds_to
    from known
    left join (
        select
            events.subject_id,
            max(events.event_date) as ended_on
        from {{ ref('credit_events') }} as events
        where events.event_type = 'enterprise_ended'
        group by events.subject_id
    ) as ended on known.subject_id = ended.subject_id
    where known.is_enterprise
    union all
    select
        events.subject_id,
        case when events.event_type = 'attorney_registered' then 'attorney' else events.event_value end as subject_kind,
        events.event_date as holds_from,
        events.valid_to as holds_to
    from {{ ref('credit_events') }} as events
    {{ join_due('events') }}
    where events.event_type in ('agency_registered', 'attorney_registered')
)

-- Of two kinds on one track the first by name counts: the agency before its branch.
select distinct on (roles.subject_id, policies.track)
    roles.subject_id,
    policies.track,
    policies.jurisdiction,
    policies.is_provincial,
    roles.subject_kind,
    policies.policy_id,
    policies.policy_version,
    policies.policy_status,
    policies.base_points,
    policies.source_clause,
    least(policies.changes_on, roles.holds_to + 1) as changes_on
from roles
inner join {{ ref('policies_in_force') }} as policies on roles.subject_kind = policies.subject_kind
inner join known on roles.subject_id = known.subject_id
inner join {{ ref('division_scopes') }} as scopes
    on known.division_code = scopes.division_code and policies.jurisdiction = scopes.jurisdiction
where
    -- where a city has no rule there is nothing to show beside the province's
    (policies.is_provincial or policies.policy_status <> 'no_rule')
    and (roles.holds_from is null or roles.holds_from <= {{ as_of() }})
    and (roles.holds_to is null or roles.holds_to >= {{ as_of() }})
order by roles.subject_id, policies.track, roles.subject_kind
