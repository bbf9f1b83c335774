{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id'], 'unique': true}],
    pre_hook=[
        "{{ note_linked_subjects(
            ref('touched_subjects'), ref('touched_keys'), ref('identity_links'), as_left('applied_links')
        ) }}",
        "{{ delete_touched(ref('touched_subjects'), ['subject_id']) }}",
    ]
) }}
-- depends_on: {{ ref('records') }}
with {% if is_incremental() -%}
-- by number first: the subject of a credit record is computed, and so cannot be looked up
touched_records as (
    select records.record_id
    from {{ ref('records') }} as records
    inner join {{ ref('touched_subjects') }} as touched on records.subject_id = touched.subject_id
    union
    select links.record_id
    from {{ ref('identity_links') }} as links
    inner join {{ ref('touched_subjects') }} as touched on links.subject_id = touched.subject_id
),

{% endif -%}
records as (
    select
        credit_records.*,
        catalogue_items.subject_kind,
        -- that a firm has moved away says where it is no more
        (
            credit_records.dataset in ('enterprises', 'agencies') and coalesce(credit_records.event_value, '') <> 'moved_out'
        ) as is_register,
        divisions.level = 'province' as is_province_wide
    from {{ ref('credit_records') }} as credit_records
    inner join {{ ref('catalogue_items') }} as catalogue_items on credit_records.dataset = catalogue_items.dataset
    left join {{ ref('divisions') }} as divisions on credit_records.division_code = divisions.division_code
    {% if is_incremental() -%}
    inner join touched_records on credit_records.record_id = touched_records.record_id
    inner join {{ ref('touched_subjects') }} as touched on credit_records.subject_id = touched.subject_id
    {% endif -%}
),

summed as (
    select
        subject_id,
        -- what a subject is called and where it is the register says, and other records only of whom no register has:
        -- a bureau punishes whoever acts in its place
        (
            array_agg(subject_name order by is_register desc, event_date desc, record_id asc)
            filter (where subject_name is not null)
        )[1] as subject_name,
        coalesce(bool_or(subject_kind = 'agency'), false) as is_agency,
        -- an agency that was only punished or listed is no enterprise of this field
        bool_or(
            subject_kind = 'enterprise'
            and dataset not in ('penalties', 'abnormal_patents', 'malicious_trademarks', 'serious_list')
        ) as has_enterprise_fact,
        -- patent_agency comes before trademark_agency: an agency of both kinds counts as a patent agency
        min(event_value) filter (where subject_kind = 'agency') as agency_kind,
        coalesce(bool_or((details ->> 'is_backbone')::boolean) filter (where subject_kind = 'agency'), false) as is_backbone_agency,
        (array_agg(division_code order by is_province_wide asc, is_register desc, event_date desc, record_id asc))[1] as division_code,
        min(event_date) as first_event_on,
        max(event_date) as last_event_on,
        coalesce(min(subject_name) <> max(subject_name), false) as is_spelt_differently
    from records
    group by subject_id
)

select
    subject_id,
    subject_name,
    case when subject_id like 'P:%' then 'person' else 'uscc' end as id_kind,
    subject_id not like 'P:%' and (has_enterprise_fact or not is_agency) as is_enterprise,
    is_agency,
    agency_kind,
    is_backbone_agency,
    division_code,
    first_event_on,
    last_event_on,
    is_spelt_differently
from summed
