{{ config(meta={'distribute_by': 'reference'}, indexes=[{'columns': ['record_id'], 'unique': true}]) }}
-- What objections do to a record, for everybody whom it weighs on: on which days it is disputed, and from which day it no
-- longer weighs. Days after the day judged are here, too: who judges compares.
with filed as (
    select
        subject_id,
        details ->> 'disputed_document_no' as disputed_document_no,
        details ->> 'objection_result' as objection_result,
        (details ->> 'filed_on')::date as filed_on,
        (details ->> 'decided_on')::date as decided_on
    from {{ ref('credit_records') }}
    where dataset = 'objections'
)

select
    targets.record_id,
    min(filed.filed_on) as disputed_from,
    -- of several the latest end; one still open has none
    case when bool_and(filed.decided_on is not null) then max(filed.decided_on) end as disputed_to,
    min(case when rules.while_open = 'suspend' then filed.filed_on end) as suspended_from,
    case
        when bool_and(filed.decided_on is not null) filter (where rules.while_open = 'suspend')
            then max(filed.decided_on) filter (where rules.while_open = 'suspend')
    end as suspended_to,
    -- from the decision on: the correction has a clock of its own, and nobody gains by its delay
    min(filed.decided_on) filter (
        where
        (filed.objection_result = 'upheld' and rules.when_upheld = 'exclude')
        or (filed.objection_result = 'partly_upheld' and rules.when_partly_upheld = 'exclude')
    ) as excluded_on
from filed
inner join {{ ref('case_records') }} as targets
    on
        filed.subject_id = targets.subject_id
        and filed.disputed_document_no = targets.document_key
        and targets.dataset not in ('objections', 'repairs')
inner join lateral {{ policy_in_force('objection_rules', on_date='filed.filed_on') }} as rules on true
group by targets.record_id
