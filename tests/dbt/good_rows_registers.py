"""Rows that are accepted without an issue: registers, complaints, inspections, commitments and their like."""

from collections.abc import Callable

import helpers

Row = dict[str, str | None]


def _party(number: int) -> Row:
    return {
        "uscc": helpers.uscc(number),
        "party_name": f"丹东示例{number}号有限公司",
        "division_code": "丹东市",
    }


def _enterprises(number: int) -> Row:
    return {
        "uscc": helpers.uscc(number),
        "enterprise_name": f"丹东示例{number}号有限公司",
        "former_names": f"丹东示例{number}号工厂",
        "registration_no": f"{210600000000000 + number}",
        "enterprise_type": "有限责任公司",
        "registration_status": "存续",
        "established_on": "2012-05-18",
        "is_sme": "是",
        "division_code": "丹东市",
    }


def _attorneys(number: int) -> Row:
    return {
        "attorney_licence_no": f"{2100000 + number}",
        "attorney_name": "hmac:name",
        "id_number": f"hmac:{number}",
        "agency_name": f"丹东示例{number}号专利代理事务所（普通合伙）",
        "agency_uscc": helpers.uscc(number),
        "agency_code": f"{21000 + number % 1000}",
        "first_practice_on": "2018-07-02",
        "practice_status": "执业",
        "division_code": "丹东市",
    }


def _inspectors(number: int) -> Row:
    return {
        "inspector_no": f"丹检{number}",
        "inspector_name": "hmac:name",
        "unit_name": "丹东市市场监督管理局",
        "inspector_kind": "全部",
        "inspector_state": "在岗",
        "avoids": f"{helpers.uscc(1)}；{helpers.uscc(2)}",
        "listed_on": "2022-03-01",
        "division_code": "丹东市",
    }


def _agency_conduct(number: int) -> Row:
    return {
        "matter_no": f"丹代信2022-{number}",
        **_party(number),
        "conduct": "行业惩戒",
        "happened_on": "2022-08-10",
        "authority": "辽宁省专利代理师协会",
    }


def _protection_lists(number: int) -> Row:
    return {
        "list_kind": "重点商标保护名录",
        "enterprise_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "right_kind": "商标",
        "object_name": "示例牌",
        "trademark_no": f"{61000000 + number}",
        "listed_on": "2022-04-26",
        "listed_until": "2025-04-25",
        "division_code": "丹东市",
    }


def _complaints(number: int) -> Row:
    return _party(number) | {
        "complaint_no": f"丹知举2022-{number:04d}",
        "complaint_channel": "12315",
        "received_on": "2022-07-06",
        "matter": "商标侵权",
        "complaint_state": "已办结",
        "accepted_on": "2022-07-11",
        "closed_on": "2022-08-02",
        "complaint_result": "属实",
        "replied_on": "2022-08-05",
        "authority": "丹东市市场监督管理局",
    }


def _campaign_cases(number: int) -> Row:
    return _party(number) | {
        "campaign": "蓝天",
        "action_no": f"丹蓝天2022-{number:03d}",
        "action_kind": "约谈",
        "acted_on": "2022-08-18",
        "matter": "以不正当手段招揽业务",
        "action_outcome": "整改中",
        "authority": "丹东市市场监督管理局",
    }


def _inspections(number: int) -> Row:
    return _party(number) | {
        "plan_no": "丹知抽2022-01",
        "draw_no": "2022年第三批",
        "inspection_object": "专利代理机构",
        "inspection_matter": "专利代理机构检查",
        "inspector_1": "hmac:1",
        "inspector_2": "hmac:2",
        "drawn_on": "2022-07-12",
        "inspected_on": "2022-08-03",
        "inspection_result": "未发现问题",
        "published_on": "2022-08-20",
        "authority": "丹东市市场监督管理局",
    }


def _commitments(number: int) -> Row:
    return _party(number) | {
        "commitment_no": f"丹知承2022-{number:04d}",
        "commitment_type": "主动承诺",
        "template_version": "2022年版",
        "matter": "诚信申请",
        "signed_on": "2022-07-15",
        "content_sha256": f"{number:064x}",
        "verification_result": "未到期",
        "authority": "丹东市知识产权局",
    }


def _objections(number: int) -> Row:
    return _party(number) | {
        "objection_no": f"丹知异2022-{number:03d}",
        "disputed_title": "知识产权行政处罚",
        "disputed_document_no": f"丹市监处罚〔2022〕{number}号",
        "filed_on": "2022-08-22",
        "accepted_on": "2022-08-24",
        "authority": "丹东市知识产权局",
    }


def _repairs(number: int) -> Row:
    return _party(number) | {
        "repair_no": f"丹知修2022-{number:03d}",
        "repaired_document_no": f"丹市监处罚〔2022〕{number}号",
        "repaired_behaviour": "商标侵权",
        "applied_on": "2022-08-29",
        "accepted_on": "2022-08-31",
        "is_corrected": "是",
        "is_performed": "是",
        "has_commitment": "是",
        "decided_on": "2022-09-14",
        "repair_result": "准予修复",
        "publication_ended_on": "2022-09-16",
        "document_no": f"丹知修〔2022〕{number}号",
        "authority": "丹东市知识产权局",
    }


def _measure_feedback(number: int) -> Row:
    return _party(number) | {
        "measure_code": "F05",
        "measure_direction": "惩戒",
        "applied_by": "丹东市财政局",
        "matter": "专利资助资金申报",
        "applied_on": "2022-09-05",
        "measure_effect": "不予办理",
    }


GOOD_ROWS: dict[str, Callable[[int], Row]] = {
    "enterprises": _enterprises,
    "attorneys": _attorneys,
    "agency_conduct": _agency_conduct,
    "inspectors": _inspectors,
    "protection_lists": _protection_lists,
    "complaints": _complaints,
    "campaign_cases": _campaign_cases,
    "inspections": _inspections,
    "commitments": _commitments,
    "objections": _objections,
    "repairs": _repairs,
    "measure_feedback": _measure_feedback,
}
