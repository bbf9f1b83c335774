{{ config(meta={'distribute_by': 'reference'}) }}
-- What was decided about rows without a code, and whether it still holds. A decision that no longer fits its row is never
-- passed over: it counts for nothing, and the gate stops the release until it is mended or withdrawn.
with decided as (
    select
        lower(staged.record_id) as record_id,
        staged.record_dataset,
        staged.record_bureau,
        staged.record_document_no,
        staged.decision,
        staged.decided_uscc,
        staged.reason,
        staged.decided_by,
        staged.decided_on,
        staged.evidence,
        in_force.valid_from as known_since,
        records.submission_id,
        records.row_number
    from {{ ref('records') }} as records
    inner join {{ ref('stg_identity_decisions') }} as staged
        on records.submission_id = staged.submission_id and records.row_number = staged.row_number
    inner join {{ ref('submissions_in_force') }} as in_force on records.submission_id = in_force.submission_id
    where records.dataset = 'identity_decisions'
),

known_subjects as (
    select distinct records.subject_id
    from decided
    inner join {{ ref('records') }} as records on decided.decided_uscc = records.subject_id
),

held_against as (
    select
        decided.*,
        records.bureau_code,
        records.division_code,
        records.subject_id,
        coalesce(items.title, decided.record_dataset) as record_title,
        coalesce(records.document_no, decided.record_document_no) as document_no,
        case
            when decided.decision = 'withdrawn' then null
            when records.record_id is null then 'record_gone'
            -- the source has said by now whose row it is: it must not say otherwise than the decision
            when
                case decided.decision
                    when 'confirmed' then records.subject_id <> decided.decided_uscc
                    when 'rejected' then records.subject_id = decided.decided_uscc
                end
                then 'source_differs'
            when records.subject_id is not null then null
            when records.subject_name is null and records.claimed_registration_no is null then 'nothing_to_match'
            when decided.decided_uscc is not null and known_subjects.subject_id is null then 'subject_unknown'
        end as obstacle
    from decided
    left join {{ ref('records') }} as records on decided.record_id = records.record_id
    left join known_subjects on decided.decided_uscc = known_subjects.subject_id
    left join {{ ref('catalogue_items') }} as items on records.dataset = items.dataset
),

-- Of a record that is gone, only the decision itself still says whose it was.
owned as (
    select
        held_against.*,
        organisations.name as bureau_name,
        organisations.organisation_code,
        organisations.division_code as bureau_division_code,
        case when held_against.subject_id like 'P:%' then '是自然人' else '代码 ' || held_against.subject_id end as told
    from held_against
    left join {{ ref('organisations') }} as organisations
        on
            held_against.bureau_code = organisations.organisation_code
            or (
                held_against.bureau_code is null
                and held_against.record_bureau in (organisations.organisation_code, organisations.name)
            )
)

select
    record_id,
    decision,
    decided_uscc,
    reason,
    decided_by,
    decided_on,
    evidence,
    known_since,
    submission_id,
    row_number,
    record_title,
    document_no,
    organisation_code as bureau_code,
    coalesce(division_code, bureau_division_code) as division_code,
    case
        when obstacle is not null then 'fails'
        when decision = 'withdrawn' then 'withdrawn'
        when subject_id is not null then 'superseded_by_source'
        else 'applies'
    end as state,
    obstacle,
    concat_ws('·', coalesce(bureau_name, record_bureau), record_title, document_no) || '（记录编号 ' || record_id || '）：'
    || case obstacle
        when 'record_gone' then '该记录已不存在，报送单位撤回或改报了这一行；撤回本决定，需要的按新的记录编号重新核对'
        when 'source_differs' then '报送单位已写明' || told || '，与决定不一致；核实后撤回本决定，或由报送单位改正'
        when 'nothing_to_match' then '该记录不涉及待核对的主体；撤回本决定'
        when 'subject_unknown' then '决定所指代码 ' || decided_uscc || ' 不在任何来源中；改正代码后重报本决定，或撤回'
    end as finding
from owned
