{{ config(meta={'distribute_by': 'reference'}) }}
-- Submissions that were in force at some time up to known_at, whether they still are, and by which rules their rows were judged.
select
    submissions.submission_id,
    submissions.dataset,
    submissions.bureau_code,
    submissions.period,
    submissions.valid_from,
    submissions.valid_to is null or submissions.valid_to > {{ known_at() }} as is_in_force,
    case submissions.dataset
        {% for dataset in var('datasets') -%}
        when '{{ dataset }}' then {{ judged_by(ref('stg_' ~ dataset), 'submissions.submission_id') }}
        {% endfor -%}
    end as contract_hash
from {{ source('intake', 'submissions') }} as submissions
where submissions.valid_from <= {{ known_at() }}
