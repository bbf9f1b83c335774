{{ config(meta={'distribute_by': 'reference'}) }}
-- What the contracts declare; the dated catalogue is made from it by versions.
{% for dataset in var('datasets') %}
{% set contract = contract_of(dataset) %}
{% if execute %}
{% if not loop.first %}union all{% endif %}
select
    {{ sql_text(contract.catalogue_code) }} as catalogue_code,
    {{ sql_text(dataset) }} as dataset,
    {{ sql_text(contract.title) }} as title,
    {{ sql_text(contract.description) }} as description,
    {{ sql_text(contract.responsible_office) }} as responsible_office,
    {{ sql_text(contract.submitters) }} as submitters,
    {{ sql_text(contract.update_cycle) }} as update_cycle,
    {{ contract.due_working_days }} as due_working_days,
    {{ sql_text(contract.mode) }} as submission_mode,
    {{ sql_text(contract.disclosure) }} as disclosure,
    {{ sql_text(contract.sharing) }} as sharing,
    {{ sql_text(contract.legal_basis) }} as legal_basis,
    {{ sql_text(contract.natural_key | join("、")) }} as natural_key,
    {{ sql_text(contract.subject.kind) if contract.subject is defined else "null::text" }} as subject_kind,
    {{ sql_text(contract.business_line) if contract.business_line is defined else "null::text" }} as business_line,
    {{ contract.retention_years }} as retention_years,
    {{ sql_text(tojson(contract.columns)) }}::jsonb as fields
{% endif %}
{% endfor %}
