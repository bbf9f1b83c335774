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
REPAIRS = "select subject_id, repair_no, state, conditions_not_met from supervision.repairs"
REPAIRED = "select subject_id, effective_on::text from supervision.repairs where effective_on is not null"
OBJECTIONS = """
select subject_id, state, accept_due_on::text, decide_due_on::text, is_accept_overdue, is_decide_overdue,
    is_correct_overdue
from supervision.objections
"""
NAMED = "select subject_id, disputed_record_id is not null from supervision.objections"
DISPUTED = "select subject_id from supervision.list_entries where is_disputed"
EVENTS = """
select subject_id, event_kind, happened_on::text, reason, document_no, decided_by from supervision.list_events
where list_code = 'dishonest'
"""
COMMITMENTS = """
select subject_id, state, verify_due_on::text, is_delivery_overdue, is_verification_overdue from supervision.commitments
"""
LEFT_RED = """
select subject_id, happened_on::text, reason, document_no from supervision.list_events
where list_code = 'red' and event_kind = 'left'
"""
RATES = "select division_code, subject_kind, subjects from supervision.commitment_rates"
WITHDRAWN = "select subject_id, withdrawn_kind, withdrawn_on::text, reason from supervision.withdrawals"
INSPECTIONS = """
select draw_no, state, inspected_on::text, inspection_result, fix_due_on::text, problems_fixed_on::text, is_fix_overdue,
    published_on::text
from supervision.inspections
"""
EFFECTS = """
select year, division_code, measure_code, due_subjects, subjects_applied_to, applied, exempted, lifted,
    applied_without_ground
from supervision.measure_effects where applied + exempted + lifted > 0
"""
PROPOSALS = "select subject_id, event_type, is_listed from supervision.list_proposals"
MEASURES = "select subject_id, measure_code, basis_code, jurisdiction from supervision.measures_in_force"


@dataclass(frozen=True)
class Day:
    entries: list[tuple]
    conflicts: list[tuple]
    measures: list[tuple]
    unpublished: list[tuple]
    repairs: list[tuple]
    objections: list[tuple]
    disputed: list[tuple]
    events: list[tuple]
    commitments: list[tuple]
    withdrawn: list[tuple]
    proposals: list[tuple]
    left_red: list[tuple]
    repaired: list[tuple]
    rates: list[tuple]
    named: list[tuple]
    inspections: list[tuple]
    effects: list[tuple]


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
                *(
                    connection.execute(query).fetchall()
                    for query in (
                        REPAIRS,
                        OBJECTIONS,
                        DISPUTED,
                        EVENTS,
                        COMMITMENTS,
                        WITHDRAWN,
                        PROPOSALS,
                        LEFT_RED,
                        REPAIRED,
                        RATES,
                        NAMED,
                        INSPECTIONS,
                        EFFECTS,
                    )
                ),
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
            ("F03", "red", "210600"),
            ("F08", "red", "210000"),
            ("F08", "red", "210600"),
            ("F09", "red", "210000"),
        ],
        "serious_with_end": [(f"F0{n}", "serious", "210000") for n in (4, 5, 6, 7, 8)],
    }
    assert not [row for row in measures if row[0] == "red_heavier"]


def test_effects_count_subjects_once_and_applications_each(built):
    assert sorted(built["2022-12-05"].effects) == [
        (2022, "210300", "F01", 0, 1, 1, 0, 0, 1),
        (2022, "210300", "F04", 4, 1, 1, 0, 1, 0),
        (2022, "210600", "F01", 4, 1, 2, 0, 0, 0),
        (2022, "210600", "F02", 4, 0, 0, 1, 0, 0),
    ]


def test_an_inspection_shows_what_had_happened_by_the_day_judged(built):
    assert sorted(built["2022-12-05"].inspections) == [
        ("抽1", "inspected", "2022-10-01", "problem_ordered", "2022-11-01", None, True, None),
        ("抽2", "drawn", None, None, None, None, False, None),
    ]
    assert sorted(built["2025-06-30"].inspections) == [
        ("抽1", "inspected", "2022-10-01", "problem_ordered", "2022-11-01", "2022-12-15", False, "2022-12-20"),
        ("抽2", "inspected", "2022-12-10", "problem_ordered", "2022-12-20", None, True, None),
        ("抽3", "inspected", "2022-12-12", "no_problem", None, None, False, None),
    ]


def test_the_mirrored_list_is_not_ours_to_publish(built):
    assert built["2022-12-05"].unpublished == [("serious",)]


def of(rows_: list[tuple], case: str) -> list[tuple]:
    return sorted(row[1:] for row in rows_ if row[0] == case)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("repair_first_day", [("1", "effective", None)]),
        ("repair_too_early", [("2", "without_effect", "minimum_term")]),
        ("repair_tomorrow", [("3", "open", None)]),
        ("repair_not_performed", [("4", "without_effect", "performed")]),
        ("repair_revoked", [("5", "revoked", None)]),
        ("repair_other_document", [("6", "without_effect", "matched、minimum_term、repairable、rule_in_force")]),
        ("repair_other_behaviour", [("16", "without_effect", "matched、minimum_term、repairable、rule_in_force")]),
        ("repair_during_new", [("7", "without_effect", "no_new_record")]),
        ("repair_before_new", [("17", "without_effect", "no_new_record")]),
        ("repair_restricting", [("18", "without_effect", "minimum_term、repairable")]),
        ("repair_listed", [("19", "without_effect", "not_listed")]),
        ("repair_off_list", [("20", "effective", None)]),
        ("repair_listed_recognition", [("21", "effective", None)]),
        ("repair_upheld_new", [("22", "effective", None)]),
        ("repair_upheld_later", [("23", "without_effect", "no_new_record")]),
        ("repair_commitment", [("24", "effective", None)]),
    ],
)
def test_a_repair_has_effect_only_if_the_record_bears_out_its_conditions(built, case, expected):
    assert of(built["2022-12-05"].repairs, case) == expected


def test_a_repair_decided_tomorrow_has_no_effect_today(built):
    assert of(built["2022-12-05"].repaired, "repair_first_day") == [("2022-11-20",)]
    assert of(built["2022-12-05"].repaired, "repair_tomorrow") == []
    assert of(built["2025-06-30"].repaired, "repair_tomorrow") == [("2022-12-06",)]


def test_two_repairs_are_a_year_apart(built):
    later = built["2025-06-30"].repairs
    assert of(later, "repair_again_too_soon") == [("11", "effective", None), ("12", "without_effect", "interval")]
    assert of(later, "repair_again_in_time") == [("13", "effective", None), ("14", "effective", None)]


def test_an_entry_an_extension_an_exit_and_a_withdrawal_are_events_with_their_decisions(built):
    events = built["2022-12-05"].events
    assert of(events, "repair_first_day") == [
        ("entered", "2022-05-10", "malicious_trademark", "决A", None),
        ("left", "2022-11-20", "repaired", "修1", "省知识产权局"),
        ("withdrawn", "2022-11-20", "repaired", "修1", "省知识产权局"),
    ]
    assert of(events, "repair_half") == [
        ("entered", "2022-05-10", "malicious_trademark", "决A、决B", None),
        ("extended", "2022-05-11", "malicious_trademark", "决B", None),
    ]
    assert of(built["2025-06-30"].events, "dishonest_once")[1:] == [
        ("left", "2023-05-11", "term_ended", "决定1号", None),
    ]


def test_an_exit_names_the_decision_that_led_to_it(built):
    """Not that of the entry, which says nothing of why it ended."""
    assert of(built["2022-12-05"].events, "objection_upheld")[1:] == [
        ("left", "2022-08-31", "objection_upheld", "异2", "丹东市知识产权局"),
        ("withdrawn", "2022-08-31", "objection_upheld", "异2", "丹东市知识产权局"),
    ]
    assert of(built["2022-12-05"].left_red, "repair_returns_red") == [("2022-08-01", "negative_record", "罚A")]


def test_rates_have_one_row_for_a_division_and_kind(built):
    keys = [row[:2] for row in built["2022-12-05"].rates]
    assert len(keys) == len(set(keys))
    subjects = [row for row in built["2022-12-05"].rates if row[1] == "enterprise"]
    whole = next(row[2] for row in subjects if row[0] == "210000")
    assert whole == sum(row[2] for row in subjects if row[0] != "210000") + 1


def test_what_was_repaired_or_taken_out_is_withdrawn_from_partners(built):
    withdrawn = built["2022-12-05"].withdrawn
    assert of(withdrawn, "repair_first_day") == [
        ("list_entry", "2022-11-20", "repaired"), ("record", "2022-11-20", "repaired"),
    ]  # fmt: skip
    assert of(withdrawn, "objection_upheld") == [
        ("list_entry", "2022-08-31", "objection_upheld"), ("record", "2022-08-31", "objection_upheld"),
    ]  # fmt: skip
    assert of(withdrawn, "repair_too_early") == of(withdrawn, "repair_tomorrow") == []


def test_clocks_of_objections_run_in_working_days(built):
    """2022-10-08 and 09 were worked for the holiday of 1 to 7 October."""
    objections = built["2022-12-05"].objections
    assert of(objections, "objection_open") == [("open", "2022-12-01", "2022-12-07", False, False, False)]
    assert of(objections, "objection_upheld") == [("upheld", "2022-08-25", "2022-08-31", False, False, False)]
    assert of(objections, "objection_rejected") == [("rejected", "2022-08-25", "2022-08-31", False, True, False)]
    assert of(objections, "objection_holiday") == [("upheld", "2022-10-09", "2022-10-13", True, False, True)]
    assert of(objections, "objection_uncorrected") == [("upheld", "2022-08-25", "2022-08-31", False, False, True)]
    assert of(built["2025-06-30"].objections, "objection_open")[0][4] is True


def test_an_objection_finds_its_record_however_the_number_is_written(built):
    assert {found for _, found in built["2022-12-05"].named} == {True}
    assert of(built["2022-12-05"].named, "objection_commitment") == [(True,)]


def test_only_what_is_being_objected_to_is_marked(built):
    assert {row[0] for row in built["2022-12-05"].disputed} == {"objection_open"}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("commitment_verify_today", ("in_force", "2022-12-05", False, False)),
        ("commitment_verify_yesterday", ("in_force", "2022-12-02", True, True)),
        ("commitment_voluntary", ("in_force", None, False, False)),
        ("commitment_kept", ("kept", "2022-12-02", False, False)),
        ("commitment_broken", ("broken", "2022-12-02", True, False)),
        ("commitment_ended", ("terminated", "2022-12-02", False, False)),
        ("commitment_ends_tomorrow", ("in_force", "2022-12-02", True, True)),
        ("commitment_delivered_tomorrow", ("in_force", "2022-12-02", True, True)),
        ("commitment_expired", ("expired", None, False, False)),
    ],
)
def test_commitments_are_checked_in_time_or_flagged(built, case, expected):
    assert of(built["2022-12-05"].commitments, case) == [expected]


def test_the_serious_list_is_proposed_for_and_never_made_here(built):
    assert {row for row in built["2022-12-05"].proposals if row[0].startswith("propose")} == {
        ("propose", "ip_penalty_heavier", False),
        ("propose_listed", "licence_revoked", True),
    }
    assert not [row for row in built["2022-12-05"].entries if row[0] == "propose" and row[1] == "serious"]
