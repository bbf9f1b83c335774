"""The organisations of the policy documents: codes, levels, roles and aliases hang together."""

import csv
from collections import Counter

from ipcredit.contracts import SUBMITTING_ROLES, load_contracts
from ipcredit.intake.units import REFERENCE, submitting_units


def seed(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ORGANISATIONS = {row["organisation_code"]: row for row in seed("organisations")}


def test_exactly_the_units_of_the_drop_folders_submit() -> None:
    assert Counter(unit.role for unit in submitting_units()) == {
        "bureau": 15, "provincial_source": 1, "provincial_office": 1, "certifying_office": 1,
    }  # fmt: skip
    assert {unit.code for unit in submitting_units()} == {
        code for code, row in ORGANISATIONS.items() if row["role"] in SUBMITTING_ROLES
    }


def test_the_organisations_of_the_documents_by_role() -> None:
    assert Counter(row["role"] for row in ORGANISATIONS.values() if row["role"] not in SUBMITTING_ROLES) == {
        "national_office": 2, "provincial_department": 3, "protection_centre": 1, "sharing_partner": 2,
        "credit_department": 15, "city_section": 3, "county_bureau": 1, "industry_association": 1,
        "indicator_unit": 25, "joint_meeting_office": 2, "certifier": 2, "case_reviewer": 1,
    }  # fmt: skip
    # the notice of 西市区 names 24 units of the joint meeting and 9 of the coordination mechanism
    further = Counter(row["role"] for row in seed("organisation_roles"))
    assert (further["joint_meeting_member"], further["coordination_member"]) == (24, 9)


def test_every_parent_is_there_and_no_unit_is_its_own_ancestor() -> None:
    for code in ORGANISATIONS:
        seen = []
        while code:
            assert code not in seen
            seen.append(code)
            code = ORGANISATIONS[code]["parent_code"]


def test_aliases_name_one_organisation_each() -> None:
    names = Counter(
        name for row in ORGANISATIONS.values() for name in {row["name"], *row["aliases"].split("|")} if name
    )
    assert [name for name, found in names.items() if found > 1] == []
    assert "知识产权科" in ORGANISATIONS["210600-BH"]["aliases"].split("|")


def test_the_only_county_is_the_one_the_documents_name() -> None:
    assert [(row["division_code"], row["parent_code"]) for row in seed("divisions") if row["level"] == "county"] == [
        ("210803", "210800")
    ]
    assert ORGANISATIONS["210803-SCJ"]["parent_code"] == "210800"


def test_every_version_is_of_an_item_and_every_item_has_one() -> None:
    cycles = {contract.catalogue_code: contract.update_cycle for contract in load_contracts().values()}
    versions = seed("catalogue_versions")
    assert {row["catalogue_code"] for row in versions} == set(cycles)
    # intake takes the periods of the contract's cycle only: another one is a change of the contract too
    assert all(row["update_cycle"] in ("", None, cycles[row["catalogue_code"]]) for row in versions)
    assert {row["scope"] or "" for row in versions} <= {""} | {row["division_code"] for row in seed("divisions")}
