"""From submitted rows to metrics, results and cards: which record counts for what, what is missing, what was declared,
judged and signed, and a next year's policy that is nothing but rows.
"""

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from assessment_tables import seed
from conftest import Warehouse
from helpers import good_row, submit

from ipcredit import build
from ipcredit.settings import TIME_ZONE

AS_OF = date(2023, 12, 5)
KNOWN = datetime(2023, 12, 7, 18, tzinfo=TIME_ZONE)
RECEIVED = datetime(2023, 1, 10, 9, tzinfo=TIME_ZONE)
Row = dict[str, str | None]
LATER: Row = {"filed_on": "2022-10-08", "system_report_due_on": "2022-11-15", "system_reported_on": "2022-11-05",
              "published_on": None}  # fmt: skip
NO_EVIDENCE: Row = {"evidence_id": None, "evidence_sha256": None, "evidence_on": None}

# By dataset: what makes a row differ from a sound one, and the metrics it counts for in 2022.
ROWS: dict[str, list[tuple[Row, str]]] = {
    "cases": [
        ({}, "trademark_closed_cnt trademark_publishable_cnt trademark_disclosed_cnt case_report_cnt"),
        (LATER | {"closed_on": "2022-11-30"},
         "trademark_closed_cnt trademark_publishable_cnt case_report_cnt"),
        # a day after the window, published after the day judged, not to be published
        (LATER | {"closed_on": "2022-12-01"}, "case_report_cnt"),
        ({"published_on": "2023-12-06"}, "trademark_closed_cnt trademark_publishable_cnt case_report_cnt"),
        ({"is_publishable": "否", "nondisclosure_reason": "商业秘密", "published_on": None},
         "trademark_closed_cnt case_report_cnt"),
        ({"case_type": "假冒专利"},
         "fake_patent_closed_cnt fake_patent_publishable_cnt fake_patent_disclosed_cnt case_report_cnt"),
        ({"case_type": "地理标志"}, "gi_closed_cnt gi_publishable_cnt gi_disclosed_cnt case_report_cnt"),
        ({"case_type": "版权"},
         "copyright_closed_cnt copyright_publishable_cnt copyright_disclosed_cnt case_report_cnt"),
        ({"case_type": "专利侵权纠纷行政裁决", "closing_mode": "行政裁决"},
         "patent_adjudication_closed_cnt patent_adjudication_publishable_cnt patent_adjudication_disclosed_cnt"
         " patent_infringement_closed_by_adjudication_cnt case_report_cnt"),
        ({"case_type": "专利侵权纠纷行政裁决", "closing_mode": "撤回请求"},
         "patent_adjudication_closed_cnt patent_adjudication_publishable_cnt patent_adjudication_disclosed_cnt"
         " case_report_cnt"),
        ({"case_type": "其他专利纠纷", "closing_mode": "行政调解"},
         "patent_dispute_closed_by_mediation_cnt case_report_cnt"),
        ({"case_type": "商业秘密", "has_technical_investigator": "是"},
         "trade_secret_case_cnt technical_investigator_case_cnt case_report_cnt"),
        ({"case_type": "官方标志"}, "official_mark_case_cnt case_report_cnt"),
        # handled in the year of filing, whenever closed; and in that of closing
        ({"case_type": "商业秘密", "closed_on": "2022-12-10", "published_on": None, "is_extended": "是"},
         "trade_secret_case_cnt case_report_cnt"),
        ({"case_type": "官方标志", "received_on": "2021-12-01", "filed_on": "2021-12-08", "is_extended": "是"},
         "official_mark_case_cnt case_report_cnt"),
        ({"case_type": "植物新品种", "system_reported_on": "2022-09-06"}, "case_report_cnt case_report_late_cnt"),
        ({"case_type": "植物新品种", "system_reported_on": "2022-09-05"}, "case_report_cnt"),
        ({"case_type": "植物新品种", "system_reported_on": None}, "case_report_late_cnt"),
        ({"case_type": "植物新品种", "returned_count": "2", "returned_on": "2022-09-01"},
         "case_report_cnt case_report_returned_cnt"),
        # filed on 8 July, 90 days and half of them over on 20 November
        ({"closed_on": "2022-11-20", "published_on": None},
         "trademark_closed_cnt trademark_publishable_cnt case_severely_overdue_cnt case_report_cnt"),
        ({"closed_on": "2022-11-19", "published_on": None},
         "trademark_closed_cnt trademark_publishable_cnt case_report_cnt"),
        ({"closed_on": "2022-11-21", "published_on": None, "is_extended": "是"},
         "trademark_closed_cnt trademark_publishable_cnt case_report_cnt"),
    ],
    "case_transfers": [
        ({}, "transfer_crosscity_cnt"),
        ({"transfer_level": "跨省"}, "transfer_crossprovince_cnt"),
        ({"transfer_level": "跨部门"}, "transfer_interdept_cnt"),
        ({"transfer_level": "行刑衔接"}, "transfer_interdept_cnt"),
        ({"transfer_level": "跨部门", "receipt_no": None, "outcome": "未反馈", "received_on": None}, ""),
        ({"direction": "移入"}, ""),
        ({"matter": "线索", "case_no": None, "clue_no": "丹线2022-1"}, ""),
        ({"sent_on": "2022-12-01", "received_on": "2022-12-02"}, ""),
    ],
    "two_laws_entries": [
        ({}, "two_law_platform_entry_cnt"),
        ({"certified_on": None, "certificate_no": None}, ""),
        ({"entry_kind": "移送公安机关"}, ""),
    ],
    "mediations": [
        ({}, "peoples_mediation_cnt mediation_in_parks"),
        ({"is_ip_system": "否", "venue": "本机构", "venue_name": None}, ""),
        ({"closed_on": "2022-12-01", "confirmed_on": "2022-12-02", "venue": "电商平台"}, "mediation_in_markets"),
        ({"mediation_kind": "行政调解", "venue": "展会"}, "mediation_in_markets mediation_judicial_confirm_cnt"),
        ({"mediation_kind": "仲裁", "venue": "专业市场", "is_confirmed": "否", "confirmed_on": None,
          "confirmation_no": None, "court": None}, "mediation_in_markets arbitration_activity_cnt"),
    ],
    "legal_aid": [
        ({}, "aid_opinion_cnt"),
        ({"aid_kind": "侵权假冒线索", "clue_receiver": "丹东市市场监督管理局"}, "aid_clue_cnt"),
        ({"aid_kind": "中小微企业培训", "event_name": "培训", "participants": "30"}, "sme_training_cnt"),
        ({"aid_kind": "驻场服务", "event_name": "博览会", "occasion": "展会"}, "onsite_service_cnt"),
        ({"aid_kind": "海外维权援助", "recovered_amount": "20", "recovered_amount_unit": "wan_yuan"},
         "overseas_recovery_item_cnt"),
        ({"aid_kind": "海外维权援助"}, ""),
    ],
    "well_known_marks": [
        ({}, "wellknown_tm_request_cnt wellknown_tm_protected_in_60d_cnt"),
        ({"protected_on": "2022-08-14", "papers_reported_on": "2022-08-20"},
         "wellknown_tm_request_cnt wellknown_tm_protected_in_60d_cnt"),
        ({"protected_on": "2022-08-15", "papers_reported_on": "2022-08-20"}, "wellknown_tm_request_cnt"),
        ({"papers_reported_on": None}, "wellknown_tm_request_cnt"),
    ],
    "abnormal_patents": [
        ({}, "abnormal_patent_notified_cnt"),
        ({"correction_state": "已撤回", "corrected_on": "2022-04-01"},
         "abnormal_patent_notified_cnt abnormal_patent_withdrawn_cnt"),
        ({"correction_state": "申诉成立"}, ""),
    ],
    "geographical_indications": [
        ({"record_kind": "地理标志产品", "record_no": "原质检总局公告2010年第58号", "gi_no": None,
          "approved_on": "2010-05-24"}, "gi_cnt all_gi_have_standard all_gi_project_approved"),
        ({"record_kind": "证明商标", "record_no": "1234567", "gi_no": None, "approved_on": "2012-05-24"},
         "gi_cnt all_gi_have_standard all_gi_project_approved"),
        ({"record_kind": "证明商标", "record_no": "7654321", "gi_no": None, "approved_on": "2012-05-24",
          "gi_status": "已注销", "cancelled_on": "2021-01-01"}, ""),
        ({"record_kind": "专用标准", "record_no": "DB21/T 1-2022", "standard_level": "省级地方标准"},
         "gi_standard_published_cnt"),
        ({"record_kind": "专用标准立项", "record_no": "2022-DB-1", "gi_no": "1234567"}, "gi_standard_new_project_cnt"),
        ({}, "gi_mark_new_user_cnt"),
        ({"approved_on": "2021-12-31"}, ""),
    ],
    "pledges": [
        ({}, "inclusive_pledge_cnt"), ({"is_inclusive": "否"}, ""), ({"right_kind": "著作权"}, ""),
    ],
    "patent_transfers": [({}, "sme_patent_transfer_cnt"), ({"is_sme": "否"}, "")],
    "insurance_policies": [
        ({}, "patent_insurance_type_cnt"), ({"insurance_type": "专利执行险"}, "patent_insurance_type_cnt"),
        ({"insurance_type": "海外侵权责任险"}, "overseas_liability_insurance_cnt"),
        ({"insurance_type": "商标被侵权损失险"}, ""),
    ],
    "agencies": [
        ({}, "patent_agency_begin_cnt patent_agency_end_cnt"),
        ({"licensed_on": "2022-03-01"}, "patent_agency_end_cnt"),
        ({"agency_kind": "商标代理机构", "agency_code": None}, ""),
        ({"agency_status": "注销", "closed_on": "2022-06-01", "status_changed_on": "2022-06-01"},
         "patent_agency_begin_cnt"),
        ({"agency_status": "注销", "status_changed_on": "2022-06-01"}, "patent_agency_begin_cnt"),
    ],
    "activities": [
        ({"activity_kind": "仲裁宣传推广"}, "arbitration_activity_cnt"),
        ({}, "outreach_event_cnt"),
        (NO_EVIDENCE, "outreach_event_cnt"),  # listed, not counted
        ({"activity_kind": "党委政府专题会议"} | NO_EVIDENCE, "gov_meeting_held_cnt"),
        ({"activity_kind": "信息采纳", "adopted_by": "省知识产权局", "quantity": "3"}, "publicity_items_accepted_cnt"),
        ({"activity_kind": "信息采纳", "adopted_by": "丹东日报社", "quantity": "3"}, ""),
        ({"activity_kind": "案例宣传", "media_name": "辽宁日报", "activity_level": "省级"}, "media_case_publicity_cnt"),
        ({"activity_kind": "案例宣传", "media_name": "县报", "activity_level": "县（市、区）级"}, ""),
        ({"activity_kind": "参加执法培训", "activity_level": "省级"}, "enforcement_training_attended_cnt"),
        ({"activity_kind": "参加执法培训", "activity_level": "市级"}, ""),
        ({"activity_kind": "专项经费", "amount": "50", "amount_unit": "wan_yuan"}, "ip_budget_type"),
        ({"activity_kind": "项目经费", "amount": "50", "amount_unit": "wan_yuan"}, "ip_budget_type"),
        ({"activity_kind": "海外维权指导", "amount": "10", "amount_unit": "wan_yuan"}, "overseas_recovery_item_cnt"),
        ({"activity_kind": "海外维权指导"}, ""),
        ({"activity_kind": "复制推广", "activity_level": "国家级", "adopted_by": "国家知识产权局"},
         "central_replication_cnt"),
        ({"activity_kind": "复制推广", "activity_level": "省级", "adopted_by": "省政府"}, ""),
        ({"activity_kind": "专利代理考试", "participants": "12"}, "patent_exam_registrants_cnt"),
        ({"activity_kind": "展会治理机制"}, "expo_ecom_mechanism expo_ecom_mechanism_effective"),
        *(({"activity_kind": kind}, metric) for kind, metric in {
            "联席会议": "joint_meeting_held_cnt", "重点工作报告": "progress_report_timely",
            "队伍建设": "ip_aid_team_strengthened", "领导干部培训": "leader_training_cnt",
            "执法业务培训": "enforcement_training_held_cnt", "年度推进计划": "regulation_plan_issued",
            "贯彻落实总结": "regulation_summary_issued", "举报电话": "crop_hotline_exists",
            "种子市场专项行动": "seed_campaign_cnt", "软件正版化检查": "software_inspection_cnt",
            "案件请示": "case_guidance_request_cnt", "案件处理情况报送": "case_guidance_feedback_cnt",
            "入园惠企": "pledge_campaign_cnt", "专利转化": "patent_conversion_effect_score",
            "产业联盟活动": "alliance_activity_cnt", "技术手段监管": "digital_supervision_flag",
            "衔接机制": "linkage_mechanism_effective", "重点市场名录": "key_market_list_maintained",
            "工作站设立": "market_workstation_cnt", "走出去企业需求调查": "overseas_need_survey_cnt",
            "沟通交流活动": "foreign_exchange_event_cnt", "分析预警报告": "risk_warning_report_cnt",
            "技术调查官": "technical_investigator_case_cnt",
        }.items()),
        ({"activity_kind": "政策文件", "document_no": "丹政发〔2022〕1号"}, "ip_policy_doc_cnt"),
    ],
}  # fmt: skip


def next_year(project: Path) -> None:
    """An invented policy of 2023, all rows of 2022 again but: the first rank band is narrower, a tier asks for less, a
    tie costs no rank, a new rule stands at the end.
    """
    for file in (project / "seeds" / "assessment").glob("assessment_*.csv"):
        rows = seed(file.stem)
        new = [row | {"policy_id": "YK-IPR-ASSESS-2023", "effective_from": "2023-01-01", "effective_to": "2023-12-31",
                      "recorded_on": "2023-03-01"} for row in rows]  # fmt: skip
        for row in new:
            for column in ("window_from", "window_to"):
                if column in row:
                    row[column] = row[column].replace("2022", "2023")
            if file.stem == "assessment_policies":
                row |= {"assessment_year": "2023", "tie_method": "dense", "bonus_declared": "11"}
            if file.stem == "assessment_bands" and row["rule_id"] == "14(5)":
                row |= {"rank_from": {"6": "2"}.get(row["rank_from"], row["rank_from"]),
                        "rank_to": {"5": "1"}.get(row["rank_to"], row["rank_to"])}  # fmt: skip
            if file.stem == "assessment_tiers" and row["tier"] == "other":
                row["min_count"] = "2"
        if file.stem == "assessment_indicators":
            new.append(
                new[-10]
                | {"indicator_no": "48", "section_no": "加分项", "indicator_text": "每份预警报告加0.5分，最多1分。"}
            )
        if file.stem == "assessment_rules":
            template = next(row for row in new if row["rule_id"] == "43")
            new.append(template | {"rule_id": "48", "rule_no": "88", "indicator_no": "48",
                                   "metric_code": "risk_warning_report_cnt", "cap_points": "1"})  # fmt: skip
        if file.stem == "assessment_items":
            new.append(new[0] | {"rule_id": "48", "metric_code": "risk_warning_report_cnt", "points_per_item": "0.5"})
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            # recorded after all that is known here: it must not count yet
            later = [row | {"version": "2", "recorded_on": "2024-01-01"} for row in rows]
            writer.writerows([*rows, *new, *later])


@pytest.fixture(scope="module")
def built(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Everything 丹东 submitted for 2022, what others did, and one build with a policy for 2023 beside."""
    expected: dict[tuple[int, int], str] = {}
    periods = {"cases": "2022Q4", "geographical_indications": "2022", "agencies": "2022"}
    with warehouse.connect() as c:
        for dataset, rows in ROWS.items():
            given = [good_row(dataset, number) | changes for number, (changes, _) in enumerate(rows, start=1)]
            period = periods.get(dataset) or ("2022Q3" if dataset != "case_transfers" else "2022Q4")
            period = "2022" if dataset == "well_known_marks" else "2022Q4" if dataset == "mediations" else period
            submission = submit(c, dataset, given, period=period, at=RECEIVED)
            expected |= {(submission, number): metrics for number, (_, metrics) in enumerate(rows, start=1)}
        others(c)
        c.commit()
        project = tmp_path_factory.mktemp("next year") / "dbt_project"
        shutil.copytree(build.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
        next_year(project)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(build, "DBT_PROJECT", project)
            patch.setenv("DBT_TARGET_PATH", str(project.parent / "target"))  # what dbt knows of ours stays ours
            build.judge()
            environment = build.dbt_environment(as_of=AS_OF, known_at=KNOWN)
            models = ("path:models/catalogue", "path:models/assessment")
            build.run_dbt("run", "--quiet", "--select", *models, environment=environment, project=project)
            build.run_dbt(
                "test", "--quiet", "--select", "path:seeds/assessment", "path:models/assessment",
                environment=environment, project=project,
            )  # fmt: skip
        yield {"connection": c, "expected": expected}


def others(c: Any) -> None:
    """Two more cities: one with two cases, one that says it had none; declarations, tasks, judgements and sign-offs."""
    city = {"division_code": "锦州市", "authority": "锦州市市场监督管理局"}
    submit(
        c, "cases", [good_row("cases", 500 + n) | city for n in range(2)], bureau="210700", period="2022Q3", at=RECEIVED
    )
    submit(c, "cases", [], bureau="210800", period="2022Q3", state="nil_return", at=RECEIVED)
    late = {"closed_on": "2023-08-20", "filed_on": "2023-07-08", "received_on": "2023-07-04"}
    late |= {"published_on": "2023-08-26", "system_report_due_on": "2023-09-05", "system_reported_on": "2023-08-25"}
    for bureau, name, count in (("210600", "丹东市", 1), ("210700", "锦州市", 2), ("210800", "营口市", 2)):
        rows = [good_row("cases", 700 + int(bureau) + n) | late | {"division_code": name} for n in range(count)]
        submit(c, "cases", rows, bureau=bureau, period="2023Q3", at=KNOWN - timedelta(days=40))
    warned = {"activity_kind": "分析预警报告", "held_on": "2023-05-05", "evidence_on": "2023-05-05"}
    rows = [good_row("activities", 900 + n) | warned for n in range(3)]
    submit(c, "activities", rows, period="2023Q2", at=KNOWN - timedelta(days=90))
    whole = {"county_name": "市本级", "division_code": "丹东市"}
    declared: list[Row] = [
        {},
        {"rule_id": "12(2)", "metric_code": "侵犯知识产权犯罪源头窝点数", "certified_by": None, "certified_on": None},
        # certified by a procuratorate, which 12(1) asks for and 12(3) does not
        {"rule_id": "12(3)", "metric_code": "侵犯知识产权犯罪部督省督案件数"},
        {"rule_id": "46(1)", "metric_code": "交办线索未反馈件数", "metric_value": "1"} | NO_EVIDENCE,
        {"rule_id": "14(5)", "metric_code": "trademark_closed_cnt", "metric_value": "9"},
        {"rule_id": "20", "metric_code": "未及时处理的商标恶意注册件数", "metric_value": "0"} | NO_EVIDENCE,
    ]
    rows = [good_row("indicator_inputs", 1) | whole | row for row in declared]
    submit(c, "indicator_inputs", rows, period="2022", at=RECEIVED)
    targets = [
        good_row("external_parameters", 1, parameter_code="ip_crime_transfer_prosecution_cnt", parameter_value="6"),
        good_row("external_parameters", 2, parameter_code="sme_patent_transfer_cnt", parameter_value="3"),
        good_row(
            "external_parameters", 3, parameter_code="national_average_withdrawal_rate", parameter_kind="外部参数",
            parameter_value="0.3", value_unit="比率", division_code="辽宁省",
        ),
    ]  # fmt: skip
    submit(c, "external_parameters", targets, at=RECEIVED)
    other = {"scorer_role": "省双打办", "scorer_unit": "省双打办"}
    judged: list[Row] = [
        {"rule_id": "32", "judged_points": "1.5"},
        {"rule_id": "3", "judged_points": "1", "judged_on": "2023-02-02", "evidence_on": "2023-02-01"},
        {"rule_id": "31(2)", "judged_points": "1", "judged_on": "2023-02-02", "change_reason": "补报材料"},
        {"rule_id": "32", "judged_points": "2", "division_code": "锦州市"} | other,
        {"rule_id": "3", "judged_points": "1", "judged_on": "2023-02-02", "division_code": "锦州市"} | other,
        {"rule_id": "7(1)", "judged_points": "1", "division_code": "营口市", "county_name": "西市区"},
    ]
    judged += [
        {"rule_id": "32", "division_code": "营口市"} | other,
        {"rule_id": "32", "division_code": "营口市", "judged_on": "2022-12-05"},
    ]
    rows = [good_row("indicator_judgements", 1) | whole | row for row in judged]
    submit(c, "indicator_judgements", rows, at=RECEIVED + timedelta(days=60))
    # known by now, but given after the day judged
    later = {"rule_id": "32", "judged_points": "0.5", "judged_on": "2023-12-06", "change_reason": "复核"}
    submit(
        c, "indicator_judgements", [good_row("indicator_judgements", 1) | whole | later], mode="incremental",
        at=KNOWN - timedelta(hours=1),
    )  # fmt: skip
    valid = {"signed_by_role": "省市场监管局", "signed_by_unit": "辽宁省市场监督管理局", "signed_on": "2023-01-15"}
    refused, county = {"signed_on": "2023-01-10"}, {"division_code": "营口市", "county_name": "西市区"}
    signed: list[Row] = [
        valid,
        refused | {"signed_on": "2023-01-20"},
        {"division_code": "锦州市", "signed_by_role": "省双打办", "signed_by_unit": "省双打办"},
        county | refused,
        county | valid,
        # its points were given again by another
        {"division_code": "营口市", "signed_by_role": "省双打办", "signed_by_unit": "省双打办"},
    ]
    submit(
        c,
        "scorecard_signoffs",
        [good_row("scorecard_signoffs", 1) | whole | row for row in signed],
        at=RECEIVED + timedelta(days=60),
    )


def result(built: dict[str, Any], region: str, rule: str, year: int = 2022) -> tuple[Any, ...]:
    found = built["connection"].execute(
        """select state, reason, points from assessment.rule_results
           where region_code = %s and rule_id = %s and assessment_year = %s""",
        (region, rule, year),
    )
    return tuple(found.fetchone())


def test_every_row_counts_for_what_it_says_and_nothing_else(built):
    accepted = {
        tuple(row)
        for row in built["connection"].execute(
            "select submission_id, row_number from catalogue.row_states where state = 'accepted'"
        )
    }
    assert built["expected"].keys() - accepted == set(), "a row meant to be sound is not"
    found = defaultdict(set)
    for submission, number, metric in built["connection"].execute(
        "select submission_id, row_number, metric_code from assessment.metric_records where assessment_year = 2022"
    ):
        found[submission, number].add(metric)
    assert {key: " ".join(sorted(found[key])) for key in built["expected"]} == {
        key: " ".join(sorted(metrics.split())) for key, metrics in built["expected"].items()
    }


def test_every_metric_that_records_can_give_is_tried(built):
    tried = {metric for rows in ROWS.values() for _, metrics in rows for metric in metrics.split()}
    assert tried == {row["metric_code"] for row in seed("assessment_metrics") if row["recorded_in"]}


@pytest.mark.parametrize(
    ("metric", "value", "source"),
    [
        ("trademark_closed_cnt", 7, "recorded"),  # 9 were declared
        ("case_report_returned_cnt", 2, "recorded"),
        ("outreach_event_cnt", 1, "recorded"),
        ("publicity_items_accepted_cnt", 3, "recorded"),
        ("patent_exam_registrants_cnt", 12, "recorded"),
        ("patent_insurance_type_cnt", 2, "recorded"),
        ("gi_cnt", 2, "recorded"),
        ("all_gi_have_standard", 0, "recorded"),
        ("all_gi_project_approved", 1, "recorded"),
        ("ip_crime_transfer_prosecution_cnt", 6, "declared"),
        ("ip_crime_den_cnt", "not_certified", None),
        ("ip_crime_supervised_cnt", "not_certified", None),
        ("assigned_clue_no_feedback_cnt", "evidence_missing", None),
        ("gov_meeting_held_cnt", "evidence_missing", None),
        ("vicious_event_unhandled_cnt", "not_reported", None),
        ("malicious_tm_unhandled_cnt", 0, "declared"),  # the table asks for no evidence here
        ("case_report_nil", 0, None),
    ],
)
def test_a_value_has_its_source_or_its_reason(built, metric, value, source):
    found = built["connection"].execute(
        """select value_source, coalesce(trim_scale(value)::text, missing_reason) from assessment.metric_values
           where assessment_year = 2022 and region_code = '210600' and metric_code = %s""",
        (metric,),
    )
    assert found.fetchone() == (source, str(value))


def test_the_record_counts_and_the_difference_is_shown(built):
    found = built["connection"].execute(
        """select recorded_value, declared_value, difference from assessment.metric_values
           where assessment_year = 2022 and region_code = '210600' and metric_code = 'trademark_closed_cnt'"""
    )
    assert found.fetchone() == (7, 9, -2)


def test_none_reported_is_missing_and_none_is_zero(built):
    """锦州 had two cases, 营口 certified none, 沈阳 sent nothing."""
    assert result(built, "210700", "14(5)") == ("scored", None, 2)
    assert result(built, "210800", "14(5)") == ("scored", None, 0)
    assert result(built, "210100", "14(5)") == ("not_evaluable", "not_reported", None)
    ranks = built["connection"].execute(
        """select region_code, rank, rank_population, is_provisional from assessment.rule_results
           where assessment_year = 2022 and rule_id = '14(5)' and rank is not null and inherited_from is null
           order by rank"""
    )
    # eleven cities may still report: nobody's rank is final
    assert ranks.fetchall() == [("210600", 1, 3, True), ("210700", 2, 3, True), ("210800", 3, 3, True)]
    assert result(built, "LN-SF", "14(5)") == ("not_applicable", "not_ranked", None)
    assert result(built, "210803", "14(5)") == ("scored", None, 0)


def test_tasks_parameters_and_options_reach_their_rules(built):
    assert result(built, "210600", "12(1)") == ("scored", None, 1)
    assert result(built, "210600", "12(4)") == ("not_evaluable", "not_reported", None)
    assert result(built, "210600", "27(1)") == ("scored", None, 0.5)
    assert result(built, "210600", "19") == ("scored", None, 2)
    assert result(built, "210600", "9") == ("scored", None, 2)
    assert result(built, "210600", "46(3)") == ("scored", None, -2)


def test_points_change_after_sign_off_only_with_a_reason(built):
    assert result(built, "210600", "32") == ("scored", None, 1.5)
    assert result(built, "210600", "3") == ("awaiting", "change_without_reason", None)
    assert result(built, "210600", "31(2)") == ("scored", None, 1)
    assert result(built, "210600", "7(1)") == ("awaiting", "no_judgement", None)
    assert result(built, "210803", "7(1)") == ("scored", None, 1)
    # a sign-off without effect does not bind
    assert result(built, "210700", "3") == ("scored", None, 1)
    card = built["connection"].execute(
        """select card_state, signed_by_unit, signed_points, total_points - signed_points = points_since_signoff,
               change_reasons, refused_signoff_by
           from assessment.scorecards
           where assessment_year = 2022 and region_code in ('210600', '210700', '210800', '210803')
           order by region_code"""
    )
    assert card.fetchall() == [
        # who scored may not sign, and what they signed leaves what counted
        ("changed_after_signoff", "辽宁省市场监督管理局", 86.5, True, "补报材料", "辽宁省知识产权局"),
        ("final", None, None, None, None, "省双打办"),
        ("changed_after_signoff", "省双打办", 86.5, True, "", None),
        # nothing is left of what another sign-off came after
        ("changed_after_signoff", "辽宁省市场监督管理局", 86.5, True, "", None),
    ]


def test_cards_add_up_and_nothing_is_rescaled(built):
    connection = built["connection"]
    assert connection.execute(
        """select distinct base_awardable, base_declared, bonus_awardable from assessment.scorecards
           where assessment_year = 2022"""
    ).fetchall() == [(99, 100, 10)]
    assert (
        connection.execute(
            """select region_code from assessment.scorecards as s where total_points <> (
                   select coalesce(sum(r.points), 0) from assessment.rule_results as r
                   where r.assessment_year = s.assessment_year and r.region_code = s.region_code)
                   or total_points <> (
                   select sum(p.points) from assessment.subtotals as p
                   where p.assessment_year = s.assessment_year and p.region_code = s.region_code
                       and p.level = 'section')"""
        ).fetchall()
        == []
    )
    # every cell is there: regions × rules, of both years
    assert connection.execute(
        """select assessment_year, count(*), count(distinct region_code) from assessment.rule_results
           group by assessment_year order by 1"""
    ).fetchall() == [(2022, 16 * 87, 16), (2023, 16 * 88, 16)]


def test_gaps_name_the_unit_the_points_and_the_day(built):
    found = built["connection"].execute(
        """select unit_name, reason, points_at_stake, due_on from assessment.gaps
           where assessment_year = 2022 and region_code = '210600' and rule_id = '1' order by unit_name"""
    )
    day = date(2022, 12, 31)
    assert found.fetchall() == [(unit, "evidence_missing", 2, day) for unit in ("委办", "市场监管局", "政府办")]
    # what was scored when the time ended is over; this year's may still be bettered
    bettered = built["connection"].execute(
        "select distinct assessment_year from assessment.gaps where state = 'scored' and region_code = '210600'"
    )
    assert bettered.fetchall() == [(2023,)]


def test_next_years_policy_is_rows_alone(built):
    """Moved bands, another tie method, another tier and a new rule, without a line of code."""
    assert [result(built, city, "14(5)", 2023) for city in ("210700", "210800", "210600")] == [
        ("scored", None, 2), ("scored", None, 2), ("scored", None, 1),
    ]  # fmt: skip
    dense = built["connection"].execute(
        """select region_code, rank from assessment.rule_results where assessment_year = 2023 and rule_id = '14(5)'
               and rank is not null and inherited_from is null order by region_code"""
    )
    assert dense.fetchall() == [("210600", 2), ("210700", 1), ("210800", 1)]
    assert result(built, "210600", "48", 2023) == ("scored", None, 1)
    versions = built["connection"].execute("select distinct policy_id, policy_version from assessment.rule_results")
    assert sorted(versions.fetchall()) == [("YK-IPR-ASSESS-2022", 1), ("YK-IPR-ASSESS-2023", 1)]
    states = built["connection"].execute(
        "select assessment_year, card_state from assessment.scorecards where region_code = '210700' order by 1"
    )
    assert states.fetchall() == [(2022, "final"), (2023, "provisional")]
