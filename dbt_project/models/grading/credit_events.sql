{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['subject_id']}]) }}
-- Records that some policy gives weight to, with what repairs and objections have done to them. Nothing here depends on
-- the day judged.
select
    records.record_id,
    records.subject_id,
    records.dataset,
    records.event_type,
    records.event_value,
    records.behaviour_code,
    records.event_date,
    records.valid_from,
    records.valid_to,
    records.document_no,
    records.authority,
    records.division_code,
    records.submission_id,
    records.row_number,
    records.is_internal,
    effects.repaired_on,
    effects.excluded_on,
    effects.disputed_from,
    effects.disputed_to,
    effects.suspended_from,
    effects.suspended_to
from {{ ref('credit_records') }} as records
left join {{ ref('record_effects') }} as effects on records.record_id = effects.record_id
where
    records.event_type = 'general_class'
    or records.event_type in (
        select rules.event_type from {{ ref('scoring_rules') }} as rules
        union
        select listed.event_type from {{ ref('list_entry_events') }} as listed
        union
        select overrides.condition_code from {{ ref('override_rules') }} as overrides
        where overrides.condition_kind = 'event'
    )
