"""The layout that GB/T 9704-2012 asks for, read back from the file; charts; and that nothing in it is of chance."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
import xlsxwriter
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree
from openpyxl import load_workbook

from ipcredit.outputs.charts import Chart, chart_part, write_chart
from ipcredit.outputs.word import Document, chinese

CREATED = datetime(2022, 12, 5, 10, 30, tzinfo=UTC)
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
GRADES = Chart("stacked", "各市等级", ["甲市", "乙市"], {"A级": [3, None], "B级": [Decimal("1.50"), 4]}, "户")


def written(path: Path) -> Path:
    document = Document("试点总结", CREATED, document_no="辽知发[2022]4号", issuer="某省知识产权局")
    document.title("关于试点工作的总结")
    for text in ("总体情况", "主要做法"):
        document.heading(1, text)
    for level, text in ((2, "目录"), (3, "建设"), (3, "运行"), (4, "细目"), (2, "评价")):
        document.heading(level, text)
    document.heading(1, "附则")
    document.heading(2, "附表", numbered=False)
    document.paragraph("甲\x00公司\u202e<&>\r\n\n第二段\ud800\ufffe\x0b。")
    document.paragraph("典型案例", placeholder=True)
    document.table(["名称", "数量"], [["甲\n乙", Decimal("12.50")], [None, 3]], [100, 40], caption="名单",
                   numeric=["数量"])  # fmt: skip
    document.note("注：截至十二月五日。")
    document.chart(GRADES, "等级分布")
    document.landscape()
    document.table(["宽"], [["表"]], [225])
    document.portrait()
    document.chart(Chart("line", "走势", ["一月", "二月"], {"件": [1, 2]}, "件"), "走势")
    document.save(path)
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("word") / "总结.docx")


@pytest.fixture(scope="module")
def opened(path: Path) -> Any:
    return docx.Document(str(path))


def style(opened: Any, name: str) -> tuple[str, Any, str | None]:
    """East Asian font, size and outline level of a style."""
    element = next(s.element for s in opened.styles if s.name.lower() == name)
    fonts, level = element.find(f".//{qn('w:rFonts')}"), element.find(f".//{qn('w:outlineLvl')}")
    size = element.find(f".//{qn('w:sz')}")
    return (
        fonts.get(qn("w:eastAsia")),
        int(size.get(qn("w:val"))) / 2,
        None if level is None else level.get(qn("w:val")),
    )


def near(length: int, mm: float) -> bool:
    return abs(length - Mm(mm)) < Mm(0.1)


def test_pages_are_laid_out_as_the_standard_says(opened: Any) -> None:
    standing, lying, again = opened.sections
    for section, wide, high, margins in (
        (standing, 210, 297, (37, 26, 35, 28)),
        (lying, 297, 210, (28, 35, 26, 37)),
        (again, 210, 297, (37, 26, 35, 28)),
    ):
        assert near(section.page_width, wide) and near(section.page_height, high)
        sides = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
        assert all(near(side, mm) for side, mm in zip(sides, margins, strict=True))
    grid = standing._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    body = opened.styles["公文正文"]
    assert body.paragraph_format.line_spacing == Pt(pitch)
    assert 225 / 25.4 * 72 // pitch == 22
    tight = int(body.element.find(f".//{qn('w:rPr')}/{qn('w:spacing')}").get(qn("w:val"))) / 20
    assert 156 / 25.4 * 72 // (16 + tight) == 28
    assert body.element.find(f".//{qn('w:ind')}").get(qn("w:firstLineChars")) == "200"


def test_fonts_sizes_and_levels(opened: Any) -> None:
    assert {name: style(opened, name) for name in ("title", "heading 1", "heading 2", "heading 3", "heading 4")} == {
        "title": ("方正小标宋简体", 22, None),
        "heading 1": ("黑体", 16, "0"),
        "heading 2": ("楷体", 16, "1"),
        "heading 3": ("仿宋", 16, "2"),
        "heading 4": ("仿宋", 16, "3"),
    }
    defaults = opened.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:rPr')}")
    assert defaults.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "仿宋"
    assert defaults.find(qn("w:sz")).get(qn("w:val")) == "32"
    assert defaults.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    assert {c.get(qn("w:val")) for c in opened.styles.element.iter(qn("w:color"))} == {"000000"}


def test_texts_are_numbered_cleaned_and_marked(opened: Any) -> None:
    texts = [(p.style.name, p.text) for p in opened.paragraphs if p.text.strip()]
    assert texts == [
        ("发文机关", "某省知识产权局"),
        ("发文字号", "辽知发〔2022〕4号"),
        ("Title", "关于试点工作的总结"),
        ("Heading 1", "一、总体情况"),
        ("Heading 1", "二、主要做法"),
        ("Heading 2", "（一）目录"),
        ("Heading 3", "1.建设"),
        ("Heading 3", "2.运行"),
        ("Heading 4", "（1）细目"),
        ("Heading 2", "（二）评价"),
        ("Heading 1", "三、附则"),
        ("Heading 2", "附表"),
        ("公文正文", "甲公司<&>"),
        ("公文正文", "第二段。"),
        ("公文正文", "【待补充：典型案例】"),
        ("Caption", "表1　名单"),
        ("注", "注：截至十二月五日。"),
        ("Caption", "图1　等级分布"),
        ("Caption", "图2　走势"),
    ]
    marked = [r.text for p in opened.paragraphs for r in p.runs if r.font.highlight_color is not None]
    assert marked == ["【待补充：典型案例】"]


def test_tables_repeat_their_heads_and_keep_rows_whole(opened: Any) -> None:
    table, wide = opened.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["名称", "数量"], ["甲\n乙", "12.50"], ["—", "3"],
    ]  # fmt: skip
    rows = [row._tr.trPr for row in table.rows]
    assert [row.find(qn("w:tblHeader")) is not None for row in rows] == [True, False, False]
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [None, 2]
    assert [near(cell.width, mm) for cell, mm in zip(table.rows[1].cells, (100, 40), strict=True)] == [True, True]
    assert near(wide.rows[0].cells[0].width, 225)


@pytest.mark.parametrize(("rows", "widths"), [([["甲"]], [20, 20]), ([["甲", "乙"]], [100, 60]), ([], [20])])
def test_a_table_that_does_not_fit_is_refused(rows: list[list[str]], widths: list[int]) -> None:
    with pytest.raises(ValueError, match="table"):
        Document("表", CREATED).table(["名称", "数量"], rows, widths)


def test_page_numbers_stand_outside(opened: Any) -> None:
    assert opened.settings.odd_and_even_pages_header_footer
    first, *others = opened.sections
    for footer, side, alignment in ((first.footer, "right", 2), (first.even_page_footer, "left", 0)):
        (paragraph,) = footer.paragraphs
        assert "".join(t.text for t in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert [f.get(qn("w:instr")) for f in paragraph._p.iter(qn("w:fldSimple"))] == [" PAGE "]
        assert paragraph.alignment == alignment
        assert paragraph._p.pPr.find(qn("w:ind")).get(qn(f"w:{side}")) == "280"
    assert style(opened, "footer")[:2] == ("宋体", 14)
    assert all(s.footer.is_linked_to_previous and s.even_page_footer.is_linked_to_previous for s in others)


def test_properties_name_no_person_and_no_other_moment(opened: Any) -> None:
    about = opened.core_properties
    assert (about.title, about.language, about.author, about.last_modified_by) == ("试点总结", "zh-CN", "", "")
    assert about.created == about.modified == CREATED


def test_the_same_content_is_the_same_file(path: Path, tmp_path: Path) -> None:
    again = written(tmp_path / "again.docx")
    assert again.read_bytes() == path.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["again.docx"]
    with ZipFile(path) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        texts = b"".join(package.read(name) for name in package.namelist())
        assert package.namelist()[0] == "[Content_Types].xml"
    assert b"rsid" not in texts and b"w14:paraId" not in texts


def charts(path: Path) -> Iterator[tuple[Any, Any]]:
    """Each chart of a document and the workbook behind it."""
    document = docx.Document(str(path))
    for inline in document.element.body.iter(f"{C}chart"):
        part = document.part.related_parts[inline.get(qn("r:id"))]
        root = etree.fromstring(part.blob)
        external = root.find(f"{C}externalData").get(qn("r:id"))
        yield root, load_workbook(BytesIO(part.related_parts[external].blob))


def test_a_chart_is_word_s_own_with_its_values_behind_it(path: Path) -> None:
    stacked, line = charts(path)
    root, book = stacked
    assert [[c.value for c in row] for row in book["数据"].iter_rows()] == [
        ["单位：户", "A级", "B级"], ["甲市", 3, 1.5], ["乙市", None, 4],
    ]  # fmt: skip
    cached = {
        series.find(f"{C}tx//{C}v").text: [v.text for v in series.findall(f"{C}val//{C}v")]
        for series in root.iter(f"{C}ser")
    }
    assert cached == {"A级": ["3"], "B级": ["1.50", "4"]}
    assert root.find(f".//{C}grouping").get("val") == "stacked"
    assert {f.get("typeface") for f in root.iter(f"{A}ea")} == {"宋体"}
    assert {e.get("prst") for e in root.iter(f"{A}pattFill")} == {"wdUpDiag"}
    assert all(series.find(f"{C}spPr/{A}ln") is not None for series in root.iter(f"{C}ser"))
    shown = {
        e.tag.removeprefix(C) for e in root.find(f".//{C}dLbls") if e.tag.startswith(f"{C}show") and e.get("val") == "1"
    }
    assert shown == {"showVal"}
    assert root.find(f".//{C}dispBlanksAs").get("val") == "gap"
    assert {e.get("val") for e in line[0].iter(f"{C}smooth")} == {"0"}
    described = [e.get("descr") for e in docx.Document(str(path)).element.body.iter(qn("wp:docPr"))]
    assert described[0] == "各市等级（单位：户）。A级：甲市 3，乙市 无数据；B级：甲市 1.50，乙市 4"


@pytest.mark.parametrize(
    ("values", "unit", "highest", "marks"),
    [
        ([Decimal("75.41"), 100], "%", "100", "#,##0"),
        ([Decimal("99.50")], "分", "100", "#,##0"),
        ([Decimal("2.50")], "%", None, "#,##0.0"),
        ([Decimal("104.5")], "分", None, "#,##0"),
        ([70, 80], "户", None, "#,##0"),
    ],
)  # fmt: skip
def test_an_axis_of_shares_ends_at_a_hundred_and_has_whole_marks(values, unit, highest, marks) -> None:
    chart = Chart("bar", "图", [str(at) for at, _ in enumerate(values)], {"率": values}, unit)
    root = etree.fromstring(chart_part(chart, datetime(2022, 12, 5, tzinfo=UTC), "rId1")[0])
    end = root.find(f".//{C}valAx/{C}scaling/{C}max")
    assert (None if end is None else end.get("val")) == highest
    assert root.find(f".//{C}valAx/{C}numFmt").get("formatCode") == marks


def test_the_same_chart_stands_in_a_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "annex.xlsx")) as book:
        sheet = book.add_worksheet("图表")
        below = write_chart(book, sheet, GRADES)
        write_chart(book, sheet, Chart("bar", "=1+1", ["=甲"], {"户": [1]}, "户"), below)
    opened = load_workbook(tmp_path / "annex.xlsx")["图表"]
    assert len(opened._charts) == 2
    assert [cell.value for cell in opened[2]] == ["甲市", 3, 1.5]
    assert [cell.value for cell in opened[below + 2]][:2] == ["'=甲", 1]


@pytest.mark.parametrize(("categories", "values"), [([], []), (["甲"], [1, 2])])
def test_a_chart_without_sense_is_refused(categories: list[str], values: list[int]) -> None:
    with pytest.raises(ValueError, match="chart"):
        Chart("bar", "图", categories, {"户": list(values)}, "户")


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_chinese_numerals(number: int, text: str) -> None:
    assert chinese(number) == text


@pytest.mark.parametrize(("day", "last"), [("2022年12月15日", "2022年12月15日"), (None, "【待补充：成文日期】")])
def test_the_signature_stands_at_the_right_and_stays_together(day: str | None, last: str, tmp_path: Path) -> None:
    document = Document("总结", CREATED)
    document.paragraph("正文。")
    document.signature("某省知识产权局", day)
    document.save(tmp_path / "signed.docx")
    *_, issuer, dated = docx.Document(str(tmp_path / "signed.docx")).paragraphs
    assert [issuer.text, dated.text] == ["某省知识产权局", last]
    style_of_both = issuer.style.paragraph_format
    assert issuer.style.name == dated.style.name == "落款" and style_of_both.alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert style_of_both.keep_with_next and dated.paragraph_format.keep_with_next is False
    assert (dated.runs[0].font.highlight_color is not None) == (day is None)
