"""Takes in what submitting units drop: archive, read, load, and say what became of each sheet."""

import logging
import os
import secrets
import shutil
import time
import traceback
from collections import Counter
from datetime import datetime
from pathlib import Path

import psycopg

from ipcredit.database import advisory_lock, connect
from ipcredit.intake import archive, loader, readers, receipts
from ipcredit.intake.loader import Outcome
from ipcredit.intake.personal import require_key
from ipcredit.intake.rules import FileRefused, rules_on
from ipcredit.intake.scan import Claim, Dropped, claims_of, drop_folder, printable, told_by_name, unit_of

# Under another name: `ipcredit.intake.scan` stays the module.
from ipcredit.intake.scan import scan as scan_folder
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import TIME_ZONE, get_settings

__all__ = ["Outcome", "take_in"]
log = logging.getLogger(__name__)


def take_in(unit: str, received_at: datetime) -> list[Outcome]:
    """Take in every file a unit has dropped; a file that cannot be taken in is refused, and the others go on.

    A file leaves the drop folder when all of it is recorded. Two processes at once on one unit take turns.

    Args:
        unit: code of the submitting unit.
        received_at: the moment the files count as received, with its offset from UTC.

    Returns:
        One outcome per sheet, or per file where no sheet could be told.

    Raises:
        ValueError: there is no such unit, or `received_at` has no offset.
        PersonKeyError: no key for natural persons, or another than before; every file still lies where it was.
        ArchiveKeyError: no key for the archive; likewise.
        psycopg.OperationalError: the database went away; what was not recorded still lies in the drop folder.
        OSError: a disk is full or a share is gone, which is no fault of a file: those it struck still lie in the drop
            folder, and the others were taken in.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at needs an offset from UTC.")
    submitter = unit_of(unit)
    received_on = received_at.astimezone(TIME_ZONE).date()
    rules = rules_on(received_on)
    search_rows = int(rules["header_search_rows"])
    with connect() as connection, advisory_lock(connection, f"intake:{unit}"):
        require_key(connection)
        archive.keys()
        ensure_raw_tables(connection)
        connection.commit()
        spool = _fresh_spool(unit)
        try:
            outcomes: list[Outcome] = []
            event = {"kind": "file", "at": received_at.isoformat(), "scan": secrets.token_hex(8)}
            files: list[tuple[Dropped, archive.Archived, list[Claim]]] = []
            struck: list[OSError] = []
            for number, dropped in enumerate(_settled(unit, rules["settle_seconds"], outcomes)):
                kept: archive.Archived | None = None
                folder = spool / str(number)
                try:
                    _folder(folder)
                    kept = _archive(unit, dropped, rules, folder / "as_received")
                    if dropped.problem:
                        raise dropped.problem
                    sheets = readers.open_sheets(kept.clear, dropped.name, folder, rules)
                    claims = claims_of(dropped.name, kept, sheets, submitter, received_on, search_rows)
                    if not claims:
                        raise FileRefused("no_header", "工作簿中没有可读的工作表")
                    files.append((dropped, kept, claims))
                except FileNotFoundError:
                    log.info("A file of %s was taken away while it was looked at.", unit)
                except psycopg.Error:
                    raise
                except OSError as error:
                    log.error("A file of %s has to wait: %s.", unit, error.strerror or type(error).__name__)
                    struck.append(error)
                    shutil.rmtree(folder, ignore_errors=True)  # a smaller file may find room
                except Exception as error:
                    outcomes.append(_refuse_file(connection, unit, dropped, kept, _as_refusal(error), received_at))
                    if kept:
                        _finish(connection, unit, dropped, kept, event, outcomes[-1:])
            _refuse_rivals([claim for _, _, claims in files for claim in claims])
            for dropped, kept, claims in files:
                # All of a file or nothing: it comes back as a whole, and from the journal for one moment.
                with connection.transaction():
                    found = [_load_or_refuse(connection, unit, claim, received_at, rules) for claim in claims]
                _finish(connection, unit, dropped, kept, event, found)
                outcomes += found
        finally:
            shutil.rmtree(spool, ignore_errors=True)
    receipts.write_receipts(unit)
    if struck:
        raise struck[0]
    return outcomes


def _settled(unit: str, settle_seconds: float, outcomes: list[Outcome]) -> list[Dropped]:
    """Files that nobody is writing any more. Fresh ones get one chance to settle; then they wait for the next scan."""
    found = scan_folder(unit, settle_seconds)
    if not all(f.is_settled for f in found):
        time.sleep(settle_seconds)
        found = scan_folder(unit, settle_seconds)
    outcomes += [Outcome(printable(f.name), "", "waiting", detail="仍在写入") for f in found if not f.is_settled]
    return [f for f in found if f.is_settled]


def _archive(unit: str, dropped: Dropped, rules: dict[str, float], clear: Path) -> archive.Archived:
    if dropped.problem and not dropped.is_regular:
        raise dropped.problem
    folder = os.open(drop_folder(unit), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return archive.store(dropped.name, folder, int(rules["max_file_bytes"]), clear)
    finally:
        os.close(folder)


def _refuse_rivals(claims: list[Claim]) -> None:
    """Two sheets that claim one key in one scan are both refused, and each is told of the other."""
    times = Counter(claim.key for claim in claims if claim.key)
    rivals = {key: [c for c in claims if c.key == key] for key, count in times.items() if count > 1}
    for same in rivals.values():
        for claim in same:
            others = [f"{c.file_name}{f'（{c.sheet.name}）' if c.sheet.name else ''}" for c in same if c is not claim]
            claim.notes["rivals"] = others
            claim.refusal = FileRefused("duplicate_key_in_scan", "另有：" + "、".join(others))


def _load_or_refuse(connection: psycopg.Connection, unit: str, claim: Claim, received_at: datetime,
                    rules: dict[str, float]) -> Outcome:  # fmt: skip
    try:
        if claim.refusal:
            raise claim.refusal
        return loader.load(connection, unit, claim, received_at, rules)
    except (psycopg.OperationalError, OSError):
        raise
    except Exception as error:
        refused = _as_refusal(error)
    return loader.refuse(
        connection, unit, claim.file_name, refused, received_at, sha256=claim.archived.sha256,
        size=claim.archived.size, sheet_name=claim.sheet.name, period=claim.period,
        dataset=claim.contract.dataset if claim.contract else None, notes=claim.notes,
    )  # fmt: skip


def _refuse_file(connection: psycopg.Connection, unit: str, dropped: Dropped, kept: archive.Archived | None,
                 refused: FileRefused, received_at: datetime) -> Outcome:  # fmt: skip
    dataset, period = told_by_name(dropped.name)
    outcome = loader.refuse(
        connection, unit, printable(dropped.name), refused, received_at, dataset=dataset, period=period,
        sha256=kept.sha256 if kept else archive.NOTHING_READ, size=kept.size if kept else dropped.size,
    )  # fmt: skip
    connection.commit()
    return outcome


def _as_refusal(error: Exception) -> FileRefused:
    """A failure on one file as a refusal. One of ours is logged by kind and place only: its message may quote cells."""
    if isinstance(error, FileRefused):
        return error
    at = traceback.extract_tb(error.__traceback__)[-1]
    log.error("Intake failed on a file: %s at %s:%s", type(error).__name__, Path(at.filename).name, at.lineno)
    return FileRefused("unreadable", f"内部错误 {type(error).__name__}")


def _finish(connection: psycopg.Connection, unit: str, dropped: Dropped, kept: archive.Archived, event: dict[str, str],
            found: list[Outcome]) -> None:  # fmt: skip
    """Note a recorded file in the journal, and take it out of the drop folder unless it has changed since."""
    at = _recorded_at(connection, found)
    archive.note(unit, event | ({"at": at.isoformat()} if at else {}) | {"name": dropped.name, "sha256": kept.sha256})
    kept.clear.unlink()
    path = drop_folder(unit) / dropped.name
    try:
        now = path.lstat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) == (kept.inode, kept.size, kept.mtime_ns):
            path.unlink()
    except FileNotFoundError:
        pass


def _recorded_at(connection: psycopg.Connection, found: list[Outcome]) -> datetime | None:
    """The moment the ledger knows the file by: an earlier one where a killed run had recorded it and noted nothing.

    Rivals of one key keep the moment of their scan: only together are they refused again.
    """
    if any(outcome.refusal_code == "duplicate_key_in_scan" for outcome in found):
        return None
    row = connection.execute(
        "select max(received_at) from intake.submissions where submission_id = any(%s)",
        ([outcome.submission_id for outcome in found],),
    ).fetchone()
    connection.commit()
    at: datetime | None = row[0] if row else None
    return at


def _fresh_spool(unit: str) -> Path:
    """A private folder for unpacked sheets; what a killed process left in it goes."""
    folder = get_settings().home / "spool" / unit
    shutil.rmtree(folder, ignore_errors=True)
    return _folder(folder)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, mode=0o700)
    return path
