{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['submission_id']}],
    pre_hook="{{ delete_touched(ref('recounted_submissions'), ['submission_id']) }}"
) }}
select
    row_issues.submission_id,
    row_issues.dataset,
    row_issues.bureau_code,
    row_issues.period,
    row_issues.state,
    row_issues.field,
    row_issues.issue_code,
    row_issues.severity,
    row_issues.dimension,
    count(*)::integer as row_count
from {{ ref('row_issues') }} as row_issues
{% if is_incremental() -%}
inner join {{ ref('recounted_submissions') }} as recounted on row_issues.submission_id = recounted.submission_id
{% endif -%}
group by
    row_issues.submission_id, row_issues.dataset, row_issues.bureau_code, row_issues.period,
    row_issues.state, row_issues.field, row_issues.issue_code, row_issues.severity, row_issues.dimension
