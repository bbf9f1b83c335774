"""Personal data past its term is gone, from the tables and from the archive, and nothing else has changed."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from typer.testing import CliRunner

from ipcredit import build, retention
from ipcredit.cli import app
from ipcredit.intake import archive, take_in
from ipcredit.intake.archive import archive_path
from ipcredit.retention import erase_expired
from ipcredit.settings import TIME_ZONE

UNIT = "210600"
AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
HEADER = (
    "行政相对人名称,统一社会信用代码,行政处罚决定书文号,违法行为类型,处罚类别,罚款金额,处罚决定日期,公示截止期,"
    "处罚机关,证件号码"
)
ID_NUMBERS = ("210603199003071238", "210603198811022016", "210603197705053310")
HASHES = "select count(*) from raw.penalties as r where r::text ~ 'hmac:'"


def penalty(number: int, name: str, id_number: str, decided: str, until: str = "") -> str:
    what = f"丹市监处罚〔2017〕{number}号,假冒专利,罚款,20000"
    return f"{name},,{what},{decided},{until},丹东市市场监督管理局,{id_number}"


OLD = [
    penalty(1, "张三", ID_NUMBERS[0], "2017-03-01", "2017-12-31"),
    penalty(2, "李四", ID_NUMBERS[1], "2017-05-01", "2020-06-30"),
    "丹东示例有限公司,91210600MA0TEST001,丹市监处罚〔2017〕3号,假冒专利,罚款,20000,2017-04-01,2017-12-31,丹东市市场监督管理局,",
]
# The second matter is told again, so that the older row is superseded; the third is recent.
NEWER = [
    penalty(2, "李四", ID_NUMBERS[1], "2017-05-01", "2020-06-30"),
    penalty(4, "王五", ID_NUMBERS[2], "2022-08-15", "2025-08-14"),
]


# What the tables hold of people is nothing here: the sheet was refused, the column is unknown.
REFUSED, UNKNOWN = "知识产权示范优势企业_2021.csv", "知识产权示范优势企业_2022.csv"
FILES = {
    "penalties_2022Q2_增量.csv": [HEADER, *OLD],
    "penalties_2022Q3_增量.csv": [HEADER, *NEWER],
    REFUSED: ["姓名,证件号码", f"张三,{ID_NUMBERS[0]}"],
    UNKNOWN: [
        "企业名称,统一社会信用代码,称号类别,认定年度,认定日期,联系人",
        "丹东示例公司,91210600MA0TEST001,国家级示范,2022,2022-03-01,孙六",
    ],
}
# Nobody knows what a sheet that withdraws still holds, unless it was seen to be empty; who signs below a table, or is
# named above it, is no row.
WITHDRAWN, EMPTIED = "penalties_2022Q1_撤回.csv", "penalties_2021Q4_撤回.csv"
SIGNED, HEADED = "知识产权示范优势企业_2020.csv", "知识产权示范优势企业_2019.csv"
HONOUR = "丹东示例公司,91210600MA0TEST001,国家级示范,{0},{0}-03-01"
LATER = {
    WITHDRAWN: [HEADER, penalty(5, "赵七", ID_NUMBERS[0], "2022-02-01")],
    EMPTIED: [HEADER],
    SIGNED: [FILES[UNKNOWN][0].removesuffix(",联系人"), HONOUR.format(2020), "填表人：李四,电话：13912345678"],
    HEADED: ["填表人,李四,,,", FILES[UNKNOWN][0].removesuffix(",联系人"), HONOUR.format(2019)],
    "知识产权示范优势企业_2018.csv": [FILES[UNKNOWN][0].removesuffix(",联系人"), HONOUR.format(2018)],
}


@pytest.fixture(scope="module")
def files(warehouse: Warehouse) -> dict[str, str]:
    """Files taken in, the first two as increments of one quarter; their hashes by name."""
    for files, states in (
        (FILES, ["loaded", "loaded", "refused", "loaded"]),
        (LATER, ["withdrawal", "withdrawal", "loaded", "loaded", "loaded"]),
    ):
        for name, lines in files.items():
            path = warehouse.home / "drop" / UNIT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
            os.utime(path, (0, 0))
        assert [outcome.state for outcome in take_in(UNIT, AT)] == states
    with warehouse.connect() as connection:
        return dict(connection.execute("select file_name, sha256 from intake.submissions").fetchall())


@pytest.fixture(scope="module")
def rows(warehouse: Warehouse) -> Callable[..., list[tuple[Any, ...]]]:
    def read(query: str) -> list[tuple[Any, ...]]:
        with warehouse.connect() as connection:
            return connection.execute(query).fetchall()

    return read


@pytest.fixture(autouse=True)
def _judging_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging is a dbt run, a slow one: these tests ask for it where rows have changed, once for all that needs it."""
    monkeypatch.setattr(retention, "judge", lambda: None)


def judge_and_catalogue() -> None:
    build.run_dbt(
        "build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
        "--select", "path:seeds", "path:models/staging", "path:models/catalogue",
        environment=build.dbt_environment(as_of=AT.date(), known_at=AT),
    )  # fmt: skip


COUNTS = """select
    (select array_agg(s.state order by s.submission_id, s.row_number) from catalogue.row_states as s),
    (select count(*) from catalogue.subjects), (select count(*) from catalogue.records),
    (select array_agg(distinct i.issue_code || i.severity) from catalogue.row_issues as i)"""


def test_personal_data_past_its_term_is_erased(
    warehouse: Warehouse, files: dict[str, str], rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    judge_and_catalogue()
    before = rows(COUNTS)
    assert before[0][0] == ["accepted", "superseded", "rejected", "accepted", "accepted", *["rejected"] * 4]
    assert rows(HASHES) == [(4,)]
    old, newer, refused, unknown = (files[name] for name in (*list(FILES)[:2], REFUSED, UNKNOWN))
    withdrawn, signed, headed = (files[name] for name in (WITHDRAWN, SIGNED, HEADED))

    # five years after the end of publication; that day still belongs to the term
    term = "select term_ends_on::text from catalogue.retention_terms where submission_id = 1 and row_number = 2"
    assert rows(term) == [("2022-12-31",)]
    done = erase_expired(date(2023, 1, 1))
    assert done.rows == {"penalties": 1}
    assert rows(HASHES) == [(3,)]
    recorded = "select row_number, columns, term_ended_on::text, retention_years, as_of::text from intake.erasures"
    assert rows(recorded) == [(2, ["party_name", "person_id_number"], "2022-12-31", 5, "2023-01-01")]
    erased = "select party_name, person_id_number from raw.penalties where submission_id = 1 and row_number = 2"
    assert rows(erased) == [("erased:1-2", "erased:1-2")]
    # the other row of the file is still within its term; of the refused sheet nobody knows what it is
    assert [(f.sha256, str(f.until)) for f in done.files_kept] == [
        (headed, "2024-12-31"), (old, "2025-06-30"), (signed, "2025-12-31"), (unknown, "2027-12-31"),
        (newer, "2030-08-14"), (withdrawn, "2032-12-05"), (refused, "2032-12-05"),
    ]  # fmt: skip
    versions = "select submission_id, content_version from intake.submissions order by 1"
    assert rows(versions) == [(1, 2), *((n, 1) for n in range(2, 10))]

    build.judge()

    # both rows of the second matter end together; the older file goes with them
    done = erase_expired(date(2025, 7, 1))
    assert done.rows == {"penalties": 2}
    assert [f.sha256 for f in done.files_erased] == [headed, old]
    assert [f.sha256 for f in done.files_kept] == [signed, unknown, newer, withdrawn, refused]
    assert not archive_path(old).exists() and archive_path(newer).exists()
    assert rows("select sha256, term_ended_on::text from intake.erased_files order by 2") == [
        (headed, "2024-12-31"), (old, "2025-06-30"),
    ]  # fmt: skip
    assert rows(HASHES) == [(1,)]

    # judged anew, everything is as it was, but for who it was
    judge_and_catalogue()
    assert rows(COUNTS) == before
    assert rows("select subject_id, subject_name from catalogue.records where submission_id = 1") == [
        ("P:erased:1-2", "自然人")
    ]
    hashes = "select count(*) from {} as t where t::text ~* 'hmac:[0-9a-f]{{64}}'"
    assert [rows(hashes.format(t)) for t in ("staging.stg_penalties", "catalogue.subjects")] == [[(1,)]] * 2


def test_nothing_is_left_to_erase_and_the_command_says_so(rows: Callable[..., list[tuple[Any, ...]]]) -> None:
    found = CliRunner().invoke(app, ["retention", "run", "--as-of", "2025-07-01"])
    assert found.exit_code == 0, found.output
    assert "Nothing is past its term." in found.output and "until 2030-08-14" in found.output
    found = CliRunner().invoke(app, ["retention", "run", "--as-of", "2031-01-01", "--dry-run"])
    assert "Would erase the personal data of 1 rows of penalties." in found.output
    assert rows(HASHES) == [(1,)]


def test_files_that_only_the_archive_knows_to_hold_personal_data_go_too(files: dict[str, str]) -> None:
    names = [WITHDRAWN, EMPTIED, REFUSED, UNKNOWN]
    for day, gone in (
        (date(2027, 12, 31), []),
        (date(2028, 1, 1), [UNKNOWN]),
        (date(2032, 12, 6), [UNKNOWN, REFUSED, WITHDRAWN]),
    ):
        erased = {file.sha256 for file in erase_expired(day, dry_run=True).files_erased}
        assert erased & {files[name] for name in names} == {files[name] for name in gone}


def test_what_a_killed_run_archived_and_nobody_recorded_goes_after_the_longest_term(
    warehouse: Warehouse, tmp_path: Path, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    kept = {}
    for name, since in (("old", "2012-12-31"), ("within", "2013-01-01"), ("noted", "2012-12-31"), ("new", None)):
        (tmp_path / name).write_bytes(name.encode())
        kept[name] = archive.store(name, folder, 100, tmp_path / f"{name}.clear").sha256
        if since:
            moment = datetime.fromisoformat(f"{since}T12:00:00+08:00").timestamp()
            os.utime(archive_path(kept[name]), (moment, moment))
    os.close(folder)
    archive.rekey()  # since when a file has been there, it says no less for another key
    # Recorded once, by a database that was lost since.
    noted = {"kind": "file", "at": "2012-12-31T12:00:00+08:00", "scan": "1", "name": "x.csv", "sha256": kept["noted"]}
    archive.note(UNIT, noted)
    done = erase_expired(date(2023, 1, 1))
    assert [(f.sha256, str(f.until)) for f in done.files_erased] == [(kept["old"], "2022-12-31")]
    assert rows("select term_ended_on::text from intake.erased_files where as_of = '2023-01-01'") == [("2022-12-31",)]
    # A day named to the run lets nothing go that is being taken in.
    gone = {file.sha256 for file in erase_expired(date(2090, 1, 1), dry_run=True).files_erased}
    assert kept["new"] not in gone and [name for name, sha256 in kept.items() if not archive_path(sha256).exists()] == [
        "old"
    ]


def test_an_erasure_that_breaks_off_leaves_the_submission_as_it_was(
    warehouse: Warehouse, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("alter table intake.submissions add constraint broken check (content_version < 2) not valid")
        with pytest.raises(psycopg.errors.CheckViolation):
            erase_expired(date(2031, 1, 1))
        assert rows(HASHES) == [(1,)]
        assert rows("select count(*) from intake.erasures where as_of > '2030-01-01'") == [(0,)]
