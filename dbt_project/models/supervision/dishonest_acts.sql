{{ config(meta={'distribute_by': 'reference'}) }}
-- Acts by which a subject was recognised as dishonest, in order. Several records of one day are one recognition: the period
-- begins the day after. What an objection has taken out is counted apart. A table of its own, because the recursion of
-- dishonest_recognitions over it can read no distributed table.
with reasons as (
    select
        listed.policy_id,
        listed.version,
        listed.event_type,
        listed.behaviour_code,
        listed.source_clause
    from {{ ref('list_entry_events') }} as listed
    where listed.list_code = 'dishonest' and listed.effect = 'enters' and listed.recorded_on <= {{ known_day() }}
)

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
