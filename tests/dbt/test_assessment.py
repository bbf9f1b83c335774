"""The scores of the assessment: against cases written from the document's own words, and against a second scorer
that was written without them, cell by cell.
"""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from assessment_cases import CASES, Case
from assessment_check import score as checked
from assessment_provinces import province
from assessment_tables import Province, create, score, seed
from case_tables import dbt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

PROVINCES = 60
"""Generated at a time, of fourteen cities, an area and three counties each."""
# Only the plain scorer can be asked about a county whose city is nowhere.
ASKED = [case for case in CASES if None not in case.region_changes.values()]


@pytest.fixture(scope="module")
def tables(warehouse):
    with warehouse.connect() as connection:
        create(connection)
        yield connection


def packed(cases: list[Case]) -> list[list[Case]]:
    """Cases of different rules that do not touch each other's numbers, several to one province-year."""
    years: list[list[Case]] = []
    for case in cases:
        for year in years:
            if all(agree(case, other) for other in year):
                year.append(case)
                break
        else:
            years.append([case])
    return years


def agree(one: Case, other: Case) -> bool:
    if one.rule_id == other.rule_id or one.tie_method != other.tie_method:
        return False
    if one.parameters and other.parameters and one.parameters != other.parameters:
        return False
    numbers = [{m for given in case.region_changes.values() for m in given.metrics} for case in (one, other)]
    return not (numbers[0] | looked_at(one.rule_id)) & (numbers[1] | looked_at(other.rule_id))


@cache
def looked_at(rule_id: str) -> frozenset[str]:
    """The metrics of a rule."""
    named = {row["metric_code"] for row in seed("assessment_rules") if row["rule_id"] == rule_id}
    for name in ("assessment_items", "assessment_conditions"):
        named |= {row["metric_code"] for row in seed(name) if row["rule_id"] == rule_id}
    for row in seed("assessment_metrics"):
        if row["metric_code"] in named:
            named |= {row["numerator_metric"], row["denominator_metric"]}
    return frozenset(named - {""})


def together(cases: list[Case]) -> Province:
    """The province in which all of these cases hold at once."""
    parts = defaultdict(lambda: ({}, {}, {}))
    for case in cases:
        for code, given_ in case.region_changes.items():
            for whole, more in zip(parts[code], (given_.metrics, given_.judged, given_.targets), strict=True):
                whole |= more
    regions = cases[0].regions()
    for region in regions:
        for own, whole in zip((region.metrics, region.judged, region.targets), parts[region.code], strict=True):
            own.clear()
            own |= whole
    parameters = {code: value for case in cases for code, value in case.parameters.items()}
    return regions, parameters, cases[0].tie_method


def test_every_case_of_the_document_holds(tables):
    years = packed(ASKED)
    found = score(tables, [together(cases) for cases in years])
    wrong = [
        (case.name, case.rule_id, region, result, expected)
        for cases, results in zip(years, found, strict=True)
        for case in cases
        for region, expected in case.expected.items()
        if (result := results[region, case.rule_id]) != expected
    ]
    assert wrong == []
    assert {case.rule_id for cases in years for case in cases} == {row["rule_id"] for row in seed("assessment_rules")}


def test_ranks_are_final_when_all_have_reported_and_not_before(tables):
    """Of two years in which everybody reported everything, one lacks a single count of a single city."""
    rules = seed("assessment_metrics")
    everything = {row["metric_code"]: Decimal(1) for row in rules if row["value_kind"] != "choice"}
    everything |= {row["metric_code"]: row["choice_if_none"] for row in rules if row["value_kind"] == "choice"}
    provinces = []
    for lacks in ((), ("210600",)):
        regions = [replace(region, metrics=dict(everything)) for region in ASKED[0].regions()]
        for region in regions:
            if region.code in lacks:
                del region.metrics["trademark_closed_cnt"]
        provinces.append((regions, {}, "competition"))
    score(tables, provinces, "scorecards")
    cards = tables.execute(
        """select assessment_year, unreported_regions, is_rank_provisional, count(*) from assessment.scorecards
           where rank is not null group by 1, 2, 3 order by 1"""
    )
    assert cards.fetchall() == [(1, 0, False, 14), (2, 1, True, 14)]
    ranks = tables.execute(
        """select assessment_year, rule_id, bool_or(is_provisional) from assessment.rule_results
           where rule_id in ('14(4)', '14(5)') and rank is not null group by 1, 2 order by 1, 2"""
    )
    assert ranks.fetchall() == [(1, "14(4)", False), (1, "14(5)", False), (2, "14(4)", False), (2, "14(5)", True)]


def test_a_card_is_signed_off_as_long_as_its_total_is_what_was_signed(tables):
    """On the cards of the test above."""
    tables.execute(
        """insert into assessment.signoffs (assessment_year, region_code, signed_points, is_by_second_role)
           select assessment_year, region_code, total_points + (region_code = '210700')::integer,
               region_code <> '210800'
           from assessment.scorecards where assessment_year = 1 and region_code in ('210600', '210700', '210800')"""
    )
    tables.commit()
    assert dbt("run", "scorecards", as_of=date(2023, 2, 1))["scorecards"] == "success"
    cards = tables.execute(
        """select region_code, card_state, points_since_signoff from assessment.scorecards
           where assessment_year = 1 and region_code in ('210600', '210700', '210800') order by region_code"""
    )
    assert cards.fetchall() == [
        ("210600", "signed_off", 0), ("210700", "changed_after_signoff", -1), ("210800", "final", None),
    ]  # fmt: skip
    tables.commit()


@settings(
    max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True
)
@given(st.integers(min_value=0, max_value=2**32))
def test_generated_provinces_score_as_the_second_scorer_says(tables, number):
    rng = random.Random(number)
    provinces = [(*province(rng), rng.choice(("competition", "competition", "dense"))) for _ in range(PROVINCES)]
    found = score(tables, provinces)
    for one, results in zip(provinces, found, strict=True):
        expected = checked(*one)
        assert {cell: result for cell, result in results.items() if result != expected[cell]} == {}
        assert results.keys() == expected.keys()
