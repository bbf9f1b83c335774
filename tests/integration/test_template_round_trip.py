"""A template filled and dropped is taken in as it was meant: the example row is no data, and nothing is unknown."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from conftest import Warehouse

from ipcredit.contracts import Column, load_contracts
from ipcredit.intake import take_in
from ipcredit.intake.templates import datasets_of, file_name, write_template
from ipcredit.settings import TIME_ZONE

PERIODS = {"annual": "2022", "quarterly": "2022Q3", "monthly": "2022-11", "as_needed": "2022"}
DATA_ROW = 8
RECEIVED_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
LEDGER = "select dataset, period, mode, state, rows_received, file_notes from intake.submissions"


def fill(warehouse: Warehouse, unit: str, dataset: str, cells: dict[str, Any], *, with_row: bool = True) -> Path:
    """A template in the unit's drop folder, its first data row filled like the example row, and `cells` set."""
    contract = load_contracts()[dataset]
    period = PERIODS[contract.update_cycle]
    path = write_template(unit, dataset, period, warehouse.home / "drop" / unit / file_name(dataset, period))
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[contract.title]
    if with_row:
        for index, column in enumerate(contract.columns, 2):
            sheet.cell(DATA_ROW, index).value = value_of(column)
    for cell, value in cells.items():
        sheet[cell] = value
    workbook.save(path)
    # Written long ago, so that intake need not wait whether somebody is still writing.
    os.utime(path, (0, 0))
    return path


def value_of(column: Column) -> Any:
    if column.example and column.type == "date":
        return datetime.fromisoformat(column.example)
    if column.example and column.type == "number":
        return float(column.example)
    return 3 if column.type == "integer" else column.example


def test_every_filled_template_is_loaded_with_its_one_row(warehouse: Warehouse) -> None:
    for unit in ("210600", "210000", "LN-IPO", "LN-SDB"):
        for dataset in datasets_of(unit):
            fill(warehouse, unit, dataset, {})
        take_in(unit, RECEIVED_AT)
    with warehouse.connect() as connection:
        ledger = connection.execute(LEDGER).fetchall()
        taken = {row[0]: (row[1], row[2], row[3], row[4]) for row in ledger}
        assert taken == {c.dataset: (PERIODS[c.update_cycle], c.mode, "loaded", 1) for c in load_contracts().values()}
        assert not [row for row in ledger if "unknown_columns" in row[5] and row[5]["unknown_columns"]]
        # The head of a form tells of nobody.
        assert not [row for row in ledger if "about_people_count" in row[5]]
        row = connection.execute(
            """select row_number, uscc, honour_type, honour_year, awarded_on, document_no, unknown_columns
               from raw.honours"""
        ).fetchone()
        assert row is not None
        assert (row[0], row[1], row[2]) == (DATA_ROW, "91210600MA0XXXXXXX", "国家知识产权优势企业")
        assert (str(row[4])[:10], row[5], row[6] or {}) == ("2022-03-01", "辽知发〔2022〕9号", {})
        fine = connection.execute("select fine_amount, fine_amount_unit, party_name from raw.penalties").fetchone()
        assert fine == ("20000", "yuan", "丹东示例商贸有限公司")
        assert connection.execute("select head_name like 'hmac:%%' from raw.agencies").fetchone() == (True,)


def test_an_untouched_template_is_refused_and_a_certified_nil_return_taken(warehouse: Warehouse) -> None:
    fill(warehouse, "210700", "honours", {}, with_row=False)
    (refused,) = take_in("210700", RECEIVED_AT)
    assert (refused.state, refused.refusal_code) == ("refused", "empty_sheet_not_certified")
    fill(warehouse, "210700", "honours", {"D4": "是"}, with_row=False)
    (nil,) = take_in("210700", RECEIVED_AT + timedelta(minutes=1))
    assert nil.state == "nil_return"
    fill(warehouse, "210700", "honours", {"F4": "撤回"}, with_row=False)
    (withdrawn,) = take_in("210700", RECEIVED_AT + timedelta(minutes=2))
    assert withdrawn.state == "withdrawal"
