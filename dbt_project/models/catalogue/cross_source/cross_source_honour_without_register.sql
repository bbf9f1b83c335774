{{ config(materialized='ephemeral') }}
-- An honour of an enterprise that no register knows: the register has a gap, or the code is another's. Codes that begin
-- with 9 are registered by market supervision; universities and institutes are in no register here. A bureau that
-- reported no enterprises has nothing to compare with: the missing dataset is a gap of its own.
with registering_bureaus as (
    select distinct bureau_code
    from {{ ref('submissions_in_force') }}
    where dataset = 'enterprises' and state = 'loaded'
),

registered as (
    select distinct subject_id
    from {{ ref('credit_records') }}
    where dataset in ('enterprises', 'agencies')
)

select
    'honour_without_register' as rule_code,
    honours.dataset,
    honours.bureau_code,
    honours.period,
    honours.submission_id,
    honours.row_number,
    honours.record_id,
    honours.subject_id,
    {{ contract_column('honours.dataset', 'subject', 'key') }} as field,
    honours.subject_id as reported_value,
    'enterprises' as other_dataset,
    null::text as other_bureau_code,
    null::bigint as other_submission_id,
    null::integer as other_row_number,
    null::text as other_field,
    null::text as other_value
from {{ ref('credit_records') }} as honours
inner join registering_bureaus on honours.bureau_code = registering_bureaus.bureau_code
left join registered on honours.subject_id = registered.subject_id
where
    honours.dataset in ('honours', 'patent_awards', 'standard_certifications')
    and honours.subject_id like '9%'
    and registered.subject_id is null
