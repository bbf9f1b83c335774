{{ config(materialized='ephemeral') }}
-- Standards and users of geographical indications, pledges, transfers and insurance. 附件 23 to 27, 35.
select
    {{ counted_columns('indications', counted_as="coalesce(indications.uscc, indications.registration_no, indications.holder_name)") }},
    case
        when indications.record_kind = 'gi_standard_project' then 'gi_standard_new_project_cnt'
        when indications.record_kind = 'gi_standard' then 'gi_standard_published_cnt'
        else 'gi_mark_new_user_cnt'
    end as metric_code,
    indications.approved_on as counted_on,
    1 as quantity
from {{ recorded_rows('geographical_indications') }} as indications
where indications.record_kind in ('gi_standard_project', 'gi_standard', 'gi_mark_user')
union all
select
    {{ counted_columns('pledges') }},
    'inclusive_pledge_cnt' as metric_code,
    pledges.registered_on as counted_on,
    1 as quantity
from {{ recorded_rows('pledges') }} as pledges
where pledges.is_inclusive and pledges.right_kind in ('patent', 'trademark', 'patent_and_trademark')
union all
select
    {{ counted_columns('transfers') }},
    'sme_patent_transfer_cnt' as metric_code,
    transfers.recorded_on as counted_on,
    1 as quantity
from {{ recorded_rows('patent_transfers') }} as transfers
where transfers.is_sme
union all
select
    {{ counted_columns('policies', counted_as='policies.insurance_type') }},
    case
        when policies.insurance_type = 'overseas_liability' then 'overseas_liability_insurance_cnt' else 'patent_insurance_type_cnt'
    end as metric_code,
    policies.signed_on as counted_on,
    1 as quantity
from {{ recorded_rows('insurance_policies') }} as policies
where policies.insurance_type in ('overseas_liability', 'patent_enforcement', 'patent_infringement_loss')
