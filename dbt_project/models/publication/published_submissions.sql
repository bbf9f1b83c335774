-- File names stay out: they are the bureaus' own words and may hold a person's name.
select
    '{{ release_id() }}'::text as release_id,
    s.submission_id,
    s.bureau_code,
    o.division_code::text as division_code,
    s.dataset,
    s.period,
    s.mode,
    s.state,
    s.refusal_code,
    s.sha256,
    s.received_at,
    case when s.valid_from <= {{ known_at() }} then s.valid_from end as valid_from,
    case when s.valid_to <= {{ known_at() }} then s.valid_to end as valid_to,
    coalesce(s.valid_from <= {{ known_at() }} and (s.valid_to is null or s.valid_to > {{ known_at() }}), false) as in_force,
    s.rows_received,
    coalesce(c.rows_accepted, 0) as rows_accepted,
    coalesce(c.rows_rejected, 0) as rows_rejected,
    coalesce(c.rows_superseded, 0) as rows_superseded
from {{ source('intake', 'submissions') }} as s
left join {{ ref('submission_counts') }} as c on s.submission_id = c.submission_id
left join {{ ref('organisations') }} as o on s.bureau_code = o.organisation_code
where s.received_at <= {{ known_at() }}
