{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['submission_id']}],
    pre_hook="{{ delete_touched(ref('recounted_submissions'), ['submission_id']) }}"
) }}
-- A row with two issues of one dimension is one flawed row of it.
select
    row_issues.submission_id,
    row_issues.dataset,
    row_issues.bureau_code,
    row_issues.period,
    row_issues.dimension,
    count(distinct row_issues.row_number)::integer as flawed_rows
from {{ ref('row_issues') }} as row_issues
{% if is_incremental() -%}
inner join {{ ref('recounted_submissions') }} as recounted on row_issues.submission_id = recounted.submission_id
{% endif -%}
group by row_issues.submission_id, row_issues.dataset, row_issues.bureau_code, row_issues.period, row_issues.dimension
