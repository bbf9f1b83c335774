"""Which datasets dbt is asked to judge: those with something new, and no others."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from conftest import Warehouse
from helpers import RECEIVED, good_row, submit

from ipcredit import build
from ipcredit.contracts import load_contracts

ALL = set(load_contracts())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Of each dbt command the datasets it was to judge; dbt runs all the same."""
    seen: list[set[str]] = []
    run_dbt: Callable[..., None] = build.run_dbt

    def noted(*arguments: str, **options: dict[str, str]) -> None:
        named = {name.removeprefix("stg_") for name in arguments if name.startswith("stg_")}
        seen.append(named if "--select" in arguments else ALL - named)
        run_dbt(*arguments, "--quiet", **options)

    monkeypatch.setattr(build, "run_dbt", noted)
    return seen


def staged(connection: psycopg.Connection, dataset: str) -> list[int]:
    found = connection.execute(f"select submission_id from staging.stg_{dataset} order by 1").fetchall()
    connection.commit()
    return [number for (number,) in found]


def test_dbt_is_asked_for_what_is_new_only(warehouse: Warehouse, asked: list[set[str]]) -> None:
    with warehouse.connect() as connection:
        first = submit(connection, "honours", [good_row("honours", 1)])
        build.judge()
        assert asked.pop() == ALL
        assert staged(connection, "honours") == [first]

        build.judge()
        assert asked == []

        second = submit(
            connection, "honours", [good_row("honours", 2)], mode="incremental", at=RECEIVED + timedelta(hours=1)
        )
        submit(connection, "penalties", [], state="nil_return")
        build.judge()
        assert asked.pop() == {"honours"}
        assert staged(connection, "honours") == [first, second]

        # Its rows were changed in place, as erasing personal data does.
        connection.execute(
            "update intake.submissions set content_version = content_version + 1 where submission_id = %s", (first,)
        )
        # Whatever stands there now was not judged by us.
        connection.execute("create table other (like staging.stg_repairs including all)")
        connection.execute("drop table staging.stg_repairs")
        connection.execute("alter table other rename to stg_repairs")
        connection.execute("alter table stg_repairs set schema staging")
        connection.execute("drop table staging.stg_legal_aid")
        connection.commit()
        build.judge()
        assert asked.pop() == {"honours", "repairs", "legal_aid"}
        assert staged(connection, "legal_aid") == []
    build.judge()
    assert asked == []


def test_nothing_counts_as_judged_before_dbt_has_ended_well(
    warehouse: Warehouse, asked: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    build.judge()
    asked.clear()
    with warehouse.connect() as connection:
        new = submit(connection, "mediations", [good_row("mediations", 1)], at=RECEIVED + timedelta(hours=1))
    with monkeypatch.context() as patch:
        patch.setenv("DBT_WARN_ERROR_OPTIONS", "no options")  # dbt ends before it does anything
        with pytest.raises(build.BuildError):
            build.judge()
        with pytest.raises(build.BuildError):  # nor is it left out of a build
            build.build_candidate()
    build.judge()
    assert asked == [{"mediations"}] * 3
    with warehouse.connect() as connection:
        assert staged(connection, "mediations") == [new]


def test_other_files_have_dbt_look_again(warehouse: Warehouse, asked: list[set[str]]) -> None:
    """Contracts, rules, seeds: dbt itself then finds whether anything of the dataset has changed."""
    build.judge()
    with warehouse.connect() as connection:
        connection.execute("update intake.judged_datasets set files = 'of another version' where dataset = 'cases'")
    asked.clear()
    build.judge()
    build.judge()
    assert asked == [{"cases"}]
