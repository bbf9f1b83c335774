{{ config(meta={'distribute_by': 'submission_id'}, indexes=[{'columns': ['submission_id', 'row_number'], 'unique': true}]) }}
-- Every row of every submission that was in force at some time up to known_at, in exactly one state.
with staged as (
    {% for dataset in var('datasets') -%}
    select
        dataset,
        submission_id,
        row_number,
        bureau_code,
        period,
        natural_key,
        is_accepted,
        issues
    from {{ ref('stg_' ~ dataset) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

known as (
    select
        staged.*,
        in_force.submission_id is not null as is_in_force,
        row_number() over (
            partition by staged.bureau_code, staged.dataset, staged.natural_key
            order by staged.period desc, submissions.valid_from desc, staged.submission_id desc, staged.row_number desc
        ) as recency
    from staged
    inner join {{ source('intake', 'submissions') }} as submissions on staged.submission_id = submissions.submission_id
    left join {{ ref('submissions_in_force') }} as in_force on staged.submission_id = in_force.submission_id
    where submissions.valid_from <= {{ known_at() }}
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
