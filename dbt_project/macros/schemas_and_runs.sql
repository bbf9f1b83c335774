{# Schemas carry the plain names of the design. A historic build gets schemas of its own by a prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ env_var('IPCREDIT_SCHEMA_PREFIX', '') }}{{ custom_schema_name or target.schema }}
{%- endmacro %}

{# A parameter of the run. Not looked at while dbt parses: it would note the value, and parse all models anew whenever the
   next run has another. #}
{% macro run_parameter(name, default) -%}
  {{ return(env_var(name, default) if execute else default) }}
{%- endmacro %}

{# The day judged. Never the clock: 1900-01-01 shows that nobody said it. #}
{% macro as_of() -%}
  date '{{ run_parameter("IPCREDIT_AS_OF", "1900-01-01") }}'
{%- endmacro %}

{# What had been received and recorded by then. #}
{% macro known_at() -%}
  timestamptz '{{ run_parameter("IPCREDIT_KNOWN_AT", "1900-01-01 00:00:00+08") }}'
{%- endmacro %}

{% macro release_id() -%}
  {{ run_parameter("IPCREDIT_RELEASE_ID", "r19000101_0000") }}
{%- endmacro %}

{# The check that proves a published table's release stands in its contract, which is read while dbt parses: the id is put in
   when the table is made. Keys are not here: add_keys. #}
{% macro postgres__get_table_columns_and_constraints() -%}
  ({{ adapter.render_raw_columns_constraints(raw_columns=model['columns']) | join(", ") | replace("<release_id>", release_id()) }})
{%- endmacro %}

{# Keys of a table by its contract, once it is filled: an index made at once costs a tenth of one that grows row by row. #}
{% macro add_keys(relation) -%}
{%- for key in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
alter table {{ relation }} add {{ key }};
{%- endfor %}
{%- endmacro %}
