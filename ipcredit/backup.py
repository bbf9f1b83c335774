"""Backup and restore: the whole database and the archive, in a folder that proves itself whole.

Keys are no part of it: who holds the backup must not be able to read the archive.
"""

import hashlib
import json
import os
import shutil
import subprocess
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ipcredit import embedded, roles
from ipcredit.database import connect, database_url
from ipcredit.settings import TIME_ZONE, get_settings

_DUMP, _ARCHIVE, MANIFEST = "warehouse.dump", "archive", "manifest.json"
UNFINISHED = ".unfinished"
_DAY = 24 * 60 * 60


class BackupError(RuntimeError):
    """Nothing was written over; the message says why and what to do."""


def backup(folder: Path) -> Path:
    """Write database and archive to a new folder, while the warehouse is in use.

    The database is dumped first: every file its ledger knows is then in the archive already. Files of the archive are
    linked where the file system allows it, since nobody changes them.

    Raises:
        BackupError: the folder exists already, or `pg_dump` failed.
    """
    if folder.exists():
        raise BackupError(f"{folder} exists already: a backup is written to a new folder.")
    unfinished = folder.with_name(f"{folder.name}{UNFINISHED}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    _run("pg_dump", "--format=custom", "--file", str(unfinished / _DUMP))
    if get_settings().archive.exists():
        shutil.copytree(get_settings().archive, unfinished / _ARCHIVE, copy_function=_link_or_copy,
                        ignore=shutil.ignore_patterns(".*"))  # fmt: skip
    written = sorted(path for path in unfinished.rglob("*") if path.is_file())
    files = {str(path.relative_to(unfinished)): _sha256(path) for path in written}
    about = {"made_at": datetime.now(TIME_ZONE).isoformat(timespec="seconds"), "files": files}
    (unfinished / MANIFEST).write_text(json.dumps(about, indent=1), encoding="utf-8")
    unfinished.rename(folder)
    return folder


def finished(folder: Path) -> list[tuple[datetime, Path]]:
    """The finished backups in a folder and when each was made, the newest first; none is one that does not say when."""
    found = []
    for path in folder.glob(f"*/{MANIFEST}"):
        with suppress(ValueError, KeyError, TypeError):
            if path.parent.suffix != UNFINISHED:
                found.append((_made_at(path.parent), path.parent))
    return sorted(found, reverse=True)


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` finished backups in a folder, and what failed ones left a day ago or longer.

    Returns:
        The finished backups that were removed.
    """
    superfluous = [path for _, path in finished(folder)[keep:]]
    given_up = [path for path in folder.glob(f"*{UNFINISHED}") if time.time() - path.stat().st_mtime > _DAY]
    for path in (*superfluous, *given_up):
        shutil.rmtree(path)
    return superfluous


def _made_at(folder: Path) -> datetime:
    return datetime.fromisoformat(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["made_at"])


def restore(folder: Path) -> int:
    """Fill an empty database and an empty archive from a backup.

    Roles that are missing are made, with passwords of their own.

    Returns:
        How many files of the archive were put back.

    Raises:
        BackupError: the backup is not whole, or database or archive hold something already.
    """
    about = _read_manifest(folder)
    with connect() as connection:
        if connection.execute("select 1 from pg_namespace where nspname = 'intake'").fetchone():
            raise BackupError("This database has been used already: restore into one that nothing was done with.")
    archive = get_settings().archive
    if archive.exists() and any(archive.iterdir()):
        raise BackupError(f"The archive {archive} holds files already: put it aside first.")
    roles.create()
    _run("pg_restore", "--exit-on-error", "--single-transaction", str(folder / _DUMP))
    roles.grant()  # a dump does not say who may connect
    kept = [name for name in about if name.startswith(f"{_ARCHIVE}/")]
    if kept:
        shutil.copytree(folder / _ARCHIVE, archive, dirs_exist_ok=True)
        archive.chmod(0o700)
    return len(kept)


def _read_manifest(folder: Path) -> list[str]:
    path = folder / MANIFEST
    if not path.exists():
        raise BackupError(f"{folder} is no finished backup: it has no {MANIFEST}.")
    files: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["files"]
    wrong = [name for name, sha256 in files.items() if not (folder / name).exists() or _sha256(folder / name) != sha256]
    if wrong:
        raise BackupError(
            f"The backup is damaged: {wrong[0]} is missing or not as written ({len(wrong)} files in all)."
        )
    return list(files)


def _run(program: str, *arguments: str) -> None:
    connection = conninfo_to_dict(database_url())
    password = connection.pop("password", None)
    # The password goes by the environment: every user of the machine can read a command line.
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    command = [str(embedded.binaries() / program), "--dbname", make_conninfo("", **connection), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no message'}")


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
