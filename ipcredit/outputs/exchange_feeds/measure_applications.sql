-- Measures that units have applied: the feedback of joint reward and punishment (F08).
select
    a.record_id as item_key,
    i.sharing,
    a.division_code,
    true as is_present,
    'delete' as removal,
    jsonb_build_object(
        'record_id', a.record_id,
        'subject_id', exchange.shown_id(a.subject_id),
        'subject_name', exchange.shown_name(s.subject_id, s.subject_name),
        'division_code', a.division_code,
        'measure_code', a.measure_code,
        'direction', a.direction,
        'effect', a.effect,
        'applied_on', a.applied_on,
        'applied_until', a.applied_until,
        'applied_by', a.applied_by,
        'document_no', a.document_no
    ) as details
from release_store.measure_applications as a
inner join release_store.credit_records as r on a.release_id = r.release_id and a.record_id = r.record_id
inner join release_store.catalogue_items as i on r.release_id = i.release_id and r.dataset = i.dataset
left join release_store.subjects as s on a.release_id = s.release_id and a.subject_id = s.subject_id
where a.release_id = %(release)s
