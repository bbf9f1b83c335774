select
    '{{ release_id() }}'::text as release_id,
    i.dataset,
    i.catalogue_code,
    i.title,
    i.description,
    i.responsible_office,
    i.submitters,
    i.update_cycle,
    i.due_working_days,
    i.submission_mode,
    i.disclosure,
    i.sharing,
    i.legal_basis,
    i.natural_key,
    i.subject_kind,
    i.retention_years
from {{ ref('catalogue_items') }} as i
