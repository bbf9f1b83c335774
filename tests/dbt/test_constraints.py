"""What PostgreSQL keeps itself, so that no test looks through all rows: NOT NULL and keys of incremental tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from helpers import good_row, submit
from test_distribution import KNOWN_AT, SELECTED

from ipcredit.build import BuildError, dbt_environment, run_dbt

Columns = set[tuple[str, str]]


@pytest.fixture(scope="module")
def target(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of three rows, and where dbt has written what it made."""
    with warehouse.connect() as connection:
        submit(connection, "honours", [good_row("honours", number) for number in range(1, 4)])
    path = tmp_path_factory.mktemp("target")
    dbt(path, "build", *SELECTED)
    return path


def dbt(target: Path, *arguments: str) -> None:
    environment = dbt_environment(as_of=KNOWN_AT.date(), known_at=KNOWN_AT) | {
        "DBT_TARGET_PATH": str(target), "DBT_WRITE_JSON": "true",
    }  # fmt: skip
    run_dbt(*arguments, "--quiet", environment=environment)


@pytest.fixture
def db(warehouse: Warehouse, target: Path) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        yield connection


def wanted(target: Path) -> Columns:
    """Columns of incremental tables outside staging that a test calls never null, or that are in a unique index."""
    nodes: dict[str, Any] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    made = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    tables = {
        node["unique_id"]: node
        for node in (nodes[result["unique_id"]] for result in made)
        if node["config"]["materialized"] == "incremental" and node["schema"] != "staging"
    }
    found = {
        (table["name"], column)
        for table in tables.values()
        for index in table["config"].get("indexes", [])
        if index.get("unique")
        for column in index["columns"]
    }
    never_null = (n for n in nodes.values() if n.get("test_metadata", {}).get("name") == "not_null")
    return found | {
        (tables[node["attached_node"]]["name"], node["column_name"])
        for node in never_null
        if node["attached_node"] in tables
    }


def test_what_must_not_be_null_the_database_refuses(db: psycopg.Connection, target: Path) -> None:
    kept = set(
        db.execute(
            """select c.relname::text, a.attname::text
               from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid
               where c.relnamespace = 'catalogue'::regnamespace and c.relkind = 'r' and a.attnum > 0 and a.attnotnull"""
        ).fetchall()
    )
    assert kept == wanted(target)
    assert {("records", "record_id"), ("records", "event_type"), ("row_states", "row_number")} <= kept
    with pytest.raises(psycopg.errors.NotNullViolation):
        db.execute("update catalogue.records set event_type = null")


TESTS = {
    "unique_records_record_id": ("records", ["record_id"]),
    "unique_together_row_states_submission_id__row_number": ("row_states", ["submission_id", "row_number"]),
}


@pytest.mark.parametrize("test", TESTS)
def test_rows_are_counted_where_there_is_no_key(
    test: str, db: psycopg.Connection, target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table, columns = TESTS[test]
    has_key = "select quality.has_key(%s, %s)", (f"catalogue.{table}", columns)
    assert db.execute(*has_key).fetchone() == (True,)
    dbt(target, "test", "--select", test)
    for (index,) in db.execute(
        "select indexrelid::regclass::text from pg_index where indrelid = %s::regclass and indisunique",
        (f"catalogue.{table}",),
    ).fetchall():
        db.execute(f"drop index {index}")
    assert db.execute(*has_key).fetchone() == (False,)
    dbt(target, "test", "--select", test)
    db.execute(f"insert into catalogue.{table} select * from catalogue.{table} limit 1")
    with pytest.raises(BuildError):
        dbt(target, "test", "--select", test)
    assert f"FAIL 1 {test}" in capfd.readouterr().out


def test_tables_are_described_where_they_stand_and_leave_none_behind(db: psycopg.Connection, target: Path) -> None:
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    made = {
        row for (row,) in db.execute("select oid::regclass::text from pg_class where relkind in ('r', 'v')").fetchall()
    }
    described = {
        (f"{node['schema']}.{node['alias']}", name, description)
        for node in nodes.values()
        if node["resource_type"] in ("model", "seed") and f"{node['schema']}.{node['alias']}" in made
        for name, description in [
            (None, node["description"]),
            *((column["name"], column["description"]) for column in node["columns"].values()),
        ]
        if description
    }
    found = db.execute(
        """select d.objoid::regclass::text, a.attname, d.description from pg_description as d
           left join pg_attribute as a on d.objoid = a.attrelid and d.objsubid = a.attnum and d.objsubid > 0
           where d.classoid = 'pg_class'::regclass and (d.objsubid = 0 or a.attname is not null)"""
    ).fetchall()
    assert len(described) > 300 and described <= set(found)
    assert not {table for table in made if "__dbt" in table}
