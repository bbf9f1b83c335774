{# What cross-source checks compare, and the columns of contracts by dataset. #}

{# A name without what people write differently: width, case, white space, brackets, dots and dashes. #}
{% macro name_key(expression) -%}
translate({{ clean_code(expression) }}, '()[]〔〕【】·•.,、,-—_', '')
{%- endmacro %}

{# The column that gives an attribute of a dataset's subject or record, for every dataset that has it. #}
{% macro contract_column(dataset, section, attribute) -%}
case
            {%- for name in var('datasets') if execute %}
            {%- set column = (contract_of(name).get(section) or {}).get(attribute) %}
            {%- if column %}
            when {{ dataset }} = '{{ name }}' then '{{ column if column is string else column[0] }}'
            {%- endif %}
            {%- endfor %}
        end
{%- endmacro %}

{# The quarter in which a reporting period ends: what quality is ranked by and samples are reviewed by. #}
{% macro quarter_of(period_end) -%}
to_char({{ period_end }}, 'YYYY"Q"Q')
{%- endmacro %}
