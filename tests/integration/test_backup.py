"""A backup is whole, proves it, and brings back database, roles and archive as they were."""

import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import candidates
import pytest
from conftest import ARCHIVE_KEY, PERSON_KEY, Warehouse, _create_database, _drop_database, _environment, _url_of
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.backup import BackupError, backup, restore
from ipcredit.cli import app
from ipcredit.database import connect, migrate
from ipcredit.intake import archive, take_in
from ipcredit.settings import TIME_ZONE

RELEASE = "r20221205_0001"
HONOURS = (
    "企业名称,统一社会信用代码,称号类别,认定年度,认定日期\r\n"
    "丹东示例公司,91210600MA0TEST001,国家级示范,2022,2022-03-01\r\n"
)


@dataclass
class Kept:
    """A backup, and what the warehouse said of itself when it was made."""

    folder: Path
    digest: str
    contents: dict[str, int]


@pytest.fixture(scope="module")
def kept(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Of a warehouse with a release and a file in its archive."""
    candidates.build_first_candidate(RELEASE)
    with connect() as connection:
        candidates.pass_gate(connection, RELEASE)
    release.publish(RELEASE)
    path = warehouse.home / "drop" / "210600" / "honours_2022.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(HONOURS.encode())
    os.utime(path, (0, 0))
    take_in("210600", datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE))
    folder = tmp_path_factory.mktemp("backup") / "20221205"
    told = CliRunner().invoke(app, ["db", "backup", str(folder)], catch_exceptions=False)
    assert told.stdout.strip() == str(folder)
    return Kept(folder, release.digest(RELEASE), contents())


@pytest.fixture
def elsewhere(kept: Kept, server_url: str, tmp_path: Path) -> Iterator[Path]:
    """An empty database and an empty home, which the settings point to."""
    name = _create_database(server_url)
    with _environment(
        IPCREDIT_DATABASE_URL=_url_of(server_url, name), IPCREDIT_HOME=str(tmp_path), IPCREDIT_PERSON_KEY=PERSON_KEY,
        IPCREDIT_ARCHIVE_KEYS=ARCHIVE_KEY,
    ):  # fmt: skip
        yield tmp_path
    _drop_database(server_url, name)


def contents() -> dict[str, int]:
    """Rows of every table and view, and who owns it."""
    with connect() as connection:
        found = connection.execute(
            """select format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner), c.relacl::text
               from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid
               where c.relkind in ('r', 'v', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"""
        ).fetchall()
        return {
            f"{table} {owner} {rights}": connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table, owner, rights in found
        }


def test_restored_is_what_was_there(kept: Kept, elsewhere: Path) -> None:
    assert restore(kept.folder) == 2
    assert release.digest(RELEASE) == kept.digest
    assert contents() == kept.contents and sum(kept.contents.values()) > 100
    assert migrate() == []
    clear = io.BytesIO()
    with connect() as connection:
        connection.execute("set role analyst")
        assert connection.execute("select count(*) from publication.subject_grades").fetchone()[0] > 0
    ((unit, event),) = archive.journal()
    archive.read(event["sha256"], clear)
    assert (unit, clear.getvalue().decode()) == ("210600", HONOURS)
    with pytest.raises(BackupError, match="has been used already"):
        restore(kept.folder)


def test_a_digest_tells_one_value_from_another(kept: Kept, elsewhere: Path) -> None:
    restore(kept.folder)
    with connect() as connection:
        connection.execute("update release_store.subject_grades set score = score + 1 where score is not null")
    assert release.digest(RELEASE) != kept.digest


@pytest.mark.parametrize("damaged", ["warehouse.dump", "archive"])
def test_a_damaged_backup_is_not_begun_with(damaged: str, kept: Kept, elsewhere: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept.folder, copy)
    path = next(path for path in sorted((copy / damaged).rglob("*")) or [copy / damaged] if path.is_file())
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BackupError, match="damaged"):
        restore(copy)
    with connect() as connection:
        assert connection.execute("select 1 from pg_namespace where nspname = 'intake'").fetchone() is None


def test_neither_backup_nor_restore_writes_over_anything(kept: Kept, elsewhere: Path) -> None:
    with pytest.raises(BackupError, match="exists already"):
        backup(kept.folder)
    (elsewhere / "archive" / "ab").mkdir(parents=True)
    with pytest.raises(BackupError, match="holds files already"):
        restore(kept.folder)
    (kept.folder / "manifest.json").rename(kept.folder / "manifest.aside")
    with pytest.raises(BackupError, match="no finished backup"):
        restore(kept.folder)
    (kept.folder / "manifest.aside").rename(kept.folder / "manifest.json")


def test_old_backups_go_when_a_new_one_is_finished(kept: Kept, tmp_path: Path) -> None:
    for name in ("20221201", "20221202", "20221203", "20221130.unfinished", "20221204.unfinished"):
        (tmp_path / name).mkdir()
        about = {"made_at": f"{name[:4]}-{name[4:6]}-{name[6:8]}T04:00:00+08:00", "files": {}}
        (tmp_path / name / "manifest.json").write_text(json.dumps(about))
    (tmp_path / "20221202" / "manifest.json").unlink()  # not ours, for all we know
    os.utime(tmp_path / "20221130.unfinished", (0, 0))
    there = {path.name for path in tmp_path.iterdir()}
    failed = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "20221203"), "--keep", "1"])
    assert failed.exit_code == 1 and {path.name for path in tmp_path.iterdir()} == there
    told = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "new"), "--keep", "2"], catch_exceptions=False)
    assert told.stdout.splitlines() == [str(tmp_path / "new"), f"Removed {tmp_path / '20221201'}"]
    assert {path.name for path in tmp_path.iterdir()} == {"20221202", "20221203", "20221204.unfinished", "new"}


def test_a_backup_holds_no_key(kept: Kept) -> None:
    for path in kept.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert ARCHIVE_KEY.encode() not in content and PERSON_KEY.encode() not in content
            assert "丹东示例公司".encode() not in content or path.name == "warehouse.dump"
