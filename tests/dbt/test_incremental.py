"""Whatever the order and the batching in which submissions are processed, the catalogue is what a full build makes.

Many small cases share the builds of one database, told apart by the numbers of their enterprises and by their periods.
A scenario is random submissions with fixed ids and times; its twins differ in the order in which these arrive, and in
which builds see them. Builds step known_at back and forth, and some are cut off between two models.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from helpers import RECEIVED, good_row
from psycopg import sql

from ipcredit import build
from ipcredit.contracts import load_contracts
from ipcredit.raw_tables import ensure_raw_tables, raw_columns

TABLES = (
    "row_states", "row_issues", "rejected_rows", "submission_counts", "submission_issue_counts",
    "submission_flaws", "records", "credit_records", "known_names", "shared_keys", "subjects",
    "cross_source_findings", "coverage", "quality_dimensions",
)  # fmt: skip
TWINS = 2
IDS = 100
"""Submission ids of a case: from its number times this."""
LATEST = RECEIVED + timedelta(days=60)


@dataclass(frozen=True)
class Submission:
    """One line of the ledger, as it stands when everything has arrived; ids count within the case."""

    number: int
    bureau: str
    dataset: str
    period: int
    mode: str
    state: str
    received_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    superseded_by: int | None
    rows: tuple[tuple[int, str], ...]


@dataclass
class Case:
    """One scenario processed in one order."""

    number: int
    scenario: int
    submissions: list[Submission]
    batches: list[list[Submission]]
    arrived: set[int] = field(default_factory=set)


def scenario(rng: random.Random) -> list[Submission]:
    """Submissions of two bureaus about the same few enterprises, each superseding as intake would have it."""
    found: list[Submission] = []
    for number in range(rng.randint(2, 8)):
        moment = RECEIVED + timedelta(days=6 * number)
        bureau, period = rng.choice(("210600", "210700")), rng.randint(0, 2)
        dataset = rng.choice(("honours", "honours", "honours", "agencies", "penalties"))
        state = rng.choice(("loaded",) * 8 + ("nil_return", "withdrawal"))
        mode = "full" if state != "loaded" else rng.choice(("full", "incremental"))
        if mode == "full":
            found = [
                replace(s, valid_to=moment, superseded_by=number)
                if (s.bureau, s.dataset, s.period, s.valid_to) == (bureau, dataset, period, None)
                else s
                for s in found
            ]
        rows = rng.choices(
            [
                (who, kind)
                for who in range(1, 5)
                for kind in ("good", "good", "good", "noted", "bad", "no key", "no code")
            ],
            k=rng.randint(1, 5) if state == "loaded" else 0,
        )
        # confirmed two days after it was received, or in force at once
        received_at = moment - timedelta(days=rng.choice((0, 0, 2)))
        found.append(
            Submission(number, bureau, dataset, period, mode, state, received_at, moment, None, None, tuple(rows))
        )
    return found


def cases(scenarios: int, builds: int, seed: int) -> list[Case]:
    rng = random.Random(seed)
    made = []
    for number in range(scenarios):
        submissions = scenario(rng)
        for _ in range(TWINS):
            batches: list[list[Submission]] = [[] for _ in range(builds)]
            for submission in rng.sample(submissions, len(submissions)):
                rng.choice(batches).append(submission)
            made.append(Case(len(made) + 1, number, submissions, batches))
    return made


def cells(case: Case, submission: Submission, who: int, kind: str) -> dict[str, Any]:
    row = good_row(submission.dataset, case.number * 10 + who, division_code=None)
    code_less = {"uscc": None, "registration_no": None}
    broken: dict[str, dict[str, dict[str, Any]]] = {
        "honours": {"bad": {"awarded_on": "x"}, "no key": {"honour_year": None}, "noted": {"registration_no": "1"}},
        "agencies": {"bad": {"agency_kind": "?"}, "no key": {"agency_kind": None}, "noted": {"is_backbone": "?"}},
        "penalties": {
            "bad": {"decided_on": "x"}, "no key": {"document_no": None}, "noted": {"document_no": f"某文{who}"},
            "no code": code_less,
        },
    }  # fmt: skip
    row |= broken[submission.dataset].get(kind, {})
    return {name: value for name, value in row.items() if name in raw_columns(load_contracts()[submission.dataset])}


def later(case: Case, submission: Submission) -> list[int]:
    """What replaced it, what replaced that, and so on."""
    found = []
    number = submission.superseded_by
    while number is not None:
        found.append(number)
        number = case.submissions[number].superseded_by
    return found


def arrive(connection: psycopg.Connection, case: Case, submission: Submission) -> None:
    """Insert one submission; what has arrived of those it supersedes, or is superseded by, is closed."""
    base = case.number * IDS
    case.arrived.add(submission.number)
    # Also where what replaced it has not come yet, but what replaced that one has: one of a key is in force at a time.
    closed = not case.arrived.isdisjoint(later(case, submission))
    supersedes = [base + s.number for s in case.submissions if s.superseded_by == submission.number]
    connection.execute(
        """insert into intake.submissions (submission_id, bureau_code, dataset, period, mode, state, file_name, sha256,
             file_bytes, received_at, valid_from, valid_to, supersedes, rows_received)
           overriding system value values (%s, %s, %s, %s, %s, %s, 'x.csv', %s, 1, %s, %s, %s, %s, %s)""",
        (
            base + submission.number, submission.bureau, submission.dataset,
            str(1000 + case.number * 3 + submission.period),
            # the index of full submissions in force allows one at a time, and the replaced one may still be open
            submission.mode, submission.state, f"{base + submission.number:064x}", submission.received_at,
            submission.valid_from, submission.valid_to if closed else submission.valid_from + timedelta(seconds=1),
            supersedes, len(submission.rows),
        ),
    )  # fmt: skip
    for replaced in case.submissions:
        if submission.number in later(case, replaced):
            connection.execute(
                "update intake.submissions set valid_to = %s where submission_id = %s",
                (replaced.valid_to, base + replaced.number),
            )
    if not closed:
        connection.execute(
            "update intake.submissions set valid_to = null where submission_id = %s", (base + submission.number,)
        )
    for row_number, (who, kind) in enumerate(submission.rows, start=1):
        given = cells(case, submission, who, kind)
        connection.execute(
            sql.SQL("insert into raw.{} (submission_id, row_number, {}) values (%s, %s, {})").format(
                sql.Identifier(submission.dataset),
                sql.SQL(", ").join(map(sql.Identifier, given)),
                sql.SQL(", ").join([sql.Placeholder()] * len(given)),
            ),
            [base + submission.number, row_number, *given.values()],
        )


def erase(connection: psycopg.Connection, submission: int) -> None:
    """The rows say something else than they did, keys included, and the ledger says so."""
    connection.execute(
        "update raw.honours set honour_year = '2019' where submission_id = %s and honour_year = '2021'", (submission,)
    )
    connection.execute(
        "update intake.submissions set content_version = content_version + 1 where submission_id = %s", (submission,)
    )


def dbt(known_at: datetime, *select: str, prefix: str = "") -> None:
    build.run_dbt(
        "run", "--quiet", "--select", *(select or ("path:models/staging", "path:models/catalogue")),
        environment=build.dbt_environment(as_of=LATEST.date(), known_at=known_at, schema_prefix=prefix),
    )  # fmt: skip


def seed() -> None:
    build.run_dbt("seed", "--quiet", environment=build.dbt_environment())


def differences(connection: psycopg.Connection, prefix: str) -> dict[str, list[Any]]:
    """Rows that only one of the plain and the prefixed tables has."""
    found = {}
    for table in TABLES:
        plain, other = sql.Identifier("catalogue", table), sql.Identifier(f"{prefix}catalogue", table)
        rows = connection.execute(
            sql.SQL(
                """(select 'incremental only' as where_found, t::text from {0} as t
                    except all select 'incremental only', t::text from {1} as t)
                   union all
                   (select 'full only', t::text from {1} as t except all select 'full only', t::text from {0} as t)"""
            ).format(plain, other)
        ).fetchall()
        if rows:
            found[table] = rows[:5]
    connection.rollback()
    return found


def full_build(connection: psycopg.Connection, known_at: datetime, prefix: str) -> None:
    """Everything again, in schemas of its own; seeds come from the plain ones, by copy."""
    for schema in ("policy", "reference"):
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(prefix + schema)))
        for (table,) in connection.execute(
            "select tablename from pg_tables where schemaname = %s", (schema,)
        ).fetchall():
            connection.execute(
                sql.SQL("create table {} as select * from {}").format(
                    sql.Identifier(prefix + schema, table), sql.Identifier(schema, table)
                )
            )
    connection.commit()
    dbt(known_at, prefix=prefix)


# Where a build may be cut off: the models before are done, those behind are not.
CUTS = (
    ("touched_submissions", "submission_states"),
    ("touched_submissions", "submission_states", "touched_keys", "touched_subjects", "row_states"),
    ("submission_states", "submissions_in_force", "touched_submissions", "touched_keys", "touched_subjects",
     "row_states", "recounted_submissions", "row_issues", "records", "shared_keys", "known_names", "identity_links"),
)  # fmt: skip


def process(warehouse: Warehouse, made: list[Case], schedule: list[tuple[datetime, int | None]], rng_seed: int) -> None:
    """Bring the batches in one after the other, each followed by a build as of the given moment, cut off or not."""
    rng = random.Random(rng_seed)
    with warehouse.connect() as connection:
        ensure_raw_tables(connection)
        connection.commit()
        for number, (known_at, cut) in enumerate(schedule):
            for case in made:
                for submission in case.batches[number]:
                    arrive(connection, case, submission)
            if number:  # what is changed had its first judgement
                arrived = [c.number * IDS + s.number for c in made for s in c.submissions
                           if s.number in c.arrived and s.dataset == "honours" and c.scenario % 5 == 0]  # fmt: skip
                for submission in arrived:
                    if rng.random() < 0.3:
                        erase(connection, submission)
            connection.commit()
            dbt(known_at, *(() if cut is None else ("path:models/staging", *CUTS[cut])))


def twins_agree(connection: psycopg.Connection, made: list[Case]) -> None:
    """Cases of one scenario end in the same states; scenarios whose rows were changed under way are left out."""
    states: dict[int, list[Any]] = {case.number: [] for case in made}
    for submission, row, state, issues in connection.execute(
        "select submission_id, row_number, state, issues from catalogue.row_states order by submission_id, row_number"
    ):
        states[submission // IDS].append((submission % IDS, row, state, issues))
    for case in made:
        for twin in made:
            if twin.scenario == case.scenario and case.scenario % 5:
                assert states[case.number] == states[twin.number], case.submissions


def agrees_with_a_full_build(connection: psycopg.Connection, made: list[Case], known_at: datetime, prefix: str) -> None:
    full_build(connection, known_at, prefix)
    assert connection.execute("select count(*) from catalogue.records").fetchone() > (len(made),)
    assert differences(connection, prefix) == {}
    twins_agree(connection, made)
    for name in ("touched_submissions", "touched_keys", "touched_subjects"):
        assert not connection.execute(sql.SQL("select 1 from catalogue.{}").format(sql.Identifier(name))).fetchall()
    connection.rollback()


def day(number: int) -> datetime:
    return RECEIVED + timedelta(days=number)


def test_any_order_and_batching_gives_what_a_full_build_gives(warehouse: Warehouse) -> None:
    """The last build knows less than two before it: rows come, and leave again."""
    schedule = [(day(40), None), (day(60), 1), (day(4), 2), (day(31), None)]
    made = cases(40, len(schedule), seed=20221205)
    seed()
    process(warehouse, made, schedule, 1)
    with warehouse.connect() as connection:
        agrees_with_a_full_build(connection, made, day(31), "full_")


def test_what_is_not_touched_stays_until_its_definition_changes(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the test above: marks put on rows tell which of them were made again."""
    marked = "select count(*) from catalogue.records where authority = 'marked'"
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("update catalogue.records set authority = 'marked'")
        before = connection.execute(marked).fetchone()
        dbt(day(31))
        assert connection.execute(marked).fetchone() == before
        monkeypatch.setattr(build, "definitions", lambda _patterns: "other")
        dbt(day(31))
        assert connection.execute(marked).fetchone() == (0,)
        assert connection.execute("select count(*) from catalogue.records").fetchone() == before


@pytest.mark.full
@pytest.mark.parametrize("chance", range(3))
def test_long_and_irregular_histories_of_builds(warehouse: Warehouse, chance: int) -> None:
    rng = random.Random(chance)
    with warehouse.connect(autocommit=True) as connection:
        ensure_raw_tables(connection)
        connection.execute("truncate intake.submissions, raw.honours, raw.agencies, raw.penalties")
        connection.execute("drop schema if exists staging, catalogue cascade")
    schedule = [(day(rng.randint(0, 60)), rng.choice((None, None, *range(len(CUTS))))) for _ in range(8)]
    schedule[0] = (schedule[0][0], None)
    schedule[-1] = (schedule[-1][0], None)
    made = cases(150, len(schedule), seed=chance)
    seed()
    process(warehouse, made, schedule, chance)
    with warehouse.connect() as connection:
        agrees_with_a_full_build(connection, made, schedule[-1][0], f"full_{chance}_")
