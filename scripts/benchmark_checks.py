"""Measures the check before a grant: how long clients wait who ask, all at once, for the measures of random subjects.

    python scripts/benchmark_checks.py --subjects 1000000 --checks 20000 --clients 20

The release is generated on a server of its own: as many subjects as asked for, one in five under two measures, beside
one retained release of the same size. Each client keeps a connection of the role analyst, as a service would.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from pathlib import Path

import psycopg
import throwaway
from psycopg import sql
from rich.console import Console
from rich.table import Table

from ipcredit import release, roles
from ipcredit.database import connect, database_url, migrate
from ipcredit.outputs.checks import QUERY

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "integration"))
import candidates  # the small province that the tests publish

RELEASES = ("r20221205_0001", "r20221205_0002")
CODE = "'91210600' || lpad(n::text, 10, '0')"


def fill(subjects: int) -> None:
    """Two releases of generated subjects over the small province; the second is current."""
    migrate()
    roles.grant()
    candidates.build_first_candidate(RELEASES[0])
    with connect() as connection:
        connection.execute(
            sql.SQL(
                """insert into candidate.subjects
                   select r.* from (select to_jsonb(s) as row from candidate.subjects as s limit 1) as s
                   cross join generate_series(1, {0}) as n cross join lateral jsonb_populate_record(
                       null::candidate.subjects, s.row || jsonb_build_object('subject_id', {1})) as r"""
            ).format(sql.Literal(subjects), sql.SQL(CODE))
        )
        connection.execute(
            sql.SQL(
                """insert into candidate.measures_in_force
                   select r.* from (select to_jsonb(m) as row from candidate.measures_in_force as m limit 1) as m
                   cross join generate_series(1, {0}) as n cross join (values ('F04'), ('F05')) as c (code)
                   cross join lateral jsonb_populate_record(null::candidate.measures_in_force, m.row
                       || jsonb_build_object('subject_id', {1}, 'measure_code', c.code)) as r
                   where n % 5 = 0"""
            ).format(sql.Literal(subjects), sql.SQL(CODE))
        )
        candidates.pass_gate(connection, RELEASES[0])
    release.publish(RELEASES[0])
    with connect() as connection:
        candidates.copy_candidate(connection, RELEASES[0], RELEASES[1])
        candidates.pass_gate(connection, RELEASES[1])
    release.publish(RELEASES[1])
    with connect(autocommit=True) as connection:
        connection.execute("vacuum analyze")


def ask(codes: list[str], seconds: list[float]) -> None:
    """One client: its questions one after the other."""
    password = roles.password_file(roles.ANALYST).read_text(encoding="utf-8").strip()
    with psycopg.connect(database_url(), user=roles.ANALYST, password=password, autocommit=True) as connection:
        for code in codes:
            started = time.perf_counter()
            connection.execute(QUERY, (code,)).fetchall()
            seconds.append(time.perf_counter() - started)


def measure(subjects: int, checks: int, clients: int) -> Table:
    """The waits of all clients; which subjects they ask for is random, from a fixed seed."""
    numbers = random.Random(20221205)
    codes = [f"91210600{numbers.randint(1, subjects):010d}" for _ in range(checks)]
    waits: list[list[float]] = [[] for _ in range(clients)]
    threads = [threading.Thread(target=ask, args=(codes[at::clients], waits[at])) for at in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    asked = [wait * 1000 for client in waits for wait in client]
    cuts = statistics.quantiles(asked, n=100)
    table = Table(
        "checks", "clients", "checks/s", "p50 ms", "p99 ms", "longest ms",
        title=f"Check before grant: {subjects:,} subjects, {subjects // 5 * 2:,} measures in force, 2 releases kept",
    )  # fmt: skip
    table.add_row(
        f"{len(asked):,}", str(clients), f"{len(asked) / took:,.0f}",
        f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{max(asked):.2f}",
    )  # fmt: skip
    return table


def main() -> None:
    """Parse the command line, fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--subjects", type=int, default=1_000_000, help="subjects of the release (default 1000000)")
    parser.add_argument("--checks", type=int, default=20_000, help="questions in all (default 20000)")
    parser.add_argument("--clients", type=int, default=20, help="clients at once (default 20)")
    given = parser.parse_args()
    with throwaway.warehouse():
        fill(given.subjects)
        Console().print(measure(given.subjects, given.checks, given.clients))


if __name__ == "__main__":
    main()
