{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['subject_id'], 'unique': true}]
) }}
-- Whose records have changed since grading last came to its end: touched_subjects, kept beyond the catalogue's own build.
-- depends_on: {{ ref('subjects') }} (which adds the subjects of the records as they are)
select touched.subject_id
from {{ ref('touched_subjects') }} as touched
{% if is_incremental() %}
where not exists (select 1 from {{ this }} as noted where noted.subject_id = touched.subject_id)
{% endif %}
