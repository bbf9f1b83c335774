{{ config(materialized='ephemeral') }}
-- What cannot have happened to an enterprise before the register says that it was established.
select
    'before_establishment' as rule_code,
    events.dataset,
    events.bureau_code,
    events.period,
    events.submission_id,
    events.row_number,
    events.record_id,
    events.subject_id,
    {{ contract_column('events.dataset', 'record', 'event_date') }} as field,
    events.event_date::text as reported_value,
    enterprises.dataset as other_dataset,
    enterprises.bureau_code as other_bureau_code,
    enterprises.submission_id as other_submission_id,
    enterprises.row_number as other_row_number,
    'established_on' as other_field,
    enterprises.valid_from::text as other_value
from {{ ref('credit_records') }} as events
inner join {{ ref('credit_records') }} as enterprises
    on events.subject_id = enterprises.subject_id and events.event_date < enterprises.valid_from
where
    events.dataset in (
        'honours', 'patent_awards', 'standard_certifications', 'penalties', 'abnormal_patents', 'malicious_trademarks'
    )
    and enterprises.dataset = 'enterprises'
