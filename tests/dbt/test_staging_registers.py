"""Registers and supervision work: their own rules, each just kept and just broken, and the events that rows report."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from conftest import Warehouse
from good_rows_registers import GOOD_ROWS
from helpers import good_row, submit, uscc

from ipcredit import build


class Case(NamedTuple):
    """A good row with other cells, and what judging makes of it."""

    dataset: str
    given: dict[str, str | None]
    issues: tuple[str, ...] = ()
    event: str | None = None
    """Not asked if None; nor is the behaviour then."""
    behaviour: str | None = None
    ended_on: date | None = None


WARNINGS = {
    "subject_to_be_matched", "name_missing_for_code", "condition_not_met", "outside_period", "secondary_code_left_out",
}  # fmt: skip

CLOSED = {"complaint_state": "已办结"}
OPEN = {"closed_on": None, "complaint_result": None, "replied_on": None}
FOUND = {"inspection_result": "发现问题已责令改正", "problems": "未公示收费标准", "fix_due_on": "2022-09-01"}
DEFERRED = {"commitment_type": "容缺受理", "deferred_documents": "营业执照复印件", "due_on": "2022-08-15"}
BROKEN = {"verification_result": "未履行", "verified_on": "2022-09-20", "breach_facts": "逾期未补交材料"}
UNDECIDED = {"decided_on": None, "repair_result": None, "publication_ended_on": None}
SHA256 = "E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

CASES = [
    # every dataset's plain row
    Case("enterprises", {}, (), "enterprise_registered"),
    Case("attorneys", {}, (), "attorney_registered"),
    Case("protection_lists", {}, (), "protection_listed"),
    Case("agency_conduct", {}, (), "industry_discipline"),
    Case("inspectors", {}, (), "inspector_listed"),
    Case("inspectors", {"avoids": None}),
    Case("inspectors", {"avoids": "某公司"}, ("avoids:bad_uscc",)),
    Case("inspectors", {"inspector_state": "轮休"}, ("inspector_state:unknown_code",)),
    Case("complaints", {}, (), "complaint_substantiated", "trademark_infringement"),
    Case("campaign_cases", {}, (), "campaign_action"),
    Case("inspections", {}, (), "inspection_passed"),
    Case("commitments", {}, (), "commitment_signed"),
    Case("objections", {}, (), "objection_filed"),
    Case("repairs", {}, (), "repair_granted"),
    Case("measure_feedback", {}, (), "constraint_applied"),
    # enterprises
    Case("enterprises", {"registration_status": "注销"}, ("deregistered_on:missing_required",)),
    Case("enterprises", {"registration_status": "吊销，未注销"}, ("deregistered_on:missing_required",)),
    Case("enterprises", {"registration_status": "吊销，已注销"}, ("deregistered_on:missing_required",)),
    Case("enterprises", {"registration_status": "迁出"}),
    Case(
        "enterprises",
        {"registration_status": "注销", "deregistered_on": "2012-05-18"},
        (),
        "enterprise_registered",
        None,
        date(2012, 5, 18),
    ),
    Case(
        "enterprises",
        {"registration_status": "注销", "deregistered_on": "2012-05-17"},
        ("deregistered_on:dates_out_of_order",),
    ),
    Case("enterprises", {"registration_status": "注销", "deregistered_on": "去年"}, ("deregistered_on:bad_date",)),
    Case("enterprises", {"term_until": "2012-05-18"}),
    Case("enterprises", {"term_until": "2012-05-17"}, ("term_until:dates_out_of_order",)),
    Case("enterprises", {"enterprise_type": "个体户", "org_code": "12345678-8"}),
    Case("enterprises", {"registration_no": "企独辽丹字第1号"}, ("registration_no:secondary_code_left_out",)),
    # agency_conduct
    Case("agency_conduct", {"conduct": "挂证"}, (), "agency_irregularity"),
    Case("agency_conduct", {"conduct": "公益代理"}, (), "agency_contribution"),
    Case("agency_conduct", {"conduct": "口头提醒"}, ("conduct:unknown_code",)),
    Case("agency_conduct", {"valid_until": "2022-08-10"}),
    Case("agency_conduct", {"valid_until": "2022-08-09"}, ("valid_until:dates_out_of_order",)),
    # attorneys
    Case("attorneys", {"id_number": None}, ("id_number:missing_required",)),
    Case("attorneys", {"filed_on": "2018-07-02"}),
    Case("attorneys", {"filed_on": "2018-07-01"}, ("filed_on:dates_out_of_order",)),
    Case("attorneys", {"changed_on": "2018-07-01"}, ("changed_on:dates_out_of_order",)),
    Case("attorneys", {"practice_status": "暂停执业"}, ("changed_on:missing_required",)),
    Case("attorneys", {"practice_status": "暂停执业", "changed_on": "2022-03-01"}, (), "attorney_registered"),
    Case(
        "attorneys",
        {"practice_status": "不再执业", "changed_on": "2022-03-01"},
        (),
        "attorney_registered",
        None,
        date(2022, 3, 1),
    ),
    Case("attorneys", {"agency_code": "2120"}, ("agency_code:secondary_code_left_out",)),
    # protection lists
    Case("protection_lists", {"listed_until": "2022-04-26"}),
    Case("protection_lists", {"listed_until": "2022-04-25"}, ("listed_until:dates_out_of_order",)),
    Case("protection_lists", {"removed_on": "2022-04-25"}, ("removed_on:dates_out_of_order",)),
    Case("protection_lists", {"removed_on": "2022-06-30"}, (), "protection_listed", None, date(2022, 6, 30)),
    Case("protection_lists", {"trademark_no": None}, ("trademark_no:missing_required",)),
    Case("protection_lists", {"trademark_no": "申请中"}, ("trademark_no:bad_trademark_no",)),
    Case("protection_lists", {"trademark_no": None, "right_kind": "专利"}, ("patent_no:missing_required",)),
    Case("protection_lists", {"trademark_no": None, "right_kind": "专利", "patent_no": "ZL201710601862.3"}),
    Case("protection_lists", {"list_kind": "海关备案"}, ("customs_record_no:missing_required",)),
    Case("protection_lists", {"list_kind": "海关备案", "customs_record_no": "T2022-123456"}),
    Case("protection_lists", {"uscc": None}, ("uscc:subject_to_be_matched",)),
    # complaints
    Case("complaints", {"received_on": "2022-07-12"}, ("accepted_on:dates_out_of_order",)),
    Case("complaints", {"closed_on": "2022-07-10"}, ("closed_on:dates_out_of_order",)),
    Case("complaints", {"closed_on": "2022-07-11"}),
    Case("complaints", {"replied_on": "2022-07-05"}, ("replied_on:dates_out_of_order",)),
    Case("complaints", CLOSED | {"accepted_on": None}, ("accepted_on:missing_required",)),
    Case("complaints", CLOSED | {"closed_on": None}, ("closed_on:missing_required",)),
    Case("complaints", CLOSED | {"complaint_result": None}, ("complaint_result:missing_required",)),
    Case("complaints", CLOSED | {"complaint_result": "不明"}, ("complaint_result:unknown_code",)),
    Case(
        "complaints", CLOSED | {"complaint_result": "部分属实"}, (), "complaint_substantiated", "trademark_infringement"
    ),
    Case("complaints", CLOSED | {"complaint_result": "不属实"}, (), "complaint_closed"),
    Case("complaints", OPEN | {"complaint_state": "受理", "accepted_on": None}, ("accepted_on:missing_required",)),
    Case("complaints", OPEN | {"complaint_state": "受理"}, (), "complaint_open"),
    Case("complaints", OPEN | {"complaint_state": "不予受理", "accepted_on": None}, (), "complaint_refused"),
    Case("complaints", OPEN | {"complaint_state": "撤回", "accepted_on": None}, (), "complaint_withdrawn"),
    Case("complaints", OPEN | {"complaint_state": "移送", "accepted_on": None}, (), "complaint_open"),
    Case(
        "complaints",
        OPEN | {"complaint_state": "登记", "accepted_on": None, "received_on": "2022-09-30"},
        (),
        "complaint_open",
    ),
    Case(
        "complaints",
        OPEN | {"complaint_state": "登记", "accepted_on": None, "received_on": "2022-10-01"},
        ("received_on:outside_period",),
    ),
    Case("complaints", {"received_on": "2021-12-30"}),
    Case("complaints", {"division_code": "沈阳市"}, ("division_code:division_of_other_bureau",)),
    Case("complaints", {"division_code": None}, ("division_code:missing_required",)),
    # whom the complaint is about: nobody, somebody without code, a person
    Case("complaints", {"uscc": None, "party_name": None}),
    Case("complaints", {"uscc": None}, ("uscc:subject_to_be_matched",)),
    Case("complaints", {"uscc": None, "party_name": "hmac:77"}),
    Case(
        "complaints",
        {"uscc": None, "party_name": "hmac:77", "registration_no": "210600004012345"},
        ("uscc:subject_to_be_matched",),
    ),
    Case("complaints", {"party_name": None}, ("party_name:name_missing_for_code",)),
    # campaign cases
    Case("campaign_cases", {"action_outcome": "已整改"}, ("closed_on:missing_required",)),
    Case(
        "campaign_cases",
        {"action_outcome": "已整改", "closed_on": "2022-08-18"},
        (),
        "campaign_action",
        "improper_solicitation",
    ),
    Case("campaign_cases", {"closed_on": "2022-08-17"}, ("closed_on:dates_out_of_order",)),
    Case("campaign_cases", {"action_kind": "清理"}, ("applications_cleaned:missing_required",)),
    Case(
        "campaign_cases", {"action_kind": "清理", "applications_cleaned": "十件"}, ("applications_cleaned:bad_number",)
    ),
    Case("campaign_cases", {"action_kind": "清理", "applications_cleaned": "10"}),
    Case("campaign_cases", {"action_kind": "清理", "trademarks_cleaned": "10"}),
    Case("campaign_cases", {"acted_on": "2022-10-01"}, ("acted_on:outside_period",)),
    Case("campaign_cases", {"uscc": None, "party_name": None, "action_kind": "清理", "applications_cleaned": "30"}),
    # inspections
    Case("inspections", {"drawn_on": "2022-08-03"}),
    Case("inspections", {"drawn_on": "2022-08-04"}, ("inspected_on:dates_out_of_order",)),
    Case("inspections", {"published_on": "2022-08-02"}, ("published_on:dates_out_of_order",)),
    Case("inspections", {"inspector_2": None}, ("inspector_2:missing_required",)),
    Case("inspections", {"inspected_on": "2022-10-01", "published_on": None}, ("inspected_on:outside_period",)),
    Case("inspections", FOUND | {"problems": None}, ("problems:missing_required",)),
    Case("inspections", FOUND | {"fix_due_on": None}, ("fix_due_on:missing_required",)),
    Case("inspections", FOUND | {"fix_due_on": "2022-08-02"}, ("fix_due_on:dates_out_of_order",)),
    Case("inspections", FOUND | {"problems_fixed_on": "2022-08-02"}, ("problems_fixed_on:dates_out_of_order",)),
    Case("inspections", FOUND | {"problems_fixed_on": "2022-08-30"}, (), "inspection_problem_fixed"),
    Case("inspections", FOUND, (), "inspection_problem_unfixed"),
    # received on 5 December: until then there was time
    Case("inspections", FOUND | {"fix_due_on": "2022-12-04"}, (), "inspection_problem_unfixed"),
    Case("inspections", FOUND | {"fix_due_on": "2022-12-05"}, (), "inspection_problem_found"),
    Case("inspections", {"inspection_result": "发现问题待后续处理"}, ("problems:missing_required",)),
    Case(
        "inspections",
        {"inspection_result": "发现问题待后续处理", "problems": "涉嫌挂证"},
        (),
        "inspection_problem_found",
    ),
    Case("inspections", {"inspection_result": "不配合检查情节严重"}, (), "inspection_obstructed"),
    Case("inspections", {"inspection_result": "无法联系"}, (), "inspection_unreachable"),
    Case("inspections", {"inspection_result": "未开展经营活动"}, (), "inspection_passed"),
    # commitments
    Case("commitments", {"content_sha256": SHA256}),
    Case("commitments", {"content_sha256": None}),
    Case("commitments", {"content_sha256": SHA256[:-1]}, ("content_sha256:bad_sha256",)),
    Case("commitments", {"content_sha256": SHA256[:-1] + "g"}, ("content_sha256:bad_sha256",)),
    Case("commitments", {"content_sha256": "d41d8cd98f00b204e9800998ecf8427e"}, ("content_sha256:bad_sha256",)),
    Case("commitments", DEFERRED, (), "commitment_signed"),
    Case("commitments", DEFERRED | {"deferred_documents": None}, ("deferred_documents:missing_required",)),
    Case("commitments", DEFERRED | {"due_on": None}, ("due_on:missing_required",)),
    Case("commitments", DEFERRED | {"due_on": "2022-07-15"}),
    Case("commitments", DEFERRED | {"due_on": "2022-07-14"}, ("due_on:dates_out_of_order",)),
    Case("commitments", DEFERRED | {"delivered_on": "2022-07-14"}, ("delivered_on:dates_out_of_order",)),
    Case("commitments", {"valid_until": "2022-07-14"}, ("valid_until:dates_out_of_order",)),
    Case("commitments", {"terminated_on": "2022-07-14"}, ("terminated_on:dates_out_of_order",)),
    Case("commitments", {"terminated_on": "2022-09-01"}, (), "commitment_signed", None, date(2022, 9, 1)),
    Case("commitments", {"verified_on": "2022-07-14"}, ("verified_on:dates_out_of_order",)),
    Case("commitments", {"verification_result": "已履行"}, ("verified_on:missing_required",)),
    Case("commitments", {"verification_result": "已履行", "verified_on": "2022-09-20"}, (), "commitment_kept"),
    Case("commitments", BROKEN, (), "commitment_broken", "commitment_broken"),
    Case("commitments", BROKEN | {"verification_result": "承诺不实"}, (), "commitment_broken", "commitment_broken"),
    Case("commitments", BROKEN | {"breach_facts": None}, ("breach_facts:missing_required",)),
    # both days of which the later is the event have happened by the day of the report
    Case("commitments", BROKEN | {"verified_on": "2022-12-06"}, ("verified_on:date_out_of_range",)),
    Case("commitments", {"signed_on": "2022-12-06"}, ("signed_on:date_out_of_range", "signed_on:outside_period")),
    Case("commitments", {"signed_on": "2022-10-01"}, ("signed_on:outside_period",)),
    Case("commitments", {"uscc": None}, ("uscc:subject_to_be_matched",)),
    Case("commitments", {"uscc": None, "party_name": "hmac:77"}, ("uscc:code_missing_for_name",)),
    Case("commitments", {"uscc": None, "party_name": "hmac:77", "person_id_number": "hmac:12"}),
    # objections
    Case("objections", {"accepted_on": "2022-08-21"}, ("accepted_on:dates_out_of_order",)),
    Case("objections", {"decided_on": "2022-08-23", "objection_result": "不成立"}, ("decided_on:dates_out_of_order",)),
    Case("objections", {"decided_on": "2022-08-24", "objection_result": "不成立"}, (), "objection_rejected"),
    Case("objections", {"decided_on": "2022-08-31", "objection_result": "撤回"}, (), "objection_withdrawn"),
    Case("objections", {"objection_result": "撤回"}, ("decided_on:missing_required",)),
    Case("objections", {"decided_on": "2022-08-31"}, ("objection_result:missing_required",)),
    Case("objections", {"decided_on": "2022-08-31", "objection_result": "成立"}, (), "objection_upheld"),
    Case(
        "objections",
        {"decided_on": "2022-08-31", "objection_result": "部分成立", "corrected_on": "2022-09-01"},
        (),
        "objection_upheld",
    ),
    Case(
        "objections",
        {"decided_on": "2022-08-31", "objection_result": "成立", "corrected_on": "2022-08-21"},
        ("corrected_on:dates_out_of_order",),
    ),
    Case("objections", {"filed_on": "2022-10-01", "accepted_on": None}, ("filed_on:outside_period",)),
    # repairs
    Case("repairs", {"accepted_on": "2022-08-28"}, ("accepted_on:dates_out_of_order",)),
    Case("repairs", {"decided_on": "2022-08-31"}),
    Case("repairs", {"decided_on": "2022-08-30"}, ("decided_on:dates_out_of_order",)),
    Case("repairs", {"publication_ended_on": "2022-09-13"}, ("publication_ended_on:dates_out_of_order",)),
    Case("repairs", UNDECIDED, (), "repair_applied"),
    Case("repairs", UNDECIDED | {"decided_on": "2022-09-14"}, ("repair_result:missing_required",)),
    Case("repairs", UNDECIDED | {"repair_result": "不予修复"}, ("decided_on:missing_required",)),
    Case("repairs", {"repair_result": "不予修复", "is_performed": "否"}, (), "repair_refused"),
    Case("repairs", {"repair_result": "撤回"}, (), "repair_withdrawn"),
    Case("repairs", {"repair_result": "撤销修复"}, (), "repair_revoked"),
    Case("repairs", {"is_corrected": None}, ("is_corrected:missing_required",)),
    Case("repairs", {"is_performed": None}, ("is_performed:missing_required",)),
    Case("repairs", {"is_performed": "部分"}, ("is_performed:bad_boolean",)),
    Case("repairs", {"has_commitment": None}, ("has_commitment:missing_required",)),
    Case("repairs", {"is_corrected": "否"}, ("is_corrected:condition_not_met",)),
    Case("repairs", {"is_performed": "否"}, ("is_performed:condition_not_met",)),
    Case("repairs", {"has_commitment": "否"}, ("has_commitment:condition_not_met",)),
    Case("repairs", UNDECIDED | {"applied_on": "2022-10-01", "accepted_on": None}, ("applied_on:outside_period",)),
    # measure feedback
    Case("measure_feedback", {"measure_direction": "激励", "measure_effect": "给予支持"}, (), "incentive_applied"),
    Case("measure_feedback", {"measure_effect": "未适用"}, (), "measure_exempted"),
    Case("measure_feedback", {"measure_effect": "解除"}, ("applied_until:missing_required",)),
    Case("measure_feedback", {"measure_effect": "解除", "applied_until": "2022-09-05"}, (), "measure_lifted"),
    Case("measure_feedback", {"applied_until": "2022-09-04"}, ("applied_until:dates_out_of_order",)),
    Case("measure_feedback", {"applied_on": "2022-10-01"}, ("applied_on:outside_period",)),
]


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[list[dict[str, Any]]]:
    """The staged row of each case; all cases of a dataset are one submission, and all are judged by one build."""
    places: dict[int, tuple[str, int]] = {}
    with warehouse.connect() as connection:
        for dataset in GOOD_ROWS:
            indexes = [index for index, case in enumerate(CASES) if case.dataset == dataset]
            submit(connection, dataset, [good_row(dataset, i + 1, **CASES[i].given) for i in indexes])
            places |= {index: (dataset, row) for row, index in enumerate(indexes, start=1)}
    build.judge()
    staged: dict[tuple[str, int], dict[str, Any]] = {}
    with warehouse.connect() as connection:
        for dataset in GOOD_ROWS:
            cursor = connection.execute(f"select * from staging.stg_{dataset}")
            names = [column.name for column in cursor.description or ()]
            for values in cursor:
                row = dict(zip(names, values, strict=True))
                staged[dataset, row["row_number"]] = row
        yield [staged[places[index]] for index in range(len(CASES))]


@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{c.dataset} {c.given}" for c in CASES])
def test_a_row(judged: list[dict[str, Any]], index: int) -> None:
    case, row = CASES[index], judged[index]
    assert set(row["issues"]) == set(case.issues)
    assert row["is_accepted"] is all(issue.split(":")[1] in WARNINGS for issue in case.issues)
    if case.event:
        assert (row["event_type"], row["behaviour_code"], row["ended_on"]) == (
            case.event,
            case.behaviour,
            case.ended_on,
        )


@pytest.mark.parametrize("dataset", GOOD_ROWS)
def test_every_rule_has_a_case_that_breaks_it(dataset: str) -> None:
    """Column and issue of every rule written in the staging model, against the issues expected above."""
    rules = next(build.DBT_PROJECT.glob(f"models/staging/*/stg_{dataset}.sql")).read_text(encoding="utf-8")
    written = set(re.findall(r"'(\w+:\w+)'", rules))
    written |= {f"{column}:missing_required" for column in re.findall(r"required_where\('(\w+)'", rules)}
    broken = {issue for case in CASES if case.dataset == dataset for issue in case.issues}
    assert written and sorted(written - broken) == []


def test_whose_licence_was_revoked_is_gone_once_it_is_deregistered(judged: list[dict[str, Any]]) -> None:
    statuses = {
        case.given["registration_status"]: row["registration_status"]
        for case, row in zip(CASES, judged, strict=True)
        if "registration_status" in case.given
    }
    assert statuses == {
        "注销": "cancelled", "吊销，未注销": "revoked", "吊销，已注销": "cancelled", "迁出": "moved_out",
    }  # fmt: skip


# Dataset and cells of a case above; whose record it is: the code (or hash), the name, the former registration number.
WHOSE: list[tuple[str, dict[str, str | None], tuple[str | None, str | None, str | None]]] = [
    ("enterprises", {}, ("the code", "the name", "the number")),
    ("attorneys", {}, ("P:hmac:the number", "自然人", None)),
    ("complaints", {}, ("the code", "the name", None)),
    ("complaints", {"uscc": None}, (None, "the name", None)),
    ("complaints", {"uscc": None, "party_name": None}, (None, None, None)),
    ("complaints", {"uscc": None, "party_name": "hmac:77"}, (None, None, None)),
    (
        "commitments",
        {"uscc": None, "party_name": "hmac:77", "person_id_number": "hmac:12"},
        ("P:hmac:12", "自然人", None),
    ),
]


@pytest.mark.parametrize(("dataset", "given", "whose"), WHOSE)
def test_whose_record_a_row_is(
    judged: list[dict[str, Any]],
    dataset: str,
    given: dict[str, str | None],
    whose: tuple[str | None, str | None, str | None],
) -> None:
    number, row = next(
        (number, row)
        for number, (case, row) in enumerate(zip(CASES, judged, strict=True), start=1)
        if (case.dataset, case.given) == (dataset, given)
    )
    meant = {
        "the code": uscc(number),
        "the name": f"丹东示例{number}号有限公司",
        "P:hmac:the number": f"P:hmac:{number}",
    }
    meant["the number"] = f"{210600000000000 + number}"
    expected = tuple(meant.get(part, part) if part else None for part in whose)
    assert (row["subject_id"], row["subject_name"], row["claimed_registration_no"]) == expected
