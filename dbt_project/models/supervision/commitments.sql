{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Commitments and what became of them: what is due, what was found, what is late. 事前承诺、事中核查、事后惩戒.
with signed as (
    select
        records.record_id,
        records.subject_id,
        records.division_code,
        records.details ->> 'commitment_no' as commitment_no,
        records.details ->> 'commitment_type' as commitment_type,
        records.details ->> 'matter' as matter,
        records.details ->> 'template_version' as template_version,
        records.details ->> 'content_sha256' as content_sha256,
        (records.details ->> 'signed_on')::date as signed_on,
        (records.details ->> 'valid_until')::date as valid_until,
        records.details ->> 'deferred_documents' as deferred_documents,
        (records.details ->> 'due_on')::date as due_on,
        (records.details ->> 'delivered_on')::date as delivered_on,
        (records.details ->> 'verified_on')::date as verified_on,
        records.details ->> 'verification_result' as verification_result,
        (records.details ->> 'terminated_on')::date as terminated_on,
        records.authority,
        records.submission_id,
        records.row_number
    from {{ ref('credit_records') }} as records
    where records.dataset = 'commitments'
)

select
    signed.record_id,
    signed.subject_id,
    signed.division_code,
    signed.commitment_no,
    signed.commitment_type,
    signed.matter,
    signed.template_version,
    signed.content_sha256,
    signed.signed_on,
    signed.valid_until,
    signed.deferred_documents,
    signed.due_on,
    signed.delivered_on,
    signed.verified_on,
    signed.verification_result,
    case
        when signed.verified_on <= {{ as_of() }} and signed.verification_result in ('not_kept', 'untrue') then 'broken'
        when signed.verified_on <= {{ as_of() }} and signed.verification_result = 'kept' then 'kept'
        when signed.terminated_on <= {{ as_of() }} then 'terminated'
        when signed.valid_until < {{ as_of() }} then 'expired'
        else 'in_force'
    end as state,
    verify_clock.due_on as verify_due_on,
    -- what was handed over late is told by the check, not by the clock
    coalesce(signed.terminated_on > {{ as_of() }}, true) and coalesce(signed.delivered_on > {{ as_of() }}, true)
    and coalesce(signed.due_on < {{ as_of() }}, false) as is_delivery_overdue,
    coalesce(signed.terminated_on > {{ as_of() }}, true)
    and {{ is_overdue('verify_clock.due_on', 'signed.verified_on') }} as is_verification_overdue,
    signed.terminated_on,
    signed.authority,
    signed.submission_id,
    signed.row_number
from signed
-- a commitment with a day of its own is checked when that is over, an informed one after it was signed; others need not be
left join lateral {{ due_by_clock(
    'commitment', 'verify', "coalesce(signed.due_on, case when signed.commitment_type in ('informed', 'approval') then signed.signed_on end)"
) }} as verify_clock on true
where signed.signed_on <= {{ as_of() }}
