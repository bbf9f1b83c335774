"""What a step costs: seconds by the clock, processor seconds of the database, memory of every process of ours."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ipcredit import embedded
from ipcredit.database import connect

HERE = Path(__file__).resolve().parent
SAMPLE_SECONDS = 0.05
INTAKE = ("file", "bureau")
"""How the names begin of what intake.py measures."""


@dataclass
class Cost:
    """Of one step. Memory is resident; `database` are processor seconds of all its sessions."""

    seconds: float = 0.0
    database: float = 0.0
    peak_mb: dict[str, float] = field(default_factory=dict)
    """Peak by program, children each for itself: 'dbt', 'benchmarks.stages gate', …"""
    family_mb: float = 0.0
    """Peak of the process and its children together."""
    told: dict[str, Any] = field(default_factory=dict)
    """What the step itself printed last, as JSON."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def database_seconds() -> float:
    """Processor seconds of all sessions that have ended, and of those that stand, since the server was started."""
    pid = embedded.status().pid
    if pid is None:
        raise RuntimeError("The embedded server is not running.")
    server = psutil.Process(pid)
    while True:
        ended = server.cpu_times()
        try:
            standing = [session.cpu_times() for session in server.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        # a session that ended meanwhile would be counted in neither, and fall to the next step
        if server.cpu_times()[2:4] == ended[2:4]:
            return float(sum(ended[2:4]) + sum(times.user + times.system for times in standing))


@contextmanager
def timed() -> Iterator[Cost]:
    """The cost of the block, without memory."""
    cost, before, started = Cost(), database_seconds(), time.perf_counter()
    yield cost
    cost.seconds = time.perf_counter() - started
    cost.database = database_seconds() - before


def stage(name: str, *arguments: str) -> Cost:
    """Run one of benchmarks/stages.py in a process of its own, as a task of Airflow is one, and watch it.

    `seconds` are those of the stage itself, without the start of Python and the imports.

    Raises:
        SystemExit: it failed; what it said is above.
    """
    cost, before = Cost(), database_seconds()
    command = [sys.executable, "-m", "benchmarks.stages", name, *arguments]
    process = psutil.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=_watch, args=(process, cost))
    watcher.start()
    lines = [line for line in process.stdout]  # type: ignore[union-attr]
    process.wait()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(lines[-40:])}")
    cost.told = json.loads(lines[-1])
    cost.seconds = cost.told.pop("seconds")
    cost.database = database_seconds() - before
    return cost


def _watch(process: psutil.Popen, cost: Cost) -> None:
    while process.poll() is None:
        together = 0.0
        try:
            for one in [process, *process.children(recursive=True)]:
                resident = one.memory_info().rss / 2**20
                name = _program(one)
                cost.peak_mb[name] = max(cost.peak_mb.get(name, 0.0), resident)
                together += resident
        except psutil.NoSuchProcess:
            pass
        cost.family_mb = max(cost.family_mb, together)
        time.sleep(SAMPLE_SECONDS)


def _program(process: psutil.Process) -> str:
    """`dbt`, or module and first argument of a Python started with -m."""
    command = process.cmdline()
    if "-m" in command:
        at = command.index("-m")
        if command[at + 1] == "ipcredit.dbt":
            return "dbt"
        return " ".join(command[at + 1 : at + 3])
    return next((Path(part).name for part in command[1:2]), process.name())


def settle() -> None:
    """Let the server write what it owes, so that the next step does not pay for the last one."""
    with connect(autocommit=True) as connection:
        connection.execute("checkpoint")


class Results:
    """What has been measured so far, in a file that is written after every step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def forget(self, scale: str, *, of_intake: bool) -> None:
        """What an earlier run of a part has left: no page is to mix two runs."""
        kept = self.found.get(scale, {}).items()
        self.found[scale] = {name: value for name, value in kept if name.startswith(INTAKE) != of_intake}

    def keep(self, scale: str, name: str, value: Any) -> None:
        self.found.setdefault(scale, {})[name] = value
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps(self.found, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self.path)
        print(f"{time.strftime('%H:%M:%S')} scale {scale}: {name} {_brief(value)}", flush=True)


def _brief(value: Any) -> str:
    if isinstance(value, dict) and "seconds" in value:
        return f"{value['seconds']:,.1f} s, database {value['database']:,.1f} s, {value['family_mb']:,.0f} MB"
    return json.dumps(value, ensure_ascii=False)[:200]
