"""Entries, exits, conflicts and measures of the lists against a case table written from the policy documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from case_tables import build, fill_catalogue, rows

EXPECTED = rows("lists_expected")
DAYS = sorted({row["as_of"] for row in EXPECTED})

ENTRIES = """
select subject_id, list_code, jurisdiction, rule_code, entered_on::text, ends_on::text, left_on::text, state,
    exit_reason, decision_document_no
from supervision.list_entries
"""
CONFLICTS = "select subject_id, jurisdiction, negative_list_code, conflict_state from supervision.list_conflicts"
MEASURES = "select subject_id, measure_code, basis_code, jurisdiction from supervision.measures_in_force"


@dataclass(frozen=True)
class Day:
    entries: list[tuple]
    conflicts: list[tuple]
    measures: list[tuple]
    unpublished: list[tuple]


@pytest.fixture(scope="module")
def built(warehouse) -> Iterator[dict[str, Day]]:
    """For each day of the case table, what was built for that day."""
    with warehouse.connect() as connection:
        fill_catalogue(connection, "lists")
        found = {}
        for number, day in enumerate(DAYS):
            build(date.fromisoformat(day), whole=number == 0)
            found[day] = Day(
                connection.execute(ENTRIES).fetchall(),
                connection.execute(CONFLICTS).fetchall(),
                connection.execute(MEASURES).fetchall(),
                connection.execute(
                    "select distinct list_code from supervision.list_entries where publish_from is null"
                ).fetchall(),
            )
            connection.commit()
        yield found


@pytest.mark.parametrize("case", [row["case_id"] for row in rows("lists_subjects")])
@pytest.mark.parametrize("day", DAYS)
def test_entries_are_those_of_the_case_table(built, day, case):
    expected = [tuple(row.values())[1:] for row in EXPECTED if row["as_of"] == day and row["case_id"] == case]
    assert sorted(row for row in built[day].entries if row[0] == case) == sorted(expected)


def test_conflicts_name_honoured_subjects_on_a_negative_list(built):
    assert sorted(built["2022-12-05"].conflicts) == [
        ("red_dishonest", "210000", "dishonest", "withheld"),
        ("red_dishonest_city", "210600", "dishonest", "withheld"),
    ]
    assert built["2025-06-30"].conflicts == []


def test_measures_follow_the_lists(built):
    measures = built["2022-12-05"].measures
    of = {case: sorted(row[1:] for row in measures if row[0] == case) for case in ("red_both", "serious_with_end")}
    assert of == {
        "red_both": [
            ("F01", "red", "210000"),
            ("F01", "red", "210600"),
            ("F02", "red", "210000"),
            ("F02", "red", "210600"),
            ("F03", "red", "210000"),
            ("F08", "red", "210000"),
            ("F09", "red", "210000"),
        ],
        "serious_with_end": [(f"F0{n}", "serious", "210000") for n in (4, 5, 6, 7, 8)],
    }
    assert not [row for row in measures if row[0] == "red_heavier"]


def test_the_mirrored_list_is_not_ours_to_publish(built):
    assert built["2022-12-05"].unpublished == [("serious",)]
