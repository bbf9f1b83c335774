{# Before a build: a staging table whose columns are no longer those of its contract is dropped, and so judged anew as
   a whole. Its hash has changed with the contract, so every submission would be judged again anyway. #}
{% macro drop_outgrown_staging() %}
{%- if execute and flags.WHICH in ('build', 'run') -%}
{%- set schema = generate_schema_name('staging', none) | trim -%}
{# One question for all tables: dbt's own costs a fiftieth of a second each. -#}
{%- set standing = {} -%}
{%- set found = run_query(
    "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_class as c"
    ~ " inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped"
    ~ " where c.relnamespace = to_regnamespace('" ~ schema ~ "') and c.relkind = 'r'"
) -%}
{%- for table, name, type in found.rows.values() -%}
    {%- do standing.setdefault(table, {}).update({name: type | replace(' ', '')}) -%}
{%- endfor -%}
{%- for dataset in var('datasets') -%}
    {%- set present = standing.get('stg_' ~ dataset) -%}
    {%- if present -%}
        {%- set contract = contract_of(dataset) -%}
        {%- set outgrown = namespace(yes=(present | length != contract.columns | length + staging_frame() | length)) -%}
        {%- for column in contract.columns if present.get(column.name) != sql_type(column) | replace(' ', '') -%}
            {%- set outgrown.yes = true -%}
        {%- endfor -%}
        {%- for name in staging_frame() if name not in present -%}
            {%- set outgrown.yes = true -%}
        {%- endfor -%}
        {%- if outgrown.yes -%}
            {%- do log("The contract of " ~ dataset ~ " has changed its columns: all its submissions are judged anew.", info=true) -%}
            {%- do adapter.drop_relation(adapter.get_relation(target.database, schema, 'stg_' ~ dataset)) -%}
        {%- endif -%}
    {%- endif -%}
{%- endfor -%}
{%- endif -%}
{% endmacro %}

{# The columns of every stg_<dataset> that are not the contract's. #}
{% macro staging_frame() %}
{{ return([
    'submission_id', 'row_number', 'bureau_code', 'dataset', 'period', 'contract_hash', 'natural_key', 'subject_id',
    'subject_name', 'claimed_registration_no', 'event_type', 'behaviour_code', 'ended_on', 'issues', 'is_accepted',
]) }}
{% endmacro %}
