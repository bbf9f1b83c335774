{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- Records that the policy in force gives points for, with the days on which they count; also those known already that
-- will count later. A bonus counts no longer than the honour itself, a deduction no longer than until it is repaired.
with members as (
    select memberships.*
    from {{ ref('track_memberships') }} as memberships
    {{ join_due('memberships') }}
),

matched as (
    select
        members.subject_id,
        members.track,
        members.policy_id,
        members.policy_version,
        rules.rule_code,
        rules.rule_name,
        rules.is_bonus,
        rules.stops_on_repair,
        rules.points,
        rules.cap,
        rules.status as policy_status,
        rules.source_clause,
        events.event_type,
        events.record_id,
        events.is_internal,
        events.suspended_from,
        events.suspended_to,
        case when rules.is_bonus then coalesce(events.valid_from, events.event_date) else events.event_date end as counts_from,
        least(
            {{ last_day_of_period('events.event_date', 'rules.window_months') }},
            case when rules.is_bonus then events.valid_to end,
            case when rules.stops_on_repair then events.repaired_on - 1 end,
            events.excluded_on - 1
        ) as counts_to
    from members
    inner join {{ policy_in_force('scoring_rules') }} as rules
        on members.policy_id = rules.policy_id and members.policy_version = rules.version
    inner join {{ ref('credit_events') }} as events
        on members.subject_id = events.subject_id and rules.event_type = events.event_type
)

select
    matched.*,
    matched.counts_from <= {{ as_of() }} and {{ not_suspended('matched') }} as is_counted
from matched
where matched.counts_to >= {{ as_of() }} and matched.counts_to >= matched.counts_from
