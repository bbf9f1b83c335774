{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['subject_id'], 'unique': true}],
    pre_hook="{{ delete_touched(ref('due_subjects'), ['subject_id']) }}"
) }}
-- The latest general risk class of each subject on the day judged. Internal: never published.
select distinct on (events.subject_id)
    events.subject_id,
    events.event_value as general_class,
    events.record_id,
    events.event_date as classified_on,
    events.valid_to
from {{ ref('credit_events') }} as events
{{ join_due('events') }}
where
    events.event_type = 'general_class'
    and events.event_date <= {{ as_of() }}
    and (events.valid_to is null or events.valid_to >= {{ as_of() }})
order by events.subject_id asc, events.event_date desc, events.record_id asc
