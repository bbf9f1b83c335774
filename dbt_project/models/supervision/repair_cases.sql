{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Applications for repair, with the records of the same subject that they name by their document and behaviour: one
-- decision may punish several acts.
with applications as (
    select
        records.record_id as case_id,
        records.subject_id,
        records.division_code,
        records.details ->> 'repair_no' as repair_no,
        records.details ->> 'repaired_document_no' as repaired_document_no,
        records.details ->> 'repaired_behaviour' as repaired_behaviour,
        (records.details ->> 'applied_on')::date as applied_on,
        (records.details ->> 'accepted_on')::date as accepted_on,
        (records.details ->> 'decided_on')::date as decided_on,
        records.details ->> 'repair_result' as repair_result,
        (records.details ->> 'publication_ended_on')::date as publication_ended_on,
        (records.details ->> 'is_corrected')::boolean as is_corrected,
        (records.details ->> 'is_performed')::boolean as is_performed,
        (records.details ->> 'has_commitment')::boolean as has_commitment,
        records.document_no,
        records.authority,
        records.submission_id,
        records.row_number
    from {{ ref('credit_records') }} as records
    where records.dataset = 'repairs'
),

repairable as (
    select distinct event_type
    from {{ ref('repair_rules') }}
    where status <> 'no_rule'
)

select
    applications.*,
    targets.record_id as repaired_record_id,
    targets.event_type as repaired_event_type,
    targets.event_date as repaired_event_date,
    targets.record_id is not null as is_matched,
    -- the last repair of this subject before this one was decided
    max(applications.decided_on) filter (where applications.repair_result = 'granted') over (
        partition by applications.subject_id
        order by applications.decided_on asc nulls first
        range between unbounded preceding and interval '1 day' preceding
    ) as last_repaired_on
from applications
left join {{ ref('case_records') }} as targets
    on
        applications.subject_id = targets.subject_id
        and applications.repaired_document_no = targets.document_key
        and (targets.behaviour_code is null or applications.repaired_behaviour = targets.behaviour_code)
        and targets.event_type in (select repairable.event_type from repairable)
