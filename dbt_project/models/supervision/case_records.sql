{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['subject_id']}]) }}
-- What is on record of subjects who applied for a repair or objected: few of all. `document_key` is the number as it is
-- compared: not every dataset has it in the form in which repairs and objections name it.
with cases as materialized (
    select distinct subject_id
    from {{ ref('credit_records') }}
    where dataset in ('objections', 'repairs')
),

-- by number first: the subject of a credit record is computed, and so cannot be looked up
numbers as materialized (
    select records.record_id
    from {{ ref('records') }} as records
    inner join cases on records.subject_id = cases.subject_id
    union
    select links.record_id
    from {{ ref('identity_links') }} as links
    inner join cases on links.subject_id = cases.subject_id
)

select
    credit_records.record_id,
    credit_records.subject_id,
    credit_records.dataset,
    credit_records.event_type,
    credit_records.behaviour_code,
    credit_records.event_date,
    credit_records.valid_to,
    {{ with_bracketed_year('cleaned.document_no') }} as document_key
from {{ ref('credit_records') }} as credit_records
inner join numbers on credit_records.record_id = numbers.record_id
cross join lateral (select {{ clean_code('credit_records.document_no') }} as document_no) as cleaned
