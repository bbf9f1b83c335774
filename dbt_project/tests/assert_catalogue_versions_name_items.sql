-- A version of an unknown item would silently date nothing, and of two with one number nobody could say which is meant.
select
    versions.catalogue_code,
    versions.scope,
    versions.version
from {{ ref('catalogue_versions') }} as versions
left join {{ ref('contract_items') }} as items on versions.catalogue_code = items.catalogue_code
where items.catalogue_code is null
union all
select
    catalogue_code,
    scope,
    version
from {{ ref('catalogue_versions') }}
group by catalogue_code, scope, version
having count(*) > 1
