{{ config(
    materialized='incremental',
    meta={'distribute_by': 'reference'},
    indexes=[{'columns': ['subject_id'], 'unique': true}]
) }}
-- Who is judged anew: whose records changed, whose next date has come, and agencies that gained or lost what they filed.
-- It only grows until judged_state empties it. A build in full judges everybody without asking.
-- depends_on: {{ ref('unjudged_subjects') }}, {{ ref('record_agencies') }}
{% if is_incremental() %}
with filed_before as (
    select
        record_id,
        subject_id as agency_id
    from {{ as_left('credit_events') }}
    -- as credit_events names them: so that the index on the type serves
    where is_as_agency and event_type like 'agency\_%'
),

filed_now as (
    select
        record_id,
        agency_id
    from {{ ref('record_agencies') }}
),

due as (
    select unjudged.subject_id
    from {{ ref('unjudged_subjects') }} as unjudged
    union
    select clocks.subject_id
    from {{ as_left('subject_clocks') }} as clocks
    where clocks.next_due_on <= {{ as_of() }}
    union
    select agencies.agency_id
    from {{ ref('record_agencies') }} as agencies
    inner join {{ ref('unjudged_subjects') }} as unjudged on agencies.subject_id = unjudged.subject_id
    union
    select gained.agency_id
    from (select record_id, agency_id from filed_now except select record_id, agency_id from filed_before) as gained
    union
    select lost.agency_id
    from (select record_id, agency_id from filed_before except select record_id, agency_id from filed_now) as lost
)

select due.subject_id
from due
where not exists (select 1 from {{ this }} as noted where noted.subject_id = due.subject_id)
{% else %}
select unjudged.subject_id
from {{ ref('unjudged_subjects') }} as unjudged
where false
{% endif %}
