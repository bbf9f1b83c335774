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

{# Other headers a field is known by, as the contract writes them. #}
{% macro field_aliases(column) -%}
{%- set texts = [] -%}
{%- for alias in column.get('aliases', []) -%}
{%- do texts.append(alias if alias is string else alias.alias) -%}
{%- endfor -%}
{{ sql_text(texts | join("、")) if texts else "null::text" }}
{%- endmacro %}

{# The codes of a field with the label of each: code=label、… #}
{% macro field_codes(contract, column) -%}
{%- set pairs = [] -%}
{%- if column.code_list is defined -%}
{%- for code, labels in contract.code_lists[column.code_list].items() -%}
{%- do pairs.append(code ~ "=" ~ labels[0]) -%}
{%- endfor -%}
{%- endif -%}
{{ sql_text(pairs | join("、")) if pairs else "null::text" }}
{%- endmacro %}

{# Whether a field holds personal data, as ipcredit/contracts.py understands the contract. #}
{% macro field_personal(column) -%}
{{ "'always'" if column.type in ('person_name', 'id_number') else sql_text(column.get('personal', 'never')) }}
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
