-- Every milestone of every region it binds, on the day judged, and what says so.
--   done       a document was issued, a figure is reached, a summary is closed, or the unit reports it done
--   open       the day has not come
--   overdue    the day has passed, and what the warehouse itself would hold is not there: a figure or a closing
--   not_known  the day has passed, or there is none, and nobody reported it; a missing document may have been issued elsewhere
with closings as (
    select distinct on (texts.summary_year, texts.division_code)
        texts.summary_year,
        texts.division_code,
        texts.record_id,
        texts.done_on
    from {{ ref('pilot_texts') }} as texts
    where texts.material_kind = 'closing' and texts.region_code = texts.division_code and texts.done_on <= {{ as_of() }}
    order by texts.summary_year, texts.division_code, texts.done_on, texts.record_id
),

-- a county's milestone is reported by its city, and a milestone of every city by each for itself
declared as (
    select distinct on (milestones.milestone_code, milestones.region_code)
        milestones.milestone_code,
        milestones.region_code,
        texts.record_id,
        texts.done_on,
        texts.title,
        texts.evidence_id
    from {{ ref('milestone_regions') }} as milestones
    inner join {{ ref('pilot_texts') }} as texts
        on milestones.milestone_code = texts.milestone_code and milestones.division_code = texts.division_code
    where texts.material_kind = 'milestone' and texts.done_on <= {{ as_of() }}
    order by milestones.milestone_code, milestones.region_code, texts.done_on, texts.record_id
),

documents as (
    select
        registered.*,
        -- a look back knows the document, and it was issued after the day judged
        coalesce(registered.issued_on > {{ as_of() }}, false) as is_still_to_come
    from {{ recorded_last('policy_documents', 'document_code') }} as registered
),

shown as (
    select
        milestones.*,
        case
            when milestones.figure_code = 'summary_closed' then closings.record_id is not null
            when milestones.evidence_kind = 'figure' then coalesce(figures.is_reached, false)
            when milestones.evidence_kind = 'document'
                then
                    (
                        documents.document_status in ('in_force', 'repealed')
                        or (documents.document_status = 'draft' and (documents.text_on_file or documents.issued_on is not null))
                    )
                    and not documents.is_still_to_come
            else false
        end as is_shown,
        case
            when milestones.figure_code = 'summary_closed' then closings.done_on
            when milestones.evidence_kind = 'figure' then figures.done_on
            else documents.issued_on
        end as shown_on,
        case
            when milestones.figure_code = 'summary_closed'
                then case when closings.record_id is null then '未报送总结定稿' else '报送的总结定稿' end
            when milestones.evidence_kind = 'figure' then '数据仓库统计：' || coalesce(figures.evidence, '没有数据')
            when milestones.evidence_kind = 'document'
                then
                    '政策文件登记：《' || documents.title || '》' || coalesce(documents.document_no, '') || '，'
                    || case
                        when documents.is_still_to_come then '尚未印发'
                        when documents.document_status = 'in_force' then '已印发'
                        when documents.document_status = 'repealed' then '已废止'
                        when documents.document_status = 'draft'
                            then '征求意见稿，' || case when documents.text_on_file then '文本已收存' else '文本未取得' end
                        else '未见印发'
                    end
            else '应由单位报告，未见报告'
        end as shown_by,
        closings.record_id as closing_id,
        declared.record_id as declared_id,
        declared.done_on as declared_on,
        '单位报告：' || declared.title || coalesce('（支撑材料 ' || declared.evidence_id || '）', '') as declared_by
    from {{ ref('milestone_regions') }} as milestones
    left join {{ ref('milestone_figures') }} as figures
        on milestones.milestone_code = figures.milestone_code and milestones.region_code = figures.region_code
    left join documents on milestones.document_code = documents.document_code
    left join closings
        on
            milestones.figure_code = 'summary_closed'
            and milestones.region_code = closings.division_code
            and extract(year from milestones.due_on) = closings.summary_year
    left join declared
        on milestones.milestone_code = declared.milestone_code and milestones.region_code = declared.region_code
),

proven as (
    select
        shown.*,
        -- what a unit reports does not stand against a figure of the warehouse
        shown.is_shown or (shown.declared_id is not null and shown.evidence_kind <> 'figure') as is_proven
    from shown
),

judged as (
    select
        proven.*,
        -- of a milestone that has to wait for another nothing counts before that one is done
        proven.depends_on is not null and not coalesce(
            (
                select bool_and(awaited.is_proven)
                from proven as awaited
                where awaited.milestone_code = proven.depends_on
            ),
            false
        ) as is_waiting
    from proven
)

select
    milestone_code,
    plan_code,
    task_code,
    region_code,
    division_code,
    promised,
    starts_on,
    due_on,
    case
        when is_proven and not is_waiting then 'done'
        when due_on >= {{ as_of() }} then 'open'
        when due_on < {{ as_of() }} and evidence_kind = 'figure' then 'overdue'
        else 'not_known'
    end as milestone_state,
    case
        when is_waiting then null
        when is_shown then shown_on
        when is_proven then declared_on
    end as done_on,
    evidence_kind,
    case when is_waiting then '须待 ' || depends_on || ' 完成；' else '' end
    || case
        when is_shown or declared_id is null then shown_by
        when evidence_kind = 'declared' then declared_by
        else shown_by || '；' || declared_by
    end as evidence,
    coalesce(case when is_shown then closing_id end, declared_id) as record_id,
    version,
    status,
    source_clause
from judged
