"""Cells merged downwards: the file keeps their text in the first row alone, and means every row of the range by it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ipcredit.intake.layout import Layout, Tally, is_data
from ipcredit.intake.readers import Lines, SheetText, split


@dataclass
class _Range:
    """A range in one column; rows count from 1, `at` is the position of the column."""

    first: int
    last: int
    at: int
    text: str = ""
    is_told: bool = False


def filled(batches: Iterable[Lines], sheet: SheetText, layout: Layout, tally: Tally) -> Iterator[Lines]:
    """The rows of the sheet, in which data rows have what is merged into them from above.

    Titles, header, totals and notes are left as they are, and so is a row that has nothing of its own: a record whose
    cells all span two rows is one record. Each range that was filled is listed in `tally`.
    """
    if not sheet.merged:
        yield from batches
        return
    with sheet.merged.open(encoding="ascii") as file:
        fill = _Filler((_range(line) for line in file), layout, tally, sheet.delimiter)
        first = 1
        for lines in batches:
            yield [fill.row(number, line) for number, line in enumerate(lines, first)]
            first += len(lines)


def _range(line: str) -> _Range:
    first, last, at = map(int, line.split(","))
    return _Range(first, last, at)


class _Filler:
    """Goes down a sheet row by row; knows the one range that reaches into the row in each column."""

    def __init__(self, ranges: Iterator[_Range], layout: Layout, tally: Tally, delimiter: str) -> None:
        self.ranges, self.layout, self.tally, self.delimiter = ranges, layout, tally, delimiter
        self.columns = {at: column.name for at, column, _ in layout.known}
        self.next = next(ranges, None)
        self.reaching: dict[int, _Range] = {}

    def row(self, number: int, line: str | list[str]) -> str | list[str]:
        """The row, filled where it has to be; else as it was given."""
        self.reaching = {at: found for at, found in self.reaching.items() if found.last >= number}
        begins = self.next is not None and self.next.first <= number
        if not self.reaching and not begins:
            return line
        (cells,) = split([line], self.delimiter)
        if number <= self.layout.row or not is_data(number, cells, self.layout, Tally()):
            self._begin(number, [])
            return line
        empty = [found for at, found in self.reaching.items() if at < len(cells) and not cells[at].strip()]
        for found in empty:
            cells[found.at] = found.text
            if not found.is_told:
                found.is_told = True
                self.tally.merge(found.first, found.last, self.columns[found.at])
        self._begin(number, cells)
        return cells if empty else line

    def _begin(self, number: int, cells: list[str]) -> None:
        """Take the ranges that begin in this row; one without text, or in a row that is no data, fills nothing."""
        while self.next and self.next.first <= number:
            found = self.next
            if found.at in self.columns and found.at < len(cells) and cells[found.at].strip():
                found.text = cells[found.at]
                self.reaching[found.at] = found
            self.next = next(self.ranges, None)
