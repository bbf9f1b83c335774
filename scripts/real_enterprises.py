"""Submissions made from an office's own list of real enterprises, to try intake on real codes.

    python scripts/real_enterprises.py LIST.csv [--output DIR] [--check]

LIST.csv has the columns 企业名称, 统一社会信用代码, 注册日期, 注册资金, 地区 (a city's short name) and 注册地址.
Every row goes to its region's bureau twice: as an honour (one fixed kind and day, for the trial) and as a trademark
agency licensed on the day of registration. With `--check` the files are taken in and judged in the configured
database, which must be empty, and every rejection and every acceptance is compared with python-stdnum and GB 11714.
"""

import csv
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from sample_subjects import Bureau, bureaus, organisation_check_character
from sheets import Cell, Line, Sheet, settle, write, write_csv
from stdnum.cn import uscc

from ipcredit.build import judge
from ipcredit.database import connect, migrate
from ipcredit.intake import take_in
from ipcredit.settings import TIME_ZONE, get_settings

PERIOD = "2022"
HONOUR, AWARDED, AUTHORITY = "省级知识产权优势企业", date(2022, 3, 1), "辽宁省知识产权局"
RECEIVED_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
# The formats take turns over the bureaus.
FORMATS = ((".xlsx", ""), (".csv", "gb18030"), (".xls", ""), (".csv", "utf-8-sig"))

Row = dict[str, str]


def read_list(path: Path) -> tuple[dict[str, list[Row]], list[Row]]:
    """Rows by bureau code, and the rows whose region names no bureau."""
    codes = {b.short: b.code for b in bureaus()}
    by_bureau: dict[str, list[Row]] = {}
    homeless: list[Row] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = codes.get(row["地区"])
            (by_bureau.setdefault(code, []) if code else homeless).append(row)
    return by_bureau, homeless


def _honours(bureau: Bureau, rows: list[Row]) -> Sheet:
    header: list[Cell] = [
        "序号",
        "企业名称",
        "统一社会信用代码",
        "称号类别",
        "认定年度",
        "认定日期",
        "认定机关",
        "所在地区",
        "注册资金",
    ]
    lines = [Line(header)]
    for number, row in enumerate(rows, 1):
        lines.append(
            Line(
                [
                    number,
                    row["企业名称"],
                    row["统一社会信用代码"],
                    HONOUR,
                    AWARDED.year,
                    AWARDED,
                    AUTHORITY,
                    row["地区"],
                    row["注册资金"],
                ]
            )
        )
    return Sheet("知识产权示范优势企业", lines)


def _agencies(bureau: Bureau, rows: list[Row]) -> Sheet:
    header: list[Cell] = [
        "机构名称",
        "统一社会信用代码",
        "机构类型",
        "是否骨干机构",
        "备案日期",
        "执业状态",
        "地址",
        "所在地区",
    ]
    lines = [Line([f"{bureau.short}知识产权服务机构"]), Line(header)]
    for row in rows:
        lines.append(
            Line(
                [
                    row["企业名称"],
                    row["统一社会信用代码"],
                    "商标代理机构",
                    "否",
                    row["注册日期"],
                    "在业",
                    row["注册地址"],
                    bureau.code,
                ]
            )
        )
    return Sheet("知识产权服务机构", lines)


def write_submissions(by_bureau: dict[str, list[Row]], output: Path) -> None:
    """Two files for each bureau that has rows."""
    named = {b.code: b for b in bureaus()}
    for turn, (code, rows) in enumerate(sorted(by_bureau.items())):
        suffix, encoding = FORMATS[turn % len(FORMATS)]
        for dataset, sheet in (("honours", _honours(named[code], rows)), ("agencies", _agencies(named[code], rows))):
            path = output / code / f"{dataset}_{PERIOD}{suffix}"
            if encoding:
                write_csv(path, sheet, encoding)
            else:
                write(path, [sheet])
            settle(path)


def expected_issue(code: str) -> str | None:
    """What is wrong with a code, by python-stdnum and by GB 11714 for the organisation code inside it."""
    if not re.fullmatch(r"[159ANY][0-9A-Z]{17}", code) or re.search("[IOZSV]", code):
        return "uscc:bad_uscc"
    if not uscc.is_valid(code):
        return "uscc:uscc_check_digit"
    if organisation_check_character(code[8:16]) != code[16]:
        return "uscc:uscc_inner_org_code"
    return None


def check(by_bureau: dict[str, list[Row]], dataset: str) -> int:
    """Print a table of a dataset's rows by bureau; returns how many rows were judged otherwise than expected."""
    named, wrong = {b.code: b for b in bureaus()}, 0
    first_row = {"honours": 2, "agencies": 3}[dataset]
    print(f"\n{dataset}\n| bureau | rows | accepted | rejected | reasons |\n|---|---:|---:|---:|---|")
    totals: Counter[str] = Counter()
    with connect() as connection:
        for code, rows in sorted(by_bureau.items()):
            # The name of the table is one of the two above.
            judged = dict(
                (number, (issues, accepted))
                for number, issues, accepted in connection.execute(
                    f"select row_number, issues, is_accepted from staging.stg_{dataset} where bureau_code = %s",  # noqa: S608
                    (code,),
                )
            )
            reasons: Counter[str] = Counter()
            for number, row in enumerate(rows, first_row):
                expected = expected_issue(row["统一社会信用代码"])
                issues, accepted = judged.pop(number, (["row is missing"], False))
                reasons.update(issues)
                if issues != ([expected] if expected else []) or accepted != (expected is None):
                    wrong += 1
                    print(f"row {number} of {code}: expected {expected}, found {issues}, accepted {accepted}")
            wrong += len(judged)
            rejected = sum(reasons.values())
            print(f"| {named[code].short} | {len(rows)} | {len(rows) - rejected} | {rejected} | {_reasons(reasons)} |")
            totals.update(reasons, rows=len(rows))
    rows_in_all = totals.pop("rows")
    rejected = totals.total()
    print(f"| all | {rows_in_all} | {rows_in_all - rejected} | {rejected} | {_reasons(totals)} |")
    return wrong


def _reasons(reasons: Counter[str]) -> str:
    return ", ".join(f"{issue.partition(':')[2]} {count}" for issue, count in sorted(reasons.items()))


def main(
    path: Annotated[Path, typer.Argument(help="The list of enterprises.")],
    output: Annotated[Path | None, typer.Option(help="Drop root; default: this installation's.")] = None,
    take_them_in: Annotated[bool, typer.Option("--check", help="Take in, judge and compare.")] = False,
) -> None:
    """Write submissions from a list of real enterprises."""
    by_bureau, homeless = read_list(path)
    write_submissions(by_bureau, output or get_settings().drop)
    print(f"{sum(map(len, by_bureau.values()))} rows for {len(by_bureau)} bureaus, {len(homeless)} without a bureau.")
    if not take_them_in:
        return
    migrate()
    for code in sorted(by_bureau):
        for outcome in take_in(code, RECEIVED_AT):
            print(outcome)
    judge()
    wrong = check(by_bureau, "honours") + check(by_bureau, "agencies")
    print(f"\nJudged otherwise than expected: {wrong}.")
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
