{{ config(
    materialized='incremental',
    meta={'distribute_by': 'submission_id'},
    indexes=[{'columns': ['submission_id', 'row_number'], 'unique': true}, {'columns': ['natural_key'], 'type': 'hash'}],
    pre_hook=[
        "{{ delete_touched(ref('touched_submissions'), ['submission_id']) }}",
        "{{ delete_touched(ref('touched_keys'), ['dataset', 'natural_key']) }}",
    ]
) }}
-- Every row of every submission that was in force at some time up to known_at, in exactly one state. What a row's state
-- is depends on the rows of its natural key alone; rows without one go with their submission.
with staged as (
    {% for dataset in var('datasets') -%}
    {% for chosen in (['keyed', 'keyless'] if is_incremental() else ['all']) -%}
    select
        staged.dataset,
        staged.submission_id,
        staged.row_number,
        staged.bureau_code,
        staged.period,
        staged.natural_key,
        staged.is_accepted,
        staged.issues
    from {{ ref('stg_' ~ dataset) }} as staged
    {% if chosen == 'keyed' -%}
    inner join {{ ref('touched_keys') }} as touched on staged.natural_key = touched.natural_key
    where touched.dataset = '{{ dataset }}'
    {% elif chosen == 'keyless' -%}
    inner join {{ ref('touched_submissions') }} as touched on staged.submission_id = touched.submission_id
    where touched.dataset = '{{ dataset }}' and staged.natural_key is null
    {% endif -%}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

known as (
    select
        staged.*,
        states.is_in_force,
        row_number() over (
            partition by staged.bureau_code, staged.dataset, staged.natural_key
            order by staged.period desc, states.valid_from desc, staged.submission_id desc, staged.row_number desc
        ) as recency
    from staged
    inner join {{ ref('submission_states') }} as states on staged.submission_id = states.submission_id
),

compared as (
    select
        known.*,
        min(known.recency) filter (where known.is_in_force and known.is_accepted) over (
            partition by known.bureau_code, known.dataset, known.natural_key
        ) as recency_in_force
    from known
)

select
    dataset,
    submission_id,
    row_number,
    bureau_code,
    period,
    natural_key,
    case
        when not is_in_force then 'superseded'
        -- an accepted row of the same natural key came later; rows without a key supersede nothing
        when natural_key is not null and recency > recency_in_force then 'superseded'
        when is_accepted then 'accepted'
        else 'rejected'
    end as state,
    issues
from compared
