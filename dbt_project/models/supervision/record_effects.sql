{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['record_id', 'subject_id'], 'unique': true}]) }}
-- What repairs and objections do to a record: from which day it no longer weighs, and on which days it is disputed. Days
-- after the day judged are here, too: who judges compares.
with repaired as (
    select
        cases.repaired_record_id as record_id,
        cases.subject_id,
        min(cases.decided_on) as repaired_on,
        (array_agg(cases.applied_on order by cases.decided_on, cases.applied_on))[1] as repair_applied_on
    from {{ ref('repair_cases') }} as cases
    where
        cases.repair_result = 'granted'
        and cases.repaired_record_id is not null
        and not exists (
            select 1
            from {{ ref('repair_checks') }} as checks
            where
                cases.subject_id = checks.subject_id
                and cases.case_id = checks.case_id
                and cases.repaired_record_id = checks.repaired_record_id
                and not checks.is_met
        )
    group by cases.repaired_record_id, cases.subject_id
),

filed as (
    select
        subject_id,
        details ->> 'disputed_document_no' as disputed_document_no,
        details ->> 'objection_result' as objection_result,
        (details ->> 'filed_on')::date as filed_on,
        (details ->> 'decided_on')::date as decided_on
    from {{ ref('credit_records') }}
    where dataset = 'objections'
),

disputed as (
    select
        targets.record_id,
        filed.subject_id,
        min(filed.filed_on) as disputed_from,
        -- of several the latest end; one still open has none
        case when bool_and(filed.decided_on is not null) then max(filed.decided_on) end as disputed_to,
        min(case when rules.while_open = 'suspend' then filed.filed_on end) as suspended_from,
        case
            when bool_and(filed.decided_on is not null) filter (where rules.while_open = 'suspend')
                then max(filed.decided_on) filter (where rules.while_open = 'suspend')
        end as suspended_to,
        -- from the decision on: the correction has a clock of its own, and nobody gains by its delay
        min(filed.decided_on) filter (
            where
            (filed.objection_result = 'upheld' and rules.when_upheld = 'exclude')
            or (filed.objection_result = 'partly_upheld' and rules.when_partly_upheld = 'exclude')
        ) as excluded_on
    from filed
    inner join {{ ref('case_records') }} as targets
        on
            filed.subject_id = targets.subject_id
            and filed.disputed_document_no = targets.document_key
            and targets.dataset not in ('objections', 'repairs')
    inner join lateral {{ policy_in_force('objection_rules', on_date='filed.filed_on') }} as rules on true
    group by targets.record_id, filed.subject_id
)

select
    coalesce(repaired.record_id, disputed.record_id) as record_id,
    coalesce(repaired.subject_id, disputed.subject_id) as subject_id,
    repaired.repaired_on,
    repaired.repair_applied_on,
    disputed.excluded_on,
    disputed.disputed_from,
    disputed.disputed_to,
    disputed.suspended_from,
    disputed.suspended_to
from repaired
full outer join disputed on repaired.record_id = disputed.record_id and repaired.subject_id = disputed.subject_id
