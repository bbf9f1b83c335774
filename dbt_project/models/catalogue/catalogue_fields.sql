-- One row per field of an item, in the order of the form.
{% for dataset in var('datasets') %}
{% set contract = contract_of(dataset) %}
{% set dataset_loop = loop %}
{% for column in contract.columns %}
{% if not (dataset_loop.first and loop.first) %}union all{% endif %}
select
    {{ sql_text(dataset) }} as dataset,
    {{ sql_text(contract.catalogue_code) }} as catalogue_code,
    {{ loop.index }} as field_no,
    {{ sql_text(column.name) }} as field,
    {{ sql_text(column.header) }} as header,
    {{ field_aliases(column) }} as aliases,
    {{ sql_text(column.type) }} as field_type,
    {{ column.get('required', false) }} as is_required,
    {{ column.name in contract.natural_key }} as is_in_natural_key,
    {{ sql_text(column.code_list) if column.code_list is defined else "null::text" }} as code_list,
    {{ field_codes(contract, column) }} as codes,
    {{ field_personal(column) }} as personal,
    {{ sql_text(column.description) }} as description
{% endfor %}
{% endfor %}
