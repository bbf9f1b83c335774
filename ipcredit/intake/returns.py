"""Monthly return files: what one release says a unit still has to do, as an .xlsx in 回执 of its drop folder.

Everything that is counted comes from the release; the ledger adds only what a row's receipt and columns are called.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import psycopg
import xlsxwriter
from psycopg.rows import class_row, namedtuple_row

from ipcredit.contracts import load_contracts
from ipcredit.database import connect
from ipcredit.intake.rules import issue_types, rules_on
from ipcredit.intake.scan import RECEIPTS, drop_folder, unit_of
from ipcredit.settings import TIME_ZONE, get_settings
from ipcredit.sheets import Form, neutral, styles_of, workbook, write_list

_SUMMARY_WIDTHS = (24, 12, 12, 48)
_STATES = {
    "missing": "未报送",
    "refused": "报送的文件被退回，尚未重新报送",
    "withdrawn": "已撤回，尚未重新报送",
    "held": "减少的记录过多，待确认",
    "received": "已报送，但没有一行合格",
}
_OVERDUE_COLUMNS = {
    "数据集": 26, "目录编码": 12, "期间": 10, "期限": 12, "逾期工作日": 10, "现状": 22, "依据": 28, "怎么办": 48,
}  # fmt: skip


class ReturnError(RuntimeError):
    """Nothing was written; the message says why and what to do."""


class Release(NamedTuple):
    """A published release: what it judges, and by what had been received."""

    release_id: str
    as_of: date
    known_at: datetime


class Overdue(NamedTuple):
    """A dataset and period that a unit had to report by a day that has passed."""

    dataset: str
    title: str
    catalogue_code: str
    period: str
    due_on: date
    working_days: int | None
    """Working days since; None where the calendar of working days does not reach."""
    legal_basis: str
    state: str
    receipt_path: str | None
    """Receipt of the last submission of this dataset and period, if there was one."""

    @property
    def remedy(self) -> str:
        """What the unit has to do."""
        receipt = _receipt(self.receipt_path)
        match self.state:
            case "refused":
                return f"按回执「{receipt}」改正后重新投递"
            case "received":
                return f"按回执「{receipt}」逐行改正后，整张表重新投递"
            case "held":
                return "漏报的，补全后重新投递；确需减少的，请联系省局确认"
        return f"填写模板后以「{self.title}_{self.period}.xlsx」投递；确无数据的，「本期无数据」填「是」后投递"


class Return(NamedTuple):
    """A return file of one unit; `is_new` when it was written now."""

    path: Path
    is_new: bool


def published(connection: psycopg.Connection, release_id: str | None = None) -> Release | None:
    """This published release, else the current one; None if there is none."""
    return (
        connection.cursor(row_factory=class_row(Release))
        .execute(
            """select r.release_id, r.as_of, r.known_at
               from release_store.releases as r cross join release_store.current_release as c
               where r.release_id = coalesce(%s, c.release_id) and r.state = 'published'""",
            (release_id,),
        )
        .fetchone()
    )


def choose(month: str | None = None, release_id: str | None = None) -> tuple[str, str]:
    """Month and release of the return files: by default the last month that was over on the current release's day.

    Raises:
        ReturnError: there is no such release, or the month was not over yet on the day it judges.
    """
    with connect() as connection:
        release = published(connection, release_id)
    if release is None:
        which = f"{release_id} 不是可用的发布" if release_id else "还没有任何发布"
        raise ReturnError(f"{which}，无从生成月度反馈；可用的见 ipcredit release list。")
    last = f"{(release.as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1):%Y-%m}"
    if (month or last) > last:
        raise ReturnError(
            f"{release.release_id} 的评价基准日是 {release.as_of}，那时 {month} 尚未结束；请先发布月末以后的数据。"
        )
    return month or last, release.release_id


def write_return(unit: str, month: str, release_id: str) -> Return:
    """Write the return file of one unit, once for each month and release.

    Args:
        month: 2022-11.

    Raises:
        ReturnError: the release is not published, or not any more.
    """
    name = f"月度反馈_{month}_{release_id}.xlsx"
    path = drop_folder(unit) / RECEIPTS / name
    with connect() as connection:
        # All sheets tell of the same moment.
        connection.execute("set transaction isolation level repeatable read")
        made = connection.execute(
            "select path from intake.returns where unit_code = %s and month = %s and release_id = %s",
            (unit, month, release_id),
        ).fetchone()
        if made:
            return Return(get_settings().drop / made[0], is_new=False)
        release = published(connection, release_id)
        if release is None:
            raise ReturnError(f"{release_id} 不是可用的发布；可用的见 ipcredit release list。")
        _write(connection, path, unit, month, release)
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        # Killed before this, the next run writes the same bytes to the same place.
        connection.execute(
            """insert into intake.returns (unit_code, month, release_id, path, sha256) values (%s, %s, %s, %s, %s)
               on conflict do nothing""",
            (unit, month, release_id, path.relative_to(get_settings().drop).as_posix(), digest),
        )
    return Return(path, is_new=True)


# --- what is found ----------------------------------------------------------------------------------------------------

_OVERDUE = """
    select c.dataset, i.title, c.catalogue_code, c.period, c.due_on,
        today.working_day_no - due.working_day_no as working_days, i.legal_basis, c.state, s.receipt_path
    from release_store.catalogue_coverage as c
    inner join release_store.releases as r on c.release_id = r.release_id
    inner join release_store.catalogue_items as i on c.release_id = i.release_id and c.dataset = i.dataset
    left join reference.working_days as due on c.due_on = due.day
    left join reference.working_days as today on r.as_of = today.day
    left join lateral (
        select s.receipt_path from intake.submissions as s
        where s.bureau_code = c.bureau_code and s.dataset = c.dataset and s.period = c.period
            and s.received_at <= r.known_at and s.receipt_path is not null
        order by s.submission_id desc limit 1
    ) as s on true
    where c.release_id = %(release)s and c.bureau_code = %(unit)s and c.is_due and c.gap is not null
    order by c.due_on, c.catalogue_code, c.period"""

_QUERIES = {
    "counts": """
        select count(*) filter (where c.is_due) as due,
            count(*) filter (where c.is_due and c.gap is null) as reported,
            coalesce(sum(c.rows_received), 0) as received,
            coalesce(sum(c.rows_accepted), 0) as accepted,
            coalesce(sum(c.rows_rejected), 0) as rejected
        from release_store.catalogue_coverage as c
        where c.release_id = %(release)s and c.bureau_code = %(unit)s""",
    "quality": """
        select q.dimension, sum(q.numerator) as numerator, sum(q.denominator) as denominator,
            trunc(100.0 * sum(q.numerator) / sum(q.denominator), 1) as share
        from release_store.quality_dimensions as q
        where q.release_id = %(release)s and q.bureau_code = %(unit)s and q.basis = 'checks'
        group by q.dimension
        order by array_position(array['规范性', '准确性', '完整性', '实效性'], q.dimension)""",
    # The month's quarter and year.
    "place": """
        select q.period, q.place, q.score, q.missing,
            (
                select count(*) from release_store.quality_ranking as o
                where o.release_id = q.release_id and o.period = q.period and o.state = 'ranked'
            ) as units
        from release_store.quality_ranking as q
        where q.release_id = %(release)s and q.bureau_code = %(unit)s
            and q.period in (to_char(%(month_start)s::date, 'YYYY'), to_char(%(month_start)s::date, 'YYYY"Q"Q'))
        order by q.period""",
    "late": """
        select i.title, c.catalogue_code, c.period, c.due_on, c.first_received_on,
            received.working_day_no - due.working_day_no as working_days, i.legal_basis
        from release_store.catalogue_coverage as c
        inner join release_store.catalogue_items as i on c.release_id = i.release_id and c.dataset = i.dataset
        left join reference.working_days as due on c.due_on = due.day
        left join reference.working_days as received on c.first_received_on = received.day
        where c.release_id = %(release)s and c.bureau_code = %(unit)s
            and c.is_due and c.is_late and c.first_received_on >= %(month_start)s
        order by c.first_received_on, c.catalogue_code, c.period""",
    "rejected_by_issue": """
        select c.title, n.period, n.issue_code, n.issue_title, n.dimension, count(*) as found,
            count(distinct (n.submission_id, n.row_number)) as rows
        from release_store.row_issues as n
        inner join release_store.catalogue_items as c on n.release_id = c.release_id and n.dataset = c.dataset
        where n.release_id = %(release)s and n.bureau_code = %(unit)s
            and n.state = 'rejected' and n.severity = 'blocking'
        group by c.title, c.catalogue_code, n.period, n.issue_code, n.issue_title, n.dimension
        order by c.catalogue_code, n.period, found desc, n.issue_code""",
    "rejected_rows": """
        select n.dataset, c.title, n.period, s.receipt_path, n.row_number, n.field, n.issue_code, n.issue_title,
            s.file_notes -> 'headers' ->> n.field as given_header
        from release_store.row_issues as n
        inner join release_store.catalogue_items as c on n.release_id = c.release_id and n.dataset = c.dataset
        inner join intake.submissions as s on n.submission_id = s.submission_id
        where n.release_id = %(release)s and n.bureau_code = %(unit)s
            and n.state = 'rejected' and n.severity = 'blocking'
        order by c.catalogue_code, n.period, n.submission_id, n.row_number, n.field, n.issue_code
        limit %(limit)s""",
    "held": """
        select c.title, h.period, s.receipt_path
        from release_store.submissions as h
        inner join release_store.catalogue_items as c on h.release_id = c.release_id and h.dataset = c.dataset
        inner join intake.submissions as s on h.submission_id = s.submission_id
        where h.release_id = %(release)s and h.bureau_code = %(unit)s and h.valid_from is null
            and h.state in ('held', 'loaded')
            and not exists (
                select from release_store.submissions as later
                where later.release_id = h.release_id and later.bureau_code = h.bureau_code
                    and later.dataset = h.dataset and later.period = h.period
                    and later.submission_id > h.submission_id and later.state <> 'refused'
            )
        order by c.catalogue_code, h.period""",
    "unmatched": """
        select c.title, n.period, s.receipt_path, n.row_number, count(*) over () as total
        from release_store.identity_matches as n
        inner join release_store.catalogue_items as c on n.release_id = c.release_id and n.dataset = c.dataset
        inner join intake.submissions as s on n.submission_id = s.submission_id
        where n.release_id = %(release)s and n.bureau_code = %(unit)s and n.is_waiting
        order by c.catalogue_code, n.period, n.submission_id, n.row_number
        limit %(limit)s""",
    "unreviewed": """
        select c.title, v.period, v.review_period, s.receipt_path, v.row_number, v.sample_no
        from release_store.review_results as v
        inner join release_store.catalogue_items as c on v.release_id = c.release_id and v.dataset = c.dataset
        inner join intake.submissions as s on v.submission_id = s.submission_id
        where v.release_id = %(release)s and v.bureau_code = %(unit)s and v.state = 'awaiting'
        order by v.review_period, v.sample_no""",
}


def overdue(connection: psycopg.Connection, release_id: str, unit: str) -> list[Overdue]:
    """What this unit had to report by then and has not, the longest overdue first."""
    cursor = connection.cursor(row_factory=class_row(Overdue))
    return cursor.execute(_OVERDUE, {"release": release_id, "unit": unit}).fetchall()


def _receipt(path: str | None) -> str:
    return PurePosixPath(path).name if path else "见最近一次报送的回执"


def _days(count: int | None) -> str:
    return "—" if count is None else str(count)


# --- the sheets -------------------------------------------------------------------------------------------------------


def _write(connection: psycopg.Connection, path: Path, unit: str, month: str, release: Release) -> None:
    limit = int(rules_on(release.as_of)["return_rows"])
    parameters = {
        "release": release.release_id,
        "unit": unit,
        "month_start": date.fromisoformat(f"{month}-01"),
        "limit": limit + 1,
    }
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        found: dict[str, list[Any]] = {name: cursor.execute(q, parameters).fetchall() for name, q in _QUERIES.items()}
    missing = overdue(connection, release.release_id, unit)
    with workbook(path, "知识产权信用信息月度反馈", release.known_at.astimezone(TIME_ZONE)) as book:
        styles = styles_of(book)
        _summary(book, styles, unit, month, release, missing, found)
        write_overdue(book, styles, missing)
        _late(book, styles, found["late"])
        _rejected(book, styles, found["rejected_by_issue"], found["rejected_rows"], limit)
        _waiting(book, styles, found, limit)


def _summary(book: xlsxwriter.Workbook, styles: dict[str, Any], unit: str, month: str, release: Release,
             missing: Sequence[Overdue], found: dict[str, list[Any]]) -> None:  # fmt: skip
    counts = found["counts"][0]
    waiting = len(found["held"]) + len(found["unreviewed"]) + sum(row.total for row in found["unmatched"][:1])
    form = Form(book, styles, "摘要", _SUMMARY_WIDTHS)
    form.line(36, "title", "知识产权信用信息月度反馈")
    if missing or counts.rejected or waiting:
        todo = f"待办：缺报 {len(missing)} 项，未采用 {counts.rejected:,} 行，待核对 {waiting:,} 件"
        form.line(34, "bad" if missing else "look", todo)
    else:
        form.line(34, "good", "没有待办事项")
    for label, value in (
        ("报送单位", unit_of(unit).name),
        ("反馈月份", month),
        ("评价基准日", f"{release.as_of}（以下情况均截至此日）"),
        ("数据截止", f"{release.known_at.astimezone(TIME_ZONE):%Y-%m-%d %H:%M} 以前收到的报送"),
        ("依据的发布", release.release_id),
    ):
        form.line(20, "cell", label, value)

    form.line(26, "section", "归集情况")
    for label, value in (
        ("应报（已到期限）", f"{counts.due:,} 项"),
        ("其中已报", f"{counts.reported:,} 项"),
        ("其中缺报", f"{len(missing):,} 项"),
        ("迟报（本月起收到）", f"{len(found['late']):,} 项"),
        ("收到的行", f"{counts.received:,}"),
        ("采用的行", f"{counts.accepted:,}"),
        ("未采用的行", f"{counts.rejected:,}"),
    ):
        form.line(20, "cell", label, value)

    form.line(26, "section", "数据质量")
    if found["quality"]:
        form.heads("维度", "合格", "总数", "合格率")
        for rate in found["quality"]:
            form.row(
                (rate.dimension, "label"),
                (f"{rate.numerator:,}", "number"),
                (f"{rate.denominator:,}", "number"),
                (f"{rate.share} %", "number"),
            )
    for ranked in found["place"]:
        place = f"第 {ranked.place} 位（共 {ranked.units} 家）" if ranked.place else "不参加排名"
        score = f"，得分 {ranked.score}" if ranked.score is not None else ""
        lacking = f"，缺少 {ranked.missing}" if ranked.missing else ""
        form.line(20, "cell", f"位次（{ranked.period}）", place + score + lacking)
    if not found["quality"]:
        form.line(20, "cell", "尚无可评的数据")

    form.line(26, "section", "下一步")
    steps = []
    if missing:
        steps.append("「缺报」表：逐项报送；逾期最久的在最前。")
    if counts.rejected:
        steps.append("「未采用的行」表：看是什么问题、有多少；「未采用明细」表：在原文件中逐行改正后重新投递。")
    if waiting:
        steps.append("「待核对」表：能补充的补充后重新投递，其余等待省局核对。")
    for number, step in enumerate(steps or ["无须处理。"], 1):
        form.line(22, "cell", f"第 {number} 步", step)
    form.at += 1
    form.line(20, "small", "行号和回执均指贵单位投递目录「回执」中的文件；本文件不含填报内容和个人信息。")


def write_overdue(book: xlsxwriter.Workbook, styles: dict[str, Any], items: Sequence[Overdue]) -> None:
    """The sheet 缺报."""
    rows = (
        (
            item.title, item.catalogue_code, item.period, item.due_on.isoformat(), _days(item.working_days),
            _STATES.get(item.state, item.state), item.legal_basis, item.remedy,
        )
        for item in items
    )  # fmt: skip
    centred = ("目录编码", "期间", "期限", "逾期工作日")
    write_list(book, styles, "缺报", _OVERDUE_COLUMNS, rows, centred=centred, empty="没有缺报")


def _late(book: xlsxwriter.Workbook, styles: dict[str, Any], items: Sequence[Any]) -> None:
    columns = {
        "数据集": 26, "目录编码": 12, "期间": 10, "期限": 12, "首次报送": 12, "迟报工作日": 10, "依据": 34,
    }  # fmt: skip
    rows = (
        (
            item.title, item.catalogue_code, item.period, item.due_on.isoformat(), item.first_received_on.isoformat(),
            _days(item.working_days), item.legal_basis,
        )
        for item in items
    )  # fmt: skip
    centred = ("目录编码", "期间", "期限", "首次报送", "迟报工作日")
    write_list(book, styles, "迟报", columns, rows, centred=centred, empty="没有迟报")


def _rejected(book: xlsxwriter.Workbook, styles: dict[str, Any], by_issue: Sequence[Any], rows: Sequence[Any],
              limit: int) -> None:  # fmt: skip
    kinds = issue_types()
    columns = {"数据集": 26, "期间": 10, "问题": 28, "行数": 9, "处数": 9, "质量维度": 10, "怎么改": 56}
    lines = (
        (
            issue.title, issue.period, issue.issue_title or issue.issue_code, f"{issue.rows:,}", f"{issue.found:,}",
            issue.dimension or "", kinds[issue.issue_code].remedy if issue.issue_code in kinds else "",
        )
        for issue in by_issue
    )  # fmt: skip
    centred = ("期间", "行数", "处数", "质量维度")
    write_list(book, styles, "未采用的行", columns, lines, centred=centred, empty="没有未采用的行")

    columns = {"数据集": 24, "期间": 10, "回执": 40, "行号": 8, "列名": 20, "问题": 26, "怎么改": 48}
    total = sum(issue.found for issue in by_issue)
    write_list(
        book, styles, "未采用明细", columns, _rejected_rows(rows, total, limit), centred=("期间", "行号"),
        empty="没有未采用的行",
    )  # fmt: skip


def _rejected_rows(rows: Sequence[Any], total: int, limit: int) -> Iterator[Sequence[str]]:
    kinds = issue_types()
    labels = {c.dataset: {column.name: column.header for column in c.columns} for c in load_contracts().values()}
    for row in rows[:limit]:
        label = row.given_header or labels.get(row.dataset, {}).get(row.field, "（整行）")
        remedy = kinds[row.issue_code].remedy if row.issue_code in kinds else ""
        yield (
            row.title, row.period, _receipt(row.receipt_path), str(row.row_number), neutral(label),
            row.issue_title or row.issue_code, remedy,
        )  # fmt: skip
    if total > limit:
        yield f"共 {total:,} 处，本表只列前 {limit:,} 处；其余见各回执的「问题明细」", "", "", "…", "", "", ""


def _waiting(book: xlsxwriter.Workbook, styles: dict[str, Any], found: dict[str, list[Any]], limit: int) -> None:
    unmatched = found["unmatched"]
    columns = {"类别": 18, "数据集": 26, "期间": 10, "回执": 40, "行号": 8, "怎么办": 60}
    rows: list[Sequence[str]] = [
        (
            "整表待确认", item.title, item.period, _receipt(item.receipt_path), "—",
            "比现行数据减少过多，确认前仍用原来的数据。漏报的，补全后重新投递；确需减少的，请联系省局确认",
        )
        for item in found["held"]
    ]  # fmt: skip
    rows += [
        (
            "抽查待核对", item.title, item.period, _receipt(item.receipt_path), str(item.row_number),
            f"{item.review_period} 抽查的第 {item.sample_no} 号：对照原件填写「抽查核对」表后投递",
        )
        for item in found["unreviewed"]
    ]  # fmt: skip
    rows += [
        (
            "主体待核对", item.title, item.period, _receipt(item.receipt_path), str(item.row_number),
            issue_types()["subject_to_be_matched"].remedy,
        )
        for item in unmatched[:limit]
    ]  # fmt: skip
    if len(unmatched) > limit:
        total = f"共 {unmatched[0].total:,} 行，本表只列前 {limit:,} 行"
        rows.append(("主体待核对", total, "", "", "…", "其余见各回执的「问题明细」"))
    centred = ("类别", "期间", "行号")
    write_list(book, styles, "待核对", columns, rows, centred=centred, empty="没有待核对的事项")
