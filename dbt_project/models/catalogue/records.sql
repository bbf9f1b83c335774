{{ config(
    materialized='incremental',
    meta={'distribute_by': 'record_id'},
    indexes=[
        {'columns': ['record_id'], 'unique': true}, {'columns': ['subject_id']}, {'columns': ['submission_id', 'row_number']},
        {'columns': ['dataset']}
    ],
    pre_hook="{{ delete_touched(ref('touched_keys'), ['record_id']) }}"
) }}
-- depends_on: {{ ref('row_states') }}, {{ ref('shared_keys') }}, {{ ref('organisations') }}, {{ ref('divisions') }},
-- {{ ref('touched_keys') }}
-- One record per dataset and natural key. Of one bureau's rows one is accepted (row_states); where several bureaus tell of the
-- same, the latest counts (shared_keys). `subject_id` is what the row itself says; none in a row without a code
-- (see identity_links) and in datasets that are about nobody.
-- depends_on: {{ ref('touched_subjects') }} (who had these records before)
{% for dataset in var('datasets') -%}
{% set contract = contract_of(dataset) -%}
{% set staged = ref('stg_' ~ dataset) -%}
{% if execute -%}
select
    {{ record_id('staged') }} as record_id,
    staged.subject_id,
    staged.subject_name,
    staged.claimed_registration_no,
    staged.dataset,
    {{ sql_text(contract.catalogue_code) }} as catalogue_code,
    staged.event_type,
    {{ record_value(contract, 'event_value', 'text') }} as event_value,
    staged.behaviour_code,
    {{ record_value(contract, 'event_date', 'date') }} as event_date,
    {{ record_value(contract, 'valid_from', 'date') }} as valid_from,
    least({{ record_value(contract, 'valid_to', 'date') }}, staged.ended_on) as valid_to,
    {{ record_value(contract, 'document_no', 'text') }} as document_no,
    {{ record_value(contract, 'amount_yuan', 'numeric(18, 2)') }} as amount_yuan,
    {{ record_value(contract, 'authority', 'text') }} as authority,
    {{ record_division(contract) }} as division_code,
    staged.bureau_code,
    staged.period,
    staged.submission_id,
    staged.row_number,
    {{ contract.disclosure == 'internal' }} as is_internal,
    {{ disclosed_details(contract) }} as details
from {{ staged }} as staged
inner join {{ ref('row_states') }} as row_states
    on staged.submission_id = row_states.submission_id and staged.row_number = row_states.row_number
inner join {{ ref('organisations') }} as bureaus on staged.bureau_code = bureaus.organisation_code
{% if is_incremental() -%}
inner join {{ ref('touched_keys') }} as touched
    on staged.dataset = touched.dataset and staged.natural_key = touched.natural_key
{% endif -%}
where
    row_states.state = 'accepted'
    and not exists (
        select 1 from {{ ref('shared_keys') }} as shared
        where
            shared.dataset = staged.dataset and shared.natural_key = staged.natural_key
            and (shared.submission_id, shared.row_number) <> (staged.submission_id, staged.row_number)
    )
{% if not loop.last %}union all{% endif %}
{% endif -%}
{% endfor %}
