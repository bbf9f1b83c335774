{# What a cell held, made comparable. Cleaning never refuses anything: it only takes away what carries no meaning.
   Cells that say "nothing here" in the bureaus' usual ways count as empty. #}

{# Codes, numbers, labels: NFKC (full-width to half-width), no white space, no text marks of Excel, upper case. Most cells
   need none of it, and one look tells: printable ASCII but small letters, ' and `; 、 to 〕; Chinese characters. #}

{% macro clean_code(expression) -%}
case when {{ expression }} ~ '^[!-&(-_{-~\u3001-\u3015\u4e00-\u9fff]*$' then {{ unless_blank(expression) }} else {{ blank_to_null(without_space("upper(normalize(" ~ expression ~ ", nfkc))")) }} end
{%- endmacro %}

{% macro without_space(expression) -%}
translate({{ expression }}, E' \t\n\r\v\f\u0085\u1680\u2028\u2029\u200b\u200c\u200d\u2060\ufeff''`\u2018\u2019', '')
{%- endmacro %}

{# Names and free text keep their form; white space at the ends goes, inside it becomes one space. #}
{% macro clean_text(expression) -%}
{%- set spaces = "[\\s\\u00a0\\u3000\\u200b\\u2060\\ufeff]" -%}
case when {{ expression }} !~ '{{ spaces }}' then {{ unless_blank(expression) }} else {{ blank_to_null("btrim(regexp_replace(" ~ expression ~ ", '" ~ spaces ~ "+', ' ', 'g'))") }} end
{%- endmacro %}

{# Texts of paragraphs keep their line breaks, whatever system wrote them; spaces around a break and empty lines go. #}
{% macro clean_paragraphs(expression) -%}
{{ blank_to_null("btrim(regexp_replace(regexp_replace(translate(replace(" ~ expression ~ ", '_x000D_', ''), E'\\r\\u000b\\f\\u0085\\u2028\\u2029', repeat(E'\\n', 6)), '[ \\t\\u00a0\\u3000\\u200b\\u2060\\ufeff]+', ' ', 'g'), ' ?(\\n ?)+', E'\\n', 'g'), E' \\n')") }}
{%- endmacro %}

{# Dates keep one space, which may part the day from the time. #}
{% macro clean_date(expression) -%}
case when {{ expression }} ~ '^[0-9/.年月日-]*$' then {{ unless_blank(expression) }} else {{ blank_to_null(
    "btrim(regexp_replace(upper(normalize(" ~ expression ~ ", nfkc)), '[\\s\\u200b\\u2060\\ufeff]+', ' ', 'g'), ' ''')"
) }} end
{%- endmacro %}

{# For a yes/no cell 无 is an answer, so only true blanks count as empty. #}
{% macro clean_boolean(expression) -%}
nullif({{ without_space("upper(normalize(" ~ expression ~ ", nfkc))") }}, '')
{%- endmacro %}

{% macro blanks() -%} {{ return(['', '-', '--', '—', '——', '/', '\\', '无', 'NULL', 'null', 'N/A', 'n/a']) }} {%- endmacro %}

{# For a column as it is: one look instead of twelve. #}
{% macro unless_blank(column) -%}
case when {{ column }} not in ('{{ blanks() | join("', '") }}') then {{ column }} end
{%- endmacro %}

{# For an expression, which is worked out once. #}
{% macro blank_to_null(expression) -%}
{%- set wrapped = namespace(sql=expression) -%}
{%- for blank in blanks() -%}
{%- set wrapped.sql = "nullif(" ~ wrapped.sql ~ ", '" ~ blank ~ "')" -%}
{%- endfor -%}
{{ wrapped.sql }}
{%- endmacro %}

{# A cell in which Excel shows an error instead of a value. #}
{% macro is_cell_error(value) -%}
{{ value }} like '#%' and {{ value }} ~ '^#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA|无计算结果)'
{%- endmacro %}

{# 1.23E+17 or 210600000000123456.0: a long number that was stored as a float and is no longer what was typed. Signs and
   digits stand before ':'. #}
{% macro has_lost_digits(value) -%}
{{ value }} < ':' and ({{ value }} like '%E%' or {{ value }} like '%e%' or {{ value }} like '%.0%') and {{ value }} ~ '^[+-]?(\d+(\.\d+)?[Ee]\+?\d{2,3}|\d{16,}\.0+)$'
{%- endmacro %}
