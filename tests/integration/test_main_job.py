"""The main job by a real Airflow: files of three units go in, a release comes out, and one broken unit stops nobody."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import demo
import local_airflow
import psycopg
import pytest
from conftest import Warehouse
from psycopg import sql
from sample_submissions import write_samples

from ipcredit.intake.personal import is_id_number
from ipcredit.intake.units import submitting_units
from ipcredit.notices import what_to_do

UNITS = ("210000", "210100", "210600")
BROKEN = "210200"
NUMBERS = re.compile(r"(?<![\dA-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![\dA-Za-z])")


@dataclass
class Job:
    """Two runs of the main job: the first with a broken unit, the second with it mended and the same files again."""

    first: list[demo.Run]
    second: list[demo.Run]
    ledger: list[tuple[object, ...]]
    ledger_after: list[tuple[object, ...]]


@pytest.fixture(scope="module")
def airflow(warehouse: Warehouse, server_url: str) -> Iterator[local_airflow.Api]:
    name = f"test_airflow_{secrets.token_hex(6)}"
    url = urlsplit(server_url)._replace(scheme="postgresql+psycopg2", path=f"/{name}").geturl()
    with psycopg.connect(server_url, autocommit=True) as server, pytest.MonkeyPatch.context() as patch:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", url)
        try:
            local_airflow.migrate()
            local_airflow.start()
            yield local_airflow.wait_until_ready()
        finally:
            local_airflow.down()
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def job(warehouse: Warehouse, airflow: local_airflow.Api) -> Job:
    samples, drop = warehouse.home / "samples", warehouse.home / "drop"
    write_samples(samples, warehouse.home / "samples.json", subjects=150)
    drop.mkdir()
    drop_samples(samples, drop)
    (drop / BROKEN).write_text("a file where the unit's folder should be")
    first = demo.run_main_job(airflow)
    ledger = read_ledger(warehouse)
    (drop / BROKEN).unlink()
    drop_samples(samples, drop)
    return Job(first, demo.run_main_job(airflow), ledger, read_ledger(warehouse))


def drop_samples(samples: Path, drop: Path) -> None:
    for unit in UNITS:
        shutil.copytree(samples / unit, drop / unit, dirs_exist_ok=True)


def read_ledger(warehouse: Warehouse) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(
            """select submission_id, bureau_code, state, rows_received, valid_from, valid_to, receipt_path
               from intake.submissions order by submission_id"""
        ).fetchall()


def states(run: demo.Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for task in run.tasks:
        found.setdefault(task["task_id"], set()).add(task["state"])
    return found


def test_assets_start_the_chain_although_one_unit_is_broken(job):
    assert [(run.dag_id, run.state) for run in job.first] == [
        ("municipal_intake", "failed"),
        ("provincial_aggregation", "success"),
        ("release_outputs", "success"),
    ]
    failed = {(task["task_id"], task["rendered_map_index"]) for task in job.first[0].failed}
    assert failed == {
        ("take_in", "大连市知识产权局"),
        ("write_receipts", "大连市知识产权局"),
        ("every_unit_taken_in", None),
    }
    assert states(job.first[0]) == {
        "list_units": {"success"},
        "take_in": {"success", "failed"},
        "judge": {"success"},
        "write_receipts": {"success", "failed"},
        "publish_asset": {"success"},
        "every_unit_taken_in": {"failed"},
    }


def test_the_run_names_the_unit_that_failed(airflow, job):
    leaf = next(task for task in job.first[0].failed if task["task_id"] == "every_unit_taken_in")
    assert "Not taken in, see their take_in tasks: 210200 大连市知识产权局." in airflow.log_tail(leaf)


def test_the_operator_is_told_of_each_task_that_failed_and_what_to_do(warehouse, job):
    texts = [path.read_text(encoding="utf-8") for path in (warehouse.home / "outputs" / "notices").glob("manual__*")]
    assert {text.splitlines()[0] for text in texts} == {
        "【运行失败】municipal_intake / take_in（大连市知识产权局）",
        "【运行失败】municipal_intake / write_receipts（大连市知识产权局）",
        "【运行失败】municipal_intake / every_unit_taken_in",
    }
    assert len(texts) == 3
    for text in texts:
        (line,) = (line for line in text.splitlines() if line.startswith("怎么办："))
        assert what_to_do("municipal_intake", text.splitlines()[0].split()[2].split("（")[0]) in line


def test_logs_are_structured_and_hold_nobodys_number(warehouse, server_url, job):
    """Identity cards with a true check digit and mobile phones, in what Airflow, dbt and PostgreSQL have written."""
    with warehouse.connect() as connection:
        persons = connection.execute(
            "select count(*) from raw.commitments where person_id_number like 'hmac:%'"
        ).fetchone()
        (data,) = connection.execute("show data_directory").fetchone()
    assert persons[0] > 0, "there were numbers that could have been logged"
    logs = [path for path in (warehouse.home / "airflow" / "logs").rglob("*") if path.is_file()]
    tasks = [path for path in logs if path.parent.name.startswith("task_id=") or path.match("task_id=*/**/*")]
    assert tasks
    for path in tasks:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert {"timestamp", "level", "event"} <= json.loads(line).keys(), path
    logs += [*Path(os.environ["DBT_LOG_PATH"]).glob("*.log*"), *Path(data).glob("log/*.log")]
    found = {
        (path.name, number)
        for path in logs
        for number in NUMBERS.findall(path.read_text(encoding="utf-8", errors="replace"))
        if len(number) == 11 or is_id_number(number)
    }
    assert found == set()


def test_the_other_units_files_are_in_the_ledger_with_receipts(warehouse, job):
    assert {bureau for _, bureau, *_ in job.ledger} == set(UNITS)
    assert all(valid_from for *_, state, _, valid_from, _, _ in job.ledger if state == "loaded")
    for *_, receipt in job.ledger:
        assert (warehouse.home / "drop" / receipt).is_file()


def test_a_release_is_published_for_the_day_of_receipt(warehouse, job):
    with warehouse.connect() as connection:
        release = connection.execute(
            """select r.release_id, r.state, r.as_of::text, r.known_at = '2022-12-05 09:00:00+08'
               from release_store.current_release inner join release_store.releases as r using (release_id)"""
        ).fetchone()
        grades = connection.execute("select count(*) from publication.subject_grades").fetchone()
        releases = connection.execute("select count(*) from release_store.releases").fetchone()
    assert release[1:] == ("published", "2022-12-05", True)
    assert grades[0] > 0
    assert releases == (1,)
    assert (warehouse.home / "outputs" / release[0] / "index.html").is_file()


def test_the_same_files_again_change_nothing(job):
    assert [(run.dag_id, run.state) for run in job.second] == [("municipal_intake", "success")]
    assert states(job.second[0])["publish_asset"] == {"skipped"}
    assert job.ledger_after == job.ledger


def test_a_gap_says_what_was_asked_of_the_unit(warehouse, job):
    with warehouse.connect() as connection:
        found = connection.execute(
            """select is_due, substring(gap from '；.*?(已逾期|未到期|不要求报送|期限未知)'), due_on <= '2022-12-05'
               from publication.catalogue_coverage where gap is not null group by 1, 2, 3"""
        ).fetchall()
    # the first quarter ended before the catalogue took effect on 2022-04-13; the fourth was reported early by some
    assert set(found) == {(True, "已逾期", True), (False, "不要求报送", None), (False, "未到期", False)}


def test_units_find_their_return_file_and_one_reminder(warehouse, airflow, job):
    started = [(dag_id, airflow.trigger(dag_id)) for dag_id in ("bureau_returns", "overdue_reminders")]
    runs = [demo.follow(airflow, dag_id, run_id) for dag_id, run_id in started]
    assert [states(run) for run in runs] == [
        {"list_units": {"success"}, "choose": {"success"}, "write_return": {"success"}},
        {"list_units": {"success"}, "remind": {"success"}, "every_reminder_known": {"success"}},
    ]
    with warehouse.connect() as connection:
        written = connection.execute("select unit_code, path, month from intake.returns").fetchall()
        # No connection for mail is configured: everything overdue stands in files.
        told = connection.execute(
            """select bureau_code, dataset, period from intake.reminders
               where state = 'sent' and channel = 'file' order by 1, 2, 3"""
        ).fetchall()
        overdue = connection.execute(
            """select bureau_code, dataset, period from publication.catalogue_coverage
               where is_due and gap is not null order by 1, 2, 3"""
        ).fetchall()
    assert {month for *_, month in written} == {"2022-11"}
    assert {unit for unit, *_ in written} == {unit.code for unit in submitting_units()}
    assert all((warehouse.home / "drop" / path).is_file() for _, path, _ in written)
    assert told == overdue != []
    reminded = sorted({bureau for bureau, *_ in told})
    assert sorted(path.parts[-3] for path in (warehouse.home / "drop").glob("*/回执/催报_*")) == reminded
