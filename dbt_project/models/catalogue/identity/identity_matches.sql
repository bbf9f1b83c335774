{{ config(meta={'distribute_by': 'record_id'}, indexes=[{'columns': ['record_id'], 'unique': true}]) }}
-- Every row that names its subject without the code, what it was matched to and how, and whether that counts: a match that
-- waits for review counts for nothing, and what was decided comes before what was found.
with waiting as (
    select
        records.record_id,
        records.dataset,
        records.event_date,
        records.document_no,
        records.subject_name,
        records.claimed_registration_no,
        records.division_code,
        records.bureau_code,
        records.period,
        records.submission_id,
        records.row_number,
        records.is_internal,
        in_force.valid_from as known_since
    from {{ ref('records') }} as records
    inner join {{ ref('submissions_in_force') }} as in_force on records.submission_id = in_force.submission_id
    where
        records.subject_id is null
        and (records.subject_name is not null or records.claimed_registration_no is not null)
),

decisions as (
    select
        record_id,
        decision,
        decided_uscc,
        decided_by,
        decided_on,
        known_since,
        submission_id
    from {{ ref('identity_decisions') }}
    where state = 'applies'
),

-- A subject that was ruled out is a candidate no longer.
candidates as (
    select
        candidates.record_id,
        candidates.method,
        candidates.subject_id,
        in_force.valid_from as known_since
    from {{ ref('identity_candidates') }} as candidates
    inner join {{ ref('submissions_in_force') }} as in_force on candidates.known_by_submission_id = in_force.submission_id
    left join decisions on candidates.record_id = decisions.record_id
    where decisions.decision is distinct from 'rejected' or decisions.decided_uscc <> candidates.subject_id
),

names as (
    select
        subject_id,
        string_agg(as_given, '、' order by submission_id desc, as_given asc) as known_as
    from {{ ref('known_names') }}
    where kind = 'name' and subject_id in (select candidates.subject_id from candidates)
    group by subject_id
),

counted as (
    select
        record_id,
        array_agg(distinct subject_id) filter (where method = 'registration_no') as by_number,
        array_agg(distinct subject_id) filter (where method = 'name') as by_name,
        max(known_since) as known_since
    from candidates
    group by record_id
),

listed as (
    select
        found.record_id,
        jsonb_agg(
            jsonb_build_object('subject_id', found.subject_id, 'known_as', names.known_as, 'by', found.methods)
            order by found.subject_id
        ) as candidates
    from (
        select
            record_id,
            subject_id,
            array_agg(method order by method) as methods
        from candidates
        group by record_id, subject_id
    ) as found
    left join names on found.subject_id = names.subject_id
    group by found.record_id
),

-- The registration number comes before the name; a name that is known of others only speaks against the number.
matched as (
    select
        record_id,
        known_since,
        by_name @> by_number as names_agree,
        case when by_number is not null then 'registration_no' else 'name' end as method,
        case
            when cardinality(by_number) = 1 and (by_name is null or by_name @> by_number) then by_number[1]
            when by_number is null and cardinality(by_name) = 1 then by_name[1]
        end as subject_id
    from counted
),

judged as (
    select
        waiting.*,
        matched.method,
        matched.names_agree,
        listed.candidates,
        decisions.decision,
        decisions.decided_by,
        decisions.decided_on,
        decisions.submission_id as decision_submission_id,
        case
            when decisions.decision = 'confirmed' then 'confirmed'
            when decisions.decision = 'undetermined' then 'undetermined'
            when decisions.decision = 'rejected' and (decisions.decided_uscc is null or matched.record_id is null) then 'rejected'
            when matched.record_id is null then 'unmatched'
            when matched.subject_id is null then 'ambiguous'
            -- where one subject was ruled out, the next is not taken unseen
            when rules.applies_before_review and decisions.record_id is null then 'applied'
            else 'proposed'
        end as state,
        greatest(waiting.known_since, matched.known_since, decisions.known_since) as since,
        matched.subject_id as found_id,
        decisions.decided_uscc
    from waiting
    left join matched on waiting.record_id = matched.record_id
    left join listed on waiting.record_id = listed.record_id
    left join decisions on waiting.record_id = decisions.record_id
    left join {{ policy_in_force('identity_rules') }} as rules on matched.method = rules.method
)

select
    record_id,
    dataset,
    event_date,
    document_no,
    subject_name,
    claimed_registration_no,
    state,
    method,
    case when state = 'confirmed' then decided_uscc when state in ('applied', 'proposed') then found_id end as matched_id,
    candidates,
    names_agree,
    decision,
    decided_by,
    decided_on,
    decision_submission_id,
    since,
    division_code,
    bureau_code,
    period,
    submission_id,
    row_number,
    is_internal
from judged
