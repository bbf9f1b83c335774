-- Of every entry on a list that we make public: whether the public may read it on the day judged, how it is written there,
-- and what has to happen by when. The serious list is not ours to publish and has no rows.
with rules as (
    select * from {{ policy_in_force('publication_rules') }} as in_force
    where is_public and status <> 'no_rule'
),

entries as (
    select
        listed.*,
        subjects.subject_name,
        subjects.division_code,
        -- GB 32100-2015: class 92 of the code is a sole trader, whose business is often called by the owner's name
        case
            when subjects.id_kind = 'person' then 'person'
            when listed.subject_id like '92%' then 'sole_trader'
            else 'legal_person'
        end as party_kind,
        case
            when listed.state = 'ended' or listed.publish_to < {{ as_of() }} then 'ended'
            when listed.publish_from > {{ as_of() }} then 'not_yet'
            when listed.is_shown then 'public'
            else 'suspended'
        end as publication_state
    from {{ ref('list_entries') }} as listed
    inner join {{ ref('subjects') }} as subjects on listed.subject_id = subjects.subject_id
    where listed.publish_from is not null
),

withdrawn as (
    select
        entry_id,
        case publication_state when 'ended' then coalesce(exit_reason, 'term_ended') when 'suspended' then 'suspended' end
            as withdraw_reason,
        case publication_state when 'ended' then coalesce(left_on, publish_to + 1) when 'suspended' then {{ as_of() }} end
            as withdraw_from
    from entries
)

select
    '{{ release_id() }}'::text as release_id,
    e.entry_id,
    e.subject_id,
    e.division_code,
    e.list_code,
    e.jurisdiction,
    d.level = 'province' as is_provincial,
    e.party_kind,
    coalesce({{ as_shown('e.subject_name', 'name_mask') }}, '（名称不公示）') as public_name,
    {{ as_shown('e.subject_id', 'code_mask') }} as public_code,
    e.publication_state,
    e.publish_from,
    e.publish_to,
    publish_clock.due_on as publish_due_on,
    coalesce(behaviours.behaviour_name, event_types.title) as matter,
    e.decision_document_no as document_no,
    e.decided_by as authority,
    e.legal_basis,
    e.is_disputed,
    w.withdraw_reason,
    w.withdraw_from,
    case
        -- whoever shows it has been told its last day
        when w.withdraw_reason in ('term_ended', 'honour_lapsed') then w.withdraw_from
        when w.withdraw_reason = 'repaired' then repair_clock.due_on
        when w.withdraw_reason = 'objection_upheld' then correct_clock.due_on
        else withdraw_clock.due_on
    end as withdraw_due_on,
    events.document_no as withdraw_document_no,
    events.decided_by as withdraw_authority,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    e.as_of
from entries as e
inner join rules on e.list_code = rules.list_code
inner join withdrawn as w on e.entry_id = w.entry_id
left join {{ ref('divisions') }} as d on e.jurisdiction = d.division_code
left join {{ policy_in_force('publication_masks') }} as name_mask
    on e.party_kind = name_mask.party_kind and name_mask.item = 'name'
left join {{ policy_in_force('publication_masks') }} as code_mask
    on e.party_kind = code_mask.party_kind and code_mask.item = 'code'
left join {{ ref('credit_records') }} as records on e.record_id = records.record_id and e.subject_id = records.subject_id
left join {{ ref('event_types') }} as event_types on e.rule_code = event_types.event_type
left join {{ policy_in_force('behaviours') }} as behaviours on records.behaviour_code = behaviours.behaviour_code
left join {{ ref('list_events') }} as events on e.entry_id = events.entry_id and events.event_kind = 'left'
left join lateral {{ due_in_working_days('e.entered_on', 'rules.publish_within_working_days') }} as publish_clock on true
left join lateral {{ due_in_working_days('w.withdraw_from', 'rules.withdraw_within_working_days') }} as withdraw_clock
    on true
left join lateral {{ due_by_clock('repair', 'withdraw', 'w.withdraw_from') }} as repair_clock on true
left join lateral {{ due_by_clock('objection', 'correct', 'w.withdraw_from') }} as correct_clock on true
