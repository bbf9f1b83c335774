{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Heavier penalties for acts that may lead to the serious list: a hint to the authority that keeps it, which alone decides.
-- Nobody is put on that list here.
select distinct on (events.record_id)
    events.record_id,
    events.subject_id,
    rules.list_code,
    rules.jurisdiction,
    rules.policy_id,
    rules.version as policy_version,
    events.event_type,
    events.behaviour_code,
    events.event_date,
    events.document_no,
    events.authority,
    reasons.source_clause,
    exists(
        select 1
        from {{ ref('list_entries') }} as entries
        where events.subject_id = entries.subject_id and entries.list_code = 'serious' and entries.state = 'active'
    ) as is_listed
from {{ ref('credit_events') }} as events
inner join {{ policy_in_force('list_entry_events') }} as reasons
    on
        events.event_type = reasons.event_type
        and events.behaviour_code = reasons.behaviour_code
        and reasons.list_code = 'serious'
        and reasons.effect = 'proposes'
inner join {{ policy_in_force('list_rules') }} as rules
    on reasons.policy_id = rules.policy_id and reasons.version = rules.version and rules.status <> 'no_rule'
where
    events.event_date <= {{ as_of() }}
    and {{ last_day_of_period('events.event_date', 'reasons.months') }} >= {{ as_of() }}
    and coalesce(events.excluded_on, 'infinity') > {{ as_of() }}
    and events.event_type in (
        select listed.event_type
        from {{ ref('list_entry_events') }} as listed
        where listed.effect = 'proposes'
    )
order by events.record_id, reasons.source_clause
