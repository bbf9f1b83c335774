{{ config(meta={'distribute_by': 'subject_id'}, pre_hook="set local enable_nestloop = off") }}
-- Honours that qualify for a red list in force on the day judged, and the days on which they do. A city's rule stands
-- beside the province's and holds for its own subjects only. No list reaches back before its first rule. The planner takes
-- the honours for few, and would hold each against all scopes.
with established as (
    select
        policy_id,
        min(effective_from) as established_on
    from {{ ref('list_rules') }}
    where status <> 'no_rule' and recorded_on <= {{ known_day() }}
    group by policy_id
)

select
    events.subject_id,
    rules.jurisdiction,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    rules.is_published,
    reasons.event_type as rule_code,
    reasons.source_clause as legal_basis,
    events.record_id,
    events.event_date,
    events.document_no,
    events.authority,
    greatest(coalesce(events.valid_from, events.event_date), established.established_on) as qualifies_from,
    least(events.valid_to, events.excluded_on - 1) as qualifies_to,
    events.disputed_from is not null and daterange(events.disputed_from, events.disputed_to, '[]') @> {{ as_of() }} as is_disputed
from {{ ref('credit_events') }} as events
inner join {{ policy_in_force('list_entry_events') }} as reasons
    on events.event_type = reasons.event_type and reasons.list_code = 'red' and reasons.effect = 'enters'
inner join {{ policy_in_force('list_rules') }} as rules
    on reasons.policy_id = rules.policy_id and reasons.version = rules.version and rules.status <> 'no_rule'
inner join established on rules.policy_id = established.policy_id
inner join {{ ref('subjects') }} as subjects on events.subject_id = subjects.subject_id
inner join {{ ref('division_scopes') }} as scopes
    on subjects.division_code = scopes.division_code and rules.jurisdiction = scopes.jurisdiction
where
    coalesce(events.valid_from, events.event_date) <= {{ as_of() }}
    and events.event_type in (
        select listed.event_type from {{ ref('list_entry_events') }} as listed
        where listed.list_code = 'red' and listed.effect = 'enters'
    )
    and coalesce(least(events.valid_to, events.excluded_on - 1), 'infinity')
    >= greatest(coalesce(events.valid_from, events.event_date), established.established_on)
