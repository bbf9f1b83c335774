"""Without the right key for natural persons nothing is taken in, and the command line says so in one line."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from conftest import PERSON_KEY, Warehouse
from typer.testing import CliRunner

from ipcredit.cli import app
from ipcredit.intake import personal, take_in
from ipcredit.settings import TIME_ZONE, get_settings

AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
UNIT = "210600"
PENALTIES = """行政处罚决定书文号,行政相对人名称,工商注册号,证件号码,违法行为类型,处罚类别,处罚决定日期,处罚机关
丹市监处罚〔2022〕1号,王五,210600000000101,,假冒专利,罚款,2022-08-15,丹东市市场监督管理局
丹市监处罚〔2022〕2号,王五,,210602198001011234,假冒专利,罚款,2022-08-15,丹东市市场监督管理局
丹市监处罚〔2022〕3号,振兴区老王五金店,,,假冒专利,罚款,2022-08-15,丹东市市场监督管理局
丹市监处罚〔2022〕4号,振兴区老王五金店（经营者：王五）,,,假冒专利,罚款,2022-08-15,丹东市市场监督管理局
"""


@pytest.fixture
def dropped(warehouse: Warehouse) -> Iterator[Path]:
    """A file in the drop folder of a warehouse that nothing was taken into."""
    path = warehouse.home / "drop" / UNIT / "penalties_2022Q3.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PENALTIES, encoding="utf-8")
    os.utime(path, (0, 0))
    with warehouse.connect() as c:
        c.execute("truncate intake.submissions, intake.person_key")
    yield path
    path.unlink(missing_ok=True)


def use(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    if key is None:
        monkeypatch.delenv("IPCREDIT_PERSON_KEY", raising=False)
    else:
        monkeypatch.setenv("IPCREDIT_PERSON_KEY", key)
    get_settings.cache_clear()
    personal._key.cache_clear()


@pytest.mark.parametrize(
    ("key", "what"),
    [(None, "is not set"), ("too short", "shorter than 16"), ("another key than before", "is not the one")],
)
def test_nothing_is_touched_without_the_right_key(
    key: str | None, what: str, dropped: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.connect() as c:
        personal.require_key(c)
    use(monkeypatch, key)
    with pytest.raises(personal.PersonKeyError, match=what):
        take_in(UNIT, AT)
    told = CliRunner().invoke(app, ["intake", "run", "--unit", UNIT])
    assert told.exit_code == 1
    assert len(told.stderr.strip().splitlines()) == 1 and what in told.stderr
    assert dropped.exists()
    assert not [path for path in (warehouse.home / "archive").rglob("*") if path.is_file()]
    with warehouse.connect() as c:
        assert c.execute("select count(*) from intake.submissions").fetchone() == (0,)
        recorded = c.execute("select fingerprint from intake.person_key").fetchall()
    use(monkeypatch, PERSON_KEY)
    with warehouse.connect() as c:
        personal.require_key(c)
        assert c.execute("select fingerprint from intake.person_key").fetchall() == recorded


def test_the_key_itself_is_not_in_the_database(warehouse: Warehouse) -> None:
    with warehouse.connect() as c:
        personal.require_key(c)
        kept = c.execute("select person_key::text from intake.person_key").fetchone()
    assert kept and PERSON_KEY not in kept[0]


def test_names_of_firms_stay_in_clear_and_of_people_do_not(dropped: Path, warehouse: Warehouse) -> None:
    (taken,) = take_in(UNIT, AT)
    assert taken.state == "loaded", taken
    with warehouse.connect() as c:
        names = [name for (name,) in c.execute("select party_name from raw.penalties order by row_number").fetchall()]
    person = personal.keyed_hash("person_name", "王五")
    owner = personal.keyed_hash("person_name", "振兴区老王五金店（经营者：王五）")
    # a former registration number stands beside the first
    assert names == ["王五", person, "振兴区老王五金店", owner]
