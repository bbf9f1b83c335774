{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['submission_id'], 'unique': true}]
) }}
-- Submissions that came, left, gained or lost their force or were judged anew since the last build that came to its end.
{% if is_incremental() %}
select
    coalesce(states.submission_id, applied.submission_id) as submission_id,
    coalesce(states.dataset, applied.dataset) as dataset
from {{ ref('submission_states') }} as states
full outer join {{ as_left('applied_submissions') }} as applied on states.submission_id = applied.submission_id
where
    (states.submission_id, states.bureau_code, states.period, states.valid_from, states.is_in_force, states.contract_hash)
    is distinct from
    (applied.submission_id, applied.bureau_code, applied.period, applied.valid_from, applied.is_in_force, applied.contract_hash)
    and not exists (
        select 1 from {{ this }} as noted where noted.submission_id = coalesce(states.submission_id, applied.submission_id)
    )
{% else %}
-- A first build takes everything without asking.
select
    submission_id,
    dataset
from {{ ref('submission_states') }}
where false
{% endif %}
