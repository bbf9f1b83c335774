"""Takes in what submitting units drop: archive, read, load, and say what became of each sheet."""

import errno
import logging
import os
import secrets
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psycopg

from ipcredit.database import advisory_lock, connect, refuse_future
from ipcredit.intake import archive, loader, readers, receipts
from ipcredit.intake.loader import Outcome
from ipcredit.intake.personal import require_key
from ipcredit.intake.rules import FileRefused, rules_on
from ipcredit.intake.scan import Claim, Dropped, claims_of, drop_folder, printable, told_by_name, unit_of

# Under another name: `ipcredit.intake.scan` stays the module.
from ipcredit.intake.scan import scan as scan_folder
from ipcredit.intake.units import Unit
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import TIME_ZONE, get_settings

__all__ = ["Outcome", "take_in"]
log = logging.getLogger(__name__)
_TAKEN = ".taken"


def take_in(unit: str, received_at: datetime, *, replayed: Collection[str] | None = None) -> list[Outcome]:
    """Take in every file a unit has dropped; a file that cannot be taken in is refused, and the others go on.

    A file leaves the drop folder when all of it is recorded. Two processes at once on one unit take turns.

    Args:
        unit: code of the submitting unit.
        received_at: the moment the files count as received, with its offset from UTC.
        replayed: names of files from the archive, whose journal tells of them already; no others are taken in.

    Returns:
        One outcome per sheet, or per file where no sheet could be told.

    Raises:
        ValueError: there is no such unit, or `received_at` has no offset or has not come yet.
        PersonKeyError: no key for natural persons, or another than before; every file still lies where it was.
        ArchiveKeyError: no key for the archive; likewise.
        psycopg.OperationalError: the database went away; what was not recorded still lies in the drop folder.
        OSError: a disk is full or a share is gone, which is no fault of a file: those it struck still lie in the drop
            folder, and the others were taken in.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at needs an offset from UTC.")
    submitter, rules = unit_of(unit), rules_on(received_at.astimezone(TIME_ZONE).date())
    with connect() as connection, advisory_lock(connection, f"intake:{unit}"):
        if replayed is None:
            refuse_future(connection, received_at)
        require_key(connection)
        archive.keys()
        archive.sweep()
        ensure_raw_tables(connection)
        connection.commit()
        _put_back(drop_folder(unit))
        scan = _Scan(connection, submitter, received_at, rules, _fresh_spool(unit), replayed)
        try:
            _load_all(scan, _look(scan))
        finally:
            shutil.rmtree(scan.spool, ignore_errors=True)
    receipts.write_receipts(unit)
    if scan.struck:
        raise scan.struck[0]
    return scan.outcomes


@dataclass
class _Scan:
    """One look at a unit's drop folder: what holds for all of its files, and what has become of them so far."""

    connection: psycopg.Connection
    submitter: Unit
    received_at: datetime
    rules: dict[str, float]
    spool: Path
    replayed: Collection[str] | None
    number: str = field(default_factory=lambda: secrets.token_hex(8))
    outcomes: list[Outcome] = field(default_factory=list)
    struck: list[OSError] = field(default_factory=list)

    @property
    def unit(self) -> str:
        return self.submitter.code

    @contextmanager
    def waits_if_struck(self, folder: Path) -> Iterator[None]:
        """An error of a disk is no fault of the file: it stays where it lies, and the others go on."""
        try:
            yield
        except OSError as error:
            log.error("A file of %s has to wait: %s.", self.unit, error.strerror or type(error).__name__)
            self.struck.append(error)
            shutil.rmtree(folder, ignore_errors=True)  # a smaller file may find room


class _Read(NamedTuple):
    """A file in the archive, unpacked in `folder`, and what its sheets claim to be."""

    dropped: Dropped
    kept: archive.Archived
    folder: Path
    claims: list[Claim]


def _look(scan: _Scan) -> list[_Read]:
    """What lies there to be loaded; a file that cannot be read is refused, and so are rivals of one key."""
    files = []
    for number, dropped in enumerate(_settled(scan)):
        folder = scan.spool / str(number)
        with scan.waits_if_struck(folder):
            if file := _read(scan, dropped, folder):
                files.append(file)
    _refuse_rivals([claim for file in files for claim in file.claims])
    return files


def _read(scan: _Scan, dropped: Dropped, folder: Path) -> _Read | None:
    kept: archive.Archived | None = None
    try:
        _folder(folder)
        kept = _archive(scan.unit, dropped, scan.rules, folder / "as_received")
        if dropped.problem:
            raise dropped.problem
        sheets = readers.open_sheets(kept.clear, dropped.name, folder, scan.rules)
        received_on, search_rows = scan.received_at.astimezone(TIME_ZONE).date(), int(scan.rules["header_search_rows"])
        claims = claims_of(dropped.name, kept, sheets, scan.submitter, received_on, search_rows)
        if not claims:
            raise FileRefused("no_header", "工作簿中没有可读的工作表")
        return _Read(dropped, kept, folder, claims)
    except FileNotFoundError:
        log.info("A file of %s was taken away while it was looked at.", scan.unit)
    except (psycopg.Error, OSError):
        raise
    except Exception as error:
        scan.outcomes.append(_refuse_file(scan, dropped, kept, _as_refusal(error)))
        if kept:
            _finish(scan, dropped, kept, scan.outcomes[-1:])
    return None


def _load_all(scan: _Scan, files: list[_Read]) -> None:
    for file in files:
        with scan.waits_if_struck(file.folder):
            # All of a file or nothing: it comes back as a whole, and from the journal for one moment.
            with scan.connection.transaction():
                found = [_load_or_refuse(scan, claim) for claim in file.claims]
            _finish(scan, file.dropped, file.kept, found)
            scan.outcomes += found


def _settled(scan: _Scan) -> list[Dropped]:
    """Files that nobody is writing any more. Fresh ones get one chance to settle; then they wait for the next scan."""
    settle_seconds = scan.rules["settle_seconds"]
    found = scan_folder(scan.unit, settle_seconds)
    if not all(f.is_settled for f in found):
        time.sleep(settle_seconds)
        found = scan_folder(scan.unit, settle_seconds)
    scan.outcomes += [Outcome(printable(f.name), "", "waiting", detail="仍在写入") for f in found if not f.is_settled]
    return [f for f in found if f.is_settled and (scan.replayed is None or f.name in scan.replayed)]


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


def _load_or_refuse(scan: _Scan, claim: Claim) -> Outcome:
    try:
        if claim.refusal:
            raise claim.refusal
        return loader.load(scan.connection, scan.unit, claim, scan.received_at, scan.rules)
    except (psycopg.OperationalError, OSError):
        raise
    except Exception as error:
        refused = _as_refusal(error)
    return loader.refuse(
        scan.connection, scan.unit, claim.file_name, refused, scan.received_at, sha256=claim.archived.sha256,
        size=claim.archived.size, sheet_name=claim.sheet.name, period=claim.period,
        dataset=claim.contract.dataset if claim.contract else None, notes=claim.notes,
    )  # fmt: skip


def _refuse_file(scan: _Scan, dropped: Dropped, kept: archive.Archived | None, refused: FileRefused) -> Outcome:
    dataset, period = told_by_name(dropped.name)
    outcome = loader.refuse(
        scan.connection, scan.unit, printable(dropped.name), refused, scan.received_at, dataset=dataset, period=period,
        sha256=kept.sha256 if kept else archive.NOTHING_READ, size=kept.size if kept else dropped.size,
    )  # fmt: skip
    scan.connection.commit()
    return outcome


def _as_refusal(error: Exception) -> FileRefused:
    """A failure on one file as a refusal. One of ours is logged by kind and place only: its message may quote cells."""
    if isinstance(error, FileRefused):
        return error
    at = traceback.extract_tb(error.__traceback__)[-1]
    log.error("Intake failed on a file: %s at %s:%s", type(error).__name__, Path(at.filename).name, at.lineno)
    return FileRefused("unreadable", f"内部错误 {type(error).__name__}")


def _finish(scan: _Scan, dropped: Dropped, kept: archive.Archived, found: list[Outcome]) -> None:
    """Note a recorded file in the journal, and take it out of the drop folder unless it has changed since."""
    if scan.replayed is None:
        at = _recorded_at(scan.connection, found) or scan.received_at
        archive.note(
            scan.unit,
            {"kind": "file", "at": at.isoformat(), "scan": scan.number, "name": dropped.name, "sha256": kept.sha256},
        )
    kept.clear.unlink()
    with suppress(FileNotFoundError):
        _remove(drop_folder(scan.unit) / dropped.name, kept)


def _remove(path: Path, kept: archive.Archived) -> None:
    """Remove the dropped file if it is still the one in the archive.

    An upload may be renamed over it at any moment: it is moved aside, looked at there, and put back if it is another.
    """
    if not _is_still(path, kept):
        return
    aside = path.with_name(f".{path.name}{_TAKEN}")
    try:
        path.rename(aside)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        aside = path
    if _is_still(aside, kept):
        aside.unlink()
    else:
        _put_back(path.parent)


def _is_still(path: Path, kept: archive.Archived) -> bool:
    now = path.lstat()
    return (now.st_ino, now.st_size, now.st_mtime_ns) == (kept.inode, kept.size, kept.mtime_ns)


def _put_back(folder: Path) -> None:
    """Give what was moved aside, also by a run that was killed then, its name again, unless something newer has it."""
    for aside in folder.glob(f".*{_TAKEN}"):
        path = folder / aside.name.removeprefix(".").removesuffix(_TAKEN)
        if aside.is_dir():  # none of ours
            continue
        with suppress(FileNotFoundError):
            if os.path.lexists(path):
                aside.unlink()
            else:
                aside.rename(path)


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
