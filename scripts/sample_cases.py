"""The fictional province's cases and transfers, two-laws entries, mediation, legal aid and well-known marks.

Makers and what goes wrong, as `sample_submissions.py` wants them. What belongs together fits together: a punished
party has a case, a case that was transferred has its transfer, a mediated one its mediation.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

from sample_defects import AGAIN, USCC_FAULTS, Defect, other_city, put
from sample_subjects import YEAR, Bureau, Held, Record, Subject, bureaus, person, quarter_days
from sheets import ErrorCell

_TYPES_OF_BEHAVIOURS = {
    "trademark_infringement": "trademark",
    "counterfeit_patent": "counterfeit_patent",
    "gi_infringement": "geographical_indication",
}
_OTHER_TYPES = {
    "patent_infringement": 45, "other_patent_dispute": 15, "copyright": 15, "trade_secret": 8, "official_mark": 5,
    "trademark": 7, "counterfeit_patent": 5,
}  # fmt: skip
_MODES: dict[str, dict[str, int]] = {
    "patent_infringement": {"adjudication": 60, "mediation": 25, "withdrawn": 15},
    "other_patent_dispute": {"mediation": 85, "withdrawn": 15},
}
_ENFORCEMENT_MODES = {"penalty": 70, "no_penalty": 20, "revoked": 10}
_NEIGHBOURS = ("吉林省长春市", "河北省唐山市", "山东省烟台市")


def _chosen(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _authority(bureau: Bureau) -> str:
    return f"{bureau.short}{'市' if bureau.code.isdigit() else '示范区'}市场监督管理局"


def _day(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _case_no(bureau: Bureau, period: str, number: int) -> str:
    return f"{bureau.mark}市监立〔{YEAR}〕{int(period[5]) * 1000 + number}号"


def _unpunished_count(subjects: list[Subject]) -> int:
    """Cases a bureau files each quarter beside those of its penalties; they have the first numbers of the quarter."""
    return max(2, len(subjects) * 2 // 100)


def cases(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 4 % of the subjects each quarter: the quarter's penalties, as many others, and what was still open."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for subject in rng.sample([s for s in subjects if not s.is_agency], _unpunished_count(subjects)):
        filed = _day(rng, first, last)
        case = _filed(bureau, period, len(found) + 1, filed, rng) | {
            "case_type": _chosen(rng, _OTHER_TYPES),
            "respondent_name": subject.name,
            "uscc": subject.uscc,
            "county_name": subject.county,
        }
        if rng.random() < 0.08:
            case |= {"respondent_name": person(rng), "uscc": None}
        closed = filed + timedelta(days=rng.randrange(20, 61) if rng.random() < 0.9 else 120)
        found.append(_closed(case, closed, rng) if closed <= last else case)
    for penalty in held.get("penalties", []):
        decided = cast(date, penalty["decided_on"])
        if not first <= decided <= last:
            continue
        filed = max(first, decided - timedelta(days=rng.randrange(10, 50)))
        case = _filed(bureau, period, len(found) + 1, filed, rng) | {
            "case_type": _TYPES_OF_BEHAVIOURS.get(str(penalty["violation_type"]), "agency_violation"),
            "cause": penalty["facts"],
            "respondent_name": penalty["party_name"],
            "uscc": penalty["uscc"],
        }
        found.append(_closed(case, decided, rng, str(penalty["document_no"])))
    return found + [_closed_later(case, first, rng) for case in _still_open(held.get("cases", []))]


def _filed(bureau: Bureau, period: str, number: int, filed: date, rng: random.Random) -> Record:
    return {
        "case_no": _case_no(bureau, period, number),
        "cause": "涉嫌侵犯知识产权",
        "case_source": rng.choice(("request", "complaint", "complaint", "inspection", "assigned")),
        "claimant_kind": rng.choice(("enterprise", "enterprise", "research", "natural_person", "foreign")),
        "registration_no": None,
        "received_on": filed - timedelta(days=rng.randrange(1, 8)),
        "filed_on": filed,
        "case_state": "open",
        "closed_on": None,
        "closing_mode": None,
        "case_amount": rng.randrange(500, 90000) if rng.random() < 0.6 else None,
        "is_extended": False,
        "has_technical_investigator": rng.random() < 0.1,
        "is_transferred": rng.random() < 0.05,
        "is_publishable": None,
        "nondisclosure_reason": None,
        "published_on": None,
        "system_report_due_on": None,
        "system_reported_on": None,
        "returned_count": 0,
        "authority": _authority(bureau),
        "division_code": bureau.code,
        "remarks": None,
    }


def _closed(case: Record, closed: date, rng: random.Random, penalty: str | None = None) -> Record:
    """The case, closed: most of it published, 5 % late in the national case information system, 2 % returned by it."""
    mode = "penalty" if penalty else _chosen(rng, _MODES.get(str(case["case_type"]), _ENFORCEMENT_MODES))
    publishable = mode in ("adjudication", "penalty")
    published = closed + timedelta(days=rng.randrange(3, 20)) if publishable and rng.random() < 0.96 else None
    due = closed + timedelta(days=15)
    reported = due + timedelta(days=rng.randrange(1, 20) if rng.random() < 0.05 else -rng.randrange(1, 14))
    returned = rng.random() < 0.02
    return case | {
        "case_state": "closed",
        "closed_on": closed,
        "closing_mode": mode,
        "decision_no": penalty or f"{str(case['case_no']).replace('市监立', '知裁' if publishable else '知结')}",
        "is_publishable": publishable,
        "nondisclosure_reason": None if publishable else "not_subject",
        "published_on": published,
        "published_at": f"{case['authority']}网站" if published else None,
        "system_report_due_on": due,
        "system_reported_on": reported,
        "returned_count": 1 if returned else 0,
        "returned_on": reported + timedelta(days=4) if returned else None,
    }


def _still_open(earlier: list[Record]) -> list[Record]:
    latest = {case["case_no"]: case for case in earlier}
    return [case for case in latest.values() if case["case_state"] == "open"]


def _closed_later(case: Record, first: date, rng: random.Random) -> Record:
    """A case of an earlier quarter: closed in this one, but for a few that stay open."""
    filed = cast(date, case["filed_on"])
    if rng.random() < 0.05:
        return case | {"is_extended": True}
    return _closed(case, max(first, filed + timedelta(days=rng.randrange(40, 90))), rng)


def case_transfers(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """The transfers of the cases marked so, one clue each quarter, and now and then one that comes in."""
    first, last = quarter_days(period)
    # A case that was carried over stands there twice.
    filed = {case["case_no"]: case for case in held.get("cases", []) if first <= cast(date, case["filed_on"]) <= last}
    matters: list[Record] = [
        {"matter": "case", "case_no": number, "case_type": case["case_type"], "sent_on": case["filed_on"]}
        for number, case in filed.items()
        if case["is_transferred"]
    ]
    matters.append({"matter": "clue", "clue_no": f"XS{YEAR}{period[5]}01", "sent_on": _day(rng, first, last)})
    found = [_transfer(bureau, period, number, matter, last, rng) for number, matter in enumerate(matters, 1)]
    if rng.random() < 0.3:
        sender = rng.choice([other for other in bureaus() if other.code != bureau.code])
        received = _day(rng, first, last)
        found.append(
            _transfer(sender, period, 90, {"matter": "clue", "sent_on": received}, last, rng)
            | {
                "direction": "received",
                "transfer_level": "cross_city",
                "to_unit": _authority(bureau),
                "to_region": bureau.short,
                "sent_on": received - timedelta(days=4),
                "received_on": received,
                "receipt_no": f"{bureau.mark}市监移回〔{YEAR}〕{int(period[5]) * 100 + 1}号",
                "outcome": "accepted",
                "outcome_on": received,
                "division_code": bureau.code,
            }
        )
    return found


def _transfer(bureau: Bureau, period: str, number: int, matter: Record, last: date, rng: random.Random) -> Record:
    sent = min(last, cast(date, matter["sent_on"]) + timedelta(days=rng.randrange(0, 5)))
    level = rng.choice(
        ("cross_department", "cross_department", "cross_city", "cross_city", "cross_province", "criminal")
    )
    region = {
        "cross_city": "沈阳市" if bureau.code != "210100" else "大连市",
        "cross_province": rng.choice(_NEIGHBOURS),
    }
    place = region.get(level, f"{bureau.short}市")
    office = {"criminal": "公安局", "cross_department": "文化市场综合行政执法队"}.get(level, "市场监督管理局")
    answered = rng.random() < 0.9
    received = sent + timedelta(days=rng.randrange(2, 12))
    return {
        "transfer_no": f"{bureau.mark}移{period}-{number:03d}",
        "direction": "sent",
        "case_no": None,
        "clue_no": None,
        "case_type": None,
        "transfer_level": level,
        "from_unit": _authority(bureau),
        "to_unit": place + office,
        "to_region": place,
        "transfer_slip_no": f"{bureau.mark}市监移〔{YEAR}〕{int(period[5]) * 100 + number}号",
        "received_on": received if answered else None,
        "receipt_no": f"受移回〔{YEAR}〕{int(period[5]) * 100 + number}号" if answered else None,
        "outcome": rng.choice(("accepted", "case_filed", "closed")) if answered else "pending",
        "outcome_on": received if answered else None,
        "division_code": bureau.code,
        "remarks": None,
    } | matter | {"sent_on": sent}  # fmt: skip


def two_laws_entries(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """Six in ten of the cases without a penalty of their own; one in twelve goes on to the police."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for bureau in bureaus():
        for number in range(1, _unpunished_count(people[bureau.code]) + 1):
            if rng.random() >= 0.6:
                continue
            entered = _day(rng, first, last)
            for kind in ("entered", "sent_to_police") if rng.random() < 0.08 else ("entered",):
                certified = kind == "entered" and rng.random() < 0.95
                found.append(
                    {
                        "entry_no": f"LF{bureau.mark}{period}{number:04d}{'Y' if kind != 'entered' else ''}",
                        "case_no": _case_no(bureau, period, number),
                        "entry_kind": kind,
                        "entering_unit": _authority(bureau),
                        "division_code": bureau.code,
                        "entered_on": entered,
                        "certified_on": last + timedelta(days=10) if certified else None,
                        "certificate_no": f"辽双打办〔{YEAR}〕{10 + int(period[5])}号" if certified else None,
                        "remarks": None,
                    }
                )
    return found


def mediations(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 1.5 % of the subjects each quarter are asked to the table, beside the cases closed by mediation."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for subject in rng.sample([s for s in subjects if not s.is_agency], max(2, len(subjects) * 3 // 200)):
        accepted = _day(rng, first, last - timedelta(days=40))
        kind = rng.choice(("peoples", "peoples", "peoples", "industry", "arbitration"))
        result = rng.choice(("success", "success", "success", "failure", "withdrawn", None))
        found.append(
            _mediation(bureau, period, len(found) + 1, kind, accepted, result, rng)
            | {"respondent_name": subject.name, "uscc": subject.uscc, "county_name": subject.county}
        )
    for case in held.get("cases", []):
        if case["closing_mode"] != "mediation":
            continue
        filed, closed = cast(date, case["filed_on"]), cast(date, case["closed_on"])
        if not first <= closed <= last:
            continue
        found.append(
            _mediation(bureau, period, len(found) + 1, "administrative", filed, "success", rng)
            | {
                "right_kind": "patent",
                "case_no": case["case_no"],
                "respondent_name": case["respondent_name"],
                "uscc": case["uscc"],
                "closed_on": closed,
                "confirmed_on": None,
                "is_confirmed": False,
                "confirmation_no": None,
                "court": None,
            }
            | (_confirmation(bureau, period, len(found) + 1, closed) if rng.random() < 0.3 else {})
        )
    return found


def _mediation(
    bureau: Bureau, period: str, number: int, kind: str, accepted: date, result: str | None, rng: random.Random
) -> Record:
    closed = accepted + timedelta(days=rng.randrange(5, 36)) if result else None
    venue = "own" if kind == "arbitration" else rng.choice(("own", "own", "park", "market", "exhibition", "platform"))
    body = {"peoples": "知识产权纠纷人民调解委员会", "arbitration": "仲裁委员会", "industry": "知识产权协会调解中心"}
    confirmed = closed and result == "success" and kind == "peoples" and rng.random() < 0.3
    return {
        "mediation_no": f"{bureau.mark}知调{period}-{number:03d}",
        "mediation_kind": kind,
        "organisation": f"{bureau.short}{body[kind]}" if kind in body else bureau.name,
        "is_ip_system": kind in ("peoples", "administrative"),
        "right_kind": rng.choice(("patent", "trademark", "trademark", "copyright")),
        "source": rng.choice(("application", "application", "court", "department")),
        "venue": venue,
        "venue_name": None if venue == "own" else f"{bureau.short}示例产业园",
        "case_no": None,
        "registration_no": None,
        "accepted_on": accepted,
        "closed_on": closed,
        "result": result,
        "agreement_no": f"{bureau.mark}知调协{period}-{number:03d}" if result == "success" else None,
        "disputed_amount": rng.randrange(1000, 300000) if rng.random() < 0.7 else None,
        "is_confirmed": bool(confirmed) if result else None,
        "confirmed_on": None,
        "confirmation_no": None,
        "court": None,
        "division_code": bureau.code,
        "remarks": None,
    } | (_confirmation(bureau, period, number, closed) if closed and confirmed else {})


def _confirmation(bureau: Bureau, period: str, number: int, closed: date) -> Record:
    return {
        "is_confirmed": True,
        "confirmed_on": closed + timedelta(days=20),
        "confirmation_no": f"〔{YEAR}〕辽民特{int(period[5]) * 100 + number}号",
        "court": f"{bureau.short}市中级人民法院",
    }


def legal_aid(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 1 % of the subjects each quarter, and a training and a service on the spot for many at once."""
    first, last = quarter_days(period)
    kinds = ["sme_training", "onsite_service"]
    kinds += rng.choices(
        ("infringement_clue", "opinion", "enquiry", "case_support", "overseas"),
        (4, 3, 3, 1, 1),
        k=max(2, len(subjects) // 100),
    )
    found: list[Record] = []
    for number, kind in enumerate(kinds, 1):
        for_many = kind in ("sme_training", "onsite_service")
        subject = rng.choice([s for s in subjects if not s.is_agency])
        found.append(
            {
                "aid_no": f"{bureau.mark}援{period}-{number:03d}",
                "aid_kind": kind,
                "provided_on": _day(rng, first, last),
                "provider": f"{bureau.short}知识产权维权援助中心",
                "station": rng.choice(("centre", "branch", "station")),
                "right_kind": rng.choice(("patent", "trademark")),
                "document_no": f"{bureau.mark}知援〔{YEAR}〕{int(period[5]) * 100 + number}号",
                "event_name": f"{bureau.short}示例产品博览会" if for_many else None,
                "occasion": rng.choice(("exhibition", "fair", "innovation")) if kind == "onsite_service" else None,
                "participants": rng.randrange(15, 120) if for_many else None,
                "clue_receiver": _authority(bureau) if kind == "infringement_clue" else None,
                "clue_outcome": rng.choice(("pending", "case_filed")) if kind == "infringement_clue" else None,
                "beneficiary_name": None if for_many else subject.name,
                "uscc": None if for_many else subject.uscc,
                "registration_no": None,
                "recovered_amount": rng.randrange(10000, 500000) if kind == "overseas" else None,
                "division_code": bureau.code,
                "county_name": None if for_many else subject.county,
                "remarks": None,
            }
        )
    return found


def well_known_marks(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """Two marks a year and bureau; a large one asks for more. Most are recognised, and most of those protected."""
    found: list[Record] = []
    for subject in rng.sample([s for s in subjects if not s.is_agency], max(2, len(subjects) // 300)):
        requested = _day(rng, date(YEAR, 1, 10), date(YEAR, 5, 20))
        submitted = requested + timedelta(days=rng.randrange(10, 30)) if rng.random() < 0.9 else None
        decided = submitted + timedelta(days=rng.randrange(40, 80)) if submitted and rng.random() < 0.8 else None
        recognised = decided and rng.random() < 0.8
        protected = decided + timedelta(days=rng.randrange(15, 80)) if decided and rng.random() < 0.8 else None
        protected = protected if recognised else None
        found.append(
            {
                "request_no": f"{bureau.mark}市监请〔{YEAR}〕{len(found) + 1}号",
                "trademark_name": "示例牌",
                "trademark_no": f"{rng.randrange(1000000, 30000000)}",
                "trademark_class": rng.randrange(1, 46),
                "registrant_name": subject.name,
                "uscc": subject.uscc,
                "registration_no": None,
                "requested_on": requested,
                "submitted_on": submitted,
                "decided_on": decided,
                "decision_no": f"国知保函〔{YEAR}〕{rng.randrange(20, 90)}号" if decided else None,
                "recognition": ("recognised" if recognised else "refused") if decided else None,
                "protection_action": "penalty" if protected else None,
                "protected_on": protected,
                "protection_no": f"{bureau.mark}市监处罚〔{YEAR}〕{9000 + len(found)}号" if protected else None,
                "papers_reported_on": protected + timedelta(days=8) if protected else None,
                "authority": _authority(bureau),
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


MAKERS = {
    "cases": cases,
    "case_transfers": case_transfers,
    "mediations": mediations,
    "legal_aid": legal_aid,
    "well_known_marks": well_known_marks,
}
PROVINCIAL_MAKERS = {"two_laws_entries": two_laws_entries}


def _where(fits: Callable[[Record], object], defect: Defect) -> Defect:
    """The defect only in rows where it is the one thing that is wrong."""
    return Defect(defect.column, defect.issue, defect.spoil, lambda record: bool(fits(record)))


def _has(column: str) -> Callable[[Record], object]:
    return lambda record: record.get(column) is not None


def _is(column: str, *values: object) -> Callable[[Record], object]:
    return lambda record: record.get(column) in values


_CLOSED = _is("case_state", "closed")
_NO_CODE = _where(_has("uscc"), put("uscc", "subject_to_be_matched", None))
_NO_CASE = put("case_no", "missing_required", lambda _: None)
_ELSEWHERE = put("division_code", "division_of_other_bureau", other_city)

DEFECTS: dict[str, tuple[Defect, ...]] = {
    # The largest bureaus come first, and with them what fits few rows.
    "cases": (
        _where(_is("is_publishable", False), put("nondisclosure_reason", "missing_required", None)),
        _where(
            lambda r: r["case_state"] == "closed" and r["published_on"] is None,
            put("closed_on", "outside_period", "2022-11-30"),
        ),
        _NO_CODE, *USCC_FAULTS, AGAIN, _ELSEWHERE,
        put("case_no", "missing_required", None),
        put("case_no", "bad_document_no", "立案12号"),
        put("case_type", "unknown_code", "不正当竞争"),
        put("filed_on", "bad_date", "八月中旬"),
        put("filed_on", "missing_required", None),
        _where(_CLOSED, put("closed_on", "missing_required", None)),
        _where(_CLOSED, put("closing_mode", "missing_required", None)),
        _where(_CLOSED, put("closing_mode", "unknown_code", "协商")),
        _where(
            lambda r: r["case_state"] == "closed" and r["case_type"] not in _MODES,
            put("closing_mode", "fields_disagree", "行政裁决"),
        ),
        _where(_CLOSED, put("case_state", "fields_disagree", "办理中")),
        _where(_CLOSED, put("is_publishable", "missing_required", None)),
        _where(_CLOSED, put("is_publishable", "bad_boolean", "待定")),
        put("published_on", "dates_out_of_order", lambda _: "2021-12-31"),
        put("system_report_due_on", "missing_required", lambda _: None),
        put("returned_count", "bad_number", "两次"),
        put("returned_count", "number_out_of_range", -1),
        put("case_amount", "bad_number", "若干"),
        put("case_amount", "number_out_of_range", -500),
        _where(_has("uscc"), put("registration_no", "secondary_code_left_out", "无法查明")),
        put("authority", "cell_error", ErrorCell()),
        _NO_CODE,
    ),
    "case_transfers": (
        _where(_has("receipt_no"), put("receipt_no", "missing_required", None)),
        put("transfer_level", "unknown_code", "县内"),
        AGAIN, _ELSEWHERE,
        put("received_on", "dates_out_of_order", lambda _: "2021-06-01"),
        _where(_has("receipt_no"), put("received_on", "missing_required", None)),
        _NO_CASE,
        put("transfer_slip_no", "bad_document_no", "见移送函"),
        _where(_is("direction", "sent"), put("sent_on", "outside_period", "2021-12-30")),
        put("transfer_slip_no", "missing_required", None),
        put("sent_on", "bad_date", "上月"),
        put("to_unit", "cell_error", ErrorCell()),
        _NO_CASE,
    ),
    "two_laws_entries": (
        put("division_code", "unknown_division", "辽东市"),
        _where(_has("certificate_no"), put("certificate_no", "missing_required", None)),
        put("entered_on", "outside_period", "2021-12-01"),
        put("certified_on", "dates_out_of_order", lambda _: "2021-01-05"),
        put("entry_kind", "unknown_code", "登记"),
        AGAIN,
        put("entry_no", "missing_required", None),
    ),
    "mediations": (
        put("confirmation_no", "missing_required", lambda _: None),
        put("confirmed_on", "dates_out_of_order", lambda _: "2021-03-04"),
        _where(_is("is_confirmed", True), put("is_confirmed", "fields_disagree", "否")),
        _NO_CODE, *USCC_FAULTS[:2], AGAIN, _ELSEWHERE,
        put("mediation_kind", "unknown_code", "信访"),
        put("accepted_on", "missing_required", None),
        put("is_ip_system", "missing_required", None),
        put("is_ip_system", "bad_boolean", "不详"),
        put("result", "missing_required", lambda _: None),
        _where(_is("is_confirmed", False), put("closed_on", "missing_required", None)),
        _where(_is("is_confirmed", False), put("closed_on", "dates_out_of_order", "2021-02-03")),
        put("venue_name", "missing_required", lambda _: None),
        put("disputed_amount", "number_out_of_range", -1),
    ),
    "legal_aid": (
        _NO_CODE, USCC_FAULTS[0], AGAIN, _ELSEWHERE,
        put("aid_kind", "unknown_code", "其他服务"),
        _where(_is("aid_kind", "opinion"), put("document_no", "missing_required", None)),
        _where(_is("aid_kind", "sme_training"), put("participants", "missing_required", None)),
        _where(_is("aid_kind", "sme_training"), put("participants", "bad_number", "四十余")),
        _where(_is("aid_kind", "onsite_service"), put("occasion", "missing_required", None)),
        put("event_name", "missing_required", lambda _: None),
        put("clue_receiver", "missing_required", lambda _: None),
        put("provided_on", "outside_period", "2021-11-30"),
        put("provided_on", "bad_date", "本季度"),
    ),
    "well_known_marks": (
        _NO_CODE,
        _where(_has("decided_on"), put("decision_no", "missing_required", None)),
        put("trademark_no", "bad_trademark_no", "注册中"),
        put("trademark_class", "number_out_of_range", 46),
        put("protected_on", "dates_out_of_order", lambda _: "2021-05-06"),
        put("recognition", "missing_required", lambda _: None),
        put("requested_on", "missing_required", None),
        _where(_is("recognition", "refused"), put("recognition", "unknown_code", "待定")),
        _ELSEWHERE, AGAIN,
    ),
}  # fmt: skip
"""What goes wrong in each dataset; files take turns, so that the whole set holds every one."""
