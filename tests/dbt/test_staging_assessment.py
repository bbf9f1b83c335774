"""What judging makes of the rows of models/staging/assessment: awarded points and sign-offs."""

import csv
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from good_rows_assessment import GOOD_ROWS
from helpers import good_row, submit

from ipcredit import build

JUDGEMENTS, SIGNOFFS = "indicator_judgements", "scorecard_signoffs"
MAXIMA = {
    "3": "1", "7(1)": "1", "8(2)": "1.5", "20": "1", "27(2)": "1.5", "31(2)": "1.5", "32": "2", "34(1)b": "0.5",
}  # fmt: skip
"""What the annex of the assessment leaves to judgement, and the most that each may give."""

Given = dict[str, str | None]

# A row of a dataset, what differs in it from a sound one, and its issues.
ROWS: list[tuple[str, Given, set[str]]] = [
    # points up to the maximum of their rule and year
    *((JUDGEMENTS, {"rule_id": rule, "judged_points": most}, set()) for rule, most in MAXIMA.items()),
    *(
        (JUDGEMENTS, {"rule_id": rule, "judged_points": most + ("1" if "." in most else ".0001")},
         {"judged_points:points_above_maximum"})
        for rule, most in MAXIMA.items()
    ),
    (JUDGEMENTS, {"judged_points": "0"}, set()),
    (JUDGEMENTS, {"judged_points": "-0.5"}, {"judged_points:number_out_of_range"}),
    (JUDGEMENTS, {"judged_points": "101"}, {"judged_points:number_out_of_range", "judged_points:points_above_maximum"}),
    (JUDGEMENTS, {"judged_points": "两分"}, {"judged_points:bad_number"}),
    (JUDGEMENTS, {"rule_id": "34（1）B", "judged_points": "0.5"}, set()),
    # a rule that is counted, one of which the document has no text, and none at all
    *(
        (JUDGEMENTS, {"rule_id": rule, "judged_points": "1"}, {"rule_id:rule_not_judged"})
        for rule in ("1", "21(2)", "12(1)")
    ),
    (JUDGEMENTS, {"rule_id": "调查"}, {"rule_id:unknown_code"}),
    (JUDGEMENTS, {"assessment_year": "2023"}, {"rule_id:rule_not_judged"}),
    (JUDGEMENTS, {"assessment_year": "明年"}, {"assessment_year:bad_year"}),
    # points without evidence or scorer are none
    *(
        (JUDGEMENTS, {column: None}, {f"{column}:missing_required"})
        for column in (
            "assessment_year", "rule_id", "division_code", "county_name", "judged_points", "evidence_id",
            "evidence_sha256", "evidence_on", "scorer_role", "scorer_unit", "judged_on",
        )
    ),
    (JUDGEMENTS, {"evidence_sha256": "见附件"}, {"evidence_sha256:bad_sha256"}),
    (JUDGEMENTS, {"evidence_on": "2022-12-02"}, set()),
    (JUDGEMENTS, {"evidence_on": "2022-12-03"}, {"evidence_on:dates_out_of_order"}),
    (JUDGEMENTS, {"judged_on": "2022-12-06"}, {"judged_on:date_out_of_range"}),
    # who scores
    (JUDGEMENTS, {"scorer_unit": "省双打办", "scorer_role": "省双打办"}, set()),
    (JUDGEMENTS, {"scorer_unit": "国家知识产权局保护司"}, {"scorer_unit:unknown_organisation"}),
    (JUDGEMENTS, {"scorer_unit": "保护司"}, set()),
    (JUDGEMENTS, {"scorer_unit": "大连市知识产权局"}, set()),
    (JUDGEMENTS, {"scorer_unit": "丹东市知识产权局"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": " 丹东市 市场监督管理局 "}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": "丹东市信用管理部门"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": "西市区公安局"}, {"scorer_unit:unknown_organisation"}),
    (JUDGEMENTS, {"scorer_unit": "西市区司法局"}, set()),
    # a county belongs to its city, not the city to its county
    (JUDGEMENTS, {"scorer_unit": "西市区司法局", "division_code": "营口市"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": "西市区司法局", "division_code": "西市区"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": "营口市知识产权局", "division_code": "西市区"}, set()),
    # the unit whose work it is, wherever it sits, by the same name or another one of its own
    (JUDGEMENTS, {"responsible_unit": None}, set()),
    (JUDGEMENTS, {"responsible_unit": "公安局"}, set()),
    (JUDGEMENTS, {"responsible_unit": "省局"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"responsible_unit": "辽宁省知识产权局"}, {"scorer_unit:own_unit"}),
    (JUDGEMENTS, {"scorer_unit": "某局", "responsible_unit": "某局"}, {"scorer_unit:unknown_organisation"}),
    # sign-offs
    (SIGNOFFS, {}, set()),
    (SIGNOFFS, {"signed_points": "-3.25"}, set()),
    (SIGNOFFS, {"signed_points": "110"}, set()),
    (SIGNOFFS, {"signed_points": "未定"}, {"signed_points:bad_number"}),
    (SIGNOFFS, {"document_no": None, "change_reason": "复核后重新签核"}, set()),
    (SIGNOFFS, {"document_no": "见通报"}, {"document_no:bad_document_no"}),
    (SIGNOFFS, {"signed_by_unit": "某单位"}, {"signed_by_unit:unknown_organisation"}),
    (SIGNOFFS, {"signed_by_unit": "丹东市市场监督管理局"}, {"signed_by_unit:own_unit"}),
    (SIGNOFFS, {"signed_by_unit": "西市区司法局", "division_code": "营口市"}, {"signed_by_unit:own_unit"}),
    (SIGNOFFS, {"signed_on": "2022-12-06"}, {"signed_on:date_out_of_range"}),
    (SIGNOFFS, {"division_code": "全国"}, {"division_code:unknown_division"}),
    *(
        (SIGNOFFS, {column: None}, {f"{column}:missing_required"})
        for column in (
            "assessment_year", "division_code", "county_name", "signed_points", "signed_by_role", "signed_by_unit",
            "signed_on",
        )
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """The judged rows in the table's order; one submission per dataset."""
    places: dict[int, tuple[int, int]] = {}
    with warehouse.connect() as connection:
        for dataset in GOOD_ROWS:
            own = [index for index, case in enumerate(ROWS) if case[0] == dataset]
            rows = [good_row(dataset, at, **ROWS[index][1]) for at, index in enumerate(own, 1)]
            submission = submit(connection, dataset, rows)
            places |= {index: (submission, at) for at, index in enumerate(own, 1)}
        build.judge()
        found = {
            (row["submission_id"], row["row_number"]): row
            for dataset in GOOD_ROWS
            for row in _staged(connection, dataset)
        }
        yield {"connection": connection, "rows": [found[places[index]] for index in range(len(ROWS))]}


def _staged(connection: psycopg.Connection, dataset: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from staging.stg_{dataset} order by submission_id, row_number")
    names = [column.name for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    connection.commit()
    return found


@pytest.mark.parametrize("index", range(len(ROWS)), ids=[f"{d} {g}" for d, g, _ in ROWS])
def test_row_rules(judged: dict[str, Any], index: int) -> None:
    issues, row = ROWS[index][2], judged["rows"][index]
    assert set(row["issues"]) == issues
    assert len(row["issues"]) == len(issues)
    assert row["is_accepted"] is (issues <= {"document_no:bad_document_no"})


def test_records_say_what_was_done_and_belong_to_nobody(judged: dict[str, Any]) -> None:
    found = {(row["dataset"], row["event_type"], row["subject_id"], row["behaviour_code"]) for row in judged["rows"]}
    assert found == {
        (JUDGEMENTS, "indicator_judged", None, None),
        (SIGNOFFS, "scorecard_signed", None, None),
    }


def test_points_keep_their_fractions_and_their_sign(judged: dict[str, Any]) -> None:
    kept = {row.get("judged_points", row.get("signed_points")) for row in judged["rows"]}
    assert {Decimal("1.5"), Decimal("-3.25")} <= kept


def _versions(connection: psycopg.Connection, dataset: str) -> list[tuple[Any, ...]]:
    """Physical row versions: they change when rows are written again."""
    query = f"select submission_id, row_number, xmin::text from staging.stg_{dataset} order by 1, 2"
    found = connection.execute(query).fetchall()
    connection.commit()
    return found


def _amend(seed: Path, **maxima: str) -> None:
    """Append every row again as the second version, with other maxima by rule."""
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    changed = [row | {"version": "2"} for row in rows if row["version"] == "1"]
    changed = [row | {"max_points": maxima[row["rule_id"]]} if row.get("rule_id") in maxima else row for row in changed]
    with seed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, *changed])


def test_an_amended_policy_judges_the_points_again_and_nothing_else(judged: dict[str, Any], tmp_path: Path) -> None:
    """A second version of the year's policy, in which rule 32 gives one point."""
    connection = judged["connection"]
    before = {dataset: _versions(connection, dataset) for dataset in GOOD_ROWS}
    project = tmp_path / "dbt_project"
    shutil.copytree(build.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    _amend(project / "seeds/assessment/assessment_policies.csv")
    _amend(project / "seeds/assessment/assessment_rules.csv", **{"32": "1"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "DBT_PROJECT", project)
        patch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))  # what dbt knows of ours stays ours
        build.judge()
    rejudged = _staged(connection, JUDGEMENTS)
    rows = [row for row in judged["rows"] if row["dataset"] == JUDGEMENTS]
    of_rule = [row["rule_id"] == "32" and row["assessment_year"] == 2022 for row in rows]
    above = ["judged_points:points_above_maximum" in row["issues"] for row in rejudged]
    assert above == [
        (row["judged_points"] or 0) > 1 if is_of_rule else "judged_points:points_above_maximum" in row["issues"]
        for row, is_of_rule in zip(rows, of_rule, strict=True)
    ]
    assert sum(above) > sum("judged_points:points_above_maximum" in row["issues"] for row in rows)
    assert not set(before[JUDGEMENTS]) & set(_versions(connection, JUDGEMENTS))
    assert _versions(connection, SIGNOFFS) == before[SIGNOFFS]
