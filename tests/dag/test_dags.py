"""The DAG files: exactly these DAGs, schedules, assets and tasks, and nothing touched while they are read."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ipcredit import notices
from ipcredit.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    # In a process of its own, in which no connection can be opened and no program started.
    told = python(tmp_path_factory.mktemp("airflow"), Path(__file__).with_name("read_dags.py"), PROJECT_ROOT / "dags")
    return json.loads(told.splitlines()[-1])


def python(home: Path, *arguments: str | Path) -> str:
    """What a Python says that knows Airflow and has no database."""
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def task(*after: str, retries: int, **others: Any) -> dict[str, Any]:
    plain = {"rule": "all_success", "mapped": False, "produces": [], "reads": []}
    return {"after": list(after), "retries": retries} | plain | others


def test_dags_are_exactly_these(bag):
    assert bag["errors"] == {}
    assert bag["dags"] == {
        "municipal_intake": {
            "schedule": {"type": "CronTriggerTimetable", "cron": "5 * * * * Asia/Shanghai", "run_immediately": 0},
            "catchup": False,
            "max_active_runs": 1,
            "params": ["received_at"],
            "tags": ["intake", "ip-credit"],
            "tells": True,
            "documented": True,
            "tasks": {
                "list_units": task(retries=2),
                "take_in": task("list_units", retries=2, mapped=True),
                "judge": task("take_in", retries=2, rule="all_done"),
                "write_receipts": task("judge", "list_units", retries=2, mapped=True),
                "publish_asset": task("judge", retries=2, reads=["intake_accepted"], produces=["intake_accepted"]),
                "every_unit_taken_in": task("list_units", "take_in", retries=0, rule="all_done"),
            },
        },
        "provincial_aggregation": {
            "schedule": {
                "type": "AssetOrTimeSchedule",
                "assets": ["intake_accepted"],
                "cron": "40 1 * * * Asia/Shanghai",
                "run_immediately": 0,
            },
            "catchup": False,
            "max_active_runs": 1,
            "params": ["as_of", "keep_releases", "known_at", "make_current"],
            "tags": ["ip-credit", "release"],
            "tells": True,
            "documented": True,
            "tasks": {
                "build_candidate": task(retries=1),
                "gate": task("build_candidate", retries=1),
                "publish_release": task("gate", retries=3, produces=["release_published"]),
                "retain_releases": task("publish_release", retries=1),
            },
        },
        "inspection_draw": {
            "schedule": {"type": "NullTimetable"},
            "catchup": False,
            "max_active_runs": 1,
            "params": [
                "draw_id",
                "drawn_by",
                "inspect_by",
                "object_kind",
                "plan_no",
                "release_id",
                "seed",
                "seed_source",
            ],
            "tags": ["inspection", "ip-credit"],
            "tells": True,
            "documented": True,
            "tasks": {
                "draw": task(retries=1),
                "verify": task("draw", retries=1),
                "write_sheets": task("verify", retries=1),
            },
        },
        "release_outputs": {
            "schedule": {"type": "AssetTriggeredTimetable", "assets": ["release_published"]},
            "catchup": False,
            "max_active_runs": 1,
            "params": ["release_id"],
            "tags": ["ip-credit", "outputs"],
            "tells": True,
            "documented": True,
            "tasks": {
                "site": task(retries=2),
                "scorecards": task(retries=2),
                "public_lists": task(retries=2),
                "exchange_drafts": task(retries=2),
            },
        },
        "year_end_summary": {
            "schedule": {"type": "NullTimetable"},
            "catchup": False,
            "max_active_runs": 1,
            "params": ["pin_reason", "pinned_by", "release_id", "year"],
            "tags": ["ip-credit", "outputs"],
            "tells": True,
            "documented": True,
            "tasks": {
                "choose": task(retries=1),
                "pin": task("choose", retries=1),
                "list_divisions": task(retries=1),
                "write_city": task("choose", "list_divisions", retries=1, mapped=True),
                "write_province": task("choose", "write_city", retries=1),
            },
        },
        "retention": {
            "schedule": {"type": "CronTriggerTimetable", "cron": "20 3 * * 0 Asia/Shanghai", "run_immediately": 0},
            "catchup": False,
            "max_active_runs": 1,
            "params": ["as_of", "dry_run"],
            "tags": ["ip-credit", "retention"],
            "tells": True,
            "documented": True,
            "tasks": {"erase_expired": task(retries=1)},
        },
        "bureau_returns": {
            "schedule": {"type": "CronTriggerTimetable", "cron": "0 8 1 * * Asia/Shanghai", "run_immediately": 0},
            "catchup": False,
            "max_active_runs": 1,
            "params": ["month", "release_id"],
            "tags": ["ip-credit", "returns"],
            "tells": True,
            "documented": True,
            "tasks": {
                "list_units": task(retries=2),
                "choose": task(retries=2),
                "write_return": task("choose", "list_units", retries=2, mapped=True),
            },
        },
        "overdue_reminders": {
            "schedule": {"type": "CronTriggerTimetable", "cron": "30 8 * * * Asia/Shanghai", "run_immediately": 0},
            "catchup": False,
            "max_active_runs": 1,
            "params": [],
            "tags": ["ip-credit", "returns"],
            "tells": True,
            "documented": True,
            "tasks": {
                "list_units": task(retries=2),
                "remind": task("list_units", retries=2, mapped=True),
                "every_reminder_known": task("remind", retries=0, rule="none_failed"),
            },
        },
    }


def test_reading_dags_loads_nothing_heavy(bag):
    assert bag["heavy"] == []


def test_for_every_dag_it_is_written_what_to_do(bag):
    with notices.WHAT_TO_DO.open(encoding="utf-8", newline="") as file:
        rows = {(row["dag_id"], row["task_id"]): row["what_to_do"] for row in csv.DictReader(file)}
    assert {dag for dag, task in rows if not task} == set(bag["dags"])
    tasks = {(dag_id, task_id) for dag_id, dag in bag["dags"].items() for task_id in dag["tasks"]}
    assert {key for key in rows if key[1]} <= tasks
    assert all(rows.values())
    assert notices.what_to_do("provincial_aggregation", "gate") == rows["provincial_aggregation", "gate"]
    assert notices.what_to_do("provincial_aggregation", "retain_releases") == rows["provincial_aggregation", ""]


LOOK_BACK = """
import sys
from airflow.dag_processing.dagbag import DagBag
from ipcredit.outputs import exchange

def refuse(release_id):
    raise exchange.NotCurrent(f"{release_id} is a look back")

exchange.prepare = refuse
drafts = DagBag(sys.argv[1]).dags["release_outputs"].get_task("exchange_drafts").python_callable
drafts.__globals__["get_current_context"] = lambda: {"params": {"release_id": "r20221205_0001"}}
print(drafts(triggering_asset_events={}))
"""


def test_a_release_that_did_not_become_current_fails_no_output(tmp_path):
    told = python(tmp_path, "-c", LOOK_BACK, PROJECT_ROOT / "dags").splitlines()
    assert told[-2:] == ["r20221205_0001 is a look back", "[]"]


SEVERAL = """
import sys
from types import SimpleNamespace
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset
from ipcredit import release
from ipcredit.outputs import exchange, public_lists, scorecards, site

CURRENT, LOOK_BACK, DROPPED = "r20221205_0041", "r20220901_0042", "r20221101_0009"

def prepare(release_id):
    if release_id != CURRENT:
        raise exchange.NotCurrent(f"{release_id} is a look back")
    return [SimpleNamespace(package_id=f"of {release_id}")]

release.list_releases = lambda: [
    SimpleNamespace(
        release_id=name, state="dropped" if name == DROPPED else "published", is_current=name == CURRENT
    )
    for name in (LOOK_BACK, CURRENT, DROPPED)
]
site.write_site = scorecards.write_scorecards = lambda release_id: [f"of {release_id}"]
public_lists.draft = lambda release_id: [f"of {release_id}"]
exchange.prepare = prepare
# As Airflow hands them over: in no order, one twice where a task was tried again.
published = [(3, LOOK_BACK), (1, DROPPED), (2, CURRENT), (4, CURRENT)]
events = {
    Asset("release_published"): [
        SimpleNamespace(timestamp=moment, extra={"release_id": name}) for moment, name in published
    ]
}
dag = DagBag(sys.argv[1]).dags["release_outputs"]
for name in ("site", "scorecards", "public_lists", "exchange_drafts"):
    task = dag.get_task(name).python_callable
    task.__globals__["get_current_context"] = lambda: {"params": {"release_id": None}}
    print(name, task(triggering_asset_events=events))
"""


def test_everything_published_during_a_run_gets_its_outputs_from_the_next(tmp_path):
    told = python(tmp_path, "-c", SEVERAL, PROJECT_ROOT / "dags").splitlines()
    both = "['of r20221205_0041', 'of r20220901_0042']"
    made = [line for line in told if line.split()[0] in ("site", "scorecards", "public_lists", "exchange_drafts")]
    assert made == [
        f"site {both}", f"scorecards {both}", f"public_lists {both}", "exchange_drafts ['of r20221205_0041']"
    ]  # fmt: skip
    assert told.count("r20221101_0009 has been dropped since; nothing is made of it.") == 4


WITHOUT_SHEET = """
import sys
from airflow.dag_processing.dagbag import DagBag
from ipcredit import inspection

inspection.draw = lambda draw_id, *_: inspection.Draw(draw_id, "r20221205_0001", 9, 3, 0, 2, "seed")
draw = DagBag(sys.argv[1]).dags["inspection_draw"].get_task("draw").python_callable
given = dict.fromkeys(("plan_no", "object_kind", "seed", "seed_source", "drawn_by", "release_id"), "x")
draw.__globals__["get_current_context"] = lambda: {
    "params": given | {"draw_id": "2022-D3", "inspect_by": "2022-12-31"}
}
print(draw())
"""


def test_a_draw_says_who_gets_no_sheet(tmp_path):
    *_, told, missing, draw_id = python(tmp_path, "-c", WITHOUT_SHEET, PROJECT_ROOT / "dags").splitlines()
    assert told == "3 of 9 drawn, 0 seats without an inspector." and draw_id == "2022-D3"
    assert missing.startswith("2 of the drawn are on record for no city")


def test_safe_mode_finds_every_file():
    for path in (PROJECT_ROOT / "dags").glob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        assert "airflow" in text and "dag" in text, path.name


def test_one_file_per_dag_named_after_it(bag):
    assert {path.stem for path in (PROJECT_ROOT / "dags").glob("*.py")} == set(bag["dags"])


def test_assets_that_one_dag_waits_for_are_produced_by_another(bag):
    produced = {name for dag in bag["dags"].values() for task in dag["tasks"].values() for name in task["produces"]}
    awaited = {name for dag in bag["dags"].values() for name in dag["schedule"].get("assets", [])}
    assert awaited == produced


def test_dags_hold_no_sql():
    for path in (PROJECT_ROOT / "dags").glob("*.py"):
        assert not re.search(r"\b(select|insert|update|delete)\b.+\b(from|into|set)\b", path.read_text(), re.I), (
            path.name
        )
