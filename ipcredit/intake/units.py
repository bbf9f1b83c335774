"""The units that submit: 14 cities, 沈抚示范区 and the provincial offices, from `seeds/reference/organisations.csv`."""

import csv
from dataclasses import dataclass
from functools import cache

from ipcredit.contracts import SUBMITTING_ROLES
from ipcredit.settings import DBT_PROJECT

REFERENCE = DBT_PROJECT / "seeds" / "reference"


@dataclass(frozen=True)
class Unit:
    """A submitting unit; `code` names its drop folder, `aliases` are the other names it goes by."""

    code: str
    name: str
    role: str
    aliases: tuple[str, ...] = ()


@cache
def submitting_units() -> tuple[Unit, ...]:
    """Every organisation of the reference seed that has a drop folder, in its order."""
    with (REFERENCE / "organisations.csv").open(encoding="utf-8-sig", newline="") as lines:
        return tuple(
            Unit(row["organisation_code"], row["name"], row["role"], tuple(a for a in row["aliases"].split("|") if a))
            for row in csv.DictReader(lines)
            if row["role"] in SUBMITTING_ROLES
        )
