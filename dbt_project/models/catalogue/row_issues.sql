{{ config(
    materialized='incremental',
    meta={'distribute_by': 'submission_id'},
    indexes=[{'columns': ['submission_id', 'row_number']}],
    pre_hook="{{ delete_touched(ref('recounted_submissions'), ['submission_id']) }}"
) }}
select
    row_states.dataset,
    row_states.submission_id,
    row_states.row_number,
    row_states.bureau_code,
    row_states.period,
    row_states.state,
    split_part(issue, ':', 1) as field,
    split_part(issue, ':', 2) as issue_code,
    issue_types.severity,
    issue_types.dimension
from {{ ref('row_states') }} as row_states
{% if is_incremental() -%}
inner join {{ ref('recounted_submissions') }} as recounted on row_states.submission_id = recounted.submission_id
{% endif -%}
cross join lateral unnest(row_states.issues) as issue
left join {{ ref('issue_types') }} as issue_types on split_part(issue, ':', 2) = issue_types.code
