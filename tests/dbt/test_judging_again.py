"""Grades of any day as known at any time: judged again only where due, they are what judging everybody gives, and what
was said before is said again, bit for bit, when it is asked for again.

Random subjects with random records share the builds of one database. Each record arrives on a day of its own; the
catalogue shows what had arrived by the day the build knows of. Twins of the grading schemas, built in full, say what is
right.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg
import pytest
from case_tables import CATALOGUE, SEEDS, dbt
from psycopg import sql

SUBJECTS = 120
MODELS = ("path:models/grading", "path:models/supervision")
TABLES = (
    "grading.credit_events", "grading.general_classes", "grading.overrides_met", "grading.score_items",
    "grading.scored_events", "grading.subject_clocks", "grading.subject_grades", "grading.track_memberships",
    "supervision.list_entries",
)  # fmt: skip
# The day judged, and the day up to which things are known. Time goes on, jumps over a policy's first day, and back.
STEPS = [
    (date(2022, 12, 5), date(2022, 12, 5)),
    (date(2022, 12, 6), date(2022, 12, 6)),
    (date(2023, 2, 28), date(2023, 3, 5)),
    (date(2023, 3, 1), date(2023, 3, 5)),
    (date(2022, 12, 6), date(2023, 3, 6)),
    (date(2023, 5, 2), date(2023, 5, 2)),
    (date(2022, 12, 5), date(2022, 12, 5)),
]
EVENTS = (
    "general_class", "general_class", "ip_penalty_ordinary", "ip_penalty_heavier", "abnormal_patent_uncorrected",
    "malicious_trademark", "commitment_broken", "national_demonstration", "standard_certified", "licence_revoked",
    "serious_list_entry", "industry_discipline", "agency_honour",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """All rows of every table, as text: by the build that went on from the one before, and by one in full."""

    went_on: dict[str, list[str]]
    in_full: dict[str, list[str]]


def arrivals(rng: random.Random) -> Iterator[tuple]:
    """Records with the day each arrives: most soon after the event, some years later, some before it begins."""
    for number in range(SUBJECTS):
        for _ in range(rng.randint(1, 9)):
            kind = rng.choice(EVENTS)
            # dates that matter: windows of 36 months end, or lists do, about the days judged
            happened = rng.choice(
                (date(2019, 12, 5), date(2019, 12, 6), date(2020, 2, 29), date(2021, 12, 5), date(2022, 12, 6), None)
            ) or date(2019, 6, 1) + timedelta(days=rng.randrange(1400))
            ends = happened + timedelta(days=rng.randrange(30, 1200)) if rng.random() < 0.4 else None
            known = happened + timedelta(days=rng.choice((-40, 0, 1, 5, 60, 900)))
            yield f"s{number:03}", kind, rng.choice("ABCD"), happened, ends, known
        if number % 4 == 0:
            kind = rng.choice(("patent_agency", "trademark_agency", "patent_agency_branch"))
            closed = rng.choice((None, date(2022, 12, 5), date(2023, 2, 28)))
            yield f"s{number:03}", "agency_registered", kind, date(2015, 6, 1), closed, date(2022, 1, 1)


def prepare(connection: psycopg.Connection) -> None:
    """What arrives when, and a catalogue that shows what has arrived by the day in `known`."""
    connection.execute(CATALOGUE)
    connection.execute("alter table catalogue.credit_records rename to arrived")
    connection.execute("alter table catalogue.arrived add column known_on date")
    connection.execute("create table catalogue.known (known_on date)")
    connection.execute("insert into catalogue.known values ('1900-01-01')")
    connection.execute("drop view catalogue.records")
    connection.execute(
        """create view catalogue.credit_records as
               select a.* from catalogue.arrived as a where a.known_on <= (select known_on from catalogue.known)"""
    )
    connection.execute("create view catalogue.records as select * from catalogue.credit_records")
    records = list(arrivals(random.Random(20221205)))
    for number, (subject, kind, value, happened, ends, known) in enumerate(records):
        connection.execute(
            """insert into catalogue.arrived
                   (record_id, subject_id, event_type, event_value, event_date, valid_from, valid_to, is_internal,
                    known_on)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (f"r{number:04}", subject, kind, value, happened, happened, ends, kind == "general_class", known),
        )
    connection.execute("drop table catalogue.subjects")
    connection.execute(
        """create view catalogue.subjects as
           select r.subject_id, null::text as subject_name, 'uscc' as id_kind, true as is_enterprise,
               bool_or(r.event_type = 'agency_registered') as is_agency, null::text as agency_kind,
               false as is_backbone_agency,
               case when r.subject_id < 's060' then '210100' else '210600' end as division_code,
               min(r.event_date) as first_event_on, max(r.event_date) as last_event_on
           from catalogue.credit_records as r group by r.subject_id"""
    )
    connection.execute("create schema full_catalogue")
    connection.execute("create table full_catalogue.unjudged_subjects (subject_id text)")
    for view in ("subjects", "credit_records", "records", "identity_links"):
        connection.execute(f"create view full_catalogue.{view} as select * from catalogue.{view}")
    connection.commit()


def know(connection: psycopg.Connection, known_on: date) -> None:
    """Let the catalogue show what is known by a day, and note whose records that changes, as its own build does."""
    connection.execute(
        """insert into catalogue.unjudged_subjects
           select distinct a.subject_id from catalogue.arrived as a, catalogue.known as k
           where (a.known_on <= k.known_on) <> (a.known_on <= %s)""",
        (known_on,),
    )
    connection.execute("update catalogue.known set known_on = %s", (known_on,))
    connection.commit()


def copy_policies(connection: psycopg.Connection) -> None:
    for schema in ("policy", "reference"):
        connection.execute(f"create schema full_{schema}")
        tables = connection.execute("select tablename from pg_tables where schemaname = %s", (schema,)).fetchall()
        for (table,) in tables:
            connection.execute(f"create view full_{schema}.{table} as select * from {schema}.{table}")
    connection.commit()


def rows(connection: psycopg.Connection, prefix: str = "") -> dict[str, list[str]]:
    found = {}
    for table in TABLES:
        schema, name = table.split(".")
        query = sql.SQL("select t::text from {} as t order by 1").format(sql.Identifier(prefix + schema, name))
        found[table] = [row for (row,) in connection.execute(query)]
    connection.rollback()
    return found


def run(as_of: date, known_on: date, prefix: str = "") -> None:
    outcomes = dbt("run", *MODELS, as_of=as_of, known_on=known_on, prefix=prefix)
    assert set(outcomes.values()) == {"success"}, outcomes


@pytest.fixture(scope="module")
def built(warehouse) -> Iterator[list[Built]]:
    with warehouse.connect() as connection:
        prepare(connection)
        dbt("seed", *SEEDS, as_of=STEPS[0][0])
        copy_policies(connection)
        found = []
        for number, (as_of, known_on) in enumerate(STEPS):
            know(connection, known_on)
            run(as_of, known_on)
            if number == len(STEPS) - 1:
                found.append(Built(rows(connection), found[0].in_full))
                continue
            connection.execute("drop schema if exists full_grading, full_supervision cascade")
            connection.commit()
            run(as_of, known_on, prefix="full_")
            found.append(Built(rows(connection), rows(connection, "full_")))
            if number == len(STEPS) - 2:
                # A rule recorded later, of a day long past: what was known before does not know of it.
                connection.execute(
                    """insert into policy.scoring_rules
                       select policy_id, 9, rule_code, rule_name, event_type, points * 2, cap, window_months, is_bonus,
                           stops_on_repair, date '2022-12-01', null, date '2023-06-01', status, '后来补录'
                       from policy.scoring_rules where policy_id = 'LN-IPCREDIT' and version = 1"""
                )
                connection.commit()
        yield found


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_going_on_gives_what_judging_everybody_gives(built, step):
    for table in TABLES:
        assert built[step].went_on[table] == built[step].in_full[table], table


def test_the_steps_are_worth_comparing(built):
    """Every step changes grades, and each table has rows in it."""
    grades = [tuple(one.in_full["grading.subject_grades"]) for one in built]
    assert len(set(grades)) == len(STEPS) - 1, "the last step asks for the first day again"
    assert all(one.in_full[table] for one in built for table in TABLES)


def test_a_record_that_came_late_makes_another_result_for_the_same_day(built):
    assert STEPS[1][0] == STEPS[4][0]
    assert built[1].in_full["grading.subject_grades"] != built[4].in_full["grading.subject_grades"]


def test_an_old_day_with_its_old_knowledge_gives_the_old_result(built):
    """Although records came late, policies began, and rows were recorded for days long past."""
    assert built[-1].went_on == built[0].in_full
