"""A real Airflow: its scheduler killed in the middle of a run, two runs asked for at once, and a backfill."""

import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlsplit

import demo
import faults
import local_airflow
import psycopg
import pytest
from conftest import Warehouse
from psycopg import sql
from sample_submissions import write_samples

from ipcredit import release
from ipcredit.settings import TIME_ZONE

pytestmark = [pytest.mark.full, pytest.mark.timeout(3600)]

UNITS = ("210000", "210100", "210600")
DAGS = ("municipal_intake", "provincial_aggregation")
DAY, MOMENT = "2022-12-06", "2022-12-06T01:40:00+08:00"
"""A day, and the moment at which the nightly run judges it."""


@pytest.fixture(scope="module")
def airflow(warehouse: Warehouse, server_url: str) -> Iterator[local_airflow.Api]:
    name = f"test_airflow_{secrets.token_hex(6)}"
    url = urlsplit(server_url)._replace(scheme="postgresql+psycopg2", path=f"/{name}").geturl()
    with psycopg.connect(server_url, autocommit=True) as server, pytest.MonkeyPatch.context() as patch:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", url)
        # What was lost with the scheduler is found sooner than the five minutes it takes by default.
        patch.setenv("AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL", "10")
        patch.setenv("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "60")
        patch.setenv("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL", "5")
        try:
            local_airflow.migrate()
            local_airflow.start()
            yield local_airflow.wait_until_ready()
        finally:
            local_airflow.down()
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def taken_in(warehouse: Warehouse, airflow: local_airflow.Api) -> tuple[list[demo.Run], int]:
    """Two runs of the intake asked for at once on the same files, and the most that ever ran."""
    samples, drop = warehouse.home / "samples", warehouse.home / "drop"
    write_samples(samples, warehouse.home / "samples.json", subjects=150)
    for unit in UNITS:
        shutil.copytree(samples / unit, drop / unit)
    ids = [airflow.trigger(DAGS[0], received_at=demo.RECEIVED_AT) for _ in range(2)]
    faults.INJECTED["at once"] += 1
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        other = local_airflow.Api()
        while not done.wait(0.3):
            most = max(most, len(other.get(f"dags/{DAGS[0]}/dagRuns", state="running")["dag_runs"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    airflow._client.patch(f"dags/{DAGS[0]}", json={"is_paused": False}).raise_for_status()
    runs = [demo.follow(airflow, DAGS[0], run_id) for run_id in ids]
    done.set()
    watcher.join()
    return runs, most


def test_two_runs_at_once_come_one_after_the_other_and_take_in_once(taken_in: tuple[list[demo.Run], int]) -> None:
    runs, most = taken_in
    assert [run.state for run in runs] == ["success", "success"] and most == 1
    assert faults.lost_or_doubled() == []


def test_a_run_goes_on_by_itself_after_its_scheduler_was_killed(
    warehouse: Warehouse, airflow: local_airflow.Api, taken_in: tuple[list[demo.Run], int]
) -> None:
    run_id = airflow.trigger(DAGS[1])
    airflow._client.patch(f"dags/{DAGS[1]}", json={"is_paused": False}).raise_for_status()
    with warehouse.connect(autocommit=True) as db:
        while not db.execute("select 1 from pg_class where relnamespace = to_regnamespace('grading')").fetchone():
            time.sleep(0.2)
    # The machine's view of a crash: scheduler, its workers, the task and dbt, all at once.
    for process in local_airflow._members(local_airflow._leaders()["scheduler"]):
        process.send_signal(signal.SIGKILL)
        faults.INJECTED["killed"] += 1
    time.sleep(2)
    local_airflow.start()
    local_airflow.wait_until_ready()
    api = local_airflow.Api()
    run = demo.follow(api, DAGS[1], run_id)
    assert run.state == "success", [api.log_tail(task, 60) for task in run.failed]
    with warehouse.connect() as db:
        states = db.execute("select state, count(*) from release_store.releases group by 1").fetchall()
        moved = db.execute("select count(*) from release_store.pointer_history").fetchone()
    # The asset of the intake may have started one more run, which waits its turn.
    assert dict(states)["failed"] == 1 and dict(states)["published"] >= 1 and moved[0] == dict(states)["published"]
    assert faults.lost_or_doubled() == []
    print(f"\nfaults injected: {sum(faults.INJECTED.values())} {dict(faults.INJECTED)}")


def test_a_backfill_gives_what_was_said_on_time(warehouse: Warehouse, taken_in: tuple[list[demo.Run], int]) -> None:
    api = local_airflow.Api()
    on_time = demo.follow(api, DAGS[1], api.trigger(DAGS[1], as_of=DAY, known_at=MOMENT))
    assert on_time.state == "success"
    known = {r.release_id for r in release.list_releases()}
    (expected,) = (r for r in release.list_releases() if r.as_of == date.fromisoformat(DAY))
    subprocess.run(
        local_airflow._airflow(
            "backfill", "create", "--dag-id", DAGS[1], "--from-date", f"{DAY}T00:00:00+08:00",
            "--to-date", f"{DAY}T12:00:00+08:00",
        ),
        env=local_airflow.environment(int((local_airflow.home() / "port").read_text())),
        cwd=local_airflow.home(), check=True, capture_output=True,
    )  # fmt: skip
    found: list[str] = []
    while not found:
        found = [r["dag_run_id"] for r in api.get(f"dags/{DAGS[1]}/dagRuns", run_type="backfill")["dag_runs"]]
        time.sleep(0.5)
    (run_id,) = found
    assert demo.follow(api, DAGS[1], run_id).state == "success"
    (again,) = (r for r in release.list_releases() if r.release_id not in known)
    assert (again.as_of, again.known_at) == (expected.as_of, datetime.fromisoformat(MOMENT).astimezone(TIME_ZONE))
    assert release.digest(again.release_id) == release.digest(expected.release_id)
