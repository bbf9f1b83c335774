{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What happened on the lists, day by day: entry, extension, exit, and the withdrawal of what had been published, each with
-- the decision it rests on. An exit by term or lapse rests on the entry's own rule.
with entries as (
    select * from {{ ref('list_entries') }}
),

freed as (
    select
        recognitions.subject_id,
        recognitions.entered_on,
        string_agg(distinct repairs.document_no, '、' order by repairs.document_no) as document_no,
        string_agg(distinct repairs.authority, '、' order by repairs.authority) as authority
    from {{ ref('dishonest_recognitions') }} as recognitions
    inner join {{ ref('repairs') }} as repairs on recognitions.record_id = repairs.repaired_record_id
    where repairs.state = 'effective'
    group by recognitions.subject_id, recognitions.entered_on
),

events as (
    select
        entries.entry_id,
        'entered' as event_kind,
        entries.entered_on as happened_on,
        entries.rule_code as reason,
        entries.decision_document_no as document_no,
        entries.decided_by,
        entries.legal_basis
    from entries
    union all
    select
        entries.entry_id,
        'extended' as event_kind,
        recognitions.recognised_on as happened_on,
        recognitions.rule_code as reason,
        recognitions.decision_document_no as document_no,
        recognitions.decided_by,
        recognitions.legal_basis
    from entries
    inner join {{ ref('dishonest_recognitions') }} as recognitions
        on
            entries.subject_id = recognitions.subject_id
            and entries.policy_id = recognitions.policy_id
            and entries.entered_on = recognitions.entered_on
    where entries.list_code = 'dishonest' and recognitions.recognised_on > entries.entered_on
    union all
    select
        entries.entry_id,
        kinds.event_kind,
        entries.left_on as happened_on,
        entries.exit_reason as reason,
        case entries.exit_reason when 'repaired' then freed.document_no else entries.decision_document_no end as document_no,
        case entries.exit_reason when 'repaired' then freed.authority else entries.decided_by end as decided_by,
        entries.legal_basis
    from entries
    left join freed
        on
            entries.subject_id = freed.subject_id
            and entries.entered_on = freed.entered_on
            and entries.list_code = 'dishonest'

    cross join lateral (
        values
        ('left', true),
        ('withdrawn', entries.publish_from is not null and entries.exit_reason in ('repaired', 'objection_upheld'))
    ) as kinds (event_kind, applies)
    where entries.left_on is not null and kinds.applies
)

select
    md5(concat_ws('|', events.entry_id, events.event_kind, events.happened_on)) as event_id,
    events.entry_id,
    entries.subject_id,
    entries.list_code,
    entries.jurisdiction,
    events.event_kind,
    events.happened_on,
    events.reason,
    events.document_no,
    events.decided_by,
    events.legal_basis,
    entries.publish_from,
    entries.publish_to,
    entries.policy_id,
    entries.policy_version,
    entries.policy_status
from events
inner join entries on events.entry_id = entries.entry_id
