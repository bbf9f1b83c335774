"""Regrading: what `benchmark.py --grading` measures.

A catalogue of so many enterprises with ten records each, made in the server itself: classes of the last two months,
certificates, penalties and filings over five years, some of them on lists. Then a day goes by: one subject in a hundred
has a new record, and what lapses that day lapses. Both are what a build runs of grading and supervision, by dbt.
"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from benchmark_daily import RECEIVED_AT, measured
from psycopg import Connection
from rich.table import Table

from ipcredit import build
from ipcredit.database import connect

# As the catalogue's own models make them.
CATALOGUE = """
create schema catalogue;
create table catalogue.records (
    record_id text, subject_id text, subject_name text, claimed_registration_no text, dataset text, catalogue_code text,
    event_type text, event_value text, behaviour_code text, event_date date, valid_from date, valid_to date,
    document_no text, amount_yuan numeric(18, 2), authority text, division_code text, bureau_code text, period text,
    submission_id bigint, row_number integer, is_internal boolean, details jsonb);
create table catalogue.identity_links (record_id text primary key, subject_id text);
create table catalogue.unjudged_subjects (subject_id text primary key);
create view catalogue.credit_records as
select
    records.record_id, coalesce(records.subject_id, links.subject_id) as subject_id, records.subject_name,
    records.dataset, records.catalogue_code, records.event_type, records.event_value, records.behaviour_code,
    records.event_date, records.valid_from, records.valid_to, records.document_no, records.amount_yuan,
    records.authority, records.division_code, records.bureau_code, records.period, records.submission_id,
    records.row_number, records.is_internal, records.details
from catalogue.records as records
left join catalogue.identity_links as links on records.record_id = links.record_id
where records.subject_id is not null or links.subject_id is not null;
"""

# n is the subject, k one of its ten records.
RECORDS = """
insert into catalogue.records (record_id, subject_id, dataset, event_type, event_value, behaviour_code, event_date,
    valid_from, valid_to, document_no, authority, division_code, bureau_code, period, submission_id, row_number,
    is_internal, details)
select
    md5(n || '|' || v.k), '91210600MA' || lpad(n::text, 8, '0'), v.dataset, v.event_type, v.event_value, v.behaviour,
    v.happened, v.happened, case when v.dataset in ('honours', 'standard_certifications') then v.happened + 1095 end,
    '市监处罚〔2022〕' || n || '号', '市市场监督管理局', '210600', '210600', '2022', 1, n,
    v.dataset = 'general_risk_class',
    '{}'::jsonb
from generate_series(1, %(subjects)s::integer) as n
cross join generate_series(0, 9) as series (number)
cross join lateral (
    select
        (%(day)s::date - ((n::bigint * 7919 + series.number * 104729) %% 1826)::integer) as some_day,
        (n * 31 + series.number) %% 100 as share
) as d
cross join lateral (
    values
    (0, 'general_risk_class', 'general_class', substr('AAAABBBCCD', 1 + n %% 10, 1), null, %(day)s::date - 40),
    (1, 'general_risk_class', 'general_class', substr('AAAABBBCCD', 1 + n %% 10, 1), null, %(day)s::date - 10),
    (2, 'standard_certifications', 'standard_certified', 'enterprise', null, d.some_day),
    (3, 'standard_certifications', 'standard_certified', 'enterprise', null, d.some_day),
    (4, 'honours', case when d.share < 5 then 'national_advantage' else 'inspection_passed' end, 'x', null, d.some_day),
    (5, 'penalties', 'penalty_warning', 'warning', 'patent_infringement', d.some_day),
    (6, 'penalties', case when d.share < 1 then 'ip_penalty_heavier' else 'ip_penalty_ordinary' end, 'fine',
        'trademark_infringement', d.some_day),
    (7, 'abnormal_patents', 'abnormal_patent_corrected', 'withdrawn', 'abnormal_application', d.some_day),
    (8, 'malicious_trademarks', case when d.share < 2 then 'malicious_trademark' else 'abnormal_patent_corrected' end,
        'x', 'malicious_filing', d.some_day),
    (9, 'cases', 'case_closed', 'closed', null, d.some_day)
) as v (k, dataset, event_type, event_value, behaviour, happened)
where v.k = series.number
"""
SUBJECTS = """
create table catalogue.subjects as
select
    r.subject_id, r.subject_id as subject_name, 'uscc' as id_kind, true as is_enterprise, false as is_agency,
    null::text as agency_kind, false as is_backbone_agency, min(r.division_code) as division_code,
    min(r.event_date) as first_event_on, max(r.event_date) as last_event_on
from catalogue.records as r group by r.subject_id;
create unique index on catalogue.records (record_id);
create index on catalogue.records (subject_id);
create index on catalogue.records (dataset);
create unique index on catalogue.subjects (subject_id);
"""


def fill(connection: Connection, subjects: int) -> None:
    """The catalogue as it stands on the first day."""
    connection.execute(CATALOGUE)
    connection.execute(RECORDS, {"subjects": subjects, "day": RECEIVED_AT.date()})
    connection.execute(SUBJECTS)
    connection.commit()
    connection.autocommit = True
    connection.execute("vacuum analyze")
    connection.autocommit = False


def one_day(connection: Connection, subjects: int, day: datetime) -> None:
    """A warning for one subject in a hundred, as the catalogue notes it."""
    connection.execute(
        """insert into catalogue.records (record_id, subject_id, dataset, event_type, event_value, event_date,
               division_code, is_internal, details)
           select md5('new ' || s.subject_id), s.subject_id, 'penalties', 'ip_penalty_ordinary', 'fine', %s,
               s.division_code, false, '{}'::jsonb
           from catalogue.subjects as s where right(s.subject_id, 2) = '07'""",
        (day.date(),),
    )
    connection.execute(
        """insert into catalogue.unjudged_subjects
           select s.subject_id from catalogue.subjects as s where right(s.subject_id, 2) = '07'"""
    )
    connection.commit()


def judge(day: datetime, home: Path) -> Counter[str]:
    """Seconds of grading and supervision, as dbt's own log gives them, summed over its connections."""
    build.run_dbt(
        "run", "--quiet", "--select", "path:models/grading", "path:models/supervision",
        environment=build.dbt_environment(as_of=day.date(), known_at=day),
    )  # fmt: skip
    return measured(home / "dbt" / "target")


def compare(subjects: int, home: Path) -> Table:
    """Everybody judged, then a day's change."""
    build.run_dbt("seed", "--quiet")
    with connect() as connection:
        fill(connection, subjects)
    full = judge(RECEIVED_AT, home)
    tomorrow = RECEIVED_AT + timedelta(days=1)
    with connect() as connection:
        one_day(connection, subjects, tomorrow)
    day = judge(tomorrow, home)
    with connect() as connection:
        judged = connection.execute(
            "select count(*) from catalogue.subjects as s inner join grading.subject_grades as g using (subject_id)"
        ).fetchone()
    table = Table(
        "seconds of", "everybody", "a day's change", "ratio",
        title=f"Regrading {subjects:,} subjects with {subjects * 10:,} records ({judged[0] if judged else 0:,} grades)",
    )  # fmt: skip
    for part in ("grading", "supervision", "compiled, all parts"):
        table.add_row(part, f"{full[part]:,.1f}", f"{day[part]:,.1f}", f"{day[part] / full[part]:.1%}")
    both = [seconds["grading"] + seconds["supervision"] for seconds in (full, day)]
    table.add_row("grading + supervision", f"{both[0]:,.1f}", f"{both[1]:,.1f}", f"{both[1] / both[0]:.1%}")
    return table
