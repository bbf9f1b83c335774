"""The archive is encrypted, its keys can be changed, and a warehouse is made again from it alone."""

import hashlib
import io
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import faults
import pyrage
import pytest
from conftest import ARCHIVE_KEY, Warehouse
from typer.testing import CliRunner

from ipcredit.cli import app
from ipcredit.contracts import load_contracts
from ipcredit.database import connect
from ipcredit.intake import archive, loader, take_in
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.replay import ReplayError, replay
from ipcredit.settings import TIME_ZONE, get_settings

AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
UNIT, OTHER = "210600", "210100"
NAME = "丹东示例1公司"
HEADER = "企业名称,统一社会信用代码,称号类别,认定年度,认定日期\r\n"


def honours(*numbers: int) -> bytes:
    rows = [f"丹东示例{n}公司,91210600MA0TEST{n:03d},国家级示范,2022,2022-03-01\r\n" for n in numbers]
    return (HEADER + "".join(rows)).encode()


@pytest.fixture
def drop(warehouse: Warehouse) -> Iterator[Callable[..., None]]:
    """Writes into a unit's drop folder, long ago; warehouse and archive are empty."""
    empty(warehouse)
    for path in archived(warehouse):
        path.unlink()

    def write(name: str, content: bytes, unit: str = UNIT) -> None:
        path = warehouse.home / "drop" / unit / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (0, 0))

    yield write
    for path in (warehouse.home / "drop").glob("*/*"):
        if path.is_file():
            path.unlink()


def empty(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        ensure_raw_tables(connection)
        connection.execute("truncate intake.submissions restart identity")
        for dataset in load_contracts():
            connection.execute(f"truncate raw.{dataset}")


def archived(warehouse: Warehouse) -> list[Path]:
    return sorted(path for path in (warehouse.home / "archive").rglob("*") if path.is_file())


def use_keys(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    monkeypatch.setenv("IPCREDIT_ARCHIVE_KEYS", " ".join(keys))
    get_settings.cache_clear()


def clear(sha256: str) -> bytes:
    found = io.BytesIO()
    archive.read(sha256, found)
    return found.getvalue()


def ledger(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """What is known of every submission but its number and its receipt, and how many rows raw holds of it."""
    with warehouse.connect() as connection:
        return connection.execute(
            """select s.bureau_code, s.dataset, s.period, s.mode, s.state, s.file_name, s.sheet_name, s.sha256,
                   s.file_bytes, s.received_at, s.valid_from, s.valid_to, s.rows_received, s.refusal_code,
                   s.confirmed_by,
                   s.confirmed_reason, s.file_notes::text, (select count(*) from raw.honours as h
                                                            where h.submission_id = s.submission_id)
               from intake.submissions as s order by s.bureau_code, s.submission_id"""
        ).fetchall()


def test_nothing_is_kept_in_clear(drop: Callable[..., None], warehouse: Warehouse) -> None:
    drop(f"honours_2022_{'副本'}.csv", honours(1))
    (outcome,) = take_in(UNIT, AT)
    assert outcome.state == "loaded"
    files = archived(warehouse)
    assert len(files) == 2  # the bytes, and the line of the journal
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"age-encryption.org/v1\n") and path.stat().st_mode & 0o077 == 0
        assert NAME.encode() not in content and "副本".encode() not in content and b"honours" not in content
    assert not [path for path in (warehouse.home / "spool").rglob("*") if path.is_file()]
    with warehouse.connect() as connection:
        (sha256,) = connection.execute("select sha256 from intake.submissions").fetchone()
    assert clear(sha256) == honours(1)


def test_what_a_killed_process_left_half_written_goes_after_a_day(
    drop: Callable[..., None], warehouse: Warehouse
) -> None:
    drop("honours_2022.csv", honours(1))
    faults.killed_at(lambda: take_in(UNIT, AT), archive._Incoming, "read", "after")
    (left,) = archived(warehouse)
    assert re.fullmatch(r"\.[0-9a-f]{32}", left.name) and left.parent == warehouse.home / "archive"
    # Another unit may be writing one at this moment.
    take_in(OTHER, AT)
    assert archived(warehouse) == [left]
    day_ago = time.time() - 86_460
    os.utime(left, (day_ago, day_ago))
    take_in(OTHER, AT)
    assert archived(warehouse) == []
    (outcome,) = take_in(UNIT, AT)
    kept = archived(warehouse)
    for path in kept:
        os.utime(path, (0, 0))
    take_in(UNIT, AT)
    assert outcome.state == "loaded" and len(kept) == 2 and archived(warehouse) == kept


def test_keys_are_changed_and_the_old_one_opens_nothing_then(
    drop: Callable[..., None], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("honours_2022.csv", honours(1))
    take_in(UNIT, AT)
    with warehouse.connect() as connection:
        (sha256,) = connection.execute("select sha256 from intake.submissions").fetchone()
    # As it was before the archive was encrypted.
    plain = archive.archive_path(sha256)
    plain.unlink()
    plain.write_bytes(honours(1))
    new = archive.new_key()
    use_keys(monkeypatch, new, ARCHIVE_KEY)
    assert clear(sha256) == honours(1) and [event["name"] for _, event in archive.journal()] == ["honours_2022.csv"]
    told = CliRunner().invoke(app, ["archive", "rekey"])
    assert told.exit_code == 0 and told.stdout == "2 files are encrypted with the first key.\n"
    use_keys(monkeypatch, new)
    assert clear(sha256) == honours(1) and len(list(archive.journal())) == 1
    for path in archived(warehouse):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(ARCHIVE_KEY)])
    use_keys(monkeypatch, ARCHIVE_KEY)
    with pytest.raises(archive.ArchiveKeyError, match="No key of the archive opens"):
        clear(sha256)


def test_damage_is_noticed(drop: Callable[..., None], warehouse: Warehouse) -> None:
    drop("honours_2022.csv", honours(1))
    drop("honours_2021.csv", honours(2))
    take_in(UNIT, AT)
    with warehouse.connect() as connection:
        (one,), (other,) = connection.execute("select sha256 from intake.submissions").fetchall()
    kept = archive.archive_path(one).read_bytes()
    for content, what in (
        (kept[:-1], "is damaged"),
        (kept[:-9] + b"x" + kept[-8:], "is damaged"),
        (archive.archive_path(other).read_bytes(), "is not what its name says"),
    ):
        archive.archive_path(one).unlink()
        archive.archive_path(one).write_bytes(content)
        with pytest.raises(archive.ArchiveKeyError, match=what):
            clear(one)


@pytest.mark.parametrize(("keys", "what"), [("", "is not set"), ("AGE-SECRET-KEY-1NONE", "a text that is no key")])
def test_without_a_key_everything_stays_where_it_is(
    keys: str, what: str, drop: Callable[..., None], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("honours_2022.csv", honours(1))
    use_keys(monkeypatch, keys)
    told = CliRunner().invoke(app, ["intake", "run", "--unit", UNIT])
    assert told.exit_code == 1 and len(told.stderr.strip().splitlines()) == 1 and what in told.stderr
    assert (warehouse.home / "drop" / UNIT / "honours_2022.csv").exists() and archived(warehouse) == []
    assert ledger(warehouse) == []


def replayed() -> str:
    """What the command says of a warehouse emptied and made again."""
    told = CliRunner().invoke(app, ["archive", "replay"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.stdout


def test_a_warehouse_is_made_again_from_the_archive_alone(drop: Callable[..., None], warehouse: Warehouse) -> None:
    drop("honours_2022.csv", honours(*range(30)))
    drop("honours_2021.csv", honours(1), OTHER)
    take_in(UNIT, AT)
    take_in(OTHER, AT)
    drop("honours_2022.csv", honours(*range(10)))
    (held,) = take_in(UNIT, AT + timedelta(hours=1))
    with warehouse.connect() as connection:
        loader.confirm(connection, held.submission_id, "数据管理岗", "称号到期", AT + timedelta(hours=2))
    # At one moment: two rivals of one key, a broken file, and one that comes again under the same name.
    drop("honours_2020.csv", honours(1))
    drop("知识产权示范优势企业_2020.csv", honours(2))
    drop("honours_2019.csv", b"PK\x03\x04 no csv")
    take_in(UNIT, AT + timedelta(hours=3))
    drop("honours_2022.csv", honours(*range(11)))
    take_in(UNIT, AT + timedelta(hours=3))
    drop("honours_2022.csv", honours(*range(12)))
    take_in(UNIT, AT + timedelta(hours=3))
    drop("honours_2021_撤回.csv", b"x", OTHER)
    take_in(OTHER, AT + timedelta(days=1))
    before = ledger(warehouse)
    assert sorted(row[4] for row in before) == ["loaded"] * 5 + ["refused"] * 3 + ["withdrawal"]

    with pytest.raises(ReplayError, match="holds submissions already"):
        next(replay())
    empty(warehouse)
    drop("honours_2018.csv", honours(1))
    with pytest.raises(ReplayError, match="lies in the drop folder"):
        next(replay())
    (warehouse.home / "drop" / UNIT / "honours_2018.csv").unlink()
    journal = list(archive.journal())
    # The journal is read and not written: the second time it says the same.
    for _ in range(2):
        assert replayed() == "held 1, loaded 5, refused 3, withdrawal 1\n"
        assert ledger(warehouse) == before and list(archive.journal()) == journal
        empty(warehouse)


def hold_and_confirm(drop: Callable[..., None], *, killed: bool = False) -> None:
    """A file, one that takes most of it away, and its confirmation; `killed`: the first one just before it counts."""
    drop("honours_2022.csv", honours(*range(30)))
    take_in(UNIT, AT)
    drop("honours_2022.csv", honours(*range(10)))
    (held,) = take_in(UNIT, AT + timedelta(hours=1))

    def confirm(hours: int) -> None:
        with connect() as connection:
            loader.confirm(connection, held.submission_id or 0, "数据管理岗", "称号到期", AT + timedelta(hours=hours))

    if killed:
        faults.killed_at(lambda: confirm(2), archive, "note", "after")
    confirm(3)


def test_a_confirmation_that_was_killed_and_given_again_counts_when_it_did(
    drop: Callable[..., None], warehouse: Warehouse
) -> None:
    hold_and_confirm(drop, killed=True)
    before = ledger(warehouse)
    assert [event["kind"] for _, event in archive.journal()] == ["file", "file", "confirmation", "confirmation"]
    empty(warehouse)
    assert replayed() == "held 1, loaded 2\n"
    assert ledger(warehouse) == before


def test_a_replay_that_fails_leaves_nothing_in_clear(
    drop: Callable[..., None], warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next scan would take it in as of now."""
    drop("honours_2022.csv", honours(1))
    take_in(UNIT, AT)
    empty(warehouse)
    monkeypatch.setattr("ipcredit.replay.take_in", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(replay())
    assert list((warehouse.home / "drop").rglob("*.csv")) == []


@pytest.mark.parametrize(
    ("erased", "told", "states"),
    [
        # What it was held against is gone, so that it is put in force at once.
        (30, "confirmation skipped (in force already) 1, loaded 1\n", ["loaded"]),
        (10, "confirmation skipped (erased) 1, loaded 1\n", ["loaded"]),
    ],
)
def test_what_was_erased_since_takes_its_confirmation_with_it(
    erased: int, told: str, states: list[str], drop: Callable[..., None], warehouse: Warehouse
) -> None:
    hold_and_confirm(drop)
    archive.remove(hashlib.sha256(honours(*range(erased))).hexdigest())
    empty(warehouse)
    assert replayed() == told
    assert [row[4] for row in ledger(warehouse)] == states


def test_a_confirmation_of_what_the_journal_does_not_tell_stops(
    drop: Callable[..., None], warehouse: Warehouse
) -> None:
    hold_and_confirm(drop)
    (warehouse.home / "archive" / "journal" / UNIT / "000000002").unlink()
    empty(warehouse)
    with pytest.raises(ReplayError, match="No submission of 210600 waits for the confirmation"):
        list(replay())
