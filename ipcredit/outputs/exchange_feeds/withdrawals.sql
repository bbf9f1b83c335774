-- Records and entries that a repair or an upheld objection has ended, each with the decision that did (H03).
with decisions as (
    select
        t.repaired_record_key as withdrawn_id,
        'record' as withdrawn_kind,
        t.document_no,
        t.authority
    from release_store.repairs as t
    where t.release_id = %(release)s and t.state = 'effective'
    union all
    select
        o.disputed_record_key as withdrawn_id,
        'record' as withdrawn_kind,
        o.document_no,
        o.authority
    from release_store.objections as o
    where o.release_id = %(release)s and o.effect = 'exclude' and o.state <> 'open'
    union all
    select
        e.entry_id as withdrawn_id,
        'list_entry' as withdrawn_kind,
        e.document_no,
        e.decided_by
    from release_store.list_events as e
    where e.release_id = %(release)s and e.event_kind = 'withdrawn'
),

decided as (
    select
        d.withdrawn_kind,
        d.withdrawn_id,
        string_agg(distinct d.document_no, '、' order by d.document_no) as document_no,
        string_agg(distinct d.authority, '、' order by d.authority) as authority
    from decisions as d
    group by d.withdrawn_kind, d.withdrawn_id
)

select
    w.withdrawn_kind || ':' || w.withdrawn_id as item_key,
    i.sharing,
    w.division_code,
    true as is_present,
    'delete' as removal,
    jsonb_build_object(
        'withdrawn_id', w.withdrawn_id,
        'withdrawn_kind', w.withdrawn_kind,
        'subject_id', exchange.shown_id(w.subject_id),
        'subject_name', exchange.shown_name(s.subject_id, s.subject_name),
        'division_code', w.division_code,
        'document_no', w.document_no,
        'withdrawn_on', w.withdrawn_on,
        'reason', w.reason,
        'decision_document_no', d.document_no,
        'decided_by', d.authority
    ) as details
from release_store.withdrawals as w
left join release_store.list_entries as e
    on w.release_id = e.release_id and w.withdrawn_kind = 'list_entry' and w.withdrawn_id = e.entry_id
inner join release_store.credit_records as r
    on w.release_id = r.release_id and coalesce(e.record_id, w.withdrawn_id) = r.record_id
inner join release_store.catalogue_items as i on r.release_id = i.release_id and r.dataset = i.dataset
left join release_store.subjects as s on w.release_id = s.release_id and w.subject_id = s.subject_id
left join decided as d on w.withdrawn_kind = d.withdrawn_kind and w.withdrawn_id = d.withdrawn_id
where w.release_id = %(release)s
