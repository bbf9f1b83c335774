"""What a draft of the policies would change: who moves between grades, on or off lists, under or out of measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from psycopg import Connection, sql

from ipcredit.build import BuildError, judged_apart
from ipcredit.database import connect
from ipcredit.outputs.checks import LISTS
from ipcredit.outputs.explain import TRACKS
from ipcredit.outputs.labels import person
from ipcredit.outputs.wording import GRADES
from ipcredit.settings import TIME_ZONE
from ipcredit.sheets import neutral

PREFIX = "draft_"
HEADERS = {
    "track": "评价类别", "grade_before": "现行等级", "grade_draft": "草案等级", "subjects": "户数",
    "subject_id": "主体标识",
    "subject_name": "名称", "division_name": "地区",
    "score_before": "现行知识产权得分（不含通用信用风险分类）",
    "score_draft": "草案知识产权得分（不含通用信用风险分类）", "override_title": "草案限定等级的情形",
    "list_code": "名单", "jurisdiction_name": "适用地区", "change": "变化", "measure": "措施",
}  # fmt: skip
CODES: dict[str, Mapping[str, str]] = {
    "track": TRACKS, "grade_before": GRADES, "grade_draft": GRADES, "list_code": LISTS, "override_title": LISTS,
    "change": {"enters": "列入", "leaves": "移出", "begins": "开始适用", "ends": "不再适用"},
}  # fmt: skip
"""What the codes of a column are called in the workbook."""

# What a subject has under the policies in force and under the draft, where these differ.
_GRADES = """
select coalesce(n.subject_id, b.subject_id) as subject_id, s.subject_name, d.name as division_name,
    coalesce(n.track, b.track) as track, b.grade as grade_before, n.grade as grade_draft,
    b.ip_score as score_before, n.ip_score as score_draft,
    coalesce(t.title, o.condition_code, n.override_code) as override_title
from {before_grading}.subject_grades as b
full join {draft_grading}.subject_grades as n on b.subject_id = n.subject_id and b.track = n.track
left join catalogue.subjects as s on coalesce(n.subject_id, b.subject_id) = s.subject_id
left join reference.divisions as d on s.division_code = d.division_code
left join {draft_policy}.override_rules as o
    on n.policy_id = o.policy_id and n.policy_version = o.version and n.override_code = o.override_code
left join reference.event_types as t on o.condition_code = t.event_type
where (n.grade, n.ip_score) is distinct from (b.grade, b.ip_score)
order by track, grade_before, grade_draft, subject_id
"""
_LISTS = """
with b as (
    select distinct subject_id, list_code, jurisdiction from {before_supervision}.list_entries where state = 'active'
),
n as (select distinct subject_id, list_code, jurisdiction from {draft_supervision}.list_entries where state = 'active')
select coalesce(n.subject_id, b.subject_id) as subject_id, s.subject_name, d.name as division_name,
    coalesce(n.list_code, b.list_code) as list_code, j.name as jurisdiction_name,
    case when b.subject_id is null then 'enters' else 'leaves' end as change
from b full join n
    on b.subject_id = n.subject_id and b.list_code = n.list_code and b.jurisdiction = n.jurisdiction
left join catalogue.subjects as s on coalesce(n.subject_id, b.subject_id) = s.subject_id
left join reference.divisions as d on s.division_code = d.division_code
left join reference.divisions as j on coalesce(n.jurisdiction, b.jurisdiction) = j.division_code
where b.subject_id is null or n.subject_id is null
order by list_code, coalesce(n.jurisdiction, b.jurisdiction), change, subject_id
"""
_MEASURES = """
with b as (
    select subject_id, measure_code, jurisdiction, measure_code || ' ' || max(measure_name) as measure
    from {before_supervision}.measures_in_force group by 1, 2, 3
),
n as (
    select subject_id, measure_code, jurisdiction, measure_code || ' ' || max(measure_name) as measure
    from {draft_supervision}.measures_in_force group by 1, 2, 3
)
select coalesce(n.subject_id, b.subject_id) as subject_id, s.subject_name, d.name as division_name,
    coalesce(n.measure, b.measure) as measure, j.name as jurisdiction_name,
    case when b.subject_id is null then 'begins' else 'ends' end as change
from b full join n
    on b.subject_id = n.subject_id and b.measure_code = n.measure_code and b.jurisdiction = n.jurisdiction
left join catalogue.subjects as s on coalesce(n.subject_id, b.subject_id) = s.subject_id
left join reference.divisions as d on s.division_code = d.division_code
left join reference.divisions as j on coalesce(n.jurisdiction, b.jurisdiction) = j.division_code
where b.subject_id is null or n.subject_id is null
order by measure, change, subject_id
"""
_MATRIX = """
select coalesce(n.track, b.track) as track, coalesce(b.grade, '—') as grade_before,
    coalesce(n.grade, '—') as grade_draft,
    count(*) as subjects
from {before_grading}.subject_grades as b
full join {draft_grading}.subject_grades as n on b.subject_id = n.subject_id and b.track = n.track
group by 1, 2, 3 order by 1, 2, 3
"""


@dataclass(frozen=True)
class Rows:
    """A result with its column names."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Simulation:
    """What the draft changes; `matrix` counts everybody by track, grade now and grade under the draft."""

    as_of: date
    known_day: date
    matrix: Rows
    grades: Rows
    lists: Rows
    measures: Rows


def simulate(policy_dir: Path) -> Simulation:
    """Judge the facts of the last build on its day under the draft, beside its own result; no release is touched.

    Raises:
        BuildError: nothing has been judged yet, or the draft cannot be used; the message and dbt's output say why.
    """
    with connect() as connection:
        if connection.execute("select to_regclass('grading.judged_state')").fetchone() == (None,):
            raise BuildError("Nothing has been judged yet: build a release first.")
        state = connection.execute("select as_of, known_day from grading.judged_state").fetchone()
    if state is None:
        raise BuildError("The last build of grading did not come to its end: build a release first.")
    as_of, known_day = state
    known_at = datetime.combine(known_day, time(23, 59), TIME_ZONE)
    with judged_apart(PREFIX, as_of, known_at, policy_dir), connect() as connection:
        found = [_compare(connection, query) for query in (_MATRIX, _GRADES, _LISTS, _MEASURES)]
    return Simulation(as_of, known_day, *found)


def _compare(connection: Connection, query: str) -> Rows:
    schemas = {
        "before_grading": sql.Identifier("grading"), "before_supervision": sql.Identifier("supervision"),
        "draft_grading": sql.Identifier(f"{PREFIX}grading"),
        "draft_supervision": sql.Identifier(f"{PREFIX}supervision"), "draft_policy": sql.Identifier(f"{PREFIX}policy"),
    }  # fmt: skip
    cursor = connection.execute(sql.SQL(query).format(**schemas))
    return Rows([column.name for column in cursor.description or ()], cursor.fetchall())


def write_workbook(simulation: Simulation, path: Path) -> None:
    """The result as a workbook: one sheet each for the matrix, grades, lists and measures."""
    with xlsxwriter.Workbook(path) as workbook:
        bold = workbook.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        for title, found in (
            ("等级变化矩阵", simulation.matrix), ("等级变化", simulation.grades),
            ("名单变化", simulation.lists), ("措施变化", simulation.measures),
        ):  # fmt: skip
            sheet = workbook.add_worksheet(title)
            sheet.write_string(
                0, 0, f"草案试算：评价基准日 {simulation.as_of}，规则录入截止 {simulation.known_day}；只供内部研究"
            )
            for column, name in enumerate(found.columns):
                sheet.write_string(2, column, HEADERS.get(name, name), bold)
            for number, row in enumerate(found.rows, start=3):
                for column, value in enumerate(row):
                    if isinstance(value, (int, Decimal)):
                        sheet.write_number(number, column, value)
                    elif value is not None:
                        told = CODES.get(found.columns[column], {}).get(value, str(value))
                        told = person(told) if told.startswith("P:") else told
                        sheet.write_string(number, column, neutral(told))
            sheet.freeze_panes(3, 0)
            sheet.set_column(0, max(len(found.columns) - 1, 0), 22)
