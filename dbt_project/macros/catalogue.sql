{# The version of an item in force on a day, for the whole province (`division` none) or as a city's addition to it; to be
   joined laterally. All arguments are SQL expressions. Rows are appended, never edited: an open version gives way to the
   one that took effect last. #}
{% macro item_version_in_force(dataset, day, division=none) -%}
(
        select versions.*
        from {{ ref('catalogue_item_versions') }} as versions
        where
            versions.dataset = {{ dataset }}
            and versions.scope_division_code {{ '= ' ~ division if division else 'is null' }}
            and {{ day }} between coalesce(versions.effective_from, '-infinity') and coalesce(versions.effective_to, 'infinity')
        order by versions.effective_from desc nulls last, versions.version desc
        limit 1
    )
{%- endmacro %}

{# Working days begun between two days: from a due day that is still in time to a day that is not. A day off counts as the
   next working day. Null where the calendar ends. Arguments: rows of working_days. #}
{% macro working_days_late(due, day) -%}
{{ day }}.working_day_no + (not {{ day }}.is_working_day)::integer - {{ due }}.working_day_no
{%- endmacro %}

{# The fields of all contracts in the order of their forms, as one JSON text: a statement of hundreds of selects would
   take minutes to plan and to lint. `personal` as ipcredit/contracts.py understands it; codes as code=label、… #}
{% macro contract_fields() -%}
{%- set fields = [] -%}
{%- for dataset in var('datasets') if execute -%}
{%- set contract = contract_of(dataset) -%}
{%- for column in contract.columns -%}
{%- set aliases = [] -%}
{%- for alias in column.get('aliases', []) -%}
{%- do aliases.append(alias if alias is string else alias.alias) -%}
{%- endfor -%}
{%- set codes = [] -%}
{%- for code, labels in contract.code_lists.get(column.code_list, {}).items() -%}
{%- do codes.append(code ~ "=" ~ labels[0]) -%}
{%- endfor -%}
{%- do fields.append({
    'dataset': dataset, 'catalogue_code': contract.catalogue_code, 'field_no': loop.index, 'field': column.name,
    'header': column.header, 'aliases': aliases | join("、") or none, 'field_type': column.type,
    'is_required': column.get('required', false), 'is_in_natural_key': column.name in contract.natural_key,
    'code_list': column.get('code_list'), 'codes': codes | join("、") or none,
    'personal': 'always' if column.type in ('person_name', 'id_number') else column.get('personal', 'never'),
    'description': column.description,
}) -%}
{%- endfor -%}
{%- endfor -%}
{{ sql_text(tojson(fields)) }}
{%- endmacro %}

{# The columns of a raw row (`given`) that hold a keyed hash: personal ones, and codes in whose place a natural person's
   number was written. #}
{% macro hashed_columns(contract) -%}
array_remove(array[
        {%- for column in contract.columns
            if column.type in ('person_name', 'id_number', 'uscc', 'org_code', 'registration_no') or column.personal is defined %}
            case when given.{{ column.name }} like 'hmac:%' then '{{ column.name }}' end {{- "," if not loop.last }}
        {%- endfor %}
        ]::text [], null)
{%- endmacro %}
