{{ config(meta={'distribute_by': 'subject_id'}) }}
-- The latest general risk class of each subject on the day judged. Internal: never published.
select distinct on (subject_id)
    subject_id,
    event_value as general_class,
    record_id,
    event_date as classified_on,
    valid_to
from {{ ref('credit_records') }}
where
    event_type = 'general_class'
    and event_date <= {{ as_of() }}
    and (valid_to is null or valid_to >= {{ as_of() }})
order by subject_id asc, event_date desc, record_id asc
