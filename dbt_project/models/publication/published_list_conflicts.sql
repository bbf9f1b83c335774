select
    '{{ release_id() }}'::text as release_id,
    t.subject_id,
    s.division_code,
    t.jurisdiction,
    t.negative_list_code,
    t.negative_entry_id,
    t.red_entry_id,
    t.conflict_state
from {{ ref('list_conflicts') }} as t
left join {{ ref('subjects') }} as s on t.subject_id = s.subject_id
