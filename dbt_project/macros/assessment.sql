{# Records in force of a dataset beside the typed row each was taken from: what metrics are counted from. #}
{% macro recorded_rows(dataset) -%}
(
    select
        staged.*,
        records.record_id,
        records.document_no as record_document_no,
        records.division_code as city_code
    from {{ ref('records') }} as records
    inner join {{ ref('stg_' ~ dataset) }} as staged
        on records.submission_id = staged.submission_id and records.row_number = staged.row_number
    where records.dataset = '{{ dataset }}'
)
{%- endmacro %}

{# The columns of a record that counts, in the order of models/assessment/metrics/metric_records.sql. `counted_as` tells apart what
   counts once however often it stands there, or is an option; `choice_rank` is the option's place. #}
{% macro counted_columns(relation, is_evidenced='true', counted_as='null::text', choice_rank='null::integer') -%}
{{ relation }}.record_id,
    {{ relation }}.dataset,
    {{ relation }}.city_code,
    {{ relation }}.county_name,
    {{ relation }}.record_document_no,
    {{ relation }}.submission_id,
    {{ relation }}.row_number,
    {{ is_evidenced }} as is_evidenced,
    {{ counted_as }} as counted_as,
    {{ choice_rank }} as choice_rank
{%- endmacro %}

{# What every piece of models/assessment/scores takes from its rule and region. #}
{% macro scored_cell(relation) -%}
{{ relation }}.assessment_year,
    {{ relation }}.region_code,
    {{ relation }}.rule_id
{%- endmacro %}

{# A number as a reader writes it: no trailing zeros, four decimals at most. #}
{% macro shown(number) -%}
trim_scale(round({{ number }}, 4))::text
{%- endmacro %}

{# Whether a row is about a region: the whole city (市本级), or the county it names by name or alias. #}
{% macro is_region(relation, regions) -%}
(
        {{ relation }}.city_code = {{ regions }}.city_code
        and case
            when {{ relation }}.county_name = '市本级' then {{ regions }}.region_level <> 'county'
            else {{ regions }}.region_level = 'county' and {{ relation }}.county_name = any({{ regions }}.names)
        end
    )
{%- endmacro %}
