{{ config(meta={'distribute_by': 'reference'}) }}
-- Every version recorded by known_at. A version for the whole province has no scope and is complete: what its row leaves
-- open is as the contract says. A city's version names only what is different there. An item without any row has always
-- been in force.
select
    items.dataset,
    items.catalogue_code,
    versions.scope as scope_division_code,
    versions.version,
    versions.effective_from,
    versions.effective_to,
    coalesce(versions.update_cycle, whole.update_cycle) as update_cycle,
    coalesce(versions.due_working_days, whole.due_working_days) as due_working_days,
    coalesce(versions.submitters, whole.submitters) as submitters,
    coalesce(versions.disclosure, whole.disclosure) as disclosure,
    coalesce(versions.sharing, whole.sharing) as sharing,
    coalesce(versions.retention_years, whole.retention_years) as retention_years,
    coalesce(versions.legal_basis, whole.legal_basis) as legal_basis,
    versions.recorded_on,
    versions.status,
    versions.source_clause
from {{ ref('contract_items') }} as items
inner join {{ ref('catalogue_versions') }} as versions on items.catalogue_code = versions.catalogue_code
left join {{ ref('contract_items') }} as whole on items.catalogue_code = whole.catalogue_code and versions.scope is null
where versions.recorded_on <= {{ known_day() }}
union all
select
    items.dataset,
    items.catalogue_code,
    null as scope_division_code,
    1 as version,
    null as effective_from,
    null as effective_to,
    items.update_cycle,
    items.due_working_days,
    items.submitters,
    items.disclosure,
    items.sharing,
    items.retention_years,
    items.legal_basis,
    null as recorded_on,
    'provisional' as status,
    '未列版本，按数据集的约定' as source_clause
from {{ ref('contract_items') }} as items
where items.catalogue_code not in (select versions.catalogue_code from {{ ref('catalogue_versions') }} as versions)
