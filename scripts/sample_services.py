"""Sample records of the datasets of models/staging/services, and what goes wrong in them."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

from sample_defects import AGAIN, DIVISION_FAULTS, USCC_FAULTS, Defect, other_city, put
from sample_defects import swapped as swapped_digits
from sample_subjects import YEAR, Bureau, Held, Record, Subject, patent_number, person, quarter_days
from sample_subjects import uscc as organisation_code
from sheets import ErrorCell

_WHOLE_CITY = "市本级"


def _day(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _enterprises(subjects: list[Subject], share: float, rng: random.Random) -> list[Subject]:
    return [s for s in subjects if not s.is_agency and rng.random() < share]


def _place(bureau: Bureau, subject: Subject) -> Record:
    return {"division_code": bureau.code, "county_name": subject.county, "remarks": None}


def _evidence(bureau: Bureau, number: str, day: date) -> Record:
    digest = sha256(f"{bureau.code}:{number}".encode()).hexdigest()
    return {"evidence_id": f"{number}-1", "evidence_sha256": digest, "evidence_on": day}


def geographical_indications(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """Two to four indications of a city, a standard for most of them, a project for the others, and their users."""
    division = bureau.code if bureau.code.isdigit() else "210400"
    association = {
        "holder_name": f"{bureau.short}示例特产协会",
        "uscc": organisation_code(rng, "51", division),
        "division_code": bureau.code,
        "county_name": _WHOLE_CITY,
    }
    found: list[Record] = []

    def add(kind: str, name: str, number: str, day: date, **given: str | int | date | None) -> None:
        row = association | {"record_kind": kind, "gi_name": name, "record_no": number, "approved_on": day}
        found.append(row | {"gi_status": "valid", "product_category": "特产", "remarks": None} | given)

    names = rng.sample(("草莓", "大米", "海参", "苹果", "蓝莓", "板栗"), rng.randrange(2, 5))
    for index, product in enumerate(names):
        name, day = f"{bureau.short}示例{product}", _day(rng, date(2008, 1, 5), date(2021, 11, 20))
        if index % 2 == 0:
            kind, number = "gi_product", f"原质检总局公告{day.year}年第{rng.randrange(10, 180)}号"
        else:
            kind, number = "gi_certification_mark", f"{rng.randrange(5000000, 30000000)}"
        changed = day + timedelta(days=400) if rng.random() < 0.2 else None
        add(
            kind, name, number, day, production_area=f"{bureau.short}示例区现辖行政区域", authority="国家知识产权局",
            output_value=rng.randrange(500, 9000) * 10000, gi_status="changed" if changed else "valid",
            changed_on=changed,
        )  # fmt: skip
        if rng.random() < 0.6:
            issued = _day(rng, date(2022, 1, 10), date(2022, 10, 20)) if rng.random() < 0.4 else day
            standard = f"DB21/T {rng.randrange(2000, 3900)}-{issued.year}"
            add("gi_standard", name, standard, issued, gi_no=number, standard_level="provincial")
        elif rng.random() < 0.6:
            planned = _day(rng, date(2022, 1, 10), date(2022, 10, 20))
            add("gi_standard_project", name, f"2022-DB-{index + 1:03d}", planned, gi_no=number)
        for user in rng.sample(subjects, min(len(subjects), rng.randrange(1, 5))):
            approved = _day(rng, date(2020, 5, 1), date(2022, 10, 20))
            cancelled = approved + timedelta(days=30) if rng.random() < 0.05 else None
            add(
                "gi_mark_user", name, f"国家知识产权局公告第{rng.randrange(380, 510)}号", approved, gi_no=number,
                holder_name=user.name, uscc=user.uscc, document_no=f"辽知发〔{approved.year}〕{approved.month}号",
                authority="辽宁省知识产权局", output_value=rng.randrange(10, 900) * 10000, county_name=user.county,
                gi_status="cancelled" if cancelled else "valid", cancelled_on=cancelled,
            )  # fmt: skip
    return found


def pledges(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 2 % of the subjects each quarter, and a few earlier pledges that were released in this one."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for subject in _enterprises(subjects, 0.02, rng):
        registered, kind = _day(rng, first, last), rng.choice(("patent", "patent", "trademark", "patent_and_trademark"))
        wan = rng.choice((100, 300, 500, 800, 1000, 3000))
        found.append(
            {
                "pledge_no": f"Y{YEAR}21{bureau.code[-3:]}{int(period[5]) * 1000 + len(found) + 1:05d}",
                "pledgor_name": subject.name,
                "uscc": subject.uscc,
                "is_sme": rng.random() < 0.9,
                "pledgee_name": f"示例银行{bureau.short}分行",
                "right_kind": kind,
                "right_count": rng.randrange(1, 12),
                "right_numbers": "ZL" + patent_number(rng, 2018, "1") if "patent" in kind else "61234567",
                "pledged_amount": wan * 10000,
                "is_inclusive": wan <= 1000 and rng.random() < 0.6,
                "contract_on": registered - timedelta(days=rng.randrange(3, 20)),
                "registered_on": registered,
                "expires_on": registered + timedelta(days=365),
                "released_on": None,
                "authority": "国家知识产权局",
                "park_name": f"{bureau.short}示例产业园区" if rng.random() < 0.3 else None,
            }
            | _place(bureau, subject)
        )
    earlier = [r for r in held.get("pledges", []) if r["released_on"] is None and rng.random() < 0.1]
    return found + [record | {"released_on": _day(rng, first, last)} for record in earlier]


def patent_transfers(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About 3 % of the subjects each quarter acquire one to three patents; now and then a natural person does."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for number, subject in enumerate(_enterprises(subjects, 0.03, rng), 1):
        recorded = _day(rng, first, last)
        kind = rng.choice(
            ("patent_assignment", "ordinary_licence", "ordinary_licence", "exclusive_licence", "open_licence")
        )
        is_licence = kind != "patent_assignment"
        transferor_kind, transferor = rng.choice((
            ("university", "示例理工大学"), ("research_institute", "示例材料研究所"), ("individual", person(rng)),
            ("enterprise", f"示例科技发展有限公司{bureau.short}分公司"),
        ))  # fmt: skip
        is_person = rng.random() < 0.04
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            found.append(
                {
                    "record_no": f"{'X' if is_licence else 'Z'}{YEAR}21{bureau.code[-3:]}{int(period[5])}{number:04d}",
                    "transfer_kind": kind,
                    "patent_no": patent_number(rng, rng.randrange(2012, 2021), rng.choice("123")),
                    "patent_title": "一种示例装置",
                    "transferor_name": transferor,
                    "transferor_kind": transferor_kind,
                    "transferee_name": person(rng) if is_person else subject.name,
                    "uscc": None if is_person else subject.uscc,
                    "is_sme": not is_person and rng.random() < 0.85,
                    "recorded_on": recorded,
                    "expires_on": recorded + timedelta(days=365 * 5) if is_licence else None,
                    "contract_amount": 0 if kind == "open_licence" else rng.randrange(1, 60) * 10000,
                    "is_in_conversion_plan": rng.random() < 0.3,
                    "authority": "国家知识产权局",
                }
                | _place(bureau, subject)
            )
    return found


def insurance_policies(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About 1 % of the subjects each quarter."""
    first, last = quarter_days(period)
    found: list[Record] = []
    kinds = (
        "patent_enforcement",
        "patent_infringement_loss",
        "patent_infringement_loss",
        "overseas_liability",
        "trademark_loss",
    )
    for subject in _enterprises(subjects, 0.01, rng):
        signed, wan = _day(rng, first, last), rng.choice((20, 50, 100, 200))
        begins = signed + timedelta(days=rng.randrange(1, 15))
        found.append(
            {
                "policy_no": f"PZIP{YEAR}21{bureau.code[-3:]}{int(period[5]) * 1000 + len(found) + 1:09d}",
                "insurance_type": rng.choice(kinds),
                "insured_name": subject.name,
                "uscc": subject.uscc,
                "insurer_name": f"示例财产保险股份有限公司{bureau.short}分公司",
                "right_count": rng.randrange(1, 9),
                "coverage_amount": wan * 10000,
                "premium": wan * 120,
                "subsidy": wan * 60 if rng.random() < 0.4 else None,
                "signed_on": signed,
                "effective_on": begins,
                "expires_on": begins + timedelta(days=364),
                "terminated_on": begins + timedelta(days=40) if rng.random() < 0.03 else None,
            }
            | _place(bureau, subject)
        )
    return found


# Kind, theme, responsible unit; what else the kind asks for is added below.
_ACTIVITIES = (
    ("gov_meeting", "专题研究部署知识产权保护工作会议", "政府办公室"),
    ("joint_meeting", "知识产权工作联席会议", "市场监管局"),
    ("publicity_item", "示例企业知识产权保护经验信息", "市场监管局"),
    ("media_case_publicity", "知识产权保护典型案例宣传", "公安局"),
    ("outreach", "知识产权服务进企业", "市场监管局"),
    ("outreach", "知识产权宣传进社区", "文旅局"),
    ("outreach", "知识产权课堂进学校", "法院"),
    ("leader_training", "党政领导干部知识产权专题培训班", "市场监管局"),
    ("enforcement_training", "知识产权执法业务培训班", "市场监管局"),
    ("training_attended", "全省知识产权执法培训班", "市场监管局"),
    ("attorney_exam", "组织专利代理师资格考试报名", "市场监管局"),
    ("budget_fund", "知识产权保护专项经费", "财政局"),
    ("policy_document", "关于强化知识产权保护的实施意见", "市场监管局"),
    ("regulation_plan", "《辽宁省知识产权保护条例》贯彻推进计划", "市场监管局"),
    ("crop_hotline", "设立农作物侵权监督举报电话", "农业农村局"),
    ("seed_campaign", "打击侵犯植物新品种权专项行动", "农业农村局"),
    ("software_inspection", "政府机关和企业软件正版化督促检查", "宣传部"),
    ("joint_inspection", "专业市场联合检查", "市场监管局、公安局"),
    ("guidance_request", "关于商标侵权判定问题的请示", "市场监管局"),
    ("pledge_campaign", "知识产权质押融资入园惠企", "市场监管局"),
    ("alliance_activity", "产业联盟知识产权保护座谈", "科技局"),
    ("linkage_mechanism", "诉讼调解对接机制", "法院"),
    ("market_workstation", "设立专业市场知识产权工作站", "市场监管局"),
    ("overseas_survey", "“走出去”企业海外知识产权保护需求调查", "商务局"),
    ("foreign_exchange", "与外资企业沟通交流会", "贸促会"),
    ("overseas_guidance", "海外知识产权维权指导", "商务局"),
    ("risk_warning", "重点产业侵权风险分析预警报告", "市场监管局"),
    ("window_leaflets", "政务服务窗口发放宣传资料", "市场监管局"),
    ("window_publicity", "政务服务窗口普法宣传", "市场监管局"),
    ("research", "知识产权保护工作调研", "市场监管局"),
)
_ASKED_FOR: dict[str, Record] = {
    "publicity_item": {"adopted_by": "辽宁省知识产权局", "activity_level": "provincial", "quantity": 1},
    "media_case_publicity": {"media_name": "示例日报", "activity_level": "municipal"},
    "training_attended": {"activity_level": "provincial", "participants": 4},
    "attorney_exam": {"participants": 12},
    "overseas_guidance": {"amount": 600000},
    "window_leaflets": {"quantity": 800, "place": "政务服务中心知识产权窗口"},
}


def activities(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """Eight to twelve a quarter; one in ten has no evidence yet."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for kind, theme, unit in rng.sample(_ACTIVITIES, rng.randrange(8, 13)):
        number, day = f"{YEAR}-HD-{period[4:]}{len(found) + 1:02d}", _day(rng, first, last - timedelta(days=5))
        asked = dict(_ASKED_FOR.get(kind, {}))
        if kind == "budget_fund":
            asked["amount"] = rng.randrange(10, 80) * 10000
        if kind in ("policy_document", "gov_meeting", "regulation_plan"):
            asked["document_no"] = f"{bureau.mark}政办发〔{YEAR}〕{rng.randrange(1, 60)}号"
        evidence = _evidence(bureau, number, day) if rng.random() < 0.9 else {}
        found.append(
            {
                "activity_no": number,
                "activity_kind": kind,
                "theme": theme,
                "held_on": day,
                "finished_on": day + timedelta(days=2) if "training" in kind else None,
                "organiser": bureau.name,
                "responsible_unit": unit,
                "activity_level": "municipal",
                "participants": rng.randrange(10, 120),
                "division_code": bureau.code,
                "county_name": _WHOLE_CITY if rng.random() < 0.6 else f"{rng.choice('东西南')}例区",
                "remarks": None,
            }
            | asked
            | evidence
        )
    return found


# Metric, name, unit of measure, who set it, from and below what number.
_TARGETS = (
    ("sme_patent_transfer_cnt", "中小微企业专利受让被许可任务数", "case", "辽宁省知识产权局", (20, 120)),
    ("patent_exam_registrants_cnt", "专利代理师资格考试报名任务数", "person", "辽宁省知识产权局", (10, 60)),
    ("ip_crime_transfer_prosecution_cnt", "侵犯知识产权犯罪移送起诉任务数", "case", "辽宁省公安厅", (2, 12)),
    ("ip_crime_den_cnt", "侵犯知识产权犯罪源头窝点任务数", "piece", "辽宁省公安厅", (1, 5)),
    ("ip_crime_supervised_cnt", "侵犯知识产权犯罪部督省督任务数", "case", "辽宁省公安厅", (1, 3)),
    ("ip_crime_clue_assist_cnt", "侵犯知识产权犯罪线索协查任务数", "case", "辽宁省公安厅", (2, 10)),
)
_WITHOUT_TARGETS = {"211300": "辽宁省公安厅", "211400": "辽宁省知识产权局"}
"""Cities to which this office has set no targets."""


def external_parameters(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """The national average, the same for the whole province, and the tasks of most regions."""
    year = int(period)
    common: Record = {"parameter_year": year, "valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31)}
    average: Record = {
        "parameter_code": "national_average_withdrawal_rate",
        "parameter_name": "全国非正常专利申请平均撤回率",
        "parameter_kind": "external",
        "division_code": "210000",
        "parameter_value": 0.9351,
        "value_unit": "ratio",
        "source_document": f"{year}年非正常专利申请处理情况通报",
        "document_no": f"国知办函保字〔{year}〕901号",
        "certified_by": "国家知识产权局",
        "certified_on": date(year, 10, 25),
    }
    tasks: list[Record] = [
        {
            "parameter_code": code,
            "parameter_name": name,
            "parameter_kind": "target",
            "division_code": region,
            "parameter_value": rng.randrange(*bounds),
            "value_unit": measure,
            "source_document": f"{year}年知识产权保护工作任务分解表",
            "document_no": f"辽知发〔{year}〕20号" if "知识产权局" in certifier else f"辽公通〔{year}〕33号",
            "certified_by": certifier,
            "certified_on": date(year, 3, 10),
        }
        for code, name, measure, certifier, bounds in _TARGETS
        for region in people
        if _WITHOUT_TARGETS.get(region) != certifier
    ]
    return [row | common for row in (average, *tasks)]


# Rule, metric, unit of measure, responsible unit, certifier, largest value.
_DECLARED: tuple[tuple[str, str, str, str, str | None, int], ...] = (
    ("8(2)", "patent_exam_registrants_cnt", "person", "市场监管局", None, 60),
    ("12(1)", "ip_crime_transfer_prosecution_cnt", "case", "公安局", "procuratorate", 14),
    ("12(2)", "ip_crime_den_cnt", "piece", "公安局", "provincial_police", 6),
    ("12(3)", "ip_crime_supervised_cnt", "case", "公安局", "provincial_police", 4),
    ("12(4)", "ip_crime_clue_assist_cnt", "case", "公安局", "provincial_police", 12),
    ("16", "case_report_cnt", "case", "市场监管局", "national_ip_office", 40),
    ("16", "case_report_late_cnt", "time", "市场监管局", "national_ip_office", 3),
    ("16", "case_report_returned_cnt", "time", "市场监管局", "national_ip_office", 2),
    ("20", "malicious_tm_unhandled_cnt", "case", "市场监管局", "provincial_ip_office", 1),
    ("39", "patent_agency_begin_cnt", "household", "市场监管局", None, 30),
    ("39", "patent_agency_end_cnt", "household", "市场监管局", None, 36),
    ("46(1)", "assigned_clue_no_feedback_cnt", "case", "市场监管局", "provincial_ip_office", 2),
    ("46(2)", "vicious_event_unhandled_cnt", "case", "市场监管局", "provincial_ip_office", 1),
    ("46(3)", "case_severely_overdue_cnt", "case", "市场监管局", "provincial_ip_office", 1),
    ("46(4)", "market_infringement_ignored_cnt", "case", "市场监管局", "provincial_ip_office", 2),
    ("47", "case_file_review_fail_cnt", "case", "市场监管局", "third_party", 3),
    ("survey", "survey_sent_cnt", "copy", "市场监管局", None, 400),
    ("survey", "survey_valid_cnt", "copy", "市场监管局", None, 360),
)
_CHOSEN = (
    ("9", "ip_budget_type", ("dedicated_fund", "project_only", "none")),
    ("23", "all_gi_have_standard", ("yes", "no")),
    ("23", "all_gi_project_approved", ("yes", "no")),
)
_SURVEYED = ("survey_awareness_rate", "survey_green_channel_need_rate", "survey_repair_need_rate")
_NOT_DECLARED = {"211200": ("12(1)", "12(2)", "12(3)", "12(4)"), "210900": ("8(1)", "13(1)", "13(2)", "46(4)", "47")}
"""Rules of which these cities have declared nothing yet."""


def _declared_values(rng: random.Random) -> list[tuple[str, str, str, str, str | None, int]]:
    """What a city declares for a rule by metric: as `_DECLARED`, with the value last."""
    courses, accepted = rng.randrange(20, 31), rng.randrange(10)
    notified = accepted if rng.random() < 0.6 else rng.randrange(accepted + 1)
    return [
        *((*what, rng.randrange(largest + 1)) for *what, largest in _DECLARED),
        ("8(1)", "distance_course_enrolled_cnt", "person", "市场监管局", None, courses),
        ("8(1)", "distance_course_completed_cnt", "person", "市场监管局", None, courses - (rng.random() < 0.3)),
        ("13(1)", "right_notice_case_cnt", "case", "检察院", "procuratorate", notified),
        ("13(2)", "right_notice_case_cnt", "case", "检察院", "procuratorate", notified),
        ("13(2)", "ip_crime_case_accepted_cnt", "case", "检察院", "procuratorate", accepted),
    ]


def indicator_inputs(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About thirty values of a city; two cities leave some out."""
    declared_on = date(int(period), 12, 1)
    found: list[Record] = []

    def add(rule: str, metric: str, unit: str, **given: str | int | float | date | None) -> None:
        if rule in _NOT_DECLARED.get(bureau.code, ()):
            return
        found.append(
            {
                "assessment_year": int(period),
                "rule_id": rule,
                "metric_code": metric,
                "division_code": bureau.code,
                "county_name": _WHOLE_CITY,
                "responsible_unit": unit,
                "declared_on": declared_on,
                "remarks": None,
            }
            | given
            | _evidence(bureau, f"KH-{len(found) + 1:02d}", declared_on - timedelta(days=3))
        )

    for rule, metric, measure, unit, certifier, value in _declared_values(rng):
        given = {"metric_value": value, "value_unit": measure, "counted_until": date(int(period), 11, 30)}
        given |= {"certified_by": certifier, "certified_on": declared_on - timedelta(days=1)} if certifier else {}
        add(rule, metric, unit, **given)
    for rule, metric, choices in _CHOSEN:
        add(rule, metric, "财政局" if rule == "9" else "市场监管局", metric_choice=rng.choice(choices))
    for metric in _SURVEYED:
        add("survey", metric, "市场监管局", metric_value=round(rng.uniform(0.4, 0.98), 4), value_unit="ratio")
    return found


MAKERS = {
    "geographical_indications": geographical_indications,
    "pledges": pledges,
    "patent_transfers": patent_transfers,
    "insurance_policies": insurance_policies,
    "activities": activities,
    "indicator_inputs": indicator_inputs,
}
PROVINCIAL_MAKERS = {"external_parameters": external_parameters}


def _left_empty(column: str, fits: Callable[[Record], bool] | None = None, issue: str = "missing_required") -> Defect:
    """A cell that somebody forgot, in rows that hold it and that `fits`."""
    return Defect(
        column, issue, lambda _: None, lambda record: record.get(column) is not None and (fits is None or fits(record))
    )


def _of(column: str, *codes: str) -> Callable[[Record], bool]:
    return lambda record: record.get(column) in codes


WITHOUT_CODE = _left_empty("uscc", issue="subject_to_be_matched")
"""A row that names an organisation and gives no code: taken, and kept until its subject is found."""

NO_DIGEST = put("evidence_sha256", "bad_sha256", lambda digest: str(digest)[:40])
OUTSIDE = "2022-11-30"

DEFECTS: dict[str, tuple[Defect, ...]] = {
    "geographical_indications": (
        WITHOUT_CODE, USCC_FAULTS[0],
        put("record_kind", "unknown_code", "农产品地理标志登记"),
        _left_empty("gi_no", _of("record_kind", "gi_standard_project", "gi_standard", "gi_mark_user")),
        _left_empty("standard_level", _of("record_kind", "gi_standard")),
        put("approved_on", "bad_date", "2022年内"),
        put("approved_on", "date_out_of_range", "1922-03-01"),
        put("output_value", "bad_number", "约1200"),
        put("output_value", "number_out_of_range", -20),
        put("document_no", "bad_document_no", "见公告"),
        put("changed_on", "dates_out_of_order", lambda _: "2001-01-01"),
        _left_empty("changed_on", _of("gi_status", "changed")),
        _left_empty("cancelled_on", _of("gi_status", "cancelled")),
        _left_empty("record_no"), _left_empty("holder_name"),
        put("gi_name", "cell_error", ErrorCell()),
        *USCC_FAULTS[1:], *DIVISION_FAULTS, AGAIN,
    ),
    "pledges": (
        WITHOUT_CODE, *USCC_FAULTS,
        put("is_inclusive", "bad_boolean", "待定"), _left_empty("is_inclusive"),
        put("right_kind", "unknown_code", "股权"),
        put("right_count", "bad_number", "三件"), put("right_count", "number_out_of_range", 0),
        put("pledged_amount", "bad_number", "五百万"), put("pledged_amount", "number_out_of_range", -500),
        Defect("registered_on", "outside_period", lambda _: OUTSIDE, lambda record: record["released_on"] is None),
        put("registered_on", "bad_date", "2022.9.31"),
        put("contract_on", "dates_out_of_order", "2022-12-01"),
        put("contract_on", "date_placeholder", "1900-01-01"),
        put("contract_on", "date_out_of_range", "1922-07-20"),
        put("expires_on", "dates_out_of_order", "2020-01-01"),
        put("pledgee_name", "cell_error", ErrorCell()), _left_empty("pledge_no"),
        *DIVISION_FAULTS, AGAIN,
    ),
    "patent_transfers": (
        WITHOUT_CODE,
        put("patent_no", "patent_check_digit", swapped_digits), put("patent_no", "bad_patent_no", "2018申请"),
        put("transfer_kind", "unknown_code", "合作开发"), put("transferor_kind", "unknown_code", "其它单位"),
        put("is_sme", "bad_boolean", "小微"), _left_empty("is_sme"),
        put("recorded_on", "outside_period", OUTSIDE), put("recorded_on", "bad_date", "第三季度"),
        put("expires_on", "dates_out_of_order", "2020-01-01"),
        put("contract_amount", "bad_number", "面议"), put("contract_amount", "number_out_of_range", -1),
        _left_empty("transferor_name"), _left_empty("record_no"),
        *USCC_FAULTS, *DIVISION_FAULTS, AGAIN,
    ),
    "insurance_policies": (
        WITHOUT_CODE, USCC_FAULTS[0],
        put("insurance_type", "unknown_code", "财产一切险"),
        put("coverage_amount", "bad_number", "百万"), _left_empty("coverage_amount"),
        put("premium", "number_out_of_range", -1),
        put("right_count", "bad_number", "若干"),
        put("signed_on", "outside_period", OUTSIDE),
        put("expires_on", "dates_out_of_order", "2020-01-01"),
        put("effective_on", "bad_date", "即日起"), _left_empty("policy_no"),
        AGAIN,
    ),
    "activities": (
        NO_DIGEST,
        put("division_code", "division_of_other_bureau", other_city),
        put("division_code", "unknown_division", "辽东市"),
        put("activity_kind", "unknown_code", "党建活动"),
        _left_empty("evidence_sha256"), _left_empty("evidence_on"), _left_empty("evidence_id"),
        Defect("held_on", "outside_period", lambda _: OUTSIDE, lambda record: record["finished_on"] is None),
        put("held_on", "bad_date", "上半年"), _left_empty("held_on"),
        put("finished_on", "dates_out_of_order", lambda _: "2020-01-01"),
        put("participants", "bad_number", "若干人"), put("participants", "number_out_of_range", -3),
        put("document_no", "bad_document_no", "会议纪要第三期"),
        put("amount", "bad_number", "若干"),
        _left_empty("amount", _of("activity_kind", "budget_fund")),
        _left_empty("media_name", _of("activity_kind", "media_case_publicity")),
        _left_empty("activity_level", _of("activity_kind", "media_case_publicity", "training_attended")),
        _left_empty("adopted_by", _of("activity_kind", "publicity_item")),
        _left_empty("document_no", _of("activity_kind", "policy_document")),
        _left_empty("activity_no"), _left_empty("organiser"),
        put("theme", "cell_error", ErrorCell()),
        AGAIN,
    ),
    "external_parameters": (
        put("parameter_value", "bad_number", "见附件"),
        put("division_code", "unknown_division", "辽南片区"),
    ),
    "indicator_inputs": (
        NO_DIGEST,
        Defect("metric_value", "number_out_of_range", lambda _: 93.5, _of("value_unit", "ratio")),
        put("metric_value", "bad_number", lambda _: "已完成"),
        _left_empty("value_unit"), _left_empty("certified_on"),
        put("rule_id", "unknown_code", "第48项"),
        put("metric_code", "unknown_code", "其他指标"),
        put("assessment_year", "bad_year", "本年"),
        put("declared_on", "missing_required", None),
        put("metric_choice", "unknown_code", lambda _: "部分"),
        put("county_name", "missing_required", None),
        put("division_code", "division_of_other_bureau", other_city),
        AGAIN,
    ),
}  # fmt: skip
