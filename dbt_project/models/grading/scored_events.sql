{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Records that the policy in force gives points for, with the days on which they count; also those known already that
-- will count later. A bonus counts no longer than the honour itself.
with matched as (
    select
        members.subject_id,
        members.track,
        members.policy_id,
        members.policy_version,
        rules.rule_code,
        rules.is_bonus,
        rules.points,
        rules.cap,
        rules.status as policy_status,
        rules.source_clause,
        records.event_type,
        records.record_id,
        records.is_internal,
        case when rules.is_bonus then coalesce(records.valid_from, records.event_date) else records.event_date end
            as counts_from,
        least(
            {{ last_day_of_period('records.event_date', 'rules.window_months') }},
            case when rules.is_bonus then records.valid_to end
        ) as counts_to
    from {{ ref('track_memberships') }} as members
    inner join {{ policy_in_force('scoring_rules') }} as rules
        on members.policy_id = rules.policy_id and members.policy_version = rules.version
    inner join {{ ref('credit_records') }} as records
        on members.subject_id = records.subject_id and rules.event_type = records.event_type
)

select
    matched.*,
    matched.counts_from <= {{ as_of() }} as is_counted
from matched
where matched.counts_to >= {{ as_of() }}
