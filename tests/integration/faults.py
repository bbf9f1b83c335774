"""Real faults for tests: a process that the kernel kills at a stage, a disk that is full, a reader who never stops."""

import multiprocessing
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ipcredit.contracts import load_contracts
from ipcredit.database import connect

INJECTED: Counter[str] = Counter()
"""Faults that really struck, by kind, in this session."""
_FORK = multiprocessing.get_context("fork")


def killed_at(work: Callable[[], object], owner: object, name: str, when: str, *, call: int = 1) -> None:
    """Run `work` in a process of its own, which dies by SIGKILL before or after the given call of `owner.name`.

    A generator function dies when it has given its first item. What died is a real process: no handler, no cleaning up.
    """

    def run() -> None:
        real, calls = getattr(owner, name), 0

        def deadly(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            if calls == call and when == "within":
                return _dies_after_the_first(real(*arguments, **named))
            result = real(*arguments, **named)
            if calls == call and when == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, deadly)
        work()

    process = _FORK.Process(target=run)
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL, f"not killed {when} {name}: exit code {process.exitcode}"
    INJECTED["killed"] += 1


def _dies_after_the_first(items: Iterator[Any]) -> Iterator[Any]:
    yield next(items)
    os.kill(os.getpid(), signal.SIGKILL)


def at_once(*works: Callable[[], object]) -> None:
    """Each in a process of its own, all at the same time; none may fail."""
    processes = [_FORK.Process(target=work) for work in works]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0] * len(works)
    INJECTED["at once"] += 1


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own at `place`; skips the test, visibly, where mounting is not permitted."""
    place.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m"
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def share(source: Path, place: Path) -> None:
    """Let the folder `source` appear at `place`, as a mounted share does; `umount -l` takes it away."""
    place.mkdir(parents=True, exist_ok=True)
    _mount("--bind", str(source), str(place))


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no mounting here: {done.stderr.strip()}")


class Reader(threading.Thread):
    """Polls a statement over connections of its own until told to stop, and keeps what it was answered."""

    def __init__(self, connection: psycopg.Connection, statement: str) -> None:
        super().__init__()
        self._connection, self._statement = connection, statement
        self._done = threading.Event()
        self.reads = 0
        self.seen: set[tuple[Any, ...]] = set()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self._done.wait(0.005):
                self.seen.add(self._connection.execute(self._statement).fetchone() or ())
                self.reads += 1
        except Exception as error:
            self.error = error

    def __enter__(self) -> "Reader":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()
        self._connection.close()
        assert self.error is None


def lost_or_doubled() -> list[str]:
    """Rows of raw tables that no submission received, or other than the ledger received; keys in force twice."""
    found = []
    with connect() as connection:
        told = {
            (dataset, submission): (state, rows)
            for submission, dataset, state, rows in connection.execute(
                "select submission_id, dataset, state, rows_received from intake.submissions where rows_received > 0"
            ).fetchall()
        }
        kept = {
            (dataset, submission): (rows, numbers)
            for dataset in load_contracts()
            for submission, rows, numbers in connection.execute(
                f"select submission_id, count(*), count(distinct row_number) from raw.{dataset} group by 1"
            ).fetchall()
        }
        for key in told.keys() | kept.keys():
            _, received = told.get(key, ("none", 0))
            rows, numbers = kept.get(key, (0, 0))
            if not received == rows == numbers:
                found.append(f"{key}: received {received}, kept {rows}, of them different {numbers}")
        found += [
            f"{key} is in force {times} times"
            for *key, times in connection.execute(
                """select bureau_code, dataset, period, count(*) from intake.submissions
                   where valid_from is not null and valid_to is null and mode = 'full'
                   group by 1, 2, 3 having count(*) > 1"""
            ).fetchall()
        ]
    return found
