"""Sample points that the province awards, and the sign-off of one scorecard."""

import random
from datetime import date, timedelta
from hashlib import sha256

from sample_defects import Defect
from sample_subjects import Record, Subject, bureaus
from sheets import Cell

_OFFICE: Record = {"scorer_role": "provincial_ip_office", "scorer_unit": "辽宁省知识产权局"}
# Rule and the most that it may give, of what the assessment of 2022 leaves to judgement.
_JUDGED = (
    ("3", 1.0), ("7(1)", 1.0), ("8(2)", 1.5), ("20", 1.0), ("27(2)", 1.5), ("31(2)", 1.5), ("32", 2.0), ("34(1)b", 0.5),
)  # fmt: skip
_NOT_JUDGED = {"211200": ("27(2)", "31(2)", "32"), "LN-SF": tuple(rule for rule, _ in _JUDGED)}
"""Points still to be awarded: three of one city, and everything of the area, which is not ranked."""

_SIGNED, _SIGNED_POINTS = "210600", 68.5


def indicator_judgements(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """Points of most rules for most cities, each with its evidence."""
    judged_on = date(int(period), 12, 2)
    found: list[Record] = []
    for bureau in bureaus():
        for rule, most in _JUDGED:
            if rule in _NOT_JUDGED.get(bureau.code, ()):
                continue
            number = f"PF-{bureau.code}-{rule}"
            found.append(
                {
                    "assessment_year": int(period),
                    "rule_id": rule,
                    "division_code": bureau.code,
                    "county_name": "市本级",
                    "responsible_unit": bureau.name,
                    "judged_points": round(rng.choice((0, 0.5, 0.8, 1, 1)) * most, 2),
                    "evidence_id": f"{number}-1",
                    "evidence_sha256": sha256(number.encode()).hexdigest(),
                    "evidence_on": judged_on - timedelta(days=rng.randrange(2, 40)),
                    "judged_on": judged_on,
                    "change_reason": None,
                    "remarks": None,
                }
                | _OFFICE
            )
    return found


def scorecard_signoffs(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """One city's scorecard, signed on the day after its points were awarded."""
    return [
        {
            "assessment_year": int(period),
            "division_code": _SIGNED,
            "county_name": "市本级",
            "signed_points": _SIGNED_POINTS,
            "signed_by_role": "provincial_market_regulator",
            "signed_by_unit": "辽宁省市场监督管理局",
            "signed_on": date(int(period), 12, 3),
            "document_no": f"辽知发〔{period}〕60号",
            "change_reason": None,
            "remarks": None,
        }
    ]


MAKERS = {}
PROVINCIAL_MAKERS = {"indicator_judgements": indicator_judgements, "scorecard_signoffs": scorecard_signoffs}


def _elsewhere(column: str, issue: str, value: Cell, city: str | None = None) -> Defect:
    """A wrong cell in the points of one or any city, but not of the one whose scorecard is signed."""

    def fits(record: Record) -> bool:
        return record["division_code"] == city if city else record["division_code"] != _SIGNED

    return Defect(column, issue, lambda _: value, fits)


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "indicator_judgements": (
        _elsewhere("judged_points", "points_above_maximum", 2.5),
        _elsewhere("scorer_unit", "own_unit", "大连市知识产权局", "210200"),
        _elsewhere("evidence_id", "missing_required", None),
        _elsewhere("scorer_unit", "unknown_organisation", "省考核工作组"),
        _elsewhere("rule_id", "rule_not_judged", "12(1)"),
        _elsewhere("evidence_on", "dates_out_of_order", "2022-12-20"),
    ),
    "scorecard_signoffs": (),
}
