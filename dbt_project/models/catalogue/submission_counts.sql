{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['submission_id'], 'unique': true}],
    pre_hook="{{ delete_touched(ref('recounted_submissions'), ['submission_id']) }}"
) }}
select
    row_states.submission_id,
    row_states.dataset,
    row_states.bureau_code,
    row_states.period,
    count(*) filter (where row_states.state = 'accepted')::integer as rows_accepted,
    count(*) filter (where row_states.state = 'rejected')::integer as rows_rejected,
    count(*) filter (where row_states.state = 'superseded')::integer as rows_superseded
from {{ ref('row_states') }} as row_states
{% if is_incremental() -%}
inner join {{ ref('recounted_submissions') }} as recounted on row_states.submission_id = recounted.submission_id
{% endif -%}
group by row_states.submission_id, row_states.dataset, row_states.bureau_code, row_states.period
