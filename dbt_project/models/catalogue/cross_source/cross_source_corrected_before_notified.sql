{{ config(materialized='ephemeral') }}
-- An application that is told to be withdrawn or corrected, and was notified as abnormal later in another batch.
with notices as (
    select
        records.*,
        records.details ->> 'application_no' as application_no,
        (records.details ->> 'notified_on')::date as notified_on,
        (records.details ->> 'corrected_on')::date as corrected_on
    from {{ ref('records') }} as records
    where records.dataset = 'abnormal_patents'
)

select distinct on (corrected.record_id)
    'corrected_before_notified' as rule_code,
    corrected.dataset,
    corrected.bureau_code,
    corrected.period,
    corrected.submission_id,
    corrected.row_number,
    corrected.record_id,
    corrected.subject_id,
    'corrected_on' as field,
    corrected.corrected_on::text as reported_value,
    notified.dataset as other_dataset,
    notified.bureau_code as other_bureau_code,
    notified.submission_id as other_submission_id,
    notified.row_number as other_row_number,
    'notified_on' as other_field,
    notified.notified_on::text as other_value
from notices as corrected
inner join notices as notified
    on
        corrected.application_no = notified.application_no
        and corrected.record_id <> notified.record_id
        and corrected.corrected_on < notified.notified_on
order by corrected.record_id asc, notified.notified_on desc, notified.record_id asc
