{{ config(meta={'distribute_by': 'record_id'}) }}
-- The links that `subjects` was last made by.
-- depends_on: {{ ref('subjects') }}
select
    record_id,
    subject_id
from {{ ref('identity_links') }}
