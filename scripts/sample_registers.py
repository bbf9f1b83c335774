"""Samples of the registers (enterprises, attorneys, protection lists) and of supervision work: complaints, campaigns,
inspections, commitments, objections, repairs and what came of measures."""

import hashlib
import random
from collections.abc import Callable
from datetime import date, timedelta

from sample_defects import AGAIN, DIVISION_FAULTS, USCC_FAULTS, Defect, other_city, other_last, put
from sample_subjects import YEAR, Bureau, Held, Record, Subject, identity_number, patent_number, person, quarter_days
from sheets import ErrorCell

_AGENCY_MATTERS = ("agency_violation", "improper_solicitation", "abnormal_application")
_ENTERPRISE_MATTERS = ("trademark_infringement", "counterfeit_patent", "patent_infringement", "malicious_filing")


def _between(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _after(rng: random.Random, day: date, least: int, most: int) -> date:
    return day + timedelta(days=rng.randint(least, most))


def _office(bureau: Bureau, name: str) -> str:
    """Another office of the bureau's region, such as 丹东市财政局."""
    return bureau.name.replace("知识产权局", name)


def enterprises(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """Everybody; one in fifty is gone, one in twelve had another name, one in three a former registration number."""
    licensed = {record["uscc"]: record["licensed_on"] for record in held["agencies"]}
    found: list[Record] = []
    for subject in subjects:
        established = _between(
            rng, date(1998, 3, 1), date(2015, 9, 30) if subject.uscc.isdigit() else date(2021, 6, 30)
        )
        opened = licensed.get(subject.uscc)
        if isinstance(opened, date):
            established = opened - timedelta(days=20)
        status = rng.choices(("existing", "cancelled", "revoked", "moved_out"), (965, 15, 8, 12))[0]
        kind = "law_firm" if "律师" in subject.name else "partnership" if "合伙" in subject.name else "limited_company"
        if kind == "limited_company" and rng.random() < 0.05:
            kind = "joint_stock_company"
        found.append(
            {
                "uscc": subject.uscc,
                "enterprise_name": subject.name,
                "former_names": subject.name.replace("示例", "示例新", 1) if rng.random() < 0.08 else None,
                "registration_no": f"{subject.uscc[2:8]}{rng.randrange(10**9):09d}" if rng.random() < 0.35 else None,
                "org_code": subject.uscc[8:17] if subject.uscc.isdigit() else None,
                "enterprise_type": kind,
                "registration_status": status,
                "established_on": established,
                "term_until": date(established.year + 30, established.month, 1) if rng.random() < 0.3 else None,
                "deregistered_on": _between(rng, max(established, date(YEAR, 1, 10)), date(YEAR, 9, 30))
                if status in ("cancelled", "revoked")
                else None,
                "is_sme": rng.random() < 0.95,
                "industry": subject.industry,
                "authority": _office(bureau, "市场监督管理局"),
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def attorneys(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """Two to five attorneys of each agency of the province; one in fifteen no longer practises there."""
    found: list[Record] = []
    for division, subjects in people.items():
        for agency in (subject for subject in subjects if subject.is_agency):
            for _ in range(rng.randint(2, 5)):
                first = _between(rng, date(2005, 1, 4), date(YEAR, 6, 30))
                status = rng.choices(("practising", "suspended", "ended", "revoked"), (93, 2, 4, 1))[0]
                found.append(
                    {
                        "attorney_licence_no": f"21{len(found) + 1:05d}",
                        "attorney_name": person(rng),
                        "id_number": identity_number(rng),
                        "agency_name": agency.name,
                        "agency_uscc": agency.uscc,
                        "agency_code": agency.agency_code,
                        "first_practice_on": first,
                        "filed_on": _after(rng, first, 1, 30),
                        "practice_status": status,
                        "changed_on": _after(rng, first, 60, 100) if status != "practising" else None,
                        "authority": "辽宁省知识产权局",
                        "division_code": division,
                        "remarks": None,
                    }
                )
    return found


def protection_lists(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About one enterprise in twenty-five has something on a list."""
    found: list[Record] = []
    for subject in subjects:
        if subject.is_agency or rng.random() >= 0.04:
            continue
        kind = rng.choice(("key_trademarks", "key_trademarks", "key_exporters", "customs_recorded"))
        right = "none" if kind == "key_exporters" else rng.choice(("trademark", "trademark", "patent"))
        right = "trademark" if kind == "key_trademarks" else right
        listed = _between(rng, date(2020, 4, 1), date(YEAR, 10, 31))
        found.append(
            {
                "list_kind": kind,
                "enterprise_name": subject.name,
                "uscc": subject.uscc,
                "right_kind": right,
                "object_name": {"none": subject.name, "trademark": "示例牌", "patent": "一种示例装置"}[right],
                "trademark_no": f"{rng.randrange(10000000, 60000000)}" if right == "trademark" else None,
                "patent_no": "ZL" + patent_number(rng, rng.randrange(2010, 2020), "1") if right == "patent" else None,
                "customs_record_no": f"T{listed.year}-{rng.randrange(10**6):06d}"
                if kind == "customs_recorded"
                else None,
                "document_no": f"{bureau.mark}市监发〔{listed.year}〕{listed.month * 5}号",
                "listed_on": listed,
                "listed_until": date(listed.year + 3, listed.month, 1),
                "removed_on": _after(rng, listed, 20, 30) if rng.random() < 0.03 else None,
                "authority": "海关总署" if kind == "customs_recorded" else _office(bureau, "市场监督管理局"),
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def complaints(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 3 % of the subjects each quarter, agencies more often; some are about a person, some about nobody known."""
    first, last = quarter_days(period)
    numbers = {record["uscc"]: record["registration_no"] for record in held["enterprises"]}
    found: list[Record] = []
    for subject in subjects:
        if rng.random() >= (0.08 if subject.is_agency else 0.03):
            continue
        whom = rng.choices(("subject", "person", "unknown"), (88, 7, 5))[0]
        received = _between(rng, first, last)
        accepted, closed = _after(rng, received, 1, 7), _after(rng, received, 12, 45)
        state = "closed" if closed <= last else "accepted" if accepted <= last else "received"
        state = rng.choices((state, "refused", "transferred"), (90, 7, 3))[0]
        is_blue_sky = subject.is_agency and rng.random() < 0.4
        found.append(
            {
                "complaint_no": f"{bureau.mark}知举{YEAR}-{int(period[5]) * 1000 + len(found) + 1}",
                "complaint_channel": rng.choice(
                    ("platform_12315", "platform_12315", "hotline_12345", "online", "letter")
                ),
                "received_on": received,
                "party_name": {"subject": subject.name, "person": person(rng), "unknown": None}[whom],
                "uscc": subject.uscc if whom == "subject" else None,
                "registration_no": numbers[subject.uscc] if whom == "subject" else None,
                "matter": rng.choice(_AGENCY_MATTERS if subject.is_agency else _ENTERPRISE_MATTERS),
                "campaign": "blue_sky" if is_blue_sky else None,
                "complaint_state": state,
                "accepted_on": accepted if state in ("closed", "accepted") else None,
                "closed_on": closed if state == "closed" else None,
                "complaint_result": rng.choice(("substantiated", "unsubstantiated", "unsubstantiated", "mediated"))
                if state == "closed"
                else None,
                "replied_on": _after(rng, closed, 0, 5) if state == "closed" else None,
                "authority": _office(bureau, "市场监督管理局"),
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def campaign_cases(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About one agency in ten each quarter, few others; every second bureau cleans up without naming anybody."""
    first, last = quarter_days(period)
    found: list[Record] = []
    chosen: list[Subject | None] = [s for s in subjects if rng.random() < (0.1 if s.is_agency else 0.008)]
    for subject in [*chosen, None] if rng.random() < 0.5 else chosen:
        acted = _between(rng, first, last - timedelta(days=30))
        kind = rng.choice(("filed", "interviewed", "interviewed", "ordered", "warned")) if subject else "cleaned"
        done = rng.random() < 0.7
        found.append(
            {
                "campaign": "blue_sky" if subject is None or subject.is_agency else "iron_fist",
                "action_no": f"{bureau.mark}专行{YEAR}-{int(period[5]) * 100 + len(found) + 1}",
                "action_kind": kind,
                "acted_on": acted,
                "party_name": subject.name if subject else None,
                "uscc": subject.uscc if subject else None,
                "matter": rng.choice(_ENTERPRISE_MATTERS if subject and not subject.is_agency else _AGENCY_MATTERS),
                "applications_cleaned": rng.randrange(3, 80) if kind == "cleaned" else None,
                "trademarks_cleaned": None,
                "action_outcome": ("punished" if kind == "filed" else "corrected") if done else "ongoing",
                "closed_on": _after(rng, acted, 5, 30) if done else None,
                "authority": _office(bureau, "市场监督管理局"),
                "division_code": bureau.code,
                "county_name": subject.county if subject else None,
                "remarks": None,
            }
        )
    return found


def inspections(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """Four agencies in ten each quarter and a few enterprises; three inspections in four find nothing."""
    first, _ = quarter_days(period)
    kinds = {record["uscc"]: str(record["agency_kind"]) for record in held["agencies"]}
    found: list[Record] = []
    for subject in subjects:
        if rng.random() >= (0.4 if subject.is_agency else 0.015):
            continue
        kind = kinds.get(subject.uscc, "enterprise")
        drawn = _between(rng, first + timedelta(days=3), first + timedelta(days=20))
        inspected = _after(rng, drawn, 7, 30)
        result = rng.choices(
            ("no_problem", "problem_ordered", "problem_pending", "unreachable", "no_business", "uncooperative"),
            (75, 15, 3, 3, 3, 1),
        )[0]
        ordered, troubled = result == "problem_ordered", result.startswith("problem")
        number = int(period[5]) * 100 + len(found) + 1
        found.append(
            {
                "plan_no": f"{bureau.mark}知抽{YEAR}-01",
                "draw_no": f"{YEAR}年第{'一二三'[int(period[5]) - 1]}批",
                "party_name": subject.name,
                "uscc": subject.uscc,
                "inspection_object": kind,
                "inspection_matter": {"patent_agency": "agency_licence", "trademark_agency": "trademark_agency"}.get(
                    kind, rng.choice(("patent_marking", "trademark_use", "commitment"))
                ),
                "inspector_1": person(rng),
                "inspector_2": person(rng),
                "drawn_on": drawn,
                "inspected_on": inspected,
                "inspection_result": result,
                "problems": rng.choice(("未公示收费标准", "执业专利代理师变更未备案", "专利标识不规范"))
                if troubled
                else None,
                "fix_due_on": inspected + timedelta(days=15) if ordered else None,
                "problems_fixed_on": _after(rng, inspected, 3, 15) if ordered and rng.random() < 0.7 else None,
                "document_no": f"{bureau.mark}市监责改〔{YEAR}〕{number}号" if ordered else None,
                "published_on": _after(rng, inspected, 5, 20),
                "authority": _office(bureau, "市场监督管理局"),
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def commitments(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About one subject in ten each quarter; of those checked already one in fifteen did not keep its word."""
    first, last = quarter_days(period)
    numbers = {record["uscc"]: record["registration_no"] for record in held["enterprises"]}
    found: list[Record] = []
    for subject in subjects:
        if rng.random() >= (0.3 if subject.is_agency else 0.1):
            continue
        number = f"{bureau.mark}知承{YEAR}-{int(period[5]) * 1000 + len(found) + 1}"
        kind = rng.choices(("voluntary", "informed", "deferred", "approval", "industry"), (60, 17, 14, 4, 5))[0]
        matter = "agency_practice" if subject.is_agency else rng.choice(("honest_filing", "funding", "fee_reduction"))
        matter = "record_filing" if kind in ("informed", "deferred", "approval") else matter
        person_only = not subject.is_agency and rng.random() < 0.03
        signed = _between(rng, first, last)
        verified = _after(rng, signed, 20, 40)
        result = rng.choices(("not_due", "kept", "not_kept", "untrue"), (40, 56, 3, 1))[0]
        result = result if verified <= last else "not_due"
        found.append(
            {
                "commitment_no": number,
                "commitment_type": kind,
                "template_version": f"{YEAR}年版",
                "party_name": person(rng) if person_only else subject.name,
                "uscc": None if person_only else subject.uscc,
                "registration_no": None if person_only else numbers[subject.uscc],
                "person_id_number": identity_number(rng) if person_only else None,
                "matter": matter,
                "signed_on": signed,
                "valid_until": date(signed.year + 3, signed.month, 1) if rng.random() < 0.5 else None,
                "content_sha256": hashlib.sha256(number.encode()).hexdigest() if rng.random() < 0.8 else None,
                "deferred_documents": "专利登记簿副本" if kind == "deferred" else None,
                "due_on": signed + timedelta(days=20) if kind == "deferred" else None,
                "delivered_on": _after(rng, signed, 5, 20) if kind == "deferred" and result == "kept" else None,
                "verified_on": verified if result != "not_due" else None,
                "verification_result": result,
                "breach_facts": {"not_kept": "逾期未补交材料", "untrue": "提交的材料与实际不符"}.get(result),
                "terminated_on": None,
                "authority": bureau.name,
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def objections(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About one penalty in eight is objected to in the quarter of its decision."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for penalty in held["penalties"]:
        decided = penalty["decided_on"]
        if not isinstance(decided, date) or not first <= decided <= last or rng.random() >= 0.12:
            continue
        filed = _after(rng, decided, 3, 10)
        if filed > last:
            continue
        result = rng.choices((None, "rejected", "upheld", "partly_upheld", "withdrawn"), (20, 48, 18, 8, 6))[0]
        answered = _after(rng, filed, 3, 9) if result else None
        number = int(period[5]) * 100 + len(found) + 1
        found.append(
            {
                "objection_no": f"{bureau.mark}知异{YEAR}-{number}",
                "party_name": penalty["party_name"],
                "uscc": penalty["uscc"],
                "person_id_number": penalty["person_id_number"],
                "disputed_title": "知识产权行政处罚",
                "disputed_document_no": penalty["document_no"],
                "grounds": "认为公示的处罚内容与决定书不一致",
                "filed_on": filed,
                "accepted_on": _after(rng, filed, 1, 3),
                "decided_on": answered,
                "objection_result": result,
                "corrected_on": _after(rng, answered, 0, 3)
                if answered and result in ("upheld", "partly_upheld")
                else None,
                "document_no": f"{bureau.mark}知异〔{YEAR}〕{number}号" if result else None,
                "authority": bureau.name,
                "division_code": bureau.code,
                "remarks": None,
            }
        )
    return found


def repairs(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About one in four of the parties punished in the quarter before applies; most are granted."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for penalty in held["penalties"]:
        decided = penalty["decided_on"]
        if not isinstance(decided, date) or not first - timedelta(days=90) <= decided < first or rng.random() >= 0.25:
            continue
        applied = _between(rng, first, last - timedelta(days=25))
        result = rng.choices((None, "granted", "refused"), (13, 75, 12))[0]
        granted = result == "granted"
        answered = _after(rng, applied, 8, 20) if result else None
        number = int(period[5]) * 100 + len(found) + 1
        found.append(
            {
                "repair_no": f"{bureau.mark}知修{YEAR}-{number}",
                "party_name": penalty["party_name"],
                "uscc": penalty["uscc"],
                "person_id_number": penalty["person_id_number"],
                "repaired_document_no": penalty["document_no"],
                "repaired_behaviour": penalty["violation_type"],
                "applied_on": applied,
                "accepted_on": _after(rng, applied, 1, 3),
                "is_corrected": True,
                "is_performed": result != "refused",
                "has_commitment": True,
                "decided_on": answered,
                "repair_result": result,
                "publication_ended_on": _after(rng, answered, 1, 3) if answered and granted else None,
                "document_no": f"{bureau.mark}知修〔{YEAR}〕{number}号" if result else None,
                "authority": bureau.name,
                "division_code": bureau.code,
                "remarks": None,
            }
        )
    return found


def measure_feedback(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """One holder of an honour in eight is preferred, and most parties of large fines are held back from funds."""
    first, last = quarter_days(period)
    honoured = {
        str(r["uscc"]): r["enterprise_name"] for r in held["honours"] if r["honour_type"] != "provincial_advantage"
    }
    fined = {
        str(r["uscc"]): r["party_name"]
        for r in held["penalties"]
        if r["uscc"] and isinstance(r["fine_amount"], int) and r["fine_amount"] >= 60000
    }
    found: list[Record] = []
    for parties, share, measures in (
        (honoured, 0.12, (("F01", "专利优先审查推荐", "知识产权局"), ("F02", "专利转化专项资金申报", "财政局"))),
        (fined, 0.5, (("F05", "专利资助资金申报", "财政局"), ("F07", "专利奖推荐", "科学技术局"))),
    ):
        is_incentive = parties is honoured
        for code, name in parties.items():
            if rng.random() >= share:
                continue
            measure, matter, office = rng.choice(measures)
            found.append(
                {
                    "measure_code": measure,
                    "measure_direction": "incentive" if is_incentive else "constraint",
                    "party_name": name,
                    "uscc": code,
                    "applied_by": _office(bureau, office),
                    "matter": matter,
                    "applied_on": _between(rng, first, last),
                    "applied_until": None,
                    "measure_effect": "granted" if is_incentive else rng.choice(("refused", "restricted", "exempted")),
                    "effect_text": None,
                    "division_code": bureau.code,
                    "remarks": None,
                }
            )
    return found


def agency_conduct(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """Two in five agencies have something that counts for or against them, in the year reported."""
    found: list[Record] = []
    for subject in subjects:
        if not subject.is_agency or rng.random() >= 0.4:
            continue
        conduct = rng.choices(
            (
                "agency_irregularity",
                "annual_report_late",
                "industry_discipline",
                "agency_honour",
                "agency_contribution",
            ),
            (3, 2, 1, 3, 3),
        )[0]
        found.append(
            {
                "matter_no": f"{bureau.mark}代信{YEAR}-{len(found) + 1:03d}",
                "party_name": subject.name,
                "uscc": subject.uscc,
                "person_id_number": None,
                "conduct": conduct,
                "happened_on": _between(rng, date(YEAR, 1, 10), date(YEAR, 11, 20)),
                "valid_until": None,
                "facts": None,
                "document_no": None,
                "authority": "辽宁省专利代理师协会"
                if conduct == "industry_discipline"
                else _office(bureau, "知识产权局"),
                "division_code": bureau.code,
                "remarks": None,
            }
        )
    return found


def inspectors(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """Seven inspectors of each bureau; some have somebody to avoid, one is not available."""
    return [
        {
            "inspector_no": f"{bureau.mark}检{number:02d}",
            "inspector_name": person(rng),
            "unit_name": _office(bureau, "市场监督管理局"),
            "inspector_kind": "all" if number < 6 else "patent_agency",
            "inspector_state": "unavailable" if number == 7 else "available",
            "avoids": rng.choice(subjects).uscc if number % 3 == 0 else None,
            "listed_on": date(YEAR, 3, 1),
            "division_code": bureau.code,
            "remarks": None,
        }
        for number in range(1, 8)
    ]


MAKERS: dict[str, Callable[..., list[Record]]] = {
    "inspectors": inspectors,
    "enterprises": enterprises,
    "agency_conduct": agency_conduct,
    "protection_lists": protection_lists,
    "complaints": complaints,
    "campaign_cases": campaign_cases,
    "inspections": inspections,
    "commitments": commitments,
    "objections": objections,
    "repairs": repairs,
    "measure_feedback": measure_feedback,
}
PROVINCIAL_MAKERS: dict[str, Callable[..., list[Record]]] = {"attorneys": attorneys}

NO_CODE = Defect("uscc", "subject_to_be_matched", lambda _: None, lambda record: bool(record["uscc"]))
"""The party is named and its code left out: a row that waits for its match."""

OWN_DIVISION_FAULTS = (
    put("division_code", "division_of_other_bureau", other_city),
    put("division_code", "unknown_division", "辽东市"),
)


def _if(column: str, value: str) -> Callable[[Record], bool]:
    return lambda record: record[column] == value


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "inspectors": (put("avoids", "bad_uscc", "某公司"), put("inspector_state", "unknown_code", "轮休")),
    "enterprises": (
        *USCC_FAULTS, *DIVISION_FAULTS, AGAIN,
        Defect("deregistered_on", "missing_required", lambda _: None, _if("registration_status", "cancelled")),
        put("deregistered_on", "dates_out_of_order", "1997-01-01"),
        put("established_on", "bad_date", "2012年"),
        put("established_on", "date_out_of_range", "1912-05-18"),
        put("term_until", "date_placeholder", "1900-01-01"),
        put("enterprise_type", "unknown_code", "责任公司"),
        put("enterprise_name", "missing_required", None),
        put("registration_no", "secondary_code_left_out", "企独辽丹字第1号"),
        put("org_code", "secondary_code_left_out", "12345"),
        put("is_sme", "bad_boolean", "规上"),
        put("enterprise_name", "cell_error", ErrorCell()),
    ),
    "attorneys": (
        AGAIN,
        put("id_number", "missing_required", None),
        put("agency_code", "secondary_code_left_out", "21-A1"),
        put("agency_uscc", "secondary_code_left_out", other_last),
        put("first_practice_on", "bad_date", "2018年7月"),
        put("filed_on", "dates_out_of_order", "2001-01-01"),
        put("practice_status", "unknown_code", "兼职"),
        put("division_code", "unknown_division", "辽东市"),
    ),
    "agency_conduct": (
        USCC_FAULTS[0], OWN_DIVISION_FAULTS[0],
        put("conduct", "unknown_code", "口头提醒"),
        put("happened_on", "bad_date", "上半年"),
        put("matter_no", "missing_required", None),
        put("valid_until", "dates_out_of_order", "2021-01-01"),
    ),
    "protection_lists": (
        NO_CODE, USCC_FAULTS[0], AGAIN, DIVISION_FAULTS[1],
        put("trademark_no", "bad_trademark_no", "申请中"),
        Defect("trademark_no", "missing_required", lambda _: None, _if("right_kind", "trademark")),
        put("listed_until", "dates_out_of_order", "2019-01-01"),
        put("list_kind", "unknown_code", "老字号名录"),
        put("patent_no", "bad_patent_no", "ZL2017A060186"),
    ),
    "complaints": (
        NO_CODE, USCC_FAULTS[0], AGAIN,
        put("matter", "unknown_code", "服务态度"),
        Defect("closed_on", "missing_required", lambda _: None, _if("complaint_state", "closed")),
        put("accepted_on", "dates_out_of_order", "2021-12-01"),
        put("received_on", "bad_date", "上月"),
        OWN_DIVISION_FAULTS[0],
        put("complaint_no", "missing_required", None),
        put("registration_no", "secondary_code_left_out", "无法查明"),
        USCC_FAULTS[1],
        put("replied_on", "dates_out_of_order", "2021-12-01"),
        Defect("received_on", "outside_period", lambda _: "2022-10-08", lambda record: record["accepted_on"] is None),
    ),
    "campaign_cases": (
        NO_CODE,
        put("closed_on", "dates_out_of_order", "2021-01-05"),
        Defect("applications_cleaned", "missing_required", lambda _: None, _if("action_kind", "cleaned")),
        put("applications_cleaned", "bad_number", "数十件"),
        put("action_kind", "unknown_code", "走访"),
        put("acted_on", "missing_required", None),
        USCC_FAULTS[0], OWN_DIVISION_FAULTS[1],
    ),
    "inspections": (
        *USCC_FAULTS[:3], AGAIN, *OWN_DIVISION_FAULTS,
        put("inspector_2", "missing_required", None),
        put("drawn_on", "missing_required", "1900-01-01"),
        put("published_on", "dates_out_of_order", "2021-06-01"),
        put("inspection_result", "unknown_code", "基本合格"),
        Defect("fix_due_on", "missing_required", lambda _: None, _if("inspection_result", "problem_ordered")),
        Defect("problems", "missing_required", lambda _: None, _if("inspection_result", "problem_ordered")),
        put("problems_fixed_on", "dates_out_of_order", "2021-06-01"),
        put("document_no", "bad_document_no", "责改通知书"),
        put("inspected_on", "bad_date", "2022-06-31"),
    ),
    "commitments": (
        NO_CODE, *USCC_FAULTS[:2], AGAIN, OWN_DIVISION_FAULTS[0],
        put("content_sha256", "bad_sha256", lambda digest: str(digest)[:32]),
        Defect("due_on", "missing_required", lambda _: None, _if("commitment_type", "deferred")),
        Defect("deferred_documents", "missing_required", lambda _: None, _if("commitment_type", "deferred")),
        Defect("verified_on", "missing_required", lambda _: None, _if("verification_result", "kept")),
        put("verified_on", "dates_out_of_order", "2021-03-01"),
        Defect("breach_facts", "missing_required", lambda _: None, _if("verification_result", "not_kept")),
        put("commitment_type", "unknown_code", "口头承诺"),
        put("signed_on", "bad_date", "七月十五日"),
        put("valid_until", "dates_out_of_order", "2020-01-01"),
        put("template_version", "missing_required", None),
    ),
    "objections": (
        NO_CODE,
        put("accepted_on", "dates_out_of_order", "2021-11-01"),
        put("disputed_document_no", "bad_document_no", "处罚决定书"),
        Defect("decided_on", "missing_required", lambda _: None, _if("objection_result", "rejected")),
        put("filed_on", "missing_required", None),
    ),
    "repairs": (
        NO_CODE,
        Defect("is_performed", "condition_not_met", lambda _: "否", _if("repair_result", "granted")),
        put("repaired_document_no", "bad_document_no", "处罚决定书"),
        Defect("has_commitment", "missing_required", lambda _: None, _if("repair_result", "granted")),
        put("decided_on", "dates_out_of_order", lambda _: "2021-11-01"),
        put("repaired_behaviour", "unknown_code", "失信"),
    ),
    "measure_feedback": (
        NO_CODE,
        put("measure_effect", "unknown_code", "已落实"),
        put("applied_on", "bad_date", "本季度"),
        put("measure_code", "missing_required", None),
        USCC_FAULTS[0], OWN_DIVISION_FAULTS[0],
    ),
}  # fmt: skip
"""What goes wrong in each dataset; files take turns, so that the whole set holds every one."""
