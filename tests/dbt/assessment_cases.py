"""What the 87 rules of the assessment give, by hand from the words of 营西政发〔2022〕12号 and its readings A01 to A36.

One case is one year of one province: the fourteen cities, the area that is not ranked and one district, of which only
those that a case is about have reported anything.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from assessment_check import Region, Result

CITIES = tuple(f"21{number:02}00" for number in range(1, 15))
TIERS = {"210100": "large", "210200": "large", "210300": "medium"}
UNRANKED, DISTRICT = "LN-SF", "210803"
AVERAGE = "national_average_withdrawal_rate"
STATES = {
    "not_reported": "not_evaluable",
    "target_missing": "not_evaluable",
    "target_zero": "not_evaluable",
    "denominator_zero": "not_evaluable",
    "no_judgement": "awaiting",
    "no_report": "awaiting",
    "missing_in_source": "not_applicable",
    "not_ranked": "not_applicable",
}


@dataclass(frozen=True)
class Given:
    """What one region reported, was given by hand and had been set, the latter two by rule."""

    metrics: dict[str, Decimal | str] = field(default_factory=dict)
    judged: dict[str, Decimal] = field(default_factory=dict)
    targets: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """`region_changes`: by region code; None takes the region away. `says`: the words or the reading it rests on."""

    name: str
    rule_id: str
    region_changes: dict[str, Given | None]
    expected: dict[str, Result]
    says: str
    parameters: dict[str, Decimal] = field(default_factory=dict)
    tie_method: str = "competition"

    def regions(self) -> list[Region]:
        """The province of the case."""
        frame: list[tuple[str, str | None, bool]] = [(code, None, True) for code in CITIES]
        frame += [(UNRANKED, None, False), (DISTRICT, "210800", False)]
        return [
            Region(code, city, TIERS.get(code, "other"), is_ranked, given.metrics, given.judged, given.targets)
            for code, city, is_ranked in frame
            if (given := self.region_changes.get(code, Given()))
        ]


def outcome(word: str) -> Result:
    """A number of points, or the reason why there are none."""
    return Result(STATES[word], word) if word in STATES else Result("scored", points=Decimal(word))


def table(rule_id: str, columns: str, rows: str, says: str, region: str = "210600") -> list[Case]:
    """Cases of one region: `rows` are `value value = outcome, …` in the order of `columns`; - is nothing.

    The columns `target`, `judged` and the name of the parameter are no metrics.
    """
    cases = []
    for row in rows.split(","):
        left, _, right = row.partition("=")
        values = dict(zip(columns.split(), left.split(), strict=True))
        given, parameters = Given(), {}
        for column, value in values.items():
            if value == "-":
                continue
            if column == "ip_budget_type":
                given.metrics[column] = value
            elif column == "judged":
                given.judged[rule_id] = Decimal(value)
            elif column == "target":
                given.targets[rule_id] = Decimal(value)
            elif column == AVERAGE:
                parameters[column] = Decimal(value)
            else:
                given.metrics[column] = Decimal(value)
        name = f"{rule_id} {region} {' '.join(f'{column}={value}' for column, value in values.items())}"
        cases.append(Case(name, rule_id, {region: given}, {region: outcome(right.strip())}, says, parameters))
    return cases


def ranking(
    rule_id: str, metric: str, says: str, counts: str, ranks: str, points: str, dense: str,
    beside: str = "", tie_method: str = "competition", area: str | None = None, district: Result | None = None,
) -> Case:  # fmt: skip
    """One case of fourteen counts in the order of the cities; - is not reported.

    `beside`: all_gi_have_standard of the fourteen; `area`: a count of the unranked area, which changes nothing;
    `district`: what the district of the eighth city inherits, whatever it reported itself.
    """
    changes: dict[str, Given | None] = {}
    expected = {}
    columns = (counts.split(), ranks.split(), points.split(), dense.split(), (beside or "0 " * 14).split())
    for code, count, rank, one, dense_one, has_all in zip(CITIES, *columns, strict=True):
        values = {metric: count} | ({"all_gi_have_standard": has_all} if metric == PUBLISHED else {})
        changes[code] = Given({key: Decimal(value) for key, value in values.items() if value != "-"})
        expected[code] = Result(
            "not_evaluable" if one == "-" else "scored",
            "not_reported" if one == "-" else None,
            None if one == "-" else Decimal(one),
            None if rank == "-" else int(rank),
            None if dense_one == "-" else Decimal(dense_one),
        )
    if area:
        changes[UNRANKED] = Given({metric: Decimal(area), "all_gi_have_standard": Decimal(1)})
        expected[UNRANKED] = outcome("not_ranked")
    if district:
        changes[DISTRICT] = Given({metric: Decimal(99)})
        expected[DISTRICT] = district
    return Case(f"{rule_id} {tie_method} {counts} {beside}".strip(), rule_id, changes, expected, says, {}, tie_method)


def from_eighth(points: str) -> Result:
    """What the district takes over if its city is eighth."""
    return Result("scored", None, Decimal(points), 8, Decimal(points), "210800")


# ---- a region by itself


def counted(rule_id: str, metric: str, rows: str, says: str) -> list[Case]:
    """Cases of one metric, with the one in which it was not reported."""
    return table(rule_id, metric, f"{rows}, -=not_reported", says)


# Enough that it was done, by whichever unit (A36).
FLAGS = [
    ("1", "gov_meeting_held_cnt", "0=0, 1=2, 2=2", "专题研究部署知识产权保护工作的,得2分"),
    ("2", "joint_meeting_held_cnt", "0=0, 1=2, 2=2", "协调推进知识产权保护工作的,得2分"),
    ("5", "media_case_publicity_cnt", "0=0, 1=1, 2=1", "在市级以上主要媒体开展知识产权保护案例宣传的,得1分"),
    ("7(2)", "leader_training_cnt", "0=0, 1=1, 2=1", "举办党政领导干部知识产权专题培训的,得1分"),
    ("7(3)", "enforcement_training_held_cnt", "0=0, 1=1, 2=1", "开展知识产权执法专题业务培训的,得1分"),
    ("11a", "regulation_plan_issued", "0=0, 1=1", "年度贯彻推进计划的,得1分"),
    ("11b", "regulation_summary_issued", "0=0, 1=1", "年底对贯彻落实情况进行总结的,得1分"),
    ("13(1)", "right_notice_case_cnt", "0=0, 1=1, 9=1", "开展“…告知工作”的,得1分"),
    ("17(1)", "crop_hotline_exists", "0=0, 1=1", "设立区级农作物侵权监督举报电话的,得1分"),
    ("17(2)", "seed_campaign_cnt", "0=0, 1=1, 2=1", "专项行动的,得1分"),
    ("18", "software_inspection_cnt", "0=0, 1=3, 2=3", "软件正版化督促检查的,得3分"),
    ("21(1)a", "case_guidance_request_cnt", "0=0, 1=1, 2=1", "向省知识产权局请示的,得1分"),
    ("21(1)b", "case_guidance_feedback_cnt", "0=0, 1=1, 2=1", "及时报送案件处理情况的,得1分"),
    ("26a", "pledge_campaign_cnt", "0=0, 1=1, 2=1", "“入园惠企”行动的,得1分"),
    ("26b", "inclusive_pledge_cnt", "0=0, 1=0, 2=1, 3=1", "完成2笔商标、专利普惠质押的,得1分; A22"),
    ("28(2)", "mediation_in_parks", "0=0, 1=1", "进驻园区…开展知识产权纠纷调解工作的,得1分"),
    ("28(3)", "mediation_in_markets", "0=0, 1=1", "进驻专业市场…开展知识产权纠纷调解工作的,得1分"),
    ("29", "arbitration_activity_cnt", "0=0, 1=1, 2=1", "联合本地仲裁机构…的,得1分"),
    ("30", "alliance_activity_cnt", "0=0, 1=1, 2=1", "开展知识产权保护工作的,得1分"),
    ("31(1)", "technical_investigator_case_cnt", "0=0, 1=1.5, 2=1.5", "技术调查官参与案件处理的,得1.5分"),
    ("34(1)a", "expo_ecom_mechanism", "0=0, 1=0.5", "建立知识产权侵权纠纷治理机制的,得0.5分"),
    ("34(2)", "key_market_list_maintained", "0=0, 1=1", "建立并动态调整本地重点市场关注名录…的,得1分"),
    ("34(3)", "market_workstation_cnt", "0=0, 1=1, 2=1", "在重点专业市场设立工作站…的,得1分"),
    ("35a", "overseas_liability_insurance_cnt", "0=0, 1=1, 2=1", "开展知识产权海外侵权责任险业务的,得1分"),
    ("36(1)", "overseas_need_survey_cnt", "0=0, 1=1, 2=1", "摸清企业海外知识产权保护现状和需求的,得1分"),
    ("36(2)", "foreign_exchange_event_cnt", "0=0, 1=1, 2=1", "开展沟通交流活动的,得1分"),
    ("38", "mediation_judicial_confirm_cnt", "0=0, 1=1, 2=1", "开展知识产权行政调解司法确认工作的,加1分"),
    ("40", "trade_secret_case_cnt", "0=0, 1=1, 2=1", "办理商业秘密执法案件的,加1分"),
    ("41", "official_mark_case_cnt", "0=0, 1=1, 2=1", "办理奥林匹克等官方标志案件的,加1分"),
    ("42", "risk_warning_report_cnt", "0=0, 1=1, 2=1", "提供知识产权侵权风险分析预警的,加1分"),
    ("44(1)", "wellknown_tm_request_cnt", "0=0, 1=1, 2=1", "报国家知识产权局的,加1分"),
    ("44(2)", "wellknown_tm_protected_in_60d_cnt", "0=0, 1=1, 2=1", "自批复后60日内依法予以保护…的,加1分; A25"),
]
PER_ITEM = [
    ("6", "outreach_event_cnt", "0=0, 1=0.4, 2=0.8, 4=1.6, 5=2, 6=2, 60=2", "每开展1次得0.4分,最多2分"),
    ("7(4)", "enforcement_training_attended_cnt", "0=0, 1=0.5, 2=1, 3=1", "每次0.5分,最多1分"),
    ("10", "ip_policy_doc_cnt", "0=0, 1=1, 2=2, 3=2", "每个1分,满分2分"),
    ("14(2)", "patent_infringement_closed_by_adjudication_cnt", "0=0, 1=0.5, 5=2.5, 6=3, 7=3",
     "每件得0.5分,最高3分; A16"),
    ("14(3)", "patent_dispute_closed_by_mediation_cnt", "0=0, 1=0.5, 2=1, 3=1", "每件得0. 5分,最高1分; A35"),
    ("33(1)", "transfer_interdept_cnt", "0=0, 1=0.2, 4=0.8, 5=1, 6=1", "每件0.2分,最多1分"),
    ("35b", "patent_insurance_type_cnt", "0=0, 1=0.5, 2=1", "每类业务得0.5分; 开展知识产权保险业务(2分)"),
    ("37(1)", "aid_clue_cnt", "0=0, 1=0.2, 4=0.8, 5=1, 6=1", "每件0.2分,最高得1分"),
    ("37(2)", "aid_opinion_cnt", "0=0, 1=0.5, 2=1, 3=1", "每件0.5分,最高1分"),
    ("37(3)", "sme_training_cnt", "0=0, 1=0.5, 2=1, 3=1", "每次0.5分,最高1分"),
    ("37(4)", "onsite_service_cnt", "0=0, 1=0.5, 2=1, 3=1", "每次0.5分,最高1分"),
    ("43", "overseas_recovery_item_cnt", "0=0, 1=0.5, 2=1, 3=1", "每项工作加0.5分,最多1分"),
    ("45", "central_replication_cnt", "0=0, 1=1, 2=2, 3=2", "每次加1分,最多2分"),
    # 减分项(不设上限), A27
    ("46(1)", "assigned_clue_no_feedback_cnt", "0=0, 1=-2, 3=-6, 60=-120", "每件扣2分"),
    ("46(2)", "vicious_event_unhandled_cnt", "0=0, 1=-2, 3=-6, 60=-120", "每起扣2分"),
    ("46(3)", "case_severely_overdue_cnt", "0=0, 1=-2, 3=-6, 60=-120", "每起扣2分"),
    ("46(4)", "market_infringement_ignored_cnt", "0=0, 1=-2, 3=-6, 60=-120", "每起扣2分"),
    ("47", "case_file_review_fail_cnt", "0=0, 1=-1, 3=-3, 120=-120", "每件扣1分"),
]  # fmt: skip
# Points by hand; none is no 0 (A07).
JUDGED = [
    ("3", "0=0, 1=1, -=no_judgement", "及时报送…的,得1分; A09"),
    ("7(1)", "0=0, 1=1, -=no_judgement", "加强…队伍的,得1分; A12"),
    ("8(2)", "0=0, 0.75=0.75, 1.5=1.5, -=no_judgement", "积极组织参加专利代理考试的人数,得1.5分; A13"),
    ("27(2)", "0=0, 0.8=0.8, 1.5=1.5, -=no_judgement", "根据工作成效予以赋分,最高得1.5分; A07"),
    ("31(2)", "0=0, 0.75=0.75, 1.5=1.5, -=no_judgement", "推动数字化、智能化监管保护,得1.5分; A07"),
    ("32", "0=0, 1.25=1.25, 2=2, -=no_judgement", "积极运行、取得成效的,得2分; A07"),
    ("34(1)b", "0=0, 0.25=0.25, 0.5=0.5, -=no_judgement", "治理机制有效运行的,得0.5分; A07"),
    ("21(2)", "-=missing_in_source, 1=missing_in_source", "A01"),
]
TARGETS = [
    ("12(1)", "ip_crime_transfer_prosecution_cnt", "完成…移送起诉任务数的,得1分; A06"),
    ("12(2)", "ip_crime_den_cnt", "完成…源头窝点(黑工厂)任务数的,得1分; A06"),
    ("12(3)", "ip_crime_supervised_cnt", "完成…部督、省督任务数的,得1分; A06"),
    ("12(4)", "ip_crime_clue_assist_cnt", "完成…线索协查任务数的,得1分; A06"),
]
DISCLOSURES = [
    ("15(1)", "trademark"),
    ("15(2)", "fake_patent"),
    ("15(3)", "gi"),
    ("15(4)", "patent_adjudication"),
    ("15(5)", "copyright"),
]
COURSES = "distance_course_completed_cnt distance_course_enrolled_cnt"
NOTICES = "right_notice_case_cnt ip_crime_case_accepted_cnt"
CLOSED = "patent_adjudication_closed_cnt"
REPORTS = "case_report_cnt case_report_late_cnt case_report_returned_cnt case_report_nil"
WITHDRAWN = f"abnormal_patent_withdrawn_cnt abnormal_patent_notified_cnt {AVERAGE}"
UNHANDLED = "malicious_tm_unhandled_cnt judged"
PROJECTS = "gi_standard_new_project_cnt all_gi_have_standard all_gi_project_approved"
SME = "sme_patent_transfer_cnt target"
TRANSFERS = "transfer_crossprovince_cnt transfer_crosscity_cnt"
AGENCIES = "patent_agency_end_cnt patent_agency_begin_cnt"
OPEN = "100%的,得1分;95%以上的,得0.5分;95%以下的,不得分; A17"

SIMPLE = [
    *(case for row in FLAGS + PER_ITEM for case in counted(*row)),
    *(case for rule_id, rows, says in JUDGED for case in table(rule_id, "judged", rows, says)),
    *table("8(2)", "patent_exam_registrants_cnt judged", "500 -=no_judgement, 0 1.5=1.5", "A13"),
    *table("8(1)", COURSES, "0 20=0, 19 20=0, 20 20=1.5, 1 1=1.5, 999 1000=0", "全部完成…课程的,得1.5分"),
    *table("8(1)", COURSES, "0 0=denominator_zero, - 20=not_reported, 20 -=not_reported", "全部完成"),
    *table("9", "ip_budget_type", "dedicated_fund=2, none=0, -=not_reported", "设有知识产权保护专项经费的,得2分"),
    *table("9", "ip_budget_type", "project_only=1", "无专项经费,有知识产权保护项目的,得1分"),
    *(
        case
        for rule_id, metric, says in TARGETS
        for case in table(
            rule_id,
            f"{metric} target",
            "0 5=0, 4 5=0, 5 5=1, 6 5=1, 0 0=1, 3 0=1, 5 -=target_missing, - 5=not_reported, - -=not_reported",
            says,
        )
    ),
    *table("13(2)", NOTICES, "1 5=0.5, 4 5=0.5, 999 1000=0.5", "未达到100%的,得0.5分"),
    *table("13(2)", NOTICES, "5 5=1, 1 1=1, 6 5=1", "达到100%的,得1分"),
    *table("13(2)", NOTICES, "0 5=0, 0 0=denominator_zero, 3 0=denominator_zero", "A15"),
    *table("13(2)", NOTICES, "- 5=not_reported, 5 -=not_reported, - 0=not_reported", "告知案件比率"),
    *table("13(1)", NOTICES, "1 0=1, 0 5=0", "A15"),
    *table("14(1)", CLOSED, "0=0, 1=1, 15=1, 16=3, 17=3, -=not_reported", "沈阳市、大连市16件以上的得3分", "210100"),
    *table("14(1)", CLOSED, "0=0, 1=1, 15=1, 16=3, 17=3", "沈阳市、大连市16件以上的得3分", "210200"),
    *table("14(1)", CLOSED, "0=0, 1=1, 7=1, 8=3, 9=3", "鞍山市8件以上得3分", "210300"),
    *table("14(1)", CLOSED, "0=0, 1=1, 3=1, 4=3, 5=3, -=not_reported", "其他市4件以上的,得3分"),
    *table("14(1)", CLOSED, "0=0, 3=1, 4=3, -=not_reported", "其他市4件以上的,得3分; A03", UNRANKED),
    *(
        case
        for rule_id, kind in DISCLOSURES
        for case in table(
            rule_id,
            f"{kind}_disclosed_cnt {kind}_publishable_cnt",
            "20 20=1, 1 1=1, 199 200=0.5, 96 100=0.5, 19 20=0.5, 95 100=0.5, 949 1000=0, 18 19=0, 1 2=0, 0 1=0,"
            "0 0=0, - 20=not_reported, 20 -=not_reported, - 0=not_reported",
            f"{OPEN}; 案件数为0件的,不得分",
        )
    ),
    *table("16", REPORTS, "1 0 0 -=2, 40 0 0 0=2", "及时、准确报送知识产权执法案件信息的,得2分"),
    *table("16", REPORTS, "9 1 0 -=1.6, 9 0 1 -=1.6, 9 1 1 0=1.2, 9 4 0 -=0.4", "每次扣0.4分"),
    *table("16", REPORTS, "9 5 0 -=0, 9 3 2 -=0, 9 3 3 -=0, 9 9 9 -=0", "扣完为止"),
    *table("16", REPORTS, "0 0 0 -=no_report, 0 0 0 0=no_report, 0 0 0 1=2", "A18"),
    *table(
        "16", REPORTS, "- 0 0 1=not_reported, 9 - 0 -=not_reported, 9 0 - -=not_reported, 0 - 0 0=not_reported", "A18"
    ),
    *table(
        "19",
        WITHDRAWN,
        "899 1000 0.95=0, 89 100 0.95=0, 90 100 0.95=1, 91 100 0.95=1",
        "超过90%以上的,得1分; A19",
    ),
    *table("19", WITHDRAWN, "19 20 0.95=1, 951 1000 0.95=2, 1 1 0.95=2, 1 1 1=1", "高于全国平均水平的,得2分"),
    *table(
        "19", WITHDRAWN, "17 20 0.85=0, 86 100 0.85=2, 1 9 0=2, 0 9 0=0, 0 9 0.95=0", "A19: above average and below 90%"
    ),
    *table("19", WITHDRAWN, "2 3 0.6666=2, 2 3 0.6667=0", "高于: the ratio itself, not what it is rounded to"),
    *table("19", WITHDRAWN, "0 0 0.95=1, 0 0 -=1", "未发生问题的,得1分; A19"),
    *table("19", WITHDRAWN, "89 100 -=0, 9 10 -=1, 10 10 -=1", "A19: national average absent"),
    *table(
        "19", WITHDRAWN, "- 10 0.95=not_reported, 9 - 0.95=not_reported, - 0 -=not_reported", "非正常专利申请撤回率"
    ),
    *table("20", UNHANDLED, "0 -=1, 0 0=1", "未发生问题的,得1分; A20"),
    *table("20", UNHANDLED, "1 -=no_judgement, 1 1=1, 1 0=0, 3 0.5=0.5, - -=no_judgement, - 1=1", "A20"),
    *table("23", PROJECTS, "1 0 0=1, 2 0 0=1, 1 1 1=1", "新增…立项工作的,得1分"),
    *table("23", PROJECTS, "0 0 0=0", "没有立项的,不得分"),
    *table("23", PROJECTS, "0 1 0=0.5, 0 0 1=0.5, 0 1 1=0.5", "已全部拥有专用标准的或已经全部立项完毕的,得0.5分"),
    *table("23", PROJECTS, "- 1 1=not_reported, 0 - 1=not_reported, 0 1 -=not_reported, 1 - -=not_reported", "A21"),
    *table("27(1)", SME, "0 9=0, 50 100=0.75, 99 100=1.49, 1 3=0.5, 1 7=0.21, 1 9=0.17", "按完成百分比核算分数"),
    *table("27(1)", SME, "9 9=1.5, 10 9=1.5, 101 100=1.5, 90 9=1.5", "最高得1.5分"),
    *table("27(1)", SME, "1 300=0.01, 1 301=0, 1 60=0.03, 333 1000=0.5, 997 1000=1.5, 996 1000=1.49", "A05: half up"),
    *table("27(1)", SME, "5 -=target_missing, 5 0=target_zero, 0 0=target_zero", "A05"),
    *table("27(1)", SME, "- 9=not_reported, - -=not_reported, - 0=not_reported", "A05"),
    *table("33(2)", TRANSFERS, "0 0=0, 1 0=0.5, 2 0=1, 3 0=1", "跨省案件移送的,每件0.5分"),
    *table("33(2)", TRANSFERS, "0 1=0.2, 0 4=0.8, 0 5=1, 0 6=1", "跨市案件移送的,每件0.2分"),
    *table("33(2)", TRANSFERS, "1 1=0.7, 1 2=0.9, 1 3=1, 2 5=1", "最多1分; A23: a joint cap"),
    *table("33(2)", TRANSFERS, "- 5=not_reported, 2 -=not_reported", "A23"),
    *table("35b", "patent_insurance_type_cnt", "3=1", "专利执行险、专利被侵权损失险: two kinds, no more"),
    *table(
        "39",
        AGENCIES,
        "0 5=0, 5 5=0, 119 100=0, 1199 1000=0, 6 5=1, 120 100=1, 121 100=1",
        "增加20%以上的,加1分",
    ),
    *table("39", AGENCIES, "3 0=denominator_zero, 0 0=denominator_zero", "A24"),
    *table("39", AGENCIES, "- 5=not_reported, 6 -=not_reported, - 0=not_reported", "A24"),
    # the area without a rank and a district stand by themselves wherever nothing is ranked or tiered
    *table("1", "gov_meeting_held_cnt", "0=0, 1=2", "A03", UNRANKED),
    *table("1", "gov_meeting_held_cnt", "0=0, 1=2", "A03", DISTRICT),
    *table("3", "judged", "1=1, -=no_judgement", "A07", DISTRICT),
    *table("12(1)", "ip_crime_transfer_prosecution_cnt target", "5 5=1, 5 -=target_missing", "A06", DISTRICT),
    *table("21(2)", "judged", "-=missing_in_source", "A01", DISTRICT),
]

# ---- the fourteen cities, in order

ACCEPTED, PUBLISHED = "publicity_items_accepted_cnt", "gi_standard_published_cnt"
ENTRIES, USERS, MEDIATED = "two_law_platform_entry_cnt", "gi_mark_new_user_cnt", "peoples_mediation_cnt"
FALLING = "14 13 12 11 10 9 8 7 6 5 4 3 2 1"
PLAIN = "1 2 3 4 5 6 7 8 9 10 11 12 13 14"
FIRST, ALIKE = "1 1 1 1 1 1 1 1 1 1 1 1 1 1", "6 6 6 6 6 6 6 6 6 6 6 6 6 6"
NOUGHT, FOURS = "0 0 0 0 0 0 0 0 0 0 0 0 0 0", "4 4 4 4 4 4 4 4 4 4 4 4 4 4"
VECTOR = "9 9 9 8 7 7 6 5 4 3 2 1 1 0"
VECTOR_RANKS = "1 1 1 4 5 5 7 8 9 10 11 12 12 14"
VECTOR_DENSE = "1 1 1 2 3 3 4 5 6 7 8 9 9 10"
# Two fifth and three eleventh reach over the ends of bands; two fourth push the next over one.
OVER, OVER_RANKS = "20 20 18 17 16 16 14 13 12 11 10 10 10 7", "1 1 3 4 5 5 7 8 9 10 11 11 11 14"
PUSH, PUSH_RANKS = "20 19 18 17 17 15 14 13 12 11 10 9 9 7", "1 2 3 4 4 6 7 8 9 10 11 12 12 14"
THIRD, THIRD_RANKS = "20 19 18 18 16 15 14 13 13 11 10 9 8 7", "1 2 3 3 5 6 7 8 8 10 11 12 13 14"
GAPS, GAPS_RANKS = "- 12 11 10 9 8 7 6 5 4 3 2 1 -", "- 1 2 3 4 5 6 7 8 9 10 11 12 -"
MIXED, MIXED_RANKS = "1 0 9 9 9 8 7 7 6 5 4 3 2 1", "12 14 1 1 1 4 5 5 7 8 9 10 11 12"

TIES = "如出现并列排名,则下一个排名为并列排名数+1; A02"
TWO = "排在全省1-5名的,得2分;6-11名的,得1分;12-14名的,得0.5分(件数为0件的,不得分)"
THREE = "排在全省1-5名的,得3分;6-11名的,得2分;12-14名的,得1分(录入数少于5件的,不得分)"
FOUR = "第1名的,得3分;2-3名的,得2.5分;4-8名的,得2分;9-14名的,得1.5分(没有新发布的,不得分;…)"
USED = "排在全省1-4名的,得2分;5-11名的,得1分;12-14名的,得0.5分(没有新增户数的,不得分)"
HEARD = "排在全省1-5名的,得2分;6-11名的,得1.5分;12-14名的,得1分(案件数为0件的,不得分)"
STANDARDS = "本地区地理标志已全部拥有专用标准的,得1分; A21"
UNKNOWN = "not reported is not 0; A03"
SAME_WORDS = [
    ("4", ACCEPTED),
    ("14(4)", "fake_patent_closed_cnt"),
    ("14(5)", "trademark_closed_cnt"),
    ("14(6)", "gi_closed_cnt"),
    ("14(7)", "copyright_closed_cnt"),
]
TWOS = "2 2 2 2 2 2 2 2 2 2 2 2 2 2"
BANDS = "2 2 2 2 2 1 1 1 1 1 1 0.5 0.5 0.5"


def same_words(rule_id: str, metric: str) -> list[Case]:
    """4 and 14(4) to (7), which give 2, 1 and 0.5 in the same words."""

    def one(says: str, counts: str, ranks: str, points: str, dense: str, tie_method: str = "competition") -> Case:
        return ranking(rule_id, metric, says, counts, ranks, points, dense, tie_method=tie_method)

    by_vector = "2 2 2 2 2 2 1 1 1 1 1 0.5 0.5 0", "2 2 2 2 2 2 2 2 1 1 1 1 1 0"
    return [
        ranking(rule_id, metric, TWO, FALLING, PLAIN, BANDS, BANDS, area="99", district=from_eighth("1")),
        one(TIES, VECTOR, VECTOR_RANKS, *by_vector),
        one("A02: dense", VECTOR, VECTOR_DENSE, by_vector[1], by_vector[1], tie_method="dense"),
        one(TIES, OVER, OVER_RANKS, "2 2 2 2 2 2 1 1 1 1 1 1 1 0.5", "2 2 2 2 2 2 2 1 1 1 1 1 1 1"),
        one(TIES, PUSH, PUSH_RANKS, BANDS, "2 2 2 2 2 2 1 1 1 1 1 1 1 0.5"),
        one(TIES, MIXED, MIXED_RANKS, "0.5 0 2 2 2 2 2 2 1 1 1 1 1 0.5", "1 0 2 2 2 2 2 2 2 2 1 1 1 1"),
        one("件数为0件的,不得分", NOUGHT, FIRST, NOUGHT, NOUGHT),
        one(TIES, ALIKE, FIRST, TWOS, TWOS),
        one(UNKNOWN, GAPS, GAPS_RANKS, "- 2 2 2 2 2 1 1 1 1 1 1 0.5 -", "- 2 2 2 2 2 1 1 1 1 1 1 0.5 -"),
    ]


THREES = "3 3 3 3 3 3 3 3 3 3 3 3 3 3"
BY_22, BY_24 = "3 3 3 3 3 2 2 2 2 2 2 1 1 1", "3 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5"
BY_25, BY_28 = "2 2 2 2 1 1 1 1 1 1 1 0.5 0.5 0.5", "2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1 1 1"
ENOUGH, SCARCE = "18 17 16 15 14 13 12 11 10 9 8 7 6 5", "9 8 7 6 4 3 2 1 0 0 0 0 0 0"
V22 = "3 3 3 3 3 3 2 2 0 0 0 0 0 0", "3 3 3 3 3 3 3 3 0 0 0 0 0 0"
V24 = "3 3 3 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 0", "3 3 3 2.5 2.5 2.5 2 2 2 2 2 1.5 1.5 0"
V25 = "2 2 2 2 1 1 1 1 1 1 1 0.5 0.5 0", "2 2 2 2 2 2 2 1 1 1 1 1 1 0"
V28 = "2 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1 1 0", "2 2 2 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 0"
# No new standard: one point to who has all; not told whether all: ranked, but not scored.
FEW, FEW_RANKS = "9 8 7 6 5 4 3 2 1 1 1 0 0 0", "1 2 3 4 5 6 7 8 9 9 9 12 12 12"
FEW_POINTS = "3 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1 0 -"

RANKED = [
    *(case for row in SAME_WORDS for case in same_words(*row)),
    ranking("22", ENTRIES, THREE, ENOUGH, PLAIN, BY_22, BY_22, area="99", district=from_eighth("2")),
    ranking("22", ENTRIES, "A34", FALLING, PLAIN, "3 3 3 3 3 2 2 2 2 2 0 0 0 0", "3 3 3 3 3 2 2 2 2 2 0 0 0 0"),
    ranking("22", ENTRIES, "A34: fifth with 4", SCARCE, "1 2 3 4 5 6 7 8 9 9 9 9 9 9",
            "3 3 3 3 0 0 0 0 0 0 0 0 0 0", "3 3 3 3 0 0 0 0 0 0 0 0 0 0"),
    ranking("22", ENTRIES, TIES, VECTOR, VECTOR_RANKS, *V22),
    ranking("22", ENTRIES, "A02: dense", VECTOR, VECTOR_DENSE, V22[1], V22[1], tie_method="dense"),
    ranking("22", ENTRIES, TIES, OVER, OVER_RANKS, "3 3 3 3 3 3 2 2 2 2 2 2 2 1", "3 3 3 3 3 3 3 2 2 2 2 2 2 2"),
    ranking("22", ENTRIES, TIES, PUSH, PUSH_RANKS, BY_22, "3 3 3 3 3 3 2 2 2 2 2 2 2 1"),
    ranking("22", ENTRIES, "录入数少于5件的,不得分", FOURS, FIRST, NOUGHT, NOUGHT),
    ranking("22", ENTRIES, TIES, ALIKE, FIRST, THREES, THREES),
    ranking("22", ENTRIES, UNKNOWN, GAPS, GAPS_RANKS, "- 3 3 3 3 3 2 2 2 0 0 0 0 -", "- 3 3 3 3 3 2 2 2 0 0 0 0 -"),
    ranking("24", PUBLISHED, FOUR, FALLING, PLAIN, BY_24, BY_24, area="99", district=from_eighth("2")),
    ranking("24", PUBLISHED, "A21: the better of both", FALLING, PLAIN, BY_24, BY_24, beside=FIRST),
    ranking("24", PUBLISHED, TIES, VECTOR, VECTOR_RANKS, *V24),
    ranking("24", PUBLISHED, "A02: dense", VECTOR, VECTOR_DENSE, V24[1], V24[1], tie_method="dense"),
    ranking("24", PUBLISHED, TIES, OVER, OVER_RANKS, "3 3 2.5 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5",
            "3 3 2.5 2.5 2 2 2 2 2 2 1.5 1.5 1.5 1.5"),
    ranking("24", PUBLISHED, TIES, THIRD, THIRD_RANKS, "3 2.5 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5",
            "3 2.5 2.5 2.5 2 2 2 2 2 2 1.5 1.5 1.5 1.5"),
    ranking("24", PUBLISHED, "没有新发布的,不得分", NOUGHT, FIRST, NOUGHT, NOUGHT),
    ranking("24", PUBLISHED, STANDARDS, NOUGHT, FIRST, FIRST, FIRST, beside=FIRST),
    ranking("24", PUBLISHED, STANDARDS, FEW, FEW_RANKS, FEW_POINTS, FEW_POINTS, beside="1 0 0 0 0 0 0 0 0 1 0 1 0 -"),
    ranking("24", PUBLISHED, UNKNOWN, FEW, FEW_RANKS, "- 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1 0 0",
            "- 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1 0 0", beside="- 0 0 0 0 0 0 0 0 0 0 1 0 0"),
    ranking("24", PUBLISHED, TIES, ALIKE, FIRST, THREES, THREES),
    ranking("24", PUBLISHED, UNKNOWN, GAPS, GAPS_RANKS, "- 3 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1.5 -",
            "- 3 2.5 2.5 2 2 2 2 2 1.5 1.5 1.5 1.5 -", beside="1 0 0 0 0 0 0 0 0 0 0 0 0 -"),
    ranking("25", USERS, USED, FALLING, PLAIN, BY_25, BY_25, area="99", district=from_eighth("1")),
    ranking("25", USERS, TIES, VECTOR, VECTOR_RANKS, *V25),
    ranking("25", USERS, "A02: dense", VECTOR, VECTOR_DENSE, V25[1], V25[1], tie_method="dense"),
    ranking("25", USERS, TIES, OVER, OVER_RANKS, "2 2 2 2 1 1 1 1 1 1 1 1 1 0.5", "2 2 2 2 2 2 1 1 1 1 1 1 1 1"),
    ranking("25", USERS, TIES, PUSH, PUSH_RANKS, "2 2 2 2 2 1 1 1 1 1 1 0.5 0.5 0.5",
            "2 2 2 2 2 1 1 1 1 1 1 1 1 0.5"),
    ranking("25", USERS, "没有新增户数的,不得分", NOUGHT, FIRST, NOUGHT, NOUGHT),
    ranking("25", USERS, TIES, ALIKE, FIRST, TWOS, TWOS),
    ranking("25", USERS, UNKNOWN, GAPS, GAPS_RANKS, "- 2 2 2 2 1 1 1 1 1 1 1 0.5 -", "- 2 2 2 2 1 1 1 1 1 1 1 0.5 -"),
    ranking("28(1)", MEDIATED, HEARD, FALLING, PLAIN, BY_28, BY_28, area="99", district=from_eighth("1.5")),
    ranking("28(1)", MEDIATED, TIES, VECTOR, VECTOR_RANKS, *V28),
    ranking("28(1)", MEDIATED, "A02: dense", VECTOR, VECTOR_DENSE, V28[1], V28[1], tie_method="dense"),
    ranking("28(1)", MEDIATED, TIES, OVER, OVER_RANKS, "2 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1",
            "2 2 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1.5"),
    ranking("28(1)", MEDIATED, TIES, PUSH, PUSH_RANKS, BY_28, "2 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1"),
    ranking("28(1)", MEDIATED, "案件数为0件的,不得分", NOUGHT, FIRST, NOUGHT, NOUGHT),
    ranking("28(1)", MEDIATED, TIES, ALIKE, FIRST, TWOS, TWOS),
    ranking("28(1)", MEDIATED, UNKNOWN, GAPS, GAPS_RANKS, "- 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1 -",
            "- 2 2 2 2 2 1.5 1.5 1.5 1.5 1.5 1.5 1 -"),
]  # fmt: skip

# ---- a district and its city


def district(name: str, rule_id: str, metric: str, own: str, city: str | None, expected: Result) -> Case:
    """What the district gets beside a city that reported `city`, nothing (-), or is not there (None)."""
    of_city = None if city is None else Given({} if city == "-" else {metric: Decimal(city)})
    changes = {"210800": of_city, DISTRICT: Given({metric: Decimal(own)})}
    return Case(f"{rule_id} district, {name}", rule_id, changes, {DISTRICT: expected}, "A03")


UNTOLD = Result("not_evaluable", "not_reported", inherited_from="210800")
INHERITED = [
    district("city at 4", "14(1)", CLOSED, "0", "4", Result("scored", None, Decimal(3), inherited_from="210800")),
    district("city at 3", "14(1)", CLOSED, "16", "3", Result("scored", None, Decimal(1), inherited_from="210800")),
    district("city at 0", "14(1)", CLOSED, "16", "0", Result("scored", None, Decimal(0), inherited_from="210800")),
    district("city silent", "14(1)", CLOSED, "16", "-", UNTOLD),
    district("no city", "14(1)", CLOSED, "16", None, outcome("not_reported")),
    district("city silent", "4", ACCEPTED, "9", "-", UNTOLD),
    district("no city", "4", ACCEPTED, "9", None, outcome("not_reported")),
    district("city alone", "4", ACCEPTED, "0", "7",
             Result("scored", None, Decimal(2), 1, Decimal(2), "210800")),
    district("city at 0", "28(1)", MEDIATED, "9", "0",
             Result("scored", None, Decimal(0), 1, Decimal(0), "210800")),
    Case("24 district, city ranked and not scored", "24", {"210800": Given({PUBLISHED: Decimal(3)})},
         {DISTRICT: Result("not_evaluable", "not_reported", rank=1, inherited_from="210800")}, "A03"),
]  # fmt: skip

CASES: list[Case] = [*SIMPLE, *RANKED, *INHERITED]
