{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id']}, {'columns': ['event_type']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- Records that some policy gives weight to, with what repairs and objections have done to them. Nothing here depends on
-- the day judged. What an agency filed for others is an event of its own, of another type.
-- depends_on: {{ ref('records') }}, {{ ref('identity_links') }}
with weighed as (
    select rules.event_type from {{ ref('scoring_rules') }} as rules
    union
    select listed.event_type from {{ ref('list_entry_events') }} as listed
    union
    select overrides.condition_code from {{ ref('override_rules') }} as overrides
    where overrides.condition_kind = 'event'
    union
    -- what a subject is, and in which general class
    select unnest(array['general_class', 'agency_registered', 'attorney_registered'])
),
{% if is_incremental() %}
-- by number first: the subject of a credit record is computed, and so cannot be looked up
due_records as (
    select records.record_id
    from {{ ref('records') }} as records
    inner join {{ ref('due_subjects') }} as due on records.subject_id = due.subject_id
    union
    select links.record_id
    from {{ ref('identity_links') }} as links
    inner join {{ ref('due_subjects') }} as due on links.subject_id = due.subject_id
    union
    select agencies.record_id
    from {{ ref('record_agencies') }} as agencies
    inner join {{ ref('due_subjects') }} as due on agencies.agency_id = due.subject_id
),
{% endif %}
found as (
    select credit_records.*
    from {{ ref('credit_records') }} as credit_records
    {% if is_incremental() -%}
    inner join due_records on credit_records.record_id = due_records.record_id
    {% endif %}
),

attributed as (
    select
        found.record_id,
        found.subject_id,
        found.dataset,
        found.event_type,
        found.event_value,
        found.behaviour_code,
        found.event_date,
        found.valid_from,
        found.valid_to,
        found.document_no,
        found.authority,
        found.division_code,
        found.submission_id,
        found.row_number,
        found.is_internal,
        false as is_as_agency
    from found
    inner join weighed on found.event_type = weighed.event_type
    union all
    -- Of the register of enterprises only the end counts; whose licence was revoked exists until it is deregistered.
    select
        found.record_id,
        found.subject_id,
        found.dataset,
        'enterprise_ended' as event_type,
        found.event_value,
        found.behaviour_code,
        (found.details ->> 'deregistered_on')::date as event_date,
        (found.details ->> 'deregistered_on')::date as valid_from,
        null as valid_to,
        found.document_no,
        found.authority,
        found.division_code,
        found.submission_id,
        found.row_number,
        found.is_internal,
        false as is_as_agency
    from found
    where
        found.event_type = 'enterprise_registered'
        and found.event_value = 'cancelled'
        and found.details ? 'deregistered_on'
    union all
    select
        found.record_id,
        agencies.agency_id,
        found.dataset,
        'agency_' || found.event_type as event_type,
        found.event_value,
        found.behaviour_code,
        found.event_date,
        found.valid_from,
        found.valid_to,
        found.document_no,
        found.authority,
        found.division_code,
        found.submission_id,
        found.row_number,
        found.is_internal,
        true as is_as_agency
    from found
    inner join {{ ref('record_agencies') }} as agencies on found.record_id = agencies.record_id
)

select
    attributed.*,
    repairs.repaired_on,
    repairs.repair_applied_on,
    objections.excluded_on,
    objections.disputed_from,
    objections.disputed_to,
    objections.suspended_from,
    objections.suspended_to
from attributed
-- a repair is its applicant's; an objection is about the record, whoever it weighs on
left join {{ ref('repair_effects') }} as repairs
    on attributed.record_id = repairs.record_id and attributed.subject_id = repairs.subject_id
left join {{ ref('objection_effects') }} as objections on attributed.record_id = objections.record_id
{% if is_incremental() -%}
inner join {{ ref('due_subjects') }} as due on attributed.subject_id = due.subject_id
{% endif %}
