{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id'], 'unique': true}, {'columns': ['next_due_on']}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- The next day on which a subject has to be judged again although nothing new has come: something begins, lapses or is
-- repaired. A change of policy is not here: it judges everybody again (drop_outgrown_judgements).
with days as (
    select
        events.subject_id,
        least(
            {% for day in [
                'events.event_date', 'events.valid_from', 'events.valid_to + 1', 'events.repaired_on', 'events.excluded_on',
                'events.suspended_from', 'events.suspended_to + 1',
            ] %}
            case when {{ day }} > {{ as_of() }} then {{ day }} end{{ ',' if not loop.last }}
            {% endfor %}
        ) as due_on
    from {{ ref('credit_events') }} as events
    {{ join_due('events') }}
    union all
    select
        subjects.subject_id,
        subjects.first_event_on as due_on
    from {{ ref('subjects') }} as subjects
    {{ join_due('subjects') }}
    where subjects.first_event_on > {{ as_of() }}
    union all
    -- of a no_rule policy nothing is scored; the members' own ends are dates of events
    select
        grades.subject_id,
        grades.next_change_on as due_on
    from {{ ref('subject_grades') }} as grades
    {{ join_due('grades') }}
)

select
    days.subject_id,
    min(days.due_on) as next_due_on
from days
where days.due_on is not null
group by days.subject_id
