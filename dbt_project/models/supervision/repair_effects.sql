{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['record_id', 'subject_id'], 'unique': true}]) }}
-- What repairs do to a record of the subject who applied: from which day it no longer weighs. Days after the day judged are
-- here, too: who judges compares.
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
