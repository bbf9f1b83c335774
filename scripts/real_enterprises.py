"""Submissions made from an office's own list of real enterprises, to try intake on real codes.

    python scripts/real_enterprises.py LIST.csv [--output DIR] [--check] [--damage N]

LIST.csv has the columns 企业名称, 统一社会信用代码, 注册日期, 注册资金, 地区 (a city's short name) and 注册地址.
Every row goes to its region's bureau twice: as an honour (one fixed kind and day, for the trial) and as a trademark
agency licensed on the day of registration. With `--check` the files are taken in and judged in the configured
database, which must be empty; every rejection and every acceptance is compared with python-stdnum and GB 11714, and
what was kept of each row with the list. `--damage 50` first damages every 50th code in one of five ways.
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


def damage(by_bureau: dict[str, list[Row]], every: int) -> None:
    """Spoil every nth code: last character, two neighbours, one missing, a letter that is not used, inner check."""
    for number, row in enumerate((row for rows in by_bureau.values() for row in rows), 1):
        if number % every:
            continue
        code = row["统一社会信用代码"]
        inner = code[:16] + ("1" if code[16] == "0" else "0")
        row["统一社会信用代码"] = (
            code[:17] + ("1" if code[17] == "0" else "0"),
            code[:11] + code[12] + code[11] + code[13:],
            code[:17],
            code[:9] + "O" + code[10:],
            inner + uscc.calc_check_digit(inner),
        )[number // every % 5]


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


# Such a code is valid by GB 32100, so the row is let in, with a warning.
WARNING = "uscc:uscc_inner_org_code"


def expected_issue(code: str) -> str | None:
    """What is wrong with a code, by python-stdnum and by GB 11714 for the organisation code inside it."""
    if not re.fullmatch(r"[159ANY][0-9A-Z]{17}", code) or re.search("[IOZSV]", code):
        return "uscc:bad_uscc"
    if not uscc.is_valid(code):
        return "uscc:uscc_check_digit"
    if organisation_check_character(code[8:16]) != code[16]:
        return WARNING
    return None


def check(by_bureau: dict[str, list[Row]], dataset: str) -> int:
    """Print a table of a dataset's rows by bureau; returns how many were judged or kept otherwise than expected."""
    first_row, day = {"honours": (2, "awarded_on"), "agencies": (3, "licensed_on")}[dataset]
    named, wrong = {b.code: b for b in bureaus()}, 0
    print(f"\n{dataset}\n| bureau | rows | accepted | rejected | issues |\n|---|---:|---:|---:|---|")
    totals: Counter[str] = Counter()
    with connect() as connection:
        for code, rows in sorted(by_bureau.items()):
            # Names of the table and column are among those above.
            judged = {
                number: kept
                for number, *kept in connection.execute(
                    f"select row_number, is_accepted, issues, uscc, subject_name, {day} "  # noqa: S608
                    f"from staging.stg_{dataset} where bureau_code = %s",
                    (code,),
                )
            }
            issues: Counter[str] = Counter()
            accepted = 0
            for number, row in enumerate(rows, first_row):
                expected = expected_issue(row["统一社会信用代码"])
                kept = judged.pop(number, [False, ["*:lost"], None, None, None])
                issues.update(kept[1])
                accepted += kept[0]
                on = AWARDED if dataset == "honours" else date.fromisoformat(row["注册日期"])
                given = row["统一社会信用代码"] if expected != "uscc:bad_uscc" else None
                wanted = [
                    expected in (None, WARNING),
                    [expected] if expected else [],
                    given,
                    " ".join(row["企业名称"].split()),
                    on,
                ]
                if kept != wanted:
                    wrong += 1
                    print(f"row {number} of {code}: expected {wanted}, found {kept}")
            wrong += len(judged)
            print(_line(named[code].short, len(rows), accepted, issues))
            totals.update(issues, rows=len(rows), accepted=accepted)
    print(_line("all", totals.pop("rows"), totals.pop("accepted"), totals))
    return wrong


def _line(name: str, rows: int, accepted: int, issues: Counter[str]) -> str:
    found = ", ".join(f"{issue.partition(':')[2]} {count}" for issue, count in sorted(issues.items()))
    return f"| {name} | {rows} | {accepted} | {rows - accepted} | {found} |"


def main(
    path: Annotated[Path, typer.Argument(help="The list of enterprises.")],
    output: Annotated[Path | None, typer.Option(help="Drop root; default: this installation's.")] = None,
    every: Annotated[int, typer.Option("--damage", help="Damage every nth code first; 0: none.")] = 0,
    take_them_in: Annotated[bool, typer.Option("--check", help="Take in, judge and compare.")] = False,
) -> None:
    """Write submissions from a list of real enterprises."""
    by_bureau, homeless = read_list(path)
    if every:
        damage(by_bureau, every)
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
    print(f"\nJudged or kept otherwise than expected: {wrong}.")
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
