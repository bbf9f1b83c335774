{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['record_id'], 'unique': true}],
    pre_hook="{{ delete_touched(ref('touched_keys'), ['record_id']) }}"
) }}
-- Natural keys under which several bureaus have accepted rows in force, and the row that counts: the latest.
with shared as (
    select
        row_states.dataset,
        row_states.natural_key
    from {{ ref('row_states') }} as row_states
    {% if is_incremental() -%}
    inner join {{ ref('touched_keys') }} as touched
        on row_states.dataset = touched.dataset and row_states.natural_key = touched.natural_key
    {% endif -%}
    where row_states.state = 'accepted' and row_states.natural_key is not null
    group by row_states.dataset, row_states.natural_key
    having min(row_states.bureau_code) <> max(row_states.bureau_code)
)

select distinct on (shared.dataset, shared.natural_key)
    shared.dataset,
    shared.natural_key,
    {{ record_id('shared') }} as record_id,
    row_states.submission_id,
    row_states.row_number
from shared
inner join {{ ref('row_states') }} as row_states
    on shared.dataset = row_states.dataset and shared.natural_key = row_states.natural_key
inner join {{ ref('submission_states') }} as states on row_states.submission_id = states.submission_id
where row_states.state = 'accepted'
order by
    shared.dataset asc, shared.natural_key asc,
    row_states.period desc, states.valid_from desc, row_states.submission_id desc, row_states.row_number desc
