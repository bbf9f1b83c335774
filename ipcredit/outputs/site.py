"""The site of a release: all its pages in one folder, which needs neither a server nor a network.

Overview, catalogue and assessment have modules of their own; the other pages are drawn here. What two pages both show
comes from the same query. As on the overview, the queries read `release_store`, so that any release still kept can be
drawn, and keep to the columns and rows that the views in `publication` show. Wording is in the templates.
"""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import namedtuple_row

from ipcredit.database import connect
from ipcredit.outputs.assessment_page import STATES, shown, write_assessment_page
from ipcredit.outputs.catalogue import write_catalogue
from ipcredit.outputs.dashboard import CHANGES, QUERIES, write_dashboard
from ipcredit.outputs.pages import SITE, Release, read_release, render, write_page

NAMED_ROWS = 2000
"""How many rows of one kind a page names; all of them stand in the published view that its caption gives."""
NAMED_SUBJECTS = 10_000
"""How many subjects can be searched on the page of the grades: about two and a half megabytes."""

_DIVISIONS = """
    select d.division_code, d.name from reference.divisions as d
    where d.tile_row is not null order by d.division_code"""

_GRADES = {
    "divisions": _DIVISIONS,
    "grades": QUERIES["grades"],
    "rules": """
        select g.policy_id, g.policy_version, g.policy_status, p.title, p.effective_from, p.effective_to,
            p.source_clause, count(*) as subjects, exists (
                select from policy.general_class_adjustments as c
                where c.policy_id = g.policy_id and c.version = g.policy_version
            ) as is_score_withheld
        from release_store.subject_grades as g
        left join policy.policy_versions as p
            on g.policy_id = p.policy_id and g.policy_version = p.version and g.subject_kind = p.subject_kind
        where g.release_id = %(release)s and g.is_provincial
        group by g.policy_id, g.policy_version, g.policy_status, p.title, p.effective_from, p.effective_to,
            p.source_clause
        order by subjects desc, g.policy_id, p.title""",
    "bands": "select b.* from policy.grade_bands as b order by b.policy_id, b.version, b.grade_rank",
    "overrides": """
        select r.*, (
            select count(*) from release_store.subject_grades as g
            where g.release_id = r.release_id and g.is_provincial and g.policy_id = r.policy_id
                and g.policy_version = r.policy_version and g.override_code = r.override_code
        ) as subjects
        from release_store.override_rules as r
        where r.release_id = %(release)s and exists (
            select from release_store.subject_grades as g
            where g.release_id = r.release_id and g.policy_id = r.policy_id and g.policy_version = r.policy_version
        )
        order by r.policy_id, r.policy_version, r.priority""",
}

# Compact, because a page holds thousands: code, name, division, grades; each grade with what its points come from.
# Where the internal general class counts, no score: beside the grade it would tell the class (see `explain.WITHHELD`).
_SUBJECTS = """
    with withheld as (select distinct c.policy_id, c.version from policy.general_class_adjustments as c),
    items as (
        select i.subject_id, i.track, json_agg(json_build_array(
            i.rule_name, to_char(i.points, 'FMS999990.00'), i.event_date, i.counts_to, r.document_no, r.submission_id,
            r.row_number
        ) order by i.item_no) as items
        from release_store.grade_items as i
        left join release_store.credit_records as r on i.release_id = r.release_id and i.record_id = r.record_id
        where i.release_id = %(release)s
        group by i.subject_id, i.track
    ),
    ranks as (select b.grade, max(b.grade_rank) as grade_rank from policy.grade_bands as b group by b.grade),
    graded as (
        select g.subject_id, max(k.grade_rank) as weakest, min(g.score) as lowest, json_agg(json_build_array(
            g.track, g.grade, case when w.policy_id is null then g.score::text end, o.condition_title,
            coalesce(i.items, '[]')
        ) order by g.track) as grades
        from release_store.subject_grades as g
        left join ranks as k on g.grade = k.grade
        left join withheld as w on g.policy_id = w.policy_id and g.policy_version = w.version
        left join items as i on g.subject_id = i.subject_id and g.track = i.track
        left join release_store.override_rules as o
            on g.release_id = o.release_id and g.policy_id = o.policy_id and g.policy_version = o.policy_version
            and g.override_code = o.override_code
        where g.release_id = %(release)s and g.is_provincial
        group by g.subject_id
    )
    select s.subject_id, s.subject_name, s.division_name, g.grades
    from release_store.subjects as s inner join graded as g on s.subject_id = g.subject_id
    where s.release_id = %(release)s and s.id_kind = 'uscc'
    order by g.weakest desc nulls last, g.lowest, s.subject_id
    limit %(named_subjects)s"""

_LISTS = {
    "lists": QUERIES["lists"],
    "measures": QUERIES["measures"],
    "rules": """
        select l.list_code, d.name as jurisdiction_name, l.policy_id, l.version as policy_version,
            l.status as policy_status, l.term_months, l.max_months, l.repair_after_months, l.source_clause
        from policy.list_rules as l
        inner join release_store.releases as r on r.release_id = %(release)s
        left join reference.divisions as d on l.jurisdiction = d.division_code
        where r.as_of between l.effective_from and coalesce(l.effective_to, 'infinity')
            and l.recorded_on <= (r.known_at at time zone 'Asia/Shanghai')::date
        order by array_position(array['red', 'dishonest', 'serious'], l.list_code), l.jurisdiction""",
    "entries": """
        select e.*, d.name as division_name, j.name as jurisdiction_name, r.submission_id, r.row_number
        from release_store.list_entries as e
        left join release_store.credit_records as r on e.release_id = r.release_id and e.record_id = r.record_id
        left join reference.divisions as d on e.division_code = d.division_code
        left join reference.divisions as j on e.jurisdiction = j.division_code
        where e.release_id = %(release)s
        order by e.state, array_position(array['serious', 'dishonest', 'red'], e.list_code), e.entered_on desc,
            e.division_code, e.subject_id, e.entry_id
        limit %(named)s""",
    "conflicts": """
        select c.*, s.subject_name, d.name as division_name
        from release_store.list_conflicts as c
        left join release_store.subjects as s on c.release_id = s.release_id and c.subject_id = s.subject_id
        left join reference.divisions as d on c.division_code = d.division_code
        where c.release_id = %(release)s
        order by c.division_code, c.subject_id, c.negative_list_code, c.jurisdiction, c.negative_entry_id
        limit %(named)s""",
    "effects": """
        select e.year, e.direction, e.measure_code, min(m.measure_name) as measure_name,
            sum(e.due_subjects) as due_subjects, sum(e.subjects_applied_to) as subjects_applied_to,
            sum(e.applied) as applied, sum(e.exempted) as exempted, sum(e.lifted) as lifted,
            sum(e.applied_without_ground) as applied_without_ground
        from release_store.measure_effects as e
        left join (
            select distinct on (m.measure_code) m.measure_code, m.measure_name from release_store.measures as m
            where m.release_id = %(release)s order by m.measure_code, m.effective_from desc, m.measure_name
        ) as m on e.measure_code = m.measure_code
        where e.release_id = %(release)s
        group by e.year, e.direction, e.measure_code
        order by e.year desc, e.direction desc, e.measure_code""",
    "cases": """
        with cases as (
            select 'objection' as kind, o.objection_no as case_no, o.case_id, o.disputed_document_no as target_no,
                o.filed_on as opened_on, o.accepted_on, o.decided_on, o.state, o.division_code, o.subject_id,
                o.is_accept_overdue or o.is_decide_overdue or o.is_correct_overdue as is_overdue,
                o.submission_id, o.row_number
            from release_store.objections as o where o.release_id = %(release)s
            union all
            select 'repair', p.repair_no, p.case_id, p.repaired_document_no, p.applied_on, p.accepted_on, p.decided_on,
                p.state, p.division_code, p.subject_id,
                p.is_accept_overdue or p.is_decide_overdue or p.is_withdraw_overdue, p.submission_id, p.row_number
            from release_store.repairs as p where p.release_id = %(release)s
        )
        select n.* from (
            select c.*, s.subject_name, d.name as division_name, count(*) over (partition by c.kind) as cases,
                row_number() over (
                    partition by c.kind order by c.state <> 'open', c.opened_on desc nulls last, c.case_no, c.case_id
                ) as place
            from cases as c
            left join release_store.subjects as s on s.release_id = %(release)s and c.subject_id = s.subject_id
            left join reference.divisions as d on c.division_code = d.division_code
        ) as n
        where n.place <= %(named)s
        order by n.kind, n.place""",
}
_COUNTS = """
    select
        (select count(*) from release_store.list_entries as e where e.release_id = %(release)s) as entry_count,
        (select count(*) from release_store.list_conflicts as c where c.release_id = %(release)s) as conflict_count"""

_INSPECTIONS = {
    "divisions": _DIVISIONS,
    # Draws made after the release would make another page of it: only those that its inspections come from.
    "draws": """
        select d.* from inspection.draws as d
        where d.draw_id in (
            select i.draw_no from release_store.inspections as i where i.release_id = %(release)s and i.is_of_kept_draw
        )
        order by d.draw_id""",
    "plans": """
        select i.plan_no, i.object_kind, string_agg(distinct i.draw_no, '、' order by i.draw_no) as draws,
            count(*) as inspections, count(*) filter (where i.state = 'inspected') as inspected,
            count(*) filter (where i.state = 'overdue') as overdue,
            count(*) filter (where i.inspection_result in ('problem_ordered', 'problem_pending')) as problems,
            count(*) filter (where i.is_fix_overdue) as fix_overdue
        from release_store.inspections as i where i.release_id = %(release)s
        group by i.plan_no, i.object_kind order by i.plan_no, i.object_kind""",
    "results": """
        select i.division_code, i.inspection_result, count(*) as inspections,
            count(*) filter (where i.state = 'overdue') as overdue,
            count(*) filter (where i.is_fix_overdue) as fix_overdue
        from release_store.inspections as i where i.release_id = %(release)s
        group by i.division_code, i.inspection_result order by i.inspection_result, i.division_code""",
    "overdue": """
        select i.*, coalesce(case when i.state = 'overdue' then i.inspect_by end, i.fix_due_on) as due_on,
            s.subject_name, d.name as division_name, count(*) over () as found
        from release_store.inspections as i
        left join release_store.subjects as s on i.release_id = s.release_id and i.subject_id = s.subject_id
        left join reference.divisions as d on i.division_code = d.division_code
        where i.release_id = %(release)s and (i.is_fix_overdue or i.state = 'overdue')
        order by due_on, i.division_code, i.plan_no, i.inspection_id
        limit %(named)s""",
}

# Codes of a bureau's sheet in the words of the sheet.
_OPTIONS = """
    select split_part(o.pair, '=', 1), split_part(o.pair, '=', 2)
    from release_store.catalogue_fields as f
    cross join unnest(string_to_array(f.codes, '、')) as o (pair)
    where f.release_id = %(release)s and f.dataset = 'inspections'
        and f.field in ('inspection_object', 'inspection_result')"""

_COMPARED = {
    "both": """
        select r.release_id, r.as_of, r.known_at, r.code_commit from release_store.releases as r
        where r.release_id in (%(release)s, %(previous)s) order by r.release_id = %(release)s desc""",
    # As on the overview, by list and subject: an entry that follows another on the same list changes nothing.
    "list_changes": """
        with active as (
            select distinct on (e.release_id, e.list_code, e.jurisdiction, e.subject_id) e.*
            from release_store.list_entries as e
            where e.release_id in (%(release)s, %(previous)s) and e.state = 'active'
            order by e.release_id, e.list_code, e.jurisdiction, e.subject_id, e.entered_on desc, e.entry_id
        )
        select a.list_code, a.jurisdiction, j.name as jurisdiction_name, a.release_id = %(release)s as is_new,
            a.subject_id, a.subject_name, d.name as division_name, a.decision_document_no, n.exit_reason,
            count(*) over () as found
        from active as a
        left join release_store.list_entries as n on n.release_id = %(release)s and a.entry_id = n.entry_id
        left join reference.divisions as d on a.division_code = d.division_code
        left join reference.divisions as j on a.jurisdiction = j.division_code
        where not exists (
            select from active as b
            where b.release_id <> a.release_id and b.list_code = a.list_code and b.jurisdiction = a.jurisdiction
                and b.subject_id = a.subject_id
        )
        order by array_position(array['serious', 'dishonest', 'red'], a.list_code), a.jurisdiction, is_new desc,
            a.division_code, a.subject_id
        limit %(named)s""",
    "moves": CHANGES["moves"],
    "moved": """
        with graded as (
            select g.*, case when w.policy_id is null then g.score end as shown_score
            from release_store.subject_grades as g
            left join (select distinct c.policy_id, c.version from policy.general_class_adjustments as c) as w
                on g.policy_id = w.policy_id and g.policy_version = w.version
            where g.grade <> 'U' and g.is_provincial is not false
        )
        select coalesce(a.subject_id, b.subject_id) as subject_id, coalesce(a.track, b.track) as track,
            b.grade as grade_before, b.shown_score as score_before, a.grade as grade_now, a.shown_score as score_now,
            coalesce(s.subject_name, t.subject_name) as subject_name, d.name as division_name, count(*) over () as found
        from (select * from graded as g where g.release_id = %(release)s) as a
        full join (select * from graded as g where g.release_id = %(previous)s) as b
            on a.subject_id = b.subject_id and a.track = b.track
        left join release_store.subjects as s
            on s.release_id = %(release)s and coalesce(a.subject_id, b.subject_id) = s.subject_id
        left join release_store.subjects as t on t.release_id = %(previous)s and b.subject_id = t.subject_id
        left join reference.divisions as d on coalesce(a.division_code, b.division_code) = d.division_code
        where a.grade is distinct from b.grade
        order by coalesce(a.division_code, b.division_code), subject_id, track
        limit %(named)s""",
    "measure_changes": """
        select m.direction, m.measure_code, m.measure_name,
            count(distinct m.subject_id) filter (where m.release_id = %(previous)s) as before,
            count(distinct m.subject_id) filter (where m.release_id = %(release)s) as now
        from release_store.measures_in_force as m
        where m.release_id in (%(release)s, %(previous)s)
        group by m.direction, m.measure_code, m.measure_name
        having count(distinct m.subject_id) filter (where m.release_id = %(previous)s)
            <> count(distinct m.subject_id) filter (where m.release_id = %(release)s)
        order by m.direction desc, m.measure_code, m.measure_name""",
    # publication.assessment_movements, of any release.
    "movements": """
        select n.assessment_year, n.region_code, c.region_name, n.rule_id, b.state as state_before,
            b.points as points_before, n.state as state_now, n.points as points_now,
            coalesce(n.points, 0) - coalesce(b.points, 0) as points_change, count(*) over () as found
        from release_store.assessment_rule_results as n
        inner join release_store.assessment_rule_results as b
            on b.release_id = %(previous)s and n.assessment_year = b.assessment_year
            and n.region_code = b.region_code and n.rule_id = b.rule_id
        inner join release_store.assessment_scorecards as c
            on n.release_id = c.release_id and n.assessment_year = c.assessment_year and n.region_code = c.region_code
        where n.release_id = %(release)s and (n.state <> b.state or n.points is distinct from b.points)
        order by n.assessment_year desc, n.region_code, n.rule_no
        limit %(named)s""",
    "coverage": """
        select coalesce(o.name, n.bureau_code, b.bureau_code) as bureau_name, coalesce(n.dataset, b.dataset) as dataset,
            i.title, coalesce(n.period, b.period) as period, coalesce(n.due_on, b.due_on) as due_on,
            b.completeness as before, n.completeness as now, count(*) over () as found
        from (select * from release_store.catalogue_coverage as c where c.release_id = %(release)s) as n
        full join (select * from release_store.catalogue_coverage as c where c.release_id = %(previous)s) as b
            on n.bureau_code = b.bureau_code and n.dataset = b.dataset and n.period = b.period
        left join reference.organisations as o on coalesce(n.bureau_code, b.bureau_code) = o.organisation_code
        left join release_store.catalogue_items as i
            on i.release_id = %(release)s and coalesce(n.dataset, b.dataset) = i.dataset
        where n.completeness is distinct from b.completeness
        order by coalesce(n.bureau_code, b.bureau_code), i.catalogue_code, period
        limit %(named)s""",
}

# Comments were kept with the release; views that no table stands behind have only their own.
_COLUMNS = """
    select v.relname as view, coalesce(obj_description(t.oid, 'pg_class'), obj_description(v.oid, 'pg_class')) as about,
        a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
        coalesce(col_description(t.oid, b.attnum), col_description(v.oid, a.attnum)) as description,
        (r.row_counts ->> v.relname)::bigint as row_count
    from pg_catalog.pg_class as v
    inner join release_store.releases as r on r.release_id = %(release)s
    inner join pg_catalog.pg_attribute as a on v.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_class as t
        on v.relname = t.relname and t.relnamespace = to_regnamespace('release_' || r.release_id)
    left join pg_catalog.pg_attribute as b on t.oid = b.attrelid and a.attname = b.attname and b.attnum > 0
    where v.relnamespace = 'publication'::regnamespace and v.relkind = 'v'
    order by v.relname, a.attnum"""


def write_site(release_id: str | None = None) -> list[Path]:
    """Write all pages of a published release into `<outputs>/<release_id>`, each replaced at once; `index.html` leads.

    Args:
        release_id: default: the current release.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    with connect() as connection:
        release = read_release(connection, release_id)
        province = _rows(connection, QUERIES["province"], release)[0].name
        contents = {
            "grades.html": _grades(connection, release),
            "lists.html": _lists(connection, release),
            "inspections.html": _inspections(connection, release),
            "changes.html": _changes(connection, release),
            "dictionary.html": {"columns": _rows(connection, _COLUMNS, release)},
            "index.html": {},  # written last: it stands only when what it leads to does
        }
    written = [write(release.release_id) for write in (write_dashboard, write_catalogue, write_assessment_page)]
    titles = {page.file: page.title for page in SITE}
    for file, content in contents.items():
        page = render(f"{file}.j2", release=release, province=province, here=file, title=titles[file], **content)
        written.append(write_page(release.release_id, file, page))
    return written


def _rows(connection: Connection, query: str, release: Release) -> list[Any]:
    parameters = {
        "release": release.release_id,
        "previous": release.previous,
        "named": NAMED_ROWS,
        "named_subjects": NAMED_SUBJECTS,
    }
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _all(connection: Connection, queries: dict[str, str], release: Release) -> dict[str, Any]:
    return {name: _rows(connection, query, release) for name, query in queries.items()}


def _grades(connection: Connection, release: Release) -> dict[str, Any]:
    return _all(connection, _GRADES, release) | {
        "moves": _rows(connection, CHANGES["moves"], release) if release.is_previous_kept else [],
        "subjects": _rows(connection, _SUBJECTS, release),
        "named_subjects": NAMED_SUBJECTS,
    }


def _lists(connection: Connection, release: Release) -> dict[str, Any]:
    counts: dict[str, int] = _rows(connection, _COUNTS, release)[0]._asdict()
    return _all(connection, _LISTS, release) | counts


def _inspections(connection: Connection, release: Release) -> dict[str, Any]:
    options: dict[str, str] = dict(connection.execute(_OPTIONS, {"release": release.release_id}).fetchall())
    return _all(connection, _INSPECTIONS, release) | {"options": options}


def _changes(connection: Connection, release: Release) -> dict[str, Any]:
    """What the page compares; nothing if there is nothing to compare with."""
    content = _all(connection, _COMPARED, release) if release.is_previous_kept else {}
    return content | {"states": STATES, "shown": shown}
