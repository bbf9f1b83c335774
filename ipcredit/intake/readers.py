"""Gives what the cells of a dropped file hold, as text: every sheet becomes a stream of rows, workbook or CSV."""

import codecs
import csv
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ipcredit.intake.rules import FileRefused

EXTENSIONS = (".xlsx", ".xls", ".csv")
HEAD_BYTES = 1 << 18
BATCH_ROWS = 4000
DELIMITERS = ",\t;"
BINARY_HEADS = (
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF", b"%PDF", b"\x89PNG", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b",
)  # fmt: skip
"""How files begin that are never text, whatever they are called."""

# Of the disk, not of the file: it is read again when there is room.
_DISK_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
# Sent by a machine short of memory, by one that shuts down, or by hand. The reader's own limits end it by others.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Lines = Sequence[str | list[str]]
"""Consecutive physical rows: one without quotation marks as its line, any other as its cells."""

# The longest text an Excel cell can hold is 32 767 characters; a field beyond this is a quote that never closed.
csv.field_size_limit(1 << 17)


@dataclass(frozen=True)
class SheetText:
    """One sheet as delimited text. `name` is empty for a CSV.

    `merged` holds a line `first row,last row,position` for each cell that is merged downwards, in the order of rows.
    """

    name: str
    path: Path
    encoding: str
    delimiter: str = ","
    merged: Path | None = None


def open_sheets(path: Path, file_name: str, spool: Path, rules: dict[str, float]) -> list[SheetText]:
    """The sheets of an archived file, in its order.

    Args:
        path: the archived bytes.
        file_name: name it was dropped under; its extension says what it claims to be.
        spool: an empty private folder in which a workbook's sheets are written as text.
        rules: limits in force, see `rules_on`.

    Raises:
        FileRefused: the file cannot be read; the code says why.
        OSError: the disk is full, or somebody else has ended the reader.
    """
    extension = Path(file_name).suffix.lower()
    if extension not in EXTENSIONS:
        raise FileRefused("unsupported_type", f"扩展名 {extension or '（无）'}")
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("empty_file")
    if extension == ".csv":
        return [_open_csv(path)]
    if size > rules["max_workbook_bytes"]:
        raise FileRefused("too_large", f"工作簿 {size / 2**20:,.0f} MB")
    return _open_workbook(path, spool, rules)


def _open_workbook(path: Path, spool: Path, rules: dict[str, float]) -> list[SheetText]:
    """Let the bounded process `workbook.py` unpack the file into `spool`."""
    limits = {
        "memory": rules["reader_memory_bytes"],
        "cpu": rules["reader_cpu_seconds"],
        "unpacked": rules["max_unpacked_bytes"],
        "ratio": rules["max_unpack_ratio"],
    }
    program = Path(__file__).with_name("workbook.py")
    try:
        finished = subprocess.run(
            [sys.executable, "-I", str(program), str(path), str(spool), json.dumps(limits)],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=rules["reader_wall_seconds"],
            env={}, cwd=spool,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise FileRefused("too_large", "读取时间超过上限") from error
    if -finished.returncode in _FROM_OUTSIDE:
        raise OSError(errno.ENOMEM, "the reader was ended from outside, perhaps for want of memory")
    if finished.returncode < 0:
        raise FileRefused("too_large", "读取所需的内存或时间超过上限")
    if finished.returncode:
        # A failure of the reader itself: its message may quote cells, so only its last line's type is passed on.
        last = finished.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        for number in _DISK_FAILURES:
            if last.startswith(f"OSError: [Errno {number}]"):
                raise OSError(number, os.strerror(number))
        kind = last.partition(":")[0]
        raise FileRefused("too_large" if kind == "MemoryError" else "unreadable", f"读取程序报错（{kind[:60]}）")
    told = json.loads(finished.stdout)
    if "refusal" in told:
        raise FileRefused(told["refusal"], told["detail"])
    return [
        SheetText(s["name"], spool / s["file"], "utf-8", merged=spool / s["merged"] if s["merged"] else None)
        for s in told["sheets"]
    ]


def _open_csv(path: Path) -> SheetText:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        whole = len(head) < HEAD_BYTES
    if head.startswith(BINARY_HEADS):
        raise FileRefused("not_a_workbook", "扩展名是 .csv，内容不是文本")
    encoding = _encoding_of(head, whole)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError as error:  # its mark promised an encoding
        raise FileRefused(*_decoding_failure(error, head[: error.start].count(b"\n"))) from error
    if "\0" in text:
        raise FileRefused("bad_encoding", "含有空字符（NUL）")
    delimiter = max(DELIMITERS, key=text[:20_000].count)
    if encoding != "utf-16" and _cut_in_last_row(path, delimiter.encode()):
        raise FileRefused("truncated_file", "最后一行不完整")
    return SheetText("", path, encoding, delimiter)


def _cut_in_last_row(path: Path, delimiter: bytes) -> bool:
    """The last line has no line end, several fields, and fewer of them than the line before: the rest never arrived."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - HEAD_BYTES))
        lines = file.read().splitlines(keepends=True)[-2:]
    if len(lines) < 2 or lines[1].endswith((b"\n", b"\r")) or b'"' in b"".join(lines):
        return False
    return 0 < lines[1].count(delimiter) < lines[0].count(delimiter)


def _encoding_of(head: bytes, whole: bool) -> str:
    """The encoding by its mark, else the first of UTF-8 and GB18030 that the head is valid in.

    The head holds the Chinese header, so it decides for the file; where the rest disagrees the file is refused.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            # A character may be cut by the end of the head, but not by the end of the file.
            codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
        except UnicodeDecodeError as error:
            if whole and encoding == "utf-8" and _cut_at_end(error, head):
                raise FileRefused("truncated_file", "最后一个字不完整") from error
        else:
            return encoding
    raise FileRefused("bad_encoding", "既不是 UTF-8 也不是 GB18030")


def _cut_at_end(error: UnicodeDecodeError, head: bytes) -> bool:
    """The only fault is an unfinished last character, after Chinese that was valid UTF-8."""
    return error.reason == "unexpected end of data" and not head[: error.start].isascii()


def rows(sheet: SheetText) -> Iterator[list[str]]:
    """Every physical row of the sheet, see `row_batches`."""
    return chain.from_iterable(row_batches(sheet))


def row_batches(sheet: SheetText) -> Iterator[list[list[str]]]:
    """Every physical row of the sheet, see `line_batches`; an empty row is an empty list or has empty texts."""
    return (split(lines, sheet.delimiter) for lines in line_batches(sheet))


def split(lines: Lines, delimiter: str) -> list[list[str]]:
    """The cells of each row."""
    return [line.rstrip("\r\n").split(delimiter) if isinstance(line, str) else line for line in lines]


def text_of(lines: Lines) -> str:
    """The text of the rows; it holds a quotation mark if and only if some row had one."""
    return "".join([line if isinstance(line, str) else '"' + "\n".join(line) + '"\n' for line in lines])


def line_batches(sheet: SheetText) -> Iterator[Lines]:
    """Every physical row of the sheet, `BATCH_ROWS` at a time, those without quotation marks not yet split.

    Raises:
        FileRefused: `bad_encoding`, `truncated_file` or `broken_quotes`, while reading.
    """
    done = 0
    batch: list[str | list[str]] = []
    try:
        with sheet.path.open(encoding=sheet.encoding, newline="") as file:
            lines = iter(file)
            while True:
                batch = []
                for line in islice(lines, BATCH_ROWS):
                    # The reader takes as many lines as a quoted row has.
                    if '"' in line:
                        batch.append(next(csv.reader(chain((line,), lines), delimiter=sheet.delimiter, strict=True)))
                    else:
                        batch.append(line)
                if not batch:
                    return
                yield batch
                done += len(batch)
    except UnicodeDecodeError as error:
        raise FileRefused(*_decoding_failure(error, done + len(batch))) from error
    except csv.Error as error:
        raise FileRefused(*_csv_failure(error, done + len(batch) + 1)) from error


def _decoding_failure(error: UnicodeDecodeError, number: int) -> tuple[str, str]:
    """Refusal code and detail of text that stops being text after row `number`."""
    if error.reason in ("unexpected end of data", "incomplete multibyte sequence", "truncated data"):
        return "truncated_file", f"第 {number} 行之后的字不完整"
    return "bad_encoding", f"第 {number} 行之后有不属于该编码的字节"


def _csv_failure(error: csv.Error, number: int) -> tuple[str, str]:
    """Refusal code and detail of a CSV whose quotes do not pair after row `number`."""
    code = "truncated_file" if "unexpected end of data" in str(error) else "broken_quotes"
    return code, f"第 {number} 行起引号不成对"
