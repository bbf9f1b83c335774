{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What partners and the public were told and must be told again: a record or an entry that a repair or an upheld objection
-- has ended, and since when.
select
    events.record_id as withdrawn_id,
    'record' as withdrawn_kind,
    events.subject_id,
    least(events.repaired_on, events.excluded_on) as withdrawn_on,
    case when events.excluded_on <= coalesce(events.repaired_on, 'infinity') then 'objection_upheld' else 'repaired' end as reason,
    events.document_no
from {{ ref('credit_events') }} as events
where not events.is_internal and not events.is_as_agency and least(events.repaired_on, events.excluded_on) <= {{ as_of() }}
union all
select
    entries.entry_id as withdrawn_id,
    'list_entry' as withdrawn_kind,
    entries.subject_id,
    entries.left_on as withdrawn_on,
    entries.exit_reason as reason,
    entries.decision_document_no as document_no
from {{ ref('list_entries') }} as entries
where entries.exit_reason in ('repaired', 'objection_upheld')
