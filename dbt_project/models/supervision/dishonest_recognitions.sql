{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Recognitions of dishonesty in order, each with the stay on the list it began or extended. A recognition inside a stay
-- extends it by one more term after its present end, up to the maximum counted from the first day; one after the end, or
-- after all before it were repaired, begins a new stay. Several records of one day are one recognition: the period begins
-- the day after. What an objection has taken out extends nothing: it is counted in a stay apart.
--
-- Without the maximum the ends would be 12k + max(d_j - 12(j - 1)) in one window function. The maximum breaks that: a stay
-- cut short at 36 months lets a later recognition begin a new one, which depends on every stay before. Hence the recursion,
-- over recognised subjects only, which are few.
with recursive reasons as (
    select
        listed.policy_id,
        listed.version,
        listed.event_type,
        listed.behaviour_code,
        listed.source_clause
    from {{ ref('list_entry_events') }} as listed
    where listed.list_code = 'dishonest' and listed.effect = 'enters' and listed.recorded_on <= {{ known_day() }}
),

recognitions as (
    select
        events.subject_id,
        events.event_date as recognised_on,
        rules.jurisdiction,
        rules.policy_id,
        rules.version as policy_version,
        rules.status as policy_status,
        rules.term_months,
        rules.max_months,
        rules.is_published,
        (array_agg(reasons.event_type order by events.record_id))[1] as rule_code,
        (array_agg(reasons.source_clause order by events.record_id))[1] as legal_basis,
        min(events.record_id) as record_id,
        string_agg(distinct events.document_no, '、' order by events.document_no) as decision_document_no,
        string_agg(distinct events.authority, '、' order by events.authority) as decided_by,
        -- freed of when all its records are: repaired as this list demands, or taken out after an objection
        case when bool_and(freed.freed_on is not null) then max(freed.freed_on) end as freed_on,
        bool_and(events.excluded_on is not null) as is_freed_by_objection,
        bool_and(coalesce(events.excluded_on <= {{ as_of() }}, false)) as is_taken_out,
        bool_or(events.disputed_from is not null and daterange(events.disputed_from, events.disputed_to, '[]') @> {{ as_of() }})
            as is_disputed,
        bool_or(not {{ not_suspended('events') }}) as is_suspended,
        row_number() over (
            partition by events.subject_id, rules.policy_id, bool_and(coalesce(events.excluded_on <= {{ as_of() }}, false))
            order by events.event_date
        ) as recognition_no
    from {{ ref('credit_events') }} as events
    -- A recognition is judged by the rule of its own day: a later rule reaches no earlier act.
    inner join
        lateral {{ policy_in_force('list_rules', on_date='events.event_date') }} as rules
        on rules.list_code = 'dishonest' and rules.status <> 'no_rule'
    inner join reasons
        on
            rules.policy_id = reasons.policy_id
            and rules.version = reasons.version
            and events.event_type = reasons.event_type
            and (reasons.behaviour_code is null or events.behaviour_code = reasons.behaviour_code)

    cross join
        lateral (
            select
                least(
                    case
                        when
                            events.repair_applied_on
                            > {{ last_day_of_period('events.event_date', 'rules.repair_after_months') }}
                            then events.repaired_on
                    end,
                    events.excluded_on
                ) as freed_on
        ) as freed
    where
        events.event_date <= {{ as_of() }}
        and events.event_type in (select listed.event_type from reasons as listed)
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

stays as (
    select
        recognitions.*,
        recognitions.recognised_on as entered_on,
        {{ last_day_of_period('recognitions.recognised_on', 'recognitions.term_months') }} as ends_on,
        recognitions.freed_on as stay_freed_on
    from recognitions
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
    inner join recognitions as next
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
