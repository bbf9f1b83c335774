"""What cells hold becomes text, nothing is guessed, and no hostile file does more than be refused."""

import io
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import corpus
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from ipcredit.contracts import load_contracts
from ipcredit.intake import loader, personal, readers
from ipcredit.intake.layout import Tally, data_batches, find_layout, told_above
from ipcredit.intake.merged import filled
from ipcredit.intake.rules import FileRefused, issue_types, rules_on
from ipcredit.intake.scan import normalise_period, printable
from ipcredit.intake.workbook import cell_text

RULES = rules_on(date(2022, 12, 5))
HONOURS = load_contracts()["honours"]
HEADER = ["企业名称", "统一社会信用代码", "称号类别", "认定年度", "认定日期"]
ROW = ["丹东示例公司", "91210600MA0TEST001", "国家级示范", "2022", "2022-03-01"]
TRADER = "210603199003010020"
"""A 统一社会信用代码, by its check digit, that has the shape of an identity number."""


def read(path: Path) -> list[list[list[str]]]:
    spool = path.parent / "spool"
    spool.mkdir()
    return [list(readers.rows(sheet)) for sheet in readers.open_sheets(path, path.name, spool, RULES)]


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused:
        read(path)
    return refused.value.code


@pytest.mark.parametrize("case", corpus.CORPUS, ids=lambda case: case.name)
def test_broken_and_hostile_files_are_refused_with_the_right_code(case: corpus.Case, tmp_path: Path) -> None:
    path = corpus.build(case, tmp_path)
    try:
        for sheet in read(path):
            find_layout(sheet, HONOURS)
    except FileRefused as refused:
        assert refused.code in case.refusals
        assert refused.code in issue_types()
    else:
        pytest.fail("it was read")


@pytest.mark.parametrize("case", corpus.READABLE, ids=lambda case: case.name)
def test_odd_files_do_nothing_outside_themselves(case: corpus.Case, tmp_path: Path) -> None:
    path = corpus.build(case, tmp_path)
    try:
        text = str(read(path))
    except FileRefused:
        text = ""
    assert "root:" not in text
    assert not Path("/tmp/ipcredit_escaped.txt").exists()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  原样 ", "  原样 "),
        (44621.0, "44621"),
        (44621, "44621"),
        (0.1 + 0.2, "0.3"),
        (-12.5, "-12.5"),
        (999999999999999.0, "999999999999999"),
        (1e15, "1e+15"),
        (210106199003071234.0, "2.10106199003071e+17"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2022, 3, 1), "2022-03-01"),
        (datetime(2022, 3, 1), "2022-03-01"),
        (datetime(2022, 3, 1, 9, 30), "2022-03-01 09:30:00"),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_xlsx_formulas_hidden_rows_empty_rows_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "honours_2022.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表")
        sheet.merge_range("B2:F2", "标题")
        sheet.write_formula("B4", "=1+1", None, 2)
        sheet.write_datetime("C4", datetime(2022, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.write_formula("B5", "=VLOOKUP(1,A1:A2,2)", None, "#N/A")
        sheet.write_number("C5", 123456789012345678)
    assert read(path) == [
        [["", ""], ["标题", ""], ["", ""], ["2", "2022-03-01"], ["#N/A", "1.23456789012346e+17"]]
    ]  # fmt: skip


def test_error_cells_of_both_formats_stay_visible(tmp_path: Path) -> None:
    sheet = corpus.sheet_xml(
        [["a", "b"]],
        extra_rows='<row r="2"><c r="A2" t="e"><v>#REF!</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
    )
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "x.xlsx"
    path.write_bytes(corpus.zipped(corpus.xlsx_parts(sheet)))
    assert read(path) == [[["a", "b"], ["#REF!", "#DIV/0!"]]]
    book = xlwt.Workbook()
    first, second = book.add_sheet("一"), book.add_sheet("二")
    first.write(0, 0, "x")
    second.write(0, 1, "y")
    second.row(1).set_cell_error(1, 0x2A)
    path = tmp_path / "x.xls"
    book.save(str(path))
    assert read(path) == [[["x"]], [["y"], ["#N/A"]]]


def test_a_formula_nobody_has_calculated_is_no_empty_cell(tmp_path: Path) -> None:
    formulas = (
        '<c r="A2"><f>1+1</f></c><c r="B2"><f>A2</f><v></v></c><c r="C2"><f t="shared" si="0">A2</f><v/></c>'
        # What a formula gave was the empty text: Excel keeps that.
        '<c r="D2" t="str"><f>IF(A2=2,"","x")</f><v></v></c><c r="E2"><f>2+2</f><v>4</v></c>'
    )
    path = tmp_path / "x.xlsx"
    path.write_bytes(
        corpus.zipped(corpus.xlsx_parts(corpus.sheet_xml([HEADER], extra_rows=f'<row r="2">{formulas}</row>')))
    )
    assert read(path) == [[HEADER, ["#无计算结果", "#无计算结果", "#无计算结果", "", "4"]]]


def merged_workbook(path: Path) -> None:
    """A title and a header of two rows; two awards of one company, whose date and note are merged."""
    rows = [["名单"], [], HEADER, [], ROW, [*ROW[:4], ""], ["", "", *ROW[2:]], [*ROW[:4], ""], [""] * 5, ["合计", "3"]]
    merges = [(0, 1, 0, 4), *((2, 3, at, at) for at in range(5)), (4, 5, 4, 4), (5, 6, 0, 0), (5, 6, 1, 1),
              (6, 7, 4, 4), (7, 9, 2, 2)]  # fmt: skip
    old = path.suffix == ".xls"
    book = xlwt.Workbook() if old else xlsxwriter.Workbook(str(path))
    sheet = book.add_sheet("表") if old else book.add_worksheet("表")
    for top, bottom, left, right in merges:
        text = (rows[top] + [""] * 5)[left]
        sheet.write_merge(top, bottom, left, right, text) if old else sheet.merge_range(top, left, bottom, right, text)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            if text and not any(t <= at <= b and le <= column <= ri for t, b, le, ri in merges):
                sheet.write(at, column, text)
    book.save(str(path)) if old else book.close()


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_cells_merged_downwards_fill_the_data_rows_and_nothing_else(suffix: str, tmp_path: Path) -> None:
    path, spool = tmp_path / f"x{suffix}", tmp_path / "spool"
    merged_workbook(path)
    spool.mkdir()
    (sheet,) = readers.open_sheets(path, path.name, spool, RULES)
    layout, tally = find_layout(list(readers.rows(sheet)), HONOURS), Tally()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "BATCH_ROWS", 6)
        batches = [readers.split(lines, ",") for lines in filled(readers.line_batches(sheet), sheet, layout, tally)]
    found = [row for batch in batches for row in batch]
    assert found == [
        ["名单", "", "", "", ""], [""] * 5, HEADER, [""] * 5,
        ROW, ROW, ROW, ROW,
        [""] * 5, ["合计", "3", "", "", ""],
    ]  # fmt: skip
    assert tally.merged == [
        (5, 6, "awarded_on"), (6, 7, "enterprise_name"), (6, 7, "uscc"), (7, 8, "awarded_on"),
    ]  # fmt: skip
    assert tally.merged_count == 4


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b""), ("utf-8-sig", b""), ("gb18030", b""), ("utf-16", b"")], ids=lambda e: str(e)
)
@pytest.mark.parametrize("delimiter", [",", "\t"], ids=["comma", "tab"])
def test_csv_encodings_and_delimiters(encoding: str, mark: bytes, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(mark + "".join(delimiter.join(r) + "\r\n" for r in (HEADER, ROW)).encode(encoding))
    assert read(path) == [[HEADER, ROW]]


def test_csv_quotes_may_span_lines_and_rows_count_as_excel_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\r\n\r\n"x\r\ny","say ""hi"", 5"" pipe"\r\n5" 管,z\r\n', newline="")
    assert read(path) == [[["a", "b"], [""], ["x\r\ny", 'say "hi", 5" pipe'], ['5" 管', "z"]]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("企业".encode() * 9 + b"\xe4\xbc", "truncated_file"),
        ("企业,a\n".encode() * 60_000 + b"\xff\xfe\n", "bad_encoding"),
        (b'a,b\n"x"y,z\n', "broken_quotes"),
        (b"a,b\n" * 3 + b'"x,y\n', "truncated_file"),
        (b"\x89PNG\r\n\x1a\n" + b"a" * 99, "not_a_workbook"),
    ],
)
def test_csv_that_stops_being_text_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert refusal(path) == code


@pytest.mark.parametrize(
    "rule", ["reader_memory_bytes", "reader_wall_seconds", "reader_cpu_seconds", "max_workbook_bytes"]
)
def test_limits_of_the_reading_process_hold(rule: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    count = 60_000 if rule == "reader_cpu_seconds" else 20_000
    rows = "".join(f'<row r="{n}">' + "<c><v>1</v></c>" * 50 + "</row>" for n in range(2, count))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in corpus.xlsx_parts(corpus.sheet_xml([["a"]], extra_rows=rows)).items():
            archive.writestr(name, part)
    path.write_bytes(buffer.getvalue())
    tight = {
        "reader_memory_bytes": 60e6, "reader_wall_seconds": 0.05, "reader_cpu_seconds": 1, "max_workbook_bytes": 1e6,
    }  # fmt: skip
    (tmp_path / "s").mkdir()
    with pytest.raises(FileRefused) as refused:
        readers.open_sheets(path, path.name, tmp_path / "s", RULES | {rule: tight[rule]})
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("by", "is_the_files_fault"), [("KILL", False), ("TERM", False), ("ABRT", True), ("XCPU", True)]
)
def test_a_reader_that_was_ended_from_outside_says_nothing_of_the_file(
    by: str, is_the_files_fault: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, reader = tmp_path / "x.xlsx", tmp_path / "reader"
    path.write_bytes(corpus.good_xlsx())
    reader.write_text(f"#!/bin/sh\nulimit -c 0\nkill -{by} $$\nsleep 60\n")
    reader.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(reader))
    (tmp_path / "s").mkdir()
    with pytest.raises(FileRefused if is_the_files_fault else OSError) as raised:
        readers.open_sheets(path, path.name, tmp_path / "s", RULES)
    assert getattr(raised.value, "code", None) == ("too_large" if is_the_files_fault else None)


def judged(rows: list[list[str]]) -> tuple[list[int], Tally]:
    """Numbers of the data rows of a sheet, and what became of the others."""
    tally = Tally()
    layout = find_layout(rows[:40], HONOURS)
    return [n for batch in data_batches([rows[:5], rows[5:]], layout, tally) for n in batch.numbers], tally


def test_rows_that_are_no_data_are_set_aside_in_order_and_listed() -> None:
    serial = [["序号", *HEADER], ["1", *ROW], ["2", *ROW], ["3", "", "", "", "", ""], ["", "", "", "", "", ""],
              ["示例", *ROW], ["序号", *HEADER], ["合计", "2", "", "", "", ""],
              ["注：本表由各区县填报", "", "", "", "", ""], ["填表人：张三", "", "电话：13912345678", "", "", ""],
              ["4", *ROW]]  # fmt: skip
    numbers, tally = judged([["某某名单"], *serial])
    assert numbers == [3, 4, 12]
    assert (tally.received, tally.empty, tally.examples) == (3, 2, [7])
    assert tally.set_aside == [
        (8, "序号  " + "  ".join(HEADER)),
        (9, "合计  2"),
        (10, "注：本表由各区县填报"),
        (11, "填表人：***  电话：***"),
    ]


@pytest.mark.parametrize(
    "name",
    ["注册示例公司", "示例4区商贸公司", "合计算科技公司", "说明书科技有限公司", "共创公司", "以太公司", "负责任公司"],
)
def test_a_name_that_begins_like_a_note_is_data(name: str) -> None:
    assert judged([HEADER, [name, *ROW[1:]]])[0] == [2]


def test_header_of_two_rows_under_merged_groups() -> None:
    upper = ["企业名称", "统一社会信用代码", "称号", "", ""]
    lower = ["", "", "称号类别", "认定年度", "认定日期"]
    layout = find_layout([["名单"], upper, lower, ROW], HONOURS)
    assert (layout.row, len(layout.known), layout.unknown) == (3, 5, ())


def test_first_data_row_is_never_taken_for_a_header() -> None:
    layout = find_layout([[*HEADER, "甲"], [*ROW, "备注"]], HONOURS)
    assert (layout.row, layout.unknown) == (1, ((5, "甲"),))


def test_headers_with_stray_spaces_and_full_width_characters() -> None:
    told = ["企业 名称：", " 统一社会\n信用代码", "称号　类别*", "认定年度", "认定日期:"]
    assert {c.name for _, c, _ in find_layout([told], HONOURS).known} == {
        "enterprise_name", "uscc", "honour_type", "honour_year", "awarded_on"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "code"),
    [(["甲", "乙"], "no_header"), (HEADER[:3], "missing_column"), ([*HEADER, "企业 名称"], "duplicate_column")],
)
def test_mistaken_headers(header: list[str], code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        find_layout([header], HONOURS)
    assert refused.value.code == code


def test_metadata_beside_or_inside_the_label_cell() -> None:
    rows = [
        ["报送单位", "", "210600", "报送期间：", "2022"],
        ["数据集：知识产权示范优势企业", "操作", "本期无数据", "是"],
    ]
    assert told_above(rows) == {
        "报送单位": "210600",
        "报送期间": "2022",
        "数据集": "知识产权示范优势企业",
        "本期无数据": "是",
    }


@pytest.mark.parametrize(
    ("text", "cycle", "period"),
    [
        ("2022年", "annual", "2022"), ("２０２２", "annual", "2022"), ("2022年度", "annual", "2022"),
        ("2022年第三季度", "quarterly", "2022Q3"), ("2022q3", "quarterly", "2022Q3"),
        ("2022年4季度", "quarterly", "2022Q4"),
        ("2022-11", "monthly", "2022-11"), ("2022-11-01", "monthly", "2022-11"), ("2022年3月", "monthly", "2022-03"),
        ("2022-11-01", "annual", "2022-11-01"), ("去年", "annual", "去年"),
    ],
)  # fmt: skip
def test_periods(text: str, cycle: str, period: str) -> None:
    assert normalise_period(text, cycle) == period


def test_person_hash_is_keyed_stable_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ipcredit.settings import get_settings

    monkeypatch.setenv("IPCREDIT_HOME", str(tmp_path))
    get_settings.cache_clear()
    personal._key.cache_clear()
    one = personal.keyed_hash("id_number", "21060319900307123x")
    assert one == personal.keyed_hash("id_number", " ２１０６０３ 19900307123X ")
    assert one.startswith("hmac:") and len(one) == 69
    assert one != personal.keyed_hash("person_name", "21060319900307123x")
    assert personal.keyed_hash("id_number", one) == one
    assert personal.keyed_hash("person_name", "  ") == ""
    assert (tmp_path / "person.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "person.key").unlink()
    personal._key.cache_clear()
    assert one != personal.keyed_hash("id_number", "21060319900307123x")
    personal._key.cache_clear()


@pytest.mark.parametrize(
    ("code", "is_person"),
    [("21060319900307123X", True), ("２１０６０３19900307123x", True), ("91210600MA0TEST001", False),
     ("912106001234567890", False), ("", False), ("210603900307123", False),
     ("'21060319900307123X", True), ("\u200b21060319900307123X", True), ("21060319900307123X\ufeff", True),
     ("‘2106 0319900307123X’", True), ("`21060319900307123x", True), ('="21060319900307123X"', True),
     ("＝＂21060319900307123X＂", True), ('="91210600MA0TEST001"', False), ("x21060319900307123X", False)],
)  # fmt: skip
def test_identity_numbers_among_codes(code: str, is_person: bool) -> None:
    assert personal.is_id_number(code) is is_person
    # However it is written, it is one person.
    one = personal.keyed_hash("id_number", "21060319900307123X")
    assert (personal.keyed_hash("id_number", code) == one) is is_person


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("身份证号：21060319900307123X", "身份证号:〔身份证号已隐去〕"),
        ("91210600MA0TEST001 21060319900307123x", "91210600MA0TEST001 〔身份证号已隐去〕"),
        ("个体户 210603 19900307 1238", "个体户〔身份证号已隐去〕"),
        ("'210603199003071238/210603199003071246", "〔身份证号已隐去〕/〔身份证号已隐去〕"),
        # The code of a sole trader that looks like a number of that kind, by its check digit; a part of a longer one.
        (f"{TRADER}（个体）", None),
        ("2106031990030712380", None),
        ("91210600MA0TEST001（待核）", None),
    ],
)
def test_identity_numbers_beside_something_else_leave_the_cell_of_a_code(cell: str, masked: str | None) -> None:
    assert personal.mask_id_numbers(cell) == (masked or cell)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_printable_names_are_one_harmless_line(name: str) -> None:
    assert not set(printable(name)) & set("\n\r\t\x1b\u202e\0")


def test_mask_hides_numbers_and_names_but_not_amounts() -> None:
    assert personal.mask("审核人：李四 电话13912345678 身份证21060319900307123X 罚款 20000 元") == (
        "审核人：*** 电话*** 身份证*** 罚款 20000 元"
    )


# --- free text without people's numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系人电话13912345678。", "联系人电话〔手机号已隐去〕。"),
        ("+86 139-1234-5678转", "〔手机号已隐去〕转"),
        ("8613912345678", "〔手机号已隐去〕"),
        ("当事人（身份证２１０６０３１９９００３０７１２３ｘ）", "当事人（身份证〔身份证号已隐去〕）"),
        ("310101188001010011和310101200402290018", "〔身份证号已隐去〕和〔身份证号已隐去〕"),
        ("91210600MA0TEST001 912106007714123456 A21060319900307123X 2106031990030712345", None),
        ("210603199013071234 12345678901 213912345678 1391234567890 ZL202110601862.3 2022-03-01 20220301", None),
        ("第１３批 共１３９件", None),
    ],
)
def test_numbers_of_people_leave_free_text_and_nothing_else_does(text: str, masked: str | None) -> None:
    assert personal.mask_numbers(text) == (masked or text)
    assert personal.may_hold_number(text.encode()) or not masked


PARTS = ["13912345678", "21060319900307123X", "310101200402290018", "139 1234-5678", "86", "+", "-", " ", "1", "9", "A",
         "电", "２", "，", "20", "1880", "0101"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=8))
@settings(max_examples=500, deadline=None)
def test_the_quick_look_misses_no_number(parts: list[str]) -> None:
    text = "".join(parts)
    assert personal.mask_numbers(text) == text or personal.may_hold_number(text.encode())


# --- the short cut of plain lines -------------------------------------------------------------------------------------

PLAIN_HEADER = ["统一社会信用代码", "企业名称", "工商注册号", "称号类别", "认定年度", "认定日期", "备注"]
PLAIN = ["91210600MA0TEST001", "丹东示例公司", "", "国家级示范", "2022", "2022-03-01", ""]
ODD_CELLS = ["", " ", "12210600MA0TEST001", "21060319900307123X", "'21060319900307123X",
             "91210600MA0TEST001/21060319900307123X", "合计", "示例", "注：无", "a\\b", "a\tb", "a\u2028b",
             '"a,b"', '"a\nb"', '"a""b"', "电话13912345678", "１", ",", "9",
             "210603 19900307 123x"]  # fmt: skip
ODD_ENDS = ["\n", "\r", "\r\r\n", "\r\n\r\n", "\r\n\r", ",\r\n", ""]
ORDERS = [[0, 1, 2, 3, 4, 5, 6], [1, 0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]]


def copied(path: Path, *, by_short_cut: bool, header: list[str]) -> tuple[bytes, Tally, int]:
    """COPY text of a CSV, what became of its rows, and how many blocks took the short cut."""
    sheet, tally, short = readers._open_csv(path), Tally(), 0
    layout = find_layout([header], HONOURS)
    names, prefix = loader._target(layout, 7)
    real = loader.plain_converter

    def watched(*given: object) -> object:
        convert = real(*given)  # type: ignore[arg-type]

        def note(*block: object) -> bytes | None:
            nonlocal short
            made = convert(*block) if by_short_cut else None  # type: ignore[arg-type]
            short += made is not None
            return made

        return note

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "plain_converter", watched)
        patch.setattr(readers, "BATCH_ROWS", 4)
        return b"".join(loader._blocks(HONOURS, sheet, layout, prefix, len(names), tally)), tally, short


def both_ways(path: Path, header: list[str], rows: list[list[str]], ends: dict[int, str], delimiter: str,
              encoding: str) -> None:  # fmt: skip
    made: list[tuple[object, object]] = []
    lines = [delimiter.join(row) + ends.get(at, "\r\n") for at, row in enumerate(rows)]
    path.write_bytes((delimiter.join(header) + "\r\n" + "".join(lines)).encode(encoding))
    for by_short_cut in (True, False):
        try:
            made.append(copied(path, by_short_cut=by_short_cut, header=header)[:2])
        except FileRefused as refused:
            made.append((refused.code, refused.detail))
    assert made[0] == made[1]


@given(
    odd=st.lists(st.tuples(st.integers(0, 23), st.integers(0, 6), st.sampled_from(ODD_CELLS)), max_size=4),
    ends=st.dictionaries(st.integers(0, 23), st.sampled_from(ODD_ENDS), max_size=2),
    order=st.sampled_from(ORDERS),
    delimiter=st.sampled_from([",", "\t"]),
    encoding=st.sampled_from(["utf-8-sig", "gb18030"]),
)
@settings(max_examples=200, deadline=None)
def test_the_short_cut_gives_the_rows_that_the_long_way_gives(
    tmp_path_factory: pytest.TempPathFactory, odd: list[tuple[int, int, str]], ends: dict[int, str],
    order: list[int], delimiter: str, encoding: str,
) -> None:  # fmt: skip
    rows = [[PLAIN[n] for n in order] for _ in range(24)]
    for at, column, cell in odd:
        rows[at][column] = cell
    path = tmp_path_factory.getbasetemp() / "plain.csv"
    both_ways(path, [PLAIN_HEADER[n] for n in order], rows, ends, delimiter, encoding)


@pytest.mark.parametrize("order", ORDERS)
def test_one_odd_cell_or_line_end_in_a_plain_file_is_seen(tmp_path: Path, order: list[int]) -> None:
    header, plain = [PLAIN_HEADER[n] for n in order], [PLAIN[n] for n in order]
    for column in range(7):
        for cell in ODD_CELLS:
            odd = [*plain[:column], cell, *plain[column + 1 :]]
            both_ways(tmp_path / "plain.csv", header, [plain] * 5 + [odd] + [plain] * 5, {}, ",", "utf-8")
    for end in ODD_ENDS:
        both_ways(tmp_path / "plain.csv", header, [plain] * 11, {5: end}, ",", "utf-8")


def test_plain_blocks_take_the_short_cut_and_others_do_not(tmp_path: Path) -> None:
    rows = [PLAIN] * 3 + [PLAIN] * 4 + [[*PLAIN[:6], '"a\nb"'], *[PLAIN] * 3] + [PLAIN] * 4
    path = tmp_path / "honours_2022.csv"
    path.write_text("".join(",".join(row) + "\r\n" for row in [PLAIN_HEADER, *rows]), encoding="utf-8", newline="")
    text, tally, short = copied(path, by_short_cut=True, header=PLAIN_HEADER)
    assert (short, tally.received) == (2, 15)
    lines = text.decode().splitlines()
    assert [line.split("\t")[2] for line in lines] == [str(n) for n in range(2, 17)]
    assert lines[8] == "7\t\t10\t" + "\t".join(PLAIN) and lines[7].endswith("a\\nb")
