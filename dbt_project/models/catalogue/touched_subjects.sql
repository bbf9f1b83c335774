{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['subject_id'], 'unique': true}]
) }}
-- Subjects of touched records as these were; `known_names` and `subjects` add those of the records as they are.
{% if is_incremental() %}
select old.subject_id
from {{ as_left('records') }} as old
inner join {{ ref('touched_keys') }} as touched on old.record_id = touched.record_id
where old.subject_id is not null
union
select links.subject_id
from {{ as_left('applied_links') }} as links
inner join {{ ref('touched_keys') }} as touched on links.record_id = touched.record_id
except
select subject_id from {{ this }}
{% else %}
select null::text as subject_id
from {{ ref('touched_keys') }}
where false
{% endif %}
