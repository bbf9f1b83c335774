"""A real PostgreSQL for every test that asks: fixture `warehouse`.

The server is the embedded one, started once per session, or `IPCREDIT_TEST_DATABASE_URL` (a superuser's URL).
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from forked_dbt import forking
from psycopg import sql

from ipcredit import build, database, embedded
from ipcredit.intake import archive, personal
from ipcredit.settings import Settings, get_settings

PERSON_KEY = "a key for tests only"
ARCHIVE_KEY = archive.new_key()


@dataclass(frozen=True)
class Warehouse:
    """A fresh, migrated database and the home that belongs to it; the settings point to both."""

    url: str
    home: Path

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        return database.connect(autocommit=autocommit)


@pytest.fixture(autouse=True)
def _settings_are_read_anew() -> Iterator[None]:
    """A test may change the environment: no settings of it stay in the cache."""
    yield
    get_settings.cache_clear()
    personal._key.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _dbt_parses_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All builds of a session share dbt's target directory, and with it what dbt has already parsed."""
    scratch = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_TARGET_PATH", str(scratch / "target"))
        patch.setenv("DBT_LOG_PATH", str(scratch / "logs"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _dbt_is_imported_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_execute", forking(build._execute))
        yield


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of a superuser on a server for tests."""
    if given := os.environ.get("IPCREDIT_TEST_DATABASE_URL"):
        yield given
        return
    # Not pytest's own directory: as root the server runs as another user, who cannot reach it.
    home = Path(tempfile.mkdtemp(prefix="ipcredit-tests-"))
    home.chmod(0o755)
    with _environment(IPCREDIT_HOME=str(home)):
        url = embedded.start()
    # Thrown away at the end, it need not survive a power cut. Crashes are tested on servers of their own.
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        connection.execute("select pg_reload_conf()")
    try:
        yield url
    finally:
        with _environment(IPCREDIT_HOME=str(home)):
            embedded.stop()
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    """Name of a database with migrations and seeds that is copied for every module: both are done once."""
    name = _create_database(server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        # dbt parses everything anew for a database of another name: it is made under the modules' own.
        rename = sql.SQL("alter database {} rename to {}")
        there, kept = sql.Identifier(f"{name}_module"), sql.Identifier(name)
        connection.execute(rename.format(kept, there))
        with _environment(IPCREDIT_DATABASE_URL=_url_of(server_url, f"{name}_module")):
            database.migrate()
            # With its manifest, for tests that hold descriptions against it.
            build.run_dbt("seed", "--quiet", environment=build.dbt_environment() | {"DBT_WRITE_JSON": "true"})
        connection.execute(rename.format(there, kept))
    with pytest.MonkeyPatch.context() as patch:
        # Builds of a changed copy of the project, with a target of their own, begin from what has been parsed, too.
        patch.setenv("DBT_PARTIAL_PARSE_FILE_PATH", str(Path(os.environ["DBT_TARGET_PATH"]) / "partial_parse.msgpack"))
        patch.setenv("IPCREDIT_TEST_TEMPLATE", name)  # tests/integration/candidates.py keeps copies under its name
        yield name
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute("select datname from pg_database where starts_with(datname, %s)", (name,)).fetchall()
    for (database_name,) in found:
        _drop_database(server_url, database_name)


@pytest.fixture(scope="module")
def warehouse(server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A database of this module's own, with no rows but those of the migrations, and an empty home."""
    # One name for all modules: dbt parses everything anew when its profile says another.
    name = _create_database(server_url, template_database, name=f"{template_database}_module")
    there = Warehouse(_url_of(server_url, name), tmp_path_factory.mktemp("home"))
    with _environment(
        IPCREDIT_DATABASE_URL=there.url, IPCREDIT_HOME=str(there.home), IPCREDIT_PERSON_KEY=PERSON_KEY,
        IPCREDIT_ARCHIVE_KEYS=ARCHIVE_KEY,
    ):  # fmt: skip
        yield there
    _drop_database(server_url, name)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Only these `IPCREDIT_*` settings while the block runs, whatever the developer's shell has set."""
    with pytest.MonkeyPatch.context() as patch:
        for field in Settings.model_fields:
            patch.delenv(f"IPCREDIT_{field.upper()}", raising=False)
        patch.delenv("IPCREDIT_SECRETS_DIR", raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        personal._key.cache_clear()
        yield
    get_settings.cache_clear()
    personal._key.cache_clear()


def _create_database(server_url: str, template: str = "template0", *, name: str | None = None) -> str:
    name = name or f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} encoding 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return name


def _drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _url_of(server_url: str, name: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()
