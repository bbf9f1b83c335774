-- A version of an unknown item would silently date nothing.
select versions.catalogue_code
from {{ ref('catalogue_versions') }} as versions
left join {{ ref('catalogue_items') }} as items on versions.catalogue_code = items.catalogue_code
where items.catalogue_code is null
