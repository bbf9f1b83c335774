"""Reads one workbook and writes each of its sheets as CSV. Run as a program of its own, with nothing of this package.

A workbook comes from outside and is unpacked, so it is read in a bounded process: memory, processor time and what may
be written are limited before the first byte is read, and whatever happens here ends this process only.

    python -I workbook.py FILE FOLDER '{"memory": bytes, "cpu": seconds, "unpacked": bytes, "ratio": times}'

Prints `{"sheets": [{"name", "file", "rows", "merged"}]}` or `{"refusal": code, "detail": text}`. Cells become text as
Excel shows their value: dates in ISO 8601, whole numbers without a point, numbers from 10^15 on in scientific notation
(they hold no more than 15 digits, so the rest is lost), errors as `#N/A`. A formula gives the value kept for it;
in an .xlsx one without a value, which a program wrote and nobody calculated, gives `#无计算结果`. `merged` is the file
of the cells that are merged downwards, a line `first row,last row,position` each, rows from 1; empty if there are none.
"""

import contextlib
import csv
import datetime
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_MEMBERS = 10_000
RATIO_FROM = 16 << 20
"""Small parts may shrink a lot; the ratio counts from this unpacked size on."""
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
NO_VALUE = "#无计算结果"
_NO_VALUE_ENDS = (b"</f></c>", b"<v></v>", b"<v/>", b"<v />")
_NO_VALUE_CELL = re.compile(rb'<c(?![^<>]*t="str")[^<>]*><f(?:[^<>]*/>|[^<]*</f>)(?:</c>|<v></v>|<v ?/>)')
_LONGEST_CELL = 1 << 14
"""Bytes that a formula with its cell has at most, but for odd ones."""

Cells = dict[tuple[int, int], str]


class Refused(Exception):
    """This file is not to be read: `code` of the issue types, and what was found."""


def limit_process(memory: int, cpu: int, unpacked: int) -> None:
    """Bound this process for good."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The soft limit ends it by SIGXCPU: at the hard one it would be SIGKILL, as from whoever is short of memory.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (unpacked, unpacked))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def cell_text(value: Any) -> str:
    """What a cell holds, as text."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            # Excel keeps 15 digits; from 10^15 on this format turns scientific by itself.
            return format(float(value), ".15g")
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case datetime.date() | datetime.time():
            return value.isoformat()
    return str(value)


def check_zip(path: Path, unpacked: int, ratio: float) -> list[Cells]:
    """Refuse what is no workbook or unpacks to too much; give the odd cells of each sheet, in workbook order."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, struct.error, ValueError) as error:
        raise Refused("truncated_file", "压缩包不完整") from error
    with archive:
        members = archive.infolist()
        packed = sum(m.compress_size for m in members)
        # Members that share their bytes add up to more than the file itself.
        if len(members) > MOST_MEMBERS or packed > path.stat().st_size:
            raise Refused("archive_bomb", f"压缩包内有 {len(members)} 个部件")
        size = sum(m.file_size for m in members)
        squeezed = [m for m in members if m.file_size > RATIO_FROM and m.file_size > ratio * max(m.compress_size, 1)]
        if size > unpacked or squeezed:
            raise Refused("archive_bomb", f"解压后 {size / 2**20:,.0f} MB")
        if any(m.flag_bits & 1 for m in members):
            raise Refused("encrypted_workbook")
        if "xl/workbook.xml" not in {m.filename.replace("\\", "/").lower() for m in members}:
            raise Refused("not_a_workbook", "压缩包内没有工作簿")
        try:
            with_odd = {m.filename for m in members if _read_through(archive, m)}
            return [_xlsx_odd_cells(archive, part) if part in with_odd else {} for part in _sheet_parts(archive)]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Refused("truncated_file", "压缩包内容损坏") from error
        except (expat.ExpatError, KeyError) as error:
            raise Refused("unreadable", "工作簿结构不完整") from error


def _read_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Unpack a part once: its checksum tells whether it is whole; says whether it may hold an odd cell."""
    found, tail = False, b""
    with archive.open(member) as part:
        while block := part.read(1 << 20):
            found = found or _may_hold_odd_cell(tail + block)
            tail = block[-_LONGEST_CELL:]
    return found


def _may_hold_odd_cell(xml: bytes) -> bool:
    """An error, or a formula without its value."""
    if b't="e"' in xml or b"t='e'" in xml:
        return True
    return any(end in xml for end in _NO_VALUE_ENDS) and bool(_NO_VALUE_CELL.search(xml))


def _sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    """Part names of the worksheets, in workbook order."""
    targets: dict[str, str] = {}
    sheets: list[str] = []

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship" and attributes["Type"].endswith("/worksheet"):
            targets[attributes["Id"]] = attributes["Target"]

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            sheets.append(next((v for k, v in attributes.items() if k.endswith(":id")), ""))

    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        parser.Parse(archive.read(part), True)
    return [
        targets[identifier][1:] if targets[identifier].startswith("/") else f"xl/{targets[identifier]}"
        for identifier in sheets
        if identifier in targets
    ]


def _xlsx_odd_cells(archive: zipfile.ZipFile, part: str) -> Cells:
    """Errors and formulas without a value by (row, column) from 0: the reader gives both as empty, which hides them."""
    cells: Cells = {}
    row = column = -1
    kind, is_formula = "", False
    text: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, is_formula
        match name.rpartition(":")[2]:
            case "row":
                row, column = int(attributes.get("r", row + 2)) - 1, -1
            case "c":
                column = _column_of(attributes["r"]) if "r" in attributes else column + 1
                kind, is_formula = attributes.get("t", ""), False
                text.clear()

    def end(name: str) -> None:
        nonlocal is_formula
        match name.rpartition(":")[2]:
            case "f":
                is_formula = True
                text.clear()
            case "c" if kind == "e":
                cells[row, column] = "".join(text).strip() or "#N/A"
            # The empty text as a value is kept as a text.
            case "c" if is_formula and kind != "str" and not "".join(text).strip():
                cells[row, column] = NO_VALUE

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text.append, end
    with archive.open(part) as content:
        while block := content.read(1 << 20):
            parser.Parse(block)
    return cells


def _column_of(reference: str) -> int:
    column = 0
    for letter in reference.rstrip("0123456789").replace("$", ""):
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def check_compound(path: Path) -> list[Cells]:
    """Refuse an old workbook that is encrypted, cut short or none; give the error cells of each sheet."""
    content = path.read_bytes()
    try:
        streams = _streams(content)
        if "EncryptedPackage" in streams:
            raise Refused("encrypted_workbook")
        book = streams.get("Workbook", streams.get("Book"))
        if book is None:
            raise Refused("not_a_workbook", "文件内没有工作簿")
        return _xls_errors(_stream(content, *book))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Refused("truncated_file", "文件内容缺失") from error


def _streams(content: bytes) -> dict[str, tuple[int, int]]:
    """Name of each stream of a compound file to its (first sector, size)."""
    directory = _chain(content, struct.unpack_from("<L", content, 48)[0])
    found = {}
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        if directory[at + 66] == 2 and 2 <= length <= 64:
            name = directory[at : at + length - 2].decode("utf-16-le")
            found[name] = struct.unpack_from("<LL", directory, at + 116)
    return found


def _stream(content: bytes, first: int, size: int) -> bytes:
    if size >= struct.unpack_from("<L", content, 56)[0]:
        return _chain(content, first)[:size]
    # Streams below 4096 bytes live in the root entry's own little file system; no workbook is that small.
    return b""


def _chain(content: bytes, sector: int) -> bytes:
    """The sectors that follow one another from `sector` on; IndexError or struct.error where the file ends early."""
    width = 1 << struct.unpack_from("<H", content, 30)[0]
    if not 512 <= width <= 4096:
        raise IndexError("no sector size")
    fat_sectors = [s for s in struct.unpack_from("<109L", content, 76) if s < 0xFFFFFFFA]
    extension, seen = struct.unpack_from("<L", content, 68)[0], 0
    while extension < 0xFFFFFFFA:
        numbers = struct.unpack_from(f"<{width // 4}L", content, (extension + 1) * width)
        fat_sectors += [s for s in numbers[:-1] if s < 0xFFFFFFFA]
        extension, seen = numbers[-1], seen + 1
        if seen * width > len(content):
            raise IndexError("circle of sectors")
    fat: list[int] = []
    for number in fat_sectors:
        fat += struct.unpack_from(f"<{width // 4}L", content, (number + 1) * width)
    parts: list[bytes] = []
    while sector < 0xFFFFFFFA:
        block = content[(sector + 1) * width : (sector + 2) * width]
        if not block or len(parts) * width > len(content):
            raise IndexError("sector beyond the end")
        parts.append(block)
        sector = fat[sector]
    return b"".join(parts)


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _xls_errors(book: bytes) -> list[Cells]:
    """Error cells of each worksheet: BOOLERR records, and formulas whose kept value is an error."""
    starts = []
    for kind, body in _records(book, 0):
        if kind == 0x002F:
            raise Refused("encrypted_workbook")
        if kind == 0x0085 and body[5] == 0:
            starts.append(struct.unpack_from("<L", body)[0])
        if kind == 0x000A:
            break
    sheets: list[Cells] = []
    for start in starts:
        cells: Cells = {}
        for kind, body in _records(book, start):
            if kind == 0x0205 and body[7] == 1:
                cells[struct.unpack_from("<HH", body)] = ERRORS.get(body[6], "#N/A")
            elif kind == 0x0006 and body[12:14] == b"\xff\xff" and body[6] == 2:
                cells[struct.unpack_from("<HH", body)] = ERRORS.get(body[8], "#N/A")
            elif kind == 0x000A:
                break
        sheets.append(cells)
    return sheets


def write_sheets(path: Path, folder: Path, errors: list[Cells]) -> list[dict[str, Any]]:
    """Write each worksheet as a UTF-8 CSV in `folder`, first sheet row first, empty rows kept."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        worksheets = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        written = []
        for number, metadata in enumerate(worksheets):
            sheet = book.get_sheet_by_name(metadata.name)
            cells = errors[number] if len(errors) == len(worksheets) else {}
            by_row: dict[int, dict[int, str]] = {}
            for (row, column), text in cells.items():
                by_row.setdefault(row, {})[column] = text
            left = sheet.start[1] if sheet.start else 0
            count = 0
            with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="", errors="replace") as target:
                writer = csv.writer(target, lineterminator="\n")
                for count, row_cells in enumerate(sheet.iter_rows(), 1):
                    texts = [cell_text(cell) for cell in row_cells]
                    for column, text in by_row.get(count - 1, {}).items():
                        if 0 <= column - left < len(texts):
                            texts[column - left] = text
                    writer.writerow(texts)
            merged = _write_merged(sheet, folder / f"{number}.merged", left)
            written.append({"name": metadata.name, "file": f"{number}.csv", "rows": count, "merged": merged})
        return written
    except PasswordError as error:
        raise Refused("encrypted_workbook") from error
    except CalamineError as error:
        raise Refused("unreadable", "工作簿结构不完整") from error


def _write_merged(sheet: CalamineSheet, path: Path, left: int) -> str:
    """Write which cells are merged downwards; the name of the file, or nothing."""
    down = sorted(
        (first + 1, last + 1, column - left)
        for (first, column), (last, _) in sheet.merged_cell_ranges or []
        if first < last and column >= left
    )
    if not down:
        return ""
    path.write_text("".join(f"{first},{last},{at}\n" for first, last, at in down), encoding="ascii")
    return path.name


def read(path: Path, folder: Path, unpacked: int, ratio: float) -> dict[str, Any]:
    """Everything this program does, as the dictionary it prints."""
    with path.open("rb") as file:
        head = file.read(8)
    try:
        if head.startswith(ZIP) or ZIP.startswith(head):
            errors = check_zip(path, unpacked, ratio)
        elif head == COMPOUND or COMPOUND.startswith(head):
            errors = check_compound(path)
        else:
            raise Refused("not_a_workbook", "文件开头不是 .xlsx 或 .xls 的格式")
        return {"sheets": write_sheets(path, folder, errors)}
    except MemoryError:
        return {"refusal": "too_large", "detail": "读取所需的内存超过上限"}
    except Refused as refused:
        code, detail = (*refused.args, "")[:2]
        return {"refusal": code, "detail": detail}


if __name__ == "__main__":
    limits = json.loads(sys.argv[3])
    limit_process(int(limits["memory"]), int(limits["cpu"]), int(limits["unpacked"]))
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(read(Path(sys.argv[1]), Path(sys.argv[2]), int(limits["unpacked"]), limits["ratio"])))
