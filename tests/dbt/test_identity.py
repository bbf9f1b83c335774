"""Rows without a code: matched, decided about, counted; and decisions that no longer apply."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import openpyxl
import psycopg
import pytest
from conftest import Warehouse
from good_rows_identity import record_id
from helpers import RECEIVED, good_row, submit, uscc
from typer.testing import CliRunner

from ipcredit import build, quality
from ipcredit.cli import app
from ipcredit.intake import take_in

FIRST = RECEIVED
DECIDED = RECEIVED + timedelta(days=5)
WRONG = RECEIVED + timedelta(days=10)
DOCUMENT = "丹市监处罚〔2022〕{}号"
SAME = "丹东同名有限公司"
NUMBERS = {1: "210600000000101", 2: "210600000000102", 7: "210600000000107"}


def enterprise(number: int, **given: str) -> dict[str, str | None]:
    """A row with its code: what makes the subject known."""
    return good_row("honours", number, registration_no=NUMBERS.get(number), **given)


def penalty(case: int, name: str | None, registration_no: str | None = None, **given: str | None) -> dict[str, Any]:
    """A penalty of a party that is named without its code."""
    cells = {"uscc": None, "party_name": name, "registration_no": registration_no, "document_no": DOCUMENT.format(case)}
    return good_row("penalties", case, **(cells | given))


def name_of(number: int) -> str:
    return f"丹东示例{number}号有限公司"


def key(case: int, name: str) -> str:
    return record_id("penalties", DOCUMENT.format(case), name.translate(str.maketrans("（）", "()")).upper())


# Case: the party as the penalty names it, and its former registration number.
PARTIES: dict[int, tuple[str, str | None]] = {
    101: (name_of(1), NUMBERS[1]),
    102: ("丹东旧名（集团）有限公司", NUMBERS[2]),
    103: (name_of(2), NUMBERS[1]),
    104: (name_of(5), None),
    105: (SAME, None),
    106: ("丹东无名有限公司", None),
    107: (name_of(5), None),
    108: ("丹东示例5号有限责任公司", None),
    109: (name_of(1), NUMBERS[1]),
    110: (name_of(6), None),
    111: (name_of(5), None),
    112: (SAME, None),
    113: ("丹东一号厂", "210600000000999"),
    114: ("丹东示例（大连）有限公司", None),
}
RESUBMITTED, CONTRADICTED, GONE, UNKNOWN, PERSON = 201, 202, 203, 204, 205


def decision(case: int, name: str, what: str, code: str | None = None) -> dict[str, Any]:
    about = {"record_document_no": DOCUMENT.format(case), "party_name": name, "record_id": key(case, name)}
    return good_row("identity_decisions", case, **about, decision=what, decided_uscc=code)


@dataclass
class Found:
    """What stood in the tables after each build."""

    verdicts: dict[str, quality.GateVerdict] = field(default_factory=dict)
    matches: dict[str, dict[int, tuple[Any, ...]]] = field(default_factory=dict)
    counted: dict[str, dict[int, tuple[str, bool]]] = field(default_factory=dict)
    decisions: dict[str, dict[int, tuple[Any, ...]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def found(warehouse: Warehouse) -> Iterator[Found]:
    with warehouse.connect() as c:
        submit(c, "honours", [
            enterprise(1), enterprise(2), enterprise(3, enterprise_name=SAME), enterprise(4, enterprise_name=SAME),
            enterprise(5), enterprise(6), enterprise(7), enterprise(8, enterprise_name="丹东示例(大连) 有限公司"),
        ])  # fmt: skip
        for dataset in ("patent_awards", "standard_certifications", "agencies"):
            submit(c, dataset, [], state="nil_return")
        waiting = [penalty(case, name, number) for case, (name, number) in PARTIES.items()]
        person = penalty(PERSON, "hmac:1", person_id_number="hmac:2")
        submit(c, "penalties", [*waiting, person, penalty(UNKNOWN, name_of(6))])
        submit(c, "penalties", [penalty(RESUBMITTED, name_of(7))], bureau="210700")
        submit(c, "penalties", [penalty(CONTRADICTED, name_of(7))], bureau="210800")
        submit(c, "penalties", [penalty(GONE, name_of(7))], bureau="210900")

        submit(c, "identity_decisions", [
            decision(104, name_of(5), "确认为", uscc(5)),
            decision(105, SAME, "确认为", uscc(3)),
            decision(107, name_of(5), "不是", uscc(5)),
            decision(109, name_of(1), "不是"),
            decision(110, name_of(6), "无法确定"),
            decision(111, name_of(5), "确认为", uscc(5)),
            decision(112, SAME, "不是", uscc(3)),
            decision(RESUBMITTED, name_of(7), "确认为", uscc(7)),
            decision(CONTRADICTED, name_of(7), "确认为", uscc(7)),
            decision(GONE, name_of(7), "确认为", uscc(7)),
        ], mode="incremental", at=DECIDED - timedelta(days=1))  # fmt: skip
        submit(
            c, "identity_decisions", [decision(111, name_of(5), "撤回原决定")], mode="incremental", at=DECIDED
        )  # fmt: skip
        submit(c, "penalties", [penalty(RESUBMITTED, name_of(7), uscc=uscc(7))], bureau="210700", at=DECIDED)

        submit(c, "penalties", [penalty(CONTRADICTED, name_of(7), uscc=uscc(6))], bureau="210800", at=WRONG)
        submit(c, "penalties", [], bureau="210900", state="withdrawal", at=WRONG)
        submit(c, "identity_decisions", [
            decision(UNKNOWN, name_of(6), "确认为", uscc(99)),
            decision(PERSON, "hmac:1", "确认为", uscc(1)),
        ], mode="incremental", at=WRONG)  # fmt: skip
    result = Found()
    for name, known_at in (("first", FIRST), ("decided", DECIDED), ("wrong", WRONG)):
        release_id = build.build_candidate(known_at=known_at)
        result.verdicts[name] = quality.run_gate(release_id)
        with warehouse.connect() as c:
            look(result, name, c)
    yield result


def look(result: Found, name: str, c: psycopg.Connection) -> None:
    def by_case(query: str) -> dict[int, tuple[Any, ...]]:
        return {int(row[0].split("〕")[1][:-1]): row[1:] for row in c.execute(query).fetchall()}

    result.matches[name] = by_case(
        """select document_no, state, method, matched_id, names_agree,
               jsonb_path_query_array(candidates, '$[*].subject_id') from candidate.identity_matches"""
    )
    result.counted[name] = by_case(
        """select r.document_no, r.subject_id, exists (
               select from grading.score_items as s where s.record_id = r.record_id and s.subject_id = r.subject_id
           ) from candidate.credit_records as r where r.dataset = 'penalties'"""
    )  # type: ignore[assignment]
    result.decisions[name] = by_case(
        "select document_no, state, obstacle, finding, bureau_code from candidate.identity_decisions"
    )


def test_rows_are_matched_by_number_before_name_and_never_guessed(found: Found) -> None:
    known = {number: uscc(number) for number in range(1, 9)}
    matches = found.matches["first"]
    assert {case: matches[case][:4] for case in PARTIES} == {
        101: ("applied", "registration_no", known[1], True),
        102: ("applied", "registration_no", known[2], None),
        103: ("ambiguous", "registration_no", None, False),
        104: ("proposed", "name", known[5], None),
        105: ("ambiguous", "name", None, None),
        106: ("unmatched", None, None, None),
        107: ("proposed", "name", known[5], None),
        108: ("unmatched", None, None, None),
        109: ("applied", "registration_no", known[1], True),
        110: ("proposed", "name", known[6], None),
        111: ("proposed", "name", known[5], None),
        112: ("ambiguous", "name", None, None),
        113: ("unmatched", None, None, None),
        114: ("proposed", "name", known[8], None),
    }
    assert matches[103][4] == sorted([known[1], known[2]])
    assert matches[105][4] == sorted([known[3], known[4]])


def test_natural_persons_are_not_matched(found: Found) -> None:
    assert all(PERSON not in matches for matches in found.matches.values())
    assert found.counted["first"][PERSON][0] == "P:hmac:2"


def test_only_what_was_applied_or_confirmed_counts(found: Found) -> None:
    first = {case: row for case, row in found.counted["first"].items() if case in PARTIES}
    assert first == {101: (uscc(1), True), 102: (uscc(2), True), 109: (uscc(1), True)}
    decided = {case: row for case, row in found.counted["decided"].items() if case in PARTIES}
    assert decided == {101: (uscc(1), True), 102: (uscc(2), True), 104: (uscc(5), True), 105: (uscc(3), True)}


def test_what_was_decided_comes_before_what_was_found(found: Found) -> None:
    before, after = found.matches["first"], found.matches["decided"]
    changed = {case: after[case][::2] for case in PARTIES if after[case] != before[case]}
    assert changed == {
        104: ("confirmed", uscc(5), [uscc(5)]),
        105: ("confirmed", uscc(3), [uscc(3), uscc(4)]),
        107: ("rejected", None, None),
        109: ("rejected", None, None),
        110: ("undetermined", None, [uscc(6)]),
        # the other candidate is left, and waits
        112: ("proposed", uscc(4), [uscc(4)]),
    }


def test_decisions_are_known_from_when_they_were_received(found: Found) -> None:
    assert found.decisions["first"] == {}
    assert {case: row[0] for case, row in found.decisions["decided"].items()} == {
        **dict.fromkeys([104, 105, 107, 109, 110, 112, CONTRADICTED, GONE], "applies"),
        111: "withdrawn",
        RESUBMITTED: "superseded_by_source",
    }


def test_a_row_sent_again_with_its_code_needs_no_match(found: Found) -> None:
    assert found.matches["first"][RESUBMITTED][0] == "proposed"
    assert RESUBMITTED not in found.matches["decided"]
    assert found.counted["decided"][RESUBMITTED] == (uscc(7), True)


def test_the_gate_passes_while_decisions_apply(found: Found) -> None:
    assert found.verdicts["first"].passed, found.verdicts["first"].summary
    assert found.verdicts["decided"].passed, found.verdicts["decided"].summary
    warnings = {finding.rule.rule for finding in found.verdicts["decided"].warnings}
    assert warnings >= {"identity_matches.waiting", "identity_decisions.superseded"}


def test_a_decision_that_no_longer_applies_counts_for_nothing_and_stops_the_release(found: Found) -> None:
    decisions = {case: row for case, row in found.decisions["wrong"].items() if row[0] == "fails"}
    assert {case: (row[1], row[3]) for case, row in decisions.items()} == {
        CONTRADICTED: ("source_differs", "210800"),
        GONE: ("record_gone", "210600"),  # as the decision itself says: the record is not there any more
        UNKNOWN: ("subject_unknown", "210600"),
        PERSON: ("source_differs", "210600"),
    }
    counted = found.counted["wrong"]
    assert (counted[CONTRADICTED][0], counted[PERSON][0]) == (uscc(6), "P:hmac:2")
    assert GONE not in counted and UNKNOWN not in counted
    assert found.matches["wrong"][UNKNOWN][0] == "proposed"
    verdict = found.verdicts["wrong"]
    assert [finding.rule.rule for finding in verdict.failures] == ["identity_decisions.applies"]
    assert all(row[2] in verdict.summary for row in decisions.values())
    record = f"营口市知识产权局·知识产权行政处罚·丹市监处罚〔2022〕202号（记录编号 {key(CONTRADICTED, name_of(7))}）"
    assert f"{record}：报送单位已写明代码 {uscc(6)}，与决定不一致；核实后撤回本决定" in verdict.summary
    assert "不在任何来源中；改正代码后重报本决定，或撤回" in verdict.summary
    assert "hmac" not in verdict.summary


def test_a_subject_is_called_what_rows_with_its_code_call_it(found: Found, warehouse: Warehouse) -> None:
    with warehouse.connect() as c:
        names = dict(c.execute("select subject_id, subject_name from candidate.subjects").fetchall())
    assert names[uscc(2)] == name_of(2)


def test_the_queue_comes_back_as_decisions(found: Found, warehouse: Warehouse) -> None:
    """Written for the office, filled in by it, dropped, taken in and judged; a row left open is told to be so."""
    path = warehouse.home / "drop" / "LN-IPO" / "主体核对决定_2022.xlsx"
    told = CliRunner().invoke(app, ["identity", "queue", "--output", str(path), "--period", "2022"])
    waiting = {case for case, row in found.matches["wrong"].items() if row[0] in ("proposed", "ambiguous", "unmatched")}
    assert (told.exit_code, told.output) == (0, f"{len(waiting)} rows wait: {path}\n")

    book = openpyxl.load_workbook(path)
    sheet = book["主体核对决定"]
    at = {cell.value: cell.column for cell in sheet[6]}
    lines = {sheet.cell(row, at["记录文号"]).value: row for row in range(8, 8 + len(waiting))}
    assert set(lines) == {DOCUMENT.format(case) for case in waiting}
    line = lines[DOCUMENT.format(103)]
    assert {header: sheet.cell(line, at[header]).value for header in list(at)[1:10]} == {
        "记录编号": key(103, name_of(2)),
        "记录所在数据集": "知识产权行政处罚",
        "记录报送单位": "丹东市知识产权局",
        "记录文号": DOCUMENT.format(103),
        "当事人名称": name_of(2),
        "原工商注册号": NUMBERS[1],
        "候选主体": "；".join(
            f"{code} {name}（{how}相同）"
            for code, name, how in sorted([(uscc(1), name_of(1), "注册号"), (uscc(2), name_of(2), "名称")])
        ),
        "核对决定": None,
        "决定所指统一社会信用代码": None,
    }
    assert sheet.cell(lines[DOCUMENT.format(114)], at["决定所指统一社会信用代码"]).value == uscc(8)
    for case, what, code in ((103, "确认为", uscc(2)), (114, "确认为", None), (106, "不是", None)):
        filled = {
            "核对决定": what, "理由": "登记档案相符", "决定岗位": "知识产权保护处", "决定日期": date(2022, 12, 15)
        }  # fmt: skip
        for header, value in (filled | ({"决定所指统一社会信用代码": code} if code else {})).items():
            sheet.cell(lines[DOCUMENT.format(case)], at[header]).value = value
    book.save(path)
    os.utime(path, (0, 0))

    received = WRONG + timedelta(days=1)
    (taken,) = take_in("LN-IPO", received)
    assert (taken.state, taken.dataset, taken.rows_received) == ("loaded", "identity_decisions", len(waiting)), taken
    build.run_dbt(
        "run", "--select", "+identity_links", "--exclude", "path:seeds",
        environment=build.dbt_environment(as_of=received.date(), known_at=received),
    )  # fmt: skip
    with warehouse.connect() as c:
        judged = dict(
            c.execute(
                """select record_document_no, issues from staging.stg_identity_decisions where submission_id = %s""",
                (taken.submission_id,),
            ).fetchall()
        )
        states = {
            int(document.split("〕")[1][:-1]): (state, matched)
            for document, state, matched in c.execute(
                "select document_no, state, matched_id from catalogue.identity_matches"
            ).fetchall()
        }
    assert (states[103], states[114]) == (("confirmed", uscc(2)), ("confirmed", uscc(8)))
    assert states[106] == ("rejected", None)
    decided = {DOCUMENT.format(case) for case in (103, 106, 114)}
    assert {document for document, issues in judged.items() if not issues} == decided
    left_open = judged[DOCUMENT.format(111)]
    assert "decision:missing_required" in left_open
