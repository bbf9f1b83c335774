"""The workbook a bureau fills, reopened with another library."""

import re
import time
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from ipcredit.cli import app
from ipcredit.contracts import load_contracts
from ipcredit.intake.personal import may_tell_of_people
from ipcredit.intake.templates import TemplateError, datasets_of, file_name, write_template

BUREAU, PROVINCE = "210600", "210000"
HEADER_ROW, EXAMPLE_ROW, LAST_ROW = 6, 7, 1_048_576
PERIODS = {"annual": "2022", "quarterly": "2022Q3", "monthly": "2022-11", "as_needed": "2022"}
UNITS = {
    "bureau": (BUREAU, "丹东市知识产权局"),
    "provincial_source": (PROVINCE, "辽宁省市场监督管理局"),
    "provincial_office": ("LN-IPO", "辽宁省知识产权局"),
    "certifying_office": ("LN-SDB", "辽宁省打击侵权假冒工作领导小组办公室"),
}
BY_BUREAU = [
    "honours", "patent_awards", "standard_certifications", "agencies", "agency_conduct", "penalties",
    "abnormal_patents",
    "malicious_trademarks", "general_risk_class", "enterprises", "protection_lists", "complaints",
    "campaign_cases", "inspections", "inspectors", "commitments", "objections", "repairs", "measure_feedback", "cases",
    "case_transfers", "mediations", "legal_aid", "well_known_marks", "geographical_indications", "pledges",
    "patent_transfers", "insurance_policies", "activities", "indicator_inputs",
    "review_verdicts", "pilot_materials",
]  # fmt: skip
BY_PROVINCE = {
    "210000": ["serious_list"],
    "LN-IPO": [
        "attorneys", "external_parameters", "identity_decisions", "indicator_judgements", "scorecard_signoffs",
        "pilot_materials",
    ],
    "LN-SDB": ["two_laws_entries"],
}  # fmt: skip
EVERY = list(dict.fromkeys([*BY_BUREAU, *(dataset for datasets in BY_PROVINCE.values() for dataset in datasets)]))


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workbook]:
    folder = tmp_path_factory.mktemp("templates")
    opened = {}
    for dataset, contract in load_contracts().items():
        unit, _ = UNITS[contract.submitting_roles[0]]
        path = write_template(unit, dataset, PERIODS[contract.update_cycle], folder / f"{dataset}.xlsx")
        opened[dataset] = openpyxl.load_workbook(path)
    return opened


def form(workbooks: dict[str, Workbook], dataset: str) -> Worksheet:
    return workbooks[dataset][load_contracts()[dataset].title]


def test_units_submit_the_datasets_of_their_role() -> None:
    assert datasets_of(BUREAU) == BY_BUREAU
    assert {unit: datasets_of(unit) for unit in BY_PROVINCE} == BY_PROVINCE


@pytest.mark.parametrize("dataset", EVERY)
def test_every_form_names_itself_and_has_every_column_of_its_contract(
    workbooks: dict[str, Workbook], dataset: str
) -> None:
    contract, sheet = load_contracts()[dataset], form(workbooks, dataset)
    assert workbooks[dataset].sheetnames == [contract.title, "填写说明", "代码表"]
    labels = {str(sheet.cell(row, column).value): sheet.cell(row, column + 1).value
              for row in (3, 4) for column in (1, 3, 5)}  # fmt: skip
    assert labels == {
        "报送单位": UNITS[contract.submitting_roles[0]][1],
        "数据集": contract.title,
        "报送期间": PERIODS[contract.update_cycle],
        "报送方式": {"full": "全量", "incremental": "增量"}[contract.mode],
        "本期无数据": "否",
        "操作": "报送",
    }
    assert sheet["F3"].number_format == "@", "2022-11 must stay text"
    head = sheet.iter_rows(max_row=HEADER_ROW - 1, values_only=True)
    assert not [row for row in head if may_tell_of_people([str(cell or "") for cell in row])]
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    assert headers == ["序号", *(column.header for column in contract.columns)]
    matches = [contract.match_header(str(header)) for header in headers[1:]]
    assert [match and match[0].name for match in matches] == [column.name for column in contract.columns]
    assert sheet.freeze_panes == "C7"
    assert sheet.print_title_rows == "$6:$6"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )


@pytest.mark.parametrize("dataset", EVERY)
def test_codes_are_text_and_never_numbers(workbooks: dict[str, Workbook], dataset: str) -> None:
    contract, sheet = load_contracts()[dataset], form(workbooks, dataset)
    formats = {"date": "yyyy-mm-dd", "year": "0", "integer": "0", "amount": "0.00", "number": "General"}
    for index, column in enumerate(contract.columns, 2):
        expected = formats.get(column.type, "@")
        cells = [sheet.cell(row, index) for row in (EXAMPLE_ROW, EXAMPLE_ROW + 1, EXAMPLE_ROW + 30)]
        assert [cell.number_format for cell in cells] == [expected] * 3, column.name
        example = sheet.cell(EXAMPLE_ROW, index).value
        kinds = datetime if column.type == "date" else (int, float) if column.type in formats else str
        assert example is None or isinstance(example, kinds), column.name
        assert (example is None) == (column.example is None), column.name
        assert sheet.cell(EXAMPLE_ROW + 1, index).value is None
    assert sheet.cell(EXAMPLE_ROW, 1).value == "示例"
    assert sheet.cell(EXAMPLE_ROW + 1, 1).value is None


def test_required_columns_are_red_and_every_header_has_a_note(workbooks: dict[str, Workbook]) -> None:
    contract, sheet = load_contracts()["honours"], form(workbooks, "honours")
    red = {cell.value for cell in sheet[HEADER_ROW] if cell.fill.fgColor.rgb == "FFA63A3A"}
    assert red == {"统一社会信用代码", "企业名称", "称号类别", "认定年度", "认定日期"}
    for cell, column in zip(sheet[HEADER_ROW][1:], contract.columns, strict=True):
        assert cell.comment is not None
        assert cell.comment.text.startswith(f"{'必填' if column.required else '选填'}：{column.description}\n格式：")


def validations(sheet: Worksheet) -> dict[str, tuple[str | None, str | None, str | None]]:
    return {
        str(rule.sqref): (rule.type, rule.formula1, rule.formula2) for rule in sheet.data_validations.dataValidation
    }


def test_expected_set_of_validations_of_honours(workbooks: dict[str, Workbook]) -> None:
    assert validations(form(workbooks, "honours")) == {
        "B3": ("list", '"丹东市知识产权局"', None),
        "D3": ("list", '"知识产权示范优势企业"', None),
        "F3": ("custom", "AND(LEN($F$3)=4,ISNUMBER(VALUE($F$3)))", None),
        "B4": ("list", '"全量,增量"', None),
        "D4": ("list", '"否,是"', None),
        "F4": ("list", '"报送,撤回"', None),
        f"B7:B{LAST_ROW}": ("textLength", "18", None),
        f"C7:C{LAST_ROW}": (None, None, None),
        f"D7:D{LAST_ROW}": (None, None, None),
        f"E7:E{LAST_ROW}": ("list", "'代码表'!$A$2:$A$4", None),
        f"F7:F{LAST_ROW}": ("whole", "2008", "2099"),
        f"G7:G{LAST_ROW}": (None, None, None),
        f"H7:H{LAST_ROW}": ("date", "2", "73050"),
        f"I7:I{LAST_ROW}": ("date", "2", "73050"),
        f"J7:J{LAST_ROW}": (None, None, None),
        f"K7:K{LAST_ROW}": (None, None, None),
        f"L7:L{LAST_ROW}": ("list", "'代码表'!$B$2:$B$4", None),
        f"M7:M{LAST_ROW}": ("date", "2", "73050"),
        f"N7:N{LAST_ROW}": ("list", "'代码表'!$C$2:$C$16", None),
        f"O7:O{LAST_ROW}": (None, None, None),
        f"P7:P{LAST_ROW}": (None, None, None),
        f"Q7:Q{LAST_ROW}": (None, None, None),
    }


@pytest.mark.parametrize("dataset", EVERY)
def test_every_drop_down_offers_exactly_the_labels_of_its_list(workbooks: dict[str, Workbook], dataset: str) -> None:
    contract, sheet = load_contracts()[dataset], form(workbooks, dataset)
    codes = workbooks[dataset]["代码表"]
    for rule in sheet.data_validations.dataValidation:
        start = str(rule.sqref).split(":")[0]
        assert rule.promptTitle and rule.prompt, start
        if rule.type != "list" or not str(rule.formula1).startswith("'代码表'!"):
            continue
        column = contract.columns[sheet[start].column - 2]
        offered = [cell.value for (cell,) in codes[re.sub(r"'代码表'!|\$", "", str(rule.formula1))]]
        if column.code_list:
            assert offered == [labels[0] for labels in contract.code_lists[column.code_list].values()]
        else:
            # what the provincial office reports may hold for the whole province
            whole = ["辽宁省"] if "provincial_office" in contract.submitting_roles else []
            assert column.type == "division"
            assert (len(offered), offered[: len(whole) + 1], offered[-1]) == (
                15 + len(whole),
                [*whole, "沈阳市"],
                "沈抚示范区",
            )


def test_the_explanation_tells_of_every_field(workbooks: dict[str, Workbook]) -> None:
    contract, sheet = load_contracts()["penalties"], workbooks["penalties"]["填写说明"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(index for index, row in enumerate(rows) if row[0] == "序号")
    assert rows[start] == ["序号", "列名", "必填", "说明", "格式与可填内容", "也可识别的表头", "示例"]
    table = {row[1]: row for row in rows[start + 1 :]}
    assert list(table) == [column.header for column in contract.columns]
    assert table["处罚类别"][2] == "必填"
    assert "警告；通报批评；罚款" in str(table["处罚类别"][4])
    assert "cf_nr_fk（按万元）" in str(table["罚款金额（元）"][5])
    assert "市场监管总局令第45号" in "".join(str(row[0]) for row in rows[:start])


def test_a_form_made_again_has_the_same_bytes_and_follows_no_link(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "x.xlsx", tmp_path / "elsewhere"
    write_template(BUREAU, "honours", "2022", path)
    properties = openpyxl.load_workbook(path).properties
    code = load_contracts()["honours"].catalogue_code
    assert (properties.title, properties.subject) == ("知识产权示范优势企业报送表", code)
    before = path.read_bytes()
    path.unlink()
    path.symlink_to(elsewhere)
    time.sleep(1.1)  # properties hold seconds
    write_template(BUREAU, "honours", "2022", path)
    assert not path.is_symlink() and path.read_bytes() == before and path.stat().st_mode & 0o777 == 0o644
    assert [left.name for left in tmp_path.iterdir()] == ["x.xlsx"]


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    for unit, dataset, period, message in [
        ("210600", "serious_list", None, "丹东市知识产权局不报送严重违法失信名单"),
        ("999999", "honours", None, "没有报送单位 999999"),
        ("210600", "honors", None, "没有数据集 honors"),
        ("210600", "penalties", "2022", "知识产权行政处罚按季度报送，期间应写作 2022Q3，不是 2022"),
    ]:
        with pytest.raises(TemplateError, match=message):
            write_template(unit, dataset, period, tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_command_line(tmp_path: Path) -> None:
    run = CliRunner()
    one = run.invoke(
        app, ["template", "--bureau", "210600", "--dataset", "honours", "--output", str(tmp_path / "f.xlsx")]
    )
    assert (one.exit_code, one.output.strip()) == (0, str(tmp_path / "f.xlsx"))
    every = run.invoke(app, ["template", "--bureau", "LN-SF", "--dataset", "all", "--period", "2022Q3", "--output",
                             str(tmp_path / "all")])  # fmt: skip
    assert every.exit_code == 0
    quarterly = {c.dataset for c in load_contracts().values() if c.update_cycle == "quarterly"}
    expected = {file_name(dataset, "2022Q3" if dataset in quarterly else None) for dataset in BY_BUREAU}
    assert {path.name for path in (tmp_path / "all").iterdir()} == expected
    wrong = run.invoke(app, ["template", "--bureau", "210600", "--dataset", "serious_list"])
    assert wrong.exit_code == 1
    assert "不报送" in wrong.output
