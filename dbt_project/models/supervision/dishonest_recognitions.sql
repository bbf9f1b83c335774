{{ config(meta={'distribute_by': 'reference'}) }}
-- Recognitions of dishonesty in order, each with the stay on the list it began or extended. A recognition inside a stay
-- extends it by one more term after its present end, up to the maximum counted from the first day; one after the end, or
-- after all before it were repaired, begins a new stay. What an objection has taken out extends nothing: it is counted in
-- a stay apart.
--
-- Without the maximum the ends would be 12k + max(d_j - 12(j - 1)) in one window function. The maximum breaks that: a stay
-- cut short at 36 months lets a later recognition begin a new one, which depends on every stay before. Hence the recursion,
-- over recognised subjects only, which are few.
with recursive stays as (
    select
        recognitions.*,
        recognitions.recognised_on as entered_on,
        {{ last_day_of_period('recognitions.recognised_on', 'recognitions.term_months') }} as ends_on,
        recognitions.freed_on as stay_freed_on
    from {{ ref('dishonest_acts') }} as recognitions
    where recognitions.recognition_no = 1
    union all
    select
        next.*,
        case when begins.is_new then next.recognised_on else stays.entered_on end as entered_on,
        case
            when begins.is_new then {{ last_day_of_period('next.recognised_on', 'next.term_months') }}
            else
                least(
                    {{ last_day_of_period('stays.ends_on', 'next.term_months') }},
                    {{ last_day_of_period('stays.entered_on', 'next.max_months') }}
                )
        end as ends_on,
        case
            when begins.is_new then next.freed_on
            when stays.stay_freed_on is not null and next.freed_on is not null
                then greatest(stays.stay_freed_on, next.freed_on)
        end as stay_freed_on
    from stays
    inner join {{ ref('dishonest_acts') }} as next
        on
            stays.subject_id = next.subject_id
            and stays.policy_id = next.policy_id
            and stays.is_taken_out = next.is_taken_out
            and stays.recognition_no + 1 = next.recognition_no

    cross join lateral (
        select next.recognised_on > stays.ends_on or coalesce(stays.stay_freed_on <= next.recognised_on, false) as is_new
    ) as begins
)

select * from stays
