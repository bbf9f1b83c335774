{# First and last day of a reporting period: 2022, 2022Q3 or 2022-11. #}
{% macro period_start(period) -%}
make_date(left({{ period }}, 4)::integer, case
            when {{ period }} like '____Q_' then right({{ period }}, 1)::integer * 3 - 2
            when {{ period }} like '____-__' then right({{ period }}, 2)::integer
            else 1
        end, 1)
{%- endmacro %}

{% macro period_end(period) -%}
({{ period_start(period) }} + case
            when {{ period }} like '____Q_' then interval '3 months'
            when {{ period }} like '____-__' then interval '1 month'
            else interval '1 year'
        end - interval '1 day')::date
{%- endmacro %}
