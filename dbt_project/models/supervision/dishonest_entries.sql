{{ config(meta={'distribute_by': 'subject_id'}) }}
-- One entry per stay on the list of dishonest subjects: reason and clause of the first recognition, documents of all.
select
    md5(concat_ws('|', 'dishonest', jurisdiction, subject_id, entered_on)) as entry_id,
    subject_id,
    'dishonest' as list_code,
    jurisdiction,
    policy_id,
    (array_agg(policy_version order by recognition_no))[1] as policy_version,
    (array_agg(policy_status order by recognition_no))[1] as policy_status,
    (array_agg(rule_code order by recognition_no))[1] as rule_code,
    entered_on,
    max(ends_on) as ends_on,
    'term_ended' as exit_reason,
    (array_agg(record_id order by recognition_no))[1] as record_id,
    string_agg(decision_document_no, '、' order by recognition_no) as decision_document_no,
    (array_agg(decided_by order by recognition_no))[1] as decided_by,
    (array_agg(legal_basis order by recognition_no))[1] as legal_basis,
    bool_and(is_published) as is_published
from {{ ref('dishonest_recognitions') }}
group by subject_id, jurisdiction, policy_id, entered_on
