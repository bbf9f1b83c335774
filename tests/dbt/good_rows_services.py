"""Sound rows of the datasets of models/staging/services, as a function of a number each."""

from collections.abc import Callable

import helpers  # imports this module itself, so its functions are looked up when they are called

SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Of no bytes at all."""

Row = dict[str, str | None]


def _geographical_indication(number: int) -> Row:
    return {
        "record_kind": "专用标志使用人",
        "gi_name": "示例草莓",
        "record_no": "国家知识产权局公告第501号",
        "gi_no": "原质检总局公告2010年第58号",
        "holder_name": f"丹东示例{number}号果业有限公司",
        "uscc": helpers.uscc(number),
        "approved_on": "2022-06-20",
        "gi_status": "有效",
        "division_code": "丹东市",
    }


def _pledge(number: int) -> Row:
    return {
        "pledge_no": f"Y202221{number:07d}",
        "pledgor_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "pledgee_name": "示例银行丹东分行",
        "right_kind": "专利权",
        "right_count": "3",
        "pledged_amount": "500",
        "pledged_amount_unit": "wan_yuan",
        "is_inclusive": "是",
        "contract_on": "2022-07-20",
        "registered_on": "2022-08-01",
        "division_code": "丹东市",
    }


def _patent_transfer(number: int) -> Row:
    return {
        "record_no": f"X202221{number:07d}",
        "transfer_kind": "普通许可",
        "patent_no": helpers.patent_no(number),
        "transferor_name": "示例大学",
        "transferor_kind": "高等院校",
        "transferee_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "is_sme": "是",
        "recorded_on": "2022-08-12",
        "division_code": "丹东市",
    }


def _insurance_policy(number: int) -> Row:
    return {
        "policy_no": f"PZIP20222106{number:010d}",
        "insurance_type": "专利被侵权损失险",
        "insured_name": f"丹东示例{number}号有限公司",
        "uscc": helpers.uscc(number),
        "insurer_name": "示例财产保险股份有限公司丹东分公司",
        "coverage_amount": "1000000",
        "coverage_amount_unit": "yuan",
        "signed_on": "2022-08-20",
        "effective_on": "2022-09-01",
        "expires_on": "2023-08-31",
        "division_code": "丹东市",
    }


def _activity(number: int) -> Row:
    return {
        "activity_no": f"2022-HD-{number:04d}",
        "activity_kind": "进企业进单位进社区进学校",
        "theme": "知识产权服务进企业",
        "held_on": "2022-08-18",
        "organiser": "丹东市知识产权局",
        "responsible_unit": "市场监管局",
        "evidence_id": f"2022-HD-{number:04d}-1",
        "evidence_sha256": SHA256,
        "evidence_on": "2022-08-18",
        "division_code": "丹东市",
        "county_name": "市本级",
    }


def _external_parameter(number: int) -> Row:
    return {
        "parameter_code": f"sample_parameter_{number}",
        "parameter_name": "示例任务数",
        "parameter_kind": "任务目标",
        "division_code": "丹东市",
        "parameter_year": "2022",
        "valid_from": "2022-01-01",
        "valid_to": "2022-12-31",
        "parameter_value": "120",
        "value_unit": "件",
        "source_document": "2022年任务分解表",
        "certified_by": "辽宁省知识产权局",
        "certified_on": "2022-03-10",
    }


def _indicator_input(number: int) -> Row:
    return {
        "assessment_year": "2022",
        "rule_id": "12(1)",
        "metric_code": "侵犯知识产权犯罪移送起诉件数",
        "division_code": "丹东市",
        "county_name": f"示例{number}区",
        "responsible_unit": "公安局",
        "metric_value": "6",
        "value_unit": "件",
        "evidence_id": f"KH-12-{number}",
        "evidence_sha256": SHA256,
        "evidence_on": "2022-11-28",
        "certified_by": "检察院",
        "certified_on": "2022-11-30",
        "declared_on": "2022-12-01",
    }


GOOD_ROWS: dict[str, Callable[[int], Row]] = {
    "geographical_indications": _geographical_indication,
    "pledges": _pledge,
    "patent_transfers": _patent_transfer,
    "insurance_policies": _insurance_policy,
    "activities": _activity,
    "external_parameters": _external_parameter,
    "indicator_inputs": _indicator_input,
}
