"""Receipts: what a unit is told about each submission, as an .xlsx in the sub-folder 回执 of its drop folder."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import xlsxwriter
from psycopg import sql
from psycopg.rows import dict_row

from ipcredit.contracts import Column, Contract, load_contracts
from ipcredit.database import connect
from ipcredit.intake.personal import PREFIX, mask
from ipcredit.intake.rules import issue_types, rules_on
from ipcredit.intake.scan import RECEIPTS, drop_folder, unit_of
from ipcredit.settings import TIME_ZONE, get_settings
from ipcredit.sheets import Form, add_page, as_typed, row_height, styles_of, workbook, write_heads

SEVERITIES = {"blocking": "阻断", "warning": "提醒"}
_MODES = {"full": "全量（替换本期全部数据）", "incremental": "增量（按主键更新，不影响其他行）"}
_SUMMARY_WIDTHS = (24, 9, 9, 54)
_DETAIL_WIDTHS = (8, 20, 26, 24, 42, 36, 8, 10)
_HIDDEN = "（个人信息，不显示）"
SHORT = 5_000
"""Problems up to which a receipt is put together in memory, in two thirds of the time."""


@dataclass(frozen=True)
class Problem:
    """One line of 问题明细. `row` is None for a problem of the whole file."""

    row: int | None
    column: str
    value: str
    code: str
    expectation: str
    detail: str = ""


@dataclass(frozen=True)
class Counts:
    """Rows of a submission as judged; all None before judging or where there are none to judge."""

    accepted: int | None = None
    rejected: int | None = None
    warned: int | None = None


def write_receipts(unit: str) -> list[Path]:
    """Write every receipt of this unit that is due: at once for what brings no rows, after judging for the rest.

    A receipt is written once; confirming a held submission makes it due again.

    Returns:
        The files written now.
    """
    folder = drop_folder(unit) / RECEIPTS
    written = []
    with connect() as connection:
        due = connection.cursor(row_factory=dict_row).execute(
            "select * from intake.submissions where bureau_code = %s and receipt_path is null order by submission_id",
            (unit,),
        )
        for submission in due.fetchall():
            contract = load_contracts().get(submission["dataset"] or "")
            counts = _counts(connection, submission)
            if counts is None:
                continue
            name = (
                f"{submission['dataset'] or '未识别'}_{submission['period'] or '期间不明'}"
                f"_{submission['submission_id']}_{RECEIPTS}.xlsx"
            )
            _write(connection, folder / name, submission, contract, counts)
            connection.execute(
                "update intake.submissions set receipt_path = %s where submission_id = %s",
                ((folder / name).relative_to(get_settings().drop).as_posix(), submission["submission_id"]),
            )
            connection.commit()
            written.append(folder / name)
    return written


def _counts(connection: psycopg.Connection, submission: dict[str, Any]) -> Counts | None:
    """Accepted and rejected rows; None while the rows wait for judging."""
    if submission["state"] not in ("loaded", "held"):
        return Counts()
    table = f"stg_{submission['dataset']}"
    if connection.execute("select to_regclass(%s)", (f"staging.{table}",)).fetchone() == (None,):
        return None
    row = connection.execute(
        sql.SQL("""select count(*), count(*) filter (where is_accepted), count(*) filter (where not is_accepted),
                     count(*) filter (where is_accepted and cardinality(issues) > 0)
                   from {} where submission_id = %s""").format(sql.Identifier("staging", table)),
        (submission["submission_id"],),
    ).fetchone()
    return Counts(*row[1:]) if row and row[0] == submission["rows_received"] else None


def _write(connection: psycopg.Connection, path: Path, submission: dict[str, Any], contract: Contract | None,
           counts: Counts) -> None:  # fmt: skip
    limit = int(rules_on(submission["received_at"].astimezone(TIME_ZONE).date())["receipt_rows"])
    kinds = _issue_counts(connection, submission, contract, counts)
    is_long = sum(kinds.values()) > SHORT
    with workbook(path, "知识产权信用信息报送回执", submission["received_at"], row_by_row=is_long) as book:
        styles = styles_of(book)
        _summary(book, styles, submission, contract, counts, kinds)
        _details(book, styles, _problems(connection, submission, contract, counts), sum(kinds.values()), limit)
        _leftovers(book, styles, submission)


# --- what is wrong ----------------------------------------------------------------------------------------------------


def _file_problem(submission: dict[str, Any]) -> Problem | None:
    """The reason of a refusal, or why a submission waits."""
    notes = submission["file_notes"]
    code = submission["refusal_code"] or ("removal_needs_confirmation" if submission["state"] == "held" else None)
    if not code:
        return None
    detail = str(notes.get("detail", ""))
    if removal := notes.get("removal"):
        share = removal["removed"] / removal["before"]
        detail = (
            f"现行数据 {removal['before']} 条，本次缺少其中 {removal['removed']} 条（{share:.0%}），"
            f"上限 {removal['limit']:.0%}"
        )
    expectation = issue_types()[code].expectation.format(label="", expected=detail)
    return Problem(None, "（整个文件）", "", code, expectation, detail)


def _issue_counts(connection: psycopg.Connection, submission: dict[str, Any], contract: Contract | None,
                  counts: Counts) -> dict[str, int]:  # fmt: skip
    """Issue code to number of findings, the file's own first, then the most frequent."""
    problem = _file_problem(submission)
    found = {problem.code: 1} if problem else {}
    if masked := submission["file_notes"].get("masked_count"):
        found["personal_data_masked"] = masked
    if merged := submission["file_notes"].get("merged_count"):
        found["merged_cells"] = merged
    if contract and counts.accepted is not None:
        found |= dict(
            connection.execute(
                sql.SQL("""select split_part(issue, ':', 2), count(*) from {}, unnest(issues) as issue
                           where submission_id = %s group by 1 order by 2 desc, 1""").format(
                    sql.Identifier("staging", f"stg_{contract.dataset}")
                ),
                (submission["submission_id"],),
            ).fetchall()
        )
    return found


def _problems(connection: psycopg.Connection, submission: dict[str, Any], contract: Contract | None,
              counts: Counts) -> Iterator[Problem]:  # fmt: skip
    """Every problem in the order of the sheet, streamed."""
    if problem := _file_problem(submission):
        yield problem
    if contract and counts.accepted is not None:
        masked = _masked(submission, contract)
        merged = _merged(submission, contract)
        judged = _judged(connection, submission, contract)
        yield from heapq.merge(masked, merged, judged, key=lambda problem: problem.row or 0)


def _masked(submission: dict[str, Any], contract: Contract) -> Iterator[Problem]:
    """Cells of which personal data was taken while loading, as far as the ledger lists them."""
    kind = issue_types()["personal_data_masked"]
    for cell in submission["file_notes"].get("masked", []):
        label = _label(submission, contract, cell["column"])
        yield Problem(cell["row"], label, _HIDDEN, kind.code, kind.expectation.format(label=label, expected=""))


def _merged(submission: dict[str, Any], contract: Contract) -> Iterator[Problem]:
    """Cells merged downwards whose text was filled into their rows, as far as the ledger lists them."""
    kind = issue_types()["merged_cells"]
    for cell in sorted(submission["file_notes"].get("merged", []), key=lambda cell: int(cell["first"])):
        label = _label(submission, contract, cell["column"])
        detail = f"第 {cell['first']}—{cell['last']} 行「{label}」为合并单元格，已按首格内容逐行填入，请核对"
        yield Problem(cell["first"], label, "", kind.code, kind.expectation.format(label=label, expected=""), detail)


def _label(submission: dict[str, Any], contract: Contract, column: str) -> str:
    """What the bureau calls the column."""
    headers: dict[str, str] = submission["file_notes"].get("headers", {})
    return headers.get(column) or contract.column(column).header


def _judged(connection: psycopg.Connection, submission: dict[str, Any], contract: Contract) -> Iterator[Problem]:
    columns = {c.name: c for c in contract.columns}
    headers: dict[str, str] = submission["file_notes"].get("headers", {})
    with connection.cursor(name="receipt") as cursor:
        cursor.itersize = 5000
        cursor.execute(
            sql.SQL("""select judged.row_number, split_part(issue, ':', 1), split_part(issue, ':', 2),
                         to_jsonb(given) ->> split_part(issue, ':', 1)
                       from {judged} as judged
                       join {given} as given using (submission_id, row_number)
                       cross join unnest(judged.issues) with ordinality as i (issue, position)
                       where judged.submission_id = %s
                       order by judged.row_number, position""").format(
                judged=sql.Identifier("staging", f"stg_{contract.dataset}"),
                given=sql.Identifier("raw", contract.dataset),
            ),
            (submission["submission_id"],),
        )
        for row, field, code, value in cursor:
            column = columns.get(field)
            label = headers.get(field) or (column.header if column else "（整行）")
            kind = issue_types().get(code)
            expectation = kind.expectation.format(label=label, expected=expected_text(column, contract)) if kind else ""
            yield Problem(row, label, shown(value or "", column), code, expectation)


def expected_text(column: Column | None, contract: Contract) -> str:
    """What a column takes, in words."""
    if column is None:
        return "各列之间应相互一致"
    if column.code_list:
        labels = [names[0] for names in contract.code_lists[column.code_list].values()]
        return "可填：" + "、".join(labels)
    if column.minimum is not None or column.maximum is not None:
        unit = "元" if column.type == "amount" else ""
        if column.maximum is None:
            return f"不小于 {column.minimum}{unit}"
        if column.minimum is None:
            return f"不大于 {column.maximum}{unit}"
        return f"{column.minimum} 至 {column.maximum}{unit}"
    if column.type == "date":
        return "真实存在的日期，如 2022-03-01；已发生的事项不晚于报送之日，起始日期不晚于截止日期"
    return column.description


def shown(value: str, column: Column | None) -> str:
    """A given value as a receipt may show it: no personal data, 200 characters."""
    if value.startswith(PREFIX) or (column and column.personal == "always" and value):
        return _HIDDEN
    return mask(value)[:200]


# --- the three sheets -------------------------------------------------------------------------------------------------


def _verdict(submission: dict[str, Any], counts: Counts) -> tuple[str, str]:
    """Style and one line that says it all."""
    received = submission["rows_received"]
    match submission["state"]:
        case "refused":
            return "bad", f"已退回，未入库：{issue_types()[submission['refusal_code']].title}"
        case "held":
            rejected = f"；其中 {counts.rejected} 行未采用，需要改正" if counts.rejected else ""
            return "look", f"已收到 {received} 行，待省局确认后生效；确认前仍使用原来的数据{rejected}"
        case "nil_return":
            return "good", "已登记：本期无数据"
        case "withdrawal":
            return "good", "已撤回：本期原有数据不再使用"
    if counts.rejected:
        return "look", f"已入库：收到 {received} 行，采用 {counts.accepted} 行，{counts.rejected} 行未采用，需要改正"
    if counts.warned:
        return "good", f"已入库：{received} 行全部采用，其中 {counts.warned} 行有提醒"
    if masked := submission["file_notes"].get("masked_count"):
        return "good", f"已入库：{received} 行全部采用，其中 {masked} 处个人信息已隐去"
    if merged := submission["file_notes"].get("merged_count"):
        return "good", f"已入库：{received} 行全部采用，其中 {merged} 处合并单元格已逐行填入"
    return "good", f"已入库：{received} 行全部采用"


def _next_steps(submission: dict[str, Any], counts: Counts) -> list[str]:
    code = submission["refusal_code"]
    if code:
        kind = issue_types()[code]
        return [kind.remedy, "改正后投递到同一目录；本次没有任何数据入库，原有数据不受影响。"]
    if submission["state"] == "held":
        mend = f"未采用的 {counts.rejected} 行，省局确认后也不采用：按「问题明细」改正后，整张表重新投递。"
        return [
            "核对是否漏报：漏报的，补全后重新投递，本次报送不再生效。",
            *([mend] if counts.rejected else []),
            "确需减少的，请联系省局，由省局确认后生效，届时本回执随之改写。",
        ]
    if submission["state"] == "nil_return":
        return ["如其实有数据，把「本期无数据」改为「否」，填好数据后重新投递。"]
    if submission["state"] == "withdrawal":
        return ["需要恢复或更正的，重新投递本期的表即可。"]
    if counts.rejected:
        how = (
            "在原文件中改正后，整张表重新投递（全量报送，新表取代旧表，不要只报改正的行）。"
            if submission["mode"] == "full"
            else "改正后投递这些行即可（增量报送，其余行不受影响）。"
        )
        return ["按「问题明细」逐行改正：标为「阻断」的行改正前不采用，标为「提醒」的行已采用、请核对。", how]
    if counts.warned or any(submission["file_notes"].get(count) for count in ("masked_count", "merged_count")):
        return ["无须重新报送。「问题明细」中标为「提醒」的，请核对，确有错误的改正后重新投递。"]
    return ["无须处理。请保存本回执。"]


def _summary(book: xlsxwriter.Workbook, styles: dict[str, Any], submission: dict[str, Any], contract: Contract | None,
             counts: Counts, kinds: dict[str, int]) -> None:  # fmt: skip
    form = Form(book, styles, "摘要", _SUMMARY_WIDTHS)
    form.line(36, "title", "知识产权信用信息报送回执")
    style, verdict = _verdict(submission, counts)
    form.line(34, style, verdict)
    notes = submission["file_notes"]
    received_at: datetime = submission["received_at"].astimezone(TIME_ZONE)
    sheet_name = f"（工作表：{submission['sheet_name']}）" if submission["sheet_name"] else ""
    facts = [
        ("回执编号", str(submission["submission_id"])),
        ("报送单位", unit_of(submission["bureau_code"]).name),
        ("数据集", contract.title if contract else "未能识别"),
        ("报送期间", submission["period"] or "未能识别"),
        ("报送方式", _MODES.get(submission["mode"], "—") if submission["state"] != "refused" else "—"),
        ("文件", submission["file_name"] + sheet_name),
        ("收到时间", f"{received_at:%Y-%m-%d %H:%M}"),
        ("文件指纹", f"{submission['sha256']}（SHA-256，{submission['file_bytes']:,} 字节）"),
    ]
    if (problem := _file_problem(submission)) and problem.detail:
        facts.append(("原因", problem.detail))
    if submission["supersedes"]:
        facts.append(("取代的报送", "编号 " + "、".join(map(str, submission["supersedes"]))))
    if submission["confirmed_by"]:
        facts.append(("确认", f"{submission['confirmed_by']}：{submission['confirmed_reason']}"))
    for label, value in facts:
        form.line(20, "cell", label, value)
    if submission["state"] in ("loaded", "held"):
        form.line(26, "section", "行数")
        for label, count in (
            ("读到的数据行", submission["rows_received"]),
            ("采用", counts.accepted),
            ("未采用（须改正）", counts.rejected),
            ("采用但有提醒", counts.warned),
            ("未作为数据的行", notes.get("set_aside_count", 0)),
            ("未识别的列", len(notes.get("unknown_columns", []))),
        ):
            form.line(20, "cell", label, f"{count or 0:,}")
    form.line(26, "section", "下一步")
    for number, step in enumerate(_next_steps(submission, counts), 1):
        form.line(22, "cell", f"第 {number} 步", step)
    if kinds:
        form.line(26, "section", "问题汇总")
        form.heads("问题", "处数", "性质", "怎么改")
        for code, found in kinds.items():
            kind = issue_types().get(code)
            title, remedy = (kind.title, kind.remedy) if kind else (code, "")
            severity = SEVERITIES[kind.severity] if kind else ""
            form.row((title, "cell"), (f"{found:,}", "number"), (severity, _colour(kind)), (remedy, "cell"))
    form.at += 1
    form.line(20, "small", "个人信息（姓名、证件号码等）入库时已加密替换，回执中不显示原文。")


def _colour(kind: Any) -> str:
    return "look_cell" if kind and kind.severity == "warning" else "bad_cell"


def _details(book: xlsxwriter.Workbook, styles: dict[str, Any], problems: Iterator[Problem], total: int,
             limit: int) -> None:  # fmt: skip
    sheet = add_page(book, "问题明细", _DETAIL_WIDTHS, landscape=True)
    write_heads(sheet, 0, styles, "行号", "列名", "填报内容", "问题", "应为", "怎么改", "性质", "质量维度")
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    at = 0
    for at, problem in enumerate(problems, 1):
        if at > limit:
            sheet.write_string(at, 0, "…", styles["number"])
            sheet.write_string(at, 1, f"共 {total:,} 个问题，本表只列前 {limit:,} 个", styles["cell"])
            break
        kind = issue_types().get(problem.code)
        title = kind.title if kind else problem.code
        texts = (
            str(problem.row) if problem.row else "—",
            problem.column,
            problem.value,
            f"{title}：{problem.detail}" if problem.detail else title,
            problem.expectation,
            kind.remedy if kind else "",
        )
        sheet.set_row(at, row_height(texts, _DETAIL_WIDTHS, 18))
        for column, text in enumerate(texts):
            sheet.write_string(at, column, text, styles[as_typed(text, "cell") if column else "number"])
        sheet.write_string(at, 6, SEVERITIES[kind.severity] if kind else "", styles[_colour(kind)])
        sheet.write_string(at, 7, kind.dimension if kind else "", styles["number"])
    if at == 0:
        sheet.write_string(1, 1, "没有发现问题", styles["cell"])
    else:
        sheet.autofilter(0, 0, at, 7)


def _leftovers(book: xlsxwriter.Workbook, styles: dict[str, Any], submission: dict[str, Any]) -> None:
    """What was on the sheet and is not used as data: nothing of it is passed over in silence."""
    notes = submission["file_notes"]
    sheet = add_page(book, "未识别内容", (18, 10, 60), landscape=False)
    write_heads(sheet, 0, styles, "类别", "行号", "内容")
    lines = [("未识别的列", "", name) for name in notes.get("unknown_columns", [])]
    if hidden := notes.get("unknown_masked_count"):
        lines.append(("未识别的列", "", f"其中 {hidden} 处个人信息已隐去，没有入库"))
    lines += [("未作为数据的行", str(a["row"]), a["text"]) for a in notes.get("set_aside", [])]
    lines += [("示例行", str(row), "已忽略") for row in notes.get("example_rows", [])]
    if more := notes.get("set_aside_count", 0) - len(notes.get("set_aside", [])):
        lines.append(("未作为数据的行", "…", f"另有 {more} 行"))
    if notes.get("empty_rows"):
        lines.append(("空行", "", f"{notes['empty_rows']} 行，已跳过"))
    is_refused = submission["state"] == "refused"
    nothing = "文件已退回，表中内容未作识别" if is_refused else "表中各列各行均已识别"
    for at, (kind, row, text) in enumerate(lines or [("无", "", nothing)], 1):
        sheet.write_string(at, 0, kind, styles["cell"])
        sheet.write_string(at, 1, row, styles["number"])
        sheet.write_string(at, 2, text, styles[as_typed(text, "cell")])
