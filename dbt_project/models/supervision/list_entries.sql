{{ config(meta={'distribute_by': 'subject_id'}) }}
-- All lists, as they stand on the day judged: who, why, since when, until when. `ends_on` is the last day on the list.
with entries as (
    {% for list in ['red_entries', 'dishonest_entries', 'serious_entries'] %}
    select
        entry_id,
        subject_id,
        list_code,
        jurisdiction,
        policy_id,
        policy_version,
        policy_status,
        rule_code,
        entered_on,
        ends_on,
        exit_reason,
        record_id,
        decision_document_no,
        decided_by,
        legal_basis,
        is_published,
        is_disputed,
        is_suspended,
        coalesce(ends_on < {{ as_of() }}, false) as has_ended
    from {{ ref(list) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    entry_id,
    subject_id,
    list_code,
    jurisdiction,
    policy_id,
    policy_version,
    policy_status,
    rule_code,
    entered_on,
    ends_on,
    case when has_ended then ends_on + 1 end as left_on,
    case when has_ended then 'ended' else 'active' end as state,
    case when has_ended then exit_reason end as exit_reason,
    record_id,
    decision_document_no,
    decided_by,
    legal_basis,
    case when is_published then entered_on end as publish_from,
    case when is_published then ends_on end as publish_to,
    -- shown with the mark that it is disputed; not shown while the policy suspends it
    is_disputed,
    is_published and not is_suspended and not has_ended as is_shown,
    {{ as_of() }} as as_of
from entries
