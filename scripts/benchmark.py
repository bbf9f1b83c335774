"""Measures intake on a generated CSV: rows per second against bare COPY, and peak memory.

    python scripts/benchmark.py                    # speed: 5 paired runs of 300 000 rows
    python scripts/benchmark.py --memory-mb 500    # and the peak memory while a file of that size goes through
    python scripts/benchmark.py --runs 0 --daily 1000000  # a day's run of 1 % new rows against the full build
    python scripts/benchmark.py --runs 0 --grading 1000000  # a day's change of grades against judging everybody
    python scripts/benchmark.py --runs 0 --assessment 1000000  # scorecards of five years from so many cases

It runs on an embedded server of its own, which is gone afterwards. Bare COPY sends the same rows, ready made, in
blocks of 1 MB into an empty table of the same columns and primary key: what the server itself can do. Intake is all of
`take_in`, the archive and its fsync included; the contracts, which a process reads once, are read before.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import benchmark_assessment
import benchmark_daily
import benchmark_grading
import psutil
import throwaway
from psycopg import sql
from rich.console import Console
from rich.table import Table

from ipcredit.contracts import load_contracts
from ipcredit.database import connect, migrate
from ipcredit.intake import Outcome, take_in
from ipcredit.settings import TIME_ZONE, get_settings

UNIT, DATASET, PERIOD = "210600", "honours", "1990"
RECEIVED_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
HEADER = (
    "统一社会信用代码,企业名称,称号类别,认定年度,批次,认定日期,有效期至,认定文号,认定机关,所在地区,所在县区,备注\r\n"
)


def line(number: int) -> str:
    """One row of twelve columns, as long as real ones."""
    return (
        f"91210600MA{number:08d},丹东示例{number}号精密仪器有限公司,国家知识产权优势企业,2022,第{number % 9}批,"
        f"2022-03-{number % 28 + 1:02d},2025-03-31,国知发运字〔2022〕{number % 90}号,国家知识产权局,丹东市,振兴区,\r\n"
    )


def write_csv(path: Path, *, rows: int = sys.maxsize, size: int = sys.maxsize) -> int:
    """Write a file of `rows` rows or about `size` bytes; returns its rows. Its time lies back: nobody is writing it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(HEADER)
        while number < rows and (number % 1000 or file.buffer.tell() < size):
            file.write(line(number))
            number += 1
    os.utime(path, (0, 0))
    return number


def clear() -> None:
    """Remove what the benchmark loaded, and give its space back."""
    with connect(autocommit=True) as connection:
        key = {"unit": UNIT, "dataset": DATASET, "period": PERIOD}
        where = "bureau_code = %(unit)s and dataset = %(dataset)s and period = %(period)s"
        ids = f"select submission_id from intake.submissions where {where}"  # noqa: S608
        connection.execute(f"delete from raw.honours where submission_id in ({ids})", key)  # noqa: S608
        connection.execute(f"delete from intake.submissions where {where}", key)  # noqa: S608
        connection.execute("vacuum raw.honours")


def take_in_seconds(path: Path) -> tuple[float, Outcome]:
    """Seconds from the file in the drop folder to its rows in `raw`, and what became of it."""
    started = time.perf_counter()
    (outcome,) = take_in(UNIT, RECEIVED_AT)
    if outcome.state != "loaded":
        raise SystemExit(f"{path.name}: {outcome}")
    return time.perf_counter() - started, outcome


def bare_copy_seconds(submission_id: int) -> float:
    """Seconds of one COPY of the rows just loaded, ready made, into a table like theirs."""
    with connect() as connection:
        buffer = bytearray()
        with connection.cursor().copy(
            "copy (select * from raw.honours where submission_id = %s) to stdout", (submission_id,)
        ) as out:
            for block in out:
                buffer += block
        connection.execute("create table raw.benchmark_copy (like raw.honours including all)")
        connection.commit()
        try:
            started = time.perf_counter()
            with connection.cursor().copy("copy raw.benchmark_copy from stdin") as copy:
                for at in range(0, len(buffer), 1 << 20):
                    copy.write(buffer[at : at + (1 << 20)])
            connection.commit()
            return time.perf_counter() - started
        finally:
            connection.execute(sql.SQL("drop table raw.benchmark_copy"))
            connection.commit()


def compare(rows: int, runs: int) -> Table:
    """Paired runs of intake and bare COPY."""
    table = Table("run", "intake rows/s", "bare COPY rows/s", "ratio", title=f"CSV of {rows:,} rows × 12 columns")
    ratios = []
    path = get_settings().drop / UNIT / f"{DATASET}_{PERIOD}.csv"
    for run in range(1, runs + 1):
        write_csv(path, rows=rows)
        intake, outcome = take_in_seconds(path)
        loaded = outcome.rows_received
        bare = bare_copy_seconds(outcome.submission_id or 0)
        clear()
        ratios.append(bare / intake)
        table.add_row(str(run), f"{loaded / intake:,.0f}", f"{loaded / bare:,.0f}", f"{ratios[-1]:.0%}")
    table.add_row("median", "", "", f"{statistics.median(ratios):.0%}", end_section=True)
    return table


def memory(megabytes: int) -> Table:
    """Peak resident memory of a process of its own, children included, while a large file goes through."""
    path = get_settings().drop / UNIT / f"{DATASET}_{PERIOD}.csv"
    rows = write_csv(path, size=megabytes << 20)
    started = time.perf_counter()
    command = [sys.executable, "-m", "ipcredit.cli", "intake", "run", "--unit", UNIT,
               "--received-at", RECEIVED_AT.isoformat()]  # fmt: skip
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    peak = 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(p.memory_info().rss for p in family))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    clear()
    table = Table("file", "rows", "seconds", "peak resident memory", title="Memory of the loading process")
    table.add_row(f"{megabytes} MB", f"{rows:,}", f"{seconds:.0f}", f"{peak / 2**20:.0f} MB")
    return table


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=300_000, help="rows of the file for speed (default 300000)")
    parser.add_argument("--runs", type=int, default=5, help="paired runs (default 5; 0: no speed)")
    parser.add_argument(
        "--memory-mb", type=int, default=0, help="size of the file for memory (default 0: not measured)"
    )
    parser.add_argument(
        "--daily", type=int, default=0, help="rows of the base for a day's run (default 0: not measured)"
    )
    parser.add_argument("--grading", type=int, default=0, help="subjects to regrade (default 0: not measured)")
    parser.add_argument("--assessment", type=int, default=0, help="case records to score (default 0: not measured)")
    given = parser.parse_args()
    load_contracts()
    with throwaway.warehouse() as home:
        migrate()
        console = Console()
        if given.runs:
            console.print(compare(given.rows, given.runs))
        if given.memory_mb:
            console.print(memory(given.memory_mb))
        if given.daily:
            console.print(benchmark_daily.compare(given.daily, home))
        if given.grading:
            console.print(benchmark_grading.compare(given.grading, home))
        if given.assessment:
            console.print(benchmark_assessment.compare(given.assessment, home))


if __name__ == "__main__":
    main()
