{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['record_id'], 'unique': true}, {'columns': ['dataset']}]
) }}
-- Natural keys of rows of touched submissions: those they had, which may have disappeared since, and those they have.
with found as (
    {% if is_incremental() -%}
    select
        old.dataset,
        old.natural_key
    from {{ as_left('row_states') }} as old
    inner join {{ ref('touched_submissions') }} as touched on old.submission_id = touched.submission_id
    where old.natural_key is not null
    {% endif -%}
    {% for dataset in var('datasets') -%}
    {% if is_incremental() or not loop.first %}union{% endif %}
    select
        staged.dataset,
        staged.natural_key
    from {{ ref('stg_' ~ dataset) }} as staged
    inner join {{ ref('touched_submissions') }} as touched on staged.submission_id = touched.submission_id
    where touched.dataset = '{{ dataset }}' and staged.natural_key is not null
    {% endfor %}
)

select
    found.dataset,
    found.natural_key,
    {{ record_id('found') }} as record_id
from found
{% if is_incremental() %}
where not exists (select 1 from {{ this }} as noted where noted.record_id = {{ record_id('found') }})
{% endif %}
