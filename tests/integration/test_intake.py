"""What really arrives is taken in as the bureau meant it; what must be refused is refused, and nothing else stops."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import corpus
import openpyxl
import psycopg
import pytest
import xlsxwriter
import xlwt
from conftest import Warehouse
from typer.testing import CliRunner

from ipcredit import build
from ipcredit.cli import app
from ipcredit.contracts import load_contracts
from ipcredit.database import MomentError, connect
from ipcredit.intake import Outcome, archive, loader, scan, take_in
from ipcredit.intake.receipts import write_receipts
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import PROJECT_ROOT, TIME_ZONE

UNIT = "210600"
AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
HEADER = ["企业名称", "统一社会信用代码", "称号类别", "认定年度", "认定日期"]
ID_NUMBER = "21060319900307123X"


def row(number: int = 1, **cells: str) -> list[str]:
    """A row of honours; `cells` by header replaces some."""
    values = [f"丹东示例{number}公司", f"91210600MA0TEST{number:03d}", "国家级示范", "2022", "2022-03-01"]
    default = dict(zip(HEADER, values, strict=True))
    return list((default | cells).values())


def csv_bytes(rows: list[list[Any]], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(map(str, r)) + "\r\n" for r in rows).encode(encoding)


@pytest.fixture(autouse=True)
def _clean(warehouse: Warehouse) -> Iterator[None]:
    """An empty ledger, empty tables and an empty drop folder for every test."""
    with warehouse.connect() as connection:
        ensure_raw_tables(connection)
        connection.execute("truncate intake.submissions restart identity")
        for dataset in load_contracts():
            connection.execute(f"truncate raw.{dataset}")
        # Numbers of submissions begin anew, so what was judged of them must go as well.
        if connection.execute("select to_regclass('staging.stg_honours')").fetchone() != (None,):
            connection.execute("truncate staging.stg_honours")
    yield
    for unit in (warehouse.home / "drop").glob("*"):
        for path in unit.iterdir():
            if path.is_symlink() or not path.is_dir():
                path.unlink()


@pytest.fixture
def drop(warehouse: Warehouse) -> Callable[..., Path]:
    """Writes a file into a unit's drop folder, long ago, so that nobody can be writing it."""

    def write(name: str, content: bytes, unit: str = UNIT) -> Path:
        path = warehouse.home / "drop" / unit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (0, 0))
        return path

    return write


def fetch(query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(query, parameters).fetchall()


def clear_size(sha256: str) -> int:
    """Bytes that the archive gives back."""
    clear = io.BytesIO()
    archive.read(sha256, clear)
    return len(clear.getvalue())


def left(warehouse: Warehouse, unit: str = UNIT) -> set[str]:
    """Names that are still in the drop folder."""
    return {p.name for p in (warehouse.home / "drop" / unit).iterdir()} - {"回执"}


def states(outcomes: list[Outcome]) -> list[tuple[str, str | None]]:
    return [(o.state, o.refusal_code) for o in outcomes]


# --- what really arrives ----------------------------------------------------------------------------------------------


def _xlsx(path: Path, fill: Callable[[Any, Any], None], name: str = "Sheet1") -> bytes:
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book, book.add_worksheet(name))
    return path.read_bytes()


def _write_rows(sheet: Any, rows: list[list[Any]], first: int = 0) -> None:
    for at, cells in enumerate(rows, first):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)


def _title_rows(book: Any, sheet: Any) -> None:
    sheet.merge_range("A1:E1", "丹东市知识产权示范企业名单")
    sheet.merge_range("A2:E2", "（截至2022年11月）")
    _write_rows(sheet, [HEADER, row()], 2)


def _notes_below(book: Any, sheet: Any) -> None:
    _write_rows(
        sheet, [HEADER, row(), ["合计", "1"], ["注：数据来自各区县"], ["填表人：张三", "", "", "电话：13912345678"]]
    )


def _serial_dates(book: Any, sheet: Any) -> None:
    _write_rows(sheet, [HEADER, row(认定年度=2022, 认定日期=44621), row(2)])
    sheet.write_datetime(2, 4, datetime(2022, 3, 2), book.add_format({"num_format": "yyyy/m/d"}))


def _long_numbers(book: Any, sheet: Any) -> None:
    _write_rows(sheet, [HEADER, row(统一社会信用代码=912106001234567890), row(统一社会信用代码="9.12106E+17")])


def _formulas(book: Any, sheet: Any) -> None:
    _write_rows(sheet, [HEADER, row(), row(2)])
    sheet.write_formula("A2", '="丹东"&"示例"', None, "丹东示例")
    sheet.write_formula("B3", "=VLOOKUP(1,X1:X2,1)", None, "#N/A")


def _hidden_rows(book: Any, sheet: Any) -> None:
    _write_rows(sheet, [HEADER, row(), row(2)])
    sheet.set_row(1, None, None, {"hidden": True})


def _empty_rows(book: Any, sheet: Any) -> None:
    _write_rows(sheet, [[], HEADER, [], row(), [], [], row(2)])


def _xls(path: Path) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1", cell_overwrite_ok=True)
    dated = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for at, cells in enumerate([HEADER, row()]):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)
    sheet.write(1, 4, date(2022, 3, 1), dated)
    sheet.write(1, 3, 2022)
    book.save(str(path))
    return path.read_bytes()


PLAIN = [(2, "丹东示例1公司", "91210600MA0TEST001", "国家级示范", "2022", "2022-03-01")]
ALIASES = ["单位名称", "信用代码", "荣誉类型", "年度", "认定时间"]
WHITE_SPACE = ["企业 名称", "统一社会\u3000信用代码：", "称号类别＊", "认定年度 ", "认定日期"]
ARRIVALS: dict[str, tuple[str, Callable[[Path], bytes], list[tuple[Any, ...]]]] = {
    # name: (extension, bytes, rows of (row_number, enterprise_name, uscc, honour_type, honour_year, awarded_on))
    "title_rows_and_merged_cells": ("xlsx", lambda p: _xlsx(p, _title_rows), [(4, *PLAIN[0][1:])]),
    "notes_below": ("xlsx", lambda p: _xlsx(p, _notes_below), PLAIN),
    "header_aliases": ("csv", lambda p: csv_bytes([ALIASES, row()]), PLAIN),
    "stray_spaces_and_full_width_headers": ("csv", lambda p: csv_bytes([WHITE_SPACE, row()]), PLAIN),
    "reordered_columns": ("csv", lambda p: csv_bytes([HEADER[::-1], row()[::-1]]), PLAIN),
    "unknown_columns": (
        "csv", lambda p: csv_bytes([[*HEADER, "自评得分", "联系电话"], [*row(), "95", "13912345678"]]), PLAIN,
    ),
    "xls": ("xls", _xls, PLAIN),
    "csv_gb18030": ("csv", lambda p: csv_bytes([HEADER, row()], "gb18030"), PLAIN),
    "csv_utf8_with_bom": ("csv", lambda p: csv_bytes([HEADER, row()], "utf-8-sig"), PLAIN),
    "excel_serial_dates": (
        "xlsx", lambda p: _xlsx(p, _serial_dates),
        [(2, *PLAIN[0][1:4], "2022", "44621"),
         (3, "丹东示例2公司", "91210600MA0TEST002", "国家级示范", "2022", "2022-03-02")],
    ),
    "dates_as_people_write_them": (
        "csv", lambda p: csv_bytes([HEADER, *(row(认定日期=d) for d in ("2022年3月1日", "2022.3.1", "20220301"))]),
        [(n, *PLAIN[0][1:5], d) for n, d in ((2, "2022年3月1日"), (3, "2022.3.1"), (4, "20220301"))],
    ),
    "full_width_digits": (
        "csv", lambda p: csv_bytes([HEADER, row(认定年度="２０２２")]), [(2, *PLAIN[0][1:4], "２０２２", "2022-03-01")],
    ),
    "codes_with_spaces_or_lower_case": (
        "csv", lambda p: csv_bytes([HEADER, row(统一社会信用代码=" 91210600 ma0test001")]),
        [(2, "丹东示例1公司", " 91210600 ma0test001", *PLAIN[0][3:])],
    ),
    "long_numbers_that_lost_digits": (
        "xlsx", lambda p: _xlsx(p, _long_numbers),
        [(n, "丹东示例1公司", code, *PLAIN[0][3:]) for n, code in ((2, "9.12106001234568e+17"), (3, "9.12106E+17"))],
    ),
    "empty_rows": (
        "xlsx", lambda p: _xlsx(p, _empty_rows),
        [(4, *PLAIN[0][1:]), (7, "丹东示例2公司", "91210600MA0TEST002", *PLAIN[0][3:])],
    ),
    "formulas_and_error_cells": (
        "xlsx", lambda p: _xlsx(p, _formulas),
        [(2, "丹东示例", *PLAIN[0][2:]), (3, "丹东示例2公司", "#N/A", *PLAIN[0][3:])],
    ),
    "hidden_rows": (
        "xlsx", lambda p: _xlsx(p, _hidden_rows),
        [*PLAIN, (3, "丹东示例2公司", "91210600MA0TEST002", *PLAIN[0][3:])],
    ),
    "cells_that_copy_would_take_for_its_own": (
        "csv", lambda p: csv_bytes([HEADER, row(企业名称='"丹东\t示例\\N\r\n公司"')]),
        [(2, "丹东\t示例\\N\r\n公司", *PLAIN[0][2:])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRIVALS)
def test_what_arrives_is_loaded_as_it_is(name: str, drop: Callable[..., Path], tmp_path: Path) -> None:
    extension, content, expected = ARRIVALS[name]
    drop(f"honours_2022.{extension}", content(tmp_path / f"x.{extension}"))
    (outcome,) = take_in(UNIT, AT)
    assert (outcome.state, outcome.rows_received) == ("loaded", len(expected))
    assert (
        fetch(
            "select row_number, enterprise_name, uscc, honour_type, honour_year, awarded_on from raw.honours order by 1"
        )
        == expected
    )
    (notes,) = fetch("select file_notes from intake.submissions")[0]
    assert notes.get("unknown_columns", []) == (["自评得分", "联系电话"] if name == "unknown_columns" else [])
    assert [a["row"] for a in notes.get("set_aside", [])] == ([3, 4, 5] if name == "notes_below" else [])
    if name == "unknown_columns":
        # Kept, but a telephone number is nobody's business here.
        assert fetch("select unknown_columns from raw.honours") == [({"自评得分": "95", "联系电话": "***"},)]
        assert notes["unknown_masked_count"] == 1
    if name == "notes_below":
        assert "张三" not in str(notes) and "139" not in str(notes)


def test_a_column_or_a_note_named_like_metadata_is_none(drop: Callable[..., Path]) -> None:
    rows = [["报送单位", *HEADER, "数据集"], ["振兴区局", *row(), "其他"], ["报送单位：振兴区市场监督管理局"]]
    drop("honours_2022.csv", csv_bytes(rows))
    (outcome,) = take_in(UNIT, AT)
    assert (outcome.state, outcome.rows_received, outcome.detail) == ("loaded", 1, "")
    assert fetch("select unknown_columns from raw.honours") == [({"报送单位": "振兴区局", "数据集": "其他"},)]


def test_the_expected_kinds_of_arrival_are_all_there() -> None:
    assert set(ARRIVALS) | {"several_sheets"} == {
        "title_rows_and_merged_cells", "notes_below", "header_aliases", "stray_spaces_and_full_width_headers",
        "reordered_columns", "unknown_columns", "several_sheets", "xls", "csv_gb18030", "csv_utf8_with_bom",
        "excel_serial_dates", "dates_as_people_write_them", "full_width_digits", "codes_with_spaces_or_lower_case",
        "long_numbers_that_lost_digits", "empty_rows", "formulas_and_error_cells", "hidden_rows",
        "cells_that_copy_would_take_for_its_own",
    }  # fmt: skip


def test_several_sheets_are_several_submissions(
    drop: Callable[..., Path], tmp_path: Path, warehouse: Warehouse
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx")) as book:
        _write_rows(book.add_worksheet("知识产权示范优势企业"), [["报送期间", "2022"], HEADER, row()])
        _write_rows(book.add_worksheet("填写说明"), [["随便写点什么"]])
        _write_rows(book.add_worksheet("知识产权服务机构"), [["甲", "乙"], ["1", "2"]])
        book.add_worksheet("Sheet3")
        _write_rows(book.add_worksheet("随手记"), [["乱写"]])
    drop("丹东市报送_2022.xlsx", (tmp_path / "x.xlsx").read_bytes())
    outcomes = take_in(UNIT, AT)
    assert [(o.sheet_name, o.dataset, o.state, o.refusal_code) for o in outcomes] == [
        ("知识产权示范优势企业", "honours", "loaded", None),
        ("知识产权服务机构", "agencies", "refused", "no_header"),
        ("随手记", None, "refused", "unknown_dataset"),
    ]
    assert left(warehouse) == set()


# --- what must be refused ---------------------------------------------------------------------------------------------

GOOD = csv_bytes([HEADER, row()])
REFUSED: dict[str, tuple[list[tuple[str, bytes]], str]] = {
    "zero_bytes": ([("honours_2022.xlsx", b"")], "empty_file"),
    "cut_short_workbook": ([("honours_2022.xlsx", corpus.good_xlsx()[:-200])], "truncated_file"),
    "cut_short_csv": ([("honours_2022.csv", GOOD + ",".join(row(2)[:3]).encode())], "truncated_file"),
    "cut_short_csv_in_quotes": ([("honours_2022.csv", GOOD + '"丹东'.encode())], "truncated_file"),
    "encrypted_workbook": ([("honours_2022.xlsx", corpus.encrypted_workbook())], "encrypted_workbook"),
    "encrypted_old_workbook": ([("honours_2022.xls", corpus.encrypted_xls())], "encrypted_workbook"),
    "zip_bomb": ([("honours_2022.xlsx", corpus.zip_bomb(1 << 27))], "archive_bomb"),
    "renamed_exe": ([("honours_2022.xlsx", corpus.executable())], "not_a_workbook"),
    "exe": ([("honours_2022.exe", corpus.executable())], "unsupported_type"),
    "wrong_bureau": (
        [("honours_2022.csv", csv_bytes([["报送单位", "大连市知识产权局"], HEADER, row()]))], "wrong_bureau"),
    "dataset_of_another_office": ([("serious_list_2022-11.csv", GOOD)], "wrong_bureau"),
    "unknown_dataset": ([("名单_2022.csv", GOOD)], "unknown_dataset"),
    "name_and_cells_disagree": (
        [("honours_2022.csv", csv_bytes([["数据集", "agencies"], HEADER, row()]))], "wrong_dataset"),
    "header_of_another_dataset": ([("agencies_2022.csv", GOOD)], "wrong_dataset"),
    "wrong_period": ([("honours_2022Q3.csv", GOOD)], "bad_period"),
    "no_period": ([("honours.csv", csv_bytes([["数据集", "honours"], HEADER, row()]))], "bad_period"),
    "period_not_begun": ([("honours_2023.csv", GOOD)], "bad_period"),
    "periods_disagree": ([("honours_2021.csv", csv_bytes([["报送期间", "2022"], HEADER, row()]))], "period_mismatch"),
    "modes_disagree": (
        [("honours_2022_增量.csv", csv_bytes([["报送方式", "全量"], HEADER, row()]))], "mode_mismatch"),
    "two_files_of_one_key": (
        [("honours_2022.csv", GOOD), ("知识产权示范优势企业_2022.csv", csv_bytes([HEADER, row(2)]))],
        "duplicate_key_in_scan",
    ),
    "no_header": ([("honours_2022.csv", b"a,b\r\n1,2\r\n")], "no_header"),
    "missing_column": ([("honours_2022.csv", csv_bytes([HEADER[:3], row()[:3]]))], "missing_column"),
    "header_without_rows": ([("honours_2022.csv", csv_bytes([HEADER]))], "empty_sheet_not_certified"),
    "nil_return_with_rows": ([("honours_2022_本期无数据.csv", GOOD)], "nil_with_rows"),
    "neither_utf8_nor_gb18030": ([("honours_2022.csv", GOOD + b"\xff\xff\r\n")], "bad_encoding"),
    "nul_late_in_the_file": (
        [("honours_2022.csv", csv_bytes([HEADER, *(row(n % 999) for n in range(5000))]) + b"\0,,,,\r\n")],
        "bad_encoding"),
    **{f"unsafe_name_{n}": ([(name, GOOD)], "unsafe_name")
       for n, name in enumerate(corpus.UNSAFE_NAMES) if not name.startswith("~$")},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_receipt_and_nothing_else_stopped(
    name: str, drop: Callable[..., Path], warehouse: Warehouse
) -> None:
    files, code = REFUSED[name]
    for file_name, content in files:
        drop(file_name, content)
    drop("专利奖获奖项目_2021_本期无数据.csv", "无\r\n".encode())
    outcomes = take_in(UNIT, AT)
    assert sorted(states(outcomes)) == sorted([("refused", code)] * len(files) + [("nil_return", None)])
    assert left(warehouse) == set()
    assert fetch("select count(*) from raw.honours") == [(0,)]
    ledger = fetch("select sha256, file_bytes, receipt_path, file_name, file_notes from intake.submissions "
                   "where state = 'refused'")  # fmt: skip
    for sha256, size, receipt_path, file_name, notes in ledger:
        assert clear_size(sha256) == size
        assert file_name.isprintable()
        summary = openpyxl.load_workbook(warehouse.home / "drop" / receipt_path)["摘要"]
        assert str(summary["A2"].value).startswith("已退回，未入库")
        if code == "duplicate_key_in_scan":
            assert notes["rivals"] == [other for *_, other, _ in ledger if other != file_name]
    # The same bytes under the same name are refused once, however often they come.
    for file_name, content in files:
        drop(file_name, content)
    assert [o.submission_id for o in take_in(UNIT, AT + timedelta(hours=1))] == [
        o.submission_id for o in outcomes if o.state == "refused"
    ]
    assert len(fetch("select 1 from intake.submissions")) == len(outcomes)


def receipt(warehouse: Warehouse, submission_id: int) -> Any:
    ((path,),) = fetch("select receipt_path from intake.submissions where submission_id = %s", submission_id)
    return openpyxl.load_workbook(warehouse.home / "drop" / path)


def texts(sheet: Any) -> str:
    """All that a sheet says, a cell a line."""
    return "\n".join(str(cell) for cells in sheet.iter_rows(values_only=True) for cell in cells if cell is not None)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("honours_2022.xlsx", b"", "文件为空"),
        ("honours_2022.zip", corpus.zipped({"honours_2022.csv": GOOD.decode()}), "压缩包请先解压，投递其中的文件"),
        ("honours_2022.xlsx", corpus.executable(), "文件开头不是 .xlsx 或 .xls 的格式"),
        ("honours_2022.csv", b"a,b\r\n1,2\r\n", "找不到表头"),
    ],
    ids=["empty", "zip", "exe", "no_header"],
)
def test_the_receipt_of_a_refused_file_says_once_what_to_do(
    name: str, content: bytes, said: str, drop: Callable[..., Path], warehouse: Warehouse
) -> None:
    drop(name, content)
    take_in(UNIT, AT)
    book = receipt(warehouse, 1)
    assert said in texts(book["摘要"]) and "内容不是 Excel 工作簿：内容不是" not in texts(book["问题明细"])
    # Nothing of it was read, so nothing can have been recognised.
    assert "文件已退回，表中内容未作识别" in texts(book["未识别内容"]) and "均已识别" not in texts(book["未识别内容"])


def test_links_pipes_and_folders_are_never_opened(
    drop: Callable[..., Path], warehouse: Warehouse, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(GOOD)
    folder = drop("honours_2021.csv", GOOD).parent
    corpus.symlink_out(folder, secret)
    corpus.named_pipe(folder, "patent_awards_2022.csv")
    corpus.folder_as_file(folder)
    outcomes = take_in(UNIT, AT)
    assert states(outcomes).count(("refused", "unsafe_name")) == 3
    assert [o.file_name for o in outcomes if o.state == "loaded"] == ["honours_2021.csv"]
    # What was not archived is not taken away.
    assert left(warehouse) == {"honours_2022.csv", "patent_awards_2022.csv", "honours_2022.xlsx"}
    assert secret.read_bytes() == GOOD
    for path in (folder / "honours_2022.xlsx").iterdir():
        path.unlink()
    (folder / "honours_2022.xlsx").rmdir()


def test_unfinished_and_hidden_files_are_left_alone(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    names = {"~$honours_2022.xlsx", "honours_2022.csv.part", ".hidden.csv", "x.filepart", "Thumbs.db"}
    for name in names:
        drop(name, b"x")
    assert take_in(UNIT, AT) == []
    assert left(warehouse) == names


def test_a_failure_of_ours_on_one_file_does_not_stop_the_others(
    drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drop("honours_2021.csv", GOOD)
    drop("honours_2022.csv", GOOD)
    real = scan.find_layout

    def failing(rows: Any, contract: Any) -> Any:
        monkeypatch.setattr(scan, "find_layout", real)
        raise RuntimeError(f"a message that quotes {ID_NUMBER}")

    monkeypatch.setattr(scan, "find_layout", failing)
    assert states(take_in(UNIT, AT)) == [("refused", "unreadable"), ("loaded", None)]
    assert "RuntimeError" in caplog.text and ID_NUMBER not in caplog.text


# --- what becomes of it -----------------------------------------------------------------------------------------------


def in_force() -> list[tuple[Any, ...]]:
    return fetch("select submission_id, state, rows_received from intake.submissions "
                 "where valid_from is not null and valid_to is null order by 1")  # fmt: skip


def test_same_bytes_again_are_a_no_op_and_an_older_version_is_a_new_submission(drop: Callable[..., Path]) -> None:
    first, second = csv_bytes([HEADER, row(1)]), csv_bytes([HEADER, row(1), row(2)])
    seen = []
    for hour, content in enumerate((first, first, second, second, first)):
        # One row of two removed would be held: the share is of natural keys in force.
        drop("honours_2022.csv", content)
        seen += [(o.state, o.submission_id) for o in take_in(UNIT, AT + timedelta(hours=hour))]
    assert seen == [("loaded", 1), ("unchanged", 1), ("loaded", 2), ("unchanged", 2), ("held", 3)]
    with connect() as connection:
        loader.confirm(connection, 3, "数据管理岗", "确为误报", AT + timedelta(hours=6))
    assert fetch("select submission_id, valid_from, valid_to, supersedes from intake.submissions order by 1") == [
        (1, AT, AT + timedelta(hours=2), []),
        (2, AT + timedelta(hours=2), AT + timedelta(hours=6), [1]),
        (3, AT + timedelta(hours=6), None, [2]),
    ]
    assert fetch("select count(*), count(distinct sha256) from intake.submissions") == [(3, 2)]


def test_v1_v2_v1_of_equal_size_goes_through_at_once(drop: Callable[..., Path]) -> None:
    versions = [csv_bytes([HEADER, row(1, 企业名称=name)]) for name in ("甲公司", "乙公司")]
    for hour, content in enumerate((*versions, versions[0])):
        drop("honours_2022.csv", content)
        assert states(take_in(UNIT, AT + timedelta(hours=hour))) == [("loaded", None)]
    assert in_force() == [(3, "loaded", 1)]


def test_versions_received_at_one_moment_keep_their_order(drop: Callable[..., Path]) -> None:
    for name in ("甲公司", "乙公司"):
        drop("honours_2022.csv", csv_bytes([HEADER, row(1, 企业名称=name)]))
        take_in(UNIT, AT)
    assert in_force() == [(2, "loaded", 1)]
    assert fetch("select bool_and(valid_from < coalesce(valid_to, 'infinity')) from intake.submissions") == [(True,)]


def test_nothing_is_received_or_confirmed_ahead_of_time(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    """One moment to come in the ledger, and every later build would go by it."""
    drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(30))]))
    now = datetime.now(TIME_ZONE)
    typed = ["--received-at", (now + timedelta(days=3650)).isoformat()]
    told = CliRunner().invoke(app, ["intake", "run", "--unit", UNIT, *typed])
    assert (told.exit_code, told.output.count("has not come yet")) == (1, 1)
    with pytest.raises(MomentError):
        take_in(UNIT, now + timedelta(minutes=6))
    assert left(warehouse) == {"honours_2022.csv"} and fetch("select * from intake.submissions") == []
    take_in(UNIT, now + timedelta(minutes=2))  # clocks differ a little
    drop("honours_2022.csv", csv_bytes([HEADER, row()]))
    assert states(take_in(UNIT, now + timedelta(minutes=3))) == [("held", None)]
    with connect() as connection, pytest.raises(MomentError):
        loader.confirm(connection, 2, "数据管理岗", "称号到期", now + timedelta(minutes=8))
    assert in_force() == [(1, "loaded", 30)]
    latest = build.latest_known_at()
    with connect() as connection:  # as an older version would have let it in
        connection.execute(
            "update intake.submissions set valid_from = %s where state = 'loaded'", (now + timedelta(days=3650),)
        )
    assert build.latest_known_at() == latest


def test_a_replay_takes_in_its_own_files_alone(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    drop("honours_2022.csv", csv_bytes([HEADER, row()]))
    drop("honours_2021.csv", csv_bytes([HEADER, row()]))
    before = list(archive.journal())
    assert states(take_in(UNIT, AT, replayed={"honours_2021.csv"})) == [("loaded", None)]
    assert left(warehouse) == {"honours_2022.csv"}
    assert list(archive.journal()) == before


def test_a_full_file_that_removes_a_third_waits_for_confirmation(
    drop: Callable[..., Path], warehouse: Warehouse
) -> None:
    drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(30))]))
    take_in(UNIT, AT)
    fewer = csv_bytes([HEADER, *map(row, range(20))])
    for _ in range(2):
        drop("honours_2022.csv", fewer)
        (outcome,) = take_in(UNIT, AT + timedelta(hours=1))
    assert outcome == Outcome("honours_2022.csv", "", "unchanged", 2, "honours", "2022")
    assert in_force() == [(1, "loaded", 30)]
    (notes,) = fetch("select file_notes from intake.submissions where state = 'held'")[0]
    assert notes["removal"] == {"before": 30, "removed": 10, "limit": 0.3}
    command = [sys.executable, "-m", "ipcredit.cli", "intake", "confirm", "2"]
    at = ["--at", (AT + timedelta(hours=2)).isoformat()]
    without_reason = subprocess.run(
        [*command, "--by", "数据管理岗", "--reason", " ", *at], capture_output=True, check=False
    )
    assert without_reason.returncode == 2 and in_force() == [(1, "loaded", 30)]
    with connect() as connection:
        for by, reason, said in (
            (" ", "称号到期", "needs a post"),
            ("岗", " ", "needs a post"),
            ("岗", "试", "too short"),
        ):
            with pytest.raises(loader.ConfirmError, match=said):
                loader.confirm(connection, 2, by, reason, AT + timedelta(hours=2))
    subprocess.run(
        [*command, "--by", "数据管理岗", "--reason", "十家企业称号到期", *at], check=True, capture_output=True
    )
    assert in_force() == [(2, "loaded", 20)]
    assert fetch(
        "select confirmed_by, confirmed_reason, supersedes from intake.submissions where submission_id = 2"
    ) == [("数据管理岗", "十家企业称号到期", [1])]
    with connect() as connection, pytest.raises(loader.ConfirmError):
        loader.confirm(connection, 2, "数据管理岗", "再来一次", AT + timedelta(hours=3))


def test_a_held_file_that_was_overtaken_cannot_be_confirmed(drop: Callable[..., Path]) -> None:
    for hour, count in enumerate((30, 10, 29)):
        drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(count))]))
        take_in(UNIT, AT + timedelta(hours=hour))
    assert in_force() == [(3, "loaded", 29)]
    with connect() as connection, pytest.raises(loader.ConfirmError, match="came later"):
        loader.confirm(connection, 2, "数据管理岗", "误操作", AT + timedelta(hours=5))


def test_increments_stand_beside_and_a_full_file_replaces_them_all(drop: Callable[..., Path]) -> None:
    drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(10))]))
    take_in(UNIT, AT)
    drop("honours_2022_增量.csv", csv_bytes([HEADER, row(11)]))
    take_in(UNIT, AT + timedelta(hours=1))
    drop("honours_2022_增量.csv", csv_bytes([HEADER, row(11)]))
    assert states(take_in(UNIT, AT + timedelta(hours=2))) == [("unchanged", None)]
    assert in_force() == [(1, "loaded", 10), (2, "loaded", 1)]
    drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(12))]))
    take_in(UNIT, AT + timedelta(hours=3))
    assert in_force() == [(3, "loaded", 12)]
    assert fetch("select supersedes from intake.submissions where submission_id = 3") == [([1, 2],)]


@pytest.mark.parametrize("way", ["name", "cells"])
@pytest.mark.parametrize(("word", "state"), [("本期无数据", "nil_return"), ("撤回", "withdrawal")])
def test_nil_return_and_withdrawal_supersede_and_bring_no_rows(
    way: str, word: str, state: str, drop: Callable[..., Path]
) -> None:
    drop("honours_2022.csv", GOOD)
    take_in(UNIT, AT)
    if way == "name":
        drop(f"honours_2022_{word}.csv", csv_bytes([HEADER]))
    else:
        cells = ["操作", "撤回"] if word == "撤回" else ["本期无数据", "是"]
        drop("honours_2022.csv", csv_bytes([["报送单位", UNIT], cells, HEADER]))
    assert states(take_in(UNIT, AT + timedelta(hours=1))) == [(state, None)]
    assert in_force() == [(2, state, 0)]
    # Rows that come afterwards end it, as a whole or as an increment.
    drop("honours_2022_增量.csv", GOOD)
    take_in(UNIT, AT + timedelta(hours=2))
    assert in_force() == [(3, "loaded", 1)]


def test_a_withdrawal_with_rows_left_in_the_sheet_still_withdraws(drop: Callable[..., Path]) -> None:
    drop("honours_2022_撤回.csv", GOOD)
    assert [(o.state, o.rows_received) for o in take_in(UNIT, AT)] == [("withdrawal", 0)]


def test_a_file_still_growing_waits_and_is_taken_when_it_rests(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    path = drop("honours_2022.csv", csv_bytes([HEADER]))
    stop = threading.Event()

    def upload() -> None:
        number = 0
        while not stop.is_set():
            with path.open("ab") as file:
                file.write(csv_bytes([row(number := (number + 1) % 1000)]))
            time.sleep(0.1)

    uploading = threading.Thread(target=upload)
    uploading.start()
    time.sleep(0.3)
    assert states(take_in(UNIT, AT)) == [("waiting", None)]
    stop.set()
    uploading.join()
    assert left(warehouse) == {"honours_2022.csv"} and fetch("select 1 from intake.submissions") == []
    os.utime(path, (0, 0))
    assert states(take_in(UNIT, AT)) == [("loaded", None)]


@pytest.mark.parametrize("ahead", [60, -60])
def test_a_file_is_fresh_by_the_clock_of_the_share_it_lies_on(
    ahead: int, drop: Callable[..., Path], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("honours_2021.csv", GOOD)
    path = drop("honours_2022.csv", GOOD)
    path.touch()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - ahead)  # to this machine the share is ahead, or behind
    assert [(f.name, f.is_settled) for f in scan.scan(UNIT, 30)] == [
        ("honours_2021.csv", True), ("honours_2022.csv", False),
    ]  # fmt: skip
    assert left(warehouse) == {"honours_2021.csv", "honours_2022.csv"}


def test_a_file_replaced_after_it_was_archived_stays_for_the_next_scan(
    drop: Callable[..., Path], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("honours_2022.csv", GOOD)
    real = loader.load

    def load_while_somebody_writes(*arguments: Any) -> Outcome:
        path.write_bytes(GOOD + csv_bytes([row(2)]))
        return real(*arguments)

    monkeypatch.setattr(loader, "load", load_while_somebody_writes)
    take_in(UNIT, AT)
    monkeypatch.setattr(loader, "load", real)
    assert left(warehouse) == {"honours_2022.csv"}
    os.utime(path, (0, 0))
    take_in(UNIT, AT + timedelta(hours=1))
    assert in_force() == [(2, "loaded", 2)]


def test_an_upload_that_lands_while_the_old_file_is_removed_is_not_lost(
    drop: Callable[..., Path], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop("honours_2022.csv", GOOD)
    upload = drop(".upload", GOOD + csv_bytes([row(2)]))
    real = Path.lstat

    def lstat_and_then_the_upload(looked_at: Path) -> os.stat_result:
        found = real(looked_at)
        if looked_at == path and upload.exists():
            upload.rename(path)
        return found

    monkeypatch.setattr(Path, "lstat", lstat_and_then_the_upload)
    take_in(UNIT, AT)
    assert left(warehouse) == {"honours_2022.csv"} and not upload.exists()
    take_in(UNIT, AT + timedelta(hours=1))
    assert in_force() == [(2, "loaded", 2)] and left(warehouse) == set()


def test_what_a_killed_run_had_moved_aside_comes_back_unless_something_newer_is_there(
    drop: Callable[..., Path], warehouse: Warehouse
) -> None:
    drop(".honours_2022.csv.taken", GOOD)
    drop(".honours_2021.csv.taken", GOOD)
    drop("honours_2021.csv", GOOD + csv_bytes([row(2)]))
    # Somebody's own names must not stop anything.
    drop("..taken", b"x")
    (warehouse.home / "drop" / UNIT / ".folder.taken").mkdir(exist_ok=True)
    take_in(UNIT, AT)
    (warehouse.home / "drop" / UNIT / ".folder.taken").rmdir()
    assert fetch("select period, rows_received from intake.submissions order by 1") == [("2021", 2), ("2022", 1)]
    assert left(warehouse) == set()


def test_two_workers_at_once_make_one_submission(drop: Callable[..., Path]) -> None:
    drop("honours_2022.csv", csv_bytes([HEADER, *(row(n % 1000) for n in range(20_000))]))
    outcomes: list[list[Outcome]] = []
    workers = [threading.Thread(target=lambda: outcomes.append(take_in(UNIT, AT))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(map(len, outcomes)) == [0, 0, 1]
    assert in_force() == [(1, "loaded", 20_000)]
    assert fetch("select count(*) from raw.honours") == [(20_000,)]


def test_killed_while_copying_leaves_nothing_and_the_next_run_completes(
    drop: Callable[..., Path], warehouse: Warehouse
) -> None:
    drop("honours_2022.csv", csv_bytes([HEADER, *(row(n % 1000) for n in range(400_000))]))
    drop("honours_2021.csv", GOOD)
    program = subprocess.Popen(
        [sys.executable, "-m", "ipcredit.cli", "intake", "run", "--unit", UNIT, "--received-at", AT.isoformat()],
        cwd=PROJECT_ROOT,
    )
    with psycopg.connect(warehouse.url, autocommit=True) as watch:
        progress = """select 1 from pg_stat_progress_copy
                      where relid = 'raw.honours'::regclass and tuples_processed > 20000"""
        while not watch.execute(progress).fetchone():
            assert program.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        program.send_signal(signal.SIGKILL)
        program.wait()
        while watch.execute("select 1 from pg_stat_progress_copy").fetchone():
            time.sleep(0.05)
    # The smaller file had been committed before; of the larger one there is nothing.
    assert in_force() == [(1, "loaded", 1)]
    assert fetch("select count(*) from raw.honours") == [(1,)]
    assert "honours_2022.csv" in left(warehouse)
    assert [o.state for o in take_in(UNIT, AT)] == ["loaded"]
    assert fetch("select period, rows_received from intake.submissions order by 1") == [("2021", 1), ("2022", 400_000)]
    assert fetch("select count(*) from raw.honours") == [(400_001,)]
    assert left(warehouse) == set()


# --- personal data ----------------------------------------------------------------------------------------------------


def test_no_identity_number_stands_in_clear_anywhere(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    header = ["行政相对人名称", "行政相对人类别", "统一社会信用代码", "证件号码", "法定代表人", "处罚决定书文号",
              "违法行为类型", "处罚类别", "罚款金额（万元）", "处罚决定日期", "处罚机关", "联系人手机"]  # fmt: skip
    person = ["赵示例", "自然人", "", ID_NUMBER, "", "市监处罚〔2022〕1号", "假冒专利", "罚款", "2", "2022-11-03",
              "丹东市市场监督管理局", "13912345678"]  # fmt: skip
    misplaced = [*person[:2], f" {ID_NUMBER.lower()}", "", "钱示例", "市监处罚〔2022〕2号", *person[6:]]
    company = ["丹东示例公司", "法人", "91210600MA0TEXT001", "", "孙示例", "市监处罚〔2022〕3号", *person[6:]]
    # As CSV exports write a number that has to stay text, and as people do.
    marked = [[*person[:2], *cells, "", f"市监处罚〔2022〕{n}号", *person[6:]] for n, cells in enumerate((
        (f"'{ID_NUMBER}", ""), (f'="{ID_NUMBER}"', ""), ("", f"\u200b{ID_NUMBER}\ufeff"), ("", f'="{ID_NUMBER}"'),
        (f"身份证{ID_NUMBER}", ""), (f"91210600MA0TEXT001/{ID_NUMBER}", ""), ("210603199003010020", ""),
    ), 4)]  # fmt: skip
    marked[-1][0] = "振兴区示例五金店"
    contract = load_contracts()["penalties"]
    missing = [c.header for c in contract.columns if c.required and not any(
        (m := contract.match_header(h)) and m[0].name == c.name for h in header)]  # fmt: skip
    rows = [r + [""] * len(missing) for r in (person, misplaced, company, *marked)]
    drop("penalties_2022Q4.csv", csv_bytes([header + missing, *rows, [f"经办人：李四 {ID_NUMBER}"]]))
    (outcome,) = take_in(UNIT, AT)
    assert (outcome.state, outcome.rows_received) == ("loaded", 10)
    dump = str(fetch("select * from raw.penalties")) + str(fetch("select * from intake.submissions"))
    for secret in (ID_NUMBER, ID_NUMBER.lower(), "赵示例", "钱示例", "孙示例", "李四", "13912345678"):
        assert secret not in dump
    names, ids, codes = zip(
        *fetch("select party_name, person_id_number, uscc from raw.penalties order by row_number"), strict=True
    )
    # One person twice: the same hash, in whichever column the number stood.
    assert ids[0] == codes[1] and str(ids[0]).startswith("hmac:") and names[0] == names[1]
    assert (names[2], codes[2]) == ("丹东示例公司", "91210600MA0TEXT001")
    assert (*codes[3:5], *ids[5:7]) == (ids[0],) * 4
    # What nobody is named by is masked and told; a sole trader's code, by its check digit, stays.
    assert codes[7:] == ("身份证〔身份证号已隐去〕", "91210600MA0TEXT001/〔身份证号已隐去〕", "210603199003010020")
    assert fetch("select file_notes -> 'masked' from intake.submissions") == [
        ([{"row": 9, "column": "uscc"}, {"row": 10, "column": "uscc"}],)
    ]
    assert fetch("select distinct fine_amount_unit from raw.penalties") == [("wan_yuan",)]


def test_the_code_of_a_row_clears_the_name_of_its_subject_only(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    header = ["登记（备案）号", "转让许可方式", "专利（申请）号", "转让人（许可人）", "转让人类型", "受让人",
              "统一社会信用代码", "受让人是否中小微企业", "登记（备案）日期"]  # fmt: skip
    common = ["转让", "201710601862.3", "赵示例", "个人"]
    rows = [
        ["Z1", *common, "丹东示例果园", "91210600MA0TEXT001", "是", "2022-08-12"],
        ["Z2", *common, "钱示例", "", "否", "2022-08-12"],
        ["Z3", *common[:2], "丹东示例大学", "高校", "丹东示例有限公司", "", "是", "2022-08-12"],
    ]
    drop("patent_transfers_2022Q3.csv", csv_bytes([header, *rows]))
    (outcome,) = take_in(UNIT, AT)
    assert (outcome.state, outcome.rows_received) == ("loaded", 3)
    found = fetch("select transferor_name, transferee_name from raw.patent_transfers order by row_number")
    assert [("hmac" if name.startswith("hmac:") else name) for names in found for name in names] == [
        "hmac", "丹东示例果园", "hmac", "hmac", "丹东示例大学", "丹东示例有限公司",
    ]  # fmt: skip
    assert found[0][0] == found[1][0]


def test_a_file_digest_is_no_telephone_number(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    contract = load_contracts()["activities"]
    columns = [c for c in contract.columns if c.required or c.name == "evidence_sha256"]
    digest = "a13912345678b" + "0" * 51
    cells = {
        c.name: {"evidence_sha256": digest, "theme": f"座谈 {digest}"}.get(c.name, c.example or "") for c in columns
    }
    drop("activities_2022Q3.csv", csv_bytes([[c.header for c in columns], list(cells.values())]))
    take_in(UNIT, AT)
    assert fetch("select evidence_sha256, strpos(theme, '139') from raw.activities") == [(digest, 0)]


# --- receipts of judged rows ------------------------------------------------------------------------------------------


def test_receipt_of_judged_rows_says_line_by_line_what_to_mend(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    from ipcredit.build import judge

    bad = row(1, 企业名称="=HYPERLINK(1)公司", 认定日期="2022-13-45")
    header = ["单位名称", *HEADER[1:], "备注", "工商注册号", "联系人"]
    told = [*row(3), f"联系人13912345678（{ID_NUMBER}）", "13812345678", "王某"]
    drop("honours_2022.csv", csv_bytes([header, [*row(2), "", "", ""], [*bad, "", "", ""], ["注：无"], told]))
    take_in(UNIT, AT)
    assert write_receipts(UNIT) == []  # not judged yet
    judge()
    (path,) = write_receipts(UNIT)
    assert path.name == "honours_2022_1_回执.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["摘要", "问题明细", "未识别内容"]
    summary = {r[0]: r[1] for r in book["摘要"].iter_rows(values_only=True) if r[0]}
    assert summary["报送单位"] == "丹东市知识产权局" and summary["读到的数据行"] == "3"
    lines = [r[:7] for r in book["问题明细"].iter_rows(min_row=2, values_only=True)]
    issues = fetch("select row_number, unnest(issues) from staging.stg_honours order by 1")
    masked = ("5", "备注", "（个人信息，不显示）", "文字中有身份证号或手机号", "提醒")
    assert [(*r[:4], r[6]) for r in lines if "手机号" in r[3]] == [masked]
    assert len(lines) == len(issues) + 1 and ("3", "认定日期", "2022-13-45", "日期无法识别") in [r[:4] for r in lines]
    assert all(cell is None or not str(cell).startswith("=") for r in lines for cell in r)
    assert list(book["未识别内容"].iter_rows(min_row=2, values_only=True)) == [
        ("未识别的列", "", "联系人"),
        ("未识别的列", "", "其中 1 处个人信息已隐去，没有入库"),
        ("未作为数据的行", "4", "注：无"),
    ]
    assert fetch("select remarks, registration_no from raw.honours where row_number = 5") == [
        ("联系人〔手机号已隐去〕（〔身份证号已隐去〕）", "13812345678")
    ]
    for schema, table in fetch("""select table_schema, table_name from information_schema.tables
                                  where table_schema in ('raw', 'intake', 'staging', 'catalogue', 'quality')"""):
        content = str(fetch(f'select * from "{schema}"."{table}"'))
        assert "13912345678" not in content and ID_NUMBER not in content, table
    before = path.read_bytes()
    assert write_receipts(UNIT) == [] and path.read_bytes() == before


def test_receipt_of_a_held_file_says_what_to_mend_as_well(drop: Callable[..., Path], warehouse: Warehouse) -> None:
    from ipcredit.build import judge

    drop("honours_2022.csv", csv_bytes([HEADER, *map(row, range(1, 6))]))
    take_in(UNIT, AT)
    drop("honours_2022.csv", csv_bytes([HEADER, row(1, 认定日期="-5"), row(2, 认定日期="'=1+1")]))
    assert states(take_in(UNIT, AT + timedelta(hours=1))) == [("held", None)]
    judge()
    write_receipts(UNIT)
    book = receipt(warehouse, 2)
    assert "待省局确认后生效；确认前仍使用原来的数据；其中 2 行未采用，需要改正" in texts(book["摘要"])
    assert "未采用的 2 行，省局确认后也不采用：按「问题明细」改正后，整张表重新投递" in texts(book["摘要"])
    # What was typed is shown as it was typed, and cannot become a formula.
    given = {cell.value: cell for cell in book["问题明细"]["C"]}
    assert "-5" in given and "'=1+1" in given and "'-5" not in given
    assert given["-5"].data_type == "s" and given["-5"].quotePrefix and not given["'=1+1"].quotePrefix


def _merged(book: Any, sheet: Any) -> None:
    sheet.merge_range("A1:E2", "丹东市知识产权示范企业名单")
    sheet.merge_range("A3:A4", HEADER[0])
    for column, header in enumerate(HEADER[1:], 1):
        sheet.merge_range(2, column, 3, column, header)
    _write_rows(sheet, [row(1), *(row(n, 认定日期="") for n in (2, 3, 4)), row(5, 认定年度="")], 4)
    sheet.merge_range("E6:E8", "2022-03-09")  # the date of three
    sheet.merge_range("C9:D9", "国家级示范")  # across, not down
    sheet.merge_range("A10:E11", "以下无正文 续表")  # no rows of their own below
    sheet.merge_range("B12:B13", "91210600MA0TEST012")
    _write_rows(sheet, [["丹东示例12公司"], ["合计", ""]], 11)


def test_cells_merged_downwards_count_for_every_row_and_the_receipt_says_so(
    drop: Callable[..., Path], warehouse: Warehouse, tmp_path: Path
) -> None:
    drop("honours_2022.xlsx", _xlsx(tmp_path / "x.xlsx", _merged))
    take_in(UNIT, AT)
    assert fetch("select row_number, uscc, honour_year, awarded_on from raw.honours order by 1") == [
        (5, "91210600MA0TEST001", "2022", "2022-03-01"),
        *((n, f"91210600MA0TEST00{n - 4}", "2022", "2022-03-09") for n in (6, 7, 8)),
        (9, "91210600MA0TEST005", None, "2022-03-01"),
        (10, None, None, None),
        (12, "91210600MA0TEST012", None, None),
    ]
    ((notes,),) = fetch("select file_notes from intake.submissions")
    assert notes["merged"] == [{"first": 6, "last": 8, "column": "awarded_on"}] and notes["merged_count"] == 1
    assert [(aside["row"], aside["text"]) for aside in notes["set_aside"]] == [(13, "合计")]
    told = CliRunner().invoke(app, ["intake", "receipts", "--unit", UNIT], catch_exceptions=False)
    assert [Path(line).is_file() for line in told.stdout.splitlines()[-1:]] == [True]
    book = receipt(warehouse, 1)
    (line,) = [r for r in book["问题明细"].iter_rows(values_only=True) if r[3] and r[3].startswith("合并单元格")]
    assert (line[:2], line[6]) == (("6", "认定日期"), "提醒")
    assert line[3] == "合并单元格：第 6—8 行「认定日期」为合并单元格，已按首格内容逐行填入，请核对"
    assert "合并单元格" in texts(book["摘要"])


def test_the_command_line_lists_and_takes_in(drop: Callable[..., Path]) -> None:
    drop("honours_2022.csv", GOOD)
    program = [sys.executable, "-m", "ipcredit.cli", "intake"]
    listed = subprocess.run([*program, "scan", "--unit", UNIT], capture_output=True, text=True, check=True)
    assert "honours_2022.csv" in listed.stdout
    ran = subprocess.run([*program, "run", "--unit", UNIT, "--received-at", AT.isoformat()], capture_output=True,
                         text=True, check=True)  # fmt: skip
    assert "loaded" in ran.stdout and in_force() == [(1, "loaded", 1)]
    unknown = subprocess.run([*program, "run", "--unit", "../.."], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
