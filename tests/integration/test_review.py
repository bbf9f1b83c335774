"""The sampled review, there and back: drawn rows go out as a sheet, and the filled sheet comes in as a submission."""

import hashlib
import math
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from conftest import Warehouse

sys.path.insert(0, str(Path(__file__).parents[1] / "dbt"))
from helpers import good_row, submit
from typer.testing import CliRunner

from ipcredit.build import dbt_environment, run_dbt
from ipcredit.cli import app
from ipcredit.intake import take_in
from ipcredit.intake.review_sheets import write_review_sheets
from ipcredit.settings import TIME_ZONE

IN_TIME, LATE = (datetime(2022, month, 20, 9, tzinfo=TIME_ZONE) for month in (10, 11))
AFTERWARDS = datetime(2022, 12, 1, 9, tzinfo=TIME_ZONE)
DUE = datetime(2022, 11, 3, tzinfo=TIME_ZONE)
"""The end of the day on which the third quarter is due."""
SHARE, LEAST, MOST, SEED = 0.02, 5, 20, "LN-IP-REVIEW-2022"
JUDGED = (
    "stg_penalties",
    "stg_review_verdicts",
    "submissions_in_force",
    "reporting_periods",
    "submission_states",
    "touched_submissions",
    "touched_keys",
    "row_states",
    "row_issues",
    "records",
    "recounted_submissions",
    "submission_counts",
    "submission_issue_counts",
    "submission_flaws",
)
SERIOUS = "210000"
"""The provincial source of the serious list, which sends nothing else."""
SHOWN = "丹市监处罚〔2022〕{}号"


@pytest.fixture(scope="module")
def drawn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """Penalties of three units; the first draw is of November 30, a second build of December 2 knows of later rows."""
    with warehouse.connect() as c:

        def penalties(numbers: range, at: datetime, bureau: str = "210600", **cells: Any) -> int:
            return submit(c, "penalties", [good_row("penalties", n, **cells) for n in numbers], at=at, bureau=bureau)

        # 600 rows in time; an increment in time repeats two of them
        penalties(range(1, 601), IN_TIME)
        submit(c, "penalties", [good_row("penalties", n, facts="=1+1") for n in (1, 2)], at=IN_TIME + timedelta(days=1),
               mode="incremental")  # fmt: skip
        # late: drawn as it first came; withdrawn when it was due: drawn when rows were in force again
        penalties(range(1001, 1004), LATE, "210700")
        penalties(range(2001, 2005), IN_TIME, "210800")
        submit(c, "penalties", [], at=IN_TIME + timedelta(days=1), bureau="210800", state="withdrawal")
        penalties(range(2002, 2005), LATE, "210800")
        # a person, and a rejected row
        submit(
            c, "penalties",
            [
                good_row("penalties", 3001, uscc=None, party_name="hmac:1", person_id_number="hmac:2"),
                good_row("penalties", 3002, violation_type="?"),
            ],
            at=IN_TIME, bureau="210900",
        )  # fmt: skip
        build(AFTERWARDS - timedelta(days=1))
        before = samples(c)
        # afterwards everything is replaced, three rows are left out, and another period comes
        penalties(range(4, 601), AFTERWARDS, facts="改写")
        submit(c, "penalties", [good_row("penalties", 700, decided_on="2022-11-15")], at=AFTERWARDS, period="2022Q4")
        build(AFTERWARDS + timedelta(days=1), *JUDGED, "review_samples")
        assert samples(c) == before
        yield c


def build(known_at: datetime, *selected: str) -> None:
    """Seeds, judging and the whole catalogue, or only what a later moment changes."""
    run_dbt(
        "build", "--quiet", "--resource-type", "seed", "--resource-type", "model",
        "--select", *(selected or ("path:seeds", "path:models/staging", "path:models/catalogue")),
        environment=dbt_environment(as_of=known_at.date(), known_at=known_at),
    )  # fmt: skip


def samples(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    found = connection.execute("select * from catalogue.review_samples order by sample_no").fetchall()
    connection.commit()
    return found


def test_anybody_can_draw_the_sample_again(drawn: psycopg.Connection) -> None:
    expected = {}
    for bureau, numbers in (
        ("210600", range(1, 601)), ("210700", range(1001, 1004)), ("210800", range(2002, 2005)),
    ):  # fmt: skip
        keys = [f"丹市监处罚〔2022〕{n}号|丹东示例{n}号有限公司" for n in numbers]
        size = min(MOST, max(LEAST, math.ceil(SHARE * len(keys))))
        order = sorted(keys, key=lambda k: hashlib.sha256(f"{SEED}|2022Q3|{bureau}|penalties|{k}".encode()).hexdigest())
        expected[bureau] = order[:size]
    found: dict[str, list[str]] = {}
    for bureau, key in drawn.execute(
        "select bureau_code, natural_key from catalogue.review_samples where period = '2022Q3' order by sample_no"
    ):
        found.setdefault(bureau, []).append(key)
    assert {bureau: len(keys) for bureau, keys in found.items()} == {
        "210600": 12, "210700": 3, "210800": 3, "210900": 1,
    }  # fmt: skip
    assert {bureau: found[bureau] for bureau in expected} == expected


def test_the_moment_of_a_draw_is_the_end_of_the_due_day_or_the_first_rows_after_it(drawn: psycopg.Connection) -> None:
    found = drawn.execute(
        "select distinct bureau_code, drawn_at, population, review_period from catalogue.review_samples order by 1"
    ).fetchall()
    assert found == [
        ("210600", DUE, 600, "2022Q3"), ("210700", LATE, 3, "2022Q3"), ("210800", LATE, 3, "2022Q3"),
        ("210900", DUE, 1, "2022Q3"),
    ]  # fmt: skip
    drawn.commit()


def test_a_filled_sheet_comes_back_as_a_submission(drawn: psycopg.Connection, warehouse: Warehouse) -> None:
    told = CliRunner().invoke(app, ["review", "sheets", "--period", "2022Q3"], catch_exceptions=False)
    paths = [Path(line) for line in told.stdout.splitlines()]
    assert [path.parent.parent.name for path in paths] == ["210600", "210700", "210800", "210900"]
    texts = [str(cell.value) for cell in openpyxl.load_workbook(paths[3])["抽查核对结果"][8]]
    assert "当事人" in "".join(texts) or "行政相对人名称：（个人信息，不显示）" in "".join(texts)
    assert "hmac:" not in "".join(texts)

    path = paths[0]
    assert path.name == "抽查核对_丹东市知识产权局（2022年第3季度，12 行）.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["抽查核对结果"]
    headers = {cell.value: cell.column for cell in sheet[6]}
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    row_of = {sheet.cell(row, headers["抽样编号"]).value: row for row in range(8, 20)}
    assert len(row_of) == 12
    for number, (sample_no, row) in enumerate(sorted(row_of.items())):
        verdict = ("一致", "不一致", "无法核实", None)[min(number, 3)] if number < 4 else "一致"
        cells = {
            "核对结论": verdict, "有误栏目": "罚款金额" if number == 1 else None, "核对岗位": "知识产权保护科",
            "核对日期": datetime(2022, 12, 2), "核对依据": "决定书原件",
        }  # fmt: skip
        for header, value in cells.items():
            sheet.cell(row, headers[header]).value = value
        if number == 4:  # a number that was never drawn
            sheet.cell(row, headers["抽样编号"]).value = sample_no.replace("LN-IP-05", "LN-IP-99").lower()
    dropped = warehouse.home / "drop" / "210600" / path.name
    book.save(dropped)
    os.utime(dropped, (0, 0))
    (outcome,) = take_in("210600", AFTERWARDS + timedelta(days=2))
    assert (outcome.dataset, outcome.period, outcome.state, outcome.rows_received) == (
        "review_verdicts", "2022", "loaded", 12,
    )  # fmt: skip
    assert drawn.execute(
        "select mode, file_notes ->> 'unknown_columns' from intake.submissions where dataset = 'review_verdicts'"
    ).fetchall() in ([("incremental", None)], [("incremental", "[]")])
    drawn.commit()

    build(AFTERWARDS + timedelta(days=3), *JUDGED, "review_results", "cross_source_findings", "quality_dimensions")
    found = drawn.execute(
        """select state, verdict, count(*) from catalogue.review_results where bureau_code = '210600'
           group by 1, 2 order by 1, 2"""
    ).fetchall()
    assert found == [
        ("awaiting", None, 2), ("reviewed", "consistent", 8), ("reviewed", "inconsistent", 1),
        ("reviewed", "unverifiable", 1), ("sample_unknown", "consistent", 1),
    ]  # fmt: skip
    # the whole period was sent anew since: the verdicts stand, and the table says what became of their rows
    states = dict(
        drawn.execute(
            """select row_state, count(*) from catalogue.review_results
               where bureau_code = '210600' and state <> 'sample_unknown' group by 1"""
        ).fetchall()
    )
    kept = sum(
        key.split("|")[0] not in {SHOWN.format(n) for n in (1, 2, 3)}
        for (key,) in drawn.execute("select natural_key from catalogue.review_samples where bureau_code = '210600'")
    )
    assert states == {"replaced": kept} | ({"gone": 12 - kept} if kept < 12 else {})
    assert drawn.execute(
        """select basis, numerator, denominator from catalogue.quality_dimensions
           where bureau_code = '210600' and dataset = 'penalties' and period = '2022Q3' and dimension = '准确性'"""
    ).fetchall() == [("checks", 597, 597), ("review", 8, 9)]
    assert date(2022, 12, 2) in {
        d for (d,) in drawn.execute("select reviewed_on from catalogue.review_results where state = 'reviewed'")
    }


def test_a_unit_that_sends_no_verdicts_gets_no_sheet_and_stops_nobody(drawn: psycopg.Connection) -> None:
    other = "update catalogue.review_samples set bureau_code = %s where bureau_code = %s"
    drawn.execute(other, (SERIOUS, "210900"))
    drawn.commit()
    try:
        assert [path.parent.parent.name for path in write_review_sheets("2022Q3")] == ["210600", "210700", "210800"]
    finally:
        drawn.execute(other, ("210900", SERIOUS))
        drawn.commit()


def test_a_sheet_stays_as_it_was_filled_in_and_rows_drawn_since_make_another(drawn: psycopg.Connection) -> None:
    later = """update catalogue.review_samples set review_period = %s where sample_no = (
                   select max(sample_no) from catalogue.review_samples where bureau_code = '210700')"""
    drawn.execute(later, ("2022Q4",))
    drawn.commit()
    before = write_review_sheets("2022Q3")[1]
    before.write_bytes(b"filled in")
    drawn.execute(later, ("2022Q3",))
    drawn.commit()
    after = write_review_sheets("2022Q3")[1]
    assert [path.stem[-5:] for path in (before, after)] == ["，2 行）", "，3 行）"]
    assert before.read_bytes() == b"filled in"
    sheet = openpyxl.load_workbook(after)["抽查核对结果"]
    assert [sheet.cell(row, 1).value for row in range(8, 12)] == [1, 2, 3, None]


def test_a_city_with_a_due_day_of_its_own_is_drawn_from_on_that_day(drawn: psycopg.Connection) -> None:
    """丹东 asks for its honours five working days before the province does (seeds/reference/catalogue_versions.csv)."""
    at = AFTERWARDS + timedelta(days=4)
    for bureau in ("210600", "210700"):
        submit(drawn, "honours", [good_row("honours", int(bureau))], bureau=bureau, period="2022", at=at)
    build(datetime(2023, 3, 1, 9, tzinfo=TIME_ZONE), "stg_honours", *JUDGED, "review_samples")
    found = drawn.execute(
        """select bureau_code, (drawn_at at time zone 'Asia/Shanghai')::date - 1
           from catalogue.review_samples where dataset = 'honours' order by 1"""
    ).fetchall()
    assert found == [("210600", date(2023, 1, 28)), ("210700", date(2023, 2, 2))]


def test_what_was_drawn_stays_whatever_else_is_made_anew(drawn: psycopg.Connection) -> None:
    """A mark on the rows tells that they are still those of the first draw. The last test: it drops the catalogue."""
    drawn.execute("update catalogue.review_samples set draw_key = 'first draw'")
    drawn.commit()
    before = samples(drawn)
    assert before
    tables = ("review_samples", "submission_states", "touched_submissions", "touched_keys", "touched_subjects")
    run = ("run", "--quiet", "--select", *tables, "applied_submissions")
    environment = dbt_environment(known_at=AFTERWARDS + timedelta(days=1))
    run_dbt(*run, "--full-refresh", environment=environment)
    assert samples(drawn) == before
    run_dbt(*run, environment=environment | {"IPCREDIT_DEFINITIONS": "those of the next version"})
    assert drawn.execute("select to_regclass('catalogue.row_states')").fetchone() == (None,)
    drawn.commit()
    assert samples(drawn) == before
