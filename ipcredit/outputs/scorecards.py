"""The assessment as workbooks, one per region and year, laid out like the published table and filled from a release.

Numbers are stored as the release holds them and shown with two decimals at most; a missing score is an empty cell.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from ipcredit.database import connect
from ipcredit.outputs.assessment_page import (
    CARD_STATES,
    LEVELS,
    REASONS,
    SOURCES,
    STATES,
    Assessment,
    Line,
    Metric,
    Scorecard,
    awardable_text,
    flags_text,
    metric_codes,
    read_assessments,
    shown,
    state_text,
)
from ipcredit.outputs.pages import Release, read_release
from ipcredit.settings import TIME_ZONE, get_settings
from ipcredit.sheets import add_page, neutral, row_height, styles_of, workbook

STATE_FILLS = {"scored": "#E2F0D9", "awaiting": "#FFF2CC", "not_evaluable": "#F8CBAD", "not_applicable": "#D9D9D9"}
CARD_FILLS = {"provisional": "look", "final": "good", "signed_off": "good", "changed_after_signoff": "bad"}
_DIFFERS = "#FFF2CC"
_HEAD = "#D9E2F3"
_PART = "#EDF2F9"
_A3 = 8
_HIGHEST = 400
"""Points; a spreadsheet shows no row higher than 409."""

_SCORE_COLUMNS = {
    "考核内容": 11, "考核指标": 12, "考核要点": 13, "序号": 6, "指标说明": 48, "支撑材料说明": 24, "责任单位": 24,
    "备注": 11, "规则": 32, "满分": 7, "得分": 8, "状态": 15, "说明": 36, "实际值": 10, "排名": 9, "记录": 8,
}  # fmt: skip
_RULE, _MAXIMUM, _POINTS, _NOTE = (list(_SCORE_COLUMNS).index(head) for head in ("规则", "满分", "得分", "说明"))
_PART_COLUMNS = {"层次": 12, "名称": 52, "满分": 10, "可得": 10, "得分": 10, "待评定（分）": 12, "无法评价（分）": 14}
_RANKING_COLUMNS = {
    "规则": 8, "名次": 8, "地区": 14, "数量": 10, "得分": 10, "并列不占位的名次": 12, "其得分": 10, "相差": 8,
    "状态": 26, "基础分": 9, "加分": 8, "减分": 8, "待评定（分）": 10, "无法评价（分）": 10,
}  # fmt: skip
_GAP_COLUMNS = {
    "责任单位": 24, "牵头": 6, "规则": 8, "内容": 46, "状态": 16, "可争取（分）": 10, "期限": 12, "怎么做": 46,
}  # fmt: skip
_METRIC_COLUMNS = {
    "指标值": 30, "代码": 22, "采用值": 10, "来源": 10, "在案记录": 10, "申报": 10, "相差": 8, "缺值原因": 14,
    "记录": 8, "是否齐全": 8, "佐证编号": 16, "佐证摘要": 20, "佐证日期": 12, "认定单位": 18, "认定日期": 12,
    "申报所在": 14, "沿用": 10,
}  # fmt: skip
_RECORD_COLUMNS = {
    "指标值": 34, "数据集": 26, "文号": 30, "日期": 12, "数量": 8, "佐证": 8, "报送": 10, "行": 8, "记录标识": 34,
}  # fmt: skip
_MOVEMENT_COLUMNS = {"规则": 8, "内容": 60, "上次": 22, "上次得分": 10, "本次": 22, "本次得分": 10, "变动": 10}


class Cell(NamedTuple):
    """A cell that is more than a text or number: its colour, its unit, a link to another sheet."""

    value: Any
    fill: str = ""
    unit: str = ""
    link: str = ""


class _Places(NamedTuple):
    """Rows of the other sheets, counted from 1, that the score sheet links to."""

    metrics: dict[str, int]
    records: dict[str, int]


def write_scorecards(release_id: str | None = None) -> list[Path]:
    """Write `<outputs>/<release_id>/assessment/<year>/<region>.xlsx` of a published release, each replaced at once.

    Args:
        release_id: default: the current release.

    Returns:
        The workbooks; none if the release assesses nothing.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    with connect() as connection:
        release = read_release(connection, release_id)
        years = read_assessments(connection, release)
    return [_write(release, found, scorecard) for found in years for scorecard in found.scorecards]


def _write(release: Release, found: Assessment, scorecard: Scorecard) -> Path:
    card = scorecard.card
    # A county's name may come from a cell that somebody typed.
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", f"{card.region_code}_{card.region_name}.xlsx")
    path = get_settings().outputs / release.release_id / "assessment" / str(found.year) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    title = f"{found.year}年度知识产权保护工作检查考核评分表"
    with workbook(path, title, release.known_at.astimezone(TIME_ZONE), row_by_row=False) as book:
        pen = _Pen(book)
        _score_sheet(pen, release, found, scorecard, title)
        _part_sheet(pen, found, scorecard)
        _ranking_sheet(pen, found)
        _gap_sheet(pen, scorecard)
        _metric_sheet(pen, scorecard)
        _record_sheet(pen, scorecard)
        _movement_sheet(pen, release, scorecard)
    return path


# --- cells ------------------------------------------------------------------------------------------------------------


class _Pen:
    """Writes cells into the workbook: text stays text, numbers stay numbers, nothing stays empty."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.styles = styles_of(book)
        self._formats: dict[tuple[Any, ...], Any] = {}

    def format(self, *, fill: str = "", bold: bool = False, shape: str = "", link: bool = False,
               left: bool = True) -> Any:  # fmt: skip
        """A bordered format, made once per kind."""
        key = (fill, bold, shape, link, left)
        if key not in self._formats:
            wanted = {
                "font_name": "黑体" if bold else "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True,
                "border": 1, "border_color": "#BFBFBF", "align": "left" if left else "center",
            }  # fmt: skip
            wanted |= {"bg_color": fill} if fill else {}
            wanted |= {"num_format": shape} if shape else {}
            wanted |= {"font_color": "#123F6D", "underline": 1} if link else {}
            self._formats[key] = self.book.add_format(wanted)
        return self._formats[key]

    def cell(self, sheet: Any, at: int, column: int, cell: Any, *, fill: str = "", bold: bool = False) -> None:
        """One cell: a Cell, text, number, date, truth or nothing."""
        value, own_fill, unit, link = cell if isinstance(cell, Cell) else Cell(cell)
        fill = own_fill or fill
        is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
        look = self.format(
            fill=fill, bold=bold, shape=_shape(value, unit) if is_number else "", link=bool(link), left=not is_number
        )
        if link and value is not None:
            sheet.write_url(at, column, f"internal:{link}", look, string=_text(value))
        if is_number:
            sheet.write_number(at, column, value, look)  # over the link's text: a link may stand on a number
        elif value is None or value == "":
            sheet.write_blank(at, column, None, look)
        elif not link:
            sheet.write_string(at, column, _text(value), look)

    def row(self, sheet: Any, at: int, cells: Sequence[Any], widths: Sequence[int], *, fill: str = "",
            bold: bool = False, height: float | None = None) -> None:  # fmt: skip
        """One row of cells, as high as its texts need."""
        sheet.set_row(at, height or _height(cells, widths))
        for column, cell in enumerate(cells):
            self.cell(sheet, at, column, cell, fill=fill, bold=bold)

    def line(self, sheet: Any, at: int, text: str, columns: int, style: str, height: float) -> None:
        """A text over the whole width."""
        sheet.set_row(at, height)
        sheet.merge_range(at, 0, at, columns - 1, "", self.styles[style])
        sheet.write_string(at, 0, neutral(text), self.styles[style])

    def list(self, name: str, columns: dict[str, int], rows: Iterable[Sequence[Any]], empty: str) -> Any:
        """A sheet that is one list, with its heads on every page and a filter."""
        widths = tuple(columns.values())
        sheet = add_page(self.book, name, widths, landscape=True)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        self.row(sheet, 0, tuple(columns), widths, fill=_HEAD, bold=True)
        at = 0
        for at, cells in enumerate(rows, 1):
            self.row(sheet, at, cells, widths)
        if at:
            sheet.autofilter(0, 0, at, len(columns) - 1)
        else:
            self.line(sheet, 1, empty, len(columns), "cell", 22)
        return sheet


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    return neutral(shown(value) if isinstance(value, (int, Decimal)) else str(value))


def _shape(value: Any, unit: str) -> str:
    """How a number is shown: two decimals at most, and no decimal point without one behind it."""
    number = "0" if value == int(value) else "0.0#"
    return number + (f'" {unit}"' if (unit := unit.replace('"', "")) else "")


def _value_of(cell: Any) -> str:
    value = cell.value if isinstance(cell, Cell) else cell
    return "" if value is None else _text(value)


def _height(cells: Sequence[Any], widths: Sequence[int], least: float = 18) -> float:
    return min(_HIGHEST, row_height([_value_of(cell) for cell in cells], widths, least))


# --- 评分表 -----------------------------------------------------------------------------------------------------------


class _Merge(NamedTuple):
    """Rows and columns, both ends included, that one text spans."""

    first: int
    last: int
    column: int
    last_column: int


def _score_sheet(pen: _Pen, release: Release, found: Assessment, scorecard: Scorecard, title: str) -> None:
    widths = tuple(_SCORE_COLUMNS.values())
    sheet = add_page(pen.book, "评分表", widths, landscape=True)
    sheet.set_paper(_A3)
    start = _score_head(pen, sheet, release, found, scorecard, title)
    pen.row(sheet, start, tuple(_SCORE_COLUMNS), widths, fill=_HEAD, bold=True)
    sheet.repeat_rows(start)
    sheet.freeze_panes(start + 1, 4)
    rows, merges = _score_rows(found, scorecard)
    for at, ((cells, is_part), height) in enumerate(zip(rows, _heights(rows, merges), strict=True), start + 1):
        pen.row(sheet, at, cells, widths, fill=_PART if is_part else "", bold=is_part, height=height)
    note = "得分栏空白表示没有得分（待评定、无法评价或不适用），不是 0 分；总分不折算。“暂定”：统计期未满或数据未齐。"
    pen.line(sheet, start + 1 + len(rows), note, len(widths), "small", 22)
    for first, last, column, last_column in merges:
        if (first, column) != (last, last_column):
            (cells, is_part), below = rows[first], start + 1
            value = cells[column]
            look = pen.format(fill=_PART if is_part else "", bold=is_part, left=isinstance(value, str))
            value = _text(value) if isinstance(value, str) else value
            sheet.merge_range(below + first, column, below + last, last_column, value, look)


def _score_head(pen: _Pen, sheet: Any, release: Release, found: Assessment, scorecard: Scorecard, title: str) -> int:
    card, columns = scorecard.card, len(_SCORE_COLUMNS)
    pen.line(sheet, 0, f"{title}　{scorecard.place}", columns, "title", 34)
    about = [
        f"地区：{scorecard.place} {card.region_code}",
        f"年度：{found.year}",
        f"考核办法：{_documents(found)}（{card.policy_id} 第 {card.policy_version} 版）",
        f"发布：{release.release_id}",
        f"评价基准日：{release.as_of}",
        f"统计截止：{card.window_closes_on}",
    ]
    pen.line(sheet, 1, "　".join(about), columns, "cell", 22)
    pen.line(sheet, 2, _card_state(card), columns, CARD_FILLS[card.card_state], 24)
    totals = [
        f"总分 {shown(card.total_points)}（基础分 {shown(card.base_points)}，加分 {shown(card.bonus_points)}，"
        f"减分 {shown(card.deduction_points)}）",
        awardable_text(card, found.missing_rules),
        f"待评定 {card.awaiting_rules} 条 {shown(card.awaiting_points)} 分",
        f"无法评价 {card.not_evaluable_rules} 条 {shown(card.not_evaluable_points)} 分",
        f"不适用 {card.not_applicable_rules} 条",
        _rank_text(card),
    ]
    pen.line(sheet, 3, "　".join(totals), columns, "cell", 22)
    scored, awaiting, not_evaluable, not_applicable = (Cell(word, STATE_FILLS[key]) for key, word in STATES.items())
    # 序号 is too narrow for a word.
    legend = ["状态", scored, awaiting, None, not_evaluable, not_applicable, "空白的得分不是 0 分"]
    pen.row(sheet, 4, legend, (), height=20)
    return 5


def _documents(found: Assessment) -> str:
    """The documents that the rules rest on, as their clauses name them."""
    named = [re.match(r".*?〔\d{4}〕\s*\d+\s*号", rule.source_clause or "") for rule in found.rules]
    return "、".join(dict.fromkeys(match.group() for match in named if match)) or "—"


def _card_state(card: Any) -> str:
    text = f"成绩状态：{CARD_STATES[card.card_state]}"
    if card.signed_on:
        text += f"；{card.signed_by_unit or ''} {card.signed_on} 签核 {shown(card.signed_points)} 分"
    if card.points_since_signoff:
        text += f"，此后变动 {shown(card.points_since_signoff)} 分"
    if card.change_reasons:
        text += f"，原因：{card.change_reasons}"
    if card.refused_signoff_by:
        text += f"；{card.refused_signoff_by} 的签核无效：评过分的不得签核"
    return text


def _rank_text(card: Any) -> str:
    if card.rank is None:
        return "不参加全省排名"
    waiting = f"（暂定，{card.unreported_regions} 个市数据未齐）" if card.is_rank_provisional else ""
    return f"全省第 {card.rank} 名{waiting}"


def _score_rows(found: Assessment, scorecard: Scorecard) -> tuple[list[tuple[list[Any], bool]], list[_Merge]]:
    """The rows below the heads, each with whether it is a subtotal, and what is merged over them."""
    card, places = scorecard.card, _places(scorecard)
    parts = {(part.level, part.section_no, part.title): part for part in scorecard.subtotals}
    rows: list[tuple[list[Any], bool]] = []
    merges: list[_Merge] = []

    def span(first: int, column: int, last_column: int, text: Any) -> None:
        merges.append(_Merge(first, len(rows) - 1, column, last_column))
        rows[first][0][column] = text

    def total(column: int, label: str, maximum: Any, points: Any, note: str | None = None) -> None:
        cells: list[Any] = [None] * len(_SCORE_COLUMNS)
        cells[_MAXIMUM], cells[_POINTS], cells[_NOTE] = maximum, points, note
        rows.append((cells, True))
        span(len(rows) - 1, column, _MAXIMUM - 1, label)

    def subtotal(level: str, column: int, rule: Any, title: str) -> None:
        label, part = f"{'小计' if level == 'group' else '合计'}　{title}", parts.get((level, rule.section_no, title))
        if part is None:
            total(column, label, None, None)
        else:
            maximum = part.max_points if rule.section_kind != "deduction" else None
            total(column, label, maximum, part.points, _part_note(part))

    for _, in_section in scorecard.by_section:
        section_first = len(rows)
        for group_title, in_group in groupby(in_section, lambda line: line.rule.group_title):
            group_first, has_points = len(rows), False
            for point_title, in_point in groupby(in_group, lambda line: line.rule.point_title):
                point_first = len(rows)
                for _, in_indicator in groupby(in_point, lambda line: line.rule.indicator_no):
                    first, lines = len(rows), list(in_indicator)
                    rule = lines[0].rule
                    rows.extend((_score_cells(line, len(lines), places), False) for line in lines)
                    texts = (rule.indicator_no, rule.indicator_text, rule.evidence_text, rule.units_text, rule.remark)
                    for column, text in enumerate(texts, 3):
                        span(first, column, column, text)
                if point_title is not None:
                    has_points = True
                    span(point_first, 2, 2, point_title)
            span(group_first, 1, 1 if has_points else 2, group_title)
            subtotal("group", 1, rule, group_title)
        span(section_first, 0, 0, rule.section_title)
        subtotal("section", 0, rule, rule.section_title)
    total(0, f"基础分　{awardable_text(card, found.missing_rules)}", card.base_declared, card.base_points)
    total(0, "加分", card.bonus_awardable, card.bonus_points)
    total(0, "减分（不设上限）", None, card.deduction_points)
    total(0, "总分　基础分、加分、减分之和", None, card.total_points)
    return rows, merges


def _score_cells(line: Line, clauses: int, places: _Places) -> list[Any]:
    rule, result = line.rule, line.result
    clause = rule.rule_text or "公布文本中缺失"
    if clauses == 1:
        clause = ""  # it is the indicator's own text
    if rule.policy_status == "provisional":
        clause += "（系统暂定）"
    value = result.choice if result.choice is not None else result.value
    metric_row = places.metrics.get(rule.metric_code)
    record_row = next((places.records[code] for code in metric_codes(rule) if code in places.records), None)
    to_metric = f"'指标值'!A{metric_row}" if metric_row else ""
    records: Any = Cell(result.record_count, unit="条") if result.record_count else None
    if result.record_count and record_row:
        records = Cell(f"{result.record_count} 条", link=f"'记录'!A{record_row}")
    elif result.evidence_id and to_metric:
        records = Cell("佐证", link=to_metric)
    return [
        *[None] * _RULE,
        f"{rule.rule_id}　{clause}".strip(),
        rule.max_points if rule.section_kind != "deduction" else None,
        result.points,
        Cell(state_text(result.state, result.reason, is_provisional=result.is_provisional), STATE_FILLS[result.state]),
        _explanation(line),
        Cell(value, unit=rule.value_unit or "", link=to_metric),
        f"{result.rank}/{result.rank_population}" if result.rank is not None else None,
        records,
    ]


def _explanation(line: Line) -> str:
    result = line.result
    notes = [
        result.explanation or "",
        flags_text(result.flags),
        f"改分原因：{result.change_reason}" if result.change_reason else "",
        f"在案与申报相差 {shown(result.value_difference)}" if result.value_difference else "",
    ]
    text = "；".join(note.rstrip("。；") for note in notes if note)
    return f"{text}。" if text else ""


def _part_note(part: Any) -> str | None:
    notes = []
    if part.awardable_points != part.max_points:
        notes.append(f"可得 {shown(part.awardable_points)} 分")
    if part.awaiting_points:
        notes.append(f"待评定 {shown(part.awaiting_points)} 分")
    if part.not_evaluable_points:
        notes.append(f"无法评价 {shown(part.not_evaluable_points)} 分")
    return "，".join(notes) or None


def _heights(rows: Sequence[tuple[list[Any], bool]], merges: Sequence[_Merge]) -> list[float]:
    """Heights of the rows: what their own cells need, and what a text over several of them needs beyond that."""
    widths = tuple(_SCORE_COLUMNS.values())
    heights = [22.0 if is_part else _height(cells[_RULE:], widths[_RULE:]) for cells, is_part in rows]
    for first, last, column, last_column in merges:
        cells, is_part = rows[first]
        if is_part:
            continue
        width = sum(widths[column : last_column + 1])
        needed = 6 + sum(row_height([line], (width,), 0) - 6 for line in _value_of(cells[column]).split("\n"))
        lacking = (needed - sum(heights[first : last + 1])) / (last + 1 - first)
        for number in range(first, last + 1) if lacking > 0 else ():
            heights[number] = min(_HIGHEST, heights[number] + lacking)
    return heights


def _places(scorecard: Scorecard) -> _Places:
    metrics, records, at = {}, {}, 2
    for number, metric in enumerate(scorecard.metrics, 2):
        metrics[metric.code] = number
        if metric.records:
            records[metric.code] = at
            at += len(metric.records)
    return _Places(metrics, records)


# --- the other sheets -------------------------------------------------------------------------------------------------


def _part_sheet(pen: _Pen, found: Assessment, scorecard: Scorecard) -> None:
    card = scorecard.card
    rows: list[Sequence[Any]] = [
        (
            LEVELS[part.level], part.title, part.max_points if part.section_kind != "deduction" else None,
            part.awardable_points if part.section_kind != "deduction" else None, part.points, part.awaiting_points,
            part.not_evaluable_points,
        )
        for part in scorecard.subtotals
    ]  # fmt: skip
    rows += [
        ("基础分", awardable_text(card, found.missing_rules), card.base_declared, card.base_awardable,
         card.base_points, None, None),
        ("加分", None, None, card.bonus_awardable, card.bonus_points, None, None),
        ("减分", "不设上限", None, None, card.deduction_points, None, None),
        ("总分", "基础分、加分和减分之和，不折算", None, None, card.total_points, card.awaiting_points,
         card.not_evaluable_points),
    ]  # fmt: skip
    pen.list("小计", _PART_COLUMNS, rows, "没有小计")


def _ranking_sheet(pen: _Pen, found: Assessment) -> None:
    """The totals of all cities, then each rule that ranks them, beside what another reading of ties would give."""
    cities = [scorecard for scorecard in found.scorecards if scorecard.card.region_level != "county"]
    rows = [_total_cells(scorecard) for scorecard in cities]
    for rule in (rule for rule in found.rules if rule.kind == "rank_band"):
        results = [
            (scorecard.card, line.result)
            for scorecard in cities
            for line in scorecard.lines
            if line.rule.rule_id == rule.rule_id
        ]
        results.sort(key=lambda pair: (pair[1].rank is None, pair[1].rank, pair[0].region_code))
        rows += [_rank_cells(rule, card, result) for card, result in results]
    pen.list("排名", _RANKING_COLUMNS, rows, "没有排名")


def _total_cells(scorecard: Scorecard) -> Sequence[Any]:
    card = scorecard.card
    difference = sum((_dense_difference(line.result) or Decimal(0) for line in scorecard.lines), Decimal(0))
    state = CARD_STATES[card.card_state] + ("，名次暂定" if card.is_rank_provisional else "")
    return (
        "总分", card.rank if card.rank is not None else "不参加", card.region_name, None, card.total_points, None,
        card.total_points + difference, Cell(difference, _DIFFERS if difference else ""), state, card.base_points,
        card.bonus_points, card.deduction_points, card.awaiting_points, card.not_evaluable_points,
    )  # fmt: skip


def _rank_cells(rule: Any, card: Any, result: Any) -> Sequence[Any]:
    difference = _dense_difference(result)
    return (
        rule.rule_id, result.rank, card.region_name, Cell(result.value, unit=rule.value_unit or ""), result.points,
        result.dense_rank, result.dense_points, Cell(difference, _DIFFERS if difference else ""),
        Cell(state_text(result.state, result.reason, is_provisional=result.is_provisional), STATE_FILLS[result.state]),
        *[None] * 5,
    )  # fmt: skip


def _dense_difference(result: Any) -> Decimal | None:
    """What the rule would give more or less if those who share a rank took up one place only."""
    if result.points is None or result.dense_points is None:
        return None
    return Decimal(result.dense_points - result.points)


def _gap_sheet(pen: _Pen, scorecard: Scorecard) -> None:
    rules = {line.rule.rule_id: line.rule for line in scorecard.lines}
    rows = (
        (
            gap.unit_name, "牵头" if gap.is_lead else None, gap.rule_id,
            rules[gap.rule_id].rule_text or rules[gap.rule_id].indicator_text,
            Cell(state_text(gap.state, gap.reason), STATE_FILLS[gap.state]), gap.points_at_stake, gap.due_on,
            gap.what_to_do,
        )
        for gap in scorecard.gaps
    )  # fmt: skip
    pen.list("缺项", _GAP_COLUMNS, rows, "没有缺项")


def _metric_sheet(pen: _Pen, scorecard: Scorecard) -> None:
    pen.list("指标值", _METRIC_COLUMNS, (_metric_cells(metric) for metric in scorecard.metrics), "没有指标值")


def _metric_cells(metric: Metric) -> Sequence[Any]:
    value, inherited = metric.value, metric.inherited_from
    if value is None:
        return (metric.title, metric.code, *[None] * 5, "没有数据", *[None] * 8, inherited)
    differs = (
        value.difference
        or (value.recorded_choice and value.declared_choice and value.recorded_choice != value.declared_choice)
    )  # fmt: skip
    fill = _DIFFERS if differs else ""
    declared_at = f"第 {value.declared_submission_id} 件第 {value.declared_row_number} 行"
    return (
        value.metric_title or metric.title, metric.code,
        Cell(_either(value.choice, value.value), unit=value.value_unit or ""),
        SOURCES.get(value.value_source, value.value_source),
        Cell(_either(value.recorded_choice, value.recorded_value), fill),
        Cell(_either(value.declared_choice, value.declared_value), fill), Cell(value.difference, fill),
        REASONS.get(value.missing_reason, value.missing_reason), value.record_count, value.is_complete,
        value.evidence_id, value.evidence_sha256, value.evidence_on, value.certified_by, value.certified_on,
        declared_at if value.declared_submission_id else None, inherited,
    )  # fmt: skip


def _either(choice: Any, value: Any) -> Any:
    return value if choice is None else choice


def _record_sheet(pen: _Pen, scorecard: Scorecard) -> None:
    rows = (
        (
            metric.title, record.dataset_title, record.document_no, record.counted_on, record.quantity,
            "有" if record.is_evidenced else "无", record.submission_id, record.row_number, record.record_id,
        )
        for metric in scorecard.metrics
        for record in metric.records
    )  # fmt: skip
    pen.list("记录", _RECORD_COLUMNS, rows, "没有记录")


def _movement_sheet(pen: _Pen, release: Release, scorecard: Scorecard) -> None:
    if not release.previous:
        empty = "首次发布，无可比较"
    elif not release.is_previous_kept:
        empty = f"上次发布 {release.previous} 已按保留规则清除，无可比较"
    elif not scorecard.card.has_before:
        empty = f"上次发布 {release.previous} 没有这份成绩，无可比较"
    else:
        empty = f"与上次发布 {release.previous} 相比没有变动"
    rules = {line.rule.rule_id: line.rule for line in scorecard.lines}
    rows: list[Sequence[Any]] = [
        (
            moved.rule_id, rules[moved.rule_id].rule_text or rules[moved.rule_id].indicator_text,
            _moved_state(moved.state_before, moved.reason_before), moved.points_before,
            _moved_state(moved.state_now, moved.reason_now), moved.points_now, moved.points_change,
        )
        for moved in scorecard.movements
    ]  # fmt: skip
    if rows:
        card = scorecard.card
        change = card.total_points - card.total_before
        rows.append(("总分", f"上次发布：{release.previous}", None, card.total_before, None, card.total_points, change))
    pen.list("变动", _MOVEMENT_COLUMNS, rows, empty)


def _moved_state(state: str | None, reason: str | None) -> Any:
    return Cell(state_text(state, reason), STATE_FILLS[state]) if state else "没有这条规则"
