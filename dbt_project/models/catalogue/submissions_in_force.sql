{{ config(meta={'distribute_by': 'reference'}) }}
select
    submission_id,
    bureau_code,
    dataset,
    period,
    mode,
    state,
    received_at,
    valid_from,
    rows_received
from {{ source('intake', 'submissions') }}
where
    valid_from <= {{ known_at() }}
    and (valid_to is null or valid_to > {{ known_at() }})
