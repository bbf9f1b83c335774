"""Intake against bare COPY of the same rows: what reading, archiving, hashing and receipts cost.

Bare COPY sends the same rows, ready made, in blocks of 1 MB into empty tables of the same columns and primary keys,
committed as often. Intake is all of `take_in`, the archive and its fsync included; the contracts, which a process reads
once, are read before. Measured are one large file, and everything that one bureau drops.
"""

import os
import shutil
from itertools import islice
from pathlib import Path

from psycopg import sql

from benchmarks.generate import DATASETS, RECEIVED, Reporter
from benchmarks.measure import Cost, settle, stage, timed
from benchmarks.pipeline import Province
from ipcredit.database import connect
from ipcredit.settings import get_settings

PLACE = 5
UNIT = "210600"
ROWS = 300_000
"""Of the one large file."""
BLOCK = 1 << 20


def one_file(path: Path, rows: int) -> None:
    """So many honours in one file."""
    reporter = Reporter(PLACE)
    numbers = range(PLACE, 10_000_000, len(reporter.all))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(DATASETS["honours"].header + "\r\n")
        file.writelines(islice((reporter.row("honours", n, 0, 0) for n in numbers), rows))


def drop(sources: list[Path]) -> None:
    """Lay files into the drop folder as if nobody were writing them any more."""
    folder = get_settings().drop / UNIT
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        path = folder / source.name
        shutil.copyfile(source, path)
        os.utime(path, (0, 0))


def pair(province: Province, name: str, sources: list[Path]) -> None:
    """One run of each on the same files, and away with what was loaded."""
    drop(sources)
    settle()
    taken = stage("take_in", UNIT, RECEIVED["1_base"].isoformat())
    submissions = taken.told.pop("submissions")
    copied = copy_again(province, submissions)
    clear(submissions)
    province.keep(f"{name}_take_in", taken)
    province.keep(f"{name}_copy", copied)


def copy_again(province: Province, submissions: list[int]) -> Cost:
    """COPY of the rows just loaded, a file at a time."""
    spool = province.scratch / "copy"
    tables: dict[int, str] = {}
    with connect() as connection:
        for number, dataset in connection.execute(
            "select submission_id, dataset from intake.submissions where submission_id = any(%s)", (submissions,)
        ).fetchall():
            tables[number] = dataset
        spool.mkdir()
        for number, dataset in tables.items():
            with (
                (spool / str(number)).open("wb") as file,
                connection.cursor().copy(
                    sql.SQL("copy (select * from {} where submission_id = {} order by row_number) to stdout").format(
                        sql.Identifier("raw", dataset), sql.Literal(number)
                    )
                ) as out,
            ):
                for block in out:
                    file.write(block)
        connection.execute("create schema bare")
        for dataset in set(tables.values()):
            names = {"new": sql.Identifier("bare", dataset), "raw": sql.Identifier("raw", dataset)}
            connection.execute(sql.SQL("create table {new} (like {raw} including all)").format(**names))
        connection.commit()
        settle()
        with timed() as cost:
            for number, dataset in tables.items():
                statement = sql.SQL("copy {} from stdin").format(sql.Identifier("bare", dataset))
                with (spool / str(number)).open("rb") as file, connection.cursor().copy(statement) as copy:
                    while block := file.read(BLOCK):
                        copy.write(block)
                connection.commit()
        connection.execute("drop schema bare cascade")
        connection.commit()
    shutil.rmtree(spool)
    return cost


def clear(submissions: list[int]) -> None:
    """Remove what was loaded, and give its space back."""
    with connect(autocommit=True) as connection:
        connection.execute("delete from intake.submissions where submission_id = any(%s)", (submissions,))
        for dataset in DATASETS:
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier("raw", dataset)))
    shutil.rmtree(get_settings().archive)


def measure(province: Province, runs: int) -> None:
    """Paired runs, in turn."""
    large = province.scratch / "honours_1990.csv"
    one_file(large, ROWS)
    dropped = sorted((province.folder / "1_base" / UNIT).iterdir())
    for run in range(1, runs + 1):
        pair(province, f"file{run}", [large])
        pair(province, f"bureau{run}", dropped)
    large.unlink()
