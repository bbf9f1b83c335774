"""Read the DAG files of a folder as Airflow does, with the way out barred, and print what they hold as JSON."""

import json
import socket
import subprocess
import sys
from typing import Any

import airflow.sdk  # noqa: F401 - what every DAG file imports is not counted
from airflow.dag_processing.dagbag import DagBag

HEAVY = {"dbt", "great_expectations", "pandas", "plotly", "psycopg", "psycopg2"}
LIGHT = {"ipcredit", "ipcredit.notices"}


def refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("a DAG file reached out while it was read")


def schedule(timetable: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": type(timetable).__name__}
    if (condition := timetable.asset_condition) is not None:
        found["assets"] = names(getattr(condition, "objects", [condition]))
    cron = getattr(timetable, "timetable", timetable)
    if hasattr(cron, "expression"):
        found["cron"] = f"{cron.expression} {cron.timezone}"
        found["run_immediately"] = cron.run_immediately.total_seconds()
    return found


def names(assets: Any) -> list[str]:
    return sorted(asset.name for asset in assets)


def callbacks(task: Any) -> list[str]:
    found = task.on_failure_callback  # of a mapped task as it was given
    return [function.__name__ for function in (found if isinstance(found, list) else [found]) if function]


def describe(dag: Any) -> dict[str, Any]:
    return {
        "schedule": schedule(dag.timetable),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "params": sorted(dag.params),
        "tags": sorted(dag.tags),
        "tells": all(callbacks(task) == ["tell_failure"] for task in dag.tasks),
        "documented": bool(dag.doc_md) and all(task.doc_md for task in dag.tasks),
        "tasks": {
            task.task_id: {
                "after": sorted(task.upstream_task_ids),
                "retries": task.retries,
                "rule": task.trigger_rule.value,
                "mapped": task.is_mapped,
                "produces": names(task.outlets),
                "reads": names(task.inlets),
            }
            for task in dag.tasks
        },
    }


socket.socket.connect = socket.create_connection = subprocess.Popen.__init__ = refuse  # type: ignore[assignment]
before = set(sys.modules)
bag = DagBag(sys.argv[1])
loaded = set(sys.modules) - before
ours = {name for name in loaded if name.split(".")[0] == "ipcredit"}
print(
    json.dumps(
        {
            "errors": bag.import_errors,
            "heavy": sorted(({name.split(".")[0] for name in loaded} & HEAVY) | (ours - LIGHT)),
            "dags": {dag.dag_id: describe(dag) for dag in bag.dags.values()},
        }
    )
)
