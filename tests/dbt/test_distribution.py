"""How tables are spread over machines: what every model says of it, and the statements that follow.

Without a cluster: functions of the names that Citus gives note what they are asked for. What Citus itself makes of the
statements is the matter of tests/citus.
"""

import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from helpers import good_row, submit

from ipcredit.build import dbt_environment, run_dbt
from ipcredit.contracts import load_contracts
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.release import published_tables
from ipcredit.settings import DBT_PROJECT, TIME_ZONE

# Reference tables read from tables with a key, and why each has few rows whatever the size.
SMALL = {
    "submission_states": "a row per submission", "applied_submissions": "a row per submission",
    "submission_counts": "a row per submission",
    "submission_issue_counts": "a row per submission, field and issue",
    "submission_flaws": "a row per submission and dimension",
    "recounted_submissions": "submissions of a day", "shared_keys": "mistakes that two bureaus have to settle",
    "touched_keys": "keys of a day; none when all is new",
    "unjudged_subjects": "subjects of a day; none when all is new", "due_subjects": "likewise",
    "review_samples": "a sample per unit, dataset and quarter", "review_results": "likewise",
    "quality_dimensions": "a row per unit, dataset and period",
    "identity_decisions": "what people decided one by one",
    "dishonest_acts": "the subjects recognised are few", "commitment_rates": "a row per division",
    "measure_effects": "a row per division, measure and year",
    "metric_values": "a row per region, metric and year",
    "declared_values": "what regions declare once a year", "judgements": "points given by people",
    "parameters": "numbers given by the province", "signoffs": "a row per scorecard",
    "pilot_texts": "texts of a year", "milestone_figures": "a row per region and milestone",
    "judged_state": "one row",
    "objection_effects": "a row per record objected to",
}  # fmt: skip
KNOWN_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
# The smallest part of the project with a model of every kind: incremental and not, by key and reference, and a view.
SELECTED = (
    "--select", "+credit_records", "--resource-type", "model", "--resource-type", "seed",
    "--vars", json.dumps({"datasets": ["honours", "identity_decisions"]}),
)  # fmt: skip

CITUS = """
create table pg_dist_partition (logicalrelid regclass, key text);
create function create_distributed_table(name regclass, key text) returns void language sql
    as 'insert into pg_dist_partition values (name, key)';
create function create_reference_table(name regclass) returns void language sql
    as 'insert into pg_dist_partition values (name, ''reference'')';
"""


def run(target: Path, *arguments: str, project: Path | None = None) -> dict[str, Any]:
    """Run one dbt command that writes into `target`; returns its models and seeds, as its manifest has them."""
    environment = dbt_environment(as_of=KNOWN_AT.date(), known_at=KNOWN_AT) | {
        "DBT_TARGET_PATH": str(target), "DBT_WRITE_JSON": "true",
    }  # fmt: skip
    run_dbt(*arguments, "--quiet", environment=environment, project=project)
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] in ("model", "seed")}


def key_of(node: dict[str, Any]) -> str | None:
    """What a table says; a view or a piece of other models has no rows, whatever its folder says."""
    made = node["config"]["materialized"] != "ephemeral"
    return node["config"]["meta"].get("distribute_by") if made else None


@pytest.fixture(scope="module")
def nodes(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All models and seeds, compiled for a database without any of their tables."""
    with warehouse.connect() as connection:
        ensure_raw_tables(connection)
        connection.commit()
    return run(tmp_path_factory.mktemp("compiled"), "compile")


@pytest.fixture(scope="module")
def large(nodes: dict[str, Any]) -> dict[str, Any]:
    """Models above the size line: all that have a key of their own. Below it is what says `reference`."""
    return {name: node for name, node in nodes.items() if key_of(node) not in (None, "reference")}


def test_every_table_says_how_it_is_distributed(nodes: dict[str, Any]) -> None:
    tables = {name: node for name, node in nodes.items() if node["config"]["materialized"] not in ("view", "ephemeral")}
    on_the_coordinator = {name for name, node in tables.items() if key_of(node) is None}
    assert on_the_coordinator == {f"published_{table}" for table in published_tables()}
    assert {key_of(node) for node in nodes.values() if node["resource_type"] == "seed"} == {"reference"}
    assert {key_of(node) for node in tables.values() if node["schema"] == "staging"} == {"submission_id"}


def test_what_is_read_from_large_tables_is_small_for_a_reason(nodes: dict[str, Any]) -> None:
    """A reference table lies on every worker: one that grows with the records would fill them."""
    by_id = {node["unique_id"]: node for node in nodes.values()}

    def reads_large(node: dict[str, Any]) -> bool:
        parents = (by_id[i] for i in node.get("depends_on", {}).get("nodes", ()) if i in by_id)
        return any(
            # a view and a piece that is no table hand on what they read
            key_of(p) not in (None, "reference") or (key_of(p) is None and reads_large(p))
            for p in parents
        )

    found = {name for name, node in nodes.items() if key_of(node) == "reference" and reads_large(node)}
    assert found == set(SMALL)


def test_the_key_is_in_whatever_is_unique(large: dict[str, Any]) -> None:
    missing, merged = set(), set()
    for name, node in large.items():
        config, key = node["config"], key_of(node)
        unique_key = config.get("unique_key") or [key]
        uniques = [index["columns"] for index in config.get("indexes") or [] if index.get("unique")]
        if any(
            key not in columns for columns in [*uniques, [unique_key] if isinstance(unique_key, str) else unique_key]
        ):
            missing.add(name)
        if config["materialized"] == "incremental" and config["incremental_strategy"] not in (
            "append",
            "delete+insert",
        ):
            merged.add(name)
    assert (missing, merged) == (set(), set())
    assert {"stg_honours", "row_states", "records", "credit_records", "subjects", "subject_grades"} <= large.keys()


REFUSED = {
    "a recursion": r"\bwith\s+recursive\b",
    "`case x when y`, which Citus 14 evaluates wrongly": r"\bcase\s+(?!\s|when\b)",
    "a merge": r"\bmerge\s+into\b",
    "a lock": r"\bfor\s+(update|share)\b",
}


def text_of(sql: str) -> str:
    """A statement without comments and literals: what is looked for must be its own words."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", sql)


def test_no_large_model_has_what_is_refused(large: dict[str, Any]) -> None:
    found = {
        (name, what)
        for name, node in large.items()
        for what, pattern in REFUSED.items()
        if re.search(pattern, text_of(node["compiled_code"]), re.IGNORECASE)
    }
    assert found == set()


def test_what_is_refused_would_be_found() -> None:
    samples = ("WITH RECURSIVE a as (select 1)", "case a.b when 1 then 2 end", "case\n  lower(a) when", "merge into a")
    found = [any(re.search(pattern, text_of(sql), re.IGNORECASE) for pattern in REFUSED.values()) for sql in samples]
    assert found == [True] * 4
    kept = ("case when a then 'case x when y' end -- case x when", "case\n    when a.b = 1 then 2 end")
    assert not any(re.search(pattern, text_of(sql), re.IGNORECASE) for pattern in REFUSED.values() for sql in kept)


def without_distribution(folder: Path) -> Path:
    """The project as it would be if nobody had thought of more than one machine."""
    project = folder / "project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    (project / "macros" / "distribution.sql").write_text(
        "{% macro can_distribute() %}{{ return(false) }}{% endmacro %}{% macro distribute_seed() %}{% endmacro %}"
        "{% macro drop_undistributed() %}{% endmacro %}"
    )
    return project


def statements(target: Path) -> dict[str, str]:
    """What was sent to the database for every model and seed."""
    folder = target / "run"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.*")}


def rows(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("select * from catalogue.credit_records order by record_id").fetchall()


def keys(connection: psycopg.Connection) -> dict[str, str]:
    """What Citus was asked to distribute, of the tables that there are."""
    return dict(
        connection.execute(
            """select c.relnamespace::regnamespace || '.' || c.relname, d.key
               from pg_dist_partition as d inner join pg_class as c on d.logicalrelid = c.oid"""
        ).fetchall()
    )


def test_one_machine_is_sent_what_it_always_was_and_many_the_same_rows(
    warehouse: Warehouse, nodes: dict[str, Any], tmp_path: Path
) -> None:
    with warehouse.connect() as connection:
        submit(connection, "honours", [good_row("honours", number) for number in range(1, 4)])
        submit(connection, "honours", [good_row("honours", 9)], bureau="210100")
        connection.execute("truncate intake.applied_seeds")  # seeds are told as well
    run(tmp_path / "unaware", "build", *SELECTED, project=without_distribution(tmp_path))
    with warehouse.connect(autocommit=True) as connection:
        expected = rows(connection)
        assert len(expected) == 4
        for schema in ("staging", "catalogue"):
            connection.execute(f"drop schema {schema} cascade")
        connection.execute("truncate intake.applied_seeds")
    run(tmp_path / "plain", "build", *SELECTED)
    plain = statements(tmp_path / "plain")
    assert plain == statements(tmp_path / "unaware") and len(plain) > 20

    with warehouse.connect(autocommit=True) as connection:
        assert rows(connection) == expected
        connection.execute(CITUS)
        ensure_raw_tables(connection)
    built = run(tmp_path / "many", "build", *SELECTED)
    results = json.loads((tmp_path / "many" / "run_results.json").read_text(encoding="utf-8"))["results"]
    made = {result["unique_id"] for result in results}
    wanted = {
        f"{node['schema']}.{node['alias']}": key_of(node)
        for node in built.values()
        if node["unique_id"] in made and key_of(node) is not None
    }
    received = {f"raw.{dataset}": "submission_id" for dataset in load_contracts()}
    with warehouse.connect(autocommit=True) as connection:
        assert keys(connection) == wanted | received
        assert {"submission_id", "record_id", "subject_id", "reference"} == set(wanted.values())
        assert rows(connection) == expected
        # restored from a dump, a table stands on the coordinator again
        connection.execute("delete from pg_dist_partition where logicalrelid = 'staging.stg_honours'::regclass")
        connection.execute("create table catalogue.review_samples as select '2022Q3-001' as sample_no")
        run(tmp_path / "many", "build", "--select", "stg_honours", *SELECTED[2:])
        assert keys(connection) == wanted | received | {"catalogue.review_samples": "reference"}
        assert connection.execute("select count(*) from staging.stg_honours").fetchone() == (4,)
        # what is drawn once is distributed as it stands
        assert connection.execute("select sample_no from catalogue.review_samples").fetchall() == [("2022Q3-001",)]
