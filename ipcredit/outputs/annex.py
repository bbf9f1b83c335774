"""The data annex of a summary: its tables and charts as a workbook, and every figure opened down to its rows.

Sheet 数据来源 names each figure with its value and the number of its rows, sheet SQL how it is asked for; sheets 明细
hold the rows themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from ipcredit.outputs.charts import Chart, write_chart
from ipcredit.outputs.figures import OWN, ROWS_SHOWN, Definition, Figure, Figures, all_figures, rows_behind
from ipcredit.outputs.pages import Release
from ipcredit.outputs.summary_text import Table
from ipcredit.settings import TIME_ZONE
from ipcredit.sheets import add_page, neutral, row_height, styles_of, workbook

_SOURCE_COLUMNS = {
    "指标": 26, "名称": 40, "数值": 12, "单位": 8, "行数": 9, "暂定": 7, "缺值原因": 16, "有应报未报的": 24, "明细": 16,
}  # fmt: skip
_PLACES = {OWN: "省级单位"}
_STYLE = "Table Style Light 15"
"""Grey: it prints as it looks."""
_CELL = 32000
"""Characters; a cell holds 32 767."""


class Annex(NamedTuple):
    """What the workbook shows."""

    title: str
    about: Sequence[str]
    """Sentences on where the data comes from."""
    figures: Figures
    given: dict[str, Any]
    """What the queries of the figures were asked with."""
    names: Mapping[str, str]
    """Cities and areas, by code."""
    division: str
    tables: Sequence[Table]
    charts: Sequence[Chart]
    told: Mapping[tuple[str, str], Figure]
    """The figures that stand in the tables and in the document."""


def write_annex(path: Path, connection: Connection, release: Release, annex: Annex) -> None:
    """Write the workbook, replaced at once; with the same release the same bytes.

    Args:
        connection: within the transaction in which the figures were read.
    """
    with workbook(path, annex.title, release.known_at.astimezone(TIME_ZONE), row_by_row=False) as book:
        pen = _Pen(book)
        _about_sheet(pen, annex)
        for number, table in enumerate(annex.tables, 1):
            _table_sheet(pen, number, table)
        if annex.charts:
            _chart_sheet(pen, annex)
        # The sheet of sources comes before its details and links to them: it is filled when their places are known.
        sources = add_page(book, "数据来源", tuple(_SOURCE_COLUMNS.values()), landscape=True)
        places = _detail_sheets(pen, connection, annex)
        _source_sheet(pen, sources, annex, places)
        _query_sheet(pen, annex)


class _Pen:
    """The workbook with its formats."""

    def __init__(self, book: Any) -> None:
        self.book, self.styles = book, styles_of(book)
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        self.text = book.add_format(base | {"text_wrap": True})
        self.plain = book.add_format(base)
        self.title = book.add_format(base | {"font_name": "黑体", "font_size": 12})
        self.head = book.add_format(base | {"font_name": "黑体", "text_wrap": True, "align": "center"})
        self.code = book.add_format(
            base | {"font_name": "Consolas", "font_size": 9, "text_wrap": True, "valign": "top"}
        )
        self.numbers = {
            shape: book.add_format(base | {"num_format": shape}) for shape in ("#,##0", "#,##0.0#", "yyyy-mm-dd")
        }

    def write(self, sheet: Any, at: int, column: int, value: Any, look: Any = None) -> None:
        """Numbers and days as such, all else as text that no program takes for a formula."""
        if isinstance(value, Figure):
            value = value.value
        if value is None:
            sheet.write_blank(at, column, None, look or self.text)
        elif isinstance(value, bool):
            sheet.write_string(at, column, "是" if value else "否", look or self.text)
        elif isinstance(value, (int, Decimal, float)):
            shape = "#,##0" if value == int(value) else "#,##0.0#"
            sheet.write_number(at, column, value, self.numbers[shape])
        elif isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(at, column, value, self.numbers["yyyy-mm-dd"])
        else:
            sheet.write_string(at, column, neutral(str(value)[:_CELL]), look or self.text)


def _about_sheet(pen: _Pen, annex: Annex) -> None:
    sheet = add_page(pen.book, "说明", (70,), landscape=False)
    sheet.set_row(0, 56)
    sheet.write_string(0, 0, annex.title, pen.styles["title"])
    for at, sentence in enumerate(annex.about, 1):
        sheet.set_row(at, 15 * (1 + len(sentence) * 2 // 66) + 6)
        sheet.write_string(at, 0, neutral(sentence), pen.styles["cell"])
    sheet.print_area(0, 0, len(annex.about), 0)


def _table_sheet(pen: _Pen, number: int, table: Table) -> None:
    widths = [max(9, round(110 * width / sum(table.widths))) for width in table.widths]
    sheet = add_page(pen.book, table.name, widths, landscape=True)
    sheet.write_string(0, 0, table.title, pen.title)
    sheet.set_row(1, row_height(table.heads, widths, 20))
    sheet.freeze_panes(2, 1)
    sheet.repeat_rows(0, 1)
    for at, row in enumerate(table.rows, 2):
        sheet.set_row(at, row_height([found if isinstance(found, str) else "" for found in row], widths, 16))
        for column, found in enumerate(row):
            pen.write(sheet, at, column, found)
    _native_table(pen, sheet, 1, len(table.rows), table.heads, f"表{number}_{table.name}")
    sheet.print_area(0, 0, 1 + len(table.rows), len(table.heads) - 1)


def _native_table(pen: _Pen, sheet: Any, at: int, rows: int, heads: Sequence[str], name: str) -> None:
    """A table Excel knows as one, with its filter; an empty one has one empty row."""
    columns = [{"header": neutral(head), "header_format": pen.head} for head in heads]
    sheet.add_table(at, 0, at + max(rows, 1), len(heads) - 1, {"name": name, "style": _STYLE, "columns": columns})


def _chart_sheet(pen: _Pen, annex: Annex) -> None:
    sheet = add_page(pen.book, "图表", (18, *(10 for _ in range(8))), landscape=False)
    at = 0
    for chart in annex.charts:
        at = write_chart(pen.book, sheet, chart, at)


def _detail_sheets(pen: _Pen, connection: Connection, annex: Annex) -> dict[str, str]:
    """The rows behind every figure, a sheet per topic; where each figure's begin."""
    places: dict[str, str] = {}
    sheets: dict[str, tuple[Any, int]] = {}
    for key, definition in annex.figures.definitions.items():
        if not definition.query:
            continue
        if definition.topic not in sheets:
            sheet = add_page(pen.book, f"明细_{definition.topic}", (16, *(18 for _ in range(13))), landscape=True)
            sheets[definition.topic] = (sheet, 0)
        sheet, at = sheets[definition.topic]
        division = None if annex.division == annex.figures.province or definition.each == "province" else annex.division
        heads, rows, count = rows_behind(connection, definition, annex.given, division)
        cut = f"，列出前{ROWS_SHOWN}行" if count > ROWS_SHOWN else ""
        sheet.write_string(at, 0, f"{key}　{definition.label}　共{count}行{cut}", pen.title)
        for column, head in enumerate(heads):
            sheet.write_string(at + 1, column, head, pen.styles["head"])
        for row_at, row in enumerate(rows, at + 2):
            for column, value in enumerate(row):
                pen.write(sheet, row_at, column, value, pen.plain)
        places[key] = f"'明细_{definition.topic}'!A{at + 1}"
        sheets[definition.topic] = (sheet, at + len(rows) + 3)
    return places


def _source_sheet(pen: _Pen, sheet: Any, annex: Annex, places: Mapping[str, str]) -> None:
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    found = _shown_figures(annex)
    for at, figure in enumerate(found, 1):
        definition = annex.figures.definition(figure.key)
        lacking = "、".join(annex.names.get(code, code) for code in figure.lacking)
        where = (
            ""
            if figure.division == annex.division
            else _PLACES.get(figure.division) or annex.names.get(figure.division, figure.division)
        )
        cells = (
            figure.key, f"{where}　{figure.label}".strip(), figure.value, figure.unit, figure.rows,
            "是" if figure.is_provisional else None, figure.missing, lacking or None,
        )  # fmt: skip
        sheet.set_row(at, row_height([figure.key, cells[1]], tuple(_SOURCE_COLUMNS.values()), 16))
        for column, value in enumerate(cells):
            pen.write(sheet, at, column, value)
        source = _opened(annex, definition)
        sheet.write_url(at, len(cells), f"internal:{places[source]}", pen.text, string=source)
    _native_table(pen, sheet, 0, len(found), tuple(_SOURCE_COLUMNS), "数据来源")
    sheet.print_area(0, 0, max(len(found), 1), len(_SOURCE_COLUMNS) - 1)


def _opened(annex: Annex, definition: Definition) -> str:
    """The figure whose rows show a figure: its own; of a rate those it is a share of."""
    while not definition.query:
        definition = annex.figures.definitions[definition.ratio[1]]
    return definition.key


def _shown_figures(annex: Annex) -> list[Figure]:
    """Every figure of the place, and whatever else stands in the document, such as those of the cities."""
    own = list(all_figures(annex.figures, annex.division))
    keys = {(figure.key, figure.division) for figure in own}
    return own + [figure for at, figure in sorted(annex.told.items()) if at not in keys]


def _query_sheet(pen: _Pen, annex: Annex) -> None:
    heads = {"指标": 24, "名称": 30, "由数据集": 20, "SQL": 110}
    sheet = add_page(pen.book, "SQL", tuple(heads.values()), landscape=True)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    for at, definition in enumerate(annex.figures.definitions.values(), 1):
        query = definition.query or f"{definition.ratio[0]} / {definition.ratio[1]}"
        sheet.set_row(at, min(400, 13 * (1 + query.count("\n"))))
        for column, value in enumerate((definition.key, definition.label, "、".join(definition.datasets) or None)):
            pen.write(sheet, at, column, value)
        pen.write(sheet, at, 3, query, pen.code)
    _native_table(pen, sheet, 0, len(annex.figures.definitions), tuple(heads), "查询")
