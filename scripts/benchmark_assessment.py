"""Scoring: what `benchmark.py --assessment` measures.

So many case records of five years, spread over fourteen cities and a hundred counties, made in the server itself; the
table of 2022 stands for each of the five years. Then dbt counts, scores and adds up, as it does in a build.
"""

import csv
import re
import shutil
import time
from datetime import datetime
from pathlib import Path

from benchmark_daily import measured
from psycopg import Connection
from rich.table import Table

from ipcredit import build
from ipcredit.database import connect
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import DBT_PROJECT, TIME_ZONE

YEARS = range(2018, 2023)
COUNTIES = 100
AS_OF = datetime(2023, 1, 31, 18, tzinfo=TIME_ZONE)

CASES = """
insert into staging.stg_cases (submission_id, row_number, bureau_code, dataset, period, natural_key, is_accepted,
    case_no, case_type, filed_on, case_state, closed_on, closing_mode, is_publishable, published_on,
    system_report_due_on, system_reported_on, returned_count, division_code, county_name)
select
    1, n, c.code, 'cases', d.year || 'Q4', 'case ' || n, true, 'case ' || n,
    (array['trademark', 'trademark', 'trademark', 'counterfeit_patent', 'patent_infringement',
        'geographical_indication', 'copyright', 'other_patent_dispute', 'trade_secret', 'official_mark'])[1 + n %% 10],
    d.closed_on - 40, 'closed', d.closed_on,
    (array['penalty', 'adjudication', 'mediation', 'no_penalty'])[1 + n / 10 %% 4],
    n %% 20 <> 0, d.closed_on + 5, d.closed_on + 20, d.closed_on + (n %% 25), (n %% 50 = 0)::integer, c.code,
    case when n %% 3 > 0 then '示例县' || (1 + n %% 14 + 14 * (n / 14 %% 7)) end
from generate_series(1, %(cases)s::integer) as n
cross join lateral (select '21' || lpad((1 + n %% 14)::text, 2, '0') || '00' as code) as c
cross join lateral (
    select y.year, make_date(y.year, 1, 1) + (n * 7919::bigint %% 365)::integer as closed_on
    from (select 2018 + n / 14 %% 5 as year) as y
) as d
"""
RECORDS = """
insert into catalogue.records (record_id, dataset, event_type, division_code, bureau_code, period, submission_id,
    row_number, is_internal)
select
    md5('cases|' || natural_key), 'cases', 'case_closed', bureau_code, bureau_code, period, submission_id, row_number,
    false
from staging.stg_cases
"""
NIL_RETURNS = """
insert into catalogue.coverage (bureau_code, division_code, dataset, period, state, completeness)
select o.organisation_code, o.division_code, d.dataset, y.year || q.part, 'nil_return', 'nil_return'
from reference.organisations as o
cross join unnest(%(datasets)s::text []) as d (dataset)
cross join generate_series(2018, 2022) as y (year)
cross join unnest(array['', 'Q1', 'Q2', 'Q3', 'Q4']) as q (part)
where o.role = 'bureau'
"""
# What the records cost when they are only read, once, and counted by city, type and day.
READ = """
select count(*) from (
    select s.division_code, s.county_name, s.case_type, s.closed_on, count(*)
    from catalogue.records as r
    inner join staging.stg_cases as s on r.submission_id = s.submission_id and r.row_number = s.row_number
    where r.dataset = 'cases' group by 1, 2, 3, 4) as g
"""


def five_years(project: Path) -> Path:
    """A copy of the project with a policy for each year and a hundred counties, named after nothing."""
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    for file in (project / "seeds" / "assessment").glob("assessment_*.csv"):
        header, *rows = _read(file)
        _write(file, [header, *([_in_year(cell, year) for cell in row] for year in YEARS for row in rows)])
    file = project / "seeds" / "reference" / "divisions.csv"
    _write(file, [*_read(file), *(
        [f"29{n:04d}", f"示例县{n}", "county", f"21{1 + (n - 1) % 14:02d}00", "", "false", "", ""]
        for n in range(1, COUNTIES + 1)
    )])  # fmt: skip
    return project


def _in_year(cell: str, year: int) -> str:
    """A cell of the policy of 2022 as that of another year would have it; what is cited stays."""
    return re.sub(r"^(YK-IPR-ASSESS-)?2022(?=$|-)", rf"\g<1>{year}", cell)


def _read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.reader(source))


def _write(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def fill(connection: Connection, cases: int) -> None:
    """The judged rows, their records, and a nil return for everything else: every count is known."""
    datasets = [name for (name,) in connection.execute("select dataset from catalogue.contract_items")]
    connection.execute(CASES, {"cases": cases})
    connection.execute(RECORDS)
    connection.execute(NIL_RETURNS, {"datasets": datasets})
    connection.commit()
    connection.autocommit = True
    connection.execute("vacuum analyze")
    connection.autocommit = False


def compare(cases: int, home: Path) -> Table:
    """Scoring everything, beside reading the same records once."""
    project = five_years(home / "five_years")
    environment = build.dbt_environment(as_of=AS_OF.date(), known_at=AS_OF)
    with connect() as connection:
        ensure_raw_tables(connection)
    build.run_dbt("seed", "--quiet", environment=environment, project=project)
    build.run_dbt(
        "run", "--quiet", "--select", "path:models/staging", "path:models/catalogue",
        environment=environment, project=project,
    )  # fmt: skip
    with connect() as connection:
        fill(connection, cases)
        started = time.perf_counter()
        connection.execute(READ)
        read = time.perf_counter() - started
    started = time.perf_counter()
    build.run_dbt("run", "--quiet", "--select", "path:models/assessment", environment=environment, project=project)
    whole = time.perf_counter() - started
    seconds = measured(home / "dbt" / "target")
    with connect() as connection:
        (row,) = connection.execute(
            """select (select count(*) from assessment.metric_records), count(*), count(distinct region_code),
                   count(distinct assessment_year), count(*) filter (where state = 'scored')
               from assessment.rule_results"""
        ).fetchall()
    table = Table(
        "seconds of", "", "times reading",
        title=f"Scoring {row[2]} regions for {row[3]} years from {cases:,} case records: {row[1]:,} cells,"
        f" {row[4]:,} scored, {row[0]:,} records listed",
    )  # fmt: skip
    table.add_row("reading the cases once, counted by city, county, type and day", f"{read:,.1f}", "1")
    table.add_row(
        "models of the assessment, summed", f"{seconds['assessment']:,.1f}", f"{seconds['assessment'] / read:,.1f}"
    )
    table.add_row("with dbt's start and compiling, by the clock", f"{whole:,.1f}", f"{whole / read:,.1f}")
    return table
