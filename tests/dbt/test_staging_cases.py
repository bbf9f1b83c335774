"""What judging makes of the datasets on cases, mediation, legal aid and well-known marks: one dbt build."""

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Warehouse
from helpers import good_row, submit
from psycopg import sql
from psycopg.rows import dict_row

from ipcredit import build

OPEN = {
    "case_state": "办理中", "closed_on": None, "closing_mode": None, "decision_no": None, "is_publishable": None,
    "published_on": None, "system_report_due_on": None, "system_reported_on": None,
}  # fmt: skip
UNANSWERED = {"received_on": None, "receipt_no": None, "outcome": "未反馈"}
UNCONFIRMED = {"is_confirmed": "否", "confirmed_on": None, "confirmation_no": None, "court": None}
REQUESTED = {
    "decided_on": None, "decision_no": None, "recognition": None, "protection_action": None, "protected_on": None,
    "protection_no": None, "papers_reported_on": None,
}  # fmt: skip
REFUSED = REQUESTED | {"decided_on": "2022-06-15", "decision_no": "国知保函〔2022〕32号", "recognition": "不予认定"}

# Dataset, cells that differ from a good row, issues expected. Each rule has a row that just passes.
ROWS: list[tuple[str, dict[str, str | None], set[str]]] = [
    ("cases", {}, set()),
    ("cases", OPEN, set()),
    ("cases", OPEN | {"case_state": "中止"}, set()),
    ("cases", {"received_on": "2022-07-08"}, set()),
    ("cases", {"received_on": "2022-07-09"}, {"filed_on:dates_out_of_order"}),
    ("cases", {"closed_on": "2022-07-08"}, set()),
    ("cases", {"closed_on": "2022-07-07"}, {"closed_on:dates_out_of_order"}),
    ("cases", {"published_on": "2022-08-20"}, set()),
    ("cases", {"published_on": "2022-08-19"}, {"published_on:dates_out_of_order"}),
    ("cases", {"system_report_due_on": "2022-07-07"}, {"system_report_due_on:dates_out_of_order"}),
    ("cases", {"system_reported_on": "2022-07-07"}, {"system_reported_on:dates_out_of_order"}),
    # late, or not at all: no fault of the row, it is what is counted
    ("cases", {"system_reported_on": "2022-09-06"}, set()),
    ("cases", {"system_reported_on": None}, set()),
    ("cases", {"system_report_due_on": None, "system_reported_on": None}, set()),
    ("cases", {"system_report_due_on": None}, {"system_report_due_on:missing_required"}),
    ("cases", {"returned_count": "2", "returned_on": "2022-08-25"}, set()),
    ("cases", {"returned_count": "2", "returned_on": "2022-08-24"}, {"returned_on:dates_out_of_order"}),
    (
        "cases",
        {"returned_count": "1", "returned_on": "2022-09-01", "system_reported_on": None},
        {"system_reported_on:missing_required"},
    ),
    ("cases", {"returned_count": "1"}, {"returned_on:missing_required"}),
    ("cases", {"returned_count": "1", "returned_on": "九月"}, {"returned_on:bad_date"}),
    ("cases", {"returned_count": "0"}, set()),
    ("cases", {"returned_count": "-1"}, {"returned_count:number_out_of_range"}),
    ("cases", {"closed_on": None}, {"closed_on:missing_required"}),
    ("cases", {"closed_on": "八月"}, {"closed_on:bad_date"}),
    ("cases", {"closing_mode": None}, {"closing_mode:missing_required"}),
    ("cases", {"closing_mode": "协商"}, {"closing_mode:unknown_code"}),
    ("cases", {"is_publishable": None}, {"is_publishable:missing_required"}),
    ("cases", {"is_publishable": "待定"}, {"is_publishable:bad_boolean"}),
    ("cases", {"published_on": None}, set()),
    ("cases", {"published_on": None, "is_publishable": "否", "nondisclosure_reason": "个人隐私"}, set()),
    ("cases", {"published_on": None, "is_publishable": "否"}, {"nondisclosure_reason:missing_required"}),
    (
        "cases",
        {"is_publishable": "否", "nondisclosure_reason": "个人隐私"},
        {"is_publishable:fields_disagree"},
    ),
    ("cases", OPEN | {"closed_on": "2022-08-20"}, {"case_state:fields_disagree"}),
    ("cases", OPEN | {"closing_mode": "行政处罚"}, {"case_state:fields_disagree"}),
    ("cases", OPEN | {"published_on": "2022-08-26", "is_publishable": "是"}, {"case_state:fields_disagree"}),
    ("cases", {"case_state": "待查"}, {"case_state:unknown_code"}),
    ("cases", {"closing_mode": "行政裁决"}, {"closing_mode:fields_disagree"}),
    ("cases", {"closing_mode": "驳回请求", "case_type": "专利侵权纠纷"}, set()),
    ("cases", {"closing_mode": "裁决", "case_type": "集成电路布图设计"}, set()),
    # an earlier quarter's case may still be worked on or be closed; what is later belongs into a later quarter
    ("cases", {"received_on": None, "filed_on": "2022-03-01"}, set()),
    ("cases", OPEN | {"filed_on": "2022-10-01"}, {"filed_on:outside_period"}),
    ("cases", {"closed_on": "2022-06-30", "received_on": None, "filed_on": "2022-06-01"}, {"closed_on:outside_period"}),
    ("cases", {"closed_on": "2022-10-01", "published_on": "2022-10-01"}, {"closed_on:outside_period"}),
    ("cases", {"division_code": "沈阳市"}, {"division_code:division_of_other_bureau"}),
    # whose case it is: nobody's, a person's, or somebody's still to be found
    ("cases", {"uscc": None, "respondent_name": None}, set()),
    ("cases", {"uscc": None, "respondent_name": "hmac:77"}, set()),
    ("cases", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("cases", {"uscc": None, "respondent_name": None, "registration_no": "210600004012345"},
     {"uscc:subject_to_be_matched"}),
    ("cases", {"respondent_name": None}, {"respondent_name:name_missing_for_code"}),
    ("case_transfers", {}, set()),
    ("case_transfers", UNANSWERED, set()),
    ("case_transfers", {"received_on": "2022-08-10"}, set()),
    ("case_transfers", {"received_on": "2022-08-09"}, {"received_on:dates_out_of_order"}),
    ("case_transfers", {"outcome_on": "2022-08-09"}, {"outcome_on:dates_out_of_order"}),
    ("case_transfers", {"case_no": None}, {"case_no:missing_required"}),
    ("case_transfers", {"case_no": None, "matter": "线索"}, set()),
    ("case_transfers", {"case_no": None, "direction": "移入"}, set()),
    ("case_transfers", {"received_on": None}, {"received_on:missing_required"}),
    ("case_transfers", UNANSWERED | {"direction": "移入"}, {"received_on:missing_required"}),
    ("case_transfers", {"receipt_no": None}, {"receipt_no:missing_required"}),
    ("case_transfers", {"receipt_no": None, "outcome": "退回"}, set()),
    ("case_transfers", {"transfer_slip_no": None}, {"transfer_slip_no:missing_required"}),
    ("case_transfers", {"sent_on": "2022-06-30"}, {"sent_on:outside_period"}),
    ("case_transfers", {"sent_on": "2022-06-30", "direction": "移入"}, set()),
    ("case_transfers", {"received_on": "2022-10-08"}, set()),
    ("case_transfers", {"received_on": "2022-10-08", "direction": "移入"}, {"received_on:outside_period"}),
    ("two_laws_entries", {}, set()),
    ("two_laws_entries", {"certified_on": None, "certificate_no": None}, set()),
    ("two_laws_entries", {"certified_on": "2022-08-25"}, set()),
    ("two_laws_entries", {"certified_on": "2022-08-24"}, {"certified_on:dates_out_of_order"}),
    ("two_laws_entries", {"certificate_no": None}, {"certificate_no:missing_required"}),
    ("two_laws_entries", {"entered_on": "2022-07-01"}, set()),
    ("two_laws_entries", {"entered_on": "2022-06-30"}, {"entered_on:outside_period"}),
    ("two_laws_entries", {"division_code": "辽东市"}, {"division_code:unknown_division"}),
    ("two_laws_entries", {"division_code": "沈抚示范区"}, set()),
    ("mediations", {}, set()),
    ("mediations", UNCONFIRMED, set()),
    ("mediations", UNCONFIRMED | {"closed_on": None, "result": None, "is_confirmed": None}, set()),
    ("mediations", {"closed_on": "2022-07-12"}, set()),
    ("mediations", {"closed_on": "2022-07-11"}, {"closed_on:dates_out_of_order"}),
    ("mediations", {"confirmed_on": "2022-08-02"}, set()),
    ("mediations", {"confirmed_on": "2022-08-01"}, {"confirmed_on:dates_out_of_order"}),
    ("mediations", UNCONFIRMED | {"closed_on": None}, {"closed_on:missing_required"}),
    ("mediations", UNCONFIRMED | {"result": None}, {"result:missing_required"}),
    ("mediations", {"venue_name": None}, {"venue_name:missing_required"}),
    ("mediations", {"venue_name": None, "venue": "本机构"}, set()),
    ("mediations", {"confirmed_on": None}, {"confirmed_on:missing_required"}),
    ("mediations", {"confirmation_no": None, "court": None},
     {"confirmation_no:missing_required", "court:missing_required"}),
    ("mediations", {"is_confirmed": None}, {"is_confirmed:missing_required"}),
    ("mediations", {"is_confirmed": "否"}, {"is_confirmed:fields_disagree"}),
    ("mediations", {"result": "调解失败"}, {"is_confirmed:fields_disagree"}),
    ("mediations", {"mediation_kind": "仲裁"}, {"is_confirmed:fields_disagree"}),
    ("mediations", {"mediation_kind": "行政调解"}, set()),
    ("mediations", UNCONFIRMED | {"mediation_kind": "仲裁", "result": "仲裁裁决"}, set()),
    ("mediations", {"accepted_on": "2022-06-30"}, set()),
    (
        "mediations",
        UNCONFIRMED | {"accepted_on": "2022-10-01", "closed_on": None, "result": None},
        {"accepted_on:outside_period"},
    ),
    ("mediations", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("legal_aid", {}, set()),
    ("legal_aid", {"document_no": None}, {"document_no:missing_required"}),
    ("legal_aid", {"document_no": None, "aid_kind": "咨询答复"}, set()),
    ("legal_aid", {"aid_kind": "培训", "event_name": "示例培训", "participants": "40"}, set()),
    ("legal_aid", {"aid_kind": "培训"}, {"event_name:missing_required", "participants:missing_required"}),
    ("legal_aid", {"aid_kind": "培训", "event_name": "示例培训", "participants": "四十"}, {"participants:bad_number"}),
    ("legal_aid", {"aid_kind": "驻场服务", "event_name": "示例展会", "occasion": "展会"}, set()),
    ("legal_aid", {"aid_kind": "驻场服务", "event_name": "示例展会"}, {"occasion:missing_required"}),
    ("legal_aid", {"aid_kind": "线索", "clue_receiver": "丹东市市场监督管理局"}, set()),
    ("legal_aid", {"aid_kind": "线索"}, {"clue_receiver:missing_required"}),
    ("legal_aid", {"provided_on": "2022-09-30"}, set()),
    ("legal_aid", {"provided_on": "2022-10-01"}, {"provided_on:outside_period"}),
    ("legal_aid", {"uscc": None, "beneficiary_name": None}, set()),
    ("legal_aid", {"uscc": None}, {"uscc:subject_to_be_matched"}),
    ("well_known_marks", {}, set()),
    ("well_known_marks", REQUESTED, set()),
    ("well_known_marks", REFUSED, set()),
    ("well_known_marks", {"submitted_on": "2022-03-01"}, {"submitted_on:dates_out_of_order"}),
    ("well_known_marks", {"decided_on": "2022-03-20"}, set()),
    ("well_known_marks", {"decided_on": "2022-03-19"}, {"decided_on:dates_out_of_order"}),
    ("well_known_marks", {"submitted_on": None, "decided_on": "2022-03-01"}, {"decided_on:dates_out_of_order"}),
    ("well_known_marks", {"protected_on": "2022-06-15"}, set()),
    ("well_known_marks", {"protected_on": "2022-06-14"}, {"protected_on:dates_out_of_order"}),
    ("well_known_marks", {"papers_reported_on": "2022-07-19"}, {"papers_reported_on:dates_out_of_order"}),
    # sixty days is policy: late protection is no fault of the row
    ("well_known_marks", {"protected_on": "2022-11-30", "papers_reported_on": None}, set()),
    ("well_known_marks", {"decided_on": None}, {"decided_on:missing_required"}),
    ("well_known_marks", {"recognition": None}, {"recognition:missing_required"}),
    ("well_known_marks", {"decision_no": None}, {"decision_no:missing_required"}),
    ("well_known_marks", {"protected_on": None}, {"protected_on:missing_required"}),
    ("well_known_marks", {"protection_action": None, "protection_no": None},
     {"protection_action:missing_required", "protection_no:missing_required"}),
    ("well_known_marks", {"recognition": "不予认定"}, {"protected_on:fields_disagree"}),
    ("well_known_marks", {"trademark_class": "46"}, {"trademark_class:number_out_of_range"}),
    ("well_known_marks", {"uscc": None, "registrant_name": "EXAMPLE FOODS INC."}, {"uscc:subject_to_be_matched"}),
    ("well_known_marks", {"uscc": None, "registrant_name": "hmac:78"}, set()),
]  # fmt: skip

EVENTS: list[tuple[str, dict[str, str | None], str, str | None]] = [
    ("cases", OPEN, "case_open", "trademark"),
    ("cases", OPEN | {"case_state": "中止"}, "case_open", "trademark"),
    ("cases", {"case_type": "版权"}, "case_closed", "copyright"),
    ("case_transfers", {}, "case_transfer_sent", "cross_city"),
    ("case_transfers", {"direction": "移入", "transfer_level": "跨省"}, "case_transfer_received", "cross_province"),
    ("two_laws_entries", {}, "two_laws_entry_certified", "entered"),
    ("two_laws_entries", {"certified_on": None, "entry_kind": "移送公安"}, "two_laws_entry", "sent_to_police"),
    ("mediations", {}, "mediation_confirmed", "peoples"),
    ("mediations", UNCONFIRMED, "mediation_closed", "peoples"),
    ("mediations", UNCONFIRMED | {"closed_on": None, "result": None}, "mediation_open", "peoples"),
    ("legal_aid", {}, "legal_aid", "opinion"),
    ("well_known_marks", REQUESTED, "well_known_mark_requested", None),
    ("well_known_marks", {}, "well_known_mark_recognised", "recognised"),
    ("well_known_marks", REFUSED, "well_known_mark_refused", "refused"),
]

VALUES = {
    "cases": "case_type", "case_transfers": "transfer_level", "two_laws_entries": "entry_kind",
    "mediations": "mediation_kind", "legal_aid": "aid_kind", "well_known_marks": "recognition",
}  # fmt: skip
"""Column of the event value, by dataset."""

WARNINGS = {"outside_period", "subject_to_be_matched", "name_missing_for_code"}


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[dict[tuple[str, int], dict[str, Any]]]:
    """Judged rows by dataset and row number: a dataset's ROWS first, its EVENTS after them."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    with warehouse.connect() as connection:
        for dataset in VALUES:
            given = [cells for name, cells, _ in ROWS if name == dataset]
            given += [cells for name, cells, _, _ in EVENTS if name == dataset]
            submit(connection, dataset, [good_row(dataset, n, **cells) for n, cells in enumerate(given, start=1)])
        build.judge()
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        for dataset in VALUES:
            table = sql.Identifier("staging", f"stg_{dataset}")
            for row in cursor.execute(sql.SQL("select * from {}").format(table)):
                found[dataset, row["row_number"]] = row
    yield found


def place(index: int, table: list[Any], before: int = 0) -> tuple[str, int]:
    """Where the entry stands among the submitted rows of its dataset."""
    dataset = table[index][0]
    return dataset, before + sum(entry[0] == dataset for entry in table[: index + 1])


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{d} {g}" for d, g, _ in ROWS])
def test_row_rules(judged: dict[tuple[str, int], dict[str, Any]], index: int) -> None:
    row, expected = judged[place(index, ROWS)], ROWS[index][2]
    assert set(row["issues"]) == expected
    assert len(row["issues"]) == len(expected)
    assert row["is_accepted"] is all(issue.split(":")[1] in WARNINGS for issue in expected)


@pytest.mark.parametrize("index", range(len(EVENTS)), ids=[f"{d} {e}" for d, _, e, _ in EVENTS])
def test_event_types(judged: dict[tuple[str, int], dict[str, Any]], index: int) -> None:
    dataset, _, event, value = EVENTS[index]
    row = judged[place(index, EVENTS, before=sum(name == dataset for name, _, _ in ROWS))]
    assert (row["event_type"], row[VALUES[dataset]]) == (event, value)
    assert (row["behaviour_code"], row["ended_on"]) == (None, None)


def test_sender_and_receiver_of_one_transfer_both_count(judged: dict[tuple[str, int], dict[str, Any]]) -> None:
    keys = {row["natural_key"] for (dataset, _), row in judged.items() if dataset == "case_transfers"}
    assert {key.split("|")[1] for key in keys} == {"sent", "received"}


def test_numbers_are_written_in_one_way(judged: dict[tuple[str, int], dict[str, Any]]) -> None:
    assert judged["mediations", 1]["confirmation_no"] == "〔2022〕辽06民特1号"
    assert judged["cases", 1]["natural_key"] == "丹市监立〔2022〕1号"


def test_who_has_a_code_is_the_subject(judged: dict[tuple[str, int], dict[str, Any]]) -> None:
    row = judged["cases", 1]
    assert (row["subject_id"], row["subject_name"]) == (row["uscc"], "丹东示例1号有限公司")
    registered = next(row for row in judged.values() if row.get("registration_no"))
    assert (registered["subject_id"], registered["claimed_registration_no"]) == (None, "210600004012345")
