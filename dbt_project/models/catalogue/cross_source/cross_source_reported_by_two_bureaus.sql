{{ config(materialized='ephemeral') }}
-- The same matter in force from two bureaus. Only one of the rows becomes the record; which is right, the two must settle.
with doubled as (
    select
        shared.record_id,
        row_states.dataset,
        row_states.bureau_code,
        row_states.period,
        row_states.submission_id,
        row_states.row_number
    from {{ ref('shared_keys') }} as shared
    inner join {{ ref('row_states') }} as row_states
        on shared.dataset = row_states.dataset and shared.natural_key = row_states.natural_key
    where row_states.state = 'accepted'
)

select distinct on (doubled.submission_id, doubled.row_number)
    'reported_by_two_bureaus' as rule_code,
    doubled.dataset,
    doubled.bureau_code,
    doubled.period,
    doubled.submission_id,
    doubled.row_number,
    records.record_id,
    records.subject_id,
    '*' as field,
    null::text as reported_value,
    others.dataset as other_dataset,
    others.bureau_code as other_bureau_code,
    others.submission_id as other_submission_id,
    others.row_number as other_row_number,
    '*' as other_field,
    null::text as other_value
from doubled
inner join doubled as others
    on
        doubled.record_id = others.record_id
        and doubled.bureau_code <> others.bureau_code
inner join {{ ref('records') }} as records on doubled.record_id = records.record_id
order by doubled.submission_id asc, doubled.row_number asc, others.bureau_code asc, others.submission_id asc
