"""Why a subject has its grades, stands on its lists and under its measures, and what changes next; in Chinese.

The analyst's explanation names no internal column and no internal table: what it says is the same whatever they hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import namedtuple_row

from ipcredit.outputs import OutputError
from ipcredit.outputs.checks import LISTS
from ipcredit.outputs.wording import GRADES
from ipcredit.settings import TIME_ZONE

TRACKS = {
    "enterprise": "企业信用评价",
    "agency": "专利代理信用评价",
    "trademark_agency": "商标代理信用评价",
    "attorney": "专利代理师信用评价",
    "city_risk": "市级信用风险分类",
}
STATUS = {"provisional": "（系统暂定）", "no_rule": "（当时没有规则）"}
WITHHELD = "本评级另依通用信用风险分类，分类结果与合计得分不公开；下列加减分只是知识产权方面的依据。"
"""Instead of the score that readers may know: beside the grade it would tell what the internal class took off."""
ITEM = (
    "subject_id, track, item_no, rule_code, rule_name, item_kind, event_type, record_id, event_date, counts_to, points,"
    " policy_status, source_clause"
)
_GRADE = (
    "subject_id, track, jurisdiction, is_provincial, subject_kind, grade, override_code, policy_id, policy_version,"
    " policy_status"
)


@dataclass(frozen=True)
class Judged:
    """Where a judgement stands: the tables of a release, or those of a judgement apart.

    Each text is a query in which `score` and `next_change_on` are what readers may know, `internal_…` the rest.
    """

    title: str
    as_of: date
    known_at: datetime
    grades: sql.Composable
    internal_grades: sql.Composable
    items: sql.Composable
    internal_items: sql.Composable
    entries: sql.Composable
    measures: sql.Composable
    records: sql.Composable
    repairs: sql.Composable


def of_release(connection: Connection, as_of: date | None = None) -> Judged | None:
    """The current release, or the latest retained one of that day; None if no such release is kept.

    Raises:
        OutputError: nothing is published yet.
    """
    current = connection.execute("select release_id from publication.releases where is_current").fetchone()
    if current is None:
        raise OutputError("还没有任何发布，无从说明。")
    found = connection.execute(
        """select r.release_id, r.as_of, r.known_at from publication.releases as r
           where case when %(day)s::date is null then r.is_current else r.as_of = %(day)s end
           order by r.is_current desc, r.known_at desc, r.published_at desc limit 1""",
        {"day": as_of},
    ).fetchone()
    if found is None:
        return None
    release_id, day, known_at = found

    def rows(columns: LiteralString, table: str) -> sql.Composable:
        return sql.SQL("select {} from {} where release_id = {}").format(
            sql.SQL(columns),
            sql.Identifier("release_store", table),
            sql.Literal(release_id),
        )

    return Judged(
        title=f"发布 {release_id}，数据截至 {known_at.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}",
        as_of=day,
        known_at=known_at,
        grades=rows(f"{_GRADE}, score, next_change_on", "subject_grades"),
        internal_grades=rows(
            "subject_id, track, internal_score, internal_grade_by_score, internal_next_change_on", "subject_grades"
        ),
        items=rows(ITEM, "grade_items"),
        internal_items=rows(ITEM, "internal_grade_items"),
        entries=rows("*", "list_entries"),
        measures=rows("*", "measures_in_force"),
        records=rows("*", "credit_records"),
        repairs=rows("*", "repairs"),
    )


def of_schemas(prefix: str, as_of: date, known_at: datetime, title: str) -> Judged:
    """A judgement in schemas of its own (`ipcredit.build.judged_apart`); the records are those of the catalogue."""

    def rows(columns: LiteralString, schema: str, table: str, where: LiteralString = "true") -> sql.Composable:
        return sql.SQL("select {} from {} where {}").format(
            sql.SQL(columns),
            sql.Identifier(schema, table),
            sql.SQL(where),
        )

    grading, supervision = f"{prefix}grading", f"{prefix}supervision"
    return Judged(
        title=title,
        as_of=as_of,
        known_at=known_at,
        grades=rows(f"{_GRADE}, ip_score as score, public_next_change_on as next_change_on", grading, "subject_grades"),
        internal_grades=rows(
            "subject_id, track, score as internal_score, grade_by_score as internal_grade_by_score,"
            " next_change_on as internal_next_change_on",
            grading,
            "subject_grades",
        ),
        items=rows(ITEM, grading, "score_items", "not is_internal"),
        internal_items=rows(ITEM, grading, "score_items", "is_internal"),
        entries=rows("*", supervision, "list_entries"),
        measures=rows("*", supervision, "measures_in_force"),
        records=rows("*", "catalogue", "credit_records", "not is_internal"),
        repairs=rows("*", supervision, "repairs"),
    )


def explain(connection: Connection, subject_id: str, judged: Judged, *, supervisor: bool = False) -> str:
    """The explanation of one subject.

    Args:
        supervisor: with what readers may not know: internal items, the whole score, files and sheets.

    Raises:
        OutputError: the subject was not judged, or is on record nowhere.
    """
    grades = _rows(
        connection,
        "select g.* from ({0}) as g where g.subject_id = {subject} order by g.track",
        subject_id,
        judged.grades,
    )
    items = items_of(connection, subject_id, judged, supervisor=supervisor)
    entries = _rows(
        connection,
        """select e.*, coalesce(d.name, e.jurisdiction) as jurisdiction_name from ({0}) as e
           left join reference.divisions as d on e.jurisdiction = d.division_code
           where e.subject_id = {subject} order by e.entered_on, e.list_code""",
        subject_id,
        judged.entries,
    )
    measures = _rows(
        connection,
        """select m.*, coalesce(d.name, m.jurisdiction) as jurisdiction_name from ({0}) as m
           left join reference.divisions as d on m.jurisdiction = d.division_code
           where m.subject_id = {subject} order by m.direction, m.measure_code, m.jurisdiction""",
        subject_id,
        judged.measures,
    )
    if not (grades or entries or measures):
        raise OutputError(f"{subject_id} 在 {judged.as_of} 没有评价、名单和措施；{judged.title}。")
    internal = {}
    if supervisor:
        found = _rows(
            connection, "select g.* from ({0}) as g where g.subject_id = {subject}", subject_id, judged.internal_grades
        )
        internal = {grade.track: grade for grade in found}
    limits = limits_of(connection, grades)
    withheld = set() if supervisor else scoreless_policies(connection)
    changes = changes_of(connection, grades, entries)
    lines = [
        f"{_name(connection, subject_id)}（{subject_id}）信用评价说明"
        + ("（主管用，含内部信息，不得外传）" if supervisor else ""),
        f"评价基准日 {judged.as_of}；{judged.title}",
    ]
    for grade in grades:
        lines += _grade(
            grade,
            [item for item in items if item.track == grade.track],
            internal.get(grade.track),
            limits.get((grade.policy_id, grade.policy_version, grade.override_code)),
            changes[grade.track],
            judged.as_of,
            is_withheld=(grade.policy_id, grade.policy_version) in withheld,
        )
    lines += ["", "名单", *(_entries(connection, entries) or ["  不在任何名单上"])]
    lines += ["", "措施", *([_measure(measure) for measure in measures] or ["  没有"])]
    return "\n".join(lines)


def _rows(connection: Connection, query: LiteralString, subject_id: str, *sources: sql.Composable) -> list[Any]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(sql.SQL(query).format(*sources, subject=sql.Literal(subject_id))).fetchall()


def items_of(connection: Connection, subject_id: str, judged: Judged, *, supervisor: bool) -> list[Any]:
    """Score items with their source and the earliest day of a repair; files and sheets for the supervisor only."""
    items: sql.Composable = judged.items
    if supervisor:
        items = sql.SQL("{} union all {}").format(judged.items, judged.internal_items)
        # What a release kept of its records comes first; internal ones are only in the catalogue.
        records = sql.SQL(
            "select record_id, document_no, authority, bureau_code, submission_id, row_number from ({0}) as kept"
            " union all select c.record_id, c.document_no, c.authority, c.bureau_code, c.submission_id, c.row_number"
            " from catalogue.credit_records as c where c.is_internal"
        ).format(judged.records)
        files = sql.SQL("select submission_id, file_name, sheet_name from intake.submissions")
    else:
        files = sql.SQL("select null::bigint as submission_id, '' as file_name, '' as sheet_name")
        records = sql.SQL(
            "select record_id, document_no, authority, bureau_code, submission_id, row_number from ({0}) as kept"
        ).format(judged.records)
    return _rows(
        connection,
        """select i.*, r.document_no, r.authority, o.name as bureau, r.submission_id, r.row_number, f.file_name,
               f.sheet_name, p.is_repairable, p.bars_listed,
               greatest(
                   (i.event_date + make_interval(months => p.min_months))::date,
                   (l.repaired_on + make_interval(months => p.min_months_between))::date
               ) + 1 as repairable_from
           from ({0}) as i
           left join ({1}) as r on i.record_id = r.record_id
           left join ({2}) as f on r.submission_id = f.submission_id
           left join reference.organisations as o on r.bureau_code = o.organisation_code
           left join lateral (
               select q.* from policy.repair_rules as q
               where q.event_type = i.event_type and q.status <> 'no_rule'
                   and q.recorded_on <= {4} and {3} between q.effective_from and coalesce(q.effective_to, 'infinity')
               order by q.effective_from desc, q.version desc limit 1
           ) as p on i.item_kind = 'event'
           left join (
               select max(s.decided_on) as repaired_on from ({5}) as s
               where s.subject_id = {subject} and s.repair_result = 'granted'
           ) as l on true
           where i.subject_id = {subject}
           order by i.track, i.item_no""",
        subject_id,
        items,
        records,
        files,
        sql.Literal(judged.as_of),
        sql.Literal(judged.known_at.astimezone(TIME_ZONE).date()),
        judged.repairs,
    )


def limits_of(connection: Connection, grades: Iterable[Any]) -> dict[tuple[str, int, str], Any]:
    """The rules that may limit these grades, by policy, version and rule."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        found: list[Any] = cursor.execute(
            """select o.policy_id, o.version, o.override_code, o.condition_kind, o.condition_code, o.force_grade,
                   o.max_grade, o.status, o.source_clause, t.title
               from policy.override_rules as o
               left join reference.event_types as t on o.condition_code = t.event_type
               where o.policy_id = any(%s)""",
            ([grade.policy_id for grade in grades],),
        ).fetchall()
    return {(limit.policy_id, limit.version, limit.override_code): limit for limit in found}


def scoreless_policies(connection: Connection) -> set[tuple[str, int]]:
    """Policies by which the general class counts: of nobody they grade may a score stand beside the grade.

    Of some only, it would tell the class of the others.
    """
    return set(connection.execute("select policy_id, version from policy.general_class_adjustments").fetchall())


def changes_of(connection: Connection, grades: Iterable[Any], entries: Iterable[Any]) -> dict[str, dict[date, str]]:
    """What but an item may change a grade on a day: lists that end and policies that begin, by track and day."""
    ends = {
        entry.ends_on + timedelta(days=1): f"{LISTS.get(entry.list_code, entry.list_code)}"
        f"（{entry.jurisdiction_name or entry.jurisdiction}）期满"
        for entry in entries
        if entry.state == "active" and entry.ends_on
    }
    found = {}
    for grade in grades:
        begins = connection.execute(
            """select p.effective_from, p.title || '施行' from policy.policy_versions as p
               where p.track = %s and p.subject_kind = %s and p.jurisdiction = %s""",
            (grade.track, grade.subject_kind, grade.jurisdiction),
        ).fetchall()
        found[grade.track] = dict(begins) | ends
    return found


def _name(connection: Connection, subject_id: str) -> str:
    row = connection.execute(
        "select subject_name from catalogue.subjects where subject_id = %s", (subject_id,)
    ).fetchone()
    return (row and row[0]) or "未登记名称"


def _grade(grade: Any, items: list[Any], internal: Any, limit: Any, changes: dict[date, str], as_of: date, *,
           is_withheld: bool) -> list[str]:  # fmt: skip
    level = "省级评价" if grade.is_provincial else "市级分类，与省级等级并列、不取代"
    score = "" if is_withheld else f"，得分 {points_text(grade.score)}"
    lines = [
        "",
        f"{TRACKS.get(grade.track, grade.track)}（{level}）：等级 {grade_name(grade.grade)}{score}；"
        f"{grade.policy_id} 第 {grade.policy_version} 版{STATUS.get(grade.policy_status, '')}",
    ]
    if is_withheld:
        lines.append(f"  {WITHHELD}")
    if internal:
        lines.append(
            f"  内部得分 {points_text(internal.internal_score)}，按分数 {grade_name(internal.internal_grade_by_score)}"
        )
    if limit:
        lines.append(f"  {limit_line(limit)}")
    # Counted here: a number that the judgement gave would have a gap where an item is internal.
    for number, item in enumerate(items, 1):
        lines += _item(number, item)
    return lines + next_lines(grade, items, internal, changes, as_of)


def limit_line(limit: Any) -> str:
    """Which rule limits a grade, and to what."""
    condition = LISTS.get(limit.condition_code) or limit.title or limit.condition_code
    effect = f"直接定为 {limit.force_grade}" if limit.force_grade else f"不高于 {limit.max_grade}"
    return f"限定：{condition}，{effect}；{limit.source_clause}{STATUS.get(limit.status, '')}"


def _item(number: int, item: Any) -> list[str]:
    kind = {"base": "", "cap": "（上限调整）"}.get(item.item_kind, "")
    points = points_text(item.points) if item.item_kind == "base" else f"{item.points:+.2f}"
    lines = [f"  {number}. {item.rule_name}{kind} {points}；{item.source_clause}{STATUS.get(item.policy_status, '')}"]
    days = [
        f"自 {item.event_date} 起计" if item.event_date else "",
        f"计至 {item.counts_to}" if item.counts_to else "",
    ]
    source = [item.document_no or "", item.authority or "", item.bureau or ""]
    if item.submission_id:
        source.append(f"报送件 {item.submission_id} 第 {item.row_number} 行")
    if item.file_name:
        source.append(item.file_name + (f"（{item.sheet_name}）" if item.sheet_name else ""))
    for part in (days, source):
        if said := "，".join(text for text in part if text):
            lines.append(f"     {said}")
    return lines


def next_lines(grade: Any, items: list[Any], internal: Any, changes: dict[date, str], as_of: date) -> list[str]:
    """What changes next: the earliest day, which items lapse when, which repair would help and from when."""
    on = internal.internal_next_change_on if internal else grade.next_change_on
    what = f"，{changes[on]}" if on in changes else ""
    lines = [f"  下一次变化：{on or '没有已知的日期'}{what}"]
    lapsing = sorted((item for item in items if item.counts_to), key=lambda item: (item.counts_to, item.rule_code))
    lines += [f"     {item.counts_to} 的次日起，{item.rule_name}（{item.points:+.2f}）不再计" for item in lapsing]
    for item in items:
        if item.item_kind != "event" or item.points >= 0:
            continue
        if not item.is_repairable:
            lines.append(f"     {item.rule_name}：不能修复，或没有修复规则")
            continue
        since = "现在即可申请" if item.repairable_from <= as_of else f"最早 {item.repairable_from} 可申请"
        barred = "；在严重违法失信名单内的除外" if item.bars_listed else ""
        lines.append(f"     {item.rule_name}：{since}信用修复，修复后不再扣 {-item.points:.2f} 分{barred}")
    return lines


def _entries(connection: Connection, entries: list[Any]) -> list[str]:
    """Each stay, with the earliest day on which the rule it was made by lets one apply for its end."""
    lines = []
    for entry in entries:
        state = "在列" if entry.state == "active" else f"已于 {entry.left_on} 移出"
        until = f"，至 {entry.ends_on}" if entry.ends_on and entry.state == "active" else ""
        decided = "，".join(text for text in (entry.decision_document_no, entry.decided_by) if text)
        lines.append(
            f"  {LISTS.get(entry.list_code, entry.list_code)}（{entry.jurisdiction_name}）：{entry.entered_on} 列入，"
            f"{state}{until}；"
            f"{decided or '没有决定文书'}；{entry.legal_basis}{STATUS.get(entry.policy_status, '')}"
        )
        rule = connection.execute(
            """select (%s::date + make_interval(months => l.repair_after_months))::date + 1 from policy.list_rules as l
               where l.list_code = %s and l.policy_id = %s and l.version = %s and l.repair_after_months is not null""",
            (entry.entered_on, entry.list_code, entry.policy_id, entry.policy_version),
        ).fetchone()
        if rule and entry.state == "active":
            lines.append(f"     按名单规则最早 {rule[0]} 可申请修复、提前移出；所依据的记录本身须可以修复")
    return lines


def _measure(measure: Any) -> str:
    kind = "激励" if measure.direction == "incentive" else "惩戒"
    duty = "可以适用" if measure.is_discretionary else "应当适用"
    is_list = measure.basis_kind == "list"
    basis = LISTS.get(measure.basis_code, measure.basis_code) if is_list else f"等级 {measure.basis_code}"
    until = f"至 {measure.in_force_to}" if measure.in_force_to else "没有期限"
    disputed = "；依据的记录在异议处理中" if measure.is_disputed else ""
    return (
        f"  {kind} {measure.measure_code} {measure.measure_name}（{duty}，{measure.jurisdiction_name}）："
        f"按{basis}，{until}{disputed}；"
        f"{measure.source_clause}{STATUS.get(measure.policy_status, '')}"
    )


def points_text(points: Any) -> str:
    """Points with two decimals, or that there are none."""
    return "无" if points is None else f"{points:.2f}"


def grade_name(grade: str | None) -> str:
    """A grade, and what the two that are none mean."""
    why = {"U": "U（{}：缺少评价所需的信息）", "not_evaluable": "{}（当日没有评价规则）"}.get(grade or "")
    return why.format(GRADES[grade or ""]) if why else grade or "无"
