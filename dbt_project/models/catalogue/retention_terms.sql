{{ config(materialized='view') }}
-- Until when each row may keep the personal data in it: so many years, as the catalogue in force on the day judged says, after
-- what it reports happened or ceased to hold. What has not ceased yet counts from the end of the period that reports it, and
-- so does a row without a readable date. Rows of one natural key tell of one matter: they end together, with the last of
-- them, and get one stand-in, so that what superseded what stays as it was. Only `ipcredit retention` reads this: a view
-- costs the daily build nothing.
with years as (
    select
        items.dataset,
        organisations.organisation_code as bureau_code,
        coalesce(of_city.retention_years, of_province.retention_years, items.retention_years) as retention_years,
        coalesce(
            case when of_city.retention_years is not null then of_city.source_clause end,
            of_province.source_clause,
            items.legal_basis
        ) as retention_basis
    from {{ ref('contract_items') }} as items
    cross join {{ ref('organisations') }} as organisations
    left join lateral {{ item_version_in_force('items.dataset', as_of()) }} as of_province on true
    left join lateral {{ item_version_in_force('items.dataset', as_of(), 'organisations.division_code') }} as of_city on true
),

dated as (
    {% for dataset in var('datasets') -%}
    {% set contract = contract_of(dataset) -%}
    {% set staged = ref('stg_' ~ dataset) -%}
    {% set given = source('raw', dataset) -%}
    {% if execute -%}
    select
        staged.dataset,
        staged.submission_id,
        staged.row_number,
        staged.bureau_code,
        staged.natural_key,
        {{ hashed_columns(contract) }} as personal_columns,
        coalesce(
            greatest(
                {{ record_value(contract, 'event_date', 'date') }},
                {% if contract.record.get('valid_to') -%}
                coalesce(least({{ record_value(contract, 'valid_to', 'date') }}, staged.ended_on), {{ period_end('staged.period') }})
                {%- else -%}
                staged.ended_on
                {%- endif %}
            ),
            {{ period_end('staged.period') }}
        ) as counts_from
    from {{ staged }} as staged
    inner join {{ given }} as given
        on staged.submission_id = given.submission_id and staged.row_number = given.row_number
    {% if not loop.last %}union all{% endif %}
    {% endif -%}
    {% endfor %}
),

termed as (
    select
        dated.*,
        years.retention_years,
        years.retention_basis,
        coalesce(dated.natural_key, dated.submission_id || '-' || dated.row_number) as matter,
        {{ last_day_of_period('dated.counts_from', '12 * years.retention_years') }} as row_term_ends_on
    from dated
    inner join years on dated.dataset = years.dataset and dated.bureau_code = years.bureau_code
)

select
    dataset,
    submission_id,
    row_number,
    personal_columns,
    retention_years,
    retention_basis,
    max(row_term_ends_on) over matters as term_ends_on,
    'erased:' || array_to_string(min(array[submission_id, row_number]) over matters, '-') as stand_in
from termed
window matters as (partition by dataset, matter)
