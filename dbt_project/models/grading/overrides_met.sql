{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- Conditions that limit a grade whatever the score; the first by priority decides.
with rules as (
    select * from {{ policy_in_force('override_rules') }} as in_force
),

conditions as (
    select
        entries.subject_id,
        'list' as condition_kind,
        entries.list_code as condition_code,
        entries.entered_on as holds_from,
        entries.ends_on as holds_to
    from {{ ref('list_entries') }} as entries
    {{ join_due('entries') }}
    where entries.state = 'active'
    union all
    select
        events.subject_id,
        'event' as condition_kind,
        events.event_type as condition_code,
        events.event_date as holds_from,
        null as holds_to
    from {{ ref('credit_events') }} as events
    {{ join_due('events') }}
    where
        events.event_date <= {{ as_of() }}
        and (events.excluded_on is null or events.excluded_on > {{ as_of() }})
        and {{ not_suspended('events') }}
        and events.event_type in (
            select rules.condition_code
            from rules
            where rules.condition_kind = 'event'
        )
),

met as (
    select
        members.subject_id,
        members.track,
        members.policy_id,
        members.policy_version,
        rules.override_code,
        rules.priority,
        rules.force_grade,
        rules.max_grade,
        coalesce(
            conditions.holds_to, {{ last_day_of_period('conditions.holds_from', 'rules.window_months') }}
        ) as holds_to
    from {{ ref('track_memberships') }} as members
    inner join rules on members.policy_id = rules.policy_id and members.policy_version = rules.version
    inner join conditions
        on
            members.subject_id = conditions.subject_id
            and rules.condition_kind = conditions.condition_kind
            and rules.condition_code = conditions.condition_code
)

select
    subject_id,
    track,
    policy_id,
    policy_version,
    override_code,
    priority,
    force_grade,
    max_grade,
    -- The latest, unless one has no end.
    case when bool_and(holds_to is not null) then max(holds_to) end as holds_to
from met
where holds_to is null or holds_to >= {{ as_of() }}
group by 1, 2, 3, 4, 5, 6, 7, 8
