"""Loads a generated province straight into ledger and raw tables, where intake itself is not what is measured."""

from pathlib import Path

from psycopg import Connection, sql

from benchmarks.generate import DATASETS, Submission, submissions
from ipcredit.contracts import load_contracts
from ipcredit.raw_tables import ensure_raw_tables

BLOCK = 1 << 20


def load(connection: Connection, folder: Path, arrivals: tuple[str, ...]) -> int:
    """What these arrivals brought, as intake leaves it; returns the rows. The caller commits.

    A row is numbered by its line below the header. Files hold no quoted cells, so that a line is a row.
    """
    ensure_raw_tables(connection)
    rows = 0
    for one in submissions(folder):
        if one.arrival in arrivals:
            _write_ledger(connection, one)
            copy_file(connection, folder / one.path, one.dataset, f"raw.{one.dataset}", one.number)
            rows += one.rows
    return rows


def _write_ledger(connection: Connection, one: Submission) -> None:
    key = {"bureau": one.bureau, "dataset": one.dataset, "period": one.period, "at": one.received_at}
    if one.mode == "full":
        connection.execute(
            """update intake.submissions set valid_to = %(at)s where bureau_code = %(bureau)s and dataset = %(dataset)s
               and period = %(period)s and valid_to is null""",
            key,
        )
    connection.execute(
        """insert into intake.submissions (submission_id, bureau_code, dataset, period, mode, state, file_name, sha256,
             file_bytes, received_at, valid_from, rows_received)
           overriding system value
           values (%(number)s, %(bureau)s, %(dataset)s, %(period)s, %(mode)s, 'loaded', %(name)s, repeat('0', 64), 1,
             %(at)s, %(at)s, %(rows)s)""",
        key | {"number": one.number, "mode": one.mode, "name": one.path.rpartition("/")[2], "rows": one.rows},
    )


def columns_of(dataset: str) -> list[str]:
    """Column names of the contract in the order of the file's header."""
    by_header = {column.header: column.name for column in load_contracts()[dataset].columns}
    return [by_header[header] for header in DATASETS[dataset].header.split(",")]


def copy_file(connection: Connection, path: Path, dataset: str, table: str, number: int) -> None:
    """COPY one file into a table like its raw one, each row with the submission's number and its own."""
    statement = sql.SQL("copy {} (submission_id, row_number, {}) from stdin with (format csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns_of(dataset)))
    )
    with path.open(encoding="utf-8-sig", newline="") as file, connection.cursor().copy(statement) as copy:
        next(file)
        block, size = [], 0
        for at, line in enumerate(file, start=1):
            block.append(f"{number},{at},{line}")
            size += len(line)
            if size > BLOCK:
                copy.write("".join(block))
                block, size = [], 0
        copy.write("".join(block))
