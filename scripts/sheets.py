"""Sheets as offices keep them, written as .xlsx, .xls or .csv; the same sheet always gives the same bytes.

Used by `sample_submissions.py` and `real_enterprises.py`.
"""

import csv
import io
import os
import struct
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
import xlwt

# A document property, fixed so that bytes repeat.
CREATED = datetime(2022, 12, 1, 9)


@dataclass(frozen=True)
class Formula:
    """A formula and the value that Excel kept for it; a CSV holds the value."""

    text: str
    value: str | float


@dataclass(frozen=True)
class ErrorCell:
    """A cell that shows #N/A: mostly a VLOOKUP that found nothing."""


Cell = str | int | float | date | Formula | ErrorCell | None


@dataclass
class Line:
    """One physical row of a sheet. `merged` columns from the first are one merged cell."""

    cells: list[Cell]
    merged: int = 0
    hidden: bool = False


@dataclass
class Sheet:
    """A named sheet; row numbers are positions in `lines`, from 1."""

    name: str
    lines: list[Line]


def write(path: Path, sheets: list[Sheet]) -> None:
    """Write `sheets` in the format that the suffix names: .xlsx, .xls, or .csv (one sheet, UTF-8 with BOM)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        path.write_bytes(_xlsx(sheets))
    elif path.suffix == ".xls":
        path.write_bytes(_xls(sheets))
    else:
        write_csv(path, sheets[0], "utf-8-sig")


def write_csv(path: Path, sheet: Sheet, encoding: str) -> None:
    """Write one sheet as CSV with CRLF line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_as_text(cell) for cell in line.cells] for line in sheet.lines)
    path.write_bytes(text.getvalue().encode(encoding))


def settle(path: Path) -> None:
    """Date a file as uploaded long ago: intake leaves one that may still be growing."""
    os.utime(path, (CREATED.timestamp(), CREATED.timestamp()))


def _as_text(cell: Cell) -> str:
    """What Excel writes for a cell when it saves CSV."""
    match cell:
        case None:
            return ""
        case Formula():
            return _as_text(cell.value)
        case ErrorCell():
            return "#N/A"
        case float() if abs(cell) >= 1e11:
            mantissa, exponent = f"{cell:.5E}".split("E")
            return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
        case float():
            return f"{cell:.10g}"
        case date():
            return f"{cell.year}/{cell.month}/{cell.day}"
        case _:
            return str(cell)


def _xlsx(sheets: list[Sheet]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": CREATED, "author": ""})
    bold = book.add_format({"bold": True, "align": "center"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for number, line in enumerate(sheet.lines):
            if line.hidden:
                page.set_row(number, None, None, {"hidden": True})
            if line.merged > 1:
                page.merge_range(number, 0, number, line.merged - 1, line.cells[0], bold)
                continue
            for column, cell in enumerate(line.cells):
                match cell:
                    case None | "":
                        pass
                    case Formula():
                        page.write_formula(number, column, cell.text, None, cell.value)
                    case ErrorCell():
                        page.write_formula(number, column, "=NA()", None, "#N/A")
                    case date():
                        page.write_datetime(number, column, cell, day)
                    case str():
                        page.write_string(number, column, cell)
                    case _:
                        page.write_number(number, column, cell)
    book.close()
    return buffer.getvalue()


def _xls(sheets: list[Sheet]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    bold = xlwt.easyxf("font: bold on; align: horiz center")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for sheet in sheets:
        page = book.add_sheet(sheet.name)
        for number, line in enumerate(sheet.lines):
            if line.hidden:
                page.row(number).hidden = True
            if line.merged > 1:
                page.write_merge(number, number, 0, line.merged - 1, line.cells[0], bold)
                continue
            for column, cell in enumerate(line.cells):
                match cell:
                    case None | "":
                        pass
                    case Formula():
                        # xlwt keeps no value beside a formula, so the value alone is written.
                        page.write(number, column, cell.value)
                    case ErrorCell():
                        page.row(number).set_cell_error(column, 42)
                    case date():
                        page.write(number, column, cell, day)
                    case _:
                        page.write(number, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def compound_file(streams: dict[str, bytes]) -> bytes:
    """An OLE2 compound file with these streams, each padded to 4096 bytes so that no mini stream is needed."""
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    padded = {name: data.ljust(max(4096, -(-len(data) // 512) * 512), b"\0") for name, data in streams.items()}
    directory_sectors = -(-(len(padded) + 1) // 4)
    fat = [fat_mark] + [i + 2 for i in range(directory_sectors - 1)] + [end]
    entries = [("Root Entry", 5, end, 0)]
    for name, data in padded.items():
        start, count = len(fat), len(data) // 512
        fat += [start + i + 1 for i in range(count - 1)] + [end]
        entries.append((name, 2, start, len(data)))
    if len(fat) > 128:
        raise ValueError("One FAT sector holds 64 kB of streams, no more.")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<L", 0) + struct.pack("<L", free) * 108
    table = b"".join(struct.pack("<L", x) for x in fat + [free] * (128 - len(fat)))
    directory = b""
    for index in range(directory_sectors * 4):
        if index >= len(entries):
            directory += bytes(68) + struct.pack("<LLL", free, free, free) + bytes(48)
            continue
        name, kind, start, size = entries[index]
        encoded = name.encode("utf-16-le")
        # A chain of right siblings is a valid (if unbalanced) tree.
        right = index + 1 if 0 < index < len(entries) - 1 else free
        child = 1 if index == 0 and len(entries) > 1 else free
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBBLLL", len(encoded) + 2, kind, 1, free, right, child)
        directory += bytes(36) + struct.pack("<LLL", start, size, 0)
    return header + table + directory + b"".join(padded.values())


def encrypted_workbook() -> bytes:
    """A password-protected .xlsx as Excel stores it: a compound file with EncryptionInfo and EncryptedPackage."""
    info = struct.pack("<HHL", 4, 4, 0x40) + b'<?xml version="1.0"?><encryption/>'
    return compound_file({"EncryptedPackage": struct.pack("<Q", 4096) + bytes(range(256)) * 16, "EncryptionInfo": info})
