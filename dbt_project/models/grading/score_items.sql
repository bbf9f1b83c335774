{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- Every number that makes up a score; their sum is the score exactly. What a cap takes off (or gives back) is an item too.
with members as (
    select memberships.*
    from {{ ref('track_memberships') }} as memberships
    {{ join_due('memberships') }}
    where memberships.policy_status <> 'no_rule'
),

counted as (
    select events.*
    from {{ ref('scored_events') }} as events
    {{ join_due('events') }}
    where events.is_counted
),

items as (
    select
        subject_id,
        track,
        policy_id,
        policy_version,
        1 as item_order,
        'base' as item_kind,
        'base' as rule_code,
        '基础分' as rule_name,
        null as event_type,
        null as record_id,
        null::date as event_date,
        null::date as counts_to,
        false as is_repairable,
        base_points as points,
        false as is_internal,
        policy_status,
        source_clause
    from members
    union all
    select
        members.subject_id,
        members.track,
        members.policy_id,
        members.policy_version,
        2 as item_order,
        'general_class' as item_kind,
        'general_class_' || adjustments.general_class as rule_code,
        '通用信用风险分类调整' as rule_name,
        'general_class' as event_type,
        classes.record_id,
        classes.classified_on as event_date,
        classes.valid_to as counts_to,
        false as is_repairable,
        adjustments.points,
        true as is_internal,
        adjustments.status as policy_status,
        adjustments.source_clause
    from members
    inner join {{ ref('general_classes') }} as classes on members.subject_id = classes.subject_id
    inner join {{ policy_in_force('general_class_adjustments') }} as adjustments
        on
            members.policy_id = adjustments.policy_id
            and members.policy_version = adjustments.version
            and classes.general_class = adjustments.general_class
    union all
    select
        subject_id,
        track,
        policy_id,
        policy_version,
        3 as item_order,
        case when is_bonus then 'bonus' else 'event' end as item_kind,
        rule_code,
        rule_name,
        event_type,
        record_id,
        counts_from as event_date,
        counts_to,
        -- there may be no rule to repair it by: what an agency filed for others is repaired by nobody but these
        stops_on_repair and event_type in (
            select rules.event_type from {{ ref('repair_rules') }} as rules
            where rules.status <> 'no_rule'
        ) as is_repairable,
        points,
        is_internal,
        policy_status,
        source_clause
    from counted
    union all
    select
        subject_id,
        track,
        policy_id,
        policy_version,
        4 as item_order,
        'cap' as item_kind,
        rule_code,
        min(rule_name) as rule_name,
        null as event_type,
        null as record_id,
        null as event_date,
        null as counts_to,
        false as is_repairable,
        min(cap) - sum(points) as points,
        is_internal,
        min(policy_status) as policy_status,
        min(source_clause) as source_clause
    from counted
    group by subject_id, track, policy_id, policy_version, rule_code, is_internal
    having abs(sum(points)) > abs(min(cap))
)

select
    subject_id,
    track,
    policy_id,
    policy_version,
    row_number() over (
        partition by subject_id, track
        order by item_order, rule_code, event_date, record_id
    )::integer as item_no,
    rule_code,
    rule_name,
    item_kind,
    event_type,
    record_id,
    event_date,
    counts_to,
    is_repairable,
    points::numeric(6, 2) as points,
    is_internal,
    policy_status,
    source_clause
from items
