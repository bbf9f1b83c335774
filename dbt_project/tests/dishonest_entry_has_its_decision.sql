-- D13: an entry names the decision and who made it. What a bureau left out is a named gap, not a reason to stop.
{{ config(severity='warn') }}
select entry_id, subject_id from {{ ref('list_entries') }}
where list_code = 'dishonest' and (decision_document_no is null or decided_by is null)
