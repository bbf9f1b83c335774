{# What PostgreSQL itself keeps need not be looked for in all rows with every build: by a NOT NULL it knows that no row is null
   without looking, and where there is a key, the tests below do not count. #}

{# A post-hook of incremental tables, when they are made anew: NOT NULL on columns that a test says it of, or that are in a
   unique index. #}
{% macro keep_not_null() -%}
{%- if execute and config.get('materialized') == 'incremental' and not is_incremental() -%}
    {%- set columns = [] -%}
    {%- for index in config.get('indexes', []) if index.unique -%}
        {%- do columns.extend(index.columns) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' and node.attached_node == model.unique_id
            and node.get('test_metadata', {}).get('name') == 'not_null' -%}
        {%- do columns.append(node.column_name) -%}
    {%- endfor -%}
    {%- if columns -%}
alter table {{ this }} {% for column in columns | unique %}alter column {{ column }} set not null{{ ", " if not loop.last }}{% endfor %}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}

{# Whether a table has a key of some of these columns. Of a part of a table (a test with `where`) it is not asked. #}
{% macro has_key(model, columns) -%}
{%- if '(' in model | string -%} false
{%- else -%} quality.has_key('{{ model }}', array['{{ columns | join("', '") }}'])
{%- endif -%}
{%- endmacro %}

{# dbt's own test, but where there is a key. #}
{% macro default__test_unique(model, column_name) %}
select
    {{ column_name }} as unique_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} is not null and not {{ has_key(model, [column_name]) }}
group by {{ column_name }}
having count(*) > 1
{% endmacro %}
