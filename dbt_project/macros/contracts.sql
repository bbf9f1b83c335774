{# The contract of a dataset as models see it: its table meta, its columns in declared order, the code lists of its group.
   Returns {dataset, title…, code_lists: {list: {code: [label, alias…]}}, columns: [{name, header, type, required, …, description}]}.
   While parsing and in dbt unit tests the graph is empty and so is the contract: unit tests override this macro. #}
{% macro contract_of(dataset) %}
  {%- if not execute -%}
    {{ return({'dataset': dataset, 'columns': [], 'code_lists': {}}) }}
  {%- endif -%}
  {%- for source in graph.sources.values() if source.source_name == 'raw' and source.name == dataset -%}
    {%- set contract = {'dataset': dataset, 'description': source.description, 'columns': []} -%}
    {%- do contract.update(source.config.meta) -%}
    {%- for column in source.columns.values() -%}
      {%- set entry = {'name': column.name, 'description': column.description} -%}
      {%- do entry.update(column.config.meta) -%}
      {%- do contract.columns.append(entry) -%}
    {%- endfor -%}
    {{ return(contract) }}
  {%- endfor -%}
  {{ exceptions.raise_compiler_error("no contract for dataset '" ~ dataset ~ "' in models/staging/*/sources.yml") }}
{% endmacro %}
