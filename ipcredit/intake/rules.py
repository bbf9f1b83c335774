"""Limits and thresholds of intake, from `seeds/policy/intake_rules.csv`, and the wording of `issue_types.csv`."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ipcredit.settings import DBT_PROJECT

POLICY = DBT_PROJECT / "seeds" / "policy"


class FileRefused(Exception):
    """A file or sheet cannot be taken in.

    `code` is one of `issue_types.csv`, `detail` what was found, in Chinese and without personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class IssueType:
    """What a kind of issue is called, who has to act, and how it is mended."""

    code: str
    scope: str
    severity: str
    dimension: str
    actor: str
    title: str
    expectation: str
    remedy: str


def rules_on(day: date) -> dict[str, float]:
    """Every intake rule in force on `day`, as recorded by then: rule code to number, in the unit the seed names.

    As in every policy seed `effective_to` is the last day, a version is a whole set of rows, and an open version gives
    way to the one that took effect last.

    Raises:
        LookupError: no row covers the day for some rule.
    """
    today = day.isoformat()
    with (POLICY / "intake_rules.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    covering = [
        row
        for row in rows
        if row["recorded_on"] <= today and row["effective_from"] <= today <= (row["effective_to"] or today)
    ]
    latest = max(((row["effective_from"], int(row["version"])) for row in covering), default=None)
    found = {
        row["rule_code"]: float(row["value"])
        for row in covering
        if (row["effective_from"], int(row["version"])) == latest
    }
    if missing := sorted({row["rule_code"] for row in rows} - set(found)):
        raise LookupError(f"intake_rules.csv: no row covers {day} for {', '.join(missing)}.")
    return found


@lru_cache
def issue_types() -> dict[str, IssueType]:
    """Every issue type by its code."""
    with (POLICY / "issue_types.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {row["code"]: IssueType(**row) for row in csv.DictReader(lines)}
