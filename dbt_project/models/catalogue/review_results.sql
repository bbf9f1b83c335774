{{ config(meta={'distribute_by': 'reference'}) }}
-- Every sampled row with its verdict, and every verdict, also one that fits no sample. A verdict judges the row as it was
-- drawn: it keeps counting when the row has been replaced since, and the table says so.
with verdicts as (
    select verdicts.*
    from {{ ref('stg_review_verdicts') }} as verdicts
    inner join {{ ref('row_states') }} as states
        on verdicts.submission_id = states.submission_id and verdicts.row_number = states.row_number
    where states.state = 'accepted'
),

-- a build of an earlier moment knows only what had been drawn by then
drawn as (
    select *
    from {{ ref('review_samples') }}
    where drawn_at <= {{ known_at() }}
),

as_drawn as (
    select drawn.sample_no
    from drawn
    inner join {{ ref('row_states') }} as states
        on drawn.submission_id = states.submission_id and drawn.row_number = states.row_number
    where states.state = 'accepted'
),

replaced as (
    select distinct drawn.sample_no
    from drawn
    inner join {{ ref('row_states') }} as states
        on
            drawn.bureau_code = states.bureau_code
            and drawn.dataset = states.dataset
            and drawn.natural_key = states.natural_key
    where states.state = 'accepted'
),

samples as (
    select
        drawn.*,
        case
            when as_drawn.sample_no is not null then 'in_force'
            when replaced.sample_no is not null then 'replaced'
            else 'gone'
        end as row_state
    from drawn
    left join as_drawn on drawn.sample_no = as_drawn.sample_no
    left join replaced on drawn.sample_no = replaced.sample_no
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
    verdicts.reviewed_on,
    verdicts.submission_id as verdict_submission_id,
    verdicts.row_number as verdict_row_number
from samples
full join verdicts
    on samples.bureau_code = verdicts.bureau_code and samples.sample_no = {{ clean_code('verdicts.sample_no') }}
inner join {{ ref('organisations') }} as organisations
    on coalesce(samples.bureau_code, verdicts.bureau_code) = organisations.organisation_code
