"""The workbooks that people in the bureaus are handed: one look, text cells only, never seen half written."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

_COLOURS = {"good": "#E2F0D9", "look": "#FFF2CC", "bad": "#F8CBAD"}


@contextmanager
def workbook(
    path: Path, title: str, created: datetime, *, subject: str = "", row_by_row: bool = True
) -> Iterator[xlsxwriter.Workbook]:
    """A workbook that stands at `path` once the block has ended well; with the same content, the same bytes.

    Written beside and renamed: a reader of the folder never finds half a file.

    Args:
        created: shown in the file's properties, as `subject` is; stored data, never the clock.
        row_by_row: keep one row in memory only, for what may be long; it is slower, with a temporary file for each
            part. Cells merged over several rows need the whole.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        # Everything is written as text: nothing a bureau typed can become a formula or a link.
        with xlsxwriter.Workbook(
            str(temporary),
            {
                "constant_memory": row_by_row,
                "in_memory": not row_by_row,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        ) as book:
            book.set_properties({"title": title, "subject": subject, "created": created.replace(tzinfo=None)})
            yield book
        temporary.chmod(0o644)  # the unit's own account reads it
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def neutral(text: str) -> str:
    """Text that stays text even when somebody copies it into another sheet."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r") else text


def as_typed(text: str, style: str) -> str:
    """The style in which a text cell shows text as it was typed: no text cell is ever run as a formula, and Excel's
    own mark keeps it text when it is edited or copied in a workbook. In a CSV nothing can, see `neutral`."""
    return "quoted" if style == "cell" and neutral(text) != text else style


def styles_of(book: xlsxwriter.Workbook) -> dict[str, Any]:
    """Formats by name; `good`, `look` and `bad` also as `…_cell`, for one cell of a list."""
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
    line = {"border": 1, "border_color": "#BFBFBF"}
    verdict = base | line | {"font_name": "黑体", "font_size": 13, "align": "center"}
    mark = base | line | {"align": "center"}
    return {
        "title": book.add_format(base | {"font_name": "黑体", "font_size": 18, "align": "center"}),
        "head": book.add_format(base | line | {"font_name": "黑体", "bg_color": "#D9E2F3", "align": "center"}),
        "label": book.add_format(base | line | {"bg_color": "#F2F2F2"}),
        "cell": book.add_format(base | line),
        "quoted": book.add_format(base | line | {"quote_prefix": True}),
        "number": book.add_format(base | line | {"align": "center"}),
        "section": book.add_format(base | {"font_name": "黑体", "font_size": 12, "valign": "bottom"}),
        "small": book.add_format(base | {"font_size": 9, "font_color": "#7F7F7F"}),
        **{name: book.add_format(verdict | {"bg_color": colour}) for name, colour in _COLOURS.items()},
        **{f"{name}_cell": book.add_format(mark | {"bg_color": colour}) for name, colour in _COLOURS.items()},
    }


def add_page(book: xlsxwriter.Workbook, name: str, widths: Sequence[int], *, landscape: bool) -> Any:
    """A sheet that prints on A4, one page wide, each page numbered."""
    sheet = book.add_worksheet(name)
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    return sheet


def row_height(texts: Sequence[str], widths: Sequence[int], least: float) -> float:
    """Points that a row of wrapped texts needs; a Chinese character is two columns wide."""
    lines = max(
        -(-sum(1 + (ord(c) > 0x2E7F) for c in text) // (width - 1)) for text, width in zip(texts, widths, strict=False)
    )
    return max(least, 6 + 15 * lines)


def write_heads(sheet: Any, at: int, styles: dict[str, Any], *texts: str) -> None:
    """A row of column heads."""
    for number, text in enumerate(texts):
        sheet.write_string(at, number, text, styles["head"])


class Form:
    """A page filled line by line: a label, then what belongs to it. The last cell of a line spans what is left."""

    def __init__(self, book: xlsxwriter.Workbook, styles: dict[str, Any], name: str, widths: Sequence[int]) -> None:
        self.sheet = add_page(book, name, widths, landscape=False)
        self.styles, self.widths, self.at = styles, widths, 0

    def line(self, least: float, style: str, *cells: str) -> None:
        """One row, as high as its texts need."""
        first, last = len(cells) - 1, len(self.widths) - 1
        widths = (*self.widths[:first], sum(self.widths[first:]))
        self.sheet.set_row(self.at, row_height(cells, widths, least))
        for number, cell in enumerate(cells[:-1]):
            self.sheet.write_string(self.at, number, cell, self.styles["label" if number == 0 else style])
        style = as_typed(cells[-1], style)
        if first < last:
            self.sheet.merge_range(self.at, first, self.at, last, "", self.styles[style])
        self.sheet.write_string(self.at, first, cells[-1], self.styles[style])
        self.at += 1

    def heads(self, *texts: str) -> None:
        """A row of column heads within the page."""
        write_heads(self.sheet, self.at, self.styles, *texts)
        self.at += 1

    def row(self, *cells: tuple[str, str]) -> None:
        """One row of a list within the page: text and style of each cell."""
        self.sheet.set_row(self.at, row_height([text for text, _ in cells], self.widths, 20))
        for number, (text, style) in enumerate(cells):
            self.sheet.write_string(self.at, number, text, self.styles[style])
        self.at += 1


def write_list(book: xlsxwriter.Workbook, styles: dict[str, Any], name: str, columns: dict[str, int],
               rows: Iterable[Sequence[str]], *, centred: Sequence[str] = (), empty: str) -> int:  # fmt: skip
    """A sheet that is one list, with its heads on every page and a filter.

    Args:
        columns: head and width of each column.
        centred: heads of the columns whose cells are short.
        empty: what stands there when there is no row.

    Returns:
        How many rows were written.
    """
    widths = tuple(columns.values())
    sheet = add_page(book, name, widths, landscape=True)
    write_heads(sheet, 0, styles, *columns)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    at = 0
    for at, texts in enumerate(rows, 1):
        sheet.set_row(at, row_height(texts, widths, 18))
        for number, (head, text) in enumerate(zip(columns, texts, strict=True)):
            sheet.write_string(at, number, text, styles["number" if head in centred else "cell"])
    if at:
        sheet.autofilter(0, 0, at, len(columns) - 1)
    else:
        sheet.merge_range(1, 0, 1, len(columns) - 1, "", styles["cell"])
        sheet.write_string(1, 0, empty, styles["cell"])
    return at
