-- Internal items are in a table of their own, which no view reads: even the count of rows that a filter held back, which
-- anybody may ask of the planner, would tell who has one. Numbered without them: a gap would tell, too.
select
    '{{ release_id() }}'::text as release_id,
    i.subject_id,
    s.division_code,
    i.track,
    i.policy_id,
    i.policy_version,
    {{ as_of() }} as as_of,
    (row_number() over (partition by i.subject_id, i.track order by i.item_no))::integer as item_no,
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
    i.source_clause,
    i.is_internal
from {{ ref('score_items') }} as i
left join {{ ref('subjects') }} as s on i.subject_id = s.subject_id
where not i.is_internal
