"""Intake killed at any stage, on a full disk, without its share: no row is lost, none comes twice, and the next run
goes on by itself. What needs a mount is skipped, visibly, where none is permitted.
"""

import errno
import io
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import faults
import psutil
import psycopg
import pytest
import xlsxwriter
from conftest import Warehouse

from ipcredit import embedded, intake
from ipcredit.contracts import load_contracts
from ipcredit.database import connect, migrate
from ipcredit.intake import archive, loader, readers, receipts, take_in
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.replay import replay
from ipcredit.settings import TIME_ZONE, get_settings

UNIT = "210600"
AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
LATER = AT + timedelta(hours=1)
HEADER = "企业名称,统一社会信用代码,称号类别,认定年度,认定日期\r\n"


def honours(count: int) -> bytes:
    rows = (f"丹东示例{n}公司,91210600MA0T{n:06d},国家级示范,2022,2022-03-01\r\n" for n in range(count))
    return (HEADER + "".join(rows)).encode()


def empty(home: Path) -> None:
    with connect() as connection:
        ensure_raw_tables(connection)
        connection.execute("truncate intake.submissions restart identity")
        for dataset in load_contracts():
            connection.execute(f"truncate raw.{dataset}")
    for name in ("archive", "spool", "drop"):
        shutil.rmtree(home / name, ignore_errors=True)


@pytest.fixture
def clean(warehouse: Warehouse) -> Path:
    """The home, with an empty ledger, no archive, and nothing dropped."""
    empty(warehouse.home)
    return warehouse.home


def drop(home: Path, name: str, content: bytes, unit: str = UNIT) -> None:
    path = home / "drop" / unit / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (0, 0))


def workbook() -> bytes:
    """Two submissions in one file."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for period, count in (("2022", 2), ("2019", 1)):
            sheet = book.add_worksheet(period)
            lines = honours(count).decode().split("\r\n")[:-1]
            for at, line in enumerate(["数据集,honours", f"报送期间,{period}", *lines]):
                sheet.write_row(at, 0, line.split(","))
    return content.getvalue()


def lying(home: Path) -> set[str]:
    return {path.name for path in (home / "drop" / UNIT).iterdir()} - {"回执"}


def ledger() -> list[tuple[Any, ...]]:
    """What the ledger says of each submission but its number and receipt."""
    with connect() as connection:
        return connection.execute(
            """select dataset, period, state, file_name, sheet_name, sha256, received_at, valid_from, valid_to,
                   rows_received, refusal_code from intake.submissions order by file_name, sheet_name"""
        ).fetchall()


INTAKE_STAGES = {
    # stage: (where, which function, when, which call of it)
    "before anything is archived": (intake, "_archive", "before", 1),
    "while a file is being archived": (archive._Incoming, "read", "after", 1),
    "archived, its folder not synced": (archive, "_sync_folder", "before", 1),
    "archived, before it is read": (readers, "open_sheets", "before", 1),
    "one file read, the next not": (intake, "claims_of", "after", 1),
    "before the first row": (loader, "_load_rows", "before", 1),
    "during COPY": (loader, "_blocks", "within", 1),
    "rows copied, no line in the ledger": (loader, "_write_ledger", "before", 1),
    "line in the ledger, nothing committed": (loader, "_write_ledger", "after", 1),
    "between two sheets of a file": (loader, "load", "after", 2),
    "recorded, not in the journal": (archive, "note", "before", 1),
    "while the journal is written": (archive, "_link", "before", 1),
    "in the journal, not taken away": (archive, "note", "after", 1),
    "moved aside, not removed": (intake, "_is_still", "after", 2),
    "one file finished, the next not begun": (intake, "_finish", "after", 1),
    "refused, not in the journal": (intake, "_refuse_file", "after", 1),
    "all done, no receipt": (receipts, "write_receipts", "before", 1),
    "a receipt written, not recorded": (receipts, "_write", "after", 1),
}


@pytest.mark.parametrize("stage", INTAKE_STAGES)
def test_killed_at_any_stage_of_intake_the_next_run_goes_on(stage: str, clean: Path) -> None:
    owner, name, when, call = INTAKE_STAGES[stage]
    drop(clean, "honours_2021.csv", honours(4500))
    drop(clean, "丹东市报送.xlsx", workbook())
    drop(clean, "honours_2020.xlsx", b"PK\x03\x04 no workbook")
    faults.killed_at(lambda: take_in(UNIT, AT), owner, name, when, call=call)
    assert faults.lost_or_doubled() == []
    take_in(UNIT, LATER)
    assert faults.lost_or_doubled() == [] and lying(clean) == set()
    after = ledger()
    assert sorted((row[3], row[4], row[2], row[9]) for row in after) == [
        ("honours_2020.xlsx", "", "refused", 0), ("honours_2021.csv", "", "loaded", 4500),
        ("丹东市报送.xlsx", "2019", "loaded", 1), ("丹东市报送.xlsx", "2022", "loaded", 2),
    ]  # fmt: skip
    assert {row[6] for row in after} <= {AT, LATER}
    assert not list((clean / "spool").rglob("*.csv"))
    # What the journal says is what was recorded: the archive alone gives the same ledger.
    with connect() as connection:
        connection.execute("truncate intake.submissions restart identity")
        connection.execute("truncate raw.honours")
    list(replay())
    assert ledger() == after and faults.lost_or_doubled() == []


def test_the_same_submission_by_two_workers_is_one(clean: Path) -> None:
    drop(clean, "honours_2022.csv", honours(5000))
    drop(clean, "honours_2021.csv", honours(5000))
    faults.at_once(*[lambda: take_in(UNIT, AT)] * 3)
    assert faults.lost_or_doubled() == [] and lying(clean) == set()
    assert [(row[1], row[2], row[9]) for row in ledger()] == [("2021", "loaded", 5000), ("2022", "loaded", 5000)]


@pytest.mark.parametrize("place", ["archive", "spool"])
def test_a_full_disk_is_nobody_s_fault_and_what_waited_is_taken_in_when_there_is_room(place: str, clean: Path) -> None:
    drop(clean, "honours_2022.csv", honours(60_000))
    drop(clean, "honours_2021.csv", honours(3))
    drop(clean, "丹东市报送.xlsx", workbook())
    with faults.small_disk(clean / place, 1):
        with pytest.raises(OSError, match="No space left"):
            take_in(UNIT, AT)
        faults.INJECTED["disk full"] += 1
        # The large file waits, without a refusal; what there was room for has come in.
        assert {row[2] for row in ledger()} == {"loaded"} and lying(clean) == {"honours_2022.csv"}
        assert faults.lost_or_doubled() == []
    if place == "archive":
        # What was archived there went with the disk, and so must the rows that came from it.
        empty(clean)
        drop(clean, "honours_2022.csv", honours(60_000))
    take_in(UNIT, LATER)
    assert faults.lost_or_doubled() == [] and lying(clean) == set()
    assert sum(row[9] for row in ledger()) == (60_000 if place == "archive" else 60_006)


STRUCK_WHERE = {
    "loading": (loader, "load"), "noting what was loaded": (archive, "note"), "noting a refusal": (archive, "note"),
}  # fmt: skip


@pytest.mark.parametrize("where", STRUCK_WHERE)
def test_one_file_struck_by_a_full_disk_stops_no_other(
    where: str, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of three; what was committed of it before the disk was full is known again at the next scan."""
    drop(clean, "honours_2020.csv", b"PK\x03\x04 no csv" if where == "noting a refusal" else honours(3))
    drop(clean, "honours_2021.csv", honours(4))
    drop(clean, "honours_2022.csv", honours(5))
    owner, name = STRUCK_WHERE[where]
    real, calls = getattr(owner, name), []

    def full(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        if len(calls) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **named)

    monkeypatch.setattr(owner, name, full)
    with pytest.raises(OSError, match="No space left"):
        take_in(UNIT, AT)
    monkeypatch.undo()
    faults.INJECTED["one file struck"] += 1
    assert lying(clean) == {"honours_2020.csv"} and len(calls) == 3
    assert [row[1] for row in ledger()] == (["2021", "2022"] if where == "loading" else ["2020", "2021", "2022"])
    # It comes again for the moment it was recorded at, and the archive alone gives the same ledger.
    expected = {"loading": "loaded", "noting what was loaded": "unchanged", "noting a refusal": "refused"}[where]
    assert [outcome.state for outcome in take_in(UNIT, LATER)] == [expected]
    assert faults.lost_or_doubled() == [] and lying(clean) == set()
    after = ledger()
    assert after[0][6] == (LATER if where == "loading" else AT)
    with connect() as connection:
        connection.execute("truncate intake.submissions restart identity")
        connection.execute("truncate raw.honours")
    list(replay())
    assert ledger() == after


def test_a_share_that_goes_away_while_it_is_read_loses_nothing(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for year in ("2020", "2021", "2022"):
        drop(clean, f"honours_{year}.csv", honours(50))
    folder = clean / "drop" / UNIT
    (tmp_path / "theirs").mkdir()
    for path in folder.iterdir():
        path.rename(tmp_path / "theirs" / path.name)
    faults.share(tmp_path / "theirs", folder)
    real, calls = readers.open_sheets, []

    def read_while_it_goes(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            subprocess.run(["umount", "-l", str(folder)], check=True)
            faults.INJECTED["share gone"] += 1
        return real(*arguments)

    monkeypatch.setattr(readers, "open_sheets", read_while_it_goes)
    take_in(UNIT, AT)
    monkeypatch.undo()
    assert len(calls) == 2 and [row[1] for row in ledger()] == ["2020", "2021"]
    assert {path.name for path in (tmp_path / "theirs").glob("*.csv")} == {
        f"honours_{y}.csv" for y in range(2020, 2023)
    }
    faults.share(tmp_path / "theirs", folder)
    try:
        assert sorted(outcome.state for outcome in take_in(UNIT, LATER)) == ["loaded", "unchanged", "unchanged"]
        assert list((tmp_path / "theirs").glob("*.csv")) == []
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    assert faults.lost_or_doubled() == [] and [row[9] for row in ledger()] == [50, 50, 50]


def test_a_clock_that_jumps_back_rewrites_nothing(clean: Path) -> None:
    """As far as stored moments and times of files go; the clock of the machine itself is not moved here."""
    for hours, count in ((0, 20), (-30 * 24, 21), (-60 * 24, 22)):
        drop(clean, "honours_2022.csv", honours(count))
        # A share whose clock is ahead by days.
        os.utime(clean / "drop" / UNIT / "honours_2022.csv", (time.time() + 9e5, time.time() + 9e5))
        take_in(UNIT, AT + timedelta(hours=hours))
        faults.INJECTED["clock back"] += 1
    with connect() as connection:
        found = connection.execute(
            """select rows_received, valid_from, valid_to from intake.submissions order by submission_id"""
        ).fetchall()
    micro = timedelta(microseconds=1)
    assert found == [(20, AT, AT + micro), (21, AT + micro, AT + 2 * micro), (22, AT + 2 * micro, None)]
    assert faults.lost_or_doubled() == []


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server of this test's own, with a migrated warehouse."""
    home = Path(tempfile.mkdtemp(prefix="ipcredit-faults-"))
    home.chmod(0o755)
    monkeypatch.setenv("IPCREDIT_HOME", str(home))
    monkeypatch.delenv("IPCREDIT_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    embedded.start()
    migrate()
    yield home
    embedded.stop()
    get_settings.cache_clear()
    shutil.rmtree(home)


def test_the_database_killed_while_loading_keeps_what_was_committed(warehouse: Warehouse, own_server: Path) -> None:
    home = own_server
    drop(home, "honours_2021.csv", honours(3))
    take_in(UNIT, AT)
    drop(home, "honours_2022.csv", honours(200_000))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            take_in(UNIT, AT)
        except BaseException as error:
            failures.append(error)

    worker = threading.Thread(target=work)
    with connect(autocommit=True) as watch:
        worker.start()
        while not watch.execute("select 1 from pg_stat_progress_copy where tuples_processed > 1000").fetchone():
            assert worker.is_alive(), "it ended before the server could be killed"
        pid = embedded.status().pid
        assert pid
        # The machine as a whole goes down: no backend lives on to end its work.
        family = [psutil.Process(pid), *psutil.Process(pid).children()]
        family[0].suspend()
        for process in family[1:]:
            process.kill()
        family[0].kill()
    worker.join(60)
    faults.INJECTED["database killed"] += 1
    assert len(failures) == 1 and isinstance(failures[0], psycopg.OperationalError)
    embedded.start()
    assert faults.lost_or_doubled() == [] and lying(home) == {"honours_2022.csv"}
    assert [(row[1], row[2]) for row in ledger()] == [("2021", "loaded")]
    assert [outcome.state for outcome in take_in(UNIT, LATER)] == ["loaded"]
    assert faults.lost_or_doubled() == [] and sorted(row[9] for row in ledger()) == [3, 200_000]


def test_faults_and_losses_of_this_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Last in the file: every test above has asserted that nothing was lost or doubled after its fault."""
    with capsys.disabled():
        print(f"\nfaults injected: {sum(faults.INJECTED.values())} {dict(faults.INJECTED)}")
    assert set(faults.INJECTED) >= {"killed", "at once", "clock back"}
