"""Writes the workbook that a bureau fills for one dataset: the form, its explanation and its drop-down lists."""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from ipcredit.contracts import BOOLEAN_LABELS, NUMBER_TYPES, Column, Contract, load_contracts, period_is_valid
from ipcredit.intake.units import Unit, submitting_units
from ipcredit.settings import DBT_PROJECT
from ipcredit.sheets import workbook as workbook_at

EXAMPLE_MARK = "示例"
HELP_SHEET, CODES_SHEET = "填写说明", "代码表"

_CYCLES = {"annual": "年度", "quarterly": "季度", "monthly": "月度", "as_needed": "需"}
_PERIOD_EXAMPLES = {"annual": "2022", "quarterly": "2022Q3", "monthly": "2022-11", "as_needed": "2022"}
# Catches what a slip of the hand makes; intake judges the period itself.
_PERIOD_FORMULAS = {
    "annual": "=AND(LEN({0})=4,ISNUMBER(VALUE({0})))",
    "as_needed": "=AND(LEN({0})=4,ISNUMBER(VALUE({0})))",
    "quarterly": '=AND(LEN({0})=6,MID({0},5,1)="Q",ISNUMBER(VALUE(LEFT({0},4))))',
    "monthly": '=AND(LEN({0})=7,MID({0},5,1)="-",ISNUMBER(VALUE(LEFT({0},4))))',
}
_DISCLOSURES = {"public": "向社会公开", "restricted": "限有关部门使用", "internal": "仅内部使用，不公开"}
_MODES = {"full": "全量", "incremental": "增量"}
_UNITS = {"yuan": "元", "wan_yuan": "万元"}
_FORMATS = {
    "text": "文字",
    "long_text": "文字，可分段（单元格内换行）",
    "uscc": "18 位数字或大写字母（不含 I、O、S、V、Z），末位是校验码",
    "org_code": "9 位组织机构代码，末位是校验码，可带连字符",
    "registration_no": "13 位或 15 位工商注册号",
    "patent_application_no": "专利申请号，含小数点和校验位，如 201710601862.3",
    "patent_no": "专利号，含小数点和校验位，可带 ZL，如 ZL201710601862.3",
    "trademark_no": "商标申请号或注册号，不超过 8 位数字，可带字母后缀；马德里注册号以 G 开头",
    "agency_code": "5 位代理机构代码，前两位是省份代码",
    "date": "日期，年-月-日，如 2022-03-01",
    "year": "4 位年份",
    "integer": "整数",
    "amount": "数字，不写单位和千分号；单位见列名",
    "number": "数字，最多四位小数；比率写 0.935 或 93.5%",
    "code": "从下拉列表中选择",
    "boolean": "是 或 否",
    "division": "从下拉列表中选择市（示范区）",
    "sha256": "64 位十六进制数字，即文件的 SHA-256 校验值",
    "document_no": "文号，年份用六角括号，如 辽知发〔2022〕4号",
    "person_name": "姓名；入库时加密替换，不留明文",
    "id_number": "证件号码；入库时加密替换，不留明文",
}
# Types that Excel keeps as numbers or dates; everything else is text, so that no code ever becomes a float.
_NUMBER_FORMATS = {"date": "yyyy-mm-dd", "year": "0", "integer": "0", "amount": "0.00", "number": "General"}
_LENGTHS = {"uscc": 18, "agency_code": 5, "sha256": 64}

_METADATA_ROW, _HINT_ROW, _HEADER_ROW = 2, 4, 5  # counted from 0
_EXAMPLE_ROW, _LAST_ROW = _HEADER_ROW + 1, 1_048_575
_RULED_ROWS = 30
_NO_DAY = datetime(2022, 1, 1)  # any, but always the same: made again, a form has the same bytes
_REQUIRED_COLOUR, _OPTIONAL_COLOUR, _PALE, _LINE = "#A63A3A", "#2F5D8A", "#EAF0F6", "#9FB3C8"


class TemplateError(ValueError):
    """The template asked for does not exist; the message says what there is."""


@dataclass(frozen=True)
class _Sheets:
    """A workbook being written, its styles and the drop-down ranges by code list (divisions: by type)."""

    workbook: Any
    contract: Contract
    ranges: dict[str, str]

    def style(self, **properties: Any) -> Any:
        base = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"}
        return self.workbook.add_format(base | properties)


def datasets_of(unit_code: str) -> list[str]:
    """Datasets that a unit submits, by its role.

    Raises:
        TemplateError: there is no such unit.
    """
    unit = _unit(unit_code)
    return [contract.dataset for contract in load_contracts().values() if unit.role in contract.submitting_roles]


def file_name(dataset: str, period: str | None) -> str:
    """Name under which intake recognises a template's dataset and period."""
    title = load_contracts()[dataset].title
    return f"{title}_{period}.xlsx" if period else f"{title}.xlsx"


def write_template(
    unit_code: str, dataset: str, period: str | None, path: Path, rows: Sequence[dict[str, str]] = (),
    created: datetime = _NO_DAY,
) -> Path:  # fmt: skip
    """Write the workbook for one unit and dataset; `period` None leaves it for the bureau to fill.

    Args:
        rows: filled in beforehand, column name to text; numbers where the column takes numbers.
        created: since when there is what the rows say; a form without any has no day of its own.

    Raises:
        TemplateError: unknown unit or dataset, a dataset this unit does not submit, or a period not written right.
    """
    unit, contract = _unit(unit_code), load_contracts().get(dataset)
    if contract is None:
        raise TemplateError(f"没有数据集 {dataset}；现有：{'、'.join(load_contracts())}")
    if unit.role not in contract.submitting_roles:
        raise TemplateError(f"{unit.name}不报送{contract.title}；它报送：{'、'.join(datasets_of(unit_code))}")
    if period and not period_is_valid(period, contract.update_cycle):
        cycle, example = _CYCLES[contract.update_cycle], _PERIOD_EXAMPLES[contract.update_cycle]
        raise TemplateError(f"{contract.title}按{cycle}报送，期间应写作 {example}，不是 {period}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with workbook_at(
        path, f"{contract.title}报送表", created, subject=contract.catalogue_code, row_by_row=False
    ) as workbook:
        form, explanation = workbook.add_worksheet(contract.title), workbook.add_worksheet(HELP_SHEET)
        sheets = _Sheets(workbook, contract, {})
        _write_lists(sheets, workbook.add_worksheet(CODES_SHEET))
        _write_form(sheets, form, unit, period)
        _write_rows(sheets, form, rows)
        _write_explanation(sheets, explanation, unit)
        form.activate()
    return path


def hand_out(
    unit_code: str, dataset: str, period: str | None, path: Path, rows: Sequence[dict[str, str]], created: datetime
) -> Path:
    """Write a form with its rows into a unit's folder, once: the one that lies there may have been filled in since."""
    if path.is_symlink() or not path.exists():
        write_template(unit_code, dataset, period, path, rows, created)
    return path


def write_all_templates(unit_code: str, period: str | None, folder: Path) -> list[Path]:
    """One workbook for every dataset the unit submits; `period` goes into those it fits, the others leave it open."""
    paths = []
    for dataset in datasets_of(unit_code):
        fits = period is not None and period_is_valid(period, load_contracts()[dataset].update_cycle)
        own = period if fits else None
        paths.append(write_template(unit_code, dataset, own, folder / file_name(dataset, own)))
    return paths


def _deadline(contract: Contract) -> str:
    if contract.update_cycle == "as_needed":
        return "按需报送，有则报，没有期限"
    return f"{_CYCLES[contract.update_cycle]}报送，期末后 {contract.due_working_days} 个工作日内"


def _unit(code: str) -> Unit:
    units = {unit.code: unit for unit in submitting_units()}
    if code not in units:
        raise TemplateError(f"没有报送单位 {code}；现有：{'、'.join(units)}")
    return units[code]


def _divisions(contract: Contract) -> list[str]:
    """What a row can be about: a city, or the whole province where the provincial office reports."""
    levels = {"city", "area"} | ({"province"} if "provincial_office" in contract.submitting_roles else set())
    with (DBT_PROJECT / "seeds" / "reference" / "divisions.csv").open(encoding="utf-8-sig", newline="") as lines:
        return [row["name"] for row in csv.DictReader(lines) if row["level"] in levels]


def _width(text: str) -> int:
    """Width in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _labels(contract: Contract, column: Column) -> list[str]:
    """What a drop-down of this column offers."""
    if column.code_list:
        return [labels[0] for labels in contract.code_lists[column.code_list].values()]
    if column.type == "boolean":
        return list(BOOLEAN_LABELS)
    return _divisions(contract) if column.type == "division" else []


# --- the drop-down lists ----------------------------------------------------------------------------------------------


def _write_lists(sheets: _Sheets, sheet: Any) -> None:
    """One column per code list, and one of the divisions; the form's drop-downs refer to them."""
    header = sheets.style(bold=True, font_color="white", bg_color=_OPTIONAL_COLOUR, border=1, border_color=_LINE)
    cell = sheets.style(border=1, border_color=_LINE, num_format="@")
    listed = {column.code_list or column.type: column for column in reversed(sheets.contract.columns)
              if column.type in ("code", "division")}  # fmt: skip
    for index, (name, column) in enumerate(reversed(listed.items())):
        labels = _labels(sheets.contract, column)
        sheet.set_column(index, index, max(_width(text) for text in [column.header, *labels]) + 3)
        sheet.write_string(0, index, column.header, header)
        for row, label in enumerate(labels, 1):
            sheet.write_string(row, index, label, cell)
        letter = xlsxwriter.utility.xl_col_to_name(index)
        sheets.ranges[name] = f"='{CODES_SHEET}'!${letter}$2:${letter}${len(labels) + 1}"
    sheet.freeze_panes(1, 0)
    _set_page(sheet, f"{sheets.contract.title}　{CODES_SHEET}", pages=1)


# --- the form ---------------------------------------------------------------------------------------------------------


def _write_form(sheets: _Sheets, sheet: Any, unit: Unit, period: str | None) -> None:
    contract = sheets.contract
    last = len(contract.columns)
    title = sheets.style(bold=True, font_size=18, font_color="#1F3B57", align="left")
    small = sheets.style(font_color="#555555", font_size=9)
    hint = sheets.style(font_size=9, text_wrap=True, indent=1, bg_color="#FFF7E0", border=1, border_color="#E3C878")
    sheet.hide_gridlines(2)
    sheet.set_default_row(20)
    sheet.set_row(0, 32)
    sheet.write_string(0, 0, f"{contract.title}报送表", title)
    about = [f"目录编号 {contract.catalogue_code}", f"责任处室 {contract.responsible_office}",
             _deadline(contract),
             _DISCLOSURES[contract.disclosure], f"依据 {contract.legal_basis}"]  # fmt: skip
    sheet.write_string(1, 0, "　|　".join(about), small)
    _write_metadata(sheets, sheet, unit, period)
    sheet.set_row(_HINT_ROW, 30)
    text = (f"红色表头必填，蓝色表头选填；鼠标停在表头上可看说明。“{EXAMPLE_MARK}”行只作参考，系统不读，可保留。"
            f"请从“{EXAMPLE_MARK}”行下面填起，一行一条；不要改表头。各栏详细要求见“{HELP_SHEET}”。")  # fmt: skip
    sheet.merge_range(_HINT_ROW, 0, _HINT_ROW, min(last, 6), text, hint)
    # The second and fourth column hold the unit's name and the title above the table.
    _write_columns(sheets, sheet, {1: _width(unit.name) + 4, 3: _width(contract.title) + 4})
    sheet.freeze_panes(_HEADER_ROW + 1, 2)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.repeat_columns(0, 1)
    sheet.print_area(0, 0, _EXAMPLE_ROW + _RULED_ROWS, last)
    _set_page(sheet, f"{contract.title}　{unit.name}", pages=1 + last // 9)


def _write_metadata(sheets: _Sheets, sheet: Any, unit: Unit, period: str | None) -> None:
    """Label cell, value cell, three pairs a row; intake reads them to know whose file this is and of what."""
    contract = sheets.contract
    label = sheets.style(bold=True, bg_color=_PALE, border=1, border_color=_LINE, align="right", indent=1)
    value = sheets.style(border=1, border_color=_LINE, num_format="@", indent=1)
    cycle, example = _CYCLES[contract.update_cycle], _PERIOD_EXAMPLES[contract.update_cycle]
    pairs: list[tuple[str, str, dict[str, Any], str]] = [
        ("报送单位", unit.name, {"validate": "list", "source": [unit.name]}, "由系统填好，请勿修改。"),
        ("数据集", contract.title, {"validate": "list", "source": [contract.title]}, "由系统填好，请勿修改。"),
        ("报送期间", period or "", {"validate": "custom"}, f"按{cycle}报送，写作 {example}。"),
        ("报送方式", _MODES[contract.mode], {"validate": "list", "source": list(_MODES.values())},
         "全量：本期全部数据，替换本期以前所报；增量：只报新增和更正的行。"),
        ("本期无数据", "否", {"validate": "list", "source": list(reversed(BOOLEAN_LABELS))},
         "本期确无数据时选“是”，表格留空，同样要报送。"),
        ("操作", "报送", {"validate": "list", "source": ["报送", "撤回"]}, "撤回：撤销本期以前所报，表格留空。"),
    ]  # fmt: skip
    for index, (name, text, rule, message) in enumerate(pairs):
        row, column = _METADATA_ROW + index // 3, index % 3 * 2
        sheet.set_row(row, 24)
        sheet.write_string(row, column, name, label)
        sheet.write_string(row, column + 1, text, value)
        if rule["validate"] == "custom":
            cell = xlsxwriter.utility.xl_rowcol_to_cell(row, column + 1, row_abs=True, col_abs=True)
            rule = rule | {"value": _PERIOD_FORMULAS[contract.update_cycle].format(cell)}
        sheet.data_validation(row, column + 1, row, column + 1, rule | _messages(name, message))


def _messages(title: str, message: str) -> dict[str, str]:
    """Input and error message of a validation, within Excel's limits of 32 and 255 characters."""
    return {"input_title": title[:32], "input_message": message[:255], "error_title": title[:32],
            "error_message": message[:255]}  # fmt: skip


def _write_columns(sheets: _Sheets, sheet: Any, at_least: dict[int, int]) -> None:
    heading = {"bold": True, "font_color": "white", "align": "center", "text_wrap": True, "border": 1}
    ruled = {"border": 1, "border_color": _LINE}
    example = {"italic": True, "font_color": "#7A7A7A", "bg_color": "#F3F3F3"} | ruled
    sheet.set_row(_HEADER_ROW, 36)
    sheet.set_column(0, 0, 12)
    optional = sheets.style(bg_color=_OPTIONAL_COLOUR, border_color="white", **heading)
    required = sheets.style(bg_color=_REQUIRED_COLOUR, border_color="white", **heading)
    sheet.write_string(_HEADER_ROW, 0, "序号", optional)
    sheet.write_string(_EXAMPLE_ROW, 0, EXAMPLE_MARK, sheets.style(align="center", **example))
    for row in range(_EXAMPLE_ROW + 1, _EXAMPLE_ROW + 1 + _RULED_ROWS):
        sheet.write_blank(row, 0, None, sheets.style(align="center", **ruled))
    for index, column in enumerate(sheets.contract.columns, 1):
        number_format = _NUMBER_FORMATS.get(column.type, "@")
        width = max(_column_width(sheets.contract, column), at_least.get(index, 0))
        sheet.set_column(index, index, width, sheets.style(num_format=number_format))
        sheet.write_string(_HEADER_ROW, index, column.header, required if column.required else optional)
        sheet.write_comment(_HEADER_ROW, index, _comment(sheets.contract, column), {"x_scale": 2.2, "y_scale": 1.6})
        _write_example(sheet, index, column, sheets.style(num_format=number_format, **example))
        blank = sheets.style(num_format=number_format, **ruled)
        for row in range(_EXAMPLE_ROW + 1, _EXAMPLE_ROW + 1 + _RULED_ROWS):
            sheet.write_blank(row, index, None, blank)
        sheet.data_validation(_EXAMPLE_ROW, index, _LAST_ROW, index, _validation(sheets, column))


def _write_rows(sheets: _Sheets, sheet: Any, rows: Sequence[dict[str, str]]) -> None:
    """Rows known beforehand, below the example; as text, so that nothing in them can become a formula."""
    text = sheets.style(border=1, border_color=_LINE, num_format="@", text_wrap=True)
    number = sheets.style(border=1, border_color=_LINE, num_format="0")
    widths = {column.name: _column_width(sheets.contract, column) for column in sheets.contract.columns}
    for at, row in enumerate(rows, _EXAMPLE_ROW + 1):
        sheet.write_number(at, 0, at - _EXAMPLE_ROW, number)
        # Excel does not make room for wrapped text by itself under a default height.
        lines = max((1 + _width(value) // widths[name] for name, value in row.items() if value), default=1)
        sheet.set_row(at, min(15 * lines + 5, 400))
        for index, column in enumerate(sheets.contract.columns, 1):
            value = row.get(column.name)
            if value is None:
                continue
            if column.type == "integer":
                sheet.write_number(at, index, int(value), number)
            else:
                sheet.write_string(at, index, value, text)


def _column_width(contract: Contract, column: Column) -> int:
    texts = [column.example or "", *_labels(contract, column)]
    widest = max(max(_width(text) for text in texts) + 4, (_width(column.header) + 1) // 2 + 4, 12)
    return min(24 if column.type == "uscc" else widest, 36)


def _comment(contract: Contract, column: Column) -> str:
    lines = [f"{'必填' if column.required else '选填'}：{column.description}", f"格式：{_format_text(column)}"]
    if column.note:
        lines.append(column.note)
    if column.example:
        lines.append(f"示例：{column.example}")
    return "\n".join(lines)


def _format_text(column: Column) -> str:
    bounds = [f"不小于 {column.minimum}"] if column.minimum is not None else []
    bounds += [f"不大于 {column.maximum}"] if column.maximum is not None else []
    return "，".join([_FORMATS[column.type], *bounds])


def _write_example(sheet: Any, index: int, column: Column, style: Any) -> None:
    text = column.example
    if text is None:
        sheet.write_blank(_EXAMPLE_ROW, index, None, style)
    elif column.type == "date":
        sheet.write_datetime(_EXAMPLE_ROW, index, datetime.fromisoformat(text), style)
    elif column.type in _NUMBER_FORMATS:
        sheet.write_number(_EXAMPLE_ROW, index, float(text), style)
    else:
        sheet.write_string(_EXAMPLE_ROW, index, text, style)


def _validation(sheets: _Sheets, column: Column) -> dict[str, Any]:
    """What Excel itself lets in, with a message beside the cell. Lists stop a slip; the rest warns and lets it pass."""
    message = f"{'必填。' if column.required else '选填。'}{column.description}。{_format_text(column)}"
    rule: dict[str, Any] = {"validate": "any", "error_type": "warning"}
    if column.type in ("code", "division"):
        rule = {"validate": "list", "source": sheets.ranges[column.code_list or column.type]}
    elif column.type == "boolean":
        rule = {"validate": "list", "source": list(BOOLEAN_LABELS)}
    elif column.type == "date":
        rule |= {"validate": "date", "criteria": "between", "minimum": date(1900, 1, 2), "maximum": date(2099, 12, 31)}
    elif column.type in NUMBER_TYPES:
        low, high = (bound if bound is not None else default
                     for bound, default in ((column.minimum, 0), (column.maximum, 10**12)))  # fmt: skip
        kind = "decimal" if column.type in ("amount", "number") else "integer"
        rule |= {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    elif column.type in _LENGTHS:
        rule |= {"validate": "length", "criteria": "==", "value": _LENGTHS[column.type]}
    return rule | _messages(re.sub(r"[（(].*", "", column.header), message)


# --- the explanation --------------------------------------------------------------------------------------------------


def _write_explanation(sheets: _Sheets, sheet: Any, unit: Unit) -> None:
    contract = sheets.contract
    sheet.hide_gridlines(2)
    sheet.set_row(0, 32)
    sheet.write_string(
        0, 0, f"{contract.title}　{HELP_SHEET}", sheets.style(bold=True, font_size=16, font_color="#1F3B57")
    )
    for index, width in enumerate((6, 22, 8, 34, 42, 40, 34)):
        sheet.set_column(index, index, width)
    wrapped = sheets.style(text_wrap=True)
    row = 1
    for text in _instructions(contract, unit):
        sheet.merge_range(row, 0, row, 6, text, wrapped)
        sheet.set_row(row, 18 * (1 + _width(text) // 175))
        row += 1
    header = sheets.style(bold=True, font_color="white", bg_color=_OPTIONAL_COLOUR, border=1, border_color="white",
                          align="center")  # fmt: skip
    titles = ("序号", "列名", "必填", "说明", "格式与可填内容", "也可识别的表头", "示例")
    row += 1
    sheet.set_row(row, 22)
    sheet.write_row(row, 0, titles, header)
    sheet.freeze_panes(row + 1, 0)
    sheet.repeat_rows(row)
    cell = {"text_wrap": True, "indent": 1, "border": 1, "border_color": _LINE, "num_format": "@"}
    plain, must = sheets.style(**cell), sheets.style(bold=True, font_color=_REQUIRED_COLOUR, **cell)
    for number, column in enumerate(contract.columns, 1):
        texts = _explained(contract, column)
        sheet.write_string(row + number, 0, str(number), plain)
        for index, text in enumerate(texts, 1):
            sheet.write_string(row + number, index, text, must if column.required and index < 3 else plain)
        lines = max(-(-_width(text) // width) for text, width in zip(texts, (22, 8, 34, 42, 40, 34), strict=True))
        sheet.set_row(row + number, min(15 * lines + 5, 400))
    _set_page(sheet, f"{contract.title}　{HELP_SHEET}", pages=1)


def _explained(contract: Contract, column: Column) -> tuple[str, ...]:
    labels = _labels(contract, column)
    allowed = _format_text(column)
    if column.type in ("code", "division"):
        allowed += f"：{'；'.join(labels)}"
    aliases = "、".join(
        f"{alias.text}（按{_UNITS[alias.unit]}）" if alias.unit and _UNITS[alias.unit] not in alias.text else alias.text
        for alias in column.aliases
    )
    description = f"{column.description}。{column.note}" if column.note else column.description
    return column.header, "必填" if column.required else "选填", description, allowed, aliases, column.example or ""


def _instructions(contract: Contract, unit: Unit) -> list[str]:
    key = "、".join(contract.column(name).header for name in contract.natural_key)
    example = _PERIOD_EXAMPLES[contract.update_cycle]
    return [
        f"一、内容：{contract.description}。",
        f"二、依据：{contract.legal_basis}。目录编号 {contract.catalogue_code}，"
        f"责任处室：{contract.responsible_office}。公开属性：{_DISCLOSURES[contract.disclosure]}；"
        f"共享属性：{contract.sharing}；保存 {contract.retention_years} 年。",
        f"三、期限：{_deadline(contract)}；报送期间写作 {example}。",
        f"四、报送：把本文件放入 {unit.code} 投递目录，可保存为 .xlsx、.xls 或 .csv。同一期间再次全量报送即替换前次；"
        "本期确无数据的，“本期无数据”选“是”后照常报送；报错要收回的，“操作”选“撤回”。",
        f"五、同一条记录以“{key}”相同为准，同一文件内不要重复；更正时照原样填这几栏。",
        "六、代码类栏目（信用代码、申请号、文号等）已设为文本，粘贴时请选“只粘贴文本”，以免被 Excel 改成科学计数。",
        "七、姓名、证件号码在入库时加密替换，不留明文；表外的栏目请勿填写个人信息。",
    ]


def _set_page(sheet: Any, footer: str, *, pages: int) -> None:
    """A4 landscape, as many pages wide as asked, numbered."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(pages, 0)
    sheet.set_footer(f"&L{footer}&R第 &P 页，共 &N 页")
