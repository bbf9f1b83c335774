{# How a contract says what a credit record takes from its row. #}

{% macro sql_text(value) -%}
'{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{% macro record_value(contract, attribute, type) -%}
{%- set columns = record_columns(contract, attribute) -%}
{%- if columns | length > 1 -%}
coalesce(staged.{{ columns | join(", staged.") }})::{{ type }}
{%- else -%}
{{ "staged." ~ columns[0] if columns else "null" }}::{{ type }}
{%- endif -%}
{%- endmacro %}

{# Columns that give an attribute of a record: none, one, or several of which the first that is filled counts. #}
{% macro record_columns(contract, attribute) -%}
{%- set given = contract.get('record', {}).get(attribute) -%}
{{ return([] if not given else [given] if given is string else given) }}
{%- endmacro %}

{# A bureau's own division; what the provincial source reports belongs where the row says, a county's to its city: that is
   who reads it. #}
{% macro record_division(contract) -%}
{%- set named = contract.columns | selectattr('type', 'equalto', 'division') | map(attribute='name') | first -%}
{%- if named -%}
case when bureaus.role = 'bureau' then bureaus.division_code else coalesce(
            (
                select case when divisions.level = 'county' then divisions.parent_code else divisions.division_code end
                from {{ ref('divisions') }} as divisions
                where divisions.division_code = staged.{{ named }}
            ),
            bureaus.division_code
        ) end
{%- else -%}
bureaus.division_code
{%- endif -%}
{%- endmacro %}

{# What else a row told, without empty cells and without personal fields: a keyed hash is not for readers either. #}
{% macro disclosed_details(contract) -%}
json_object(
            {%- for column in contract.columns if column.type not in ('person_name', 'id_number') and column.personal is not defined %}
            '{{ column.name }}': staged.{{ column.name }}{{ "," if not loop.last }}
            {%- endfor %}
            absent on null returning jsonb
        )
{%- endmacro %}
