select
    '{{ release_id() }}'::text as release_id,
    f.dataset,
    f.catalogue_code,
    f.field_no,
    f.field,
    f.header,
    f.aliases,
    f.field_type,
    f.is_required,
    f.is_in_natural_key,
    f.code_list,
    f.codes,
    f.personal,
    f.description
from {{ ref('catalogue_fields') }} as f
