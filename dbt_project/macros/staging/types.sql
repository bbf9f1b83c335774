{# A contract type in four steps, one wide pass each, so that no cell is worked on twice:
   cleaned_value → shaped_value (canonical text where an explicit pattern matches, else null) → typed_value (the cast)
   → field_issue (at most one code per cell). Nothing is cast before it has matched a pattern: PostgreSQL itself would
   take today, infinity, NaN or J2459640. `column` is a column of contract_of(); the passes are in judging.sql. #}

{% macro sql_type(column) -%}
{{ {'date': 'date', 'year': 'integer', 'integer': 'integer', 'amount': 'numeric(18, 2)', 'number': 'numeric(18, 4)', 'boolean': 'boolean'}.get(column.type, 'text') }}
{%- endmacro %}

{% macro cleaned_value(column) -%}
{%- set given = "given." ~ column.name -%}
{%- if column.type in ('text', 'person_name', 'id_number') -%} {{ clean_text(given) }}
{%- elif column.type == 'long_text' -%} {{ clean_paragraphs(given) }}
{%- elif column.type == 'date' -%} {{ clean_date(given) }}
{%- elif column.type == 'boolean' -%} {{ clean_boolean(given) }}
{%- else -%} {{ clean_code(given) }}
{%- endif -%}
{%- endmacro %}

{% macro shaped_value(column) -%}
{%- set value = "cleaned." ~ column.name -%}
{%- if column.type == 'uscc' -%}
case when {{ is_uscc(value) }} then {{ value }} end
{%- elif column.type == 'org_code' -%}
case when {{ value }} ~ '^[0-9A-Z]{8}-?[0-9X]$' then replace({{ value }}, '-', '') end
{%- elif column.type == 'registration_no' -%}
case when {{ value }} ~ '^(\d{13}|\d{15})$' then {{ value }} end
{%- elif column.type in ('patent_application_no', 'patent_no') -%}
case when {{ value }} ~ '{{ patent_pattern() }}' then ltrim(replace({{ value }}, '.', ''), 'ZLCN') end
{%- elif column.type == 'trademark_no' -%}
case
            when {{ value }} ~ '^第?(\d{1,8}|G\d{6,7})[A-Z]{0,2}号?(\.0+)?$'
                then translate(split_part({{ value }}, '.', 1), '第号', '')
        end
{%- elif column.type == 'agency_code' -%}
case when {{ value }} ~ '^\d{5}(\.0+)?$' then left({{ value }}, 5) end
{%- elif column.type == 'document_no' -%}
{{ with_bracketed_year(value) }}
{%- elif column.type == 'date' -%}
case
            when {{ value }} like '____-__-__' and translate({{ value }}, '0123456789', '') = '--' then {{ value }}
            when {{ value }} ~ '{{ written_date_pattern() }}(( ?[日号])?|( ?[日号] ?|[T ])\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)$'
                then translate(substring({{ value }} from '{{ written_date_pattern() }}'), '/.年月 ', '----')
            when {{ value }} ~ '^\d{8}(\.0+)?$'
                then substr({{ value }}, 1, 4) || '-' || substr({{ value }}, 5, 2) || '-' || substr({{ value }}, 7, 2)
            -- Excel counts days; five digits reach from 1927 to 2173
            when {{ value }} ~ '^[1-9]\d{4}(\.\d+)?$'
                then to_char(date '1899-12-30' + left({{ value }}, 5)::integer, 'YYYY-MM-DD')
        end
{%- elif column.type == 'year' -%}
case when {{ value }} ~ '^\d{4}年?度?(\.0+)?$' then left({{ value }}, 4) end
{%- elif column.type == 'integer' -%}
case
            when length({{ value }}) <= 9 and {{ value }} !~ '[^0-9]' then {{ value }}
            when {{ value }} ~ '^[+-]?(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.0+)?$'
                then translate(split_part({{ value }}, '.', 1), ',+', '')
        end
{%- elif column.type == 'amount' -%}
case
            when {{ is_plain_number(value) }} then {{ value }}
            when {{ value }} ~ '^¥?(人民币)?[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,30})?\(?(亿元|亿|万元|万|元)?(人民币)?\)?整?$'
                then translate({{ value }}, '¥人民币亿万元整(),+', '')
        end
{%- elif column.type == 'number' -%}
case
            when {{ is_plain_number(value) }} then {{ value }}
            when {{ value }} ~ '^[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,30})?%?$' then translate({{ value }}, ',+', '')
        end
{%- elif column.type == 'sha256' -%}
case when {{ value }} ~ '^[0-9A-F]{64}$' then lower({{ value }}) end
{%- elif column.type == 'boolean' -%}
case
            when {{ value }} in ('是', '有', '已', '对', '√', '✓', 'Y', 'YES', 'T', 'TRUE', '1', '1.0') then 'true'
            when {{ value }} in ('否', '无', '未', '不', '错', '×', 'X', 'N', 'NO', 'F', 'FALSE', '0', '0.0') then 'false'
        end
{%- elif column.type == 'code' -%}
{{ column.name }}__codes.code
{%- elif column.type == 'division' -%}
{{ column.name }}__divisions.division_code
{%- else -%}
{{ value }}
{%- endif -%}
{%- endmacro %}

{# The number of a document, cleaned, with its year in 〔〕 whatever brackets were written. #}
{% macro with_bracketed_year(value) -%}
case
            when {{ value }} ~ '〔\d{4}〕' then {{ value }}
            else regexp_replace({{ value }}, '[\[({<《【〖〔]((?:19|20)\d{2})[\])}>》】〗〕]', '〔\1〕')
        end
{%- endmacro %}

{# A regular expression is worked out anew for every cell, the dearer the more places it counts (2 µs for a day, 4 µs for an
   amount). Most cells are written plainly, which LIKE and translate() see for a tenth. #}

{# Up to 15 digits, perhaps with a point among them. #}
{% macro is_plain_number(value) -%}
length({{ value }}) <= 15 and translate({{ value }}, '0123456789', '') in ('', '.') and {{ value }} not like '.%' and {{ value }} not like '%.'
{%- endmacro %}

{# Capturing groups make PostgreSQL's regular expressions a hundred times slower: match first, then cut. #}
{% macro written_date_pattern() -%} ^\d{4} ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} {%- endmacro %}

{% macro typed_value(column, contract) -%}
{%- set shape = "shaped." ~ column.name -%}
{%- if is_secondary(column, contract) -%}
{{ secondary_value(column, shape) }}
{%- elif column.type == 'date' -%}
(case when pg_input_is_valid({{ shape }}, 'date') then {{ shape }} end)::date
{%- elif column.type in ('year', 'integer', 'boolean') -%}
{{ shape }}::{{ sql_type(column) }}
{%- elif column.type == 'amount' -%}
{# In yuan. What does not fit numeric(18, 2) stays empty and is out of range. #}
{{ rounded(shape ~ "::numeric * " ~ amount_unit(column), 2) }}
{%- elif column.type == 'number' -%}
{{ rounded("rtrim(" ~ shape ~ ", '%')::numeric * case when " ~ shape ~ " like '%\%' then 0.01 else 1 end", 4) }}
{%- elif column.type in ('patent_application_no', 'patent_no') -%}
{{ "'ZL' || " if column.type == 'patent_no' }}left({{ shape }}, -1) || '.' || right({{ shape }}, 1)
{%- else -%}
{{ shape }}
{%- endif -%}
{%- endmacro %}

{# As numeric(18, decimals), or null where it does not fit: looked at after rounding, which may add a digit. #}
{% macro rounded(number, decimals) -%}
(case when abs(round({{ number }}, {{ decimals }})) < 1e{{ 18 - decimals }} then round({{ number }}, {{ decimals }}) end)::numeric(18, {{ decimals }})
{%- endmacro %}

{# An identifier beside the one that names the subject: a mistake in it is told and the value left out, the row stays. #}
{% macro is_secondary(column, contract) -%}
{{ return(
    column.type in ('uscc', 'org_code', 'registration_no', 'agency_code')
    and not column.required and column.name not in contract.natural_key
    and column.name != contract.get('subject', {}).get('key')
) }}
{%- endmacro %}

{% macro secondary_value(column, shape) -%}
{%- if column.type == 'uscc' -%} case when {{ uscc_is_valid(shape) }} then {{ shape }} end
{%- elif column.type == 'org_code' -%} case when {{ org_code_is_valid(shape) }} then {{ shape }} end
{%- else -%} {{ shape }}
{%- endif -%}
{%- endmacro %}

{# Yuan in one unit of the number: 亿, 万 or 元 written in the cell, else the unit of the header. #}
{% macro amount_unit(column) -%}
{%- set given = "shaped." ~ column.name ~ "__given" -%}
case
            when {{ given }} like '%亿%' then 100000000
            when {{ given }} like '%万%' then 10000
            when {{ given }} not like '%元%' and shaped.{{ column.name }}_unit = 'wan_yuan' then 10000
            else 1
        end
{%- endmacro %}

{# Days that mean "no end" and days that mean "unknown" in the bureaus' systems. Neither is a date: both become null,
   the first silently (templates ask for it), the second with a warning; a required date is then missing. #}
{% macro open_end_dates() -%} (date '2099-12-31', date '9999-12-31') {%- endmacro %}
{% macro unknown_dates() -%} (date '1899-12-30', date '1899-12-31', date '1900-01-01') {%- endmacro %}

{# The column as the row keeps it. #}
{% macro kept_value(column) -%}
{%- set value = "parsed." ~ column.name -%}
{%- if column.type == 'date' -%}
case when {{ value }} not in {{ open_end_dates() }} and {{ value }} not in {{ unknown_dates() }} then {{ value }} end
{%- else -%}
{{ value }}
{%- endif -%}
{%- endmacro %}

{# '<column>:<issue code>' of one cell, or null. Codes and severities: seeds/policy/issue_types.csv. #}
{% macro field_issue(column, contract) -%}
{%- set given = "parsed." ~ column.name ~ "__given" -%}
{%- set value = "parsed." ~ column.name -%}
{%- set low, high = column.get('min'), column.get('max') -%}
{%- set unreadable = {
    'uscc': 'bad_uscc', 'org_code': 'bad_org_code', 'registration_no': 'bad_registration_no',
    'patent_application_no': 'bad_patent_no', 'patent_no': 'bad_patent_no', 'trademark_no': 'bad_trademark_no',
    'agency_code': 'bad_agency_code', 'date': 'bad_date', 'year': 'bad_year', 'integer': 'bad_number',
    'amount': 'bad_number', 'number': 'bad_number', 'sha256': 'bad_sha256', 'boolean': 'bad_boolean', 'code': 'unknown_code',
    'division': 'unknown_division' if column.required or column.own_division else 'place_elsewhere',
}.get(column.type) -%}
case
            when {{ given }} is null then {{ "'" ~ column.name ~ ":missing_required'" if column.required else "null" }}
            {%- if is_secondary(column, contract) %}
            when {{ value }} is null then '{{ column.name }}:secondary_code_left_out'
            {%- else %}
            when {{ is_cell_error(given) }} then '{{ column.name }}:cell_error'
            {%- if column.type not in ('date', 'year', 'boolean', 'code', 'division', 'long_text', 'person_name', 'id_number') %}
            when {{ has_lost_digits(given) }} then '{{ column.name }}:digits_lost'
            {%- endif %}
            {%- if column.type in ('amount', 'number') %}
            when {{ value }} is null and {{ value }}__shape is not null then '{{ column.name }}:number_out_of_range'
            {%- endif %}
            {%- if unreadable %}
            when {{ value }} is null then '{{ column.name }}:{{ unreadable }}'
            {%- endif %}
            {%- if column.type == 'uscc' %}
            when not {{ uscc_is_valid(value) }} then '{{ column.name }}:uscc_check_digit'
            when not {{ org_code_is_valid(value, 9) }} then '{{ column.name }}:uscc_inner_org_code'
            {%- elif column.type == 'org_code' %}
            when not {{ org_code_is_valid(value) }} then '{{ column.name }}:org_code_check_digit'
            {%- elif column.type in ('patent_application_no', 'patent_no') %}
            when not {{ patent_is_valid(value ~ "__shape") }} then '{{ column.name }}:patent_check_digit'
            {%- elif column.type == 'document_no' %}
            when {{ value }} !~ '^[^〔〕]*〔(19|20)\d{2}〕[^〔〕]*\d[^〔〕]*$' then '{{ column.name }}:bad_document_no'
            {%- elif column.type == 'date' %}
            when {{ value }} in {{ open_end_dates() }} then {{ "'" ~ column.name ~ ":missing_required'" if column.required else "null" }}
            when {{ value }} in {{ unknown_dates() }} then '{{ column.name }}:{{ "missing_required" if column.required else "date_placeholder" }}'
            when {{ value }} not between date '{{ low or "1949-10-01" }}' and date '{{ high or "2099-12-31" }}'
                {%- if column.name in record_columns(contract, 'event_date') %}
                -- what a record reports has happened by the day it is received
                or {{ value }} > (parsed.received_at at time zone 'Asia/Shanghai')::date
                {%- endif %}
                then '{{ column.name }}:date_out_of_range'
            {%- elif column.type == 'year' %}
            when {{ value }} not between {{ low or 1949 }} and {{ high or 2099 }} then '{{ column.name }}:year_out_of_range'
            {%- elif column.type in ('integer', 'amount', 'number') %}
            {%- if low is not none %}
            when {{ value }} < {{ low }} then '{{ column.name }}:number_out_of_range'
            {%- endif %}
            {%- if high is not none %}
            when {{ value }} > {{ high }} then '{{ column.name }}:number_out_of_range'
            {%- endif %}
            {%- elif column.type == 'division' %}
            when parsed.home_division_code not in ({{ value }}, {{ "coalesce(" if column.own_division }}parsed.{{ column.name }}__parent{{ ", '')" if column.own_division }})
                then '{{ column.name }}:{{ "division_of_other_bureau" if column.own_division else "place_elsewhere" }}'
            {%- endif %}
            {%- endif %}
        end
{%- endmacro %}
