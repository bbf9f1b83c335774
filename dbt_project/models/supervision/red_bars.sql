{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What keeps a subject off a red list, and on which days: a stay on a negative list, or a heavier penalty still open.
with rules as (
    select * from {{ policy_in_force('list_rules') }} as in_force
    where list_code = 'red' and status <> 'no_rule'
),

negative as (
    select
        subject_id,
        list_code,
        record_id,
        entered_on,
        ends_on
    from {{ ref('dishonest_entries') }}
    union all
    select
        subject_id,
        list_code,
        record_id,
        entered_on,
        ends_on
    from {{ ref('serious_entries') }}
)

select
    negative.subject_id,
    rules.policy_id,
    negative.list_code as reason,
    negative.record_id,
    negative.entered_on as barred_from,
    negative.ends_on as barred_to
from negative
inner join rules on rules.is_barred_by_negative_lists
union all
select
    events.subject_id,
    rules.policy_id,
    events.event_type as reason,
    events.record_id,
    events.event_date as barred_from,
    least({{ last_day_of_period('events.event_date', 'reasons.months') }}, events.repaired_on - 1, events.excluded_on - 1)
        as barred_to
from {{ ref('credit_events') }} as events
inner join {{ policy_in_force('list_entry_events') }} as reasons
    on events.event_type = reasons.event_type and reasons.list_code = 'red' and reasons.effect = 'bars'
inner join rules on reasons.policy_id = rules.policy_id and reasons.version = rules.version
where
    events.event_date <= {{ as_of() }}
    and events.event_date <= coalesce(least(events.repaired_on, events.excluded_on) - 1, 'infinity')
    and events.event_type in (
        select listed.event_type from {{ ref('list_entry_events') }} as listed
        where listed.list_code = 'red' and listed.effect = 'bars'
    )
