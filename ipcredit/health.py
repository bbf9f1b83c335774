"""Whether the warehouse is well: what `ipcredit health` asks, and what to do about each answer.

Airflow's own heartbeats are Airflow's to tell (`airflow jobs check`, its page, its metrics).
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from ipcredit import database, embedded
from ipcredit.backup import MANIFEST, UNFINISHED, finished
from ipcredit.database import DatabaseError, connect
from ipcredit.intake import archive
from ipcredit.settings import TIME_ZONE, get_settings


@dataclass(frozen=True)
class Check:
    """One question: its answer, and if it is not well what to do (empty otherwise)."""

    name: str
    ok: bool
    found: str
    what_to_do: str = ""


def check_health(today: date, max_age_days: int | None = None, min_free_gb: float = 5) -> list[Check]:
    """Ask everything; a check that cannot be made is not well.

    Args:
        today: the day that the ages of the current release and of the last backup are told from.
        max_age_days: an older release or last backup is not well; without it the ages are only told.
        min_free_gb: less free space (GB of 2**30 bytes) in any of our folders is not well.
    """
    checks = [_database(), _disk(min_free_gb), _safely("backup", lambda: _backup(today, max_age_days))]
    if not checks[0].ok:
        return checks
    return [*checks, *(_safely(name, ask) for name, ask in (
        ("migrations", _migrations),
        ("archive", _archive),
        ("intake", _intake),
        ("release", lambda: _release(today, max_age_days)),
        ("build", _build),
        ("gate", _gate),
    ))]  # fmt: skip


def _safely(name: str, ask: Callable[[], Check]) -> Check:
    try:
        return ask()
    except (psycopg.Error, DatabaseError, OSError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        return Check(name, False, said, "See what it says; the other lines may tell the cause.")


def _database() -> Check:
    try:
        with connect() as connection:
            info = connection.info
            found = f"PostgreSQL {info.server_version // 10000} at {info.host}:{info.port}, {info.dbname}"
            return Check("database", True, found)
    except (psycopg.OperationalError, DatabaseError, embedded.EmbeddedServerError) as error:
        start = "Look at the server." if get_settings().database_url else "Start it: ipcredit db start."
        return Check("database", False, str(error).splitlines()[0], start)


def _disk(min_free_gb: float) -> Check:
    settings = get_settings()
    # The nearest folder that is there: none has been made before the first intake.
    folders = [
        next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
        for path in (settings.home, settings.archive, settings.drop, settings.outputs)
    ]
    free, folder = min((shutil.disk_usage(folder).free / 2**30, str(folder)) for folder in folders)
    found = f"{free:,.1f} GB free at {folder}, the least of our folders"
    if free >= min_free_gb:
        return Check("disk", True, found)
    return Check("disk", False, found, f"Make room: below {min_free_gb:g} GB a load or a build may stop half-way.")


def _backup(today: date, max_age_days: int | None) -> Check:
    """Of the folder where the composed installation, and whoever follows the runbook, has its backups."""
    folder = get_settings().home / "backups"
    if not folder.exists():
        return Check("backup", True, f"no folder {folder}: backups elsewhere are not known here")
    do = "See what the last backup said (cron's mail); by hand: ipcredit db backup."
    made = finished(folder)
    if unclear := {path.parent for path in folder.glob(f"*/{MANIFEST}") if path.parent.suffix != UNFINISHED} - {
        path for _, path in made
    }:
        names = ", ".join(sorted(path.name for path in unclear))
        return Check("backup", False, f"no day can be read of {names}", "Make a new one, and remove these.")
    if not made:
        return Check("backup", max_age_days is None, f"none finished in {folder}", "" if max_age_days is None else do)
    at, newest = made[0]
    age = (today - at.astimezone(TIME_ZONE).date()).days
    ok = max_age_days is None or age <= max_age_days
    return Check("backup", ok, f"{newest.name}, {age} days old, the last of {len(made)}", "" if ok else do)


def _migrations() -> Check:
    missing = database.unapplied()
    if missing:
        return Check("migrations", False, f"not applied: {', '.join(missing)}", "Run ipcredit db migrate.")
    return Check("migrations", True, "all applied")


def _archive() -> Check:
    """The last file received is opened with the keys and held against its hash."""
    with connect() as connection:
        row = connection.execute(
            """select s.sha256, s.received_at from intake.submissions as s
               where s.sha256 <> %s and s.sha256 not in (select e.sha256 from intake.erased_files as e)
               order by s.submission_id desc limit 1""",
            (archive.NOTHING_READ,),
        ).fetchone()
    try:
        archive.keys()
        if row:
            with Path(os.devnull).open("wb") as nowhere:
                archive.read(row[0], nowhere)
    except archive.ArchiveKeyError as error:
        return Check(
            "archive", False, str(error), "Set the keys this archive was written with (IPCREDIT_ARCHIVE_KEYS)."
        )
    except FileNotFoundError:
        lost = f"{row[0][:12]}…, received {row[1]:%Y-%m-%d}, is not there" if row else "nothing"
        return Check("archive", False, lost, "Look at the archive's volume; bring it back from the last backup.")
    return Check("archive", True, f"{row[0][:12]}… opened and whole" if row else "keys are good; nothing received yet")


def _intake() -> Check:
    with connect() as connection:
        row = connection.execute("select max(received_at) from intake.submissions").fetchone()
    last = row[0] if row else None
    found = f"last received {last.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}" if last else "nothing received yet"
    return Check("intake", True, found)


def _release(today: date, max_age_days: int | None) -> Check:
    with connect() as connection:
        row = connection.execute(
            """select r.release_id, r.as_of from release_store.current_release as c
               inner join release_store.releases as r on c.release_id = r.release_id"""
        ).fetchone()
    do = "Look at the runs of provincial_aggregation; by hand: ipcredit build, gate run, release publish."
    if not row:
        return Check("release", max_age_days is None, "none published yet", "" if max_age_days is None else do)
    age = (today - row[1]).days
    found = f"{row[0]}, as of {row[1]}: {age} days old"
    if age < 0:
        back = "It judges a day to come: releases of today would not be shown. ipcredit release rollback to one before."
        return Check("release", False, found, back)
    ok = max_age_days is None or age <= max_age_days
    return Check("release", ok, found, "" if ok else do)


def _build() -> Check:
    with connect() as connection:
        row = connection.execute(
            "select release_id, state, built_at from release_store.releases order by built_at desc limit 1"
        ).fetchone()
    if not row:
        return Check("build", True, "nothing built yet")
    found = f"{row[0]} of {row[2].astimezone(TIME_ZONE):%Y-%m-%d %H:%M}: {row[1]}"
    ok = row[1] != "failed"
    return Check("build", ok, found, "" if ok else "See the log of build_candidate for what dbt says, mend it, build.")


def _gate() -> Check:
    with connect() as connection:
        row = connection.execute(
            """select release_id, passed, checks, failures from quality.gate_verdicts
               order by checked_at desc limit 1"""
        ).fetchone()
    if not row:
        return Check("gate", True, "never run yet")
    release_id, passed, checks, failures = row
    if passed:
        return Check("gate", True, f"{release_id} passed {checks} checks")
    do = "Readers keep the last release. See docs/operations.md, A failed gate."
    return Check("gate", False, f"{release_id} failed {failures} of {checks} checks", do)
