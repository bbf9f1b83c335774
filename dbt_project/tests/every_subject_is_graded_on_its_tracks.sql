-- Everybody who is on the day judged an enterprise, agency or attorney has a grade: a kind no policy names falls out here.
with kinds as (
    select
        subjects.subject_id,
        'enterprise' as subject_kind
    from {{ ref('subjects') }} as subjects
    where
        subjects.is_enterprise
        and (subjects.first_event_on is null or subjects.first_event_on <= {{ as_of() }})
        and not exists (
            select 1
            from {{ ref('credit_events') }} as events
            where subjects.subject_id = events.subject_id and events.event_type = 'enterprise_ended' and events.event_date <= {{ as_of() }}
        )
    union all
    select
        events.subject_id,
        case events.event_type when 'attorney_registered' then 'attorney' else events.event_value end as subject_kind
    from {{ ref('credit_events') }} as events
    where
        events.event_type in ('agency_registered', 'attorney_registered')
        and events.event_date <= {{ as_of() }}
        and (events.valid_to is null or events.valid_to >= {{ as_of() }})
)

select
    kinds.subject_id,
    kinds.subject_kind
from kinds
left join {{ ref('policies_in_force') }} as policies on kinds.subject_kind = policies.subject_kind and policies.is_provincial
left join {{ ref('subject_grades') }} as grades on kinds.subject_id = grades.subject_id and policies.track = grades.track
where grades.subject_id is null
