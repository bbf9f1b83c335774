{{ config(meta={'distribute_by': 'subject_id'}) }}
-- One entry per stay on the list of dishonest subjects: reason and clause of the first recognition, documents of all. It
-- ends with its term, or on the day before all of its recognitions are repaired or taken out.
with stays as (
    select
        subject_id,
        jurisdiction,
        policy_id,
        entered_on,
        max(ends_on) as term_ends_on,
        (array_agg(stay_freed_on order by recognition_no desc))[1] as freed_on,
        (array_agg(is_freed_by_objection order by recognition_no desc))[1] as is_freed_by_objection,
        (array_agg(policy_version order by recognition_no))[1] as policy_version,
        (array_agg(policy_status order by recognition_no))[1] as policy_status,
        (array_agg(rule_code order by recognition_no))[1] as rule_code,
        (array_agg(record_id order by recognition_no))[1] as record_id,
        string_agg(decision_document_no, '、' order by recognition_no) as decision_document_no,
        (array_agg(decided_by order by recognition_no))[1] as decided_by,
        (array_agg(legal_basis order by recognition_no))[1] as legal_basis,
        bool_and(is_published) as is_published,
        bool_or(is_disputed) as is_disputed,
        bool_or(is_suspended) as is_suspended,
        bool_and(is_taken_out) as is_taken_out
    from {{ ref('dishonest_recognitions') }}
    group by subject_id, jurisdiction, policy_id, entered_on
)

select
    md5(concat_ws('|', 'dishonest', jurisdiction, subject_id, entered_on)) as entry_id,
    subject_id,
    'dishonest' as list_code,
    jurisdiction,
    policy_id,
    policy_version,
    policy_status,
    rule_code,
    entered_on,
    least(term_ends_on, freed_on - 1) as ends_on,
    case
        when freed_on > term_ends_on or freed_on is null then 'term_ended'
        when is_freed_by_objection then 'objection_upheld'
        else 'repaired'
    end as exit_reason,
    record_id,
    decision_document_no,
    decided_by,
    legal_basis,
    is_published,
    is_disputed,
    is_suspended
from stays
where
    -- what was taken out on its first day never was
    (freed_on is null or freed_on > entered_on)
    -- what was taken out inside a stay that stands was an extension, not an entry
    and not (
        is_taken_out
        and exists (
            select 1
            from stays as standing
            where
                stays.subject_id = standing.subject_id
                and stays.policy_id = standing.policy_id
                and not standing.is_taken_out
                and stays.entered_on between standing.entered_on and least(standing.term_ends_on, standing.freed_on - 1)
        )
    )
