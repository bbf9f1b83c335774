"""The long way on sample submissions: kills during dbt and during the real gate, backfill, late and disordered files,
and the whole warehouse made again from its archive: the same releases, by their digest.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import faults
import pytest
from conftest import ARCHIVE_KEY, PERSON_KEY, Warehouse, _create_database, _drop_database, _environment, _url_of
from psycopg import sql
from sample_submissions import write_samples

from ipcredit import build, quality, release
from ipcredit.database import connect, migrate
from ipcredit.intake import take_in
from ipcredit.replay import replay
from ipcredit.settings import PROJECT_ROOT, TIME_ZONE

pytestmark = [pytest.mark.full, pytest.mark.timeout(3600)]

UNITS = ("210000", "210100", "210600")
AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
NEXT = AT + timedelta(days=1)
LATE = "210600"
"""This unit's second half comes a day later than the others."""
READ = """select (select string_agg(distinct release_id, ' ') from publication.subjects),
    (select string_agg(distinct release_id, ' ') from publication.subject_grades),
    (select release_id from publication.releases where is_current)"""


@dataclass
class Story:
    """What happened, and what each release said."""

    on_time: str = ""
    next_day: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    mixed: list[object] = field(default_factory=list)


def drop(home: Path, unit: str, files: list[Path]) -> None:
    folder = home / "drop" / unit
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder / file.name)
        os.utime(folder / file.name, (0, 0))


def make_release(known_at: datetime, as_of: date | None = None) -> str:
    release_id = build.build_candidate(as_of=as_of, known_at=known_at)
    verdict = quality.run_gate(release_id)
    assert verdict.passed, verdict.summary
    release.publish(release_id)
    return release_id


def rows(release_id: str) -> dict[str, Counter[str]]:
    """What the digest is made of, by table: so that a difference can be told."""
    with connect() as connection:
        return {
            table: Counter(
                json.dumps({name: value for name, value in row.items() if not re.search(release._NAMES_ONLY, name)})
                for (row,) in connection.execute(
                    sql.SQL("select to_jsonb(t) from {} as t where release_id = %s").format(
                        sql.Identifier("release_store", table)
                    ),
                    (release_id,),
                )
            )
            for table in release.published_tables()
        }


def differences(
    left: dict[str, Counter[str]], right: dict[str, Counter[str]]
) -> dict[str, list[tuple[list[str], ...]]]:
    """By table the first rows that only one of two releases has."""
    return {
        table: [(list(left[table] - right[table])[:3], list(right[table] - left[table])[:3])]
        for table in left if left[table] != right[table]
    }  # fmt: skip


def kill_while_building(known_at: datetime, schema: str) -> None:
    """The worker dies by SIGKILL as soon as dbt has made a table in this schema; dbt itself must die with it."""
    with connect(autocommit=True) as watch:
        state = "select coalesce(max(oid::bigint), 0) from pg_class where relnamespace = to_regnamespace(%s)"
        (before,) = watch.execute(state, (schema,)).fetchone() or (0,)
        worker = subprocess.Popen(
            [sys.executable, "-m", "ipcredit.cli", "build", "--known-at", known_at.isoformat()], cwd=PROJECT_ROOT
        )
        while (watch.execute(state, (schema,)).fetchone() or (0,))[0] == before:
            assert worker.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        faults.INJECTED["killed"] += 1
        deadline = time.monotonic() + 60
        while watch.execute("select 1 from pg_stat_activity where application_name = 'dbt'").fetchone():
            assert time.monotonic() < deadline, "dbt went on without the lock"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def story(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Story:
    home, samples = warehouse.home, tmp_path_factory.mktemp("samples")
    write_samples(samples, samples / "samples.json", subjects=150)
    told = Story()
    for unit in UNITS:
        files = sorted(path for path in (samples / unit).iterdir() if path.is_file())
        drop(home, unit, files[: len(files) // 2] if unit == LATE else files)
        take_in(unit, AT)
    kill_while_building(AT, "catalogue")
    kill_while_building(AT, "candidate")
    told.on_time = make_release(AT)
    with faults.Reader(warehouse.connect(autocommit=True), READ) as reader:
        late = sorted(path for path in (samples / LATE).iterdir() if path.is_file())
        # What comes late comes in disorder, too, and the worker is killed over it.
        drop(home, LATE, late[len(late) // 2 :][::-1])
        from ipcredit.intake import loader

        faults.killed_at(lambda: take_in(LATE, NEXT), loader, "_write_ledger", "after", call=5)
        take_in(LATE, NEXT)
        kill_while_building(NEXT, "candidate")
        candidate = build.build_candidate(known_at=NEXT)
        faults.killed_at(lambda: quality.run_gate(candidate), quality, "_write_data_docs", "before")
        assert quality.run_gate(candidate).passed
        faults.killed_at(lambda: release.publish(candidate), release, "_attach", "after", call=20)
        faults.killed_at(lambda: release.publish(candidate), release, "_row_counts", "after")
        release.publish(candidate)
        told.next_day = candidate
        time.sleep(0.1)
    told.mixed = [seen for seen in reader.seen if seen not in {(r, r, r) for r in (told.on_time, told.next_day)}]
    told.digests = {r: release.digest(r) for r in (told.on_time, told.next_day)}
    told.rows = {r: rows(r) for r in told.digests}
    return told


def test_after_every_kill_nothing_is_lost_and_readers_saw_whole_releases(story: Story) -> None:
    assert faults.lost_or_doubled() == [] and story.mixed == []
    with connect() as connection:
        received, accounted = connection.execute(
            """select (select sum(rows_received) from intake.submissions where valid_from is not null),
                   (select count(*) from catalogue.row_states)"""
        ).fetchone()
    assert received == accounted > 500
    print(f"\nfaults injected: {sum(faults.INJECTED.values())}; rows {received}")


def test_a_backfill_says_what_was_said_on_time_and_readers_stay(story: Story) -> None:
    again = make_release(AT, AT.date())
    assert release.digest(again) == story.digests[story.on_time] != story.digests[story.next_day]
    current = [r.release_id for r in release.list_releases() if r.is_current]
    assert current == [story.next_day]


@pytest.fixture
def elsewhere(warehouse: Warehouse, story: Story, server_url: str, tmp_path: Path) -> Iterator[Path]:
    """A new database and a home that holds nothing but a copy of the archive."""
    shutil.copytree(warehouse.home / "archive", tmp_path / "archive")
    name = _create_database(server_url)
    with _environment(
        IPCREDIT_DATABASE_URL=_url_of(server_url, name), IPCREDIT_HOME=str(tmp_path), IPCREDIT_PERSON_KEY=PERSON_KEY,
        IPCREDIT_ARCHIVE_KEYS=ARCHIVE_KEY,
    ):  # fmt: skip
        migrate()
        yield tmp_path
    _drop_database(server_url, name)


def test_the_archive_alone_gives_both_releases_again(story: Story, elsewhere: Path) -> None:
    outcomes = [outcome.state for _, outcome in replay()]
    assert "loaded" in outcomes and faults.lost_or_doubled() == []
    # The later day first: the order of building does not matter either.
    newer = make_release(NEXT)
    older = make_release(AT, AT.date())
    assert differences(rows(newer), story.rows[story.next_day]) == {}
    assert differences(rows(older), story.rows[story.on_time]) == {}
    assert {story.next_day: release.digest(newer), story.on_time: release.digest(older)} == story.digests
