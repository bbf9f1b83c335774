{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Recognitions of dishonesty in order, each with the stay on the list it began or extended. A recognition inside a stay
-- extends it by one more term after its present end, up to the maximum counted from the first day; one after the end
-- begins a new stay. Several records of one day are one recognition: the period begins the day after.
--
-- Without the maximum the ends would be 12k + max(d_j - 12(j - 1)) in one window function. The maximum breaks that: a stay
-- cut short at 36 months lets a later recognition begin a new one, which depends on every stay before. Hence the recursion,
-- over recognised subjects only, which are few.
with recursive recognitions as (
    select
        records.subject_id,
        records.event_date as recognised_on,
        rules.jurisdiction,
        rules.policy_id,
        rules.version as policy_version,
        rules.status as policy_status,
        rules.term_months,
        rules.max_months,
        rules.is_published,
        (array_agg(reasons.event_type order by records.record_id))[1] as rule_code,
        (array_agg(reasons.source_clause order by records.record_id))[1] as legal_basis,
        min(records.record_id) as record_id,
        string_agg(distinct records.document_no, '、' order by records.document_no) as decision_document_no,
        string_agg(distinct records.authority, '、' order by records.authority) as decided_by,
        row_number() over (partition by records.subject_id, rules.policy_id order by records.event_date) as recognition_no
    from {{ ref('credit_records') }} as records
    -- A recognition is judged by the rule of its own day: a later rule reaches no earlier act.
    inner join
        lateral {{ policy_in_force('list_rules', on_date='records.event_date') }} as rules
        on rules.list_code = 'dishonest' and rules.status <> 'no_rule'
    inner join {{ ref('list_entry_events') }} as reasons
        on
            rules.policy_id = reasons.policy_id
            and rules.version = reasons.version
            and reasons.recorded_on <= {{ known_day() }}
            and reasons.effect = 'enters'
            and records.event_type = reasons.event_type
            and (reasons.behaviour_code is null or records.behaviour_code = reasons.behaviour_code)
    where
        records.event_date <= {{ as_of() }}
        and records.event_type in (
            select listed.event_type
            from {{ ref('list_entry_events') }} as listed
            where listed.list_code = 'dishonest'
        )
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

stays as (
    select
        recognitions.*,
        recognitions.recognised_on as entered_on,
        {{ last_day_of_period('recognitions.recognised_on', 'recognitions.term_months') }} as ends_on
    from recognitions
    where recognitions.recognition_no = 1
    union all
    select
        next.*,
        case when next.recognised_on > stays.ends_on then next.recognised_on else stays.entered_on end
            as entered_on,
        case
            when next.recognised_on > stays.ends_on then {{ last_day_of_period('next.recognised_on', 'next.term_months') }}
            else
                least(
                    {{ last_day_of_period('stays.ends_on', 'next.term_months') }},
                    {{ last_day_of_period('stays.entered_on', 'next.max_months') }}
                )
        end as ends_on
    from stays
    inner join recognitions as next
        on
            stays.subject_id = next.subject_id
            and stays.policy_id = next.policy_id
            and stays.recognition_no + 1 = next.recognition_no
)

select * from stays
