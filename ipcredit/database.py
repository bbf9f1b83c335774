"""Connections, numbered migrations and advisory locks. Works the same on the embedded and on an external server."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import resources

import psycopg
from psycopg import sql

from ipcredit import embedded
from ipcredit.settings import get_settings

MINIMUM_SERVER = 170000


class DatabaseError(RuntimeError):
    """The server cannot be used as it is; the message says why and what to do."""


class MomentError(ValueError):
    """A moment was given that has not come yet."""


def database_url() -> str:
    """URL of the warehouse database: `IPCREDIT_DATABASE_URL`, else that of the running embedded server."""
    configured = get_settings().database_url
    return configured.get_secret_value() if configured else embedded.url()


def connect(*, autocommit: bool = False, application_name: str = "ipcredit") -> psycopg.Connection:
    """A psycopg 3 connection to the warehouse. Days are those of Asia/Shanghai.

    Raises:
        DatabaseError: the server is older than PostgreSQL 17.
    """
    connection = psycopg.connect(
        database_url(), autocommit=autocommit, application_name=application_name, options="-c timezone=Asia/Shanghai"
    )
    if connection.info.server_version < MINIMUM_SERVER:
        found = connection.info.server_version // 10000
        connection.close()
        raise DatabaseError(f"PostgreSQL 17 or newer is needed; this server is PostgreSQL {found}.")
    return connection


def _migrations() -> list[tuple[int, str, str]]:
    files = sorted(
        (f for f in resources.files("ipcredit").joinpath("migrations").iterdir() if f.name.endswith(".sql")),
        key=lambda f: f.name,
    )
    return [(int(f.name[:4]), f.name, f.read_text(encoding="utf-8")) for f in files]


def unapplied() -> list[str]:
    """Names of the migrations that this database has not had yet.

    Raises:
        DatabaseError: the database was written by a newer version.
    """
    known = _migrations()
    with connect() as connection:
        found = connection.execute("select to_regclass('public.ipcredit_migrations')").fetchone()
        done = _done(connection, known) if found and found[0] else {}
    return [name for number, name, _ in known if number not in done]


def _done(connection: psycopg.Connection, known: list[tuple[int, str, str]]) -> dict[int, tuple[str, str]]:
    """Name and hash of the migrations this database has had."""
    rows = connection.execute("select number, name, sha256 from public.ipcredit_migrations").fetchall()
    done = {number: (name, sha256) for number, name, sha256 in rows}
    if newer := sorted(set(done) - {number for number, _, _ in known}):
        raise DatabaseError(
            f"This database has migration {done[newer[-1]][0]}, which this version does not know. "
            "Run the version that wrote it, or a newer one."
        )
    return done


def migrate() -> list[str]:
    """Apply the migrations that this database has not had yet, each in its own transaction.

    Returns:
        Names of the files applied now, in order.

    Raises:
        DatabaseError: the database was written by a newer version, or an applied migration's text has changed.
    """
    known = _migrations()
    applied: list[str] = []
    with connect() as connection, advisory_lock(connection, "migrate"):
        connection.execute(
            """create table if not exists public.ipcredit_migrations (
                 number integer primary key, name text not null, sha256 text not null,
                 applied_at timestamptz not null default now())"""
        )
        done = _done(connection, known)
        connection.commit()
        for number, name, text in known:
            digest = hashlib.sha256(text.encode()).hexdigest()
            if number in done:
                if done[number][1] != digest:
                    raise DatabaseError(
                        f"Migration {name} was changed after it had been applied; add a new one instead."
                    )
                continue
            with connection.transaction():
                connection.execute(sql.SQL(text))
                connection.execute(
                    "insert into public.ipcredit_migrations (number, name, sha256) values (%s, %s, %s)",
                    (number, name, digest),
                )
            applied.append(name)
    return applied


LEEWAY = timedelta(minutes=5)
"""How far ahead of the database's clock a moment may be: clocks differ a little."""


def refuse_future(connection: psycopg.Connection, moment: datetime) -> None:
    """Let nothing be recorded or judged ahead of time: every later build would go by that moment until it has come.

    Raises:
        MomentError: by the database's clock it has not come yet, nor does it within `LEEWAY`.
    """
    row = connection.execute("select %s > clock_timestamp() + %s", (moment, LEEWAY)).fetchone()
    if row == (True,):
        raise MomentError(f"{moment:%Y-%m-%d %H:%M %z} has not come yet by the database's clock: give one that has.")


@contextmanager
def advisory_lock(connection: psycopg.Connection, name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the session lock `name` while the block runs; with `wait=False` yields False when another session has it."""
    key = int.from_bytes(hashlib.sha256(f"ipcredit:{name}".encode()).digest()[:8], "big", signed=True)
    if wait:
        connection.execute("select pg_advisory_lock(%s)", (key,))
        held = True
    else:
        row = connection.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
        held = bool(row and row[0])
    # The lock belongs to the session: end the transaction, or an idle one would pin old row versions.
    connection.commit()
    try:
        yield held
    finally:
        if held and not connection.closed:
            connection.rollback()
            connection.execute("select pg_advisory_unlock(%s)", (key,))
            connection.commit()
