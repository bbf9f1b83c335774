"""Bytes as received, kept under their SHA-256 before anything reads them. Nothing here is ever changed; it is
removed only when its term has ended (`ipcredit/retention.py`).
"""

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from ipcredit.intake.rules import FileRefused
from ipcredit.settings import get_settings

BLOCK = 1 << 20
NOTHING_READ = hashlib.sha256(b"").hexdigest()
"""Stands in the ledger for a file that was refused unread (a link, a device, a folder)."""


@dataclass(frozen=True)
class Archived:
    """An archived file. `mtime_ns` is the dropped file's, to tell later whether it is still the same."""

    sha256: str
    size: int
    path: Path
    inode: int
    mtime_ns: int


def archive_path(sha256: str) -> Path:
    """Where the bytes with this hash are kept."""
    return get_settings().archive / sha256[:2] / sha256[2:]


def store(name: str, folder: int, limit: int) -> Archived:
    """Copy the file `name` of the open directory `folder` into the archive; links are not followed.

    Raises:
        FileRefused: `unsafe_name` (not a regular file) or `too_large` (more than `limit` bytes).
        FileNotFoundError: somebody took the file away.
    """
    try:
        # Without O_NONBLOCK opening a pipe would wait for its writer for ever.
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileRefused("unsafe_name", "不是可以读取的普通文件") from error
    with os.fdopen(source, "rb", buffering=0) as incoming:
        found = os.fstat(incoming.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise FileRefused("unsafe_name", "不是普通文件")
        root = get_settings().archive
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = root / f".{secrets.token_hex(16)}"
        try:
            digest, size, buffer = hashlib.sha256(), 0, memoryview(bytearray(BLOCK))
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o400)
            with os.fdopen(descriptor, "wb", buffering=0) as kept:
                while count := incoming.readinto(buffer):
                    size += count
                    if size > limit:
                        raise FileRefused("too_large", f"超过 {limit / 2**20:,.0f} MB")
                    digest.update(buffer[:count])
                    kept.write(buffer[:count])
                os.fsync(kept.fileno())
            path = archive_path(digest.hexdigest())
            path.parent.mkdir(exist_ok=True, mode=0o700)
            # A second copy of the same bytes just takes the first one's place.
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    return Archived(digest.hexdigest(), size, path, found.st_ino, found.st_mtime_ns)


def remove(sha256: str) -> None:
    """Take the bytes with this hash out of the archive, for good; the caller has recorded why."""
    path = archive_path(sha256)
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
