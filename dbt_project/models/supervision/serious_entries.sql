{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Mirror of the serious list. Entries come from the authority that keeps it and are never made here; they end with the
-- removal or listed term received, at the latest when the rule's term is over.
select distinct on (records.subject_id, records.event_date)
    md5(concat_ws('|', 'serious', rules.jurisdiction, records.subject_id, records.event_date)) as entry_id,
    records.subject_id,
    'serious' as list_code,
    rules.jurisdiction,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    reasons.event_type as rule_code,
    records.event_date as entered_on,
    least({{ last_day_of_period('records.event_date', 'rules.term_months') }}, records.valid_to) as ends_on,
    case
        when records.valid_to < {{ last_day_of_period('records.event_date', 'rules.term_months') }} - 1 then 'removed'
        else 'term_ended'
    end as exit_reason,
    records.record_id,
    records.document_no as decision_document_no,
    records.authority as decided_by,
    reasons.source_clause as legal_basis,
    rules.is_published
from {{ ref('credit_records') }} as records
inner join {{ policy_in_force('list_entry_events') }} as reasons
    on records.event_type = reasons.event_type and reasons.list_code = 'serious' and reasons.effect = 'enters'
inner join {{ policy_in_force('list_rules') }} as rules
    on reasons.policy_id = rules.policy_id and reasons.version = rules.version and rules.status <> 'no_rule'
where records.event_date <= {{ as_of() }}
order by records.subject_id asc, records.event_date asc, ends_on desc, records.record_id asc
