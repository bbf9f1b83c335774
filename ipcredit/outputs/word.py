"""The house's only writer of Word documents: laid out as GB/T 9704-2012 asks of official documents.

A4 with margins of 37, 28, 26 and 35 mm (top, left, right, bottom), 22 lines of 28 characters, body 仿宋 16 pt, title
小标宋 22 pt, headings 一、（一）1.（1）in 黑体, 楷体 and 仿宋, page numbers "— 1 —" outside. With the same content
the same bytes: no clock, no random identifiers.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from ipcredit.files import write_whole
from ipcredit.outputs.charts import Chart, chart_part

TEXT_WIDTH_MM = {"portrait": 156, "landscape": 225}
_TWIPS, _EMU = 1440 / 25.4, 36000
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ROOT = f'xmlns:w="{_W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

# Forbidden by XML, and the marks that turn the direction of writing: they would show a name as another.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")

# 28.95 pt a line, 22 of them in 225 mm; characters of 16 pt drawn together by 0.25 pt, 28 of them in 156 mm. Not by the
# grid: LibreOffice reads its negative space as a wide one.
_PITCH, _TIGHT = 579, '<w:spacing w:val="-5"/>'
_LINE = f'<w:spacing w:before="0" w:after="0" w:line="{_PITCH}" w:lineRule="exact"/>'
_SINGLE = '<w:snapToGrid w:val="0"/><w:spacing w:before="{}" w:after="{}" w:line="240" w:lineRule="auto"/>'
_PLACEHOLDER = '<w:highlight w:val="yellow"/>'
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'


def _font(east: str, size: float, *, latin: str = "Times New Roman", tight: str = "") -> str:
    half = round(size * 2)
    return (
        f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{east}" w:cs="{latin}"/><w:b w:val="0"/>'
        f'<w:color w:val="000000"/>{tight}<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    )


def _heading(level: int, east: str) -> tuple[str, str, str, str]:
    keep = f"<w:keepNext/>{_LINE}{_INDENT}"
    return (
        f"Heading{level}",
        f"heading {level}",
        f'{keep}<w:outlineLvl w:val="{level - 1}"/>',
        _font(east, 16, tight=_TIGHT),
    )


# Style id, name, paragraph and character properties. The built-in names give Word its navigation.
_STYLES = (
    ("Title", "Title", f'{_SINGLE.format(0, _PITCH)}<w:jc w:val="center"/>', _font("方正小标宋简体", 22)),
    _heading(1, "黑体"),
    _heading(2, "楷体"),
    _heading(3, "仿宋"),
    _heading(4, "仿宋"),
    ("Body", "公文正文", f'{_LINE}{_INDENT}<w:jc w:val="both"/>', _TIGHT),
    ("Issuer", "发文机关", f'{_SINGLE.format(0, 120)}<w:jc w:val="center"/>', _font("方正小标宋简体", 26)),
    (
        "Number",
        "发文字号",
        '<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="6" w:color="000000"/></w:pBdr>'
        f'{_SINGLE.format(0, _PITCH)}<w:jc w:val="center"/>',
        _font("仿宋", 16),
    ),
    (
        "Signed",
        "落款",
        f'<w:keepNext/>{_LINE}<w:ind w:rightChars="400" w:right="1280"/><w:jc w:val="right"/>',
        _TIGHT,
    ),
    ("Note", "注", f'{_SINGLE.format(40, 120)}<w:jc w:val="both"/>', _font("仿宋", 10.5)),
    ("Caption", "caption", f'<w:keepNext/>{_SINGLE.format(160, 80)}<w:jc w:val="center"/>', _font("黑体", 12)),
    ("Figure", "图", f'<w:keepNext/>{_SINGLE.format(120, 0)}<w:jc w:val="center"/>', ""),
    ("Cell", "表格文字", _SINGLE.format(20, 20), _font("宋体", 10.5)),
    ("Head", "表头", f'{_SINGLE.format(20, 20)}<w:jc w:val="center"/>', _font("黑体", 10.5)),
    ("Gap", "表后", f'{_SINGLE.format(0, 0)}<w:jc w:val="left"/>', _font("仿宋", 8)),
    ("Footer", "footer", _SINGLE.format(0, 0), _font("宋体", 14, latin="宋体")),
)  # fmt: skip
_FONTS = {
    "仿宋": "FangSong", "黑体": "SimHei", "楷体": "KaiTi", "宋体": "SimSun", "方正小标宋简体": "华文中宋,宋体",
}  # fmt: skip
_DROPPED = ("/stylesWithEffects", "/numbering", "/webSettings", "/customXml", "/thumbnail")


class Document:
    """A document, written from its head to its end.

    Headings, tables and figures are numbered here: their texts come without a number. Texts may hold anything that
    data holds: what XML forbids is left out, a line break begins a new paragraph, in a table a new line.
    """

    def __init__(
        self, title: str, created: datetime, *, document_no: str | None = None, issuer: str | None = None
    ) -> None:
        """An empty document of this title; the title is a property of the file until `.title()` writes it.

        Args:
            created: for the file's properties; stored data (a release's), never the clock.
            document_no: any brackets; written with 〔〕.
            issuer: the office that issues it, above the document's number.
        """
        self._document = docx.Document()
        self._created = created
        self._counts = [0, 0, 0, 0]
        self._tables = self._figures = 0
        self._way = "portrait"
        _prepare(self._document, _clean(title), created)
        if issuer:
            self._paragraph("Issuer", issuer)
        if document_no:
            self._paragraph("Number", re.sub(r"[\[【(（〔](\d{4})[\]】)）〕]", r"〔\1〕", document_no))

    def title(self, text: str) -> None:
        """The title, centred."""
        self._paragraph("Title", text, breaks=True)

    def heading(self, level: int, text: str, *, numbered: bool = True) -> None:
        """A heading of level 1 to 4, with its number 一、（一） 1. or （1）."""
        number = ""
        if numbered:
            self._counts[level - 1 :] = [self._counts[level - 1] + 1, *[0] * (4 - level)]
            count = self._counts[level - 1]
            number = (f"{chinese(count)}、", f"（{chinese(count)}）", f"{count}.", f"（{count}）")[level - 1]
        self._paragraph(f"Heading{level}", number + text, breaks=True)

    def paragraph(self, text: str, *, placeholder: bool = False) -> None:
        """Body text; as a placeholder marked in yellow, 【待补充：…】: only a person can write it."""
        if placeholder:
            self._paragraph("Body", f"【待补充：{text}】", mark=_PLACEHOLDER, breaks=True)
            return
        for line in _clean(text).split("\n"):
            if line.strip():
                self._paragraph("Body", line.strip())

    def signature(self, issuer: str, day: str | None) -> None:
        """Who issues it and the day of issue, at the right and on one page; without a day its place is marked."""
        self._paragraph("Signed", issuer)
        if day:
            self._paragraph("Signed", day, keep=False)
        else:
            self._paragraph("Signed", "【待补充：成文日期】", mark=_PLACEHOLDER, keep=False)

    def note(self, text: str) -> None:
        """A note in small type, without indent; below a table or figure."""
        self._paragraph("Note", text, breaks=True)

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[object]],
        widths_mm: Sequence[float],
        *,
        caption: str | None = None,
        numeric: Sequence[str] = (),
    ) -> None:
        """A table; its heads stand on every page, no row is torn apart.

        Args:
            rows: texts or numbers, written as they are; None is written as a dash.
            numeric: heads of the columns that are set to the right.

        Raises:
            ValueError: cells or widths do not fit the heads, or the table is wider than the text.
        """
        if len(widths_mm) != len(heads) or sum(widths_mm) > TEXT_WIDTH_MM[self._way]:
            raise ValueError(f"table {heads}: widths {widths_mm} do not fit {TEXT_WIDTH_MM[self._way]} mm")
        if caption is not None:
            self._tables += 1
            self._paragraph("Caption", f"表{self._tables}　{caption}", breaks=True)
        widths = [round(width * _TWIPS) for width in widths_mm]
        right = [head in numeric for head in heads]
        body = [_row(heads, widths, [False] * len(heads), is_head=True)]
        for row in rows:
            if len(row) != len(heads):
                raise ValueError(f"table {heads}: a row of {len(row)} cells")
            body.append(_row(row, widths, right))
        edges = "".join(
            f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
            for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        self._append(
            f'<w:tbl {_ROOT}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
            '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>'
            + "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
            + f"</w:tblGrid>{''.join(body)}</w:tbl>"
        )
        # Two tables without a paragraph between them would become one.
        self._paragraph("Gap", "")

    def chart(self, chart: Chart, caption: str) -> None:
        """A chart that Word draws, with its values behind it; the caption below."""
        self._figures += 1
        number = self._figures
        relation = self._add_chart(chart, number)
        width, height = 150 * _EMU, chart.height_mm * _EMU
        name = escape(_clean(chart.title), {'"': "&quot;"})
        said = escape(_clean(chart.text), {'"': "&quot;"})
        drawing = "http://schemas.openxmlformats.org/drawingml/2006"
        self._append(
            f'<w:p {_ROOT} xmlns:wp="{drawing}/wordprocessingDrawing" xmlns:a="{drawing}/main"'
            f' xmlns:c="{drawing}/chart"><w:pPr><w:pStyle w:val="Figure"/></w:pPr><w:r><w:drawing>'
            f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name="{name}" descr="{said}"/>'
            f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{drawing}/chart"><c:chart r:id="{relation}"/>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )
        self._paragraph("Caption", f"图{number}　{caption}", breaks=True, keep=False)

    def page_break(self) -> None:
        """Go on upon a new page."""
        self._append(f'<w:p {_ROOT}><w:pPr><w:pStyle w:val="Gap"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>')

    def landscape(self) -> None:
        """Go on upon pages that lie, for wide tables."""
        self._turn("landscape")

    def portrait(self) -> None:
        """Go on upon standing pages."""
        self._turn("portrait")

    def save(self, path: Path) -> None:
        """Write the document whole: a reader of the folder never finds half a file."""
        write_whole(path, self.content())

    def content(self) -> bytes:
        """The file, as `save` writes it."""
        kept, made = BytesIO(), BytesIO()
        self._document.save(kept)
        with ZipFile(kept) as package, ZipFile(made, "w") as written:
            # The list of content types stands first by convention.
            for name in sorted(package.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
                written.writestr(entry, package.read(name))
        return made.getvalue()

    def _append(self, xml: str) -> None:
        # Before the section's properties, which end the body.
        self._document.element.body.sectPr.addprevious(parse_xml(xml))

    def _paragraph(self, style: str, text: str, *, mark: str = "", breaks: bool = False, keep: bool = True) -> None:
        text = _clean(text)
        kept = "" if keep else '<w:keepNext w:val="0"/>'
        self._append(
            f'<w:p {_ROOT}><w:pPr><w:pStyle w:val="{style}"/>{kept}</w:pPr>'
            f"{_run(text if breaks else text.replace(chr(10), ' '), mark)}</w:p>"
        )

    def _add_chart(self, chart: Chart, number: int) -> str:
        package = self._document.part.package
        part = Part(
            PackURI(f"/word/charts/chart{number}.xml"),
            "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
            package=package,
        )
        workbook = Part(
            PackURI(f"/word/embeddings/chart{number}.xlsx"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            package=package,
        )
        part._blob, workbook._blob = chart_part(chart, self._created, part.relate_to(workbook, RELATION.PACKAGE))
        return str(self._document.part.relate_to(part, RELATION.CHART))

    def _turn(self, way: str) -> None:
        if way == self._way:
            return
        body = self._document.element.body
        if len(body) > 1:  # nothing before: the first section itself is turned
            self._append(f'<w:p {_ROOT}><w:pPr><w:pStyle w:val="Gap"/></w:pPr></w:p>')
            ended = parse_xml(f"<w:sectPr {_ROOT}>{_section(self._way)}</w:sectPr>")
            for reference in body.sectPr.findall(f"{{{_W}}}footerReference"):
                ended.insert(0, reference)  # the footers stand in the first section; the next ones inherit them
            body.sectPr.getprevious().pPr.append(ended)
        self._way = way
        for child in [child for child in body.sectPr if not child.tag.endswith("footerReference")]:
            body.sectPr.remove(child)
        body.sectPr.extend(parse_xml(f"<w:sectPr {_ROOT}>{_section(way)}</w:sectPr>"))


def chinese(number: int) -> str:
    """1 → 一, 21 → 二十一; up to 99.

    Raises:
        ValueError: not 1 to 99.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"no Chinese numeral for {number}")
    digits = " 一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ((digits[tens] if tens > 1 else "") + ("十" if tens else "") + digits[ones]).strip()


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _run(text: str, mark: str = "") -> str:
    """Text with its line breaks; no element for none."""
    if not text:
        return ""
    lines = text.replace("\t", " ").split("\n")
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    return f"<w:r>{f'<w:rPr>{mark}</w:rPr>' if mark else ''}{inner}</w:r>"


def _row(cells: Sequence[object], widths: Sequence[int], right: Sequence[bool], *, is_head: bool = False) -> str:
    made = []
    for cell, width, is_right in zip(cells, widths, right, strict=True):
        align = '<w:jc w:val="right"/>' if is_right and not is_head else ""
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="E7E6E6"/>' if is_head else ""
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{"Head" if is_head else "Cell"}"/>{align}</w:pPr>'
            f"{_run(_clean('—' if cell is None else str(cell)))}</w:p></w:tc>"
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{''.join(made)}</w:tr>"


def _section(way: str) -> str:
    """Size, margins and grid. A page that lies is the standing one turned: its head is at the binding."""
    wide, high = round(210 * _TWIPS), round(297 * _TWIPS)
    margins = {"top": 37, "right": 26, "bottom": 35, "left": 28, "header": 15, "footer": 25}
    orient = ""
    if way == "landscape":
        wide, high, orient = high, wide, ' w:orient="landscape"'
        margins = {"top": 28, "right": 35, "bottom": 26, "left": 37, "header": 15, "footer": 17}
    sides = "".join(f' w:{side}="{round(mm * _TWIPS)}"' for side, mm in margins.items())
    return (
        f'<w:type w:val="nextPage"/><w:pgSz w:w="{wide}" w:h="{high}"{orient}/><w:pgMar{sides} w:gutter="0"/>'
        f'<w:docGrid w:type="lines" w:linePitch="{_PITCH}"/>'
    )


def _prepare(document: Any, title: str, created: datetime) -> None:
    """Make python-docx's empty document ours: styles, fonts, settings, properties, page, footers."""
    for part in (document.part, document.part.package):
        for number in [n for n, relation in part.rels.items() if relation.reltype.endswith(_DROPPED)]:
            del part.rels[number]
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}" w:customStyle="{int(not name.isascii())}">'
        f'<w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f'<w:next w:val="Body"/><w:qFormat/><w:pPr>{layout}</w:pPr><w:rPr>{font}</w:rPr>'
        "</w:style>"
        for key, name, layout, font in _STYLES
    )  # fmt: skip
    _replace(
        document.styles.element,
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_font('仿宋', 16)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        f"{styles}",
    )
    _replace(
        document.settings.element,
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode"'
        ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>',
    )
    for relation in (*document.part.rels.values(), *document.part.package.rels.values()):
        if relation.reltype == RELATION.FONT_TABLE:
            relation.target_part._blob = _font_table()
        elif relation.reltype == RELATION.EXTENDED_PROPERTIES:
            relation.target_part._blob = (
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats'
                b'.org/officeDocument/2006/extended-properties"><Application>ipcredit</Application></Properties>'
            )
    about, moment = document.core_properties, created.astimezone(UTC).replace(tzinfo=None)
    about.title, about.language, about.author, about.last_modified_by, about.comments = title, "zh-CN", "", "", ""
    about.created = about.modified = moment
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        _replace(
            footer._element,
            f'<w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:{side}="280"/><w:jc w:val="{side}"/></w:pPr>'
            '<w:r><w:t xml:space="preserve">— </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r>'
            '</w:fldSimple><w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>',
        )
    sect = document.element.body.sectPr
    sect.attrib.clear()  # which editing session made it
    for child in [child for child in sect if not child.tag.endswith("footerReference")]:
        sect.remove(child)
    sect.extend(parse_xml(f"<w:sectPr {_ROOT}>{_section('portrait')}</w:sectPr>"))


def _replace(element: Any, inner: str) -> None:
    element[:] = list(parse_xml(f"<w:body {_ROOT}>{inner}</w:body>"))


def _font_table() -> bytes:
    """The fonts, and by which to replace one that a machine lacks."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
        '<w:pitch w:val="variable"/></w:font>'
        for name, other in _FONTS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {_ROOT}>{fonts}</w:fonts>'.encode()
