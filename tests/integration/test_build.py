"""What a build tells dbt, and what stands in the release ledger when it ends well, fails, or is interrupted."""

import shutil
from datetime import datetime, timedelta

import pytest
from conftest import Warehouse
from typer.testing import CliRunner

from ipcredit import build
from ipcredit.cli import app
from ipcredit.database import MomentError
from ipcredit.settings import PROJECT_ROOT, TIME_ZONE, get_settings

KNOWN_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)


def states(warehouse: Warehouse) -> dict[str, str]:
    with warehouse.connect() as connection:
        return dict(connection.execute("select release_id, state from release_store.releases").fetchall())


def test_every_part_of_the_url_reaches_dbt(monkeypatch):
    monkeypatch.setenv(
        "IPCREDIT_DATABASE_URL", "postgresql://a%40b:p%40s%3As%2Fw$%25%23@db.example:6000/ip-credit?sslmode=verify-full"
    )
    get_settings.cache_clear()
    environment = build.dbt_environment().items()
    told = {name: value for name, value in environment if name.startswith(("IPCREDIT_DBT", "PGSSL", "DBT_ENV"))}
    assert told == {
        "IPCREDIT_DBT_HOST": "db.example",
        "IPCREDIT_DBT_PORT": "6000",
        "IPCREDIT_DBT_USER": "a@b",
        "DBT_ENV_SECRET_PASSWORD": "p@s:s/w$%#",
        "IPCREDIT_DBT_DATABASE": "ip-credit",
        "PGSSLMODE": "verify-full",
    }


def test_any_change_of_code_or_contracts_marks_the_definitions(tmp_path):
    seen = {build.definitions(project=tmp_path)}
    for name, content in (
        ("macros/a/b.sql", "1"), ("macros/a/b.sql", "2"), ("models/staging/x/sources.yml", "1"),
        ("models/catalogue/records.sql", "1"), ("seeds/reference/organisations.csv", "1"),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
        seen.add(build.definitions(project=tmp_path))
    assert len(seen) == 6
    (tmp_path / "models/catalogue/_catalogue.yml").write_text("descriptions are no definitions")
    assert build.definitions(project=tmp_path) in seen


def test_without_git_the_commit_is_unknown(monkeypatch):
    monkeypatch.delenv("IPCREDIT_CODE_COMMIT", raising=False)
    if (PROJECT_ROOT / ".git").exists() and shutil.which("git"):
        assert len(build.code_commit().removesuffix("-dirty")) == 40
    monkeypatch.setenv("PATH", "")
    assert build.code_commit() == "unknown"


def test_only_a_build_that_ended_well_leaves_a_candidate(warehouse, monkeypatch):
    seen = []

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    def failing(*_, **__):
        raise build.BuildError

    # What dbt makes is the matter of other tests.
    monkeypatch.setattr(build, "run_dbt", lambda *_, **__: seen.append(set(states(warehouse).values())))
    told = CliRunner().invoke(app, ["build", "--known-at", KNOWN_AT.isoformat()], catch_exceptions=False)
    first = told.stdout.strip()
    assert seen == [{"building"}]
    assert states(warehouse) == {first: "candidate"}
    monkeypatch.setattr(build, "run_dbt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.build_candidate(known_at=KNOWN_AT)
    assert list(states(warehouse).values()) == ["dropped", "building"]
    monkeypatch.setattr(build, "run_dbt", failing)
    with pytest.raises(build.BuildError):
        build.build_candidate(known_at=KNOWN_AT)
    assert sorted(states(warehouse).values()) == ["dropped", "failed", "failed"]


def test_nothing_is_judged_ahead_of_time(warehouse, monkeypatch):
    monkeypatch.setattr(build, "run_dbt", lambda *_, **__: None)
    before, now = states(warehouse), datetime.now(TIME_ZONE)
    for as_of, known_at in ((None, now + timedelta(days=1)), (now.date() + timedelta(days=1), KNOWN_AT)):
        with pytest.raises(MomentError):
            build.build_candidate(as_of, known_at)
    assert states(warehouse) == before


def test_seeds_are_tested_until_a_build_has_ended_well_with_them(warehouse, monkeypatch):
    seen = []

    def failing(*arguments, **_):
        seen.append("path:seeds,resource_type:test" in arguments)
        raise build.BuildError

    monkeypatch.setattr(build, "definitions", lambda *_: "files of the first day")
    monkeypatch.setattr(build, "run_dbt", failing)
    with pytest.raises(build.BuildError):
        build.build_candidate(known_at=KNOWN_AT)
    monkeypatch.setattr(
        build, "run_dbt", lambda *arguments, **_: seen.append("path:seeds,resource_type:test" in arguments)
    )
    build.build_candidate(known_at=KNOWN_AT)
    build.build_candidate(known_at=KNOWN_AT)
    monkeypatch.setattr(build, "definitions", lambda *_: "files of another day")
    build.build_candidate(known_at=KNOWN_AT)
    assert seen == [False, False, True, False]


def test_files_changed_while_dbt_runs_are_not_noted_as_judged_by(warehouse, monkeypatch):
    files = ["when it began"]

    def dbt(*_, **__):
        files[0] = "changed meanwhile"
        with warehouse.connect() as connection:
            connection.execute("create schema if not exists staging")
            connection.execute("create table if not exists staging.stg_honours (submission_id bigint)")

    monkeypatch.setattr(build, "definitions", lambda *_: files[0])
    monkeypatch.setattr(build, "run_dbt", dbt)
    for work in (build.judge, lambda: build.build_candidate(known_at=KNOWN_AT)):
        files[0] = "when it began"
        work()
        with warehouse.connect() as connection:
            noted = connection.execute("delete from intake.judged_datasets returning dataset, files").fetchall()
        assert noted == [("honours", "when it began")]
