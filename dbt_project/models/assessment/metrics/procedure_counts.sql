{{ config(materialized='ephemeral') }}
-- Transfers, entries in the two-laws platform, mediation, legal aid, well-known marks and abnormal applications.
-- 附件 19, 22, 28, 29, 33, 37, 38, 43, 44.
-- One transfer is of one class, and counts with both its slip and the receiver's receipt. To the police is between departments.
select
    {{ counted_columns('transfers') }},
    case
        when transfers.transfer_level = 'cross_province' then 'transfer_crossprovince_cnt'
        when transfers.transfer_level = 'cross_city' then 'transfer_crosscity_cnt'
        else 'transfer_interdept_cnt'
    end as metric_code,
    transfers.sent_on as counted_on,
    1 as quantity
from {{ recorded_rows('case_transfers') }} as transfers
where
    transfers.direction = 'sent'
    and transfers.matter = 'case'
    and transfers.transfer_level in ('cross_province', 'cross_city', 'cross_department', 'criminal')
    and transfers.transfer_slip_no is not null
    and transfers.receipt_no is not null
union all
-- entered, and audited by the provincial office
select
    {{ counted_columns('entries') }},
    'two_law_platform_entry_cnt' as metric_code,
    entries.entered_on as counted_on,
    1 as quantity
from {{ recorded_rows('two_laws_entries') }} as entries
where entries.entry_kind = 'entered' and entries.certified_on is not null
union all
select
    {{ counted_columns('mediations') }},
    counted.metric_code,
    counted.counted_on,
    1 as quantity
from {{ recorded_rows('mediations') }} as mediations
cross join
    lateral (
        values
        ('peoples_mediation_cnt', mediations.closed_on, mediations.mediation_kind = 'peoples' and mediations.is_ip_system),
        ('mediation_in_parks', mediations.accepted_on, mediations.venue = 'park'),
        ('mediation_in_markets', mediations.accepted_on, mediations.venue in ('market', 'exhibition', 'platform')),
        ('arbitration_activity_cnt', mediations.accepted_on, mediations.mediation_kind = 'arbitration'),
        (
            'mediation_judicial_confirm_cnt', mediations.confirmed_on,
            mediations.mediation_kind = 'administrative' and mediations.is_confirmed
        )
    ) as counted (metric_code, counted_on, counts)
where counted.counts
union all
select
    {{ counted_columns('aids') }},
    case
        when aids.aid_kind = 'infringement_clue' then 'aid_clue_cnt'
        when aids.aid_kind = 'opinion' then 'aid_opinion_cnt'
        when aids.aid_kind = 'sme_training' then 'sme_training_cnt'
        when aids.aid_kind = 'onsite_service' then 'onsite_service_cnt'
        when aids.aid_kind = 'overseas' then 'overseas_recovery_item_cnt'
    end as metric_code,
    aids.provided_on as counted_on,
    1 as quantity
from {{ recorded_rows('legal_aid') }} as aids
where
    aids.aid_kind in ('infringement_clue', 'opinion', 'sme_training', 'onsite_service')
    or (aids.aid_kind = 'overseas' and aids.recovered_amount > 0)
union all
-- passed on to the national office; protected within 60 calendar days of its reply, and the papers sent to the province
select
    {{ counted_columns('marks') }},
    counted.metric_code,
    counted.counted_on,
    1 as quantity
from {{ recorded_rows('well_known_marks') }} as marks
cross join
    lateral (
        values
        ('wellknown_tm_request_cnt', marks.submitted_on, true),
        (
            'wellknown_tm_protected_in_60d_cnt', marks.protected_on,
            marks.recognition = 'recognised' and marks.protected_on <= marks.decided_on + 60 and marks.papers_reported_on is not null
        )
    ) as counted (metric_code, counted_on, counts)
where counted.counts
union all
-- an application that was found normal on appeal is no abnormal one
select
    {{ counted_columns('patents') }},
    counted.metric_code,
    patents.notified_on as counted_on,
    1 as quantity
from {{ recorded_rows('abnormal_patents') }} as patents
cross join
    lateral (
        values
        ('abnormal_patent_notified_cnt', true),
        ('abnormal_patent_withdrawn_cnt', patents.correction_state = 'withdrawn')
    ) as counted (metric_code, counts)
where counted.counts and patents.correction_state is distinct from 'appeal_upheld'
