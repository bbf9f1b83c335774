"""Seeds that have not changed are left alone; changed ones, and tables that somebody else made, are made anew."""

import shutil
from pathlib import Path

import pytest
from conftest import Warehouse

from ipcredit import build
from ipcredit.settings import DBT_PROJECT

SEEDS = ("grade_bands", "issue_types")
STATE = "select oid, (select count(*) from policy.{0}) from pg_class where oid = 'policy.{0}'::regclass"


def tables(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Each seed's table, and its rows."""
    with warehouse.connect() as connection:
        return {seed: connection.execute(STATE.format(seed)).fetchone() for seed in SEEDS}


def seed(project: Path = DBT_PROJECT) -> None:
    build.run_dbt("seed", "--quiet", "--select", *SEEDS, project=project)


def test_only_what_has_changed_is_made_anew(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed()
    first = tables(warehouse)
    seed()
    assert tables(warehouse) == first

    with warehouse.connect() as connection:
        connection.execute("create table policy.copy as table policy.issue_types")
        connection.execute("drop table policy.issue_types")
        connection.execute("alter table policy.copy rename to issue_types")
    seed()
    second = tables(warehouse)
    assert second["grade_bands"] == first["grade_bands"] and second["issue_types"][0] != first["issue_types"][0]
    with warehouse.connect() as connection:
        named = connection.execute("select seed, seed_table from intake.applied_seeds where seed like 'policy.%'")
        noted = dict(named.fetchall())
    assert {f"policy.{name}": oid for name, (oid, _) in second.items()}.items() <= noted.items()

    changed = shutil.copytree(DBT_PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("target", "logs"))
    file = changed / "seeds" / "policy" / "grade_bands.csv"
    file.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))  # what dbt knows of ours stays ours
    seed(changed)
    third = tables(warehouse)
    assert third["issue_types"] == second["issue_types"]
    assert third["grade_bands"][0] != second["grade_bands"][0]
    assert third["grade_bands"][1] == second["grade_bands"][1] - 1
