{{ config(materialized='view') }}
select
    dataset,
    submission_id,
    row_number,
    bureau_code,
    period,
    field,
    issue_code,
    severity,
    dimension
from {{ ref('row_issues') }}
where state = 'rejected'
