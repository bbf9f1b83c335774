-- What the internal score of subject_grades has beside the published items; kept with the release, shown by no view.
select
    '{{ release_id() }}'::text as release_id,
    i.subject_id,
    s.division_code,
    i.track,
    i.policy_id,
    i.policy_version,
    {{ as_of() }} as as_of,
    i.item_no,
    i.rule_code,
    i.rule_name,
    i.item_kind,
    i.event_type,
    i.record_id,
    i.event_date,
    i.counts_to,
    i.is_repairable,
    i.points,
    i.policy_status,
    i.source_clause
from {{ ref('score_items') }} as i
left join {{ ref('subjects') }} as s on i.subject_id = s.subject_id
where i.is_internal
