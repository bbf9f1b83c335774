{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['record_id'], 'unique': true}],
    pre_hook="{{ delete_touched(ref('touched_keys'), ['record_id']) }}"
) }}
-- Natural keys under which several bureaus have accepted rows in force.
select
    row_states.dataset,
    row_states.natural_key,
    {{ record_id('row_states') }} as record_id
from {{ ref('row_states') }} as row_states
{% if is_incremental() -%}
inner join {{ ref('touched_keys') }} as touched
    on row_states.dataset = touched.dataset and row_states.natural_key = touched.natural_key
{% endif -%}
where row_states.state = 'accepted' and row_states.natural_key is not null
group by row_states.dataset, row_states.natural_key
having min(row_states.bureau_code) <> max(row_states.bureau_code)
