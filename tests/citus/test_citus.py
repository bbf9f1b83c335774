"""The same submissions on a Citus cluster and on one machine: the same releases, row by row, on the first day and on
the next, which only brings what is new.

`IPCREDIT_CITUS_URL` names a database of a cluster prepared as docs/operations.md says, made for this test: what is in
it of ours is dropped first. Its name must hold `test`.
"""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from conftest import ARCHIVE_KEY, PERSON_KEY, Warehouse, _environment
from psycopg import sql
from sample_submissions import write_samples

from ipcredit import build, quality, release
from ipcredit.contracts import load_contracts
from ipcredit.database import connect, migrate
from ipcredit.intake import take_in
from ipcredit.settings import TIME_ZONE

URL = os.environ.get("IPCREDIT_CITUS_URL", "")
pytestmark = [
    pytest.mark.citus,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not URL, reason="IPCREDIT_CITUS_URL names no cluster"),
]

FIRST_DAY = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
# Units by the day their files come; the last is the province's own, whose files cite those of the others.
UNITS = {FIRST_DAY: ("210000", "210100", "210600", "LN-IPO"), FIRST_DAY + timedelta(days=1): ("210200", "210300")}
SCHEMAS = (
    "raw", "intake", "quality", "release_store", "publication", "inspection", "lists", "exchange", "reports", "policy",
    "reference", "staging", "catalogue", "grading", "supervision", "assessment", "pilot", "candidate",
)  # fmt: skip


def rows(release_id: str) -> dict[str, list[str]]:
    """Every row of every published table of a release, as text."""
    with connect() as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    sql.SQL("select t::text from {} as t where t.release_id = %s order by 1").format(
                        sql.Identifier("release_store", table)
                    ),
                    (release_id,),
                )
            ]
            for table in release.published_tables()
        }


def make_releases(home: Path, samples: Path) -> list[dict[str, list[str]]]:
    """Take in what comes on each day, and build, check and publish a release of it."""
    made = []
    for day, units in UNITS.items():
        for unit in units:
            shutil.copytree(samples / unit, home / "drop" / unit)
            for file in (home / "drop" / unit).iterdir():
                os.utime(file, (0, 0))
            take_in(unit, day)
        release_id = build.build_candidate(known_at=day)
        verdict = quality.run_gate(release_id)
        assert verdict.passed, verdict.summary
        release.publish(release_id)
        made.append(rows(release_id))
    return made


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, folder / "samples.json", subjects=150)
    return folder


@pytest.fixture(scope="module")
def on_one_machine(warehouse: Warehouse, samples: Path) -> list[dict[str, list[str]]]:
    return make_releases(warehouse.home, samples)


def empty(url: str) -> None:
    """Drop everything of ours."""
    assert "test" in urlsplit(url).path, (
        "this test empties the database: it must be made for it, with `test` in its name"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute("select nspname from pg_namespace where nspname like 'release\\_r%'").fetchall()
        for name in (*SCHEMAS, *(name for (name,) in names)):
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
        connection.execute("drop table if exists public.ipcredit_migrations")


@pytest.fixture(scope="module")
def cluster(on_one_machine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    empty(URL)
    there = Warehouse(URL, tmp_path_factory.mktemp("cluster"))
    with _environment(
        IPCREDIT_DATABASE_URL=URL, IPCREDIT_HOME=str(there.home), IPCREDIT_PERSON_KEY=PERSON_KEY,
        IPCREDIT_ARCHIVE_KEYS=ARCHIVE_KEY,
    ), pytest.MonkeyPatch.context() as patch:  # fmt: skip
        patch.setenv("IPCREDIT_DBT_THREADS", "1")
        migrate()
        yield there


@pytest.fixture(scope="module")
def on_many(cluster: Warehouse, samples: Path) -> list[dict[str, list[str]]]:
    return make_releases(cluster.home, samples)


def test_every_published_row_is_the_same(on_one_machine: list[dict[str, list[str]]], on_many: Any) -> None:
    for one, many in zip(on_one_machine, on_many, strict=True):
        assert {table: len(found) for table, found in many.items()} == {
            table: len(found) for table, found in one.items()
        }
        assert {table for table in one if one[table] != many[table]} == set()
    first, second = ({table: len(found) for table, found in one.items()} for one in on_one_machine)
    assert first["subject_grades"] > 50 and second["subject_grades"] > first["subject_grades"]


def test_tables_lie_where_their_models_say(cluster: Warehouse, on_many: Any) -> None:
    manifest = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text(encoding="utf-8"))
    said = {
        f"{node['schema']}.{node['alias']}": node["config"]["meta"].get("distribute_by")
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "ephemeral"
    }
    wanted = {name: key for name, key in said.items() if key} | {
        f"raw.{name}": "submission_id" for name in load_contracts()
    }
    with cluster.connect() as connection:
        found = connection.execute(
            """select c.relnamespace::regnamespace || '.' || c.relname,
                   coalesce(column_to_column_name(d.logicalrelid, d.partkey), 'reference')
               from pg_dist_partition as d inner join pg_class as c on d.logicalrelid = c.oid"""
        ).fetchall()
        spread = connection.execute(
            """select count(distinct (nodename, nodeport)) from citus_shards
               where citus_table_type = 'distributed' and table_name = 'grading.subject_grades'::regclass"""
        ).fetchone()
        workers = connection.execute("select count(*) from pg_dist_node where shouldhaveshards").fetchone()
    assert dict(found) == wanted
    assert spread == workers
