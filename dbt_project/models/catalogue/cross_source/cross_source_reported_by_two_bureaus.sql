{{ config(materialized='ephemeral') }}
-- The same matter in force from two bureaus. Only one of the rows becomes the record; which is right, the two must settle.
with accepted as (
    select
        dataset,
        natural_key,
        bureau_code,
        period,
        submission_id,
        row_number
    from {{ ref('row_states') }}
    where state = 'accepted' and natural_key is not null
),

shared as (
    select
        dataset,
        natural_key
    from accepted
    group by dataset, natural_key
    having min(bureau_code) <> max(bureau_code)
),

doubled as (
    select accepted.*
    from shared
    inner join accepted on shared.dataset = accepted.dataset and shared.natural_key = accepted.natural_key
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
        doubled.dataset = others.dataset
        and doubled.natural_key = others.natural_key
        and doubled.bureau_code <> others.bureau_code
inner join {{ ref('records') }} as records on md5(doubled.dataset || '|' || doubled.natural_key) = records.record_id
order by doubled.submission_id asc, doubled.row_number asc, others.bureau_code asc, others.submission_id asc
