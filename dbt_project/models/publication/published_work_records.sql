-- What is on record of nobody: datasets about events and measures, and rows without a code that are matched to no subject.
select
    '{{ release_id() }}'::text as release_id,
    r.record_id,
    r.dataset,
    r.catalogue_code,
    r.event_type,
    r.event_value,
    r.behaviour_code,
    r.event_date,
    r.valid_from,
    r.valid_to,
    r.document_no,
    r.amount_yuan,
    r.authority,
    r.division_code,
    r.bureau_code,
    r.period,
    r.submission_id,
    r.row_number,
    r.details
from {{ ref('records') }} as r
left join {{ ref('identity_links') }} as l on r.record_id = l.record_id
where r.subject_id is null and l.subject_id is null and not r.is_internal
