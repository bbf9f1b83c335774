"""Writes the rows that wait for their subject as a sheet of decisions: filled in and dropped, it comes back as data."""

from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from ipcredit.contracts import load_contracts
from ipcredit.database import connect
from ipcredit.intake.templates import write_template
from ipcredit.intake.units import submitting_units
from ipcredit.sheets import neutral

DATASET = "identity_decisions"
_METHODS = {"registration_no": "注册号", "name": "名称"}


class QueueError(RuntimeError):
    """There is no queue to write; the message says why."""


def write_queue(path: Path, period: str | None = None) -> int:
    """Write the queue of the last build in the layout of identity_decisions, the oldest rows first.

    `period` is the year the decisions are reported for; None leaves it to be filled in.

    Returns:
        How many rows wait; the sheet has one line for each.

    Raises:
        QueueError: nothing was built yet.
    """
    contract = load_contracts()[DATASET]
    office = next(unit.code for unit in submitting_units() if unit.role == contract.submitters)
    waiting = _waiting()
    write_template(office, DATASET, period, path, [_line(row) for row in waiting])
    return len(waiting)


def _waiting() -> list[dict[str, Any]]:
    with connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        built = cursor.execute("select to_regclass('catalogue.identity_matches') is not null as is_built").fetchone()
        if not built or not built["is_built"]:
            raise QueueError("Nothing has been matched yet: build a candidate first (ipcredit build).")
        return cursor.execute(
            """select m.record_id, m.dataset, m.document_no, m.subject_name, m.claimed_registration_no, m.matched_id,
                   m.candidates, o.name as bureau
               from catalogue.identity_matches as m
               left join reference.organisations as o on m.bureau_code = o.organisation_code
               where m.state in ('proposed', 'ambiguous', 'unmatched')
               order by m.since, m.bureau_code, m.submission_id, m.row_number"""
        ).fetchall()


def _line(row: dict[str, Any]) -> dict[str, str]:
    """Cells by column; what is to be decided is left open, save the code where there is one candidate alone."""
    cells = {
        "record_id": row["record_id"],
        "record_dataset": load_contracts()[row["dataset"]].title,
        "record_bureau": row["bureau"],
        "record_document_no": row["document_no"],
        "party_name": row["subject_name"],
        "party_registration_no": row["claimed_registration_no"],
        "candidates": "；".join(
            f"{found['subject_id']} {found['known_as'] or ''}（{'、'.join(_METHODS[m] for m in found['by'])}相同）"
            for found in row["candidates"] or []
        ),
        "decided_uscc": row["matched_id"],
    }
    return {name: neutral(text) for name, text in cells.items() if text}
