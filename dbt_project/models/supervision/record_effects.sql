{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['record_id'], 'unique': true}]) }}
-- What repairs and objections do to a record: from which day it no longer weighs, and on which days it is disputed.
select
    records.record_id,
    records.subject_id,
    null::date as repaired_on,
    null::date as excluded_on,
    null::date as disputed_from,
    null::date as disputed_to,
    null::date as suspended_from,
    null::date as suspended_to
from {{ ref('credit_records') }} as records
where false
