-- Heavier penalties that may have to be on the serious list: told to its keeper, who decides (E05).
select
    p.record_id as item_key,
    i.sharing,
    p.division_code,
    not p.is_listed as is_present,
    'delete' as removal,
    jsonb_build_object(
        'record_id', p.record_id,
        'subject_id', exchange.shown_id(p.subject_id),
        'subject_name', exchange.shown_name(s.subject_id, s.subject_name),
        'division_code', p.division_code,
        'event_type', p.event_type,
        'behaviour_code', p.behaviour_code,
        'event_date', p.event_date,
        'document_no', p.document_no,
        'authority', p.authority,
        'source_clause', p.source_clause
    ) as details
from release_store.list_proposals as p
inner join release_store.credit_records as r on p.release_id = r.release_id and p.record_id = r.record_id
inner join release_store.catalogue_items as i on r.release_id = i.release_id and r.dataset = i.dataset
left join release_store.subjects as s on p.release_id = s.release_id and p.subject_id = s.subject_id
where p.release_id = %(release)s
