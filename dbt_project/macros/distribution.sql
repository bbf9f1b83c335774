{# Growing past one machine. On a database with the extension Citus a table is spread over the workers by what its
   `meta.distribute_by` says: a column, or `reference` for a copy on each of them; a table without it stays on the
   coordinator. On plain PostgreSQL tables are made by dbt's own statements. #}

{# Whether tables can be distributed: asked of the database, so that no target and no setting has to know; once in a run. #}
{% macro can_distribute() %}
{%- if execute and 'can_distribute' not in graph -%}
    {%- set found = run_query("select to_regproc('create_distributed_table') is not null") -%}
    {%- do graph.update({'can_distribute': found.columns[0].values()[0]}) -%}
{%- endif -%}
{{ return(graph.get('can_distribute', false)) }}
{% endmacro %}

{# Large tables are made empty, distributed and then filled: filled first, they would have to fit on the coordinator. Small
   ones are filled first: an INSERT … SELECT into a reference table has Citus 14 evaluate `case x when y` wrongly. What an
   increment brings is gathered in a temporary table on the coordinator, and goes on from there. What is read over several
   connections could not be followed by DDL (ANALYZE counts as such) in the same transaction: hence `sequential`. #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
{%- set key = config.get('meta', {}).get('distribute_by') -%}
{%- if not key or not can_distribute() -%}
{{ dbt.postgres__create_table_as(temporary, relation, sql) }}
{%- if not temporary and config.get('contract').enforced %}{{ add_keys(relation) }}{% endif %}
{%- elif temporary or key == 'reference' -%}
{{ sequentially() }}
{{ dbt.postgres__create_table_as(temporary, relation, sql) }}
{%- if not temporary %}
select create_reference_table('{{ relation }}')
{%- endif %}
{%- else -%}
create table {{ relation }} as
{{ sql }}
with no data;
select create_distributed_table('{{ relation }}', '{{ key }}');
insert into {{ relation }}
{{ sql }}
{%- endif -%}
{%- endmacro %}

{# A view that joins by one key what is asked for by another has a key of its own, and is a table where that matters. #}
{% materialization view, adapter='postgres' %}
{%- if config.get('meta', {}).get('distribute_by') and can_distribute() -%}
    {{ return(dbt.materialization_table_default()) }}
{%- endif -%}
{{ return(dbt.materialization_view_default()) }}
{% endmaterialization %}

{# A post-hook of seeds. #}
{% macro distribute_seed() -%}
{%- if can_distribute() -%}
select create_reference_table('{{ this }}')
{%- endif -%}
{%- endmacro %}

{# Before a build: a table that another database was restored with stands on the coordinator and is made anew; one that never is
   (`full_refresh: false`) is small, and is distributed as it stands. Only what is not made anew anyhow is looked at. #}
{% macro drop_undistributed() %}
{%- if can_distribute() and flags.WHICH in ('build', 'run') -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
        {%- set relation = adapter.get_relation(target.database, node.schema, node.alias) -%}
        {%- if relation and not run_query(
            "select 1 from pg_dist_partition where logicalrelid = '" ~ relation ~ "'::regclass"
        ).rows -%}
            {%- if node.config.full_refresh is false -%}
                {%- do run_query("select create_reference_table('" ~ relation ~ "')") -%}
            {%- else -%}
                {%- do log("Made anew, to be distributed: " ~ relation, info=true) -%}
                {%- do adapter.drop_relation(relation) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{% endmacro %}
