select
    '{{ release_id() }}'::text as release_id,
    v.dataset,
    v.catalogue_code,
    v.scope_division_code,
    d.name as scope_division_name,
    v.version,
    v.effective_from,
    v.effective_to,
    v.update_cycle,
    v.due_working_days,
    v.submitters,
    v.disclosure,
    v.sharing,
    v.retention_years,
    v.legal_basis,
    v.recorded_on,
    v.status,
    v.source_clause
from {{ ref('catalogue_item_versions') }} as v
left join {{ ref('divisions') }} as d on v.scope_division_code = d.division_code
