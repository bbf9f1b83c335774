"""Rows that are accepted without an issue, of the case datasets."""

from collections.abc import Callable

import helpers

Row = dict[str, str | None]


def cases(number: int) -> Row:
    return {
        "case_no": f"丹市监立〔2022〕{number}号",
        "case_type": "商标违法",
        "respondent_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "received_on": "2022-07-04",
        "filed_on": "2022-07-08",
        "case_state": "已结案",
        "closed_on": "2022-08-20",
        "closing_mode": "行政处罚",
        "decision_no": f"丹市监处罚〔2022〕{number}号",
        "is_publishable": "是",
        "published_on": "2022-08-26",
        "system_report_due_on": "2022-09-05",
        "system_reported_on": "2022-08-25",
        "returned_count": "0",
        "authority": "丹东市市场监督管理局",
        "division_code": "丹东市",
    }


def case_transfers(number: int) -> Row:
    return {
        "transfer_no": f"丹东移2022-{number:03d}",
        "direction": "移出",
        "matter": "案件",
        "case_no": f"丹市监立〔2022〕{number}号",
        "transfer_level": "跨市",
        "from_unit": "丹东市市场监督管理局",
        "to_unit": "沈阳市市场监督管理局",
        "sent_on": "2022-08-10",
        "transfer_slip_no": f"丹市监移〔2022〕{number}号",
        "received_on": "2022-08-16",
        "receipt_no": f"沈市监移回〔2022〕{number}号",
        "outcome": "已受理",
        "division_code": "丹东市",
    }


def two_laws_entries(number: int) -> Row:
    return {
        "entry_no": f"LF210600{number:06d}",
        "case_no": f"丹市监立〔2022〕{number}号",
        "entry_kind": "案件录入",
        "entering_unit": "丹东市市场监督管理局",
        "division_code": "丹东市",
        "entered_on": "2022-08-25",
        "certified_on": "2022-10-12",
        "certificate_no": "辽双打办〔2022〕15号",
    }


def mediations(number: int) -> Row:
    return {
        "mediation_no": f"丹知调2022-{number:03d}",
        "mediation_kind": "人民调解",
        "organisation": "丹东市知识产权纠纷人民调解委员会",
        "is_ip_system": "是",
        "venue": "园区",
        "venue_name": "丹东示例产业园",
        "respondent_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "accepted_on": "2022-07-12",
        "closed_on": "2022-08-02",
        "result": "成功",
        "is_confirmed": "是",
        "confirmed_on": "2022-08-30",
        "confirmation_no": f"（2022）辽06民特{number}号",
        "court": "丹东市中级人民法院",
        "division_code": "丹东市",
    }


def legal_aid(number: int) -> Row:
    return {
        "aid_no": f"丹援2022-{number:03d}",
        "aid_kind": "侵权判定参考意见",
        "provided_on": "2022-08-18",
        "provider": "丹东市知识产权维权援助中心",
        "document_no": f"丹知援意〔2022〕{number}号",
        "beneficiary_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "division_code": "丹东市",
    }


def well_known_marks(number: int) -> Row:
    return {
        "request_no": f"丹市监请〔2022〕{number}号",
        "trademark_name": "示例牌",
        "trademark_no": f"{12000000 + number}",
        "trademark_class": "9",
        "registrant_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "requested_on": "2022-03-02",
        "submitted_on": "2022-03-20",
        "decided_on": "2022-06-15",
        "decision_no": "国知保函〔2022〕31号",
        "recognition": "予以认定",
        "protection_action": "行政处罚",
        "protected_on": "2022-07-20",
        "protection_no": f"丹市监处罚〔2022〕{number}号",
        "papers_reported_on": "2022-07-28",
        "authority": "丹东市市场监督管理局",
        "division_code": "丹东市",
    }


GOOD_ROWS: dict[str, Callable[[int], Row]] = {
    "cases": cases,
    "case_transfers": case_transfers,
    "two_laws_entries": two_laws_entries,
    "mediations": mediations,
    "legal_aid": legal_aid,
    "well_known_marks": well_known_marks,
}
