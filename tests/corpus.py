"""Builders of broken and hostile files, as a bureau (or somebody else) might drop them. Generated, never committed.

`CORPUS` lists every case: what it is called, which file name it arrives under, and the refusal codes that are right
for it. `build(case, folder)` writes one. Most are small; only the bombs take a moment, and none needs more than 5 MB.
"""

import io
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlwt
from sheets import compound_file, encrypted_workbook

HEADER = ["企业名称", "统一社会信用代码", "荣誉类型", "认定日期"]
ROW = ["丹东示例精密仪器有限公司", "91210600MA0TEST001", "国家知识产权优势企业", "2022-03-01"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def sheet_xml(rows: list[list[str]], *, before_data: str = "", extra_rows: str = "") -> str:
    """A worksheet part with inline strings, so that no other part is needed."""

    def cell(number: int, column: int, text: str) -> str:
        return f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'

    body = "".join(
        f'<row r="{number}">{"".join(cell(number, column, text) for column, text in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}">{before_data}<sheetData>{body}{extra_rows}</sheetData></worksheet>'


def xlsx_parts(sheet: str | None = None, *, content_type: str = f"{_SHEET_TYPE}.sheet.main+xml") -> dict[str, str]:
    """The parts of a minimal valid workbook with one sheet; callers break one of them."""
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content_type}"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        '<sheet name="honours" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet or sheet_xml([HEADER, ROW]),
    }


def zipped(parts: dict[str, str | bytes] | dict[str, str]) -> bytes:
    """The parts as one zip archive with fixed dates."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def good_xlsx() -> bytes:
    """A readable workbook with a header and one row, the base of the truncated ones."""
    return zipped(xlsx_parts())


def good_xls() -> bytes:
    """The same as an old .xls."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("honours")
    for number, row in enumerate([HEADER, ROW]):
        for column, text in enumerate(row):
            sheet.write(number, column, text)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def encrypted_xls() -> bytes:
    """A password-protected .xls: a FILEPASS record follows the first BOF."""
    bof = struct.pack("<HHHHHHLL", 0x0809, 16, 0x0600, 0x0005, 0, 0, 0, 0)
    file_pass = struct.pack("<HHHHH", 0x002F, 54, 1, 1, 1) + bytes(range(48))
    return compound_file({"Workbook": bof + file_pass + bytes(range(256)) * 8})


def zip_bomb(unpacked: int = 1 << 29) -> bytes:
    """A workbook whose one sheet unpacks to `unpacked` bytes of white space (half a gigabyte in half a megabyte)."""
    parts = xlsx_parts()
    opening, closing = parts.pop("xl/worksheets/sheet1.xml").split("<sheetData>")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
        packed = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        packed.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(packed, "w") as member:
            member.write(opening.encode())
            block = b" " * (1 << 22)
            for _ in range(unpacked // len(block)):
                member.write(block)
            member.write(b"<sheetData>" + closing.encode())
    return buffer.getvalue()


def lying_zip_bomb(unpacked: int = 1 << 28) -> bytes:
    """A bomb whose directory declares a harmless unpacked size: only counting while unpacking finds it."""
    content = zip_bomb(unpacked)
    real = struct.pack("<L", zipfile.ZipFile(io.BytesIO(content)).getinfo("xl/worksheets/sheet1.xml").file_size)
    return content.replace(real, struct.pack("<L", 4096))


def overlapping_zip_bomb(copies: int = 4000, size: int = 1 << 20) -> bytes:
    """Thousands of directory entries that all point at the same packed megabyte."""
    base = zipped({"xl/worksheets/sheet1.xml": b" " * size})
    start = struct.unpack("<L", base[-6:-2])[0]
    entry = base[start:-22]
    directory = entry * copies
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), start, 0)
    return base[:start] + directory + end


def entity_bomb() -> bytes:
    """Billion laughs in the shared strings."""
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    strings = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY l0 "哈哈">{levels}]>'
        f'<sst xmlns="{_MAIN}"><si><t>&l9;</t></si></sst>'
    )
    return zipped(_with_shared_strings(strings))


def external_entity() -> bytes:
    """A shared string that asks the reader to fetch a local file."""
    strings = (
        '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f'<sst xmlns="{_MAIN}"><si><t>&x;</t></si></sst>'
    )
    return zipped(_with_shared_strings(strings))


def _with_shared_strings(strings: str) -> dict[str, str]:
    row = '<row r="3"><c r="A3" t="s"><v>0</v></c></row>'
    parts = xlsx_parts(sheet_xml([HEADER, ROW], extra_rows=row))
    parts["xl/sharedStrings.xml"] = strings
    relation = f'<Relationship Id="rId2" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace("</Relationships>", relation)
    return parts


def huge_dimension() -> bytes:
    """Two rows under a dimension tag that claims the whole grid: readable, and no reason to reserve memory."""
    return zipped(xlsx_parts(sheet_xml([HEADER, ROW], before_data='<dimension ref="A1:XFD1048576"/>')))


def far_cell() -> bytes:
    """Two rows and one cell in the grid's last corner: 17 thousand million cells if a reader fills the range."""
    corner = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    return zipped(xlsx_parts(sheet_xml([HEADER, ROW], extra_rows=corner)))


def escaping_member() -> bytes:
    """A workbook with an extra member that would land outside a folder it is unpacked into."""
    return zipped(xlsx_parts() | {"../../../../tmp/ipcredit_escaped.txt": "x"})


def word_document() -> bytes:
    """A .docx that says it is a workbook only by its file name."""
    document = f'{_XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>'
    parts = xlsx_parts(content_type=_WORD_TYPE)
    for name in [n for n in parts if n.startswith("xl/")]:
        del parts[name]
    return zipped({**parts, "word/document.xml": document})


def wrong_content_types() -> bytes:
    """Workbook parts under content types that name a Word document: some readers go by the parts and open it."""
    return zipped(xlsx_parts(content_type=_WORD_TYPE))


def executable() -> bytes:
    """The start of a Windows program."""
    head = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"
    return head.ljust(0x80, b"\0") + b"PE\0\0L\x01" + bytes(range(256)) * 8


def _csv(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\r\n" for row in rows)


def many_rows(count: int) -> str:
    """A CSV of `count` well-formed rows, for cuts and for size."""
    return _csv([HEADER, *([ROW] * count)])


def unclosed_quote() -> bytes:
    """A quote opened in the second row and never closed: the rest of the file is one field."""
    return (many_rows(1) + '"' + many_rows(3)).encode()


def mixed_encodings() -> bytes:
    """UTF-8 pasted onto GB18030, with two bytes that are neither."""
    return many_rows(1).encode() + many_rows(1).encode("gb18030") + b"\xff\xff"


@dataclass(frozen=True)
class Case:
    """One file: the name it arrives under, its bytes, and the refusal codes that are right (empty: it is readable)."""

    name: str
    file_name: str
    content: Callable[[], bytes]
    refusals: frozenset[str]


def _case(name: str, file_name: str, content: Callable[[], bytes], *refusals: str) -> Case:
    return Case(name, file_name, content, frozenset(refusals))


_NOT_TEXT = ("unreadable", "bad_encoding", "no_header")

CORPUS: tuple[Case, ...] = (
    _case("zero_bytes_xlsx", "honours_2022.xlsx", lambda: b"", "empty_file"),
    _case("zero_bytes_csv", "honours_2022.csv", lambda: b"", "empty_file"),
    _case("only_white_space", "honours_2022.csv", lambda: b"\xef\xbb\xbf\r\n , ,\r\n", "empty_file", "no_header"),
    *(
        _case(f"cut_xlsx_{percent}", "honours_2022.xlsx", lambda p=percent: _cut(good_xlsx(), p), "truncated_file")  # type: ignore[misc]
        for percent in (1, 10, 50, 90, 99)
    ),
    _case("cut_xls_30", "honours_2022.xls", lambda: _cut(good_xls(), 30), "truncated_file", "unreadable"),
    _case("cut_xls_90", "honours_2022.xls", lambda: _cut(good_xls(), 90), "truncated_file", "unreadable"),
    _case("encrypted_xlsx", "honours_2022.xlsx", encrypted_workbook, "encrypted_workbook"),
    _case("encrypted_xls", "honours_2022.xls", encrypted_xls, "encrypted_workbook"),
    _case("zip_bomb", "honours_2022.xlsx", zip_bomb, "archive_bomb"),
    _case("lying_zip_bomb", "honours_2022.xlsx", lying_zip_bomb, "archive_bomb", "truncated_file", "unreadable"),
    _case("overlapping_zip_bomb", "honours_2022.xlsx", overlapping_zip_bomb, "archive_bomb", "not_a_workbook"),
    _case("entity_bomb", "honours_2022.xlsx", entity_bomb, "archive_bomb", "unreadable"),
    _case("far_cell", "honours_2022.xlsx", far_cell, "archive_bomb", "too_large", "unreadable"),
    _case("executable_xlsx", "honours_2022.xlsx", executable, "not_a_workbook"),
    _case("executable_xls", "honours_2022.xls", executable, "not_a_workbook"),
    _case("executable_csv", "honours_2022.csv", executable, "not_a_workbook", *_NOT_TEXT),
    _case("executable", "honours_2022.exe", executable, "unsupported_type"),
    _case("word_document", "honours_2022.xlsx", word_document, "not_a_workbook"),
    _case("plain_zip", "honours_2022.xlsx", lambda: zipped({"a.txt": "x"}), "not_a_workbook"),
    _case("text_as_xlsx", "honours_2022.xlsx", lambda: many_rows(3).encode(), "not_a_workbook"),
    _case("csv_with_nul", "honours_2022.csv", lambda: many_rows(2).replace("精密", "\0").encode(), *_NOT_TEXT),
    _case("csv_unclosed_quote", "honours_2022.csv", unclosed_quote, "truncated_file", "unreadable"),
    _case("csv_mixed_encodings", "honours_2022.csv", mixed_encodings, "bad_encoding"),
    _case("random_bytes_csv", "honours_2022.csv", lambda: bytes(range(1, 256)) * 40, *_NOT_TEXT),
)

READABLE: tuple[Case, ...] = (
    _case("huge_dimension", "honours_2022.xlsx", huge_dimension),
    _case("escaping_member", "honours_2022.xlsx", escaping_member),
    _case("wrong_content_types", "honours_2022.xlsx", wrong_content_types),
    _case("external_entity", "honours_2022.xlsx", external_entity),
)
"""Odd, but a reader may open them (or refuse them): whatever it does, nothing outside the file is read, written or
reserved. `escaping_member` must never create /tmp/ipcredit_escaped.txt, `external_entity` never show /etc/passwd."""

UNSAFE_NAMES: tuple[str, ...] = (
    "..\\..\\honours_2022.csv",
    "..%2f..%2fhonours_2022.csv",
    "honours_2022\n.csv",
    "honours_2022\x1b[2J.csv",
    "honours_\u202excod_2022.csv",
    "..／honours_2022.csv",
    "~$honours_2022.xlsx:stream.csv",
)
"""File names that a file system takes and that must never become part of a path, a log line or a sheet as they are."""


def _cut(content: bytes, percent: int) -> bytes:
    return content[: max(1, len(content) * percent // 100)]


def build(case: Case, folder: Path) -> Path:
    """Write one case into `folder` under its file name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / case.file_name
    path.write_bytes(case.content())
    return path


def symlink_out(folder: Path, target: Path, name: str = "honours_2022.csv") -> Path:
    """A link in the drop folder to a file outside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(target)
    return folder / name


def folder_as_file(folder: Path, name: str = "honours_2022.xlsx") -> Path:
    """A directory with the name of a workbook, holding a link back up."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "up").symlink_to(folder, target_is_directory=True)
    return path


def named_pipe(folder: Path, name: str = "honours_2022.csv") -> Path:
    """A pipe in the drop folder: whoever opens it for reading waits for ever."""
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / name)
    return folder / name
