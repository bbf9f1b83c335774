"""Grades, their items and their next change against a case table written from the policy documents."""

from collections.abc import Iterator
from datetime import date

import pytest
from case_tables import build, dbt, fill_catalogue, rows

EXPECTED = rows("grading_expected")
DAYS = sorted({row["as_of"] for row in EXPECTED})

GRADES = """
select grades.subject_id, grades.track, grades.policy_id, grades.grade, grades.grade_by_score, grades.override_code,
    grades.score::integer::text, grades.ip_score::integer::text, grades.next_change_on::text,
    (select string_agg(concat_ws(' ', items.rule_code, case items.item_kind when 'cap' then 'cap' end,
         items.points::integer), '; ' order by items.item_no)
     from grading.score_items as items
     where items.subject_id = grades.subject_id and items.track = grades.track)
from grading.subject_grades as grades
"""


@pytest.fixture(scope="module")
def built(warehouse) -> Iterator[dict[str, list[tuple]]]:
    """For each day of the case table, all grades as built for that day."""
    with warehouse.connect() as connection:
        fill_catalogue(connection, "grading")
        found = {}
        for number, day in enumerate(DAYS):
            build(date.fromisoformat(day), whole=number == 0)
            found[day] = connection.execute(GRADES).fetchall()
            connection.commit()
        yield found


@pytest.mark.parametrize("day", DAYS)
def test_grades_are_those_of_the_case_table(built, day):
    expected = {tuple(row.values())[1:] for row in EXPECTED if row["as_of"] == day}
    cases = {row[0] for row in expected}
    assert {row for row in built[day] if row[0] in cases} == expected


def test_every_case_is_judged(built):
    expected = {row["case_id"] for row in rows("grading_subjects")}
    assert {row["case_id"] for row in EXPECTED} == expected
    assert {row[0] for day in DAYS for row in built[day]} == expected


def test_nothing_is_evaluable_before_the_first_policy(built):
    assert {row[3] for row in built["2022-04-12"]} == {"not_evaluable"}


def test_what_an_agency_filed_for_others_is_not_called_repairable(built, warehouse):
    """There is no rule by which it could be repaired: the repair is the applicant's."""
    with warehouse.connect() as connection:
        found = connection.execute(
            """select distinct event_type, is_repairable from grading.score_items
               where item_kind = 'event' and subject_id in ('objector', 'agency_freed')"""
        ).fetchall()
    assert set(found) == {("abnormal_patent_uncorrected", True), ("agency_abnormal_patent_uncorrected", False)}


def test_a_day_no_policy_row_covers_stops_the_build(built):
    selected = ("policies_in_force", "track_memberships", "policy_covers_the_day_judged")
    outcomes = dbt("build", *selected, as_of=date(1899, 12, 31), known_on=date(2022, 12, 5))
    assert outcomes["policy_covers_the_day_judged"] == "fail"
    assert outcomes["track_memberships"] == "skipped"
