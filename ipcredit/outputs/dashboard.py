"""The dashboard: one page that needs nothing but itself, drawn from what one release shows its readers.

The queries read `release_store`, so that any release still kept can be drawn, and keep to the columns and rows that the
views in `publication` show. Nothing here depends on the clock or on which release is current: the same release gives
the same bytes. Wording is in the template.
"""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import namedtuple_row

from ipcredit.database import connect
from ipcredit.outputs.pages import Release, read_release, render, write_page

NAMED_ENTRIES = 50
"""How many entries of a list the page names; all of them stand in publication.list_entries."""
NAMED_CHANGES = 20
"""How many subjects the page names that are new on a list, or have left it."""

# Shares are cut, not rounded: 100 % stands only where nothing is lacking.
QUERIES = {
    "province": "select d.name from reference.divisions as d where d.level = 'province'",
    "gate": """
        select v.passed, v.checks, v.warnings, v.waived
        from quality.gate_verdicts as v where v.release_id = %(release)s and v.is_latest""",
    "findings": """
        select g.title, g.severity, g.waived, g.unexpected_count, g.observed, w.waived_by, w.reason
        from quality.gate_results as g
        inner join quality.gate_verdicts as v on g.run_id = v.run_id and v.release_id = g.release_id and v.is_latest
        left join quality.gate_waivers as w
            on g.waived and g.release_id = w.release_id and g.expectation_id = w.expectation_id
        where g.release_id = %(release)s and not g.success
        order by g.waived desc, g.expectation_id""",
    "totals": """
        select
            (select count(*) from release_store.subjects as s where s.release_id = %(release)s) as subjects,
            (select count(*) from release_store.credit_records as r where r.release_id = %(release)s) as records,
            count(*) as submissions,
            count(*) filter (where s.in_force) as in_force,
            count(*) filter (where s.state = 'refused') as refused,
            coalesce(sum(s.rows_received), 0) as received,
            coalesce(sum(s.rows_accepted), 0) as accepted,
            coalesce(sum(s.rows_rejected), 0) as rejected,
            coalesce(sum(s.rows_superseded), 0) as superseded,
            coalesce(sum(s.rows_received - s.rows_accepted - s.rows_rejected - s.rows_superseded), 0) as waiting
        from release_store.submissions as s where s.release_id = %(release)s""",
    "tiles": """
        with covered as (
            select c.division_code, count(*) as due, count(*) filter (where c.gap is null) as reported
            from release_store.catalogue_coverage as c where c.release_id = %(release)s and c.is_due
            group by c.division_code
        ),
        graded as (
            select g.division_code, count(distinct g.subject_id) as subjects
            from release_store.subject_grades as g
            where g.release_id = %(release)s and g.is_provincial and g.grade not in ('U', 'not_evaluable')
            group by g.division_code
        )
        select d.division_code, d.name, d.tile_row, d.tile_column,
            coalesce(c.due, 0) as due, coalesce(c.reported, 0) as reported, floor(100.0 * c.reported / c.due) as share,
            coalesce(g.subjects, 0) as graded
        from reference.divisions as d
        left join covered as c on d.division_code = c.division_code
        left join graded as g on d.division_code = g.division_code
        where d.tile_row is not null
        order by d.division_code""",
    "items": """
        select i.dataset, i.catalogue_code, i.title, i.submitters
        from release_store.catalogue_items as i where i.release_id = %(release)s order by i.catalogue_code""",
    "bureaus": """
        select o.organisation_code as code, o.name, o.division_code, o.role
        from reference.organisations as o
        where exists (
            select from release_store.catalogue_coverage as c
            where c.release_id = %(release)s and c.bureau_code = o.organisation_code
        )
        order by o.role, o.organisation_code""",
    "cells": """
        select c.bureau_code, c.dataset,
            count(*) filter (where c.state = 'received') as received,
            count(*) filter (where c.state = 'nil_return') as nil,
            count(*) filter (where c.is_late) as late,
            count(*) filter (where c.gap is not null and c.is_due) as missing,
            count(*) filter (where c.gap is not null and c.is_due is not true) as not_yet
        from release_store.catalogue_coverage as c where c.release_id = %(release)s
        group by c.bureau_code, c.dataset""",
    "gaps": """
        select c.gap from release_store.catalogue_coverage as c
        where c.release_id = %(release)s and c.is_due and c.gap is not null
        order by c.due_on, c.bureau_code, c.dataset, c.period""",
    "grades": """
        with ranks as (select b.grade, max(b.grade_rank) as grade_rank from policy.grade_bands as b group by b.grade),
        counted as (
            select g.track, g.division_code, g.grade, r.grade_rank, count(*) as subjects,
                sum(count(*)) over (partition by g.track, g.division_code) as in_division
            from release_store.subject_grades as g left join ranks as r on g.grade = r.grade
            where g.release_id = %(release)s and g.is_provincial
            group by grouping sets ((g.track, g.division_code, g.grade, r.grade_rank), (g.track, g.grade, r.grade_rank))
        )
        select c.track, c.division_code, c.grade, c.subjects, c.in_division,
            round(100.0 * c.subjects / c.in_division, 3) as share,
            round(100.0 * (sum(c.subjects) over (
                partition by c.track, c.division_code order by c.grade_rank nulls last, c.grade
            ) - c.subjects) / c.in_division, 3) as start
        from counted as c
        order by c.track desc, c.grade_rank nulls last, c.grade""",
    "lists": """
        select e.list_code, e.jurisdiction, d.name as jurisdiction_name,
            count(*) filter (where e.state = 'active') as entries,
            count(distinct e.subject_id) filter (where e.state = 'active') as subjects,
            count(*) filter (where e.state <> 'active') as ended
        from release_store.list_entries as e left join reference.divisions as d on e.jurisdiction = d.division_code
        where e.release_id = %(release)s
        group by e.list_code, e.jurisdiction, d.name
        order by array_position(array['red', 'dishonest', 'serious'], e.list_code), e.jurisdiction""",
    "entries": """
        select n.* from (
            select e.list_code, e.subject_name, case when s.id_kind = 'uscc' then e.subject_id end as code,
                d.name as division_name, j.name as jurisdiction_name, e.entered_on, e.ends_on, e.decided_by,
                e.decision_document_no, e.legal_basis, count(*) over (partition by e.list_code) as entries,
                row_number() over (
                    partition by e.list_code order by e.entered_on desc, e.division_code, e.subject_id, e.entry_id
                ) as place
            from release_store.list_entries as e
            left join release_store.subjects as s on e.release_id = s.release_id and e.subject_id = s.subject_id
            left join reference.divisions as d on e.division_code = d.division_code
            left join reference.divisions as j on e.jurisdiction = j.division_code
            where e.release_id = %(release)s and e.state = 'active'
        ) as n
        where n.place <= %(named_entries)s
        order by array_position(array['serious', 'dishonest', 'red'], n.list_code), n.place""",
    "measures": """
        select m.direction, m.measure_code, m.measure_name, d.name as jurisdiction_name, m.basis_kind, m.basis_code,
            m.is_discretionary, m.policy_status, count(distinct m.subject_id) as subjects
        from release_store.measures_in_force as m
        left join reference.divisions as d on m.jurisdiction = d.division_code
        where m.release_id = %(release)s
        group by m.direction, m.measure_code, m.measure_name, m.jurisdiction, d.name, m.basis_kind, m.basis_code,
            m.is_discretionary, m.policy_status
        order by m.direction desc, m.measure_code, m.jurisdiction, m.basis_kind, m.basis_code, m.measure_name""",
    "quality": """
        select q.bureau_code, q.dimension, sum(q.numerator) as numerator, sum(q.denominator) as denominator,
            trunc(100.0 * sum(q.numerator) / sum(q.denominator), 1) as share
        from release_store.quality_dimensions as q
        where q.release_id = %(release)s and q.basis is distinct from 'review'
        group by grouping sets ((q.bureau_code, q.dimension), (q.dimension))
        order by q.dimension, q.bureau_code""",
    "ranking": """
        select o.name, r.state, r.place, r.score, r.missing, r.policy_status
        from release_store.quality_ranking as r
        inner join reference.organisations as o on r.bureau_code = o.organisation_code
        where r.release_id = %(release)s and r.period = to_char(r.as_of, 'YYYY')
        order by r.place nulls last, r.state desc, r.bureau_code""",
    "policies": """
        with used as (
            select distinct 'grade' as kind, g.policy_id, g.policy_version, '' as measure_name
            from release_store.subject_grades as g
            where g.release_id = %(release)s and g.policy_status = 'provisional'
            union all
            select distinct 'list', e.policy_id, e.policy_version, '' from release_store.list_entries as e
            where e.release_id = %(release)s and e.policy_status = 'provisional'
            union all
            select distinct 'measure', m.policy_id, m.policy_version, m.measure_name
            from release_store.measures_in_force as m
            where m.release_id = %(release)s and m.policy_status = 'provisional'
        ),
        named as (
            select 'grade' as kind, p.policy_id, p.version, '' as measure_name, p.title, p.source_clause
            from policy.policy_versions as p
            union all
            select 'list', l.policy_id, l.version, '', l.list_code, l.source_clause from policy.list_rules as l
            union all
            select 'measure', m.policy_id, m.version, m.measure_name, m.measure_name, m.source_clause
            from policy.measures as m where m.status = 'provisional'
        )
        select u.kind, u.policy_id, u.policy_version, n.source_clause, array_agg(distinct n.title) as titles
        from used as u
        left join named as n
            on u.kind = n.kind and u.policy_id = n.policy_id and u.policy_version = n.version
            and u.measure_name = n.measure_name
        group by u.kind, u.policy_id, u.policy_version, n.source_clause
        order by u.kind, u.policy_id, u.policy_version, n.source_clause""",
}

CHANGES = {
    "list_changes": """
        with active as (
            select distinct e.release_id, e.list_code, e.jurisdiction, e.subject_id, e.subject_name, e.division_code
            from release_store.list_entries as e
            where e.release_id in (%(release)s, %(previous)s) and e.state = 'active'
        ),
        changed as (
            select a.*, a.release_id = %(release)s as is_new from active as a
            where not exists (
                select from active as b
                where b.release_id <> a.release_id and b.list_code = a.list_code and b.jurisdiction = a.jurisdiction
                    and b.subject_id = a.subject_id
            )
        )
        select n.* from (
            select c.list_code, j.name as jurisdiction_name, c.jurisdiction, c.is_new, c.subject_name,
                d.name as division_name, count(*) over same as subjects,
                row_number() over (same order by c.division_code, c.subject_id) as place
            from changed as c
            left join reference.divisions as d on c.division_code = d.division_code
            left join reference.divisions as j on c.jurisdiction = j.division_code
            window same as (partition by c.list_code, c.jurisdiction, c.is_new)
        ) as n
        where n.place <= %(named_changes)s
        order by n.place""",
    "moves": """
        with ranks as (select b.grade, max(b.grade_rank) as grade_rank from policy.grade_bands as b group by b.grade),
        graded as (
            select g.*, r.grade_rank from release_store.subject_grades as g left join ranks as r on g.grade = r.grade
            where g.grade <> 'U' and g.is_provincial is not false
        )
        select coalesce(a.track, b.track) as track, b.grade as grade_before, a.grade as grade_now,
            case
                when b.grade is null then 'first' when a.grade is null then 'none'
                when a.grade_rank < b.grade_rank then 'up' else 'down'
            end as direction,
            count(*) as subjects
        from (select * from graded as g where g.release_id = %(release)s) as a
        full join (select * from graded as g where g.release_id = %(previous)s) as b
            on a.subject_id = b.subject_id and a.track = b.track
        where a.grade is distinct from b.grade
        group by 1, 2, 3, 4, a.grade_rank, b.grade_rank
        order by 1 desc, 4 desc, b.grade_rank, a.grade_rank""",
    "new_submissions": """
        select s.state, count(*) as submissions, sum(s.rows_received) as received, sum(s.rows_accepted) as accepted,
            sum(s.rows_rejected) as rejected
        from release_store.submissions as s
        where s.release_id = %(release)s and not exists (
            select from release_store.submissions as b
            where b.release_id = %(previous)s and b.submission_id = s.submission_id
        )
        group by s.state order by s.state""",
}


def write_dashboard(release_id: str | None = None) -> Path:
    """Draw a published release into `<outputs>/<release_id>/dashboard.html`, replacing the page at once.

    Args:
        release_id: default: the current release.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    with connect() as connection:
        release = read_release(connection, release_id)
        page = render("dashboard.html.j2", release=release, **_content(connection, release))
    return write_page(release.release_id, "dashboard.html", page)


def _content(connection: Connection, release: Release) -> dict[str, Any]:
    """The rows of each query under its name; of queries that give one row, that row."""
    queries = QUERIES | (CHANGES if release.is_previous_kept else {})
    parameters = {
        "release": release.release_id,
        "previous": release.previous,
        "named_entries": NAMED_ENTRIES,
        "named_changes": NAMED_CHANGES,
    }
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows: dict[str, Any] = {name: cursor.execute(query, parameters).fetchall() for name, query in queries.items()}
    for name in ("province", "gate", "totals"):
        rows[name] = rows[name][0]
    rows["cells"] = {(cell.bureau_code, cell.dataset): cell for cell in rows["cells"]}
    rows["quality"] = {(found.bureau_code, found.dimension): found for found in rows["quality"]}
    return rows
