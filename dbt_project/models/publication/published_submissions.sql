-- File names stay out: they are the bureaus' own words and may hold a person's name.
with judged as (
    select
        j.submission_id,
        count(*) filter (where j.state = 'accepted') as accepted,
        count(*) filter (where j.state = 'rejected') as rejected,
        count(*) filter (where j.state = 'superseded') as superseded
    from {{ ref('row_states') }} as j
    group by j.submission_id
)

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
    coalesce(j.accepted, 0)::integer as rows_accepted,
    coalesce(j.rejected, 0)::integer as rows_rejected,
    coalesce(j.superseded, 0)::integer as rows_superseded
from {{ source('intake', 'submissions') }} as s
left join judged as j on s.submission_id = j.submission_id
left join {{ ref('organisations') }} as o on s.bureau_code = o.organisation_code
where s.received_at <= {{ known_at() }}
