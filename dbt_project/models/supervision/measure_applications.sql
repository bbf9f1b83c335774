{{ config(meta={'distribute_by': 'subject_id'}) }}
-- What was applied to whom, by whom and when, as units report it, and whether the subject stood under that measure on that
-- day. Past grades are not judged again here: of a measure that only a grade gives nobody can say.
with feedback as (
    select
        record_id,
        subject_id,
        {{ clean_code("(details ->> 'measure_code')") }} as measure_code,
        details ->> 'measure_direction' as direction,
        details ->> 'measure_effect' as effect,
        details ->> 'matter' as matter,
        event_date as applied_on,
        valid_to as applied_until,
        authority as applied_by,
        document_no,
        division_code,
        submission_id,
        row_number
    from {{ ref('credit_records') }}
    where dataset = 'measure_feedback' and event_date <= {{ as_of() }}
),

-- One of several grounds is enough; the earliest is shown.
grounds as (
    select distinct on (feedback.record_id, feedback.subject_id)
        feedback.record_id,
        feedback.subject_id,
        terms.entry_id,
        terms.list_code
    from feedback
    inner join {{ ref('measure_terms') }} as terms
        on
            feedback.subject_id = terms.subject_id
            and feedback.measure_code = terms.measure_code
            and feedback.direction = terms.direction
            and daterange(terms.in_force_from, terms.in_force_to, '[]') @> feedback.applied_on
    order by feedback.record_id, feedback.subject_id, terms.in_force_from, terms.entry_id
),

by_grade as (
    select distinct
        measure_code,
        direction
    from {{ ref('measures') }}
    where basis_kind = 'grade' and recorded_on <= {{ known_day() }}
),

known as (
    select distinct
        measure_code,
        direction
    from {{ ref('measures') }}
    where recorded_on <= {{ known_day() }}
)

select
    feedback.record_id,
    feedback.subject_id,
    feedback.measure_code,
    feedback.direction,
    feedback.effect,
    feedback.effect in ('granted', 'restricted', 'refused') as is_applied,
    feedback.matter,
    feedback.applied_on,
    feedback.applied_until,
    feedback.applied_by,
    feedback.document_no,
    case
        when grounds.record_id is not null then 'list'
        when known.measure_code is null then 'unknown_measure'
        when by_grade.measure_code is not null then 'by_grade'
        else 'none'
    end as ground,
    case when grounds.record_id is not null then true when by_grade.measure_code is null then false end as was_due,
    grounds.list_code,
    grounds.entry_id,
    feedback.division_code,
    feedback.submission_id,
    feedback.row_number,
    {{ as_of() }} as as_of
from feedback
left join grounds on feedback.record_id = grounds.record_id and feedback.subject_id = grounds.subject_id
left join known on feedback.measure_code = known.measure_code and feedback.direction = known.direction
left join by_grade on feedback.measure_code = by_grade.measure_code and feedback.direction = by_grade.direction
