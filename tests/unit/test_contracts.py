"""The contracts say what they are meant to say, and every kind of mistake is named with its file and line."""

import re
import shutil
from pathlib import Path

import pytest

from ipcredit.contracts import ContractError, load_contracts, normalise_header, period_is_valid
from ipcredit.settings import DBT_PROJECT

DATASETS = {
    "honours": ("honours", "知识产权示范优势企业", "bureau", "annual", "public", 16),
    "patent_awards": ("honours", "专利奖获奖项目", "bureau", "annual", "public", 14),
    "standard_certifications": ("honours", "知识产权贯标认证", "bureau", "annual", "public", 13),
    "agencies": ("agencies", "知识产权服务机构", "bureau", "annual", "public", 21),
    "agency_conduct": ("agencies", "代理机构信用事项", "bureau", "as_needed", "restricted", 12),
    "penalties": ("enforcement", "知识产权行政处罚", "bureau", "quarterly", "public", 39),
    "abnormal_patents": ("enforcement", "非正常专利申请", "bureau", "quarterly", "restricted", 21),
    "malicious_trademarks": ("enforcement", "恶意商标注册申请", "bureau", "quarterly", "restricted", 17),
    "general_risk_class": ("risk", "企业信用风险通用分类", "bureau", "monthly", "internal", 10),
    "serious_list": ("risk", "严重违法失信名单", "provincial_source", "quarterly", "public", 20),
    "enterprises": ("registers", "企业登记信息", "bureau", "annual", "public", 16),
    "attorneys": ("registers", "专利代理师执业备案", "provincial_office", "annual", "restricted", 13),
    "protection_lists": ("registers", "重点保护名录", "bureau", "as_needed", "public", 16),
    "complaints": ("workflow", "举报投诉", "bureau", "quarterly", "restricted", 18),
    "campaign_cases": ("workflow", "专项整治行动成果", "bureau", "quarterly", "restricted", 17),
    "inspections": ("workflow", "双随机抽查", "bureau", "quarterly", "public", 20),
    "inspectors": ("workflow", "检查人员名录", "bureau", "as_needed", "internal", 9),
    "commitments": ("workflow", "信用承诺", "bureau", "quarterly", "public", 22),
    "objections": ("workflow", "异议申请", "bureau", "quarterly", "restricted", 17),
    "repairs": ("workflow", "信用修复", "bureau", "quarterly", "restricted", 19),
    "measure_feedback": ("workflow", "奖惩措施落实反馈", "bureau", "quarterly", "restricted", 15),
    "cases": ("cases", "知识产权案件登记", "bureau", "quarterly", "restricted", 31),
    "case_transfers": ("cases", "案件线索移送", "bureau", "quarterly", "restricted", 19),
    "two_laws_entries": ("cases", "两法衔接平台录入", "certifying_office", "quarterly", "restricted", 11),
    "mediations": ("cases", "纠纷调解仲裁与司法确认", "bureau", "quarterly", "internal", 24),
    "legal_aid": ("cases", "知识产权维权援助", "bureau", "quarterly", "restricted", 19),
    "well_known_marks": ("cases", "驰名商标保护", "bureau", "as_needed", "restricted", 21),
    "geographical_indications": ("services", "地理标志", "bureau", "annual", "public", 20),
    "pledges": ("services", "知识产权质押融资", "bureau", "quarterly", "restricted", 20),
    "patent_transfers": ("services", "专利转让许可", "bureau", "quarterly", "restricted", 19),
    "insurance_policies": ("services", "知识产权保险", "bureau", "quarterly", "restricted", 18),
    "activities": ("services", "知识产权活动与支撑材料", "bureau", "quarterly", "restricted", 21),
    "external_parameters": ("services", "外部参数与任务目标", "provincial_office", "as_needed", "restricted", 14),
    "indicator_inputs": ("services", "考核指标申报", "bureau", "annual", "internal", 18),
    "review_verdicts": ("quality", "抽查核对结果", "bureau", "as_needed", "internal", 14),
    "identity_decisions": ("identity", "主体核对决定", "provincial_office", "as_needed", "restricted", 13),
    "indicator_judgements": ("assessment", "考核评分", "provincial_office", "as_needed", "internal", 14),
    "scorecard_signoffs": ("assessment", "考核成绩签核", "provincial_office", "as_needed", "internal", 10),
    "pilot_materials": ("pilot", "试点工作材料", "bureau|provincial_office", "as_needed", "restricted", 14),
}
ABOUT_NOBODY = {
    "inspectors",
    "case_transfers", "two_laws_entries", "activities", "external_parameters", "indicator_inputs", "review_verdicts",
    "identity_decisions", "indicator_judgements", "scorecard_signoffs", "pilot_materials",
}  # fmt: skip


def test_the_expected_datasets_and_no_others() -> None:
    found = {
        c.dataset: (c.group, c.title, c.submitters, c.update_cycle, c.disclosure, len(c.columns))
        for c in load_contracts().values()
    }
    assert found == DATASETS
    assert list(load_contracts()) == list(DATASETS), "the order is that of vars.datasets"


def columns_of_type(*types: str) -> set[str]:
    return {f"{c.dataset}.{x.name}" for c in load_contracts().values() for x in c.columns if x.type in types}


def test_expected_columns_of_the_types_that_judge_identity() -> None:
    assert {c.dataset for c in load_contracts().values() if c.subject is None} == ABOUT_NOBODY
    by_code = DATASETS.keys() - ABOUT_NOBODY - {"attorneys"}
    assert columns_of_type("uscc") == {f"{dataset}.uscc" for dataset in by_code} | {
        "penalties.authority_code", "penalties.data_source_code", "abnormal_patents.agency_uscc",
        "malicious_trademarks.agency_uscc", "serious_list.authority_code", "attorneys.agency_uscc",
        "identity_decisions.decided_uscc",
    }  # fmt: skip
    assert columns_of_type("org_code") == {"penalties.org_code", "enterprises.org_code"}
    assert columns_of_type("patent_no", "patent_application_no") == {
        "patent_awards.patent_no", "abnormal_patents.application_no", "protection_lists.patent_no",
        "patent_transfers.patent_no",
    }  # fmt: skip
    assert columns_of_type("trademark_no") == {
        "malicious_trademarks.trademark_no", "protection_lists.trademark_no", "well_known_marks.trademark_no",
    }  # fmt: skip
    assert columns_of_type("registration_no") == {
        f"{dataset}.registration_no"
        for dataset in (
            "honours", "penalties", "serious_list", "enterprises", "complaints", "campaign_cases", "commitments",
            "objections", "repairs", "measure_feedback", "cases", "mediations", "legal_aid", "well_known_marks",
            "geographical_indications", "pledges", "patent_transfers", "insurance_policies",
        )
    }  # fmt: skip
    assert columns_of_type("agency_code") == {
        "agencies.agency_code", "agencies.head_office_code", "abnormal_patents.agency_code", "attorneys.agency_code",
    }  # fmt: skip
    assert columns_of_type("amount") == {
        "penalties.fine_amount", "penalties.confiscated_amount", "cases.case_amount", "mediations.disputed_amount",
        "legal_aid.recovered_amount", "geographical_indications.output_value", "pledges.pledged_amount",
        "patent_transfers.contract_amount", "insurance_policies.coverage_amount", "insurance_policies.premium",
        "insurance_policies.subsidy", "activities.amount",
    }  # fmt: skip
    assert columns_of_type("number") == {
        "external_parameters.parameter_value", "indicator_inputs.metric_value", "indicator_judgements.judged_points",
        "scorecard_signoffs.signed_points",
    }  # fmt: skip
    assert columns_of_type("sha256") == {
        "commitments.content_sha256", "activities.evidence_sha256", "indicator_inputs.evidence_sha256",
        "indicator_judgements.evidence_sha256", "pilot_materials.evidence_sha256",
    }  # fmt: skip
    assert columns_of_type("division") == {
        f"{dataset}.division_code" for dataset in DATASETS.keys() - {"review_verdicts", "identity_decisions"}
    }


def test_personal_fields_are_exactly_these() -> None:
    personal = {
        (f"{c.dataset}.{x.name}", x.personal) for c in load_contracts().values() for x in c.columns
        if x.personal != "never"
    }  # fmt: skip
    assert personal == {
        ("agencies.head_name", "always"),
        ("agency_conduct.party_name", "unless_organisation"),
        ("agency_conduct.person_id_number", "always"),
        ("penalties.legal_representative", "always"),
        ("penalties.legal_representative_id", "always"),
        ("penalties.person_id_number", "always"),
        ("penalties.party_name", "unless_organisation"),
        ("abnormal_patents.applicant_name", "unless_organisation"),
        ("abnormal_patents.applicant_id_number", "always"),
        ("abnormal_patents.attorney_name", "always"),
        ("malicious_trademarks.applicant_name", "unless_organisation"),
        ("malicious_trademarks.applicant_id_number", "always"),
        ("serious_list.legal_representative", "always"),
        ("serious_list.legal_representative_id", "always"),
        ("attorneys.attorney_name", "always"),
        ("attorneys.id_number", "always"),
        ("complaints.party_name", "unless_organisation"),
        ("campaign_cases.party_name", "unless_organisation"),
        ("inspections.inspector_1", "always"),
        ("inspections.inspector_2", "always"),
        ("inspectors.inspector_name", "always"),
        ("commitments.party_name", "unless_organisation"),
        ("commitments.person_id_number", "always"),
        ("objections.party_name", "unless_organisation"),
        ("objections.person_id_number", "always"),
        ("repairs.party_name", "unless_organisation"),
        ("repairs.person_id_number", "always"),
        ("measure_feedback.party_name", "unless_organisation"),
        ("measure_feedback.person_id_number", "always"),
        ("cases.respondent_name", "unless_organisation"),
        ("mediations.respondent_name", "unless_organisation"),
        ("legal_aid.beneficiary_name", "unless_organisation"),
        ("well_known_marks.registrant_name", "unless_organisation"),
        ("geographical_indications.holder_name", "unless_organisation"),
        ("pledges.pledgor_name", "unless_organisation"),
        ("patent_transfers.transferor_name", "unless_organisation"),
        ("patent_transfers.transferee_name", "unless_organisation"),
        ("insurance_policies.insured_name", "unless_organisation"),
        ("identity_decisions.party_name", "unless_organisation"),
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # 2018 layout, names and codes
        ("行政相对人名称", ("party_name", None)),
        ("cf_xdr_mc", ("party_name", None)),
        ("行政相对人代码_1(统一社会信用代码)", ("uscc", None)),
        (" 行政相对人\n代码＿1（统一社会信用代码）： ", ("uscc", None)),
        ("代码＿3", ("org_code", None)),
        ("*处罚决定日期", ("decided_on", None)),
        ("cf_nr_fk", ("fine_amount", "wan_yuan")),
        ("罚款金额（万元）", ("fine_amount", "wan_yuan")),
        ("罚款金额 (元)", ("fine_amount", "yuan")),
        ("公示期限年限1或者3", ("publish_years", None)),
        # 2015 layout
        ("CF_CFLB1", ("penalty_kind", None)),
        ("CF_CFLB2", ("second_penalty_kind", None)),
        ("CF_XDR_ZDM", ("org_code", None)),
        ("CF_XDR_GSDJ", ("registration_no", None)),
        ("CF_XZJG", ("authority", None)),
        ("CF_JG", ("penalty_content", None)),
        ("CF_ZT", ("penalty_status", None)),
        ("行政相对人代码_2 (组织机构代码)", ("org_code", None)),
        ("行政相对人代码_2 (工商注册号)", ("registration_no", None)),
        # an identity number must never end in a column kept in clear
        ("CF_XDR_SFZ", ("person_id_number", None)),
        ("行政相对人代码_5 (居民身份证号)", ("person_id_number", None)),
        ("行政相对人代码_5", ("person_id_number", None)),
        # data-element codes
        ("XY020116", ("fine_amount", "wan_yuan")),
        ("xy020107", ("decided_on", None)),
        # a fine without a unit is not guessed
        ("罚款金额", None),
        ("序号", None),
    ],
)
def test_penalty_headers_of_both_layouts(header: str, expected: tuple[str, str | None] | None) -> None:
    match = load_contracts()["penalties"].match_header(header)
    assert (match and (match[0].name, match[1])) == expected


LAYOUT_2018 = """cf_xdr_mc cf_xdr_lb cf_xdr_shxym cf_xdr_gszc cf_xdr_zzjg cf_xdr_swdj cf_xdr_sydw cf_xdr_shzz cf_frdb
 cf_fr_zjlx cf_fr_zjhm cf_xdr_zjlx cf_xdr_zjhm cf_wsh cf_wfxw cf_sy cf_yj cf_cflb cf_nr cf_nr_fk cf_nr_wfff cf_nr_zkdx
 cf_jdrq cf_yxq cf_gsjzq cf_cfjg cf_cfjgdm cf_sjly cf_sjlydm bz"""
LAYOUT_2015 = """CF_WSH CF_CFMC CF_CFLB1 CF_CFLB2 CF_SY CF_YJ CF_XDR_MC CF_XDR_SHXYM CF_XDR_ZDM CF_XDR_GSDJ CF_XDR_SWDJ
 CF_XDR_SFZ CF_FR CF_JG CF_JDRQ CF_XZJG CF_ZT DFBM SJC BZ"""


@pytest.mark.parametrize("layout", [LAYOUT_2018, LAYOUT_2015])
def test_each_layout_of_penalties_maps_to_columns_of_its_own_and_has_all_required_ones(layout: str) -> None:
    contract = load_contracts()["penalties"]
    matched = [contract.match_header(header) for header in layout.split()]
    names = [match[0].name for match in matched if match]
    assert len(names) == len(set(names)) == len(layout.split())
    assert {c.name for c in contract.columns if c.required} <= set(names)


def test_headers_are_compared_without_their_dress() -> None:
    assert normalise_header("　＊ 统一社会信用代码\u200b ：") == normalise_header("统一社会信用代码")
    assert normalise_header("代码＿３") == normalise_header("代码_3")


@pytest.mark.parametrize(
    ("period", "cycle", "valid"),
    [
        ("2022", "annual", True), ("2022Q3", "quarterly", True), ("2022-11", "monthly", True),
        ("2022Q5", "quarterly", False), ("2022-13", "monthly", False), ("2022-1", "monthly", False),
        ("2022", "monthly", False), ("22", "annual", False), ("2022年", "annual", False), ("2022\n", "annual", False),
    ],
)  # fmt: skip
def test_periods(period: str, cycle: str, valid: bool) -> None:
    assert period_is_valid(period, cycle) is valid


def copy_of(group: str, to: Path) -> Path:
    """A dbt project of one group's contracts only: quick to read, and as valid as the whole."""
    project = to / "dbt_project"
    others = {f"    - {c.dataset}" for c in load_contracts().values() if c.group != group}
    folder = Path("models/staging", group)
    (project / folder).mkdir(parents=True)
    shutil.copy(DBT_PROJECT / folder / "sources.yml", project / folder)
    lines = (DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if line.rstrip() not in others)
    (project / "dbt_project.yml").write_text(kept, encoding="utf-8")
    return project


def mistakes_after(project: Path, file: str, old: str, new: str) -> tuple[list[str], str, int]:
    """Mistakes after replacing the first `old` in a file by `new`; also the file's name in messages and old's line."""
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_contracts(project)
    return caught.value.mistakes, f"dbt_project/{file}", line_of(text, old)


HONOURS = "models/staging/honours/sources.yml"
PENALTIES = "models/staging/enforcement/sources.yml"
YEAR_COLUMN = "          - name: honour_year"


@pytest.mark.parametrize(
    ("file", "old", "new", "lines_below", "message"),
    [
        (HONOURS, "type: year, required: true, min: 2008", "type: jahr, required: true", 0,
         "column honours.honour_year: unknown type jahr; allowed: agency_code, amount, boolean, "),
        (HONOURS, "code_list: honour_type", "code_list: honor_type", 0,
         "column honours.honour_type: unknown code list honor_type"),
        (HONOURS, "type: code, code_list: honour_type", "type: code", 0,
         "column honours.honour_type: code_list belongs to type code, and to it only"),
        (HONOURS, "aliases: [年度, 认定年份", "aliases: [年度, 企业 名称", 0,
         "dataset honours: header 企业 名称 of column honour_year is already one of column enterprise_name"),
        (HONOURS, "header: 认定年度", "header: 单位名称：", 0,
         "dataset honours: header 单位名称： of column honour_year is already one of column enterprise_name"),
        (HONOURS, "header: 认定年度, ", "", 0, "column honours.honour_year: key header is missing"),
        (HONOURS, "            title: 知识产权示范优势企业\n", "", 0, "dataset honours: key title is missing"),
        (HONOURS, "header: 认定年度", "header: 认定年度, own_division: true", 0,
         "column honours.honour_year: own_division is not for type year"),
        (HONOURS, "header: 认定年度", "header: 认定年度, heading: 年", 0,
         "column honours.honour_year: unknown key heading"),
        (HONOURS, "            mode: full", "            mode: full\n            owner: 某处", 1,
         "dataset honours: unknown key owner"),
        (HONOURS, "update_cycle: annual", "update_cycle: yearly", 0,
         "dataset honours: unknown update_cycle yearly; allowed: annual, quarterly, monthly"),
        (HONOURS, "due_working_days: 20", "due_working_days: soon", 0,
         "dataset honours: due_working_days must be a whole number"),
        (HONOURS, "natural_key: [uscc, honour_type, honour_year]", "natural_key: [uscc, honor]", 0,
         "dataset honours: natural_key names no column: honor"),
        (HONOURS, "natural_key: [uscc, honour_type, honour_year]", "natural_key: [uscc, batch]", 0,
         "dataset honours: natural_key column batch must be required"),
        (HONOURS, "subject: {key: uscc, name: enterprise_name", "subject: {key: uscc, name: firm", 0,
         "dataset honours: subject.name names no column: firm"),
        (HONOURS, "record: {event_date: awarded_on", "record: {event_date: honour_year", 0,
         "dataset honours: record.event_date must be a column of type date, not year"),
        (HONOURS, "record: {event_date: awarded_on", "record: {event_date: awarded", 0,
         "dataset honours: record.event_date names no column: awarded"),
        (HONOURS, "record: {event_date: awarded_on, ", "record: {", 0,
         "dataset honours, record: key event_date is missing"),
        (HONOURS, YEAR_COLUMN, "          - name: period", 0,
         "column honours.period: the name is reserved or not lower-case letters, digits and _"),
        (HONOURS, 'example: "2022"', "example: 2022", 0,
         "column honours.honour_year: example must be text (quote it)"),
        (HONOURS, "required: true, min: 2008", "required: yes please, min: 2008", 0,
         "column honours.honour_year: required must be true or false"),
        (HONOURS, "aliases: [年度, 认定年份", "aliases: [年度, 2022", 0,
         "column honours.honour_year: alias 2022 must be text (quote it)"),
        (HONOURS, "            passed: [复核通过, 通过, 合格]", "            passed: [复核通过, 通过, 待复核]", 2,
         "code list review_result: 待复核 is claimed by codes passed and pending"),
        (HONOURS, "          review_result:", "          results: {yes_: [是]}\n          review_result:", 0,
         "code list results is used by no column"),
        (HONOURS, "      - name: patent_awards", "      - name: honours", 0,
         "dataset honours is already declared in dbt_project/models/staging/honours/sources.yml:38"),
        (HONOURS, "title: 专利奖获奖项目", "title: 专利奖/获奖项目", -4,
         "dataset patent_awards: title cannot name a sheet"),
        (HONOURS, "  - name: raw", "  - name: landing", 0, "source: unknown name landing; allowed: raw"),
        (HONOURS, "    schema: raw", "    schema: raw\n    schema: raw", 1,
         "not readable as YAML: found duplicate key"),
        (HONOURS, "version: 2", "version: [2", 1, "not readable as YAML: "),
        (PENALTIES, "{alias: 罚款（元）, unit: yuan}", "{alias: 罚款（元）, unit: cent}", 0,
         "column penalties.fine_amount: unknown unit cent; allowed: yuan, wan_yuan"),
        (PENALTIES, "aliases: [cf_xdr_lb", "aliases: [{alias: cf_xdr_lb, unit: yuan}", 0,
         "column penalties.party_type: an alias with a unit belongs to type amount only"),
        (PENALTIES, "person_key: person_id_number", "person_key: party_type", 0,
         "dataset penalties: subject.person_key must be a column of type id_number, not code"),
        ("dbt_project.yml", "    - honours\n", "", None,
         "dataset honours is missing in vars.datasets of dbt_project.yml"),
        ("dbt_project.yml", "    - honours\n", "    - honours\n    - honors\n", 1,
         "dataset honors in vars.datasets has no contract"),
        ("dbt_project.yml", "    - honours\n", "    - honours\n    - honours\n", 1,
         "dataset honours stands twice in vars.datasets"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, lines_below: int | None, message: str
) -> None:
    project = copy_of("enforcement" if file == PENALTIES else "honours", tmp_path)
    found, name, line = mistakes_after(project, file, old, new)
    if lines_below is None:  # said where the dataset is declared
        assert found == [f"dbt_project/{HONOURS}:38: {message}"]
        return
    # A broken name or key may well have consequences elsewhere; the mistake itself must be among what is said.
    expected = f"{name}:{line + lines_below}: {message}"
    assert any(mistake.startswith(expected) for mistake in found), (expected, found)


def test_the_copy_that_mistakes_are_put_into_has_none(tmp_path: Path) -> None:
    assert list(load_contracts(copy_of("honours", tmp_path))) == ["honours", "patent_awards", "standard_certifications"]


def test_every_mistake_of_every_file_is_reported_at_once_and_only_those(tmp_path: Path) -> None:
    project = copy_of("honours", tmp_path)
    (project / "models/staging/again").mkdir()
    shutil.copy(project / HONOURS, project / "models/staging/again/sources.yml")
    text = (project / HONOURS).read_text(encoding="utf-8")
    text = text.replace("type: year", "type: jahr", 1).replace("update_cycle: annual", "update_cycle: yearly", 1)
    (project / HONOURS).write_text(text.replace("code_list: review_result", "code_list: x"), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_contracts(project)
    first, second = "dbt_project/models/staging/again/sources.yml", f"dbt_project/{HONOURS}"
    said = [re.sub(r"^(.*?):\d+: ", r"\1: ", mistake) for mistake in caught.value.mistakes]
    assert [mistake.split(";")[0] for mistake in said] == [
        f"{second}: code list review_result is used by no column",
        f"{second}: dataset honours is already declared in {first}:38",
        f"{second}: dataset honours: unknown update_cycle yearly",
        f"{second}: column honours.honour_year: unknown type jahr",
        f"{second}: column honours.review_result: unknown code list x",
        f"{second}: dataset patent_awards is already declared in {first}:{line_of(text, '- name: patent_awards')}",
        f"{second}: dataset standard_certifications is already declared in "
        f"{first}:{line_of(text, '- name: standard_certifications')}",
    ]
    assert str(caught.value).splitlines() == caught.value.mistakes


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1
