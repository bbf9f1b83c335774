{{ config(meta={'distribute_by': 'submission_id'}) }}
-- Every sampled row with its verdict, and every verdict, also one that fits no sample. A verdict judges the row as it was
-- drawn: it keeps counting when the row has been replaced since, and the table says so.
with verdicts as (
    select verdicts.*
    from {{ ref('stg_review_verdicts') }} as verdicts
    inner join {{ ref('row_states') }} as states
        on verdicts.submission_id = states.submission_id and verdicts.row_number = states.row_number
    where states.state = 'accepted'
),

samples as (
    select
        samples.*,
        case
            when drawn_rows.state = 'accepted' then 'in_force'
            when successors.submission_id is not null then 'replaced'
            else 'gone'
        end as row_state
    from {{ ref('review_samples') }} as samples
    left join {{ ref('row_states') }} as drawn_rows
        on samples.submission_id = drawn_rows.submission_id and samples.row_number = drawn_rows.row_number
    left join {{ ref('row_states') }} as successors
        on
            samples.bureau_code = successors.bureau_code
            and samples.dataset = successors.dataset
            and samples.natural_key = successors.natural_key
            and successors.state = 'accepted'
    -- a build of an earlier moment knows only what had been drawn by then
    where samples.drawn_at <= {{ known_at() }}
)

select
    coalesce(samples.bureau_code, verdicts.bureau_code) as bureau_code,
    organisations.division_code,
    samples.review_period,
    coalesce(samples.sample_no, verdicts.sample_no) as sample_no,
    samples.dataset,
    samples.period,
    samples.submission_id,
    samples.row_number,
    samples.record_id,
    coalesce(samples.row_state, 'unknown') as row_state,
    case
        when samples.sample_no is null then 'sample_unknown'
        when verdicts.verdict is null then 'awaiting'
        else 'reviewed'
    end as state,
    verdicts.verdict,
    verdicts.wrong_field,
    verdicts.reviewed_on,
    verdicts.submission_id as verdict_submission_id,
    verdicts.row_number as verdict_row_number
from samples
full join verdicts
    on samples.bureau_code = verdicts.bureau_code and samples.sample_no = {{ clean_code('verdicts.sample_no') }}
inner join {{ ref('organisations') }} as organisations
    on coalesce(samples.bureau_code, verdicts.bureau_code) = organisations.organisation_code
