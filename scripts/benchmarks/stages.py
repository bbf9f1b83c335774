"""The steps that are measured in a process of their own; the last line each prints is what it found, as JSON.

python -m benchmarks.stages NAME [ARGUMENTS]          # from the folder scripts; the settings say which warehouse

The contracts, which a process reads once, are read before the clock starts.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

Found = dict[str, Any]


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)


def judge() -> Found:
    """Judge the rows of submissions not judged yet."""
    from ipcredit import build

    started = time.perf_counter()
    build.judge()
    return {"seconds": _since(started), **dbt_seconds()}


def build_candidate() -> Found:
    """Build a candidate of all that has been received."""
    from ipcredit import build

    started = time.perf_counter()
    release_id = build.build_candidate()
    return {"seconds": _since(started), "release_id": release_id, **dbt_seconds()}


def needed(as_of: str) -> Found:
    """Of the build only the seeds and models that the two results rest on, without tests."""
    from ipcredit import build

    environment = build.dbt_environment(as_of=date.fromisoformat(as_of), known_at=build.latest_known_at())
    started = time.perf_counter()
    build.run_dbt(
        "build", "--select", "+subject_grades", "+scorecards", "--resource-type", "seed", "--resource-type", "model",
        environment=environment,
    )  # fmt: skip
    return {"seconds": _since(started), **dbt_seconds()}


def parse() -> Found:
    """dbt alone: its start and its look at all files, without the database."""
    from ipcredit import build

    started = time.perf_counter()
    build.run_dbt("parse", "--quiet")
    return {"seconds": _since(started)}


def gate(release_id: str) -> Found:
    """The gate of a candidate.

    Raises:
        SystemExit: it did not pass; nothing is published then, and nothing measured.
    """
    from ipcredit import quality

    started = time.perf_counter()
    verdict = quality.run_gate(release_id)
    if not verdict.passed:
        sys.exit(verdict.summary)
    return {"seconds": _since(started), "checks": len(verdict.findings)}


def publish(release_id: str) -> Found:
    """From the passed gate to the moved pointer."""
    from ipcredit import release

    started = time.perf_counter()
    release.publish(release_id)
    return {"seconds": _since(started)}


def take_in(unit: str, received_at: str) -> Found:
    """Everything that a unit has dropped: archive, reading, loading, receipts."""
    from ipcredit import intake
    from ipcredit.contracts import load_contracts

    load_contracts()
    started = time.perf_counter()
    outcomes = intake.take_in(unit, datetime.fromisoformat(received_at))
    seconds = _since(started)
    if refused := [outcome for outcome in outcomes if outcome.state != "loaded"]:
        sys.exit(str(refused))
    return {"seconds": seconds, "submissions": [outcome.submission_id for outcome in outcomes],
            "rows": sum(outcome.rows_received for outcome in outcomes)}  # fmt: skip


def office(folder: str, as_of: str, last: str, output: str) -> Found:
    """The office's script: both results into a workbook; beside it as CSV, unmeasured, to be compared."""
    from benchmarks import office as script
    from ipcredit.contracts import load_contracts

    load_contracts()
    started = time.perf_counter()
    grades, points = script.run(Path(folder), date.fromisoformat(as_of), last)
    computed = _since(started)
    script.write_workbook(Path(output), {"grades": grades, "scorecards": points})
    seconds = _since(started)
    grades.to_csv(Path(output).with_suffix(".grades.csv"), index=False)
    counted = points[points["points"].notna() & ~points["rule_id"].isin(["44(1)", "44(2)"])]
    counted[["region_code", "assessment_year", "rule_id", "points"]].to_csv(
        Path(output).with_suffix(".scorecards.csv"), index=False
    )
    return {"seconds": seconds, "computed_seconds": computed}


def duck(database: str, folder: str, as_of: str, arrivals: str, output: str) -> Found:
    """DuckDB on the same files, in a database file of its own; results beside it as CSV, unmeasured."""
    import duckdb

    from benchmarks import duck as contender
    from ipcredit.contracts import load_contracts

    load_contracts()
    with duckdb.connect(database) as connection:
        connection.execute("set memory_limit = '6GB'")
        started = time.perf_counter()
        loading = contender.load(connection, Path(folder), tuple(arrivals.split(",")))
        contender.run(connection, date.fromisoformat(as_of))
        seconds = _since(started)
        for table in ("grades", "scorecards"):
            file = Path(output).with_suffix(f".{table}.csv")
            connection.execute(f"copy by_hand.{table} to '{file}' (format csv, header)")
    return {"seconds": seconds, "loading_seconds": round(loading, 3)}


def dbt_seconds() -> Found:
    """Seconds of dbt's last run, summed over its connections: models by part, the slowest models, tests, seeds."""
    target = Path(os.environ.get("DBT_TARGET_PATH") or _home() / "dbt" / "target")
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    run = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
    parts: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for result in run["results"]:
        node = manifest.get(result["unique_id"], {})
        kind = node.get("resource_type")
        for timing in result["timing"] if kind in ("model", "seed", "test") else ():
            took = datetime.fromisoformat(timing["completed_at"]) - datetime.fromisoformat(timing["started_at"])
            if timing["name"] == "compile":
                parts["compiling"] += took.total_seconds()
                continue
            parts[node["fqn"][1] if kind == "model" else f"{kind}s"] += took.total_seconds()
            if kind == "model":
                models[node["name"]] += took.total_seconds()
    return {
        "dbt_seconds": round(run["elapsed_time"], 3),
        "parts": {name: round(seconds, 3) for name, seconds in parts.items()},
        "models": {name: round(seconds, 3) for name, seconds in models.most_common(30)},
    }


def _home() -> Path:
    from ipcredit.settings import get_settings

    return get_settings().home.absolute()


STAGES: dict[str, Callable[..., Found]] = {
    stage.__name__: stage for stage in (judge, build_candidate, needed, parse, gate, publish, take_in, office, duck)
}

if __name__ == "__main__":
    os.environ.setdefault("DBT_WRITE_JSON", "true")  # what dbt_seconds reads
    print(json.dumps(STAGES[sys.argv[1]](*sys.argv[2:])))
