"""`make demo`: the main job on sample submissions, run by Airflow, from files to an audited release.

Starts what it needs (embedded PostgreSQL, Airflow), drops the samples, triggers `municipal_intake`, follows the runs
that assets start, and says what happened and where to look. Run again, it finds nothing new: no second copy of a row.
"""

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import local_airflow
from rich.console import Console
from rich.table import Table
from sample_submissions import write_samples

from ipcredit import database, embedded, roles
from ipcredit.settings import get_settings

RECEIVED_AT = "2022-12-05T09:00:00+08:00"
FIRST_DAG = "municipal_intake"
POLL_SECONDS = 0.5
NEXT_RUN_SECONDS = 60

console = Console()


@dataclass
class Run:
    """A finished DAG run and its task instances."""

    dag_id: str
    run_id: str
    state: str
    tasks: list[dict[str, Any]]

    @property
    def seconds(self) -> float:
        """From the start of its first task to the end of its last."""
        spans = [span for task in self.tasks if (span := _span(task))]
        return max(end for _, end in spans) - min(start for start, _ in spans) if spans else 0.0

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Tasks that failed themselves, not those that could not run because of them."""
        return [task for task in self.tasks if task["state"] == "failed"]


def _span(task: dict[str, Any]) -> tuple[float, float] | None:
    if not task["start_date"] or not task["end_date"]:
        return None
    return (
        datetime.fromisoformat(task["start_date"]).timestamp(),
        datetime.fromisoformat(task["end_date"]).timestamp(),
    )


@contextlib.contextmanager
def stage(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Say what goes on, and keep how long it took."""
    started = time.monotonic()
    with console.status(name) if console.is_terminal else contextlib.nullcontext():
        yield
    seconds[name] = time.monotonic() - started
    console.print(f"{name}: {seconds[name]:.1f} s")


def follow(api: local_airflow.Api, dag_id: str, run_id: str) -> Run:
    """Wait for the end of a run, showing each task as it ends."""
    shown: set[tuple[str, int, int]] = set()
    status = console.status(dag_id) if console.is_terminal else contextlib.nullcontext()
    with status as line:
        while True:
            local_airflow.check()
            state = api.run(dag_id, run_id)["state"]
            tasks = api.tasks(dag_id, run_id)
            done = [task for task in tasks if task["end_date"]]
            for task in sorted(done, key=lambda task: task["end_date"]):
                if (key := (task["task_id"], task["map_index"], task["try_number"])) not in shown:
                    shown.add(key)
                    label = f" {task['rendered_map_index']}" if task["rendered_map_index"] else ""
                    console.print(f"  {dag_id}.{task['task_id']}{label}: {task['state']}", highlight=False)
            if line:
                line.update(f"{dag_id}: {len(done)} of {len(tasks)} tasks done")
            if state in ("success", "failed"):
                return Run(dag_id, run_id, state, tasks)
            time.sleep(POLL_SECONDS)


def next_run(api: local_airflow.Api, run: Run) -> tuple[str, str] | None:
    """The run that an asset of this one has started; None when it emitted none.

    Raises:
        AirflowError: an asset was emitted but nothing was started by it.
    """
    deadline = time.monotonic() + NEXT_RUN_SECONDS
    while events := api.asset_events(run.dag_id, run.run_id):
        for event in events:
            for started in event["created_dagruns"]:
                return started["dag_id"], started["run_id"]
        if time.monotonic() > deadline:
            raise local_airflow.AirflowError(f"The asset of {run.dag_id} started no run.")
        time.sleep(POLL_SECONDS)
    return None


def run_main_job(api: local_airflow.Api) -> list[Run]:
    """Trigger intake, then follow the chain of runs that assets start."""
    # Trigger first: a DAG still paused queues this run before any run of its schedule.
    following: tuple[str, str] | None = (FIRST_DAG, api.trigger(FIRST_DAG, received_at=RECEIVED_AT))
    api.unpause()
    runs = []
    while following:
        runs.append(follow(api, *following))
        following = next_run(api, runs[-1])
    return runs


def airflow_share(api: local_airflow.Api, runs: list[Run]) -> tuple[float, float]:
    """Seconds from the first task's start to the last one's end, and how many of them saw no work of ours."""
    tasks = [task for run in runs for task in run.tasks if task["state"] in ("success", "failed", "skipped")]
    worked, until = 0.0, 0.0
    for start, end in sorted(span for task in tasks if (span := api.work(task))):
        worked += max(0.0, end - max(start, until))
        until = max(until, end)
    spans = [span for task in tasks if (span := _span(task))]
    total = max(end for _, end in spans) - min(start for start, _ in spans)
    return total, total - worked


def report(api: local_airflow.Api, runs: list[Run], seconds: dict[str, float]) -> bool:
    """Print what happened and where to look.

    Returns:
        Whether every run succeeded.
    """
    for run in runs:
        for task in run.failed:
            label = f" ({task['rendered_map_index']})" if task["rendered_map_index"] else ""
            console.print(f"\n[red]{run.dag_id}.{task['task_id']}{label} failed; the end of its log:[/red]")
            console.print(api.log_tail(task), markup=False, highlight=False)
    with database.connect() as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

        table = Table(title="What stands in the warehouse now", title_justify="left", show_header=False)
        for state, count in rows("select state, count(*) from intake.submissions group by state order by state"):
            table.add_row(f"submissions {state}", f"{count:,}")
        received = rows("select coalesce(sum(rows_received), 0) from intake.submissions where valid_from is not null")
        table.add_row("rows received", f"{received[0][0]:,}")
        if rows("select 1 from pg_class where oid = to_regclass('catalogue.row_states')"):
            for state, count in rows("select state, count(*) from catalogue.row_states group by state order by state"):
                table.add_row(f"rows {state}", f"{count:,}")
        current = rows(
            """select r.release_id, r.as_of, v.run_id, v.checks, v.warnings, v.waived
               from release_store.current_release as c
               inner join release_store.releases as r on c.release_id = r.release_id
               inner join quality.gate_verdicts as v on r.release_id = v.release_id and v.is_latest"""
        )
    release_id = gate_run = None
    if current:
        release_id, as_of, gate_run, checks, warnings, waived = current[0]
        table.add_row("current release", f"{release_id}, as of {as_of}")
        table.add_row("its gate", f"passed: {checks} checks, {warnings} warned, {waived} waived")
    console.print()
    console.print(table)
    if len(runs) == 1 and runs[0].state == "success":
        console.print("Nothing new was received: no release was made, the current one stands.")

    total, own = airflow_share(api, runs)
    times = Table(title="Seconds", title_justify="left", show_header=False)
    for name, taken in (seconds | {run.dag_id: run.seconds for run in runs}).items():
        times.add_row(name, f"{taken:.1f}")
    times.add_row("main job, first task to last", f"{total:.1f}")
    times.add_row("of which Airflow's own", f"{own:.1f} ({own / total:.0%})")
    console.print(times)
    where_to_look(release_id, gate_run)
    return all(run.state == "success" for run in runs)


def where_to_look(release_id: str | None, gate_run: str | None) -> None:
    """Print where receipts, pages and data are."""
    settings = get_settings()
    places = {"receipts": settings.drop.absolute() / "210600" / "回执"}
    if release_id and gate_run:
        outputs = settings.outputs.absolute() / release_id
        data_docs = outputs / "gate" / gate_run / "data_docs" / "index.html"
        places |= {"site": outputs / "index.html", "Data Docs": data_docs}
    console.print()
    for name, path in places.items():
        console.print(f"{name}: {path}", soft_wrap=True, highlight=False)
    query = "select grade, count(*) from publication.subject_grades group by grade order by grade"
    console.print("To ask as an analyst: make up, then", highlight=False)
    console.print(f'  .venv/bin/ipcredit db psql --as analyst -c "{query}"', soft_wrap=True, highlight=False)
    console.print(
        "make up leaves PostgreSQL and Airflow running, with its web page; make down stops them.", soft_wrap=True
    )


def main(keep_running: bool) -> bool:
    """Run the demo; True when every stage succeeded."""
    seconds: dict[str, float] = {}
    external = get_settings().database_url is not None
    # What was running before stays running.
    stop_airflow = not keep_running and not all(local_airflow.running().values())
    stop_server = not keep_running and not external and embedded.status().pid is None
    try:
        with stage("PostgreSQL", seconds):
            if not external:
                embedded.start()
            database.migrate()
            roles.grant()
        with stage("Airflow's metadata", seconds):
            local_airflow.migrate()
        with stage("Airflow's start", seconds):
            local_airflow.start()
            write_samples(get_settings().drop, get_settings().home / "samples.json")
            api = local_airflow.wait_until_ready()
        succeeded = report(api, run_main_job(api), seconds)
        if not stop_airflow:
            console.print(local_airflow.invitation(), highlight=False)
        return succeeded
    finally:
        if stop_airflow:
            local_airflow.down()
        if stop_server:
            embedded.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep-running", action="store_true", help="leave PostgreSQL and Airflow running")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside, it stops what it started, too
    try:
        sys.exit(0 if main(arguments.keep_running) else 1)
    except KeyboardInterrupt:
        sys.exit("Interrupted. Running it again continues.")
    except httpx.HTTPError as error:
        sys.exit(f"Airflow does not answer ({error}); its logs are in {local_airflow.home() / 'logs'}.")
    except (local_airflow.AirflowError, embedded.EmbeddedServerError, database.DatabaseError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
