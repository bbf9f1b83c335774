"""What is not well is told with what to do, each on the real thing; notices of failures go by mail or into a file."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from conftest import Warehouse, _create_database, _drop_database, _url_of
from typer.testing import CliRunner

from ipcredit.cli import app
from ipcredit.health import check_health
from ipcredit.intake import archive, take_in
from ipcredit.notices import tell_failure
from ipcredit.quality import GateError
from ipcredit.settings import TIME_ZONE, get_settings

NAMES = {"database", "disk", "backup", "migrations", "archive", "intake", "release", "build", "gate"}
DAY = date(2022, 12, 10)
HONOURS = (
    "企业名称,统一社会信用代码,称号类别,认定年度,认定日期\r\n"
    "丹东示例公司,91210600MA0TEST001,国家级示范,2022,2022-03-01\r\n"
)


@pytest.fixture(scope="module", autouse=True)
def received(warehouse: Warehouse) -> None:
    """One file is in the archive; a release of 2022-12-05 is current."""
    assert unwell() == set(), "an empty warehouse is well"
    path = warehouse.home / "drop" / "210600" / "honours_2022.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(HONOURS.encode())
    os.utime(path, (0, 0))
    take_in("210600", datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE))
    with warehouse.connect() as connection:
        connection.execute(
            """insert into release_store.releases (release_id, as_of, known_at, code_commit, state)
               values ('r20221205_0001', '2022-12-05', '2022-12-05 09:00+08', 'test', 'published')"""
        )
        connection.execute("update release_store.current_release set release_id = 'r20221205_0001'")


def unwell(**asked: Any) -> set[str]:
    checks = check_health(DAY, **({"min_free_gb": 0} | asked))
    assert all(bool(check.what_to_do) != check.ok and check.found for check in checks)
    return {check.name for check in checks if not check.ok}


def test_a_warehouse_that_is_well_says_so_line_by_line(received: None) -> None:
    told = CliRunner().invoke(app, ["health", "--min-free-gb", "0"], catch_exceptions=False)
    assert told.exit_code == 0
    assert {line.split()[1] for line in told.stdout.splitlines()} == NAMES
    assert "last received 2022-12-05 09:00" in told.stdout
    as_json = CliRunner().invoke(app, ["health", "--json", "--max-age-days", "5"], catch_exceptions=False)
    assert as_json.exit_code == 1  # it is long after 2022 by any clock
    checks = json.loads(as_json.stdout)
    assert {check["name"] for check in checks} == NAMES
    assert {frozenset(check) for check in checks} == {frozenset({"name", "ok", "found", "what_to_do"})}


def test_an_old_release_is_not_well_if_an_age_was_asked_for() -> None:
    assert unwell(max_age_days=5) == set()
    assert unwell(max_age_days=4) == {"release"}


def test_a_release_of_a_day_to_come_is_never_well() -> None:
    told = {check.name for check in check_health(date(2022, 12, 4), min_free_gb=0) if not check.ok}
    assert told == {"release"}
    assert all(check.ok for check in check_health(date(2022, 12, 5), max_age_days=0, min_free_gb=0))


def test_a_full_disk_is_told() -> None:
    assert unwell(min_free_gb=1e9) == {"disk"}


def test_an_old_or_unfinished_backup_is_not_well_if_an_age_was_asked_for(warehouse: Warehouse) -> None:
    """The newest finished one counts, whatever lies there besides."""
    folder = warehouse.home / "backups"
    assert unwell(max_age_days=5) == set(), "of backups elsewhere nothing is known"
    try:
        for name, expected in (("20221206.unfinished", {"backup"}), ("20221202", {"backup"}), ("20221205", set())):
            (folder / name).mkdir(parents=True)
            about = {"made_at": f"{name[:4]}-{name[4:6]}-{name[6:8]}T23:59:00+08:00", "files": {}}
            (folder / name / "manifest.json").write_text(json.dumps(about))
            assert unwell(max_age_days=5) == expected
            assert unwell() == set()
        (told,) = (check.found for check in check_health(DAY, min_free_gb=0) if check.name == "backup")
        assert told == "20221205, 5 days old, the last of 2"
        (folder / "20221205" / "manifest.json").write_text("")
        assert unwell() == {"backup"}
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("delete from public.ipcredit_migrations where number = 15", {"migrations"}),
        ("insert into public.ipcredit_migrations values (9999, '9999_of_tomorrow.sql', 'x')", {"migrations"}),
        ("drop table intake.submissions cascade", {"archive", "intake"}),
        (
            """insert into release_store.releases (release_id, as_of, known_at, code_commit, state)
               values ('r20221206_0002', '2022-12-06', '2022-12-06', 'test', 'failed')""",
            {"build"},
        ),
        (
            """insert into quality.gate_results (run_id, release_id, suite, expectation_id, title, severity, success)
               values ('x', 'r20221206_0002', 'subjects', 'x', 'x', 'critical', false)""",
            {"gate"},
        ),
    ],
)
def test_what_the_database_says_is_told(
    statement: str, expected: set[str], warehouse: Warehouse, server_url: str, template_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    name = _create_database(server_url, template_database)
    monkeypatch.setenv("IPCREDIT_DATABASE_URL", _url_of(server_url, name))
    get_settings.cache_clear()
    try:
        with warehouse.connect() as connection:
            connection.execute(statement)
        assert unwell() == expected
    finally:
        _drop_database(server_url, name)


def test_an_archive_with_another_key_a_damaged_or_a_lost_file_is_told(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setenv("IPCREDIT_ARCHIVE_KEYS", archive.new_key())
        get_settings.cache_clear()
        assert unwell() == {"archive"}
    get_settings.cache_clear()
    assert unwell() == set()
    with warehouse.connect() as connection:
        (sha256,) = connection.execute("select sha256 from intake.submissions").fetchone()
    path = archive.archive_path(sha256)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1])
    assert unwell() == {"archive"}
    path.unlink()
    assert unwell() == {"archive"}
    path.write_bytes(whole)
    assert unwell() == set()


def test_without_a_database_the_disk_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPCREDIT_DATABASE_URL", "postgresql://ipcredit:hidden-word@127.0.0.1:1/ipcredit")
    get_settings.cache_clear()
    told = CliRunner().invoke(app, ["health", "--min-free-gb", "0"], catch_exceptions=False)
    assert told.exit_code == 1
    assert [line.split()[:2] for line in told.stdout.splitlines()] == [
        ["BAD", "database"], ["ok", "disk"], ["ok", "backup"]
    ]  # fmt: skip
    assert "hidden-word" not in told.stdout


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A mail server on loopback, which takes what it is sent or refuses it, and Airflow's connection to it."""

    async def handle_data(server: Any, session: Any, envelope: Any) -> str:
        if told.refuses:
            return "554 refused"
        told.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"

    told = SimpleNamespace(mails=[], refuses=False, handle_DATA=handle_data)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(told, hostname="127.0.0.1", port=port)
    controller.start()
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "warehouse@example.org", "retry_limit": 0}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_IPCREDIT_SMTP", json.dumps(connection))
    monkeypatch.setenv("AIRFLOW_VAR_IPCREDIT_RECIPIENTS", json.dumps({"operator": "operator@example.org"}))
    yield told
    controller.stop()


def failed(exception: BaseException | None, task: str = "gate", unit: str | None = None) -> dict[str, Any]:
    """What Airflow hands to the callback."""
    ti = SimpleNamespace(
        dag_id="provincial_aggregation", task_id=task, run_id="manual__2022-12-05T01:00:00+00:00", map_index=-1,
        try_number=2, rendered_map_index=unit, log_url="http://localhost/log",
    )  # fmt: skip
    return {"ti": ti, "exception": exception}


def notices(warehouse: Warehouse) -> list[Path]:
    return sorted((warehouse.home / "outputs" / "notices").glob("*.txt"))


def test_a_notice_goes_by_mail_where_there_is_a_connection_and_an_address(
    warehouse: Warehouse, inbox: SimpleNamespace
) -> None:
    tell_failure(failed(None))
    ((recipients, mail),) = inbox.mails
    assert recipients == ["operator@example.org"]
    assert "Subject:" in mail and notices(warehouse) == []


@pytest.mark.parametrize("obstacle", ["no address", "no connection", "refused"])
def test_else_it_lies_in_a_file(
    obstacle: str, warehouse: Warehouse, inbox: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if obstacle == "no address":
        monkeypatch.delenv("AIRFLOW_VAR_IPCREDIT_RECIPIENTS")
    elif obstacle == "no connection":
        monkeypatch.delenv("AIRFLOW_CONN_IPCREDIT_SMTP")
    inbox.refuses = obstacle == "refused"
    tell_failure(failed(GateError("r1 不是待发布的候选。"), unit="丹东市知识产权局"))
    (path,) = notices(warehouse)
    text = path.read_text(encoding="utf-8")
    path.unlink()
    assert inbox.mails == []
    for words in ("provincial_aggregation / gate（丹东市知识产权局）", "r1 不是待发布的候选。", "ipcredit gate waive"):
        assert words in text
    assert path.name == "manual__2022-12-05T01_00_00+00_00__provincial_aggregation__gate__-1__2.txt"


def test_a_notice_quotes_no_error_that_may_quote_a_row(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_VAR_IPCREDIT_RECIPIENTS", raising=False)
    tell_failure(failed(ValueError("Failing row contains (210602199001011234)"), task="build_candidate"))
    (path,) = notices(warehouse)
    text = path.read_text(encoding="utf-8")
    assert "ValueError" in text and "210602199001011234" not in text
