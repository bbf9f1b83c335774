{{ config(materialized='ephemeral') }}
-- Nobody can be punished who no longer exists: the code, the day of the decision or that of the deregistration is wrong.
-- Whose licence was revoked exists until it is deregistered.
select
    'penalty_after_deregistration' as rule_code,
    penalties.dataset,
    penalties.bureau_code,
    penalties.period,
    penalties.submission_id,
    penalties.row_number,
    penalties.record_id,
    penalties.subject_id,
    {{ contract_column('penalties.dataset', 'record', 'event_date') }} as field,
    penalties.event_date::text as reported_value,
    enterprises.dataset as other_dataset,
    enterprises.bureau_code as other_bureau_code,
    enterprises.submission_id as other_submission_id,
    enterprises.row_number as other_row_number,
    'deregistered_on' as other_field,
    enterprises.details ->> 'deregistered_on' as other_value
from {{ ref('credit_records') }} as penalties
inner join {{ ref('credit_records') }} as enterprises
    on
        penalties.subject_id = enterprises.subject_id
        and penalties.event_date > (enterprises.details ->> 'deregistered_on')::date
where
    penalties.dataset = 'penalties'
    and penalties.event_type <> 'penalty_annulled'
    and enterprises.dataset = 'enterprises'
    and enterprises.details ->> 'registration_status' is distinct from 'revoked'
