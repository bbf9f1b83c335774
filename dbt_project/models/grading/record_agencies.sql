{{ config(meta={'distribute_by': 'agency_id'}, indexes=[{'columns': ['subject_id']}]) }}
-- The agency that filed what was found abnormal or malicious, by its own code or by the one the office gave it: the act
-- is the applicant's record and the agency's, too.
with agency_codes as (
    select
        records.details ->> 'agency_code' as agency_code,
        -- two agencies that claim one code: nobody knows whose it is
        case when count(distinct records.subject_id) = 1 then min(records.subject_id) end as agency_id
    from {{ ref('credit_records') }} as records
    where records.dataset = 'agencies' and records.details ? 'agency_code'
    group by 1
),

filed as (
    select
        records.record_id,
        records.subject_id,
        records.details ->> 'agency_uscc' as agency_uscc,
        records.details ->> 'agency_code' as agency_code
    from {{ ref('credit_records') }} as records
    where records.dataset in ('abnormal_patents', 'malicious_trademarks')
)

select
    filed.record_id,
    filed.subject_id,
    coalesce(filed.agency_uscc, agency_codes.agency_id) as agency_id
from filed
left join agency_codes on filed.agency_code = agency_codes.agency_code
where coalesce(filed.agency_uscc, agency_codes.agency_id) is not null
