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
    """Every intake rule in force on `day`: rule code to number, in the unit the seed names.

    Raises:
        LookupError: no row, or more than one, covers the day for some rule.
    """
    found: dict[str, float] = {}
    codes: set[str] = set()
    with (POLICY / "intake_rules.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            codes.add(row["rule_code"])
            if row["effective_from"] <= day.isoformat() and (
                not row["effective_to"] or day.isoformat() < row["effective_to"]
            ):
                if row["rule_code"] in found:
                    raise LookupError(f"intake_rules.csv: two rows of {row['rule_code']} cover {day}.")
                found[row["rule_code"]] = float(row["value"])
    if missing := sorted(codes - set(found)):
        raise LookupError(f"intake_rules.csv: no row covers {day} for {', '.join(missing)}.")
    return found


@lru_cache
def issue_types() -> dict[str, IssueType]:
    """Every issue type by its code."""
    with (POLICY / "issue_types.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {row["code"]: IssueType(**row) for row in csv.DictReader(lines)}
