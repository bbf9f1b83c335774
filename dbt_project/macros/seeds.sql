{# A seed whose table was made of the same file, types and descriptions stays (on a cluster: if it was spread): dbt reads a
   CSV file row by row in Python, and 48 of them take longer than all SQL of a quiet day. The mark is written in the
   transaction that makes the table. #}

{% macro seed_mark() -%}
{%- set node = graph.nodes[model.unique_id] -%}
{{ local_md5(
    node.checksum.checksum ~ tojson(node.config.column_types) ~ tojson(node.columns) ~ node.description ~ can_distribute()
) }}
{%- endmacro %}

{# A post-hook of seeds. #}
{% macro note_seed() -%}
{%- if execute -%}
insert into intake.applied_seeds (seed, seed_table, mark)
values ('{{ this.schema }}.{{ this.identifier }}', '{{ this }}'::regclass, '{{ seed_mark() }}')
on conflict (seed) do update set seed_table = excluded.seed_table, mark = excluded.mark
{%- endif -%}
{%- endmacro %}

{# Marks of the seeds whose tables are those they were written for; read once in a run. #}
{% macro applied_seeds() -%}
{%- if 'applied_seeds' not in graph -%}
    {%- set found = run_query("select seed, mark from intake.applied_seeds where seed_table = to_regclass(seed)") -%}
    {%- do graph.update({'applied_seeds': found}) -%}
{%- endif -%}
{{ return(graph['applied_seeds']) }}
{%- endmacro %}

{% materialization seed, adapter='postgres' %}
{%- set applied = applied_seeds() -%}
{%- if [this.schema ~ "." ~ this.identifier, seed_mark()] not in applied.rows | map('list') | list -%}
    {{ return(dbt.materialization_seed_default()) }}
{%- endif -%}
{%- do store_result('agate_table', response='OK', agate_table=applied) -%}
{%- do store_raw_result(name='main', message='UNCHANGED', code='UNCHANGED', rows_affected='0') -%}
{{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}
