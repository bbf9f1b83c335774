{# Schemas carry the plain names of the design. A historic build gets schemas of its own by a prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ env_var('IPCREDIT_SCHEMA_PREFIX', '') }}{{ custom_schema_name or target.schema }}
{%- endmacro %}

{# The day judged. Never the clock: 1900-01-01 shows that nobody said it. #}
{% macro as_of() -%}
  date '{{ env_var("IPCREDIT_AS_OF", "1900-01-01") }}'
{%- endmacro %}

{# What had been received and recorded by then. #}
{% macro known_at() -%}
  timestamptz '{{ env_var("IPCREDIT_KNOWN_AT", "1900-01-01 00:00:00+08") }}'
{%- endmacro %}

{% macro release_id() -%}
  {{ env_var("IPCREDIT_RELEASE_ID", "r19000101_0000") }}
{%- endmacro %}
