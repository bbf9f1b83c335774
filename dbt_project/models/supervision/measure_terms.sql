{{ config(meta={'distribute_by': 'subject_id'}, indexes=[{'columns': ['subject_id']}]) }}
-- Under which measure a subject stood or stands by its places on lists, and from which day to which: the days on the list
-- on which a measure tied to that list was in force. A measure reaches the subjects of the jurisdiction that applies it.
with versions as (
    select
        policy_id,
        version,
        min(effective_from) as effective_from,
        range_agg(daterange(effective_from, effective_to, '[]')) as days
    from {{ ref('measures') }}
    where recorded_on <= {{ known_day() }}
    group by policy_id, version
),

-- As policy_in_force says it of one day: an open version gives way to the one that took effect last.
standing as (
    select
        versions.policy_id,
        versions.version,
        versions.days - coalesce(range_agg(later.days), '{}') as days
    from versions
    left join versions as later
        on
            versions.policy_id = later.policy_id
            and (versions.effective_from, versions.version) < (later.effective_from, later.version)
    group by versions.policy_id, versions.version, versions.days
),

entries as (
    select
        subject_id,
        list_code,
        jurisdiction,
        entry_id,
        record_id,
        state,
        is_disputed,
        -- A repair ends the stay before its term; a stay that ends on its first day is none. No end is no end.
        datemultirange(
            daterange(
                entered_on,
                case when ends_on is not null or left_on is not null then greatest(least(ends_on + 1, left_on), entered_on) end
            )
        ) as days
    from {{ ref('list_entries') }}
),

terms as (
    select
        entries.subject_id,
        entries.list_code,
        entries.entry_id,
        entries.record_id,
        entries.state as entry_state,
        entries.is_disputed,
        measures.measure_code,
        measures.measure_name,
        measures.direction,
        measures.measure_class,
        measures.measure_level,
        measures.is_discretionary,
        measures.jurisdiction,
        measures.policy_id,
        measures.version as policy_version,
        measures.status as policy_status,
        measures.source_clause,
        unnest(standing.days * entries.days) as days
    from entries
    inner join {{ ref('measures') }} as measures
        on
            measures.basis_kind = 'list'
            and entries.list_code = measures.basis_code
            and entries.jurisdiction = measures.basis_jurisdiction
            and measures.status <> 'no_rule'
            and measures.recorded_on <= {{ known_day() }}
    inner join standing on measures.policy_id = standing.policy_id and measures.version = standing.version
)

select
    terms.subject_id,
    terms.measure_code,
    terms.measure_name,
    terms.direction,
    terms.measure_class,
    terms.measure_level,
    terms.is_discretionary,
    terms.jurisdiction,
    terms.list_code,
    terms.entry_id,
    terms.record_id,
    terms.entry_state,
    terms.is_disputed,
    lower(terms.days) as in_force_from,
    upper(terms.days) - 1 as in_force_to,
    terms.policy_id,
    terms.policy_version,
    terms.policy_status,
    terms.source_clause
from terms
inner join {{ ref('subjects') }} as subjects on terms.subject_id = subjects.subject_id
inner join {{ ref('division_scopes') }} as scopes
    on subjects.division_code = scopes.division_code and terms.jurisdiction = scopes.jurisdiction
