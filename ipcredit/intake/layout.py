"""Where things stand on a sheet: what is written above the header, the header itself, and which rows below are data."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ipcredit.contracts import Column, Contract, normalise_header
from ipcredit.intake.personal import mask, may_tell_of_people
from ipcredit.intake.rules import FileRefused

LABELS = ("报送单位", "数据集", "报送期间", "报送方式", "本期无数据", "操作")
SERIAL = "序号"
MOST_NOTES = 500

_TOTAL = re.compile(r"(合计|总计|小计|共计|累计|本页合计)[:：]?")
_NOTE = re.compile(
    r"(注|备注|说明|填表说明|填报说明|注意事项)\s*\d*\s*[:：、.]|"
    r"(填表人|填报人|制表人?|审核人?|复核人?|负责人|单位负责人|分管领导|联系人|联系电话|经办人|签发人?|打印日期|制表日期|填表日期|"
    r"填报日期|报送日期|报送单位|填报单位|单位[（(]?盖章[）)]?|以上数据|共\s*\d+\s*[条行家件页])"
)
_EXAMPLE = re.compile(r"(示例|例)([:：行（(].*|\d+)?")
# First characters of every row that may be something else than data; a blank first cell or white space may be, too.
_SUSPECT = "合总小共累本注备说填制审复负单分联经签打报以示例 \t\u3000\xa0\r\n"


def told_above(rows: Iterable[list[str]]) -> dict[str, str]:
    """Submission metadata: label cell then value cell, or `标签：值` in one cell. The first of each label counts."""
    told: dict[str, str] = {}
    for row in rows:
        cells = [c.strip() for c in row]
        for at, cell in enumerate(cells):
            label, colon, value = unicodedata.normalize("NFKC", cell).partition(":")
            label = normalise_header(label)
            if label not in LABELS or label in told:
                continue
            following = next((c for c in cells[at + 1 :] if c), "")
            if not (value := value.strip() if colon else "") and normalise_header(following) not in LABELS:
                value = following
            if value:
                told[label] = value
    return told


@dataclass(frozen=True)
class Layout:
    """A sheet's header: `row` is the number of its last row, positions count from 0."""

    row: int
    width: int
    known: tuple[tuple[int, Column, str | None], ...]
    unknown: tuple[tuple[int, str], ...]
    first: str
    headers: dict[str, str]
    """Column name to the header the bureau used."""

    @property
    def anchor(self) -> int:
        """Position of a cell that every proper row fills."""
        return next((at for at, column, _ in self.known if column.required), self.known[0][0])

    @property
    def suspect(self) -> str:
        """First characters of the rows that may be something else than data."""
        return _SUSPECT + self.first[:1]


def find_layout(rows: list[list[str]], contract: Contract) -> Layout:
    """Find the header among the first rows by the contract's headers and aliases.

    Of two header rows under one another (merged groups above, columns below) the lower one is taken, completed by the
    upper one where a header spans both.

    Raises:
        FileRefused: `no_header`, `missing_column` or `duplicate_column`.
    """
    matched = [[contract.match_header(cell) if cell.strip() else None for cell in row] for row in rows]
    counts = [len({m[0].name for m in row if m}) for row in matched]
    best = max(range(len(rows)), key=lambda i: counts[i], default=-1)
    if best < 0 or counts[best] < min(2, len(contract.columns)):
        raise FileRefused("no_header", f"前 {len(rows)} 行中没有与「{contract.title}」相符的列名")
    cells, found, last = _with_neighbour(rows, matched, best)
    names = [m[0].name for m in found if m]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise FileRefused("duplicate_column", "、".join(contract.column(n).header for n in twice))
    if missing := [c.header for c in contract.columns if c.required and c.name not in names]:
        raise FileRefused("missing_column", "缺少：" + "、".join(missing))
    return Layout(
        row=last + 1,
        width=len(cells),
        known=tuple((at, m[0], m[1]) for at, m in enumerate(found) if m),
        unknown=tuple(
            (at, cell.strip() or f"第{at + 1}列")
            for at, (cell, m) in enumerate(zip(cells, found, strict=True))
            if not m and normalise_header(cell) != SERIAL
        ),
        first=cells[0].strip(),
        headers={m[0].name: cell.strip() for cell, m in zip(cells, found, strict=True) if m},
    )


def _with_neighbour(
    rows: list[list[str]], matched: list[list[tuple[Column, str | None] | None]], best: int
) -> tuple[list[str], list[tuple[Column, str | None] | None], int]:
    """Cells and matches of the header row, its gaps filled from the row above or below, and the header's last row."""
    cells, found, last = list(rows[best]), list(matched[best]), best
    for other in (best - 1, best + 1):
        if not 0 <= other < len(rows):
            continue
        # Below a header that spans two rows there is nothing, or a header; a row with anything else there is data.
        if other > best and any(
            cell.strip() and not matched[other][at] and at < len(found) and found[at]
            for at, cell in enumerate(rows[other])
        ):
            continue
        taken = {m[0].name for m in found if m}
        for at, match in enumerate(matched[other]):
            if match and match[0].name not in taken and (at >= len(found) or not found[at]):
                cells += [""] * (at + 1 - len(cells))
                found += [None] * (at + 1 - len(found))
                cells[at], found[at] = rows[other][at], match
                last = max(last, other)
    return cells, found, last


@dataclass
class Tally:
    """What became of the rows below the header."""

    received: int = 0
    empty: int = 0
    examples: list[int] = field(default_factory=list)
    set_aside: list[tuple[int, str]] = field(default_factory=list)
    set_aside_count: int = 0
    masked: list[tuple[int, str]] = field(default_factory=list)
    """Row and column in which a number of a natural person was made unreadable."""
    masked_count: int = 0
    unknown_masked_count: int = 0
    """Cells of unknown columns of which personal data was left out."""
    about_people_count: int = 0
    """Rows beside the data, above the header or set aside, that may tell of people."""
    left_empty: bool = False
    """A withdrawal whose sheet was looked at and held no row of data."""
    merged: list[tuple[int, int, str]] = field(default_factory=list)
    """First and last row and column of the merged cells whose text was filled into rows."""
    merged_count: int = 0

    def merge(self, first: int, last: int, column: str) -> None:
        """List a merged cell whose text was filled into its rows."""
        self.merged_count += 1
        if len(self.merged) < MOST_NOTES:
            self.merged.append((first, last, column))

    def mask(self, number: int, column: str) -> None:
        """List a cell in which something was made unreadable."""
        self.masked_count += 1
        if len(self.masked) < MOST_NOTES:
            self.masked.append((number, column))

    def aside(self, number: int, cells: list[str]) -> None:
        """List a row that is not data; its text without personal data."""
        self.set_aside_count += 1
        self.about_people_count += may_tell_of_people(cells)
        if len(self.set_aside) < MOST_NOTES:
            self.set_aside.append((number, mask("  ".join(c.strip() for c in cells if c.strip()))[:200]))


@dataclass
class Batch:
    """Data rows: number on the sheet, cells padded to the header's width, and cells beyond it by row number."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    beyond: dict[int, dict[str, str]] = field(default_factory=dict)


def data_batches(batches: Iterable[list[list[str]]], layout: Layout, tally: Tally) -> Iterator[Batch]:
    """The data rows below the header in batches; everything else is counted or listed in `tally`."""
    first = 1
    for rows in batches:
        count = len(rows)
        batch = data_batch(first, rows, layout, tally)
        if batch.rows:
            yield batch
        first += count


def data_batch(first: int, rows: list[list[str]], layout: Layout, tally: Tally) -> Batch:
    """The data rows among `rows`, of which the first stands in row `first` of the sheet; see `data_batches`."""
    suspect, width, anchor = layout.suspect, layout.width, layout.anchor
    tally.about_people_count += sum(map(may_tell_of_people, rows[: max(0, layout.row - first)]))
    rows = rows[max(0, layout.row + 1 - first) :]
    first = max(first, layout.row + 1)
    batch = Batch(list(range(first, first + len(rows))), rows)
    # One glance settles almost every row of a large file; the odd ones are looked at closely.
    odd = [at for at, row in enumerate(rows) if len(row) != width or row[0][:1] in suspect or not row[anchor]]
    dropped = [at for at in odd if not is_data(first + at, rows[at], layout, tally)]
    for at in set(odd).difference(dropped):
        row = rows[at]
        if extra := {f"第{n + 1}列": cell for n, cell in enumerate(row[width:], width) if cell.strip()}:
            batch.beyond[first + at] = extra
        rows[at] = row[:width] + [""] * (width - len(row))
    for at in reversed(dropped):
        del batch.numbers[at], batch.rows[at]
    tally.received += len(batch.rows)
    return batch


def is_data(number: int, row: list[str], layout: Layout, tally: Tally) -> bool:
    """Whether this row is data; if not, say so in `tally`."""
    filled = [cell.strip() for cell in row if cell.strip()]
    used = {at for at, _, _ in layout.known} | {at for at, _ in layout.unknown}
    if not any(cell.strip() for at, cell in enumerate(row) if at in used or at >= layout.width):
        # Nothing, or a serial number that was filled in beforehand; words in that column are a note.
        if filled and not filled[0].isdecimal():
            return _not_example(number, row, filled, tally)
        tally.empty += 1
        return False
    if _EXAMPLE.fullmatch(filled[0]):
        tally.examples.append(number)
        return False
    at_most = max(2, layout.width // 2)
    repeated = sum(normalise_header(row[at]) == normalise_header(layout.headers[c.name]) for at, c, _ in layout.known
                   if at < len(row)) >= 2  # fmt: skip
    if (
        repeated
        or _TOTAL.fullmatch(filled[0])
        or (len(filled) <= at_most and _NOTE.match(filled[0]) and (_labels(filled[0]) or not _has_key(row, layout)))
    ):
        tally.aside(number, row)
        return False
    return True


def _not_example(number: int, row: list[str], filled: list[str], tally: Tally) -> bool:
    if _EXAMPLE.fullmatch(filled[0]):
        tally.examples.append(number)
    else:
        tally.aside(number, row)
    return False


def _labels(cell: str) -> bool:
    """The cell is a label with its colon, such as 填表人：, which no name of a subject is."""
    return ":" in unicodedata.normalize("NFKC", cell)[:12]


def _has_key(row: list[str], layout: Layout) -> bool:
    """A code of a subject, an object or a decision stands in the row, so it is no note."""
    keyed = ("uscc", "org_code", "registration_no", "patent_application_no", "patent_no", "trademark_no", "document_no")
    return any(at < len(row) and row[at].strip() and c.type in keyed and at != 0 for at, c, _ in layout.known)
