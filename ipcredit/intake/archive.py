"""Bytes as received, kept under their SHA-256 before anything reads them, encrypted (the age format, version 1).

Nothing here is ever changed but for its key; it is removed only when its term has ended (`ipcredit/retention.py`).
Beside the bytes stands a journal of what was received from whom when: a warehouse can be made again from this folder.
"""

import errno
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from ipcredit.intake.kept_key import kept_key
from ipcredit.intake.rules import FileRefused
from ipcredit.settings import get_settings

BLOCK = 1 << 20
NOTHING_READ = hashlib.sha256(b"").hexdigest()
"""Stands in the ledger for a file that was refused unread (a link, a device, a folder)."""
_ENCRYPTED = b"age-encryption.org/v1\n"
_JOURNAL = "journal"
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}")
_A_DAY = 86_400
# A link, a socket, a device, somebody else's file. Any other failure to open is the disk's or the share's.
_NO_PLAIN_FILE = (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EACCES, errno.EPERM)


class ArchiveKeyError(RuntimeError):
    """The archive cannot be written or read with the keys there are; the message says why and what to do."""


@dataclass(frozen=True)
class Archived:
    """An archived file, and where its bytes lie in clear while it is read.

    `inode` and `mtime_ns` are the dropped file's, to tell later whether it is still the same.
    """

    sha256: str
    size: int
    clear: Path
    inode: int
    mtime_ns: int


def archive_path(sha256: str) -> Path:
    """Where the bytes with this hash are kept, encrypted."""
    return get_settings().archive / sha256[:2] / sha256[2:]


def keys() -> list[pyrage.x25519.Identity]:
    """The archive's keys: the first encrypts, each of them is tried for reading.

    Raises:
        ArchiveKeyError: none is configured for an external database, or a text that is no key.
    """
    settings = get_settings()
    if settings.archive_keys:
        texts = settings.archive_keys.get_secret_value().replace(",", " ").split()
    elif settings.database_url:
        raise ArchiveKeyError(
            "IPCREDIT_ARCHIVE_KEYS is not set: with an external database nothing is taken in without it. Set the keys "
            "this archive was written with, or for a new one what `ipcredit archive new-key` prints."
        )
    else:
        texts = kept_key(settings.home / "archive.key", new_key).split()
    try:
        return [pyrage.x25519.Identity.from_str(text) for text in texts]
    except pyrage.IdentityError:
        raise ArchiveKeyError("IPCREDIT_ARCHIVE_KEYS holds a text that is no key (AGE-SECRET-KEY-1…).") from None


def new_key() -> str:
    """A key of its own, to be put before the others in IPCREDIT_ARCHIVE_KEYS."""
    return str(pyrage.x25519.Identity.generate())


class _Incoming:
    """A dropped file on its way into the archive: counted, hashed, and copied for the reader as it passes."""

    def __init__(self, source: BinaryIO, clear: BinaryIO, limit: int) -> None:
        self._source, self._clear, self._limit = source, clear, limit
        self._digest, self.size = hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        # Ended here when there is too much: an error raised within the library would come out as another.
        block = b"" if self.size > self._limit else self._source.read(size)
        self.size += len(block)
        self._digest.update(block)
        self._clear.write(block)
        return block

    def sha256(self) -> str:
        """Of what has passed.

        Raises:
            FileRefused: `too_large`.
        """
        if self.size > self._limit:
            raise FileRefused("too_large", f"超过 {self._limit / 2**20:,.0f} MB")
        return self._digest.hexdigest()


class _Outgoing:
    """Passes on what is written, and hashes it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target, self.digest = target, hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return self._target.write(block)

    def flush(self) -> None:
        self._target.flush()


def store(name: str, folder: int, limit: int, clear: Path) -> Archived:
    """Copy the file `name` of the open directory `folder` into the archive; links are not followed.

    Args:
        limit: the most it may hold, in bytes.
        clear: a file to be made, in a private folder, that holds the bytes in clear for as long as they are read.

    Raises:
        FileRefused: `unsafe_name` (not a regular file) or `too_large` (more than `limit` bytes).
        FileNotFoundError: somebody took the file away.
        OSError: the disk is full, or the share is gone.
        ArchiveKeyError: there is no key to encrypt with.
    """
    try:
        # Without O_NONBLOCK opening a pipe would wait for its writer for ever.
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno not in _NO_PLAIN_FILE:
            raise
        raise FileRefused("unsafe_name", "不是可以读取的普通文件") from error
    # Whether it is a regular file is asked before Python opens it: it refuses folders with an error of its own.
    found = os.fstat(source)
    if not stat.S_ISREG(found.st_mode):
        os.close(source)
        raise FileRefused("unsafe_name", "不是普通文件")
    with os.fdopen(source, "rb", buffering=BLOCK) as file, clear.open("xb") as copy:
        incoming = _Incoming(file, copy, limit)
        with _encrypted(incoming) as temporary:
            path = archive_path(incoming.sha256())
            path.parent.mkdir(exist_ok=True, mode=0o700)
            # A second copy of the same bytes just takes the first one's place.
            temporary.replace(path)
            _sync_folder(path.parent)
    return Archived(incoming.sha256(), incoming.size, clear, found.st_ino, found.st_mtime_ns)


def read(sha256: str, clear: BinaryIO) -> None:
    """Write the archived bytes with this hash, in clear.

    Raises:
        FileNotFoundError: the archive does not hold them.
        ArchiveKeyError: no key opens the file, or it is not what its name says.
    """
    outgoing = _Outgoing(clear)
    _decrypt(archive_path(sha256), outgoing, keys())
    if outgoing.digest.hexdigest() != sha256:
        raise ArchiveKeyError(f"The archived file {sha256[:12]}… is not what its name says: it is damaged.")


@contextmanager
def _encrypted(source: Any) -> Iterator[Path]:
    """What `source.read` gives, encrypted in a file beside the others, for the block to put where it belongs."""
    root = get_settings().archive
    recipient = keys()[0].to_public()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = root / f".{secrets.token_hex(16)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o400)
        with os.fdopen(descriptor, "wb", buffering=BLOCK) as kept:
            try:
                pyrage.encrypt_io(source, kept, [recipient])
            except pyrage.EncryptError as error:
                # What a full disk or a share that is gone comes out as.
                raise OSError(str(error)) from error
            kept.flush()
            os.fsync(kept.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _decrypt(path: Path, target: Any, identities: Sequence[pyrage.x25519.Identity]) -> None:
    with path.open("rb") as file:
        is_encrypted = file.read(len(_ENCRYPTED)) == _ENCRYPTED
        file.seek(0)
        if not is_encrypted:
            # Files from before the archive was encrypted stay readable until they are rekeyed.
            shutil.copyfileobj(file, target, BLOCK)
            return
        try:
            pyrage.decrypt_io(file, target, identities)
        except (pyrage.DecryptError, OSError) as error:
            raise ArchiveKeyError(f"No key of the archive opens {path}, or the file is damaged: {error}.") from None


def rekey() -> int:
    """Encrypt every file anew with the first of `keys()`; afterwards the other keys may be taken away.

    Safe to interrupt and to run again.

    Returns:
        How many files were written anew.
    """
    found = keys()
    paths = sorted(path for path in get_settings().archive.glob("*/**/*") if path.is_file())
    for path in paths:
        with tempfile.TemporaryFile(dir=get_settings().archive) as clear:
            _decrypt(path, clear, found)
            clear.seek(0)
            with _encrypted(clear) as temporary:
                about = path.stat()
                os.utime(temporary, ns=(about.st_atime_ns, about.st_mtime_ns))  # since when it has been there
                temporary.replace(path)
    return len(paths)


def sweep() -> None:
    """Take away what killed processes left half written; what is younger than a day may still be being written."""
    for path in get_settings().archive.glob(".*"):
        with suppress(FileNotFoundError):  # another process has just put it where it belongs
            if _UNFINISHED.fullmatch(path.name) and path.lstat().st_mtime < time.time() - _A_DAY:
                path.unlink()


def remove(sha256: str) -> None:
    """Take the bytes with this hash out of the archive, for good; the caller has recorded why."""
    path = archive_path(sha256)
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def stored() -> list[tuple[str, datetime]]:
    """Hash of every file in the archive, and since when it has been there."""
    paths = get_settings().archive.glob("[0-9a-f][0-9a-f]/*")
    return [(path.parent.name + path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in paths]


def note(unit: str, event: dict[str, Any]) -> None:
    """Add what happened with a unit's submissions to the journal.

    Args:
        event: `kind`, `at` (a moment with its offset), `scan` (the same for what happened together), and what belongs
            to the kind; see `ipcredit/replay.py`.
    """
    folder = get_settings().archive / _JOURNAL / unit
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _encrypted(io.BytesIO(json.dumps(event).encode())) as temporary:
        number = 1 + max((int(path.name) for path in folder.glob("[0-9]*")), default=0)
        # Linked, not renamed: of two that take the same number one fails, and takes the next.
        while not _link(temporary, folder / f"{number:09d}"):
            number += 1
    _sync_folder(folder)


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    return True


def journal() -> Iterator[tuple[str, dict[str, Any]]]:
    """What happened, unit and event, in the order of the moments; within a unit in the order it was noted."""
    found = keys()
    events: list[tuple[datetime, str, int, dict[str, Any]]] = []
    for path in (get_settings().archive / _JOURNAL).glob("*/*"):
        clear = io.BytesIO()
        _decrypt(path, clear, found)
        event = json.loads(clear.getvalue())
        events.append((datetime.fromisoformat(event["at"]), path.parent.name, int(path.name), event))
    for _, unit, _, event in sorted(events, key=lambda found: found[:3]):
        yield unit, event


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
