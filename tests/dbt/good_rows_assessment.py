"""Sound rows of the datasets of models/staging/assessment, as a function of a number each."""

from collections.abc import Callable
from hashlib import sha256

Row = dict[str, str | None]


def _indicator_judgement(number: int) -> Row:
    return {
        "assessment_year": "2022",
        "rule_id": "32",
        "division_code": "丹东市",
        "county_name": f"示例{number}区",
        "responsible_unit": "丹东市知识产权局",
        "judged_points": "1.5",
        "evidence_id": f"PF-32-{number}",
        "evidence_sha256": sha256(b"").hexdigest(),
        "evidence_on": "2022-11-28",
        "scorer_role": "省知识产权局",
        "scorer_unit": "辽宁省知识产权局",
        "judged_on": "2022-12-02",
    }


def _scorecard_signoff(number: int) -> Row:
    return {
        "assessment_year": "2022",
        "division_code": "丹东市",
        "county_name": f"示例{number}区",
        "signed_points": "86.5",
        "signed_by_role": "省知识产权局",
        "signed_by_unit": "辽宁省知识产权局",
        "signed_on": "2022-12-03",
        "document_no": "辽知发〔2022〕60号",
    }


GOOD_ROWS: dict[str, Callable[[int], Row]] = {
    "indicator_judgements": _indicator_judgement,
    "scorecard_signoffs": _scorecard_signoff,
}
