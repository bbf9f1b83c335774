{{ config(
    materialized='incremental',
    meta={'distribute_by': 'record_id'},
    indexes=[
        {'columns': ['record_id'], 'unique': true}, {'columns': ['subject_id']}, {'columns': ['submission_id', 'row_number']},
        {'columns': ['dataset']}
    ],
    pre_hook="{{ delete_touched(ref('touched_keys'), ['record_id']) }}"
) }}
-- depends_on: {{ ref('divisions') }}
-- One record per dataset and natural key: of several bureaus' accepted rows the latest counts. `subject_id` is what the
-- row itself says; none in a row without a code (see identity_links) and in datasets that are about nobody.
-- depends_on: {{ ref('touched_subjects') }} (who had these records before)
with latest as (
    select distinct on (row_states.dataset, row_states.natural_key)
        row_states.dataset,
        row_states.natural_key,
        row_states.submission_id,
        row_states.row_number
    from {{ ref('row_states') }} as row_states
    inner join {{ ref('submission_states') }} as states on row_states.submission_id = states.submission_id
    {% if is_incremental() -%}
    inner join {{ ref('touched_keys') }} as touched
        on row_states.dataset = touched.dataset and row_states.natural_key = touched.natural_key
    {% endif -%}
    where row_states.state = 'accepted'
    order by
        row_states.dataset asc, row_states.natural_key asc,
        row_states.period desc, states.valid_from desc, row_states.submission_id desc, row_states.row_number desc
),

bureaus as (
    select
        organisation_code,
        role,
        division_code
    from {{ ref('organisations') }}
),

recorded as (
    {% for dataset in var('datasets') -%}
    {% set contract = contract_of(dataset) -%}
    {% set staged = ref('stg_' ~ dataset) -%}
    {% if execute -%}
    select
        {{ record_id('latest') }} as record_id,
        staged.subject_id,
        staged.subject_name,
        staged.claimed_registration_no,
        latest.dataset,
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
    from latest
    inner join {{ staged }} as staged on latest.submission_id = staged.submission_id and latest.row_number = staged.row_number
    inner join bureaus on staged.bureau_code = bureaus.organisation_code
    where latest.dataset = '{{ dataset }}'
    {% if not loop.last %}union all{% endif %}
    {% endif -%}
    {% endfor %}
)

select * from recorded
