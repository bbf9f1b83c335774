{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false, meta={'distribute_by': 'reference'}
) }}
-- Rows to be compared with the papers, drawn once for every unit, dataset and reporting period and never again.
--
-- The draw looks at the rows in force at the first moment, from the end of the due day on, at which the unit has rows in
-- force (a period reported late is drawn as it first came). Later submissions cannot move that moment, nor what was in
-- force at it. Accepted rows are put in the order of sha256(seed|period|unit|dataset|natural key) and the first are taken:
-- anybody can draw again, and nobody can know beforehand which rows it will be.
--
-- The rows as they are judged today, the keys that erasing has left and the due days of today would draw others, and verdicts
-- would be taken for those: hence `full_refresh`, which also keeps the table from drop_outgrown_catalogue.
with periods as (
    select
        bureau_code,
        dataset,
        period,
        period_end,
        -- a city's addition to the catalogue may have its own day; who need not report is drawn when others first are due
        coalesce(due_on, min(due_on) over (partition by dataset, period)) as due_on
    from {{ ref('reporting_periods') }}
),

submissions as (
    select
        submissions.*,
        {{ quarter_of('periods.period_end') }} as review_period,
        -- the due day is still in time; what is reported as needed is drawn when its year is over
        (
            (coalesce(periods.due_on, case when items.update_cycle = 'as_needed' then periods.period_end end) + 1)::timestamp
            at time zone 'Asia/Shanghai'
        ) as due_at,
        items.catalogue_code
    from {{ source('intake', 'submissions') }} as submissions
    inner join periods
        on
            submissions.bureau_code = periods.bureau_code
            and submissions.dataset = periods.dataset
            and submissions.period = periods.period
    inner join {{ ref('catalogue_items') }} as items on submissions.dataset = items.dataset
    where submissions.state = 'loaded' and submissions.valid_from <= {{ known_at() }}
),

moments as (
    select
        bureau_code,
        dataset,
        period,
        review_period,
        catalogue_code,
        min(greatest(valid_from, due_at)) as drawn_at
    from submissions
    where due_at is not null and (valid_to is null or valid_to > greatest(valid_from, due_at))
    group by bureau_code, dataset, period, review_period, catalogue_code
),

draws as materialized (
    select
        moments.*,
        row_number() over () as draw_no,
        rules.sample_share,
        rules.sample_minimum,
        rules.sample_maximum,
        concat_ws('|', rules.seed_text, moments.period, moments.bureau_code, moments.dataset, '') as drawn_by,
        rules.policy_id,
        rules.version as policy_version
    from moments
    -- the rule of the day of the draw, as recorded then; one for the dataset goes before the general one
    cross join
        lateral (
            select review_rules.*
            from {{ ref('review_rules') }} as review_rules
            where
                review_rules.dataset in (moments.dataset, '*')
                and greatest(review_rules.effective_from, review_rules.recorded_on)
                <= (moments.drawn_at at time zone 'Asia/Shanghai')::date
                and coalesce(review_rules.effective_to, 'infinity') >= (moments.drawn_at at time zone 'Asia/Shanghai')::date
            order by review_rules.effective_from desc, review_rules.version desc, review_rules.dataset = '*' asc
            limit 1
        ) as rules
    where
        moments.drawn_at <= {{ known_at() }}
        and rules.sample_maximum > 0
    {% if is_incremental() %}
        and not exists (
            select 1
            from {{ this }} as drawn
            where
                drawn.bureau_code = moments.bureau_code
                and drawn.dataset = moments.dataset
                and drawn.period = moments.period
        )
    {% endif %}
),

drawn_from as (
    select
        draws.draw_no,
        draws.drawn_by,
        submissions.submission_id,
        submissions.valid_from
    from draws
    inner join submissions
        on
            draws.bureau_code = submissions.bureau_code
            and draws.dataset = submissions.dataset
            and draws.period = submissions.period
            and draws.drawn_at >= submissions.valid_from
            and (submissions.valid_to is null or draws.drawn_at < submissions.valid_to)
),

judged as (
    {% for dataset in var('datasets') -%}
    select
        submission_id,
        row_number,
        natural_key
    from {{ ref('stg_' ~ dataset) }}
    where is_accepted and natural_key is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Narrow rows: all are sorted, few are drawn.
keyed as (
    select
        drawn_from.draw_no,
        drawn_from.valid_from,
        judged.submission_id,
        judged.row_number,
        judged.natural_key,
        sha256(convert_to(drawn_from.drawn_by || judged.natural_key, 'UTF8')) as draw_key
    from drawn_from
    inner join judged on drawn_from.submission_id = judged.submission_id
),

-- rows of one natural key (increments) share their place
placed as materialized (
    select
        keyed.*,
        dense_rank() over (
            partition by keyed.draw_no
            order by keyed.draw_key
        ) as place
    from keyed
),

sizes as (
    select
        draw_no,
        max(place) as population
    from placed
    group by draw_no
)

select distinct on (draws.bureau_code, draws.dataset, draws.period, placed.place)
    draws.review_period,
    draws.period || '-' || draws.bureau_code || '-' || draws.catalogue_code || '-' || lpad(placed.place::text, 3, '0')
        as sample_no,
    draws.bureau_code,
    draws.dataset,
    draws.period,
    draws.drawn_at,
    sizes.population::integer as population,
    placed.place::integer as place,
    placed.natural_key,
    md5(draws.dataset || '|' || placed.natural_key) as record_id,
    placed.submission_id,
    placed.row_number,
    encode(placed.draw_key, 'hex') as draw_key,
    draws.policy_id,
    draws.policy_version
from draws
inner join sizes on draws.draw_no = sizes.draw_no
inner join placed on draws.draw_no = placed.draw_no
where placed.place <= least(draws.sample_maximum, greatest(draws.sample_minimum, ceil(draws.sample_share * sizes.population)))
order by
    draws.bureau_code asc, draws.dataset asc, draws.period asc, placed.place asc,
    placed.valid_from desc, placed.submission_id desc, placed.row_number desc
