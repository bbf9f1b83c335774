{{ config(meta={'distribute_by': 'subject_id'}) }}
-- Inspections as reported, and what was drawn and is not reported yet. A report names its draw by the number, however
-- it writes it; results come back into grades as events of their own. Of what a report tells only what had happened by the
-- day judged is shown.
with told as (
    select
        records.record_id,
        records.subject_id,
        records.division_code,
        records.details ->> 'plan_no' as plan_no,
        records.details ->> 'draw_no' as draw_no,
        {{ clean_code("(records.details ->> 'draw_no')") }} as draw_key,
        records.details ->> 'inspection_object' as object_kind,
        records.details ->> 'inspection_matter' as matter,
        (records.details ->> 'drawn_on')::date as drawn_on,
        (records.details ->> 'inspected_on')::date as inspected_on,
        records.details ->> 'inspection_result' as inspection_result,
        (records.details ->> 'fix_due_on')::date as fix_due_on,
        (records.details ->> 'problems_fixed_on')::date as problems_fixed_on,
        (records.details ->> 'published_on')::date as published_on,
        records.document_no,
        records.authority,
        records.submission_id,
        records.row_number
    from {{ ref('credit_records') }} as records
    where
        records.dataset = 'inspections'
        and coalesce((records.details ->> 'drawn_on')::date <= {{ as_of() }}, true)
),

reported as (
    select
        record_id,
        subject_id,
        division_code,
        plan_no,
        draw_no,
        draw_key,
        object_kind,
        matter,
        drawn_on,
        case when inspected_on <= {{ as_of() }} then inspected_on end as inspected_on,
        case when inspected_on <= {{ as_of() }} then inspection_result end as inspection_result,
        case when inspected_on <= {{ as_of() }} then fix_due_on end as fix_due_on,
        case when problems_fixed_on <= {{ as_of() }} then problems_fixed_on end as problems_fixed_on,
        case when published_on <= {{ as_of() }} then published_on end as published_on,
        case when inspected_on <= {{ as_of() }} then document_no end as document_no,
        authority,
        submission_id,
        row_number
    from told
),

drawn as (
    select
        frame.draw_id,
        {{ clean_code('frame.draw_id') }} as draw_key,
        frame.subject_id,
        frame.division_code,
        draws.plan_no,
        draws.object_kind,
        (draws.drawn_at at time zone 'Asia/Shanghai')::date as drawn_on,
        draws.inspect_by
    from {{ source('inspection', 'draw_frame') }} as frame
    inner join {{ source('inspection', 'draws') }} as draws on frame.draw_id = draws.draw_id
    where frame.is_drawn and draws.drawn_at <= {{ known_at() }}
)

select
    coalesce(reported.record_id, md5('draw|' || drawn.draw_id || '|' || drawn.subject_id)) as inspection_id,
    reported.record_id,
    coalesce(reported.subject_id, drawn.subject_id) as subject_id,
    coalesce(reported.division_code, drawn.division_code) as division_code,
    coalesce(reported.plan_no, drawn.plan_no) as plan_no,
    coalesce(drawn.draw_id, reported.draw_no) as draw_no,
    drawn.draw_id is not null as is_of_kept_draw,
    coalesce(reported.object_kind, drawn.object_kind) as object_kind,
    reported.matter,
    coalesce(reported.drawn_on, drawn.drawn_on) as drawn_on,
    drawn.inspect_by,
    reported.inspected_on,
    case
        when reported.inspected_on is not null then 'inspected'
        when drawn.inspect_by < {{ as_of() }} then 'overdue'
        else 'drawn'
    end as state,
    reported.inspection_result,
    reported.fix_due_on,
    reported.problems_fixed_on,
    coalesce(
        reported.inspection_result = 'problem_ordered' and reported.fix_due_on < {{ as_of() }} and reported.problems_fixed_on is null,
        false
    ) as is_fix_overdue,
    reported.published_on,
    reported.document_no,
    reported.authority,
    reported.submission_id,
    reported.row_number
from reported
full outer join drawn on reported.subject_id = drawn.subject_id and reported.draw_key = drawn.draw_key
