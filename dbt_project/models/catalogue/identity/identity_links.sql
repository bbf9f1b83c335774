{{ config(meta={'distribute_by': 'record_id'}, indexes=[{'columns': ['record_id'], 'unique': true}]) }}
-- Which subject a row without a code counts for: matches applied and confirmed, and no others.
select
    record_id,
    matched_id as subject_id
from {{ ref('identity_matches') }}
where state in ('applied', 'confirmed')
