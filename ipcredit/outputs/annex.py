"""The data annex of a summary: its tables and charts as a workbook, and every figure opened down to its rows.

Sheet 数据来源 names each figure with its value and the number of its rows, sheet SQL how it is asked for; sheets 明细
hold the rows themselves. Figures go by number, columns and codes by the words of `labels`: the annex is read by people
who know neither our keys nor our tables.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from ipcredit.outputs.charts import Chart, write_chart
from ipcredit.outputs.figures import OWN, ROWS_SHOWN, Definition, Figure, Figures, all_figures, rows_behind
from ipcredit.outputs.labels import UNTOLD, Labels
from ipcredit.outputs.pages import Release
from ipcredit.outputs.summary_text import Table
from ipcredit.settings import TIME_ZONE
from ipcredit.sheets import add_page, neutral, row_height, styles_of, workbook

_SOURCE_COLUMNS = {
    "编号": 7, "名称": 52, "数值": 12, "单位": 8, "行数": 9, "暂定": 7, "缺值原因": 16, "有应报未报的": 24, "明细": 16,
}  # fmt: skip
_PLACES = {OWN: "省级单位"}
_TOPICS = {
    "assessment": "检查考核", "catalogue": "信息归集", "commitments": "信用承诺", "grades": "信用等级", "lists": "名单",
    "measures": "奖惩措施", "pilot": "试点任务", "quality": "数据质量", "repair": "修复和异议", "sample": "管理样本",
    "supervision": "监督检查", "month": "调度",
}  # fmt: skip
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
        labels = Labels(connection)
        numbers = {key: number for number, key in enumerate(annex.figures.definitions, 1)}
        places = _detail_sheets(pen, connection, annex, labels, numbers)
        _source_sheet(pen, sources, annex, places, labels, numbers)
        _query_sheet(pen, annex, labels, numbers)


class _Pen:
    """The workbook with its formats."""

    def __init__(self, book: Any) -> None:
        self.book, self.styles = book, styles_of(book)
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        line = base | {"border": 1, "border_color": "#BFBFBF"}
        self.text = book.add_format(line | {"text_wrap": True})
        self.row = book.add_format(line)
        self.title = book.add_format(base | {"font_name": "黑体", "font_size": 12})
        self.head = book.add_format(line | {"font_name": "黑体", "text_wrap": True, "align": "center"})
        self.code = book.add_format(
            line | {"font_name": "Consolas", "font_size": 9, "text_wrap": True, "valign": "top"}
        )
        self.numbers = {
            shape: book.add_format(line | {"num_format": shape}) for shape in ("#,##0", "#,##0.0#", "yyyy-mm-dd")
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
    # A unit begins a line of its own: no line ends within its brackets.
    heads = [head.replace("（", "\n（") for head in table.heads]
    sheet = add_page(pen.book, table.name, widths, landscape=True)
    sheet.write_string(0, 0, table.title, pen.title)
    lines = (
        sum(-(-2 * len(part) // (width - 1)) for part in head.split("\n"))
        for head, width in zip(heads, widths, strict=True)
    )
    sheet.set_row(1, 6 + 15 * max(lines))
    sheet.freeze_panes(2, 1)
    sheet.repeat_rows(0, 1)
    for at, row in enumerate(table.rows, 2):
        sheet.set_row(at, row_height([found if isinstance(found, str) else "" for found in row], widths, 16))
        for column, found in enumerate(row):
            pen.write(sheet, at, column, found)
    _native_table(pen, sheet, 1, len(table.rows), heads, f"表{number}_{table.name}")
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


def _detail_sheets(pen: _Pen, connection: Connection, annex: Annex, labels: Labels,
                   numbers: Mapping[str, int]) -> dict[str, str]:  # fmt: skip
    """The rows behind every figure, a sheet per topic; where each figure's begin."""
    places: dict[str, str] = {}
    sheets: dict[str, tuple[Any, int]] = {}
    for key, definition in annex.figures.definitions.items():
        if not definition.query:
            continue
        name = f"明细_{_TOPICS[definition.topic]}"
        if name not in sheets:
            sheets[name] = (add_page(pen.book, name, (16, *(18 for _ in range(13))), landscape=True), 0)
            _keep_from_print(sheets[name][0])
        sheet, at = sheets[name]
        division = None if annex.division == annex.figures.province or definition.each == "province" else annex.division
        columns, rows, count = rows_behind(connection, definition, annex.given, division)
        cut = f"，列出前{ROWS_SHOWN}行" if count > ROWS_SHOWN else ""
        sheet.write_string(at, 0, f"{numbers[key]}　{definition.label}　共{count}行{cut}", pen.title)
        shown = [place for place, column in enumerate(columns) if column.name not in UNTOLD]
        for cell, place in enumerate(shown):
            sheet.write_string(at + 1, cell, labels.head(columns[place]), pen.styles["head"])
        parts = annex.figures.parts(key)
        own = next((place for place, column in enumerate(columns) if column.name == "dataset"), None)
        for row_at, row in enumerate(rows, at + 2):
            datasets = definition.datasets if own is None else (row[own],)
            for cell, place in enumerate(shown):
                column, value = columns[place], row[place]
                told = parts.get(value, value) if column.name == "part" else value
                pen.write(sheet, row_at, cell, labels.value(column, told, datasets), pen.row)
        places[key] = f"'{name}'!A{at + 1}"
        sheets[name] = (sheet, at + len(rows) + 3)
    return places


def _keep_from_print(sheet: Any) -> None:
    """Only the first row is printed, with a line that says so: the rows are fifty pages that nobody reads on paper."""
    sheet.print_area(0, 0, 0, 5)
    sheet.set_header("&C本表供在电脑上查阅，打印区域只含首行；需要打印的请先取消打印区域")


def _source_sheet(pen: _Pen, sheet: Any, annex: Annex, places: Mapping[str, str], labels: Labels,
                  numbers: Mapping[str, int]) -> None:  # fmt: skip
    sheet.freeze_panes(1, 2)
    found = _shown_figures(annex)
    for at, figure in enumerate(found, 1):
        definition = annex.figures.definition(figure.key)
        lacking = "、".join(annex.names.get(code, code) for code in figure.lacking)
        where = _where(annex, labels, figure.division)
        cells = (
            numbers[definition.key], f"{where}　{figure.label}".strip(), figure.value, figure.unit, figure.rows,
            "是" if figure.is_provisional else None, figure.missing, lacking or None,
        )  # fmt: skip
        sheet.set_row(at, row_height(["", cells[1]], tuple(_SOURCE_COLUMNS.values()), 16))
        for column, value in enumerate(cells):
            pen.write(sheet, at, column, value)
        source = _opened(annex, definition)
        sheet.write_url(at, len(cells), f"internal:{places[source]}", pen.text, string=f"编号{numbers[source]}的记录")
    _native_table(pen, sheet, 0, len(found), tuple(_SOURCE_COLUMNS), "数据来源")
    _keep_from_print(sheet)


def _where(annex: Annex, labels: Labels, division: str) -> str:
    """Whose figure it is, if it is not the place's own, and whether of the year before."""
    before, _, code = division.rpartition(" ")
    return before + ("" if code == annex.division else _PLACES.get(code) or labels.places.get(code, code))


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


def _query_sheet(pen: _Pen, annex: Annex, labels: Labels, numbers: Mapping[str, int]) -> None:
    heads = {"编号": 7, "名称": 36, "由数据集": 24, "SQL": 110}
    sheet = add_page(pen.book, "SQL", tuple(heads.values()), landscape=True)
    sheet.freeze_panes(1, 1)
    _keep_from_print(sheet)
    for at, definition in enumerate(annex.figures.definitions.values(), 1):
        # The key is how the program's files name the figure: here, where it helps whoever looks it up there.
        query = definition.query or f"编号{numbers[definition.ratio[0]]} ÷ 编号{numbers[definition.ratio[1]]}"
        query += f"\n-- {definition.key}"
        sheet.set_row(at, min(400, 13 * (1 + query.count("\n"))))
        datasets = "、".join(labels.datasets.get(dataset, dataset) for dataset in definition.datasets)
        for column, value in enumerate((numbers[definition.key], definition.label, datasets or None)):
            pen.write(sheet, at, column, value)
        pen.write(sheet, at, 3, query, pen.code)
    _native_table(pen, sheet, 0, len(annex.figures.definitions), tuple(heads), "查询")
