"""The year-end pilot summary: a Word document and its data annex, of the province or of one city, from one release.

Both are made again byte for byte from the same release. What only people can write comes with the dataset
`pilot_materials`; where it is empty the document has a mark, and the run says so.
"""

import csv
from pathlib import Path
from typing import Any, LiteralString, NamedTuple, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

from ipcredit.database import connect
from ipcredit.outputs import OutputError
from ipcredit.outputs.annex import Annex, write_annex
from ipcredit.outputs.figures import Figures, parameters, read_figures
from ipcredit.outputs.pages import Release, read_release
from ipcredit.outputs.places import Place, read_divisions, read_place
from ipcredit.outputs.summary_text import (
    Material,
    Milestone,
    Policy,
    Story,
    Task,
    closing_note,
    not_closed,
    tell,
    title_of,
)
from ipcredit.outputs.word import Document
from ipcredit.settings import DBT_PROJECT, TIME_ZONE, get_settings

T = TypeVar("T")
OUTLINE = DBT_PROJECT / "seeds" / "pilot" / "summary_outline.csv"


class Summary(NamedTuple):
    """What a run has made."""

    document: Path
    annex: Path
    release_id: str
    figures: int
    """How many of them stand in the document."""
    empty: list[str]
    """What only a person can write, and nobody has."""
    not_closed: list[str]
    """Cities and areas whose own summary was not closed."""

    @property
    def said(self) -> list[str]:
        """What the run says at its end. How many pages they make only the program that prints them knows."""
        return [
            str(self.document),
            str(self.annex),
            f"{self.figures} figures from {self.release_id}; pages unknown.",
            f"待补充（{len(self.empty)}）：{'、'.join(self.empty) or '无'}",
            f"总结尚未定稿（{len(self.not_closed)}）：{'、'.join(self.not_closed) or '无'}",
        ]


def write_summary(year: int, division: str | None = None, release_id: str | None = None) -> Summary:
    """Write `<outputs>/<release_id>/summary/<year>/<division>_….docx` and its annex, each replaced at once.

    Args:
        division: a city's or area's code; default the province.
        release_id: default: the current release.

    Raises:
        OutputError: no such release or division, or the release judges a day of another year.
    """
    with connect() as connection:
        release = _release(connection, year, release_id)
        names, province, _ = read_divisions(connection)
        place = read_place(connection, division)
        given = parameters(release.as_of, year, province)
        before_id, before = _before(connection, year, province)
        figures = read_figures(connection, release.release_id, given)
        story = _story(connection, release, year, place, figures, names)
        story.before = before
        about = _about(release, story, before_id)
        tell(story, about)
        folder = get_settings().outputs / release.release_id / "summary" / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{place.division}_{place.name}试点工作总结"
        document, annex = folder / f"{stem}.docx", folder / f"{stem}_数据附件.xlsx"
        story.document.save(document)
        write_annex(annex, connection, release, Annex(
            title_of(place, year) + "数据附件", about, figures, given, names, place.division, story.tables,
            story.charts, story.told,
        ))  # fmt: skip
    return Summary(document, annex, release.release_id, len(story.told), story.empty, not_closed(story))


def choose_release(year: int, release_id: str | None = None) -> str:
    """The release that summaries of the year are made from, default the current one.

    Raises:
        OutputError: there is none, or it judges a day of another year.
    """
    with connect() as connection:
        return _release(connection, year, release_id).release_id


def summary_divisions() -> list[str]:
    """Codes of the cities and areas that write a summary of their own."""
    with connect() as connection:
        return list(read_divisions(connection)[0])


def _release(connection: Connection, year: int, release_id: str | None) -> Release:
    release = read_release(connection, release_id)
    if release.as_of.year != year:
        raise OutputError(
            f"发布 {release.release_id} 的评价基准日是 {release.as_of}，不能作为 {year} 年的总结；"
            "请用 --release 指定该年的发布。"
        )
    return release


def _before(connection: Connection, year: int, province: str) -> tuple[str | None, Figures | None]:
    """The year-end release of the year before, pinned and the last by its day, and its figures, if it has them."""
    row = connection.execute(
        """select r.release_id, r.as_of from release_store.releases as r
           where r.state = 'published' and r.pinned_by is not null and extract(year from r.as_of) = %s
           order by r.as_of desc, r.known_at desc, r.release_id desc limit 1""",
        (year - 1,),
    ).fetchone()
    if row is None:
        return None, None
    try:
        return row[0], read_figures(connection, row[0], parameters(row[1], year - 1, province))
    except OutputError:
        return row[0], None  # made before a table that the figures need; the annex says so


def _about(release: Release, story: Story, before_id: str | None) -> list[str]:
    known = f"{release.known_at.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"
    if before_id is None:
        before = "没有上年固定保存的年终发布，不作同期比较。"
    elif story.before is None:
        before = f"上年的年终发布 {before_id} 早于本总结所需的数据表，不作同期比较。"
    else:
        before = f"同期数取自上年固定保存的年终发布 {before_id}。"
    return [
        f"数据取自发布 {release.release_id}：评价基准日 {release.as_of}，数据收至 {known}，"
        f"程序版本 {release.code_commit[:12]}。"
        "同一发布重新生成的总结和附件完全相同。",
        before,
        "“本年”指评价基准日所在年度中截至数据收至之日已报送的；名单、等级、措施为评价基准日的状况。"
        "一个主体属于几类评价对象的，各类分别计数。",
        "每个指标的取数语句和所依据的记录见数据附件“数据来源”“SQL”和“明细”各表。",
        closing_note(story),
    ]


def _story(connection: Connection, release: Release, year: int, place: Place, figures: Figures,
           names: dict[str, str]) -> Story:  # fmt: skip
    """What the release says, and what people have written, of this place; in the schema set by `read_figures`."""
    rows = {task.code: task for task in _read(connection, _Task, TASKS)}
    outline = _outline()
    own = outline.get(place.division) or outline.get(figures.province, [])
    plans = {rows[code].plan for code, _ in own + outline.get("", []) if code in rows}
    milestones = _read(connection, Milestone, MILESTONES, {"region": place.division, "year": year})
    materials = _read(connection, Material, MATERIALS, {"year": year})
    policies = [p._replace(is_basis=p.code in plans) for p in _read(connection, Policy, POLICIES)]

    def tasks(given: list[tuple[str, list[str]]]) -> list[Task]:
        return [Task(code, rows[code].name, blocks) for code, blocks in given if code in rows]

    document = Document(title_of(place, year), release.known_at)
    return Story(document, place, year, release.as_of, figures, None, names, tasks(own), tasks(outline.get("", [])),
                 milestones, policies, materials)  # fmt: skip


class _Task(NamedTuple):
    code: str
    plan: str
    name: str


TASKS = "select t.task_code as code, t.plan_code as plan, t.task_name as name from pilot_tasks as t"
MILESTONES = """
select m.milestone_code as code, m.task_code as task, m.region_code as region, m.promised, m.due_on,
    m.milestone_state as state, m.done_on, m.evidence, m.policy_status as status, m.source_clause
from plan_milestones as m
where m.region_code = %(region)s and (m.due_on is null or extract(year from m.due_on) <= %(year)s)
order by m.due_on nulls last, m.milestone_code
"""
MATERIALS = """
select m.division_code as division, m.material_kind as kind, m.title, m.body, m.done_on
from pilot_materials as m
where m.summary_year = %(year)s and (m.material_kind <> 'closing' or m.region_code = m.division_code)
order by m.division_code, m.material_kind, m.title, m.record_id
"""
POLICIES = """
select p.document_code as code, p.title, p.document_no, p.issuer, p.issued_on, p.document_status as state, p.note,
    false as is_basis
from policy_documents as p order by p.issued_on nulls last, p.document_code
"""


def _read(connection: Connection, kind: type[T], query: LiteralString, given: dict[str, Any] | None = None) -> list[T]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query, given).fetchall()


def _outline() -> dict[str, list[tuple[str, list[str]]]]:
    """Per region, and for the national notice under "": tasks in their order, each with its blocks."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    with OUTLINE.open(encoding="utf-8", newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: (row["region_code"], int(row["position"]))):
            blocks = [block for block in row["blocks"].split("|") if block]
            found.setdefault(row["region_code"], []).append((row["task_code"], blocks))
    return found
