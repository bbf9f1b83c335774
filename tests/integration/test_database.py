"""Migrations, locks, and which server is used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources

import psycopg
import pytest
from conftest import Warehouse, _create_database, _drop_database, _url_of

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


@pytest.fixture
def before_0020(server_url: str) -> Iterator[psycopg.Connection]:
    """A database with the migrations up to 0019; the next `migrate` brings the others."""
    name, known = _create_database(server_url), database._migrations()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPCREDIT_DATABASE_URL", _url_of(server_url, name))
        settings.get_settings.cache_clear()
        with patch.context() as earlier:
            earlier.setattr(database, "_migrations", lambda: [m for m in known if m[0] < 20])
            database.migrate()
        with database.connect(autocommit=True) as connection:
            yield connection
    settings.get_settings.cache_clear()
    _drop_database(server_url, name)


def test_grades_never_published_leave_the_history(before_0020: psycopg.Connection) -> None:
    """Of 12-02 there are two candidates, both dropped: the one before 12-03 was built, the other after everything."""
    before_0020.execute(
        """insert into release_store.releases
               (release_id, as_of, known_at, code_commit, state, built_at, published_at, history_after)
           select id, day, day + time '09:00', 'x', state, day + time '10:00' + late, day + published, ''
           from (values
               ('r20221201_0001', date '2022-12-01', 'dropped', interval '0', time '11:00'),
               ('r20221202_0002', date '2022-12-02', 'dropped', interval '0', null),
               ('r20221203_0003', date '2022-12-03', 'published', interval '0', time '11:00'),
               ('r20221204_0004', date '2022-12-04', 'published', interval '0', time '11:00'),
               ('r20221202_0005', date '2022-12-02', 'dropped', interval '5 days', null),
               ('r20221205_0006', date '2022-12-05', 'candidate', interval '5 days', null)
           ) as r (id, day, state, late, published)"""
    )
    before_0020.execute(
        """insert into release_store.grade_history (subject_id, track, as_of, known_at, release_id, grade)
           select subject, 'enterprise', r.as_of, r.known_at, r.release_id, grade
           from (values
               ('a', 'r20221201_0001', 'A'), ('a', 'r20221202_0002', 'B'),  -- B was also said of 12-03 and 12-04
               ('b', 'r20221201_0001', 'A'), ('b', 'r20221202_0002', 'B'), ('b', 'r20221203_0003', 'A'),
               ('c', 'r20221201_0001', 'A'), ('c', 'r20221202_0005', 'B'), ('c', 'r20221205_0006', 'C')
           ) as h (subject, release_id, grade) inner join release_store.releases as r using (release_id)"""
    )
    assert "0020_published_grades.sql" in database.migrate()
    assert before_0020.execute(
        "select subject_id, release_id, grade from release_store.grade_history order by 1, 2"
    ).fetchall() == [
        ("a", "r20221201_0001", "A"), ("a", "r20221203_0003", "B"),
        ("b", "r20221201_0001", "A"), ("b", "r20221203_0003", "A"),
        ("c", "r20221201_0001", "A"),
    ]  # fmt: skip
    # What the waiting candidate says is written down again when it is published.
    assert before_0020.execute(
        "select release_id from release_store.releases where history_after is null order by 1"
    ).fetchall() == [("r20221202_0002",), ("r20221202_0005",), ("r20221205_0006",)]


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
