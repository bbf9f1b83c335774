"""Whatever is dropped ends in a receipt or a refusal: no exception comes out of intake, and nothing stops the others.

Broken bytes, broken workbooks, odd cells under good headers, odd names. The long run (thousands) is `full`.
"""

import logging
import os
import random
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import corpus
import faults
import openpyxl
import pytest
from conftest import Warehouse

from ipcredit.contracts import load_contracts
from ipcredit.database import connect
from ipcredit.intake import loader, take_in
from ipcredit.settings import TIME_ZONE

UNIT = "210600"
AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
ID_NUMBERS = ("21060319900307123X", "210603199003071230", "210603900307123")
PHONES = ("13912345678", "15987654321")
# An identity number of 15 digits cannot be told from a former registration number outside the columns for either.
PERSONAL = re.compile("|".join((*ID_NUMBERS[:2], ID_NUMBERS[0].lower(), *PHONES)))
ENDS = {"loaded", "held", "nil_return", "withdrawal", "refused"}
NASTY = (
    "", " ", "=1+1", "+CMD|'/C calc'!A0", "@x", '"', "\t", "a\nb", "\\N", "\\.", "\0", "\ud7ff", "\ufeff", "\u202e",
    "NaN", "infinity", "today", "J2459640", "-0", "1e308", "9.12106E+17", "2022-13-45", "2022年2月30日", "0",
    "#N/A", "'); drop table raw.honours; --", "{{ 1 }}", "%s", "{0}", "x" * 40_000, "本期无数据", "撤回", "合计",
    *ID_NUMBERS, *PHONES, f"联系人{PHONES[0]}（{ID_NUMBERS[0]}）",
)  # fmt: skip


def odd_table(rng: random.Random, dataset: str) -> list[list[str]]:
    """A table of this dataset whose cells may hold anything; now and then columns, rows and header are broken, too."""
    contract = load_contracts()[dataset]
    headers = [c.header for c in contract.columns if c.required or rng.random() < 0.7]
    if rng.random() < 0.2:
        rng.shuffle(headers)
    if rng.random() < 0.2:
        headers.insert(rng.randrange(len(headers) + 1), rng.choice([*NASTY, "备注2", headers[0], "联系电话"]))
    if rng.random() < 0.1:
        headers.pop(rng.randrange(len(headers)))
    examples = {c.header: c.example or "" for c in contract.columns}
    rows = [
        [rng.choice(NASTY) if rng.random() < 0.3 else examples.get(header, "x") for header in headers]
        for _ in range(rng.choice((0, 1, 1, 3, 8)))
    ]
    if rows and rng.random() < 0.2:
        rows[-1] = rows[-1][: rng.randrange(len(rows[-1]))] + ["多出"] * rng.choice((0, 40))
    above = [[rng.choice(NASTY[:8] + NASTY[-8:]), "x"] for _ in range(rng.choice((0, 0, 1, 3)))]
    if rng.random() < 0.3:
        above.append([rng.choice(["数据集", "报送期间", "报送方式", "操作", "报送单位"]), rng.choice(NASTY)])
    return [*above, headers, *rows]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search(r'[",\r\n]', cell) else cell


def as_csv(rng: random.Random, table: list[list[str]]) -> bytes:
    encoding = rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    end = rng.choice(("\r\n", "\n", "\r"))
    return "".join(",".join(map(quoted, row)) + end for row in table).encode(encoding, "replace")


def as_xlsx(table: list[list[str]]) -> bytes:
    def clean(cell: str) -> str:
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell)
        return text.replace("&", "&amp;").replace("<", "&lt;")[:32767]

    return corpus.zipped(corpus.xlsx_parts(corpus.sheet_xml([[clean(c) for c in row[:26]] for row in table])))


def mutated(rng: random.Random, content: bytes) -> bytes:
    """Some bytes changed, cut out, doubled, or put in: as a bad line or a bad disk leaves them."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 30))):
        if not data:
            break
        at = rng.randrange(len(data))
        match rng.randrange(5):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.choice((1, 16, 4096))]
            case 2:
                data[at:at] = data[at : at + rng.choice((1, 64, 1024))]
            case 3:
                data[at:at] = rng.randbytes(rng.choice((1, 8, 600)))
            case 4:
                del data[at:]
    return bytes(data)


BROKEN = [case for case in corpus.CORPUS if "bomb" not in case.name and case.name != "far_cell"]


def odd_file(rng: random.Random) -> tuple[str, bytes]:
    """A file name and its bytes."""
    dataset = rng.choice([d for d, c in load_contracts().items() if c.submitters == "bureau"])
    periods = {"annual": "2022", "quarterly": "2022Q3", "monthly": "2022-11"}
    cycle = periods.get(load_contracts()[dataset].update_cycle, "2022")
    name = f"{dataset}_{cycle}{rng.choice(('', '', '', '_增量', '_本期无数据', '_撤回'))}"
    kind = rng.randrange(8)
    if kind < 3:
        return f"{name}.csv", as_csv(rng, odd_table(rng, dataset))
    if kind < 5:
        return f"{name}.xlsx", as_xlsx(odd_table(rng, dataset))
    if kind == 5:
        return f"{name}.csv", mutated(rng, as_csv(rng, odd_table(rng, dataset)))
    if kind == 6:
        base = rng.choice((corpus.good_xlsx(), corpus.good_xls(), as_xlsx(odd_table(rng, dataset))))
        return f"{name}.{rng.choice(('xlsx', 'xls'))}", mutated(rng, base)
    case = rng.choice(BROKEN)
    return case.file_name, mutated(rng, case.content())


def tried(home: Path, seed: int, files: int, at: datetime) -> Counter[str]:
    """Drop so many odd files at once and take them in; every one must come out with an end and a readable receipt."""
    rng = random.Random(seed)
    folder = home / "drop" / UNIT
    folder.mkdir(parents=True, exist_ok=True)
    names = set()
    for number in range(files):
        name, content = odd_file(rng)
        stem, dot, extension = name.rpartition(".")
        # Mostly keys of their own, so that few are refused as rivals.
        name = f"{stem}{'' if stem not in names else f' ({number})'}{dot}{extension}"
        names.add(stem)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (0, 0))
    outcomes = take_in(UNIT, at)
    assert {path.name for path in folder.iterdir()} == {"回执"}, seed
    assert {o.state for o in outcomes} <= ENDS | {"unchanged"} and len(outcomes) >= files, seed
    assert faults.lost_or_doubled() == [], seed
    with connect() as connection:
        found = connection.execute(
            "select state, refusal_code, receipt_path, file_notes::text, file_name from intake.submissions"
        ).fetchall()
        for state, code, path, notes, file_name in found:
            assert not PERSONAL.search(notes + file_name), (seed, file_name)
            # A failure of ours would be told as one.
            assert "内部错误" not in notes, (seed, file_name, code, notes)
            if state != "loaded" and state != "held":
                assert path, (seed, file_name)
        for dataset, contract in load_contracts().items():
            names = [c.name for c in contract.columns if c.type in loader.MASKED_TYPES or c.is_personal]
            columns = ", ".join(["unknown_columns", *names])
            rows = connection.execute(f"select row({columns})::text from raw.{dataset}").fetchall()
            assert not PERSONAL.search(" ".join(row for (row,) in rows)), (seed, dataset)
    return Counter(o.refusal_code or o.state for o in outcomes)


def receipts_hold_no_personal_data(home: Path) -> int:
    """How many receipts were read."""
    paths = list((home / "drop" / UNIT / "回执").glob("*.xlsx"))
    for path in paths:
        for sheet in openpyxl.load_workbook(path, read_only=True):
            for row in sheet.iter_rows(values_only=True):
                text = " ".join(str(cell) for cell in row if cell is not None)
                assert not PERSONAL.search(text), path.name
                assert "Traceback" not in text, path.name
    return len(paths)


@pytest.fixture
def clean(warehouse: Warehouse) -> Path:
    from test_faults import empty

    empty(warehouse.home)
    return warehouse.home


def test_a_hundred_odd_files_end_in_receipts_and_refusals(clean: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ends = tried(clean, 2022, 60, AT) + tried(clean, 2023, 60, AT + timedelta(hours=1))
    assert ends["loaded"] > 5 and len(ends) > 6, ends
    assert receipts_hold_no_personal_data(clean) > 50
    assert not PERSONAL.search(caplog.text)
    print(f"\ninputs tried: {ends.total()}, {dict(ends)}")


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_thousands_of_odd_files(clean: Path, caplog: pytest.LogCaptureFixture) -> None:
    from test_faults import empty

    caplog.set_level(logging.DEBUG)
    ends: Counter[str] = Counter()
    for seed in range(int(os.environ.get("IPCREDIT_TEST_FUZZ", "40"))):
        ends += tried(clean, 10_000 + seed, 80, AT + timedelta(hours=seed))
        receipts_hold_no_personal_data(clean)
        assert not PERSONAL.search(caplog.text)
        caplog.clear()
        empty(clean)
    print(f"\ninputs tried: {ends.total()}, {dict(ends)}")
    assert ends.total() > 0
