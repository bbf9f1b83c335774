"""A warehouse made again from the archive alone: what was received is taken in once more, as at the time."""

import io
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from psycopg import Connection

from ipcredit.database import connect
from ipcredit.intake import Outcome, archive, loader, take_in
from ipcredit.intake.scan import drop_folder, scan
from ipcredit.intake.units import submitting_units


class ReplayError(RuntimeError):
    """Nothing more is taken in; the message says why and what to do."""


def replay() -> Iterator[tuple[str, Outcome]]:
    """Take in everything in the archive's journal, in its order and for its moments, into an empty warehouse.

    Numbers of submissions may be others than they were. What was erased since does not come back: its files are gone.

    Yields:
        Unit and outcome, one per sheet, as `take_in` gives them, and per confirmation.

    Raises:
        ReplayError: the warehouse holds submissions, or something lies in a drop folder and would be taken in too.
    """
    with connect() as connection:
        if connection.execute("select 1 from intake.submissions limit 1").fetchone():
            raise ReplayError("This warehouse holds submissions already: replay into a new one.")
    for submitter in submitting_units():
        if lying := scan(submitter.code):
            raise ReplayError(f"{lying[0].name} lies in the drop folder of {submitter.code}: put it aside first.")
    for unit, events in _scans():
        if events[0]["kind"] == "file":
            yield from ((unit, outcome) for outcome in _take_in_again(unit, events))
        else:
            with connect() as connection:
                yield unit, _confirm_again(connection, unit, events[0])


def _scans() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Unit and events; files that were taken in by one scan stay together, for they may be rivals of one key.

    Of one scan, too, are those that a killed run had recorded, with its moment, and the next one noted.
    """
    together = groupby(archive.journal(), key=lambda found: (found[0], found[1]["scan"], found[1]["at"]))
    for (unit, *_), events in together:
        yield unit, [event for _, event in events]


def _take_in_again(unit: str, files: list[dict[str, Any]]) -> list[Outcome]:
    for file in files:
        clear = io.BytesIO()
        try:
            archive.read(file["sha256"], clear)
        except FileNotFoundError:
            continue  # Erased since, when its term had ended.
        path = drop_folder(unit) / file["name"]
        path.write_bytes(clear.getvalue())
        os.utime(path, (0, 0))  # Nobody is still writing it.
    return take_in(unit, datetime.fromisoformat(files[0]["at"]))


def _confirm_again(connection: Connection, unit: str, event: dict[str, Any]) -> Outcome:
    row = connection.execute(
        """select max(submission_id) from intake.submissions
           where state = 'held' and bureau_code = %s and dataset = %s and period = %s
               and sha256 = %s and sheet_name = %s and mode = %s""",
        (unit, *(event[name] for name in ("dataset", "period", "sha256", "sheet", "mode"))),
    ).fetchone()
    if not row or row[0] is None:
        raise ReplayError(f"No submission of {unit} waits for the confirmation of {event['at']} ({event['dataset']}).")
    return loader.confirm(connection, row[0], event["by"], event["reason"], datetime.fromisoformat(event["at"]))
