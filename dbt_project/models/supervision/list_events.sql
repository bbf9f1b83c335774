{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What happened on the lists, day by day: entry, extension, exit, and the withdrawal of what had been published, each with
-- the decision it rests on. An exit by term or lapse rests on the entry's own decision, any other on what ended it.
with entries as (
    select * from {{ ref('list_entries') }}
),

freed as (
    select
        repaired_record_id as record_id,
        'repaired' as exit_reason,
        document_no,
        authority
    from {{ ref('repairs') }}
    where state = 'effective'
    union all
    select
        disputed_record_id as record_id,
        'objection_upheld' as exit_reason,
        document_no,
        authority
    from {{ ref('objections') }}
    where effect = 'exclude' and state <> 'open'
),

endings as (
    select
        entries.entry_id,
        freed.document_no,
        freed.authority
    from entries
    inner join {{ ref('dishonest_recognitions') }} as recognitions
        on
            entries.subject_id = recognitions.subject_id
            and entries.policy_id = recognitions.policy_id
            and entries.entered_on = recognitions.entered_on
    inner join freed on recognitions.record_id = freed.record_id and entries.exit_reason = freed.exit_reason
    union all
    select
        entries.entry_id,
        barring.document_no,
        barring.authority
    from entries
    inner join {{ ref('red_bars') }} as bars
        on
            entries.subject_id = bars.subject_id
            and entries.policy_id = bars.policy_id
            and entries.left_on = bars.barred_from
    inner join {{ ref('credit_events') }} as barring
        on bars.record_id = barring.record_id and bars.subject_id = barring.subject_id
    where entries.exit_reason = 'negative_record'
),

ending_decisions as (
    select
        endings.entry_id,
        string_agg(distinct endings.document_no, '、' order by endings.document_no) as document_no,
        string_agg(distinct endings.authority, '、' order by endings.authority) as authority
    from endings
    group by endings.entry_id
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
        case
            when entries.exit_reason in ('repaired', 'objection_upheld', 'negative_record') then ending_decisions.document_no
            else entries.decision_document_no
        end as document_no,
        case
            when entries.exit_reason in ('repaired', 'objection_upheld', 'negative_record') then ending_decisions.authority
            else entries.decided_by
        end as decided_by,
        entries.legal_basis
    from entries
    left join ending_decisions on entries.entry_id = ending_decisions.entry_id

    cross join
        lateral (
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
