{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Mirror of the serious list. Entries come from the authority that keeps it and are never made here; they end with the
-- removal or listed term received, at the latest when the rule's term is over.
select distinct on (events.subject_id, events.event_date)
    md5(concat_ws('|', 'serious', rules.jurisdiction, events.subject_id, events.event_date)) as entry_id,
    events.subject_id,
    'serious' as list_code,
    rules.jurisdiction,
    rules.policy_id,
    rules.version as policy_version,
    rules.status as policy_status,
    reasons.event_type as rule_code,
    events.event_date as entered_on,
    least({{ last_day_of_period('events.event_date', 'rules.term_months') }}, events.valid_to) as ends_on,
    case
        when events.valid_to < {{ last_day_of_period('events.event_date', 'rules.term_months') }} - 1 then 'removed'
        else 'term_ended'
    end as exit_reason,
    events.record_id,
    events.document_no as decision_document_no,
    events.authority as decided_by,
    reasons.source_clause as legal_basis,
    rules.is_published,
    events.disputed_from is not null and daterange(events.disputed_from, events.disputed_to, '[]') @> {{ as_of() }} as is_disputed,
    false as is_suspended
from {{ ref('credit_events') }} as events
inner join {{ policy_in_force('list_entry_events') }} as reasons
    on events.event_type = reasons.event_type and reasons.list_code = 'serious' and reasons.effect = 'enters'
inner join {{ policy_in_force('list_rules') }} as rules
    on reasons.policy_id = rules.policy_id and reasons.version = rules.version and rules.status <> 'no_rule'
where
    events.event_date <= {{ as_of() }}
    and events.event_type in (
        select listed.event_type from {{ ref('list_entry_events') }} as listed
        where listed.list_code = 'serious' and listed.effect = 'enters'
    )
order by events.subject_id asc, events.event_date asc, ends_on desc, events.record_id asc
