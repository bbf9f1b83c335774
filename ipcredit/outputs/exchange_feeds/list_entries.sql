-- Entries of the lists that are published by this office. A mirrored list (no publish_from) goes out from its own keeper.
select
    e.entry_id as item_key,
    i.sharing,
    e.division_code,
    e.is_shown as is_present,
    case when e.exit_reason in ('repaired', 'objection_upheld') then 'withdraw' else 'delete' end as removal,
    jsonb_build_object(
        'entry_id', e.entry_id,
        'subject_id', exchange.shown_id(e.subject_id),
        'subject_name', exchange.shown_name(e.subject_id, e.subject_name),
        'division_code', e.division_code,
        'list_code', e.list_code,
        'jurisdiction', e.jurisdiction,
        'policy_id', e.policy_id,
        'policy_version', e.policy_version,
        'policy_status', e.policy_status,
        'entered_on', e.entered_on,
        'ends_on', e.ends_on,
        'left_on', e.left_on,
        'exit_reason', e.exit_reason,
        'decision_document_no', e.decision_document_no,
        'decided_by', e.decided_by,
        'legal_basis', e.legal_basis,
        'publish_from', e.publish_from,
        'publish_to', e.publish_to,
        'is_disputed', e.is_disputed
    ) as details
from release_store.list_entries as e
inner join release_store.credit_records as r on e.release_id = r.release_id and e.record_id = r.record_id
inner join release_store.catalogue_items as i on r.release_id = i.release_id and r.dataset = i.dataset
where e.release_id = %(release)s and e.publish_from is not null and e.jurisdiction = any(%(jurisdictions)s)
