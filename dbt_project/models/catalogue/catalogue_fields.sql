{{ config(meta={'distribute_by': 'reference'}) }}
-- One row per field of an item, in the order of the form.
select
    fields.dataset,
    fields.catalogue_code,
    fields.field_no,
    fields.field,
    fields.header,
    fields.aliases,
    fields.field_type,
    fields.is_required,
    fields.is_in_natural_key,
    fields.code_list,
    fields.codes,
    fields.personal,
    fields.description
from jsonb_to_recordset({{ contract_fields() }}::jsonb) as fields (
    dataset text,
    catalogue_code text,
    field_no integer,
    field text,
    header text,
    aliases text,
    field_type text,
    is_required boolean,
    is_in_natural_key boolean,
    code_list text,
    codes text,
    personal text,
    description text
)
