"""The check before a grant: how long clients wait who ask for the measures of random subjects, with a build or without.

Each client keeps a connection of the role analyst, as a service would, and asks at a steady rate; those that press ask
again at once. Clients are threads of one process of their own.
"""

import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from benchmarks.measure import HERE, Cost, stage
from ipcredit import roles
from ipcredit.database import connect, database_url
from ipcredit.outputs.checks import QUERY

if TYPE_CHECKING:
    from benchmarks.pipeline import Province

ASKED_PER_SECOND = 5
SECONDS_ALONE = 20


def ask(codes: list[str], until: threading.Event, pause: float, waits: list[float]) -> None:
    """One client: its questions one after the other, one every `pause` seconds, until it is told to stop."""
    password = roles.password_file(roles.ANALYST).read_text(encoding="utf-8").strip()
    with psycopg.connect(database_url(), user=roles.ANALYST, password=password, autocommit=True) as connection:
        for code in codes:  # plans are made once for a connection
            connection.execute(QUERY, (code,)).fetchall()
        number = 0
        while not until.is_set():
            started = time.perf_counter()
            connection.execute(QUERY, (codes[number % len(codes)],)).fetchall()
            took = time.perf_counter() - started
            waits.append(took)
            number += 1
            if pause > took:
                until.wait(pause - took)


def clients(count: int, pause: float) -> dict[str, Any]:
    """The waits of all clients in milliseconds, until standard input ends."""
    with connect() as connection:
        rows = connection.execute(
            """select subject_id from publication.subjects where hashtext(subject_id) % 7 = 0 limit 20000"""
        ).fetchall()
    codes = [code for (code,) in rows]
    random.Random(20221205).shuffle(codes)
    until = threading.Event()
    waits: list[list[float]] = [[] for _ in range(count)]
    threads = [
        threading.Thread(target=ask, args=(codes[at::count][:500], until, pause, waits[at])) for at in range(count)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    sys.stdin.read()
    until.set()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    asked = [wait * 1000 for client in waits for wait in client]
    cuts = statistics.quantiles(asked, n=100)
    return {
        "clients": count, "checks": len(asked), "per_second": round(len(asked) / took, 1), "p50_ms": round(cuts[49], 3),
        "p99_ms": round(cuts[98], 3), "longest_ms": round(max(asked), 3),
    }  # fmt: skip


@contextmanager
def asking(count: int, pause: float) -> Iterator[dict[str, Any]]:
    """Clients in a process of their own while the block runs; filled with what they waited when it has ended."""
    found: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.checks", str(count), str(pause)]
    with subprocess.Popen(
        command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield found
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed.")
        found |= json.loads(out)


def measure(province: "Province", count: int) -> None:
    """Alone, then while a candidate of the same data is built and checked, at the steady rate and pressing."""
    for name, pause in (("checks", 1 / ASKED_PER_SECOND), ("checks_pressing", 0.0)):
        with asking(count, pause) as alone:
            time.sleep(SECONDS_ALONE)
        province.results.keep(province.scale, f"{name}_alone", alone)
        with asking(count, pause) as busy:
            built: Cost = stage("build_candidate")
        province.results.keep(province.scale, f"{name}_during_build", busy | {"build_seconds": built.seconds})


if __name__ == "__main__":
    print(json.dumps(clients(int(sys.argv[1]), float(sys.argv[2]))))
