{{ config(materialized='ephemeral') }}
-- A code of an agency of this province (it begins like the province's own code) that no register of agencies has.
-- Nothing is said while nobody has reported agencies.
with asking (dataset, field) as (
    values
    {%- set columns = [] %}
    {%- for dataset in var('datasets') if execute %}
    {%- for column in contract_of(dataset).columns if column.type == 'agency_code' and dataset ~ '.' ~ column.name != 'agencies.agency_code' %}
    {%- do columns.append("('" ~ dataset ~ "', '" ~ column.name ~ "')") %}
    {%- endfor %}
    {%- endfor %}
    {{ columns | join(",\n    ") }}
),

known_codes as (
    select distinct details ->> 'agency_code' as agency_code
    from {{ ref('records') }}
    where dataset = 'agencies' and details ->> 'agency_code' is not null
),

register as (
    select count(*) as agencies
    from known_codes
)

select
    'agency_code_unknown' as rule_code,
    records.dataset,
    records.bureau_code,
    records.period,
    records.submission_id,
    records.row_number,
    records.record_id,
    records.subject_id,
    asking.field,
    records.details ->> asking.field as reported_value,
    'agencies' as other_dataset,
    null::text as other_bureau_code,
    null::bigint as other_submission_id,
    null::integer as other_row_number,
    'agency_code' as other_field,
    null::text as other_value
from {{ ref('records') }} as records
inner join asking on records.dataset = asking.dataset
inner join {{ ref('divisions') }} as provinces
    on provinces.level = 'province' and left(records.details ->> asking.field, 2) = left(provinces.division_code, 2)
cross join register
left join known_codes on records.details ->> asking.field = known_codes.agency_code
where known_codes.agency_code is null and register.agencies > 0
