{{ config(materialized='view', meta={'distribute_by': 'subject_id'}) }}
-- What is on record of somebody: by the code in the row, or by the match that stands for it.
select
    records.record_id,
    coalesce(records.subject_id, links.subject_id) as subject_id,
    -- a subject is called what the rows with its code call it
    case when records.subject_id is not null then records.subject_name end as subject_name,
    records.dataset,
    records.catalogue_code,
    records.event_type,
    records.event_value,
    records.behaviour_code,
    records.event_date,
    records.valid_from,
    records.valid_to,
    records.document_no,
    records.amount_yuan,
    records.authority,
    records.division_code,
    records.bureau_code,
    records.period,
    records.submission_id,
    records.row_number,
    records.is_internal,
    records.details
from {{ ref('records') }} as records
left join {{ ref('identity_links') }} as links on records.record_id = links.record_id
where records.subject_id is not null or links.subject_id is not null
