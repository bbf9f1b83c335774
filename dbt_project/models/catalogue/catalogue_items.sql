{{ config(meta={'distribute_by': 'reference'}) }}
-- The catalogue of the whole province on the day judged, one row per item; an item not in force then stands as its contract
-- says. What cities add is in catalogue_item_versions.
select
    items.catalogue_code,
    items.dataset,
    items.title,
    items.description,
    items.responsible_office,
    coalesce(in_force.submitters, items.submitters) as submitters,
    coalesce(in_force.update_cycle, items.update_cycle) as update_cycle,
    coalesce(in_force.due_working_days, items.due_working_days) as due_working_days,
    items.submission_mode,
    coalesce(in_force.disclosure, items.disclosure) as disclosure,
    coalesce(in_force.sharing, items.sharing) as sharing,
    coalesce(in_force.legal_basis, items.legal_basis) as legal_basis,
    items.natural_key,
    items.subject_kind,
    items.business_line,
    coalesce(in_force.retention_years, items.retention_years) as retention_years,
    items.fields,
    in_force.dataset is not null as is_in_force,
    in_force.version,
    in_force.effective_from,
    in_force.effective_to,
    in_force.status as version_status,
    in_force.source_clause as version_source_clause
from {{ ref('contract_items') }} as items
left join lateral {{ item_version_in_force('items.dataset', as_of()) }} as in_force on true
