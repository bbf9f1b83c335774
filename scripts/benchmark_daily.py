"""A day's run against the full build: what `benchmark.py --daily` measures.

The base are two years of four datasets of 15 bureaus, about rows / 8 enterprises. The day brings one hundredth: a
bureau replaces one period of penalties, a tenth of its rows gone; three bureaus add increments, half of their rows
about keys that are on record. Rows go straight into `raw` by COPY. Both builds are what the DAGs run: judge, then
build a candidate.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from rich.table import Table
from sample_subjects import bureaus, uscc

from ipcredit import build
from ipcredit.database import connect
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import TIME_ZONE

RECEIVED_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
YEARS = (2021, 2022)
COLUMNS = {
    "honours": ("uscc", "enterprise_name", "honour_type", "honour_year", "awarded_on", "valid_until", "document_no"),
    "standard_certifications": (
        "uscc", "enterprise_name", "management_standard", "certificate_no", "certification_body", "certified_on",
        "valid_until", "certificate_status",
    ),
    "penalties": (
        "uscc", "party_name", "document_no", "violation_type", "penalty_kind", "fine_amount", "fine_amount_unit",
        "decided_on", "publish_until", "authority",
    ),
    "general_risk_class": ("uscc", "enterprise_name", "risk_class", "classified_on"),
}  # fmt: skip


def row(dataset: str, code: str, number: int, year: int) -> tuple[str, ...]:
    """What is on record of one enterprise in one year; one in twenty has a date that cannot be read."""
    name = f"示例{number}号精密仪器有限公司"
    day = f"{year}-{number % 9 + 1:02d}-{number % 28 + 1:02d}" if number % 20 else "不详"
    return {
        "honours": (
            code, name, "国家知识产权优势企业", str(year), day, f"{year + 3}-12-31",
            f"国知发运字〔{year}〕{number % 90}号",
        ),
        "standard_certifications": (
            code, name, "GB/T 29490-2013", f"165IP{year}{number:06d}R0M", "示例知识产权认证有限公司", day,
            f"{year + 3}-12-31", "有效",
        ),
        "penalties": (
            code, name, f"市监处罚〔{year}〕{number}号", "假冒专利", "罚款", "20000", "yuan", day, f"{year + 3}-08-14",
            "市市场监督管理局",
        ),
        "general_risk_class": (code, name, "ABCD"[number % 4] + "类", day),
    }[dataset]  # fmt: skip


def submit(
    connection: psycopg.Connection, bureau: str, dataset: str, period: int, rows: Iterable[tuple[str, ...]],
    at: datetime, mode: str = "full",
) -> int:  # fmt: skip
    """One submission as intake leaves it; returns its rows."""
    given = list(rows)
    key = {"bureau": bureau, "dataset": dataset, "period": str(period), "mode": mode, "at": at, "rows": len(given)}
    if mode == "full":
        connection.execute(
            """update intake.submissions set valid_to = %(at)s where bureau_code = %(bureau)s and dataset = %(dataset)s
               and period = %(period)s and valid_to is null""",
            key,
        )
    (submission,) = connection.execute(
        """insert into intake.submissions (bureau_code, dataset, period, mode, state, file_name, sha256, file_bytes,
             received_at, valid_from, rows_received)
           values (%(bureau)s, %(dataset)s, %(period)s, %(mode)s, 'loaded', 'x.csv', repeat('0', 64), 1, %(at)s, %(at)s,
             %(rows)s) returning submission_id""",
        key,
    ).fetchone()  # type: ignore[misc]
    statement = sql.SQL("copy raw.{} (submission_id, row_number, {}) from stdin").format(
        sql.Identifier(dataset), sql.SQL(", ").join(map(sql.Identifier, COLUMNS[dataset]))
    )
    with connection.cursor().copy(statement) as copy:
        for number, cells in enumerate(given, start=1):
            copy.write_row((submission, number, *cells))
    return len(given)


def base(connection: psycopg.Connection, codes: list[str]) -> int:
    """Every bureau's two years."""
    units = [bureau.code for bureau in bureaus()]
    return sum(
        submit(
            connection, unit, dataset, year,
            (row(dataset, codes[n], n, year) for n in range(at, len(codes), len(units))), RECEIVED_AT,
        )
        for at, unit in enumerate(units) for dataset in COLUMNS for year in YEARS
    )  # fmt: skip


def one_day(connection: psycopg.Connection, codes: list[str], new: list[str], wanted: int) -> int:
    """A replaced period and increments, `wanted` rows in all."""
    units = [bureau.code for bureau in bureaus()]
    at = RECEIVED_AT + timedelta(days=1)
    kept = [n for n in range(0, len(codes), len(units)) if n % 10 != 5][:wanted]
    found = submit(connection, units[0], "penalties", 2022, (row("penalties", codes[n], n, 2022) for n in kept), at)
    share = (wanted - found) // (3 * len(COLUMNS))

    def increment(unit: int, dataset: str) -> Iterator[tuple[str, ...]]:
        for n in range(share):
            old = unit + n * len(units)
            yield row(dataset, codes[old], old, 2022) if n % 2 else row(dataset, new[n], len(codes) + n, 2022)

    for unit in (1, 2, 3):
        for dataset in COLUMNS:
            found += submit(connection, units[unit], dataset, 2022, increment(unit, dataset), at, "incremental")
    return found


def measured(target: Path) -> Counter[str]:
    """Seconds of dbt's last run, summed over its connections: carrying out each part's models, compiling them all."""
    seconds: Counter[str] = Counter()
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    for result in json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]:
        node = manifest.get(result["unique_id"], {})
        for timing in result["timing"] if node.get("resource_type") == "model" else ():
            took = datetime.fromisoformat(timing["completed_at"]) - datetime.fromisoformat(timing["started_at"])
            part = node["name"] if node["name"] == "published_credit_records" else node["fqn"][1]
            seconds["compiled, all parts" if timing["name"] == "compile" else part] += took.total_seconds()
    return seconds


def run(home: Path) -> Counter[str]:
    """Judge and build; seconds by part, `whole` by the clock with dbt's start, seeds, tests and all other models."""
    started = time.perf_counter()
    build.judge()
    seconds = measured(home / "dbt" / "target")
    build.build_candidate()
    seconds.update(measured(home / "dbt" / "target"))
    seconds["whole"] = time.perf_counter() - started
    print(json.dumps(seconds))  # a long run: what is measured already is not lost with the rest
    return seconds


def compare(rows: int, home: Path) -> Table:
    """The full build of the base, then the day's run."""
    rng = random.Random(1)
    codes = [uscc(rng, "91", "210600") for _ in range(rows // (len(COLUMNS) * len(YEARS)))]
    new = [uscc(rng, "91", "210700") for _ in range(rows // 100)]
    with connect() as connection:
        ensure_raw_tables(connection)
        loaded = base(connection, codes)
        connection.commit()
        connection.execute("analyze")
        connection.commit()
        full = run(home)
        arrived = one_day(connection, codes, new, rows // 100)
        connection.commit()
    day = run(home)
    table = Table("seconds of", f"full, {loaded:,} rows", f"day, {arrived:,} rows", "ratio", title="A day's run")
    both = {"staging + catalogue": ("staging", "catalogue")} | {part: (part,) for part in full}
    for title, parts in both.items():
        before, after = (sum(seconds[part] for part in parts) for seconds in (full, day))
        table.add_row(title, f"{before:,.1f}", f"{after:,.1f}", f"{after / before:.1%}" if before else "")
    table.add_row("rows/s through staging", f"{loaded / full['staging']:,.0f}", f"{arrived / day['staging']:,.0f}", "")
    return table
