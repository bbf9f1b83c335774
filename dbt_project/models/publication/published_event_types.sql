select
    '{{ release_id() }}'::text as release_id,
    t.event_type,
    t.title,
    t.stage,
    t.polarity
from {{ ref('event_types') }} as t
where t.polarity <> 'internal'
