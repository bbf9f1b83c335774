{# Before a build: a staging table whose columns are no longer those of its contract is dropped, and so judged anew as
   a whole. Its hash has changed with the contract, so every submission would be judged again anyway. #}
{% macro drop_outgrown_staging() %}
{%- if execute and flags.WHICH in ('build', 'run') -%}
{%- for dataset in var('datasets') -%}
    {%- set relation = adapter.get_relation(target.database, generate_schema_name('staging', none) | trim, 'stg_' ~ dataset) -%}
    {%- if relation -%}
        {%- set present = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do present.update({column.name: column.data_type | replace(' ', '')}) -%}
        {%- endfor -%}
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
            {%- do adapter.drop_relation(relation) -%}
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
