"""Puts the records of case tables where grading and supervision read them, and builds those models with real dbt.

A case is a subject of its own, so that one build judges them all. The tables hold what the catalogue would.
"""

import csv
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

import psycopg
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.event_manager_client import ctx_set_event_manager

from ipcredit.build import dbt_environment
from ipcredit.database import database_url
from ipcredit.dbt import HeardEvents
from ipcredit.settings import DBT_PROJECT, TIME_ZONE

CASES = Path(__file__).parent / "cases"
SEEDS = ("path:seeds/policy", "divisions", "working_days")

CATALOGUE = """
create schema catalogue;
create table catalogue.subjects (
    subject_id text primary key, subject_name text, id_kind text, is_enterprise boolean not null,
    is_agency boolean not null, agency_kind text, is_backbone_agency boolean, division_code text not null,
    first_event_on date, last_event_on date);
create table catalogue.credit_records (
    record_id text primary key, subject_id text not null, dataset text, catalogue_code text, event_type text not null,
    event_value text, behaviour_code text, event_date date not null, valid_from date, valid_to date, document_no text,
    amount_yuan numeric(18, 2), authority text, division_code text, bureau_code text, period text,
    submission_id bigint, row_number integer, is_internal boolean not null, details jsonb);
-- What an increment looks up by: here only the calendar makes anybody due.
create table catalogue.unjudged_subjects (subject_id text);
create view catalogue.records as select * from catalogue.credit_records;
create table catalogue.identity_links (record_id text, subject_id text);
"""


def rows(name: str) -> list[dict[str, str | None]]:
    """A case table; an empty cell is None."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def fill_catalogue(connection: psycopg.Connection, topic: str) -> None:
    """Write the subjects and records of `<topic>_subjects.csv` and `<topic>_records.csv`."""
    connection.execute(CATALOGUE)
    records = rows(f"{topic}_records")
    for subject in rows(f"{topic}_subjects"):
        dates = [record["event_date"] for record in records if record["case_id"] == subject["case_id"]]
        connection.execute(
            """insert into catalogue.subjects
                   (subject_id, is_enterprise, is_agency, agency_kind, division_code, first_event_on)
               values (%s, %s, %s, %s, %s, %s)""",
            (
                subject["case_id"],
                subject.get("is_enterprise", "true"),
                bool(subject.get("agency_kind")),
                subject.get("agency_kind"),
                subject.get("division_code", "210100"),
                min(dates, default=None),
            ),
        )
    columns = (
        "dataset", "authority", "event_type", "event_value", "behaviour_code", "event_date", "valid_from", "valid_to",
        "document_no", "details",
    )  # fmt: skip
    for number, record in enumerate(records):
        connection.execute(
            f"""insert into catalogue.credit_records (record_id, subject_id, is_internal, {", ".join(columns)})
                values (%s, %s, %s{", %s" * len(columns)})""",
            (
                f"record_{number:03}",
                record["case_id"],
                record["event_type"] == "general_class",
                *(record.get(column) for column in columns),
            ),
        )
    connection.commit()


@cache
def _parsed(_database_url: str, prefix: str) -> Manifest:
    """The project, parsed once per database and schemas: other parameters are read again when a model is compiled."""
    with pytest.MonkeyPatch.context() as patch:
        return _invoke(patch, "parse", environment=dbt_environment(schema_prefix=prefix)).result


def _invoke(
    patch: pytest.MonkeyPatch, *arguments: str, environment: dict[str, str], **runner: Manifest
) -> dbtRunnerResult:
    for name, value in environment.items():
        patch.setenv(name, value)
    ctx_set_event_manager(HeardEvents())  # as python -m ipcredit.dbt does
    folders = ("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))
    return dbtRunner(**runner).invoke([*arguments, *folders, "--quiet"])


def dbt(command: str, *select: str, as_of: date, known_on: date | None = None, prefix: str = "") -> dict[str, str]:
    """Run one dbt command, judging `as_of` by what was known that evening or on the evening of `known_on`.

    Returns:
        The outcome (success, pass, fail, skipped…) of every model, seed and test selected, by its name.
    """
    known_at = datetime.combine(known_on or as_of, time(18), TIME_ZONE)
    manifest = _parsed(database_url(), prefix)
    for node in manifest.nodes.values():
        if getattr(node, "extra_ctes", None):  # of ephemeral models, put in by the run before
            node.extra_ctes, node.extra_ctes_injected, node.compiled = [], False, False
    for asked_once in ("can_distribute", "applied_seeds"):  # in a run, and this is another
        manifest.flat_graph.pop(asked_once, None)
    with pytest.MonkeyPatch.context() as patch:
        ended = _invoke(
            patch,
            command,
            "--select",
            *select,
            "--indirect-selection",
            "cautious",
            environment=dbt_environment(as_of=as_of, known_at=known_at, schema_prefix=prefix),
            manifest=manifest,
        )
    assert ended.exception is None, ended.exception
    return {one.node.name: str(one.status) for one in ended.result}


def build(as_of: date, *, whole: bool) -> None:
    """Build supervision and grading for one day; `whole`: after the seeds, and with every test of theirs."""
    models = ("path:models/grading", "path:models/supervision")
    outcomes = dbt("build", *SEEDS, *models, as_of=as_of) if whole else dbt("run", *models, as_of=as_of)
    assert set(outcomes.values()) <= {"success", "pass", "warn"}, outcomes
