"""What judging makes of cells and rows: many cases, each one row of one submission, judged by one dbt build."""

import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Warehouse
from helpers import RECEIVED, good_row, patent_no, submit, uscc
from stdnum.cn import uscc as stdnum_uscc

from ipcredit import build

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Case(NamedTuple):
    """One cell as received, the value and the issues expected of its column."""

    dataset: str
    column: str
    given: str | None
    value: Any = None
    issues: tuple[str, ...] = ()
    also: tuple[tuple[str, str | None], ...] = ()
    """Other cells of the row."""

    @property
    def name(self) -> str:
        return f"{self.dataset}.{self.column}={self.given!r} {dict(self.also) or ''}".strip()


def fine(dataset: str, column: str, values: dict[str | None, Any], **also: str | None) -> list[Case]:
    return [Case(dataset, column, given, value, (), tuple(also.items())) for given, value in values.items()]


def wrong(dataset: str, column: str, issue: str, *given: str | None, **also: str | None) -> list[Case]:
    return [Case(dataset, column, g, None, (f"{column}:{issue}",), tuple(also.items())) for g in given]


GOOD = uscc(7)
FIRST_OF_MARCH = date(2022, 3, 1)

CASES = [
    # 统一社会信用代码: cleaned, then judged
    *fine(
        "honours",
        "uscc",
        {
            f"  {uscc(1001).lower()} ": uscc(1001),
            uscc(1002)[:8] + " " + uscc(1002)[8:]: uscc(1002),
            "".join(chr(ord(c) + 0xFEE0) for c in uscc(1003)): uscc(1003),
            f"'{uscc(1004)}": uscc(1004),
            f"\ufeff{uscc(1005)}\u3000\u00a0": uscc(1005),
        },
    ),
    *wrong("honours", "uscc", "missing_required", None, "", " \u3000", "-", "——", "/", "无", "N/A"),
    *wrong(
        "honours",
        "uscc",
        "bad_uscc",
        GOOD[:-1],
        GOOD + "1",
        "ABC",
        GOOD.replace("M", "I"),
        GOOD.replace("M", "O"),
        "0" + GOOD[1:],
        "B" + GOOD[1:],
        GOOD[:2] + "A" + GOOD[3:],
        "912106000000000000000000",
    ),
    *wrong("honours", "uscc", "digits_lost", "9.1210600123457E+17", "912106001234567000.0", "9e+17"),
    *wrong("honours", "uscc", "cell_error", "#N/A", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#无计算结果"),
    # other identifiers
    *fine("penalties", "org_code", {"12345678-8": "123456788", "00000000-0": "000000000", None: None}),
    # a secondary identifier that is wrong is left out; the row stays
    *wrong("penalties", "org_code", "secondary_code_left_out", "1234567", "ABCDEFGHI", "12345678-9", "#N/A"),
    *fine("penalties", "authority_code", {uscc(1006): uscc(1006), None: None}),
    *wrong("penalties", "authority_code", "secondary_code_left_out", GOOD[:-1], GOOD[:-1] + "?", "9.1210600123457E+17"),
    Case(
        "penalties",
        "authority_code",
        GOOD[:-1] + ("1" if GOOD[-1] == "0" else "0"),
        None,
        ("authority_code:secondary_code_left_out",),
    ),
    *fine("penalties", "registration_no", {"210600004012345": "210600004012345", "2106001100123": "2106001100123"}),
    *wrong("penalties", "registration_no", "secondary_code_left_out", "21060000401234", "企独辽丹字第1号"),
    *fine(
        "abnormal_patents",
        "application_no",
        {
            "201710601862.3": "201710601862.3",
            "CN 201310699744.2": "201310699744.2",
            "ZL97101765.4": "97101765.4",
            "95115608X": "95115608.X",
            "９５１１５６０８．ｘ": "95115608.X",
        },
    ),
    *wrong(
        "abnormal_patents",
        "application_no",
        "bad_patent_no",
        "201710601862",
        "CN101234567A",
        "209910601862.3X",
        "200210601862.3",
        "201740601862.3",
        "04101765.4",
        "20171060186.23",
    ),
    *wrong("abnormal_patents", "application_no", "digits_lost", "2.01710601862E+12"),
    Case(
        "abnormal_patents", "application_no", "201710601862.4", "201710601862.4", ("application_no:patent_check_digit",)
    ),
    Case("abnormal_patents", "application_no", "95115608.1", "95115608.1", ("application_no:patent_check_digit",)),
    *fine("patent_awards", "patent_no", {"201710601862.3": "ZL201710601862.3", "zl 2013106997442": "ZL201310699744.2"}),
    *fine(
        "malicious_trademarks",
        "trademark_no",
        {
            "第61234567号": "61234567",
            "6123456a": "6123456A",
            "g1234567": "G1234567",
            "61234568.0": "61234568",
            "1": "1",
        },
    ),
    *wrong("malicious_trademarks", "trademark_no", "bad_trademark_no", "612345678", "AB1234", "G12345"),
    *fine("abnormal_patents", "agency_code", {"21201": "21201", "21202.0": "21202", "２１２０３": "21203", "无": None}),
    *wrong("abnormal_patents", "agency_code", "secondary_code_left_out", "2120", "212011", "A1201"),
    *fine(
        "honours",
        "document_no",
        {
            "辽知发[2022]4号": "辽知发〔2022〕4号",
            "辽知发（2022）4 号": "辽知发〔2022〕4号",
            "辽知发【2022】4号": "辽知发〔2022〕4号",
            "辽知发〔２０２２〕４号": "辽知发〔2022〕4号",
            "国知办函保字﹝2022﹞88号": "国知办函保字〔2022〕88号",
            "(2022)辽06民初12号": "〔2022〕辽06民初12号",
        },
    ),
    Case("honours", "document_no", "第88号公告", "第88号公告", ("document_no:bad_document_no",)),
    # dates
    *fine(
        "honours",
        "valid_until",
        dict.fromkeys(
            [
                "2022-03-01",
                "2022/3/1",
                "2022.3.1",
                "2022年3月1日",
                "2022年03月01号",
                "20220301",
                "20220301.0",
                "44621",
                "44621.0",
                "44621.75",
                "2022-03-01 08:30:00",
                "2022-3-1 8:30",
                "2022-03-01T00:00:00Z",
                "2022-03-01T00:00:00.000+08:00",
                "２０２２年３月１日",
                " 2022 年 3 月 1 日 ",
                "'2022-03-01",
            ],
            FIRST_OF_MARCH,
        ),
        awarded_on="2021-11-01",
    ),
    # open ends are no dates; unknown days are said to be unknown
    *fine("honours", "valid_until", {"2099-12-31": None, "9999/12/31": None, "73050": None, None: None, "—": None}),
    *wrong("honours", "valid_until", "date_placeholder", "1900-1-1", "1900-01-01"),
    *wrong("honours", "awarded_on", "missing_required", None, "1900-1-1", "2099-12-31"),
    *wrong(
        "honours",
        "valid_until",
        "bad_date",
        "2022-02-30",
        "2022-13-01",
        "2022年3月",
        "22-3-1",
        "today",
        "infinity",
        "-infinity",
        "J2459640",
        "now",
        "epoch",
        "2022",
        "202203",
        "2022-3-1-1",
        "01/03/2022",
        "2022-03-01 BC",
        "三月一日",
        "4462",
        "2022-00-10",
        "yesterday",
        "allballs",
    ),
    *wrong("honours", "valid_until", "cell_error", "#VALUE!"),
    Case("honours", "awarded_on", "1899-05-05", date(1899, 5, 5), ("awarded_on:date_out_of_range",)),
    Case("honours", "awarded_on", "2022-12-06", date(2022, 12, 6), ("awarded_on:date_out_of_range",)),
    *fine("honours", "awarded_on", {"2022-12-05": date(2022, 12, 5)}),
    # numbers
    *fine("honours", "honour_year", {"2021": 2021, "2021年": 2021, "2021年度": 2021, "2021.0": 2021, "２０２１": 2021}),
    *wrong("honours", "honour_year", "bad_year", "21", "2021-01-01", "二〇二一", "20211", "NaN"),
    Case("honours", "honour_year", "2007", 2007, ("honour_year:year_out_of_range",)),
    *fine("agencies", "attorney_count", {"6": 6, "1,200": 1200, "6.0": 6, "+6": 6, "０": 0, None: None}),
    *wrong("agencies", "attorney_count", "bad_number", "6人", "6.5", "NaN", "1e2", "0x1F", "1_000", "十"),
    Case("agencies", "attorney_count", "-1", -1, ("attorney_count:number_out_of_range",)),
    Case("agencies", "attorney_count", "2001", 2001, ("attorney_count:number_out_of_range",)),
    *fine(
        "penalties",
        "fine_amount",
        {
            "20000": Decimal("20000.00"),
            "20,000.50": Decimal("20000.50"),
            "2万元": Decimal("20000.00"),
            "2.5万": Decimal("25000.00"),
            "20000元": Decimal("20000.00"),
            "￥20,000元整": Decimal("20000.00"),
            "人民币20000元": Decimal("20000.00"),
            "681(万元人民币)": Decimal("6810000.00"),
            "0.001亿": Decimal("100000.00"),
            "２００００．５": Decimal("20000.50"),
            "0.005": Decimal("0.01"),
            "12345.600000000001": Decimal("12345.60"),
            "0": Decimal("0.00"),
            "-": None,
        },
    ),
    *fine(
        "penalties",
        "fine_amount",
        {
            "2": Decimal("20000.00"),
            "0.15": Decimal("1500.00"),
            "20000元": Decimal("20000.00"),
            "2万": Decimal("20000.00"),
        },
        fine_amount_unit="wan_yuan",
    ),
    *wrong(
        "penalties",
        "fine_amount",
        "bad_number",
        "NaN",
        "infinity",
        "20.000.00",
        "2,00",
        "20000美元",
        "约2万元",
        "1e5",
        "--5",
        "2万2千",
        "0x10",
    ),
    *wrong("penalties", "fine_amount", "number_out_of_range", "123456789012345亿"),
    Case("penalties", "fine_amount", "-1", Decimal("-1.00"), ("fine_amount:number_out_of_range",)),
    Case("penalties", "fine_amount", "10.01亿", Decimal("1001000000.00"), ("fine_amount:number_out_of_range",)),
    *wrong("penalties", "fine_amount", "digits_lost", "1.23457E+15"),
    # yes and no, code lists, divisions
    *fine(
        "penalties",
        "is_heavier",
        {
            "是": True,
            "√": True,
            "y": True,
            "TRUE": True,
            "1": True,
            "否": False,
            "无": False,
            "×": False,
            "0": False,
            None: None,
        },
    ),
    *wrong("penalties", "is_heavier", "bad_boolean", "可能", "2", "tr"),
    *fine(
        "honours",
        "honour_type",
        {
            "国家知识产权示范企业": "national_demonstration",
            " 国家级 示范 ": "national_demonstration",
            "省级优势": "provincial_advantage",
            "provincial_advantage": "provincial_advantage",
        },
    ),
    *wrong("honours", "honour_type", "unknown_code", "示范", "国家知识产权", "0"),
    *fine("general_risk_class", "risk_class", {"A": "A", "ａ类": "A", "B(一般)": "B", "Ｂ（一般）": "B"}),
    *fine(
        "serious_list",
        "removal_reason",
        {"提前移出(信用修复)": "repaired", "提前移出（信用修复）": "repaired"},
        removed_on="2023-09-01",
    ),
    *fine("honours", "division_code", {"210600": "210600", "丹东": "210600", "辽宁省丹东市": "210600", None: None}),
    # a subject may live elsewhere, a bureau punishes at home only
    *wrong("honours", "division_code", "place_elsewhere", "和平区", "510100", "210699"),
    Case("honours", "division_code", "沈阳市", "210100", ("division_code:place_elsewhere",)),
    Case("abnormal_patents", "division_code", "LN-SF", "LN-SF", ("division_code:place_elsewhere",)),
    *fine("penalties", "division_code", {"丹东市": "210600", None: None}),
    *wrong("penalties", "division_code", "unknown_division", "和平区"),
    Case("penalties", "division_code", "沈阳市", "210100", ("division_code:division_of_other_bureau",)),
    Case("penalties", "division_code", "辽宁省", "210000", ("division_code:division_of_other_bureau",)),
    *wrong("serious_list", "division_code", "unknown_division", "510100"),
    *fine("serious_list", "division_code", {"沈抚新区": "LN-SF", "沈阳": "210100", "辽宁省": "210000"}),
    # text keeps its form
    *fine("honours", "enterprise_name", {"  丹东示例（集团）　有限\n公司 ": "丹东示例（集团） 有限 公司"}),
    *wrong("honours", "enterprise_name", "missing_required", " ", "-"),
    *wrong("honours", "industry", "cell_error", "#REF!", "#无计算结果"),
]

ROWS: list[tuple[str, dict[str, str | None], set[str]]] = [
    # cross-field rules, each with a row that just passes
    ("honours", {"awarded_on": "2022-03-01", "valid_until": "2022-03-01"}, set()),
    ("honours", {"awarded_on": "2022-03-01", "valid_until": "2022-02-28"}, {"valid_until:dates_out_of_order"}),
    ("honours", {"cancelled_on": "2021-10-31"}, {"cancelled_on:dates_out_of_order"}),
    ("patent_awards", {"award_grade": "金奖"}, {"award_grade:unknown_code"}),
    ("patent_awards", {"award_type": "中国专利奖", "award_grade": "二等奖"}, {"award_grade:unknown_code"}),
    ("patent_awards", {"award_type": "中国专利奖", "award_grade": "金奖"}, set()),
    ("standard_certifications", {"valid_until": "2022-05-09"}, {"valid_until:dates_out_of_order"}),
    ("standard_certifications", {"certificate_status": "撤销"}, {"status_changed_on:missing_required"}),
    (
        "standard_certifications",
        {"certificate_status": "撤销", "status_changed_on": "去年"},
        {"status_changed_on:bad_date"},
    ),
    (
        "standard_certifications",
        {"certificate_status": "撤销", "status_changed_on": "1900-01-01"},
        {"status_changed_on:date_placeholder", "status_changed_on:missing_required"},
    ),
    ("standard_certifications", {"certificate_status": "撤销", "status_changed_on": "2022-09-01"}, set()),
    ("agencies", {"closed_on": "2015-06-17"}, {"closed_on:dates_out_of_order"}),
    ("honours", {"review_result": "不合格"}, {"cancelled_on:missing_required"}),
    ("honours", {"review_result": "不合格", "cancelled_on": "2022-10-31"}, set()),
    ("agencies", {"agency_code": None}, {"agency_code:missing_required"}),
    ("agencies", {"agency_code": "2120"}, {"agency_code:secondary_code_left_out", "agency_code:missing_required"}),
    ("agencies", {"agency_code": None, "agency_kind": "商标代理机构"}, set()),
    ("agencies", {"agency_status": "注销"}, {"closed_on:missing_required"}),
    ("penalties", {"publish_until": "2022-08-14"}, {"publish_until:dates_out_of_order"}),
    ("penalties", {"decided_on": "2022-09-30"}, set()),
    ("penalties", {"decided_on": "2022-10-01"}, {"decided_on:outside_period"}),
    ("penalties", {"decided_on": "2022-06-30"}, {"decided_on:outside_period"}),
    (
        "abnormal_patents",
        {"correction_state": "已撤回", "corrected_on": "2022-03-14"},
        {"corrected_on:dates_out_of_order"},
    ),
    ("abnormal_patents", {"correction_state": "已撤回"}, {"corrected_on:missing_required"}),
    ("abnormal_patents", {"correction_state": "已撤回", "corrected_on": "昨天"}, {"corrected_on:bad_date"}),
    ("abnormal_patents", {"correction_state": "已撤回", "corrected_on": "2022-03-15"}, set()),
    ("abnormal_patents", {"filed_on": "2022-03-16"}, {"filed_on:dates_out_of_order"}),
    ("malicious_trademarks", {"applied_on": "2022-05-21"}, {"applied_on:dates_out_of_order"}),
    ("serious_list", {"removed_on": "2022-08-14"}, {"removed_on:dates_out_of_order"}),
    ("serious_list", {"removal_reason": "信用修复"}, {"removed_on:missing_required"}),
    ("serious_list", {"removal_reason": "信用修复", "removed_on": "2023-09-01"}, set()),
    ("serious_list", {"removal_reason": "列入决定被撤销"}, set()),
    # whose record it is
    ("penalties", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("penalties", {"uscc": None, "party_name": "hmac:77"}, {"uscc:code_missing_for_name"}),
    ("penalties", {"uscc": None, "party_name": "hmac:77", "registration_no": "210600000012345"},
     {"uscc:subject_to_be_matched"}),
    ("penalties", {"uscc": None, "party_name": "hmac:77", "person_id_number": "hmac:12"}, set()),
    ("penalties", {"uscc": "123"}, {"uscc:bad_uscc"}),
    # several problems are all told
    (
        "honours",
        {"uscc": None, "honour_year": "x", "awarded_on": "x"},
        {"uscc:missing_required", "honour_year:bad_year", "awarded_on:bad_date"},
    ),
]  # fmt: skip

EVENTS = [
    ({"penalty_kind": "警告"}, "penalty_warning"),
    ({"penalty_kind": "警告、罚款"}, "ip_penalty_ordinary"),
    ({"penalty_kind": "警告", "second_penalty_kind": "罚款"}, "ip_penalty_ordinary"),
    ({"penalty_kind": "罚款", "is_heavier": "是"}, "ip_penalty_heavier"),
    ({"penalty_kind": "行政拘留"}, "ip_penalty_heavier"),
    ({"penalty_kind": "责令关闭", "is_heavier": "否"}, "ip_penalty_ordinary"),
    ({"penalty_kind": "限制从业"}, "ip_penalty_restricting"),
    ({"penalty_kind": "降低资质", "is_heavier": "否"}, "ip_penalty_restricting"),
    ({"penalty_kind": "罚款", "second_penalty_kind": "限制生产经营"}, "ip_penalty_restricting"),
    ({"penalty_kind": "停产停业"}, "business_suspended"),
    ({"penalty_kind": "罚款", "second_penalty_kind": "吊销执业许可证"}, "licence_revoked"),
    ({"penalty_kind": "吊销执业许可证", "penalty_status": "撤销"}, "penalty_annulled"),
]


def identifiers(seed: int = 20221205) -> list[str]:
    """Valid codes, and codes with one character changed, two exchanged, or made of random ones."""
    rng = random.Random(seed)
    codes = []
    for number in range(900):
        division = f"21{rng.randrange(10000):04d}"
        code = uscc(rng.randrange(10**7), division=division)
        where = rng.randrange(18)
        changed = code[:where] + rng.choice(ALPHABET + "IOZSV") + code[where + 1 :]
        first, second = sorted(rng.sample(range(18), 2))
        swapped = code[:first] + code[second] + code[first + 1 : second] + code[first] + code[second + 1 :]
        loose = f"{rng.randint(1, 9)}{rng.randint(1, 9)}{rng.randrange(10**6):06d}" + "".join(
            rng.choices(ALPHABET, k=9)
        )
        if number % 10 == 0:
            code = rng.choice("ANY") + code[1:17]
            code += stdnum_uscc.calc_check_digit(code)
        codes += [code, changed, swapped, loose + stdnum_uscc.calc_check_digit(loose) if number % 2 else loose + "0"]
    return codes


def inner_code_is_valid(code: str) -> bool:
    """组织机构代码 inside a code, by GB 11714, written as in the standard and not as in our SQL."""
    total = sum(int(c, 36) * w for c, w in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = 11 - total % 11
    return code[16] == ("X" if check == 10 else "0" if check == 11 else str(check))


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """Everything this module submits, judged by one build: lists of rows as dictionaries, in order of submission."""
    by_dataset: dict[str, list[int]] = {}
    for index, case in enumerate(CASES):
        by_dataset.setdefault(case.dataset, []).append(index)
    cases: dict[int, tuple[str, int, int]] = {}
    with warehouse.connect() as connection:
        for dataset, indexes in by_dataset.items():
            rows = [
                good_row(dataset, index + 1, **({CASES[index].column: CASES[index].given} | dict(CASES[index].also)))
                for index in indexes
            ]
            submission = submit(connection, dataset, rows)
            cases |= {index: (dataset, submission, place) for place, index in enumerate(indexes, start=1)}
        rows_of: dict[int, tuple[str, int, int]] = {}
        for index, (dataset, given, _) in enumerate(ROWS):
            submission = submit(connection, dataset, [good_row(dataset, index + 1, **given)], mode="incremental")
            rows_of[index] = (dataset, submission, 1)
        events = submit(
            connection, "penalties", [good_row("penalties", 500 + i, **given) for i, (given, _) in enumerate(EVENTS)],
            mode="incremental",
        )  # fmt: skip
        oracle = submit(
            connection, "honours", [good_row("honours", 1, uscc=code, division_code=None) for code in identifiers()],
            bureau="210700",
        )  # fmt: skip
        vectors = submit(
            connection, "abnormal_patents",
            [good_row("abnormal_patents", n, application_no=no) for n, no in enumerate(patents(), start=1)],
            bureau="210700",
        )  # fmt: skip
        repeats = submit(
            connection, "honours",
            [
                good_row("honours", 1, industry="第一次"),
                good_row("honours", 2),
                good_row("honours", 1, industry="第二次"),
                good_row("honours", 1, industry="第三次，有误", awarded_on="x"),
            ],
            period="2021",
        )  # fmt: skip
        widths = submit(
            connection, "penalties",
            [
                good_row("penalties", 900, party_name="丹东示例（集团）有限公司"),
                good_row("penalties", 900, party_name=" 丹东示例(集团) 有限公司"),
            ],
            mode="incremental",
        )  # fmt: skip
        held = submit(
            connection, "honours", [good_row("honours", 1, division_code=None)], bureau="210900", state="held"
        )
    build.judge()
    with warehouse.connect() as connection:
        yield {
            "connection": connection, "cases": cases, "rows": rows_of, "events": events, "oracle": oracle,
            "patents": vectors, "repeats": repeats, "held": held, "widths": widths,
        }  # fmt: skip


def patents() -> list[str]:
    rng = random.Random(7)
    codes = []
    for _ in range(500):
        code = patent_no(rng.randrange(10**7), year=rng.randint(2004, 2022), kind=rng.choice((1, 2, 3, 8, 9)))
        where = rng.randrange(5, 12)
        codes += [code, code[:where] + rng.choice("0123456789") + code[where + 1 :]]
    return codes


def staged(judged: dict[str, Any], dataset: str, submission: int) -> list[dict[str, Any]]:
    cursor = judged["connection"].execute(
        f"select * from staging.stg_{dataset} where submission_id = %s order by row_number", (submission,)
    )
    names = [c.name for c in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


WARNINGS = {
    "date_placeholder", "bad_document_no", "outside_period", "uscc_inner_org_code", "secondary_code_left_out",
    "place_elsewhere", "subject_to_be_matched",
}  # fmt: skip


@pytest.fixture(scope="module")
def all_cases(judged: dict[str, Any]) -> dict[tuple[str, int, int], dict[str, Any]]:
    places = [*judged["cases"].values(), *judged["rows"].values()]
    return {
        (dataset, submission, row["row_number"]): row
        for dataset, submission in {(d, s) for d, s, _ in places}
        for row in staged(judged, dataset, submission)
    }


@pytest.mark.parametrize("index", range(len(CASES)), ids=[c.name for c in CASES])
def test_cell(judged: dict[str, Any], all_cases: dict[Any, dict[str, Any]], index: int) -> None:
    case, row = CASES[index], all_cases[judged["cases"][index]]
    assert set(row["issues"]) == set(case.issues)
    assert row["is_accepted"] is not any(i.split(":")[1] not in WARNINGS for i in case.issues)
    if not any(i.endswith(("digits_lost", "cell_error")) for i in case.issues):
        assert row[case.column] == case.value
        assert type(row[case.column]) is type(case.value)


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{d} {g}" for d, g, _ in ROWS])
def test_row_rules(judged: dict[str, Any], all_cases: dict[Any, dict[str, Any]], index: int) -> None:
    row = all_cases[judged["rows"][index]]
    assert set(row["issues"]) == ROWS[index][2]
    assert row["is_accepted"] is not any(i.split(":")[1] not in WARNINGS for i in ROWS[index][2])


def test_event_types(judged: dict[str, Any]) -> None:
    rows = staged(judged, "penalties", judged["events"])
    assert [r["event_type"] for r in rows] == [event for _, event in EVENTS]
    assert [r["behaviour_code"] for r in rows] == ["counterfeit_patent"] * (len(EVENTS) - 1) + [None]


def test_an_annulled_listing_is_no_entry(judged: dict[str, Any], all_cases: dict[Any, dict[str, Any]]) -> None:
    found = {
        given.get("removal_reason"): all_cases[judged["rows"][index]]["event_type"]
        for index, (dataset, given, _) in enumerate(ROWS)
        if dataset == "serious_list"
    }
    assert found == {
        None: "serious_list_entry",
        "信用修复": "serious_list_entry",
        "列入决定被撤销": "serious_list_annulled",
    }


def uscc_issue(code: str) -> str:
    """What is wrong with a code, by python-stdnum where it can tell (it knows no letter among the first two)."""
    if not (
        code[0] in "123456789ANY" and code[1] in "123456789" and code[2:8].isdigit() and set(code) <= set(ALPHABET)
    ):
        return "bad_uscc"
    has_check_digit = stdnum_uscc.calc_check_digit(code[:17]) == code[17]
    assert code[0] in "ANY" or stdnum_uscc.is_valid(code) is has_check_digit
    return "uscc_check_digit" if not has_check_digit else "" if inner_code_is_valid(code) else "uscc_inner_org_code"


def test_uscc_agrees_with_an_independent_implementation(judged: dict[str, Any]) -> None:
    rows = staged(judged, "honours", judged["oracle"])
    found = [next((i.split(":")[1] for i in r["issues"] if i.startswith("uscc:")), "") for r in rows]
    expected = [uscc_issue(code) for code in identifiers()]
    assert [t for t in zip(identifiers(), expected, found, strict=True) if t[1] != t[2]] == []
    assert min(found.count(kind) for kind in ("", "bad_uscc", "uscc_check_digit", "uscc_inner_org_code")) > 100
    assert sum(code[0] in "ANY" and issue == "" for code, issue in zip(identifiers(), found, strict=True)) > 50


def test_patent_check_digits_agree_with_the_rule_as_published(judged: dict[str, Any]) -> None:
    rows = staged(judged, "abnormal_patents", judged["patents"])
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    expected = [
        "0123456789X"[sum(int(d) * w for d, w in zip(code[:12], weights, strict=True)) % 11] == code[-1]
        for code in patents()
    ]
    assert ["application_no:patent_check_digit" not in r["issues"] for r in rows] == expected
    assert expected.count(False) > 300


def test_the_last_sound_row_of_a_key_counts(judged: dict[str, Any]) -> None:
    rows = staged(judged, "honours", judged["repeats"])
    assert [(r["is_accepted"], r["issues"]) for r in rows] == [
        (False, ["*:duplicate_in_file"]), (True, []), (True, []), (False, ["awarded_on:bad_date"]),
    ]  # fmt: skip


def test_a_name_in_another_width_is_the_same_key(judged: dict[str, Any]) -> None:
    rows = staged(judged, "penalties", judged["widths"])
    assert [(r["is_accepted"], r["issues"]) for r in rows] == [(False, ["*:duplicate_in_file"]), (True, [])]


def test_held_submissions_are_judged_too(judged: dict[str, Any]) -> None:
    (row,) = staged(judged, "honours", judged["held"])
    assert row["is_accepted"] and row["subject_name"] == "丹东示例1号有限公司"


def test_natural_persons_are_known_by_their_hash_alone(judged: dict[str, Any]) -> None:
    index = next(i for i, (_, given, _) in enumerate(ROWS) if given.get("person_id_number"))
    (row,) = staged(judged, "penalties", judged["rows"][index][1])
    assert (row["subject_id"], row["subject_name"]) == ("P:hmac:12", "自然人")


def versions(judged: dict[str, Any]) -> dict[tuple[str, int], str]:
    """Physical row version of one row per submission: it changes when the row is written again."""
    return {
        (dataset, submission): xmin
        for dataset in ("honours", "penalties", "abnormal_patents")
        for submission, xmin in judged["connection"].execute(
            f"select submission_id, min(xmin::text) from staging.stg_{dataset} group by submission_id"
        )
    }


def test_judging_again_judges_what_is_new_and_what_has_other_rules(judged: dict[str, Any], tmp_path: Path) -> None:
    """A new submission alone is judged; then a contract that changed judges its own dataset anew, columns included."""
    connection = judged["connection"]
    before = versions(judged)
    new = submit(connection, "honours", [good_row("honours", 9)], mode="incremental", at=RECEIVED + timedelta(hours=1))
    build.judge()
    after = versions(judged)
    assert {key for key in after if after[key] != before.get(key)} == {("honours", new)}

    project = tmp_path / "dbt_project"
    shutil.copytree(build.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    contracts = project / "models/staging/honours/sources.yml"
    text = contracts.read_text(encoding="utf-8")
    first = "          - name: batch\n"
    assert text.count(first) == 1
    added = (
        "          - name: score\n            description: 评分\n"
        "            config: {meta: {header: 评分, type: integer}}\n"
    )
    text = text.replace(first, added + first).replace("[国家知识产权示范企业, ", "[国家知识产权示范企业, 示范, ")
    contracts.write_text(text, encoding="utf-8")
    connection.execute("alter table raw.honours add column score text")
    connection.execute("update raw.honours set score = '7' where submission_id = %s", (new,))
    connection.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "DBT_PROJECT", project)
        patch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))  # what dbt knows of ours stays ours
        build.judge()
    rejudged = versions(judged)
    assert {key for key in rejudged if rejudged[key] != after[key]} == {k for k in after if k[0] == "honours"}
    assert [r["score"] for r in staged(judged, "honours", new)] == [7]
    index = next(i for i, c in enumerate(CASES) if c.column == "honour_type" and c.given == "示范")
    dataset, submission, place = judged["cases"][index]
    assert staged(judged, dataset, submission)[place - 1]["honour_type"] == "national_demonstration"
