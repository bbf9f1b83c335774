select
    '{{ release_id() }}'::text as release_id,
    c.bureau_code,
    c.division_code,
    c.dataset,
    c.catalogue_code,
    c.period,
    c.due_on,
    c.is_due,
    c.first_received_on,
    c.is_late,
    c.state,
    c.rows_received,
    c.rows_accepted,
    c.rows_rejected,
    c.rows_superseded,
    c.gap
from {{ ref('coverage') }} as c
