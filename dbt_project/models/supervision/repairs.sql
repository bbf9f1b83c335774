{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What became of each application and each record it names. A repair granted against its conditions has no effect here:
-- it is named at the gate until the unit has corrected the record or the decision. One revoked never was.
with checked as (
    select
        checks.case_id,
        checks.repaired_record_id,
        bool_and(checks.is_met) as is_borne_out,
        string_agg(checks.condition_code, '、' order by checks.condition_code) filter (where not checks.is_met) as conditions_not_met
    from {{ ref('repair_checks') }} as checks
    group by checks.case_id, checks.repaired_record_id
)

select
    cases.case_id,
    cases.subject_id,
    cases.division_code,
    cases.repair_no,
    cases.repaired_document_no,
    cases.repaired_behaviour,
    cases.repaired_record_id,
    cases.repaired_event_type,
    cases.applied_on,
    cases.accepted_on,
    cases.decided_on,
    cases.repair_result,
    case
        when cases.repair_result is null or cases.decided_on > {{ as_of() }} then 'open'
        when cases.repair_result <> 'granted' then cases.repair_result
        when checked.is_borne_out then 'effective'
        else 'without_effect'
    end as state,
    checked.conditions_not_met,
    case when cases.repair_result = 'granted' and checked.is_borne_out and cases.decided_on <= {{ as_of() }} then cases.decided_on end
        as effective_on,
    cases.publication_ended_on,
    accept_clock.due_on as accept_due_on,
    decide_clock.due_on as decide_due_on,
    withdraw_clock.due_on as withdraw_due_on,
    {{ is_overdue('accept_clock.due_on', 'cases.accepted_on') }} as is_accept_overdue,
    {{ is_overdue('decide_clock.due_on', 'cases.decided_on') }} as is_decide_overdue,
    cases.repair_result = 'granted'
    and {{ is_overdue('withdraw_clock.due_on', 'cases.publication_ended_on') }} as is_withdraw_overdue,
    cases.document_no,
    cases.authority,
    cases.submission_id,
    cases.row_number
from {{ ref('repair_cases') }} as cases
inner join checked
    on cases.case_id = checked.case_id and cases.repaired_record_id is not distinct from checked.repaired_record_id
left join lateral {{ due_by_clock('repair', 'accept', 'cases.applied_on') }} as accept_clock on true
left join lateral {{ due_by_clock('repair', 'decide', 'cases.accepted_on') }} as decide_clock on true
left join lateral {{ due_by_clock('repair', 'withdraw', 'cases.decided_on') }} as withdraw_clock on true
where cases.applied_on <= {{ as_of() }}
