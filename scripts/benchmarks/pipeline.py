"""The pipeline on one province, beside those who want only the two results: a full build, then a day's run.

Rows are loaded straight into `raw` (load.py); what intake itself costs is measured in intake.py. Each stage is a
process of its own, as a task of Airflow is.
"""

import importlib.util
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from psycopg import sql

from benchmarks import by_hand, checks, compare
from benchmarks.load import load
from benchmarks.measure import Cost, Results, settle, stage, timed
from ipcredit.build import run_dbt
from ipcredit.contracts import load_contracts
from ipcredit.database import connect

FULL, DAY = ("1_base", "2_amended"), ("3_day",)
AS_OF, NEXT_DAY = date(2022, 12, 5), date(2022, 12, 6)
MADE_BY_DBT = (
    "staging", "catalogue", "grading", "supervision", "assessment", "pilot", "candidate", "policy", "reference",
)  # fmt: skip


@dataclass(frozen=True)
class Province:
    """Generated files and the running server they are loaded into; `scale` is their name in the results."""

    scale: str
    folder: Path
    scratch: Path
    results: Results

    def keep(self, name: str, cost: Cost) -> Cost:
        self.results.keep(self.scale, name, cost.as_json())
        return cost


def copy(province: Province, arrivals: tuple[str, ...], name: str) -> None:
    """Bare COPY of the files into the raw tables, ledger rows beside them."""
    load_contracts()
    with connect() as connection:
        with timed() as cost:
            cost.told = {"rows": load(connection, province.folder, arrivals)}
            connection.commit()
        connection.execute("analyze")
        connection.commit()
    settle()
    province.keep(name, cost)


def build(province: Province, prefix: str, *, and_publish: bool = True) -> None:
    """Judge and build, then gate and publication."""
    province.keep(f"{prefix}judge", stage("judge"))
    built = province.keep(f"{prefix}build", stage("build_candidate"))
    if and_publish:
        release_id = built.told["release_id"]
        province.keep(f"{prefix}gate", stage("gate", release_id))
        province.keep(f"{prefix}publish", stage("publish", release_id))
    settle()


def hand_written(province: Province, name: str, as_of: date) -> None:
    """by_hand.sql on the same raw tables."""
    with connect() as connection:
        by_hand.prepare(connection)
        with timed() as cost:
            by_hand.run(connection, as_of)
    settle()
    province.keep(name, cost)


def others(province: Province, with_office: bool) -> list[str]:
    """DuckDB, and the office's script, on the files themselves; the schemas that their results are read into."""
    out = province.scratch / "others"
    out.mkdir()
    stages = {}
    if importlib.util.find_spec("duckdb"):
        stages["duck"] = str(out / "duck.db"), str(province.folder), f"{AS_OF}", ",".join(FULL), str(out / "duck")
    else:
        print("DuckDB is not installed (requirements-benchmark.lock): left out.")
    if with_office:
        stages["office"] = str(province.folder), f"{AS_OF}", FULL[-1], str(out / "office.xlsx")
    for name, arguments in stages.items():
        province.keep(name, stage(name, *arguments))
        with connect() as connection:
            compare.read_results(connection, f"by_{name}", out / name)
    shutil.rmtree(out)
    return [f"by_{name}" for name in stages]


def require_equal(province: Province, *contenders: str) -> None:
    """That all of them say what the pipeline says; else nothing measured of this scale is worth anything."""
    with connect() as connection:
        compare.require_totals(connection)
        for schema in contenders:
            province.results.keep(province.scale, f"{schema}_equal", compare.require_equal(connection, schema))
            if schema != "by_hand":
                connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))


def forget() -> None:
    """Take away what dbt has made, so that the next build is a full one again."""
    with connect() as connection:
        for schema in MADE_BY_DBT:
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
    settle()


def measure_nothing(province: Province) -> None:
    """What starting costs, whatever the size: dbt by itself, and every stage on next to no rows."""
    province.keep("parse", stage("parse"))
    copy(province, FULL, "copy")
    build(province, "")
    copy(province, DAY, "day_copy")
    build(province, "day_")
    forget()
    province.keep("needed1", stage("needed", f"{NEXT_DAY}"))


def measure(province: Province, pairs: int, clients: int, with_office: bool) -> None:
    """Everything of one scale: equal results first, then the day, the checks, and pairs of the full build."""
    copy(province, FULL, "copy")
    build(province, "")
    hand_written(province, "by_hand", AS_OF)
    require_equal(province, "by_hand", *others(province, with_office))
    copy(province, DAY, "day_copy")
    build(province, "day_")
    hand_written(province, "day_by_hand", NEXT_DAY)
    require_equal(province, "by_hand")
    checks.measure(province, clients)
    for pair in range(2, pairs + 1):
        forget()
        build(province, f"pair{pair}_", and_publish=False)
        hand_written(province, f"pair{pair}_by_hand", NEXT_DAY)
    for pair in range(1, pairs + 1):
        forget()
        province.keep(f"needed{pair}", stage("needed", f"{NEXT_DAY}"))
        hand_written(province, f"needed{pair}_by_hand", NEXT_DAY)


def measure_limits(province: Province) -> None:
    """Where the pipeline does not fit: bare COPY, and by hand in DuckDB and PostgreSQL, which must say the same."""
    run_dbt("seed", "--quiet")  # the policies that by_hand.sql reads
    schemas = others(province, with_office=False)
    copy(province, FULL, "copy")
    hand_written(province, "by_hand", AS_OF)
    for schema in schemas:
        with connect() as connection:
            equal = compare.require_equal(connection, "by_hand", schema)
        province.results.keep(province.scale, "limits_equal", equal)
