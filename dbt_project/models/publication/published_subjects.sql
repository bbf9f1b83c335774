select
    '{{ release_id() }}'::text as release_id,
    s.subject_id,
    s.subject_name,
    s.id_kind,
    s.is_enterprise,
    s.is_agency,
    s.agency_kind,
    s.is_backbone_agency,
    s.division_code,
    d.name::text as division_name,
    s.first_event_on,
    s.last_event_on
from {{ ref('subjects') }} as s
left join {{ ref('divisions') }} as d on s.division_code = d.division_code
