"""DuckDB over the same files: reads the CSVs into a database of its own, then runs by_hand.sql as PostgreSQL does."""

import time
from datetime import date
from pathlib import Path

import duckdb

from benchmarks import by_hand
from benchmarks.generate import DATASETS, RECEIVED, submissions
from benchmarks.load import columns_of
from ipcredit.settings import DBT_PROJECT

SEEDS = {
    "policy.scoring_rules": "policy", "policy.general_class_adjustments": "policy", "policy.grade_bands": "policy",
    "policy.assessment_bands": "assessment", "policy.assessment_city_tiers": "assessment",
    "policy.assessment_tiers": "assessment", "reference.divisions": "reference",
}  # fmt: skip


def load(connection: duckdb.DuckDBPyConnection, folder: Path, arrivals: tuple[str, ...]) -> float:
    """The ledger and the raw tables of these arrivals, text as given, from the CSV files; returns the seconds."""
    started = time.perf_counter()
    for schema in ("raw", "intake", "policy", "reference", "by_hand"):
        connection.execute(f"create schema {schema}")
    connection.execute(by_hand.script_of("by_hand_duckdb.sql"))
    for table, seeds in SEEDS.items():
        file = DBT_PROJECT / "seeds" / seeds / f"{table.partition('.')[2]}.csv"
        types = (
            "'parent_code': 'varchar'" if seeds == "reference" else "'effective_from': 'date', 'effective_to': 'date'"
        )
        connection.execute(f"create table {table} as from read_csv('{file}', header = true, types = {{{types}}})")
    came = [one for one in submissions(folder) if one.arrival in arrivals]
    received = ", ".join(f"('{arrival}', timestamp '{RECEIVED[arrival]:%Y-%m-%d %H:%M}')" for arrival in arrivals)
    connection.execute(
        f"""create table intake.submissions as
            select
                number as submission_id, bureau as bureau_code, period, received_at, received_at as valid_from, path,
                min(received_at) filter (where mode = 'full') over (
                    partition by bureau, dataset, period order by number
                    rows between 1 following and unbounded following
                ) as valid_to
            from read_csv(?, header = true, types = {{'period': 'varchar'}}) as s
            inner join (values {received}) as r (arrival, received_at) on s.arrival = r.arrival""",  # noqa: S608
        [str(folder / "submissions.csv")],
    )
    for dataset in DATASETS:
        names = ", ".join(f"'{name}': 'varchar'" for name in columns_of(dataset))
        files = [str(folder / one.path) for one in came if one.dataset == dataset]
        connection.execute(
            f"""create table raw.{dataset} as
                select s.submission_id, r.* exclude (filename)
                from (
                    select *, row_number() over () as row_number
                    from read_csv(?, auto_detect = false, header = true, columns = {{{names}}}, filename = true)
                ) as r
                inner join intake.submissions as s on r.filename = ? || '/' || s.path""",  # noqa: S608
            [files, str(folder)],
        )
    return time.perf_counter() - started


def run(connection: duckdb.DuckDBPyConnection, as_of: date) -> float:
    """Make by_hand.grades and by_hand.scorecards; returns the seconds of the script."""
    started = time.perf_counter()
    connection.execute(by_hand.script(as_of).replace("create unlogged table", "create table"))
    return time.perf_counter() - started
