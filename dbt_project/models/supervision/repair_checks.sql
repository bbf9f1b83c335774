{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Each condition of a repair, held against the record. The rule is that of the day of the application.
with judged as (
    select
        cases.case_id,
        cases.subject_id,
        cases.repaired_record_id,
        cases.is_matched,
        cases.applied_on,
        cases.decided_on,
        cases.is_corrected,
        cases.is_performed,
        cases.has_commitment,
        cases.repaired_event_date,
        cases.last_repaired_on,
        rules.policy_id,
        rules.version as policy_version,
        rules.status as policy_status,
        rules.source_clause,
        rules.is_repairable,
        rules.min_months,
        rules.min_months_between,
        rules.needs_correction,
        rules.needs_performance,
        rules.needs_commitment,
        rules.bars_listed,
        -- in the months a repair has to wait for, and until it was decided; what came before may be repaired itself, and
        -- what an objection had taken out by then counts no more
        exists(
            select 1
            from {{ ref('case_records') }} as later
            left join {{ ref('objection_effects') }} as objections on later.record_id = objections.record_id
            where
                cases.subject_id = later.subject_id
                and later.record_id <> cases.repaired_record_id
                and later.event_date > greatest(
                    cases.repaired_event_date, cases.applied_on - make_interval(months => rules.min_months)
                )
                and later.event_date <= cases.decided_on
                and (objections.excluded_on is null or objections.excluded_on > cases.decided_on)
                and later.event_type in (select all_rules.event_type from {{ ref('repair_rules') }} as all_rules)
        ) as has_new_record,
        -- as supervision.serious_entries has it, which follows from repairs and cannot be asked here
        exists(
            select 1
            from {{ ref('case_records') }} as listed
            where
                cases.subject_id = listed.subject_id
                and serious.term_months is not null
                and listed.event_date <= cases.decided_on
                and least({{ last_day_of_period('listed.event_date', 'serious.term_months') }}, listed.valid_to)
                >= cases.decided_on
                and listed.event_type in (
                    select entering.event_type from {{ ref('list_entry_events') }} as entering
                    where entering.list_code = 'serious' and entering.effect = 'enters'
                )
        ) as is_listed
    from {{ ref('repair_cases') }} as cases
    left join lateral {{ policy_in_force('repair_rules', on_date='cases.applied_on') }} as rules
        on cases.repaired_event_type = rules.event_type
    left join lateral {{ policy_in_force('list_rules', on_date='cases.decided_on') }} as serious
        on serious.list_code = 'serious' and serious.status <> 'no_rule'
)

select
    judged.case_id,
    judged.repaired_record_id,
    judged.subject_id,
    checks.condition_code,
    checks.is_met,
    checks.found,
    judged.policy_id,
    judged.policy_version,
    judged.policy_status,
    judged.source_clause
from judged

cross join lateral (
    values
    ('matched', judged.is_matched, null::text),
    ('rule_in_force', judged.policy_id is not null, null),
    ('repairable', coalesce(judged.is_repairable, false), null),
    -- a term of months is over the day after its last day
    (
        'minimum_term',
        coalesce(judged.applied_on > {{ last_day_of_period('judged.repaired_event_date', 'judged.min_months') }}, false),
        judged.applied_on::text
    ),
    (
        'interval',
        coalesce(
            judged.last_repaired_on is null
            or judged.applied_on > {{ last_day_of_period('judged.last_repaired_on', 'judged.min_months_between') }},
            false
        ),
        judged.last_repaired_on::text
    ),
    ('no_new_record', not judged.has_new_record, null),
    ('not_listed', not (judged.is_listed and coalesce(judged.bars_listed, false)), null),
    ('corrected', coalesce(judged.is_corrected or not judged.needs_correction, false), judged.is_corrected::text),
    ('performed', coalesce(judged.is_performed or not judged.needs_performance, false), judged.is_performed::text),
    ('commitment', coalesce(judged.has_commitment or not judged.needs_commitment, false), judged.has_commitment::text)
) as checks (condition_code, is_met, found)
