"""The second scorer of the assessment against cases written by hand from the document."""

import random
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "dbt"))
from assessment_cases import CASES, Case
from assessment_check import RULES, score
from assessment_provinces import province

# The 47 rows of the document; a rule of its own for each clause that has points of its own, and the one that was lost.
DOCUMENT = """
    1 2 3 4 5 6 7(1) 7(2) 7(3) 7(4) 8(1) 8(2) 9 10 11a 11b 12(1) 12(2) 12(3) 12(4) 13(1) 13(2) 14(1) 14(2) 14(3) 14(4)
    14(5) 14(6) 14(7) 15(1) 15(2) 15(3) 15(4) 15(5) 16 17(1) 17(2) 18 19 20 21(1)a 21(1)b 21(2) 22 23 24 25 26a 26b
    27(1) 27(2) 28(1) 28(2) 28(3) 29 30 31(1) 31(2) 32 33(1) 33(2) 34(1)a 34(1)b 34(2) 34(3) 35a 35b 36(1) 36(2) 37(1)
    37(2) 37(3) 37(4) 38 39 40 41 42 43 44(1) 44(2) 45 46(1) 46(2) 46(3) 46(4) 47
"""
RULE_IDS = set(DOCUMENT.split())

# 考核要点: first and last row and the points in its heading, of which 案件指导工作 lost one of three (A01).
POINTS = [
    (1, 1, 2), (2, 2, 2), (3, 6, 6), (7, 8, 7), (9, 9, 2), (10, 11, 4), (12, 13, 6), (14, 16, 22), (17, 20, 8),
    (21, 21, 3 - 1), (22, 22, 3), (23, 25, 6), (26, 27, 5), (28, 30, 6), (31, 31, 3), (32, 32, 2), (33, 33, 2),
    (34, 34, 3), (35, 35, 2), (36, 36, 2), (37, 37, 4), (38, 45, 10),
]  # fmt: skip

# The numbers of each rule's text at which something changes, and those beside them: counts, ratios, ranks, points by
# hand. Where nothing is said here it is 0 and 1. 9 has words, 21(2) nothing at all.
TOP_5_11_14 = "0 1 5 6 11 12 14"
BOUNDARIES = dict.fromkeys(RULE_IDS - {"9", "21(2)"}, "0 1") | {
    **dict.fromkeys(("4", "14(4)", "14(5)", "14(6)", "14(7)", "28(1)"), TOP_5_11_14),
    **dict.fromkeys(("12(1)", "12(2)", "12(3)", "12(4)"), "0 0.8 1 1.2"),
    **dict.fromkeys(("15(1)", "15(2)", "15(3)", "15(4)", "15(5)"), "0 0.949 0.95 0.96 0.995 1"),
    **dict.fromkeys(("7(4)", "10", "14(3)", "26b", "37(2)", "37(3)", "37(4)", "43", "45", "35b"), "0 1 2 3"),
    **dict.fromkeys(("33(1)", "33(2)", "37(1)"), "0 1 4 5 6"), **dict.fromkeys(("8(2)", "27(2)", "31(2)"), "0 1.5"),
    "6": "0 1 4 5 6", "8(1)": "0.95 0.999 1", "13(2)": "0 0.999 1", "14(1)": "0 1 3 4 7 8 15 16", "14(2)": "0 1 5 6 7",
    "16": "0 1 4 5", "19": "0.89 0.9 0.91 0.95 0.951", "22": f"4 {TOP_5_11_14}", "24": "0 1 2 3 4 8 9 14",
    "25": "0 1 4 5 11 12 14", "27(1)": "0 0.5 0.99 1 1.01", "32": "0 2", "34(1)b": "0 0.5", "39": "1 1.19 1.2 1.21",
}  # fmt: skip
# Here more points are possible than a few random provinces happen to give.
MANY_OUTCOMES = {"6", "16", "27(1)", "27(2)", "32", "33(2)", "46(1)", "46(2)", "46(3)", "46(4)", "47"}


def _by_rule() -> dict[str, list[Case]]:
    cases = defaultdict(list)
    for case in CASES:
        cases[case.rule_id].append(case)
    return cases


def _most(cases: list[Case]) -> Decimal:
    return max((one.points for case in cases for one in case.expected.values() if one.points), default=Decimal(0))


def _numbers(case: Case) -> set[Decimal]:
    """The numbers given in a case, the quotients of two of one region, and the ranks expected."""
    numbers = {Decimal(one.rank) for one in case.expected.values() if one.rank}
    for given in filter(None, case.region_changes.values()):
        values = [value for value in [*given.metrics.values(), *given.targets.values()] if isinstance(value, Decimal)]
        numbers |= {above / below for above, below in permutations(values, 2) if below}
        numbers |= {*values, *given.judged.values()}
    return numbers


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_check_gives_what_the_document_says(case: Case) -> None:
    results = score(case.regions(), case.parameters, case.tie_method)
    assert {code: results[code, case.rule_id] for code in case.expected} == case.expected, case.says


def test_every_rule_of_the_document_has_cases() -> None:
    assert len(RULE_IDS) == 87
    assert set(_by_rule()) == set(RULES) == RULE_IDS
    assert all(case.says and case.expected for case in CASES)
    assert max(Counter(case.name for case in CASES).values()) == 1


def test_every_boundary_of_the_text_is_met() -> None:
    cases = _by_rule()
    missed = {
        rule_id: numbers
        for rule_id, text in BOUNDARIES.items()
        if (numbers := {Decimal(one) for one in text.split()} - set().union(*map(_numbers, cases[rule_id])))
    }
    assert not missed


def test_every_rule_that_can_be_unknown_has_a_case_of_it() -> None:
    never = {
        rule_id for rule_id, cases in _by_rule().items()
        if not any(one.state != "scored" for case in cases for one in case.expected.values())
    }  # fmt: skip
    assert not never


@pytest.mark.parametrize(("first", "last", "points"), POINTS)
def test_the_most_of_the_rules_is_what_the_heading_declares(first: int, last: int, points: int) -> None:
    def row_of(rule_id: str) -> int:
        return int("".join(filter(str.isdigit, rule_id.partition("(")[0])))

    assert sum(_most(cases) for rule_id, cases in _by_rule().items() if first <= row_of(rule_id) <= last) == points


def test_random_provinces_are_drawn_again_alike_and_reach_every_outcome() -> None:
    provinces = [province(random.Random(seed)) for seed in range(150)]
    assert provinces[7] == province(random.Random(7))
    drawn = defaultdict(set)
    for given in provinces:
        for (_, rule_id), one in score(*given).items():
            drawn[rule_id].add((one.reason, one.points))
    missed = {
        (rule_id, one.reason, one.points)
        for rule_id, cases in _by_rule().items()
        for case in cases
        for one in case.expected.values()
        if (one.reason or rule_id not in MANY_OUTCOMES) and (one.reason, one.points) not in drawn[rule_id]
    }
    assert not missed
