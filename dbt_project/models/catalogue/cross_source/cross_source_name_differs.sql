{{ config(materialized='ephemeral') }}
-- One code, several names. The register says which are right, the name it holds and the former ones; where it does not
-- know the code, only a name that is plainly the most frequent. Subjects spelt one way everywhere are not looked at.
with spelt_differently as (
    select subject_id
    from {{ ref('subjects') }}
    where is_spelt_differently and id_kind <> 'person'
),

named as (
    select
        records.*,
        {{ name_key('records.subject_name') }} as name_key
    from spelt_differently
    inner join {{ ref('credit_records') }} as records on spelt_differently.subject_id = records.subject_id
    where records.subject_name is not null
),

registered as (
    select
        subject_id,
        name_key
    from named
    where dataset = 'enterprises'
    union
    select
        named.subject_id,
        {{ name_key('former.name') }} as name_key
    from named
    cross join lateral regexp_split_to_table(named.details ->> 'former_names', '[；;]') as former (name)
    where named.dataset = 'enterprises'
),

counted as (
    select
        subject_id,
        name_key,
        count(*) as frequency,
        rank() over (partition by subject_id order by count(*) desc) as place,
        count(*) over (partition by subject_id, count(*)) as equally_frequent
    from named
    group by subject_id, name_key
),

right_names as (
    select
        subject_id,
        name_key
    from registered
    union
    select
        counted.subject_id,
        counted.name_key
    from counted
    left join (select distinct subject_id from registered) as known on counted.subject_id = known.subject_id
    where known.subject_id is null and counted.place = 1 and counted.equally_frequent = 1
),

-- one row for each name, the register's first
examples as (
    select distinct on (named.subject_id, named.name_key)
        named.*,
        counted.frequency
    from named
    inner join counted on named.subject_id = counted.subject_id and named.name_key = counted.name_key
    order by
        named.subject_id asc, named.name_key asc,
        named.dataset = 'enterprises' desc, named.event_date desc, named.record_id asc
)

select distinct on (named.record_id)
    'name_differs' as rule_code,
    named.dataset,
    named.bureau_code,
    named.period,
    named.submission_id,
    named.row_number,
    named.record_id,
    named.subject_id,
    {{ contract_column('named.dataset', 'subject', 'name') }} as field,
    named.subject_name as reported_value,
    others.dataset as other_dataset,
    others.bureau_code as other_bureau_code,
    others.submission_id as other_submission_id,
    others.row_number as other_row_number,
    {{ contract_column('others.dataset', 'subject', 'name') }} as other_field,
    others.subject_name as other_value
from named
left join right_names on named.subject_id = right_names.subject_id and named.name_key = right_names.name_key
inner join examples as others on named.subject_id = others.subject_id and named.name_key <> others.name_key
where right_names.name_key is null
order by named.record_id asc, others.dataset = 'enterprises' desc, others.frequency desc, others.name_key asc
