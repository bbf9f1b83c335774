-- Which subject a row without a code was matched to.
select
    record_id,
    subject_id
from {{ ref('records') }}
where false
