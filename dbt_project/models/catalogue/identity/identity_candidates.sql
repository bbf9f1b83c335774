{{ config(meta={'distribute_by': 'record_id'}) }}
-- Subjects that a row without a code may be about: those known by its registration number, and those by its name.
with claims as (
    select
        record_id,
        'registration_no' as method,
        claimed_registration_no as value
    from {{ ref('records') }}
    where subject_id is null and claimed_registration_no is not null
    union all
    select
        record_id,
        'name' as method,
        {{ clean_code("subject_name") }} as value
    from {{ ref('records') }}
    where subject_id is null and subject_name is not null
)

select
    claims.record_id,
    claims.method,
    known_names.subject_id,
    known_names.submission_id as known_by_submission_id
from claims
inner join {{ ref('known_names') }} as known_names
    on claims.method = known_names.kind and claims.value = known_names.value
