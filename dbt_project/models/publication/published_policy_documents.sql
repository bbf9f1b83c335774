select
    '{{ release_id() }}'::text as release_id,
    d.document_code,
    d.version,
    d.title,
    d.document_no,
    d.issuer,
    d.kind,
    d.issued_on,
    d.effective_from,
    d.effective_to,
    case
        when d.document_status = 'in_force' and d.effective_to < {{ as_of() }} then 'expired'
        when d.document_status = 'in_force' and coalesce(d.effective_from, d.issued_on) > {{ as_of() }} then 'not_yet_in_force'
        else d.document_status
    end as document_status,
    d.text_on_file,
    d.recorded_on,
    d.status as policy_status,
    d.source_clause,
    d.note
from {{ recorded_last('policy_documents', 'document_code') }} as d
where d.status <> 'no_rule'
