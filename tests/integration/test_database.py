"""Migrations, locks, and which server is used."""

import os
import subprocess
import sys
from importlib import resources

import psycopg
import pytest
from conftest import Warehouse

from ipcredit import database, settings

MIGRATIONS = sorted(
    f.name for f in resources.files("ipcredit").joinpath("migrations").iterdir() if f.name[:4].isdigit()
)


def _cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ipcredit.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_migrations_are_applied_once(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        before = connection.execute("select number, name, applied_at from public.ipcredit_migrations").fetchall()
    assert sorted(name for _, name, _ in before) == MIGRATIONS
    assert database.migrate() == []
    with warehouse.connect() as connection:
        assert (
            connection.execute("select number, name, applied_at from public.ipcredit_migrations").fetchall() == before
        )


def test_a_migration_changed_after_it_was_applied_is_refused(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = [(number, name, text + "\n-- changed") for number, name, text in database._migrations()]
    monkeypatch.setattr(database, "_migrations", lambda: changed)
    with pytest.raises(database.DatabaseError, match=f"{MIGRATIONS[0]} was changed"):
        database.migrate()


def test_a_migration_that_fails_leaves_nothing_of_itself(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (9000, "9000_broken.sql", "create table public.half_made (n integer); select 1 / 0;")
    known = database._migrations()
    monkeypatch.setattr(database, "_migrations", lambda: [*known, broken])
    with pytest.raises(psycopg.errors.DivisionByZero):
        database.migrate()
    with warehouse.connect() as connection:
        assert connection.execute("select to_regclass('public.half_made')").fetchone() == (None,)
    monkeypatch.setattr(database, "_migrations", lambda: known)
    assert database.migrate() == []


def test_a_database_of_a_newer_version_is_refused(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("insert into public.ipcredit_migrations values (9999, '9999_of_tomorrow.sql', 'x')")
    try:
        with pytest.raises(database.DatabaseError, match=r"9999_of_tomorrow\.sql.*does not know"):
            database.migrate()
        finished = _cli("db", "migrate")
        assert finished.returncode == 1
        assert finished.stderr.count("\n") == 1
        assert "9999_of_tomorrow.sql" in finished.stderr
    finally:
        with warehouse.connect() as connection:
            connection.execute("delete from public.ipcredit_migrations where number = 9999")


def test_a_server_older_than_17_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 160009)
    with pytest.raises(database.DatabaseError, match="PostgreSQL 17 or newer is needed; this server is PostgreSQL 16"):
        database.connect()


def test_advisory_lock_excludes_another_session_until_it_is_released(warehouse: Warehouse) -> None:
    with warehouse.connect() as mine, warehouse.connect() as other:
        with database.advisory_lock(mine, "build") as held:
            assert held
            with database.advisory_lock(other, "build", wait=False) as second:
                assert not second
            with database.advisory_lock(other, "another", wait=False) as unrelated:
                assert unrelated
        with database.advisory_lock(other, "build", wait=False) as afterwards:
            assert afterwards


def test_advisory_lock_is_released_after_an_error_in_the_block(warehouse: Warehouse) -> None:
    with warehouse.connect() as mine, warehouse.connect() as other:
        with pytest.raises(psycopg.errors.DivisionByZero), database.advisory_lock(mine, "build"):
            mine.execute("select 1 / 0")
        with database.advisory_lock(other, "build", wait=False) as held:
            assert held


def test_the_configured_url_is_used_and_the_embedded_server_left_alone(warehouse: Warehouse) -> None:
    assert settings.get_settings().database_url is not None
    assert database.database_url() == warehouse.url
    with database.connect() as connection:
        assert connection.info.dbname == warehouse.url.rsplit("/", 1)[1]
        assert connection.execute("show timezone").fetchone() == ("Asia/Shanghai",)
    assert "External PostgreSQL" in _cli("db", "status").stdout
    assert not (warehouse.home / "postgres").exists()


def test_a_server_that_does_not_answer_is_one_line_without_the_password() -> None:
    environment = os.environ | {"IPCREDIT_DATABASE_URL": "postgresql://ipcredit:hidden-word@127.0.0.1:1/ipcredit"}
    command = [sys.executable, "-m", "ipcredit.cli", "db", "migrate"]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "Connection refused" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert "hidden-word" not in finished.stderr


def test_psql_runs_without_the_password_on_its_command_line(warehouse: Warehouse) -> None:
    finished = _cli(
        "db", "psql", "-At", "-c", r"\! tr '\0' ' ' < /proc/$PPID/cmdline; echo", "-c", "select current_database()"
    )
    assert finished.returncode == 0, finished.stderr
    command_line, name = finished.stdout.splitlines()
    password = psycopg.conninfo.conninfo_to_dict(warehouse.url)["password"]
    assert command_line.startswith("psql ")
    assert str(password) not in command_line
    assert warehouse.url.endswith(f"/{name}")
