{{ config(meta={'distribute_by': 'subject_id'}) }}
-- One entry per unbroken run of days on which an honour qualifies and nothing bars.
with honoured as (
    select
        subject_id,
        policy_id,
        range_agg(daterange(qualifies_from, qualifies_to, '[]')) as days
    from {{ ref('red_honours') }}
    group by subject_id, policy_id
),

barred as (
    select
        subject_id,
        policy_id,
        range_agg(daterange(barred_from, barred_to, '[]')) as days
    from {{ ref('red_bars') }}
    group by subject_id, policy_id
),

runs as (
    select
        honoured.subject_id,
        honoured.policy_id,
        barred.days as barred_days,
        unnest(honoured.days - coalesce(barred.days, '{}')) as days
    from honoured
    left join barred on honoured.subject_id = barred.subject_id and honoured.policy_id = barred.policy_id
)

-- The entry shows the earliest honour that held on its first day.
select distinct on (runs.subject_id, runs.policy_id, lower(runs.days))
    md5(concat_ws('|', 'red', honours.jurisdiction, runs.subject_id, lower(runs.days))) as entry_id,
    runs.subject_id,
    'red' as list_code,
    honours.jurisdiction,
    runs.policy_id,
    honours.policy_version,
    honours.policy_status,
    honours.rule_code,
    lower(runs.days) as entered_on,
    upper(runs.days) - 1 as ends_on,
    case when runs.barred_days @> upper(runs.days) then 'negative_record' else 'honour_lapsed' end as exit_reason,
    honours.record_id,
    honours.document_no as decision_document_no,
    honours.authority as decided_by,
    honours.legal_basis,
    honours.is_published,
    honours.is_disputed,
    false as is_suspended
from runs
inner join {{ ref('red_honours') }} as honours
    on
        runs.subject_id = honours.subject_id
        and runs.policy_id = honours.policy_id
        and daterange(honours.qualifies_from, honours.qualifies_to, '[]') @> lower(runs.days)
where lower(runs.days) <= {{ as_of() }}
order by runs.subject_id, runs.policy_id, lower(runs.days), honours.event_date, honours.record_id
