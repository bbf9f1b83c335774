"""Release candidates for tests: the first built by dbt over hand-written upstream tables, the next copied from it."""

import os
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ipcredit.build import dbt_environment, run_dbt
from ipcredit.database import connect, database_url
from ipcredit.release import published_tables
from ipcredit.settings import TIME_ZONE

UPSTREAM = Path(__file__).with_name("upstream.sql")
AS_OF = "2022-12-05"
# Of the assessment only its inputs are written by hand.
ASSESSED = ("rule_inputs", "rule_results", "subtotals", "scorecards", "gaps")


def build_first_candidate(release_id: str) -> None:
    """Models of models/publication, built by dbt over the small province of upstream.sql into a database without data.

    The first module of a session that asks has it built; the database as it is then is copied for the others.
    """
    database = urlsplit(database_url()).path.removeprefix("/")
    kept = f"{os.environ['IPCREDIT_TEST_TEMPLATE']}_{release_id}"
    with psycopg.connect(urlsplit(database_url())._replace(path="/postgres").geturl(), autocommit=True) as server:
        if server.execute("select 1 from pg_database where datname = %s", (kept,)).fetchone():
            _copy_database(server, kept, database)
        else:
            _build(release_id)
            _copy_database(server, database, kept)


def _copy_database(server: psycopg.Connection, source: str, copy: str) -> None:
    """Whoever is still connected to either of them is sent away."""
    server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (source,))
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(copy)))
    names = {"copy": sql.Identifier(copy), "source": sql.Identifier(source)}
    server.execute(sql.SQL("create database {copy} template {source}").format(**names))


def _build(release_id: str) -> None:
    with connect() as connection:
        connection.execute(UPSTREAM.read_text(encoding="utf-8"))
        register(connection, release_id)
    environment = dbt_environment(
        as_of=date.fromisoformat(AS_OF),
        known_at=datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE),
        release_id=release_id,
    )
    run_dbt(
        "build", "--select", "path:seeds", "path:models/publication", *ASSESSED,
        "--resource-type", "seed", "--resource-type", "model", "--quiet",
        environment=environment,
    )  # fmt: skip


def register(connection: psycopg.Connection, release_id: str) -> None:
    connection.execute(
        """insert into release_store.releases (release_id, as_of, known_at, code_commit, state, previous_release_id)
           select %s, %s, %s, 'test', 'candidate', c.release_id from release_store.current_release as c""",
        (release_id, AS_OF, "2022-12-05 09:00+08"),
    )


def copy_candidate(connection: psycopg.Connection, published: str, release_id: str) -> None:
    """A candidate with the rows of a published release, as if the same data had been built again."""
    register(connection, release_id)
    for table in published_tables():
        names = {"new": sql.Identifier("candidate", table), "old": sql.Identifier(f"release_{published}", table)}
        connection.execute(
            sql.SQL("create table {new} (like {old} including indexes including comments)").format(**names)
        )
        connection.execute(sql.SQL("insert into {new} select * from {old}").format(**names))
        connection.execute(sql.SQL("update {new} set release_id = {id}").format(**names, id=sql.Literal(release_id)))
        connection.execute(
            sql.SQL("alter table {new} add check (release_id = {id})").format(**names, id=sql.Literal(release_id))
        )


def pass_gate(connection: psycopg.Connection, release_id: str, *, success: bool = True) -> None:
    """The record of a gate run; what the gate itself finds is the matter of test_gate.py."""
    connection.execute(
        """insert into quality.gate_results (run_id, release_id, suite, expectation_id, title, severity, success)
           values (%(id)s || '-' || (select count(*) from quality.gate_results), %(id)s,
               'subjects', 'stand-in', '代用', 'critical', %(ok)s)""",
        {"id": release_id, "ok": success},
    )
