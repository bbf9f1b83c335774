"""The benchmark's contenders give what the pipeline gives: nothing they are measured by may rot unseen."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from benchmarks import by_hand, compare, generate, load, pipeline, stages
from conftest import Warehouse

from ipcredit import build

SUBJECTS = 1000
EVERY_RULE = {
    *(f"14({n})" for n in range(1, 8)), *(f"15({n})" for n in range(1, 6)), "16", "19", "31(1)", "40", "41", "46(3)",
}  # fmt: skip
"""Of the assessment, what the generated datasets give points for."""


@pytest.fixture(scope="module")
def province(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small province, which the pipeline has judged."""
    folder = tmp_path_factory.mktemp("province")
    generate.generate(folder, SUBJECTS / generate.SUBJECTS)
    with warehouse.connect() as connection:
        load.load(connection, folder, pipeline.FULL)
        connection.commit()
        connection.execute("analyze")
    build.run_dbt(
        "build", "--quiet", "--select", "+subject_grades", "+scorecards",
        "--resource-type", "seed", "--resource-type", "model",
        environment=build.dbt_environment(as_of=pipeline.AS_OF, known_at=generate.RECEIVED["2_amended"]),
    )  # fmt: skip
    return folder


@pytest.fixture
def connection(warehouse: Warehouse, province: Path) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as found:
        yield found


def test_the_generated_rows_are_accepted_and_rejected_for_what_they_were_given(connection: psycopg.Connection) -> None:
    found = connection.execute("select state, count(*) from catalogue.row_states group by state").fetchall()
    states = dict(found)
    assert set(states) == {"accepted", "rejected", "superseded"}
    assert 0.03 < states["rejected"] / sum(states.values()) < 0.07
    issues = "select distinct split_part(issue, ':', 2) from catalogue.row_states, unnest(issues) as issue"
    assert {code for (code,) in connection.execute(issues)} == {
        "bad_date", "uscc_check_digit", "missing_required", "unknown_code", "duplicate_in_file", "place_elsewhere",
        "name_missing_for_code", "subject_to_be_matched",
    }  # fmt: skip


def test_the_same_scale_is_the_same_province_again(province: Path, tmp_path: Path) -> None:
    again = generate.generate(tmp_path, SUBJECTS / generate.SUBJECTS)
    assert {one.arrival for one in again} == set(generate.RECEIVED)
    assert [(one.path, (tmp_path / one.path).read_bytes()) for one in again] == [
        (one.path, (province / one.path).read_bytes()) for one in generate.submissions(province)
    ]


def test_what_is_compared_is_every_grade_and_every_rule_that_gives_points(connection: psycopg.Connection) -> None:
    compare.require_totals(connection)
    rules = connection.execute(f"select distinct rule_id from ({compare.RESULTS['scorecards'][1]}) as p")
    assert {rule for (rule,) in rules} == EVERY_RULE
    grades = connection.execute(f"select distinct grade from ({compare.RESULTS['grades'][1]}) as g")
    assert {grade for (grade,) in grades} == {"A", "B", "C", "D", "U"}


def test_the_hand_written_script_says_the_same(connection: psycopg.Connection) -> None:
    by_hand.prepare(connection)
    by_hand.run(connection, pipeline.AS_OF)
    compared = compare.require_equal(connection, "by_hand")
    assert compared["grades"] == SUBJECTS
    assert compared["scorecards"] == len(EVERY_RULE) * 16 - 4  # of the area that is not ranked, four are missing
    connection.execute("create schema twin")
    for result in compare.RESULTS:
        connection.execute(f"create table twin.{result} as table by_hand.{result}")
    assert compare.require_equal(connection, "by_hand", "twin") == compared
    connection.execute("update by_hand.grades set grade = 'E' where subject_id like '%5%'")
    with pytest.raises(compare.NotEqualError, match="'E'"):
        compare.require_equal(connection, "by_hand")
    with pytest.raises(compare.NotEqualError, match="only twin"):
        compare.require_equal(connection, "by_hand", "twin")


def test_duckdb_says_the_same(connection: psycopg.Connection, province: Path, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="requirements-benchmark.lock is not installed")
    arrivals, out = ",".join(pipeline.FULL), tmp_path / "duck"
    stages.duck(str(tmp_path / "duck.db"), str(province), f"{pipeline.AS_OF}", arrivals, str(out))
    compare.read_results(connection, "by_duck", tmp_path / "duck")
    assert compare.require_equal(connection, "by_duck")["grades"] == SUBJECTS


def test_the_offices_script_says_the_same(connection: psycopg.Connection, province: Path, tmp_path: Path) -> None:
    stages.office(str(province), f"{pipeline.AS_OF}", pipeline.FULL[-1], str(tmp_path / "office.xlsx"))
    compare.read_results(connection, "by_office", tmp_path / "office")
    assert compare.require_equal(connection, "by_office")["grades"] == SUBJECTS
    assert (tmp_path / "office.xlsx").stat().st_size > 0
