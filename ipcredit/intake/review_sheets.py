"""Sheets of the sampled review: the rows drawn for a quarter, to be compared with the papers by the unit itself.

A sheet is the form of the dataset `review_verdicts` with everything filled in but the verdicts, and lies in the unit's
sub-folder 回执. Once filled, it is dropped as it is.
"""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from ipcredit.contracts import Contract, load_contracts
from ipcredit.database import connect
from ipcredit.intake.personal import mask
from ipcredit.intake.receipts import shown
from ipcredit.intake.scan import RECEIPTS, drop_folder, unit_of
from ipcredit.intake.templates import datasets_of, hand_out
from ipcredit.settings import TIME_ZONE
from ipcredit.sheets import neutral

DATASET = "review_verdicts"


def write_review_sheets(review_period: str) -> list[Path]:
    """Write the sheet of every unit of which rows were drawn for this quarter, as the last build drew them.

    A sheet that lies there stays as it is; with rows drawn since, of what was reported late, there is another, of all.

    A unit that sends no verdicts, such as the source of the serious list, gets none: it could not send it back.

    Args:
        review_period: a quarter, such as 2022Q3; drawn are the reporting periods that end in it.

    Returns:
        The files, one for each unit.
    """
    with connect() as connection:
        drawn = (
            connection.cursor(row_factory=dict_row)
            .execute(
                "select * from catalogue.review_samples where review_period = %s order by bureau_code, sample_no",
                (review_period,),
            )
            .fetchall()
        )
        by_unit: dict[str, list[dict[str, str]]] = {}
        for sample in drawn:
            by_unit.setdefault(sample["bureau_code"], []).append(_row(connection, sample))
        drawn_at = {unit: max(s["drawn_at"] for s in drawn if s["bureau_code"] == unit) for unit in by_unit}
    year, quarter = review_period[:4], review_period[-1]
    sheets = []
    for unit, rows in by_unit.items():
        if DATASET not in datasets_of(unit):
            continue
        # Not of the form 数据集_期间: the period of the verdicts is the year, as the form says. What was drawn stays
        # drawn, so that as many rows are the same rows.
        name = f"抽查核对_{unit_of(unit).name}（{year}年第{quarter}季度，{len(rows)} 行）.xlsx"
        path, day = drop_folder(unit) / RECEIPTS / name, drawn_at[unit].astimezone(TIME_ZONE)
        sheets.append(hand_out(unit, DATASET, year, path, rows, day))
    return sheets


def _row(connection: psycopg.Connection, sample: dict[str, Any]) -> dict[str, str]:
    contract = load_contracts()[sample["dataset"]]
    given = (
        connection.cursor(row_factory=dict_row)
        .execute(
            sql.SQL("select * from {} where submission_id = %s and row_number = %s").format(
                sql.Identifier("raw", contract.dataset)
            ),
            (sample["submission_id"], sample["row_number"]),
        )
        .fetchone()
    )
    assert given is not None  # noqa: S101 - what was drawn had been loaded
    return {
        "sample_no": sample["sample_no"],
        "reviewed_dataset": contract.title,
        "reviewed_period": sample["period"],
        "reviewed_submission": str(sample["submission_id"]),
        "reviewed_row": str(sample["row_number"]),
        "record_key": _told(contract, given, contract.natural_key),
        "given_values": _told(contract, given, tuple(column.name for column in contract.columns)),
    }


def _told(contract: Contract, given: dict[str, Any], names: tuple[str, ...]) -> str:
    """Columns with what the unit wrote in them, nothing personal, nothing a spreadsheet would run."""
    columns = [contract.column(name) for name in names if given[name]]
    return neutral(mask("；".join(f"{column.header}：{shown(given[column.name], column)}" for column in columns)))
