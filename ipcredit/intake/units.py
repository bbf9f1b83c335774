"""The units that submit: 14 cities, 沈抚示范区 and the provincial offices, from `seeds/reference/organisations.csv`."""

import csv
from dataclasses import dataclass

from ipcredit.settings import DBT_PROJECT

ORGANISATIONS = DBT_PROJECT / "seeds" / "reference" / "organisations.csv"


@dataclass(frozen=True)
class Unit:
    """A submitting unit; `code` names its drop folder."""

    code: str
    name: str
    role: str


def submitting_units() -> list[Unit]:
    """Every unit of the reference seed, in its order."""
    with ORGANISATIONS.open(encoding="utf-8-sig", newline="") as lines:
        return [Unit(row["organisation_code"], row["name"], row["role"]) for row in csv.DictReader(lines)]
