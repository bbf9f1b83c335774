"""Receipts of every dataset: whatever its subject, if any, and its columns' types, each finding is in words."""

from pathlib import Path

import openpyxl
import pytest
from helpers import good_row, submit

from ipcredit.build import judge
from ipcredit.contracts import Contract, load_contracts
from ipcredit.intake.receipts import write_receipts
from ipcredit.intake.units import submitting_units

ANYTHING_GOES = {"text", "long_text", "person_name"}


@pytest.fixture(scope="module")
def receipts(warehouse) -> dict[str, Path]:
    """Of each dataset one submission: row 1 is good, row 2 is empty, row 3 holds nonsense wherever a type can tell."""
    numbers = {}
    with warehouse.connect() as connection:
        for dataset, contract in load_contracts().items():
            nonsense = good_row(dataset, 3) | dict.fromkeys(typed(contract), "？？")
            empty = dict.fromkeys(column.name for column in contract.columns)
            numbers[submit(connection, dataset, [good_row(dataset, 1), empty, nonsense])] = dataset
    judge()
    written = [path for unit in submitting_units() for path in write_receipts(unit.code)]
    return {numbers[int(path.stem.split("_")[-2])]: path for path in written}


def typed(contract: Contract) -> list[str]:
    """Columns in which not everything can stand; what is hashed while loading is no text of the bureau any more."""
    return [c.name for c in contract.columns if c.type not in ANYTHING_GOES and c.personal != "always"]


@pytest.mark.parametrize("dataset", load_contracts())
def test_each_finding_is_told_in_words_under_its_header(receipts, dataset):
    contract = load_contracts()[dataset]
    book = openpyxl.load_workbook(receipts[dataset], read_only=True)
    summary = {row[0]: row[1] for row in book["摘要"].iter_rows(values_only=True)}
    assert summary["数据集"] == contract.title
    found: dict[str, set[str]] = {}
    for row, label, _, problem, expectation, remedy, severity, dimension in book["问题明细"].iter_rows(
        min_row=2, values_only=True
    ):
        assert problem and expectation and remedy and severity in ("阻断", "提醒") and dimension, (row, label)
        assert "{" not in expectation
        found.setdefault(row, set()).add(label)
    assert "1" not in found, found["1"]
    required = {c.header for c in contract.columns if c.required}
    assert required <= found["2"]
    assert {contract.column(name).header for name in typed(contract)} <= found["3"]
