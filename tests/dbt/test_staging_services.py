"""What judging makes of the rows of models/staging/services: types new with them, rules across fields, event types."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from good_rows_services import GOOD_ROWS, SHA256
from helpers import good_row, submit

from ipcredit import build

WARNINGS = {"outside_period", "subject_to_be_matched", "place_elsewhere", "bad_document_no"}

Given = dict[str, str | None]

# One cell, the value that is kept of it, and the issues of the row.
CELLS: list[tuple[str, str, str | None, Any, set[str]]] = [
    *(
        ("external_parameters", "parameter_value", given, Decimal(value), set())
        for given, value in {
            "0": "0", "120": "120", "120.0": "120", "0.9351": "0.9351", "0.93505": "0.9351", "93.51%": "0.9351",
            "93.51 ％": "0.9351", "1,234.5": "1234.5", "+7": "7", "１２": "12", "00012": "12",
            "99999999999999.9999": "99999999999999.9999", "0.00004": "0",
        }.items()
    ),
    *(
        ("external_parameters", "parameter_value", given, None, {"parameter_value:bad_number"})
        for given in (
            "约120", "12件", "1.2.3", "12,34", "1/2", "NaN", "Infinity", "0x10", "1_000", "%", "5%%", ".5", "5.", "1e3",
        )
    ),
    *(
        ("external_parameters", "parameter_value", given, None, {"parameter_value:number_out_of_range"})
        # the last one only reaches fifteen digits when it is rounded
        for given in ("100000000000000", "999999999999999", "99999999999999.99995")
    ),
    ("external_parameters", "parameter_value", "-0.5", Decimal("-0.5"), {"parameter_value:number_out_of_range"}),
    ("external_parameters", "parameter_value", None, None, {"parameter_value:missing_required"}),
    ("external_parameters", "parameter_value", "#DIV/0!", None, {"parameter_value:cell_error"}),
    ("external_parameters", "parameter_value", "1.23456789E+17", None, {"parameter_value:digits_lost"}),
    ("activities", "evidence_sha256", SHA256.upper(), SHA256, set()),
    ("activities", "evidence_sha256", f" {SHA256[:32]} {SHA256[32:]} ", SHA256, set()),
    ("activities", "evidence_sha256", "1" * 64, "1" * 64, set()),
    ("activities", "evidence_sha256", SHA256[:-1], None, {"evidence_sha256:bad_sha256"}),
    ("activities", "evidence_sha256", SHA256 + "0", None, {"evidence_sha256:bad_sha256"}),
    ("activities", "evidence_sha256", "g" + SHA256[1:], None, {"evidence_sha256:bad_sha256"}),
    ("activities", "evidence_sha256", "见附件", None, {"evidence_sha256:bad_sha256"}),
    # an amount that only rounding makes too large; it raised once
    ("pledges", "pledged_amount", "99999999.99999999999亿元", None, {"pledged_amount:number_out_of_range"}),
    ("pledges", "pledged_amount", "500", Decimal(5_000_000), set()),
    ("pledges", "pledged_amount", "3000000元", Decimal(3_000_000), set()),
    ("pledges", "is_inclusive", None, None, {"is_inclusive:missing_required"}),
    ("external_parameters", "division_code", "全省", "210000", set()),
    ("external_parameters", "division_code", "沈阳市", "210100", set()),
    ("external_parameters", "division_code", "全国", None, {"division_code:unknown_division"}),
    ("activities", "division_code", "沈阳市", "210100", {"division_code:division_of_other_bureau"}),
    ("indicator_inputs", "rule_id", "21（1）A", "21(1)a", set()),
    ("indicator_inputs", "rule_id", "48", None, {"rule_id:unknown_code"}),
    ("indicator_inputs", "metric_code", "ip_crime_den_cnt", "ip_crime_den_cnt", set()),
    ("indicator_inputs", "metric_code", "案件信息报送件数", "case_report_cnt", set()),
    ("indicator_inputs", "metric_code", "商标行政案件公开件数", "trademark_disclosed_cnt", set()),
    ("indicator_inputs", "metric_code", "商标行政案件依法应公开结案件数", "trademark_publishable_cnt", set()),
    ("indicator_inputs", "metric_code", "跨市案件移送件数", "transfer_crosscity_cnt", set()),
]  # fmt: skip

SURVEY: Given = {"rule_id": "调查", "metric_code": "信用监管知晓率", "metric_value": "87.5%", "value_unit": "比率"}
NO_EVIDENCE: Given = {"evidence_id": None, "evidence_sha256": None, "evidence_on": None}
STANDARD: Given = {"record_kind": "专用标准", "record_no": "DB21/T 3600-2022", "standard_level": "省级地方标准"}

ROWS: list[tuple[str, Given, set[str]]] = [
    # geographical indications
    ("geographical_indications", {"changed_on": "2022-06-19"}, {"changed_on:dates_out_of_order"}),
    ("geographical_indications", {"changed_on": "2022-06-20", "gi_status": "变更"}, set()),
    ("geographical_indications", {"gi_status": "已变更"}, {"changed_on:missing_required"}),
    ("geographical_indications", {"gi_status": "已注销"}, {"cancelled_on:missing_required"}),
    ("geographical_indications", {"gi_status": "已撤销", "cancelled_on": "2022-09-01"}, set()),
    ("geographical_indications", {"gi_status": "已撤销", "cancelled_on": "九月"}, {"cancelled_on:bad_date"}),
    ("geographical_indications", {"cancelled_on": "2022-06-01"}, {"cancelled_on:dates_out_of_order"}),
    ("geographical_indications", {"gi_no": None}, {"gi_no:missing_required"}),
    ("geographical_indications", {"gi_no": None, "record_kind": "地理标志产品"}, set()),
    ("geographical_indications", STANDARD, set()),
    ("geographical_indications", STANDARD | {"standard_level": None}, {"standard_level:missing_required"}),
    ("geographical_indications", STANDARD | {"record_kind": "立项", "standard_level": None}, set()),
    # a holder without code waits for its match; one hashed while loading is nobody's record, and stays
    ("geographical_indications", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("geographical_indications", {"uscc": None, "holder_name": "hmac:12"}, set()),
    # pledges
    ("pledges", {"contract_on": "2022-08-02"}, {"contract_on:dates_out_of_order"}),
    ("pledges", {"contract_on": "2022-08-01", "expires_on": "2022-08-01", "released_on": "2022-08-01"}, set()),
    ("pledges", {"expires_on": "2022-07-31"}, {"expires_on:dates_out_of_order"}),
    ("pledges", {"released_on": "2022-07-31"}, {"released_on:dates_out_of_order"}),
    ("pledges", {"registered_on": "2022-06-30", "contract_on": None}, {"registered_on:outside_period"}),
    ("pledges", {"registered_on": "2022-06-30", "contract_on": None, "released_on": "2022-09-30"}, set()),
    (
        "pledges",
        {"registered_on": "2022-06-29", "contract_on": None, "released_on": "2022-06-30"},
        {"registered_on:outside_period"},
    ),
    ("pledges", {"right_count": "0"}, {"right_count:number_out_of_range"}),
    ("pledges", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("pledges", {"uscc": None, "pledgor_name": "hmac:12"}, set()),
    # transfers
    ("patent_transfers", {"expires_on": "2022-08-12"}, set()),
    ("patent_transfers", {"expires_on": "2022-08-11"}, {"expires_on:dates_out_of_order"}),
    ("patent_transfers", {"recorded_on": "2022-06-30"}, {"recorded_on:outside_period"}),
    ("patent_transfers", {"recorded_on": "2022-09-30"}, set()),
    ("patent_transfers", {"uscc": None, "registration_no": "210600004012345"}, {"uscc:subject_to_be_matched"}),
    # insurance
    ("insurance_policies", {"expires_on": "2022-09-01"}, set()),
    ("insurance_policies", {"expires_on": "2022-08-31"}, {"expires_on:dates_out_of_order"}),
    ("insurance_policies", {"terminated_on": "2022-08-19"}, {"terminated_on:dates_out_of_order"}),
    ("insurance_policies", {"signed_on": "2022-10-01", "effective_on": "2022-10-02"}, {"signed_on:outside_period"}),
    ("insurance_policies", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    # activities
    ("activities", NO_EVIDENCE, set()),
    ("activities", NO_EVIDENCE | {"evidence_id": "1"},
     {"evidence_sha256:missing_required", "evidence_on:missing_required"}),
    ("activities", NO_EVIDENCE | {"evidence_sha256": SHA256},
     {"evidence_id:missing_required", "evidence_on:missing_required"}),
    ("activities", {"evidence_on": None}, {"evidence_on:missing_required"}),
    ("activities", {"finished_on": "2022-08-17"}, {"finished_on:dates_out_of_order"}),
    ("activities", {"finished_on": "2022-08-18"}, set()),
    ("activities", {"held_on": "2022-10-01"}, {"held_on:outside_period"}),
    ("activities", {"activity_kind": "案例宣传"}, {"media_name:missing_required", "activity_level:missing_required"}),
    ("activities", {"activity_kind": "案例宣传", "media_name": "示例日报", "activity_level": "省级"}, set()),
    ("activities", {"activity_kind": "参加执法培训"}, {"activity_level:missing_required"}),
    ("activities", {"activity_kind": "专项经费"}, {"amount:missing_required"}),
    ("activities", {"activity_kind": "专项经费", "amount": "若干", "amount_unit": "yuan"}, {"amount:bad_number"}),
    ("activities", {"activity_kind": "项目经费", "amount": "20", "amount_unit": "wan_yuan"}, set()),
    ("activities", {"activity_kind": "政策文件"}, {"document_no:missing_required"}),
    ("activities", {"activity_kind": "政策文件", "document_no": "丹政办发〔2022〕9号"}, set()),
    ("activities", {"activity_kind": "信息采纳"}, {"adopted_by:missing_required"}),
    ("activities", {"activity_kind": "信息采纳", "adopted_by": "辽宁省知识产权局"}, set()),
    # parameters
    ("external_parameters", {"parameter_code": "任务数"}, {"parameter_code:unknown_code"}),
    ("external_parameters", {"parameter_code": "Rate 1"}, {"parameter_code:unknown_code"}),
    ("external_parameters", {"valid_to": "2021-12-31"}, {"valid_to:dates_out_of_order"}),
    ("external_parameters", {"valid_to": None}, set()),
    ("external_parameters", {"value_unit": "比率", "parameter_value": "93.5"}, {"parameter_value:number_out_of_range"}),
    ("external_parameters", {"value_unit": "比率", "parameter_value": "93.5%"}, set()),
    ("external_parameters", {"value_unit": "比率", "parameter_value": "1"}, set()),
    # declared indicators
    ("indicator_inputs", SURVEY, set()),
    ("indicator_inputs", SURVEY | {"metric_value": "87.5"}, {"metric_value:number_out_of_range"}),
    ("indicator_inputs", SURVEY | {"rule_id": "12(1)"}, {"metric_code:unknown_code"}),
    ("indicator_inputs", {"rule_id": "调查"}, {"metric_code:unknown_code"}),
    ("indicator_inputs", {"metric_value": None, "value_unit": None}, {"metric_value:missing_required"}),
    ("indicator_inputs", {"value_unit": None}, {"value_unit:missing_required"}),
    ("indicator_inputs", {"metric_value": None, "value_unit": None, "metric_choice": "专项经费"}, set()),
    ("indicator_inputs", {"metric_value": None, "value_unit": None, "metric_choice": "均有"},
     {"metric_choice:unknown_code"}),
    ("indicator_inputs", {"metric_value": "六", "value_unit": None}, {"metric_value:bad_number"}),
    ("indicator_inputs", {"certified_on": None}, {"certified_on:missing_required"}),
    ("indicator_inputs", {"certified_by": None, "certified_on": None}, set()),
    ("indicator_inputs", {"counted_from": "2022-01-01", "counted_until": "2021-12-31"},
     {"counted_until:dates_out_of_order"}),
    ("indicator_inputs", {"counted_from": "2022-01-01", "counted_until": "2022-11-30"}, set()),
    ("indicator_inputs", {"evidence_on": None}, {"evidence_on:missing_required"}),
    ("indicator_inputs", NO_EVIDENCE, set()),
]  # fmt: skip

EVENTS: list[tuple[str, Given, str]] = [
    ("geographical_indications", {}, "gi_mark_user"),
    ("geographical_indications", STANDARD, "gi_standard"),
    ("geographical_indications", STANDARD | {"record_kind": "立项"}, "gi_standard_project"),
    ("geographical_indications", {"record_kind": "地理标志产品"}, "gi_product"),
    ("geographical_indications", {"record_kind": "证明商标"}, "gi_certification_mark"),
    ("geographical_indications", {"record_kind": "集体商标"}, "gi_collective_mark"),
    ("pledges", {}, "ip_pledged"),
    ("patent_transfers", {"transfer_kind": "转让"}, "patent_assigned"),
    ("patent_transfers", {"transfer_kind": "专利申请权转让"}, "patent_assigned"),
    ("patent_transfers", {"transfer_kind": "独占许可"}, "patent_licensed"),
    ("patent_transfers", {"transfer_kind": "开放许可"}, "patent_licensed"),
    ("insurance_policies", {}, "ip_insured"),
    ("activities", {}, "activity"),
    ("external_parameters", {}, "target_set"),
    ("external_parameters", {"parameter_kind": "外部参数"}, "external_parameter"),
    ("indicator_inputs", {}, "indicator_declared"),
    ("indicator_inputs", SURVEY, "survey_result"),
]


def _given(case: tuple[Any, ...]) -> Given:
    """Cells of a case of any of the three tables that differ from the sound row's."""
    if not isinstance(case[1], str):
        return dict(case[1])
    return {case[1]: case[2]}


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The judged rows of each table, in its order; one build judges all, one submission per dataset."""
    tables = {"cells": CELLS, "rows": ROWS, "events": EVENTS}
    every = [(name, index, case) for name, table in tables.items() for index, case in enumerate(table)]
    places: dict[tuple[str, int], tuple[int, int]] = {}
    with warehouse.connect() as connection:
        for dataset in GOOD_ROWS:
            own = [entry for entry in every if entry[2][0] == dataset]
            rows = [good_row(dataset, at, **_given(case)) for at, (_, _, case) in enumerate(own, 1)]
            submission = submit(connection, dataset, rows)
            places |= {(name, index): (submission, at) for at, (name, index, _) in enumerate(own, 1)}
    build.judge()
    with warehouse.connect() as connection:
        found = {
            (row["submission_id"], row["row_number"]): row
            for dataset in GOOD_ROWS
            for row in _staged(connection, dataset)
        }
        yield {name: [found[places[name, index]] for index in range(len(table))] for name, table in tables.items()}


def _staged(connection: psycopg.Connection, dataset: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from staging.stg_{dataset}")
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _is_accepted(issues: set[str]) -> bool:
    return {issue.split(":")[1] for issue in issues} <= WARNINGS


@pytest.mark.parametrize("index", range(len(CELLS)), ids=[f"{c[0]}.{c[1]}={c[2]!r}" for c in CELLS])
def test_cell(judged: dict[str, list[dict[str, Any]]], index: int) -> None:
    (_, column, _, value, issues), row = CELLS[index], judged["cells"][index]
    assert set(row["issues"]) == issues
    assert row["is_accepted"] is _is_accepted(issues)
    if not any(issue.endswith(("cell_error", "digits_lost")) for issue in issues):
        assert row[column] == value
        assert type(row[column]) is type(value)


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{d} {g}" for d, g, _ in ROWS])
def test_row_rules(judged: dict[str, list[dict[str, Any]]], index: int) -> None:
    issues, row = ROWS[index][2], judged["rows"][index]
    assert set(row["issues"]) == issues
    assert len(row["issues"]) == len(issues)
    assert row["is_accepted"] is _is_accepted(issues)


def test_event_types(judged: dict[str, list[dict[str, Any]]]) -> None:
    assert [row["issues"] for row in judged["events"]] == [[]] * len(EVENTS)
    assert [row["event_type"] for row in judged["events"]] == [event for _, _, event in EVENTS]
    assert {row["behaviour_code"] for table in judged.values() for row in table} == {None}


def test_a_release_or_a_cancellation_ends_the_record(judged: dict[str, list[dict[str, Any]]]) -> None:
    ended = {
        (row["dataset"], column)
        for row in judged["rows"]
        for column in ("cancelled_on", "released_on", "terminated_on")
        if row["ended_on"] is not None and row.get(column) == row["ended_on"]
    }
    assert ended == {
        ("geographical_indications", "cancelled_on"),
        ("pledges", "released_on"),
        ("insurance_policies", "terminated_on"),
    }
