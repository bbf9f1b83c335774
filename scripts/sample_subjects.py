"""A fictional province: subjects with valid but invented numbers, and the records that bureaus hold on them.

Every name holds the word 示例. Values are clean and typed; `sample_submissions.py` makes them look as they arrive.
"""

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from stdnum.cn import uscc as uscc_rules

ORGANISATIONS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds" / "reference" / "organisations.csv"
YEAR = 2022
QUARTERS = ("2022Q1", "2022Q2", "2022Q3")
CLASS_MONTHS = ("2022-07", "2022-08", "2022-09", "2022-10", "2022-11")
"""The general class is fed from July 2022 on (the provincial plan's second stage); earlier months are nil returns."""

Value = str | int | float | bool | date | None
Record = dict[str, Value]
Held = dict[str, list[Record]]
"""What a bureau holds already, by dataset: later records (a repair, say) are about earlier ones (a penalty)."""

# Subjects per 1000 of the province: roughly the share of each city, so that small bureaus have small files.
_WEIGHTS = (250, 240, 75, 50, 45, 60, 50, 55, 30, 35, 40, 25, 25, 25, 15)
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRST = "海辰启明瑞恒远嘉华安泰宏新科盛川岳东方锐晨北衡星"
_SECOND = "达源诚信凯创越丰航联拓智博兴润成光锦和通隆茂宇"
_TRADES = (
    ("精密仪器", "仪器仪表制造业"),
    ("数控机床", "通用设备制造业"),
    ("新材料", "化学原料和化学制品制造业"),
    ("生物医药", "医药制造业"),
    ("软件技术", "软件和信息技术服务业"),
    ("智能装备", "专用设备制造业"),
    ("汽车零部件", "汽车制造业"),
    ("食品", "食品制造业"),
    ("服饰", "纺织服装、服饰业"),
    ("环保工程", "生态保护和环境治理业"),
)
_SURNAMES = "赵钱孙李周吴郑王"
_BODIES = ("示例知识产权认证有限公司", "示例标准认证中心有限公司")


@dataclass(frozen=True)
class Bureau:
    """A submitting bureau; `short` is the city's name without 市, `mark` what its document numbers begin with."""

    code: str
    name: str
    short: str
    mark: str


@dataclass
class Subject:
    """An enterprise or agency. `is_agency` ones are agencies; some of them also carry the records of an enterprise."""

    uscc: str
    name: str
    industry: str
    county: str
    is_agency: bool
    agency_code: str | None = None


def bureaus() -> list[Bureau]:
    """The submitting bureaus, as the organisations seed has them."""
    with ORGANISATIONS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == "bureau"]
    found = []
    for row in rows:
        short = row["name"].removesuffix("知识产权局").removesuffix("市").removesuffix("示范区")
        # 沈抚 keeps both characters: 沈 is Shenyang's mark.
        mark = short[:1] if row["organisation_code"].isdigit() else short
        found.append(Bureau(row["organisation_code"], row["name"], short, mark))
    return found


def organisation_check_character(body: str) -> str:
    """Check character of an 8-character organisation code (GB 11714)."""
    total = sum(
        (int(c) if c.isdigit() else ord(c) - 55) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return "0123456789X0"[(11 - total % 11) % 11] if total % 11 != 1 else "X"


def uscc(rng: random.Random, prefix: str, division: str, *, numeric: bool = False) -> str:
    """A valid code: authority and class, division, organisation code with its check character, check character.

    Real codes since 2015 begin their organisation part with MA; `numeric` gives one of digits alone, as older ones are.
    """
    while True:
        body = "".join(rng.choices("0123456789", k=8)) if numeric else "MA" + "".join(rng.choices(_LETTERS, k=6))
        code = prefix + division + body + organisation_check_character(body)
        code += uscc_rules.calc_check_digit(code)
        if code.isdigit() == numeric:
            return code


def patent_number(rng: random.Random, year: int, kind: str) -> str:
    """A 13-character application number with its check character; `kind` is 1, 2 or 3."""
    digits = f"{year}{kind}{rng.randrange(100000, 9999999):07d}"
    total = sum(int(d) * w for d, w in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
    return f"{digits}.{'0123456789X'[total % 11]}"


def identity_number(rng: random.Random) -> str:
    """A well-formed identity number of a division that does not exist."""
    digits = (
        f"219999{rng.randrange(1960, 1999)}{rng.randrange(1, 13):02d}{rng.randrange(1, 28):02d}{rng.randrange(999):03d}"
    )
    total = sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(digits))
    return digits + "10X98765432"[total % 11]


def person(rng: random.Random) -> str:
    """A person's name that is plainly an example."""
    return f"{rng.choice(_SURNAMES)}示例"


def subjects_of(bureau: Bureau, count: int, rng: random.Random) -> list[Subject]:
    """`count` subjects, one in twenty (and at least two) an agency; names and codes do not repeat within a bureau."""
    division = bureau.code if bureau.code.isdigit() else "210400"
    found: dict[str, Subject] = {}
    agencies = max(2, count // 20)
    while len(found) < count:
        county = f"{rng.randrange(2, 5):02d}"
        stem = f"{bureau.short}示例{rng.choice(_FIRST)}{rng.choice(_SECOND)}"
        if len(found) < agencies:
            is_law_firm = rng.random() < 0.15
            kind = "律师事务所" if is_law_firm else rng.choice(("专利代理事务所（普通合伙）", "知识产权代理有限公司"))
            subject = Subject(
                uscc(rng, "31" if is_law_firm else "91", division[:4] + county),
                stem + kind,
                "商务服务业",
                "东西南"[int(county) - 2] + "例区",
                True,
            )
        else:
            trade, industry = rng.choice(_TRADES)
            numeric = rng.random() < 0.1
            subject = Subject(
                uscc(rng, "91", division[:4] + county, numeric=numeric),
                f"{stem}{trade}有限公司",
                industry,
                "东西南"[int(county) - 2] + "例区",
                False,
            )
        found.setdefault(subject.name, subject)
    return list(found.values())


def population(count: int, seed: int) -> dict[str, list[Subject]]:
    """About `count` subjects of the province, by bureau code; at least 12 for each bureau."""
    found: dict[str, list[Subject]] = {}
    for bureau, weight in zip(bureaus(), _WEIGHTS, strict=True):
        number = max(12, count * weight // sum(_WEIGHTS))
        found[bureau.code] = subjects_of(bureau, number, random.Random(f"{seed}:subjects:{bureau.code}"))
    agency_subjects = [s for subjects in found.values() for s in subjects if s.is_agency]
    for number, subject in enumerate(agency_subjects, 1):
        subject.agency_code = f"21{number % 1000:03d}"
    return found


def _day(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def quarter_days(period: str) -> tuple[date, date]:
    """First and last day of a period like 2022Q3."""
    year, quarter = int(period[:4]), int(period[5])
    following = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return date(year, quarter * 3 - 2, 1), following - timedelta(days=1)


def _plus_years(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28)) - timedelta(days=1)


def honours(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About one enterprise in six holds an honour; a few hold two, a few had one cancelled."""
    found: list[Record] = []
    for subject in subjects:
        kinds = [
            kind
            for kind, share in (
                ("national_demonstration", 0.02),
                ("national_advantage", 0.06),
                ("provincial_advantage", 0.1),
            )
            if rng.random() < share
        ]
        for kind in kinds:
            year = rng.choice((2020, 2021, 2022, 2022))
            awarded = _day(rng, date(year, 2, 1), date(year, 11, 20))
            national = kind != "provincial_advantage"
            cancelled = rng.random() < 0.02
            found.append(
                {
                    "uscc": subject.uscc,
                    "enterprise_name": subject.name,
                    "honour_type": kind,
                    "honour_year": year,
                    "batch": f"{year}年度",
                    "awarded_on": awarded,
                    "valid_until": _plus_years(awarded, 3),
                    "document_no": f"国知发运字〔{year}〕{awarded.month}号"
                    if national
                    else f"辽知发〔{year}〕{awarded.month}号",
                    "authority": "国家知识产权局" if national else "辽宁省知识产权局",
                    "review_result": rng.choice(("passed", "pending", None)),
                    "cancelled_on": awarded + timedelta(days=10) if cancelled else None,
                    "division_code": bureau.code,
                    "county_name": subject.county,
                    "industry": subject.industry,
                    "remarks": None,
                }
            )
    return found


def patent_awards(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About one enterprise in twenty-five has an award of the last two years."""
    found: list[Record] = []
    for subject in subjects:
        if subject.is_agency or rng.random() >= 0.04:
            continue
        china = rng.random() < 0.4
        year = rng.choice((2021, 2022))
        found.append(
            {
                "uscc": subject.uscc,
                "enterprise_name": subject.name,
                "award_type": "china_patent_award" if china else "liaoning_patent_award",
                "award_grade": rng.choice(
                    ("gold", "silver", "excellence", "excellence") if china else ("first", "second", "third")
                ),
                "award_year": year,
                "award_session": f"第{'二十三' if china else '二'}届",
                "patent_no": "ZL" + patent_number(rng, rng.randrange(2010, 2020), rng.choice("123")),
                "patent_title": "一种示例装置",
                "awarded_on": date(year, 7, 22) if china else date(year, 9, 9),
                "document_no": f"国知发运字〔{year}〕30号" if china else f"辽政发〔{year}〕18号",
                "authority": "国家知识产权局" if china else "辽宁省人民政府",
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def standard_certifications(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About one subject in five is certified."""
    found: list[Record] = []
    for subject in subjects:
        if rng.random() >= 0.2:
            continue
        certified = _day(rng, date(2020, 1, 10), date(2022, 11, 20))
        suspended = rng.random() < 0.03
        found.append(
            {
                "uscc": subject.uscc,
                "enterprise_name": subject.name,
                "management_standard": "enterprise",
                "certificate_no": f"{rng.choice((165, 181))}IP{certified:%y}{rng.randrange(10**5):05d}R0M",
                "certification_body": rng.choice(_BODIES),
                "certified_on": certified,
                "valid_until": _plus_years(certified, 3),
                "certificate_status": "suspended" if suspended else "valid",
                "status_changed_on": certified + timedelta(days=5) if suspended else None,
                "certified_scope": "研发、生产、销售",
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def agencies(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """Every agency; one in three works in patents and trademarks and has two rows."""
    found: list[Record] = []
    for subject in subjects:
        if not subject.is_agency:
            continue
        kinds = rng.choice((["patent_agency"], ["trademark_agency"], ["patent_agency", "trademark_agency"]))
        licensed = _day(rng, date(2004, 1, 5), date(2022, 6, 1))
        form = "law_firm" if "律师" in subject.name else "partnership" if "合伙" in subject.name else "company"
        for kind in kinds:
            found.append(
                {
                    "uscc": subject.uscc,
                    "agency_name": subject.name,
                    "agency_kind": kind,
                    "agency_code": subject.agency_code if kind == "patent_agency" else None,
                    "is_backbone": rng.random() < 0.3,
                    "agency_form": form,
                    "licence_no": f"2122{rng.randrange(10**6):06d}",
                    "licensed_on": licensed,
                    "agency_status": "practising",
                    "closed_on": None,
                    "head_name": person(rng),
                    "attorney_count": rng.randrange(3, 20),
                    "staff_count": rng.randrange(20, 60),
                    "authority": "国家知识产权局",
                    "address": f"{bureau.short}市示例路{rng.randrange(1, 200)}号",
                    "division_code": bureau.code,
                    "county_name": subject.county,
                    "remarks": None,
                }
            )
    return found


_BEHAVIOURS = (
    ("trademark_infringement", "销售侵犯注册商标专用权的商品", "《中华人民共和国商标法》第六十条"),
    ("counterfeit_patent", "销售假冒专利产品", "《中华人民共和国专利法》第六十八条"),
    ("gi_infringement", "擅自使用地理标志", "《地理标志产品保护规定》第二十一条"),
)
_AGENCY_BEHAVIOURS = (
    ("agency_violation", "违法从事专利代理业务", "《专利代理条例》第二十五条"),
    ("improper_solicitation", "以不正当手段招揽业务", "《专利代理条例》第二十五条"),
    ("abnormal_application", "代理非正常专利申请", "《专利代理条例》第二十五条"),
)


def penalties(bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held) -> list[Record]:
    """About 2 % of the subjects each quarter, agencies more often; one decision in twelve is on a natural person."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for subject in subjects:
        if rng.random() >= (0.06 if subject.is_agency else 0.02):
            continue
        behaviour, facts, basis = rng.choice(_AGENCY_BEHAVIOURS if subject.is_agency else _BEHAVIOURS)
        if not subject.is_agency and rng.random() < 0.08:
            behaviour, facts, basis = "unlicensed_agency", "擅自开展专利代理业务", "《专利代理条例》第二十七条"
        kind = rng.choice(("warning", "fine", "fine", "fine", "fine_and_confiscation", "confiscation"))
        if rng.random() < 0.05:
            kind = "business_suspended" if subject.is_agency else "licence_suspended"
        fine = rng.choice((2000, 5000, 8000, 15000, 20000, 30000, 60000, 120000)) if "fine" in kind else None
        confiscated = rng.randrange(500, 40000) if "confiscation" in kind else None
        decided = _day(rng, first, last)
        person_only = not subject.is_agency and rng.random() < 0.08
        found.append(
            {
                "party_name": person(rng) if person_only else subject.name,
                "party_type": "natural_person" if person_only else "legal_person",
                "uscc": None if person_only else subject.uscc,
                "legal_representative": None if person_only else person(rng),
                "person_id_type": "身份证" if person_only else None,
                "person_id_number": identity_number(rng) if person_only else None,
                "document_no": f"{bureau.mark}市监处罚〔{YEAR}〕{int(period[5]) * 1000 + len(found) + 1}号",
                "penalty_name": f"{facts}案",
                "violation_type": behaviour,
                "facts": facts,
                "legal_basis": basis,
                "penalty_kind": kind,
                "penalty_content": "；".join(
                    text
                    for text in (f"罚款{fine}元" if fine else "", f"没收违法所得{confiscated}元" if confiscated else "")
                    if text
                )
                or "予以行政处罚",
                "fine_amount": fine,
                "confiscated_amount": confiscated,
                "is_heavier": True if (fine or 0) >= 60000 else None,
                "decided_on": decided,
                "valid_until": date(2099, 12, 31),
                "publish_until": _plus_years(decided, 3),
                "authority": f"{bureau.short}市市场监督管理局",
                "data_source": bureau.name,
                "penalty_status": "normal",
                "local_code": bureau.code,
                "source_updated_at": f"{decided:%Y/%m/%d} 10:00:00",
                "division_code": bureau.code,
                "remarks": None,
            }
        )
    return found


def abnormal_patents(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """About 1 % of the subjects each quarter, with one to six applications; most are withdrawn."""
    first, last = quarter_days(period)
    own_agencies = [s for s in subjects if s.is_agency]
    found: list[Record] = []
    for subject in subjects:
        if subject.is_agency or rng.random() >= 0.012:
            continue
        notified = _day(rng, first, last - timedelta(days=20))
        agency = rng.choice(own_agencies) if rng.random() < 0.7 else None
        for _ in range(rng.randrange(1, 7)):
            kind, digit = rng.choice((("invention", "1"), ("utility_model", "2"), ("design", "3")))
            filed = _day(rng, date(2021, 3, 1), date(2021, 12, 20))
            state = rng.choice(("withdrawn", "withdrawn", "corrected", "uncorrected"))
            done = state in ("withdrawn", "corrected")
            found.append(
                {
                    "notice_batch": f"{YEAR}年第{'一二三'[int(period[5]) - 1]}批",
                    "notified_on": notified,
                    "document_no": f"国知办函保字〔{YEAR}〕{80 + int(period[5])}号",
                    "application_no": patent_number(rng, 2021, digit),
                    "patent_kind": kind,
                    "patent_title": "一种示例支架",
                    "filed_on": filed,
                    "applicant_name": subject.name,
                    "uscc": subject.uscc,
                    "agency_code": agency.agency_code if agency else None,
                    "agency_name": agency.name if agency else None,
                    "agency_uscc": agency.uscc if agency else None,
                    "attorney_name": person(rng) if agency else None,
                    "abnormal_circumstance": rng.choice(("similar_content", "capacity_mismatch", "plagiarised")),
                    "correction_state": state,
                    "corrected_on": notified + timedelta(days=rng.randrange(5, 20)) if done else None,
                    "authority": "国家知识产权局",
                    "division_code": bureau.code,
                    "county_name": subject.county,
                    "remarks": None,
                }
            )
    return found


def malicious_trademarks(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, held: Held
) -> list[Record]:
    """A few subjects each quarter; one application in ten has a second class."""
    first, last = quarter_days(period)
    found: list[Record] = []
    for subject in subjects:
        if subject.is_agency or rng.random() >= 0.007:
            continue
        decided = _day(rng, first, last)
        number = f"{rng.randrange(50000000, 66000000)}"
        for trademark_class in rng.sample(range(1, 46), rng.choice((1, 1, 1, 2))):
            found.append(
                {
                    "trademark_no": number,
                    "trademark_class": trademark_class,
                    "trademark_name": "示例牌",
                    "applied_on": _day(rng, date(2021, 1, 4), date(2021, 12, 20)),
                    "applicant_name": subject.name,
                    "uscc": subject.uscc,
                    "malicious_circumstance": rng.choice(("hoarding", "squatting", "public_resource")),
                    "trademark_decision": rng.choice(("refused", "not_registered", "invalidated")),
                    "document_no": f"国知商审字〔{YEAR}〕{rng.randrange(1000, 9999)}号",
                    "decided_on": decided,
                    "authority": "国家知识产权局",
                    "division_code": bureau.code,
                    "county_name": subject.county,
                    "remarks": None,
                }
            )
    return found


def general_risk_class(
    bureau: Bureau, subjects: list[Subject], period: str, rng: random.Random, seed: int
) -> list[Record]:
    """Nearly every subject, mostly B; about 3 % are not classified at all and get no grade. Classes change rarely."""
    found: list[Record] = []
    classified = date(int(period[:4]), int(period[5:7]), 20)
    for subject in subjects:
        steady = random.Random(f"{seed}:class:{subject.uscc}")
        if steady.random() < 0.03:
            continue
        usual = steady.choices("ABCD", (20, 66, 11, 3))[0]
        now = steady.choice("ABC") if rng.random() < 0.01 else usual
        found.append(
            {
                "uscc": subject.uscc,
                "enterprise_name": subject.name,
                "risk_class": now,
                "risk_score": {"A": 120, "B": 320, "C": 560, "D": 800}[now] + rng.randrange(100),
                "classified_on": classified,
                "classified_by": "辽宁省“互联网+监管”系统",
                "division_code": bureau.code,
                "county_name": subject.county,
                "remarks": None,
            }
        )
    return found


def serious_list(penalty_records: list[Record], period: str, rng: random.Random) -> list[Record]:
    """What the provincial market authority lists: the first few heavily fined parties of that quarter's penalties."""
    _, last = quarter_days(period)
    heavy = [r for r in penalty_records if r["uscc"] and r["fine_amount"] == 120000]
    found: list[Record] = []
    for penalty in heavy[:6]:
        found.append(
            {
                "uscc": penalty["uscc"],
                "enterprise_name": penalty["party_name"],
                "legal_representative": penalty["legal_representative"],
                "legal_representative_id": identity_number(rng),
                "listing_cause": "intentional_infringement",
                "cause_text": penalty["facts"],
                "legal_basis": "总局令第44号第九条第（二）项",
                "document_no": f"辽市监列严字〔{YEAR}〕{int(period[5]) * 100 + len(found) + 1}号",
                "listed_on": last,
                "listed_until": _plus_years(last, 3),
                "authority": "辽宁省市场监督管理局",
                "penalty_document_no": penalty["document_no"],
                "division_code": penalty["division_code"],
                "remarks": None,
            }
        )
    return found
