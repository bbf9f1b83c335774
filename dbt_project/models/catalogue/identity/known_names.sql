{{ config(
    materialized='incremental',
    meta={'distribute_by': 'subject_id'},
    indexes=[{'columns': ['kind', 'value']}, {'columns': ['subject_id']}],
    pre_hook=[
        "{{ note_named_subjects(ref('touched_subjects'), ref('touched_keys'), ref('records')) }}",
        "{{ delete_touched(ref('touched_subjects'), ['subject_id']) }}",
    ]
) }}
-- What subjects with a code are called, in any source: names, former names and former registration numbers, in the form
-- in which they are compared (without width, case and white space; 有限公司 and 有限责任公司 are not the same).
with records as (
    select records.*
    from {{ ref('records') }} as records
    {% if is_incremental() -%}
    inner join {{ ref('touched_subjects') }} as touched on records.subject_id = touched.subject_id
    {% endif -%}
),

told as (
    select
        subject_id,
        'name' as kind,
        subject_name as as_given,
        submission_id
    from records
    union all
    select
        subject_id,
        'registration_no' as kind,
        coalesce(claimed_registration_no, details ->> 'registration_no') as as_given,
        submission_id
    from records
    where claimed_registration_no is not null or details ? 'registration_no'
    union all
    select
        records.subject_id,
        'name' as kind,
        former.name as as_given,
        records.submission_id
    from records
    cross join lateral regexp_split_to_table(records.details ->> 'former_names', '[；;]') as former (name)
    where records.details ? 'former_names'
),

-- Most records repeat what others say: each writing is made comparable once.
distinct_told as (
    select
        subject_id,
        kind,
        as_given,
        min(submission_id) as submission_id
    from told
    where as_given is not null and subject_id not like 'P:%'
    group by subject_id, kind, as_given
)

select distinct on (told.subject_id, told.kind, compared.value)
    told.subject_id,
    told.kind,
    compared.value,
    btrim(told.as_given) as as_given,
    told.submission_id
from distinct_told as told
cross join lateral (select {{ clean_code("told.as_given") }} as value) as compared
where compared.value is not null
order by told.subject_id asc, told.kind asc, compared.value asc, told.submission_id asc, told.as_given asc
