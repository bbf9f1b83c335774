"""Charts that Word and Excel draw themselves: one description, placed in a document or in a workbook.

XlsxWriter writes the chart with the values it shows; nothing is a picture, so every reader's own fonts are used. Fills
are grey steps and patterns with borders: a chart is read the same from a black-and-white print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal
from zipfile import ZipFile

import xlsxwriter
from lxml import etree

from ipcredit.sheets import neutral

SHEET = "数据"
_FONT: dict[str, Any] = {"name": "宋体", "size": 9, "color": "black"}
_FILLS: tuple[dict[str, Any], ...] = (
    {"fill": {"color": "#595959"}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#404040", "bg_color": "white"}},
    {"fill": {"color": "#BFBFBF"}},
    {"pattern": {"pattern": "small_check", "fg_color": "#595959", "bg_color": "white"}},
    {"fill": {"color": "white"}},
    {"pattern": {"pattern": "wide_downward_diagonal", "fg_color": "#808080", "bg_color": "white"}},
    {"pattern": {"pattern": "dotted_grid", "fg_color": "#404040", "bg_color": "white"}},
)
_LINES = (("solid", "circle", "black"), ("dash", "square", "white"), ("round_dot", "triangle", "black"),
          ("dash_dot", "diamond", "white"), ("long_dash", "x", "black"))  # fmt: skip
_TYPES: dict[str, dict[str, str]] = {
    "bar": {"type": "bar"},
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
}
_WHOLE = 10
"""From here on the marks of an axis are whole numbers."""
_TICKS = {"major_tick_mark": "outside", "minor_tick_mark": "none"}
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Chart:
    """What a chart shows. `bar` lies, `column` and `stacked` stand, `line` runs through the categories.

    Attributes:
        series: name → one value per category, in their order; None leaves a gap, it is not zero.
        unit: of all values, shown at the axis.

    Raises:
        ValueError: nothing to show, or a series that does not fit the categories.
    """

    kind: Literal["bar", "column", "stacked", "line"]
    title: str
    categories: Sequence[str]
    series: Mapping[str, Sequence[Decimal | int | None]]
    unit: str

    def __post_init__(self) -> None:
        if not self.categories or not self.series:
            raise ValueError(f"chart {self.title!r} has no categories or no series")
        if wrong := [name for name, values in self.series.items() if len(values) != len(self.categories)]:
            raise ValueError(f"chart {self.title!r}: series {wrong} differ in length from the categories")

    @property
    def height_mm(self) -> int:
        """A lying chart grows with its categories, up to what a page holds."""
        return min(200, 30 + 7 * len(self.categories) * len(self.series)) if self.kind == "bar" else 85

    @property
    def text(self) -> str:
        """The chart in words, for whoever cannot see it."""
        said = []
        for name, values in self.series.items():
            pairs = zip(self.categories, values, strict=True)
            said.append(f"{name}：" + "，".join(f"{at} {'无数据' if value is None else value}" for at, value in pairs))
        return f"{self.title}（单位：{self.unit}）。" + "；".join(said)


def write_chart(book: xlsxwriter.Workbook, sheet: Any, chart: Chart, at: int = 0, column: int = 0) -> int:
    """Write the chart's values as cells from row `at` and column `column`, and the chart to the right of them.

    The workbook must keep all rows in memory (`sheets.workbook(row_by_row=False)`), else the chart lacks its values.

    Returns:
        The first row below both.
    """
    drawn = _draw(book, sheet, chart, at, column)
    drawn.set_size({"width": 620, "height": round(chart.height_mm * 96 / 25.4)})
    sheet.insert_chart(at, column + len(chart.series) + 2, drawn, {"description": chart.text})
    return at + max(len(chart.categories) + 1, round(chart.height_mm * 96 / 25.4 / 20) + 1) + 1


def chart_part(chart: Chart, created: datetime, embedded_id: str) -> tuple[bytes, bytes]:
    """The chart as a document's part, and the small workbook that Word opens to edit its values.

    Args:
        embedded_id: the relationship by which the part refers to the workbook.
    """
    whole, plain = (_one_sheet(chart, created, with_chart=with_chart) for with_chart in (True, False))
    with ZipFile(BytesIO(whole)) as package:
        root = etree.fromstring(package.read("xl/charts/chart1.xml"))
    _say_defaults(root)
    root.find(f"{{{_C}}}lang").set("val", "zh-CN")
    for latin in root.iter(f"{{{_A}}}latin"):
        # XlsxWriter names the font for Latin text only; Chinese text has its own slot.
        latin.addnext(etree.Element(f"{{{_A}}}ea", typeface=latin.get("typeface")))
    root.remove(root.find(f"{{{_C}}}printSettings"))
    external = etree.SubElement(root, f"{{{_C}}}externalData", {f"{{{_R}}}id": embedded_id})
    etree.SubElement(external, f"{{{_C}}}autoUpdate", val="0")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), plain


def _say_defaults(root: Any) -> None:
    """Say what XlsxWriter leaves out: the schema's defaults are other than those of the Excel it writes for."""

    def add(parent: Any, after: Sequence[str], name: str, value: str) -> None:
        """As the child behind the last of those named, or the last of all; unless it is there."""
        if parent.find(f"{{{_C}}}{name}") is not None:
            return
        made = etree.Element(f"{{{_C}}}{name}", val=value)
        before = [child for child in parent if etree.QName(child).localname in after]
        before[-1].addnext(made) if before else parent.append(made)

    add(root, ["date1904", "lang"], "roundedCorners", "0")
    add(root.find(f"{{{_C}}}chart"), ["plotVisOnly"], "dispBlanksAs", "gap")
    for grouping in root.iter(f"{{{_C}}}grouping"):
        add(grouping.getparent(), ["barDir", "grouping"], "varyColors", "0")
        is_line = grouping.getparent().tag.endswith("lineChart")
        for series in grouping.getparent().findall(f"{{{_C}}}ser"):
            if is_line:
                add(series, [], "smooth", "0")
            else:
                add(series, ["idx", "order", "tx", "spPr"], "invertIfNegative", "0")
    for labels in root.iter(f"{{{_C}}}dLbls"):
        shown = ["showLegendKey", "showVal", "showCatName", "showSerName", "showPercent", "showBubbleSize"]
        order = ["numFmt", "spPr", "txPr", "dLblPos"]
        for name in shown:
            add(labels, order, name, "0")
            order.append(name)


def _one_sheet(chart: Chart, created: datetime, *, with_chart: bool) -> bytes:
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.set_properties({"title": chart.title, "created": created.replace(tzinfo=None)})
        sheet = book.add_worksheet(SHEET)
        if with_chart:
            sheet.insert_chart(0, 0, _draw(book, sheet, chart, 0, 0))
        else:
            _cells(sheet, chart, 0, 0)
    return kept.getvalue()


def _cells(sheet: Any, chart: Chart, at: int, column: int, form: Any = None) -> None:
    sheet.write_string(at, column, f"单位：{chart.unit}")
    for row, category in enumerate(chart.categories, at + 1):
        sheet.write_string(row, column, neutral(category))
    for number, (name, values) in enumerate(chart.series.items(), column + 1):
        sheet.write_string(at, number, neutral(name))
        for row, value in enumerate(values, at + 1):
            if value is not None:
                sheet.write_number(row, number, value, form)


def _draw(book: xlsxwriter.Workbook, sheet: Any, chart: Chart, at: int, column: int) -> Any:
    shape = _shape(chart)
    _cells(sheet, chart, at, column, book.add_format({"num_format": shape}))
    drawn, last = book.add_chart(_TYPES[chart.kind]), at + len(chart.categories)
    for number in range(len(chart.series)):
        drawn.add_series(
            {
                "name": [sheet.name, at, column + number + 1],
                "categories": [sheet.name, at + 1, column, last, column],
                "values": [sheet.name, at + 1, column + number + 1, last, column + number + 1],
                "data_labels": _labels(chart, shape),
                **_look(chart.kind, number),
                **({} if chart.kind == "line" else {"gap": 60, "overlap": 100 if chart.kind == "stacked" else 0}),
            }
        )
    drawn.set_title({"name": chart.title, "name_font": _FONT | {"size": 11, "bold": False}})
    drawn.set_legend({"position": "bottom", "font": _FONT, "none": len(chart.series) == 1})
    light: dict[str, Any] = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}
    categories: dict[str, Any] = {"num_font": _FONT, "line": {"color": "black"}, "label_position": "low", **_TICKS}
    values: dict[str, Any] = {
        "name": f"单位：{chart.unit}", "name_font": _FONT | {"bold": False}, "num_font": _FONT, "num_format": shape,
        "major_gridlines": light, "line": {"color": "black"}, **_TICKS,
    }  # fmt: skip
    known = [value for found in chart.series.values() for value in found if value is not None]
    if known and max(known) >= _WHOLE:
        values["num_format"] = "#,##0"
    # Left to itself the axis of shares goes on to 120; where they are all small it may end before.
    if chart.unit in ("%", "分") and known and 50 < max(known) <= 100:
        values["max"] = 100
    # Bars tell by their length: from nought, or 79 looks like half of 80.
    if chart.kind != "line" and all(value >= 0 for value in known):
        values["min"] = 0
    if chart.kind == "bar":  # read from above; the values stay below
        categories, values = values, categories | {"reverse": True, "crossing": "max"}
    drawn.set_x_axis(categories)
    drawn.set_y_axis(values)
    drawn.set_chartarea({"border": {"none": True}})
    return drawn


def _labels(chart: Chart, shape: str) -> dict[str, Any]:
    """Every value is written at its mark; in a stack on white, to be read on any fill, and without its zeros."""
    labels: dict[str, Any] = {"value": True, "font": _FONT | {"size": 8}, "num_format": shape}
    if chart.kind == "stacked":
        return labels | {"position": "center", "fill": {"color": "white"}, "num_format": f"{shape};-{shape};;"}
    return labels | {"position": "above" if chart.kind == "line" else "outside_end"}


def _look(kind: str, number: int) -> dict[str, Any]:
    if kind == "line":
        dash, marker, fill = _LINES[number % len(_LINES)]
        mark = {"type": marker, "size": 6, "border": {"color": "black"}, "fill": {"color": fill}}
        return {"line": {"color": "black", "width": 1.5, "dash_type": dash}, "marker": mark}
    return {"border": {"color": "black", "width": 0.75}, **_FILLS[number % len(_FILLS)]}


def _shape(chart: Chart) -> str:
    """As many decimals as the values have, two at most."""
    values = [Decimal(value).normalize() for series in chart.series.values() for value in series if value is not None]
    places = max((-int(value.as_tuple().exponent) for value in values if value), default=0)
    return "#,##0" + ("." + "0" * min(2, places) if places > 0 else "")
