{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Objections of subjects to what is held about them, and their clocks in working days; one row per record they name.
with filed as (
    select
        records.record_id as case_id,
        records.subject_id,
        records.division_code,
        records.details ->> 'objection_no' as objection_no,
        records.details ->> 'disputed_title' as disputed_title,
        records.details ->> 'disputed_document_no' as disputed_document_no,
        (records.details ->> 'filed_on')::date as filed_on,
        (records.details ->> 'accepted_on')::date as accepted_on,
        (records.details ->> 'decided_on')::date as decided_on,
        records.details ->> 'objection_result' as objection_result,
        (records.details ->> 'corrected_on')::date as corrected_on,
        records.document_no,
        records.authority,
        records.submission_id,
        records.row_number
    from {{ ref('credit_records') }} as records
    where records.dataset = 'objections'
)

select
    filed.case_id,
    filed.subject_id,
    filed.division_code,
    filed.objection_no,
    filed.disputed_title,
    filed.disputed_document_no,
    targets.record_id as disputed_record_id,
    filed.filed_on,
    filed.accepted_on,
    filed.decided_on,
    filed.objection_result,
    filed.corrected_on,
    case when filed.decided_on <= {{ as_of() }} then coalesce(filed.objection_result, 'open') else 'open' end as state,
    accept_clock.due_on as accept_due_on,
    decide_clock.due_on as decide_due_on,
    correct_clock.due_on as correct_due_on,
    {{ is_overdue('accept_clock.due_on', 'filed.accepted_on') }} as is_accept_overdue,
    {{ is_overdue('decide_clock.due_on', 'filed.decided_on') }} as is_decide_overdue,
    filed.objection_result in ('upheld', 'partly_upheld')
    and {{ is_overdue('correct_clock.due_on', 'filed.corrected_on') }} as is_correct_overdue,
    decide_clock.due_on is null as is_due_unknown,
    rules.while_open,
    case
        when filed.objection_result = 'upheld' then rules.when_upheld
        when filed.objection_result = 'partly_upheld' then rules.when_partly_upheld
    end as effect,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    filed.document_no,
    filed.authority,
    filed.submission_id,
    filed.row_number
from filed
left join {{ ref('case_records') }} as targets
    on
        filed.subject_id = targets.subject_id
        and filed.disputed_document_no = targets.document_key
        and targets.dataset not in ('objections', 'repairs')
left join lateral {{ policy_in_force('objection_rules', on_date='filed.filed_on') }} as rules on true
left join lateral {{ due_by_clock('objection', 'accept', 'filed.filed_on') }} as accept_clock on true
left join lateral {{ due_by_clock('objection', 'decide', 'filed.filed_on') }} as decide_clock on true
left join lateral {{ due_by_clock('objection', 'correct', 'filed.decided_on') }} as correct_clock on true
where filed.filed_on <= {{ as_of() }}
