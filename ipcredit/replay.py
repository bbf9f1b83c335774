"""A warehouse made again from the archive alone: what was received is taken in once more, as at the time."""

import io
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from psycopg import Connection

from ipcredit.database import connect
from ipcredit.intake import Outcome, archive, loader, take_in
from ipcredit.intake.scan import drop_folder, scan
from ipcredit.intake.units import submitting_units

_KEY = ("dataset", "period", "sheet", "mode")
"""What a confirmation names its submission by, beside unit and bytes."""


class ReplayError(RuntimeError):
    """Nothing more is taken in; the message says why and what to do."""


def replay() -> Iterator[tuple[str, Outcome]]:
    """Take in everything in the archive's journal, in its order and for its moments, into an empty warehouse.

    Numbers of submissions may be others than they were. What was erased since does not come back: its files are gone,
    and a confirmation of them, or of what was held against them, is skipped. The journal stays as it is.

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
    found = _without_repeated(list(archive.journal()))
    together = groupby(found, key=lambda event: (event[0], event[1]["scan"], event[1]["at"]))
    for (unit, *_), events in together:
        yield unit, [event for _, event in events]


def _without_repeated(found: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Of several confirmations of one submission the last: those before were noted, and killed before they counted."""
    kept: list[tuple[str, dict[str, Any]]] = []
    confirmed: set[tuple[str, ...]] = set()
    for unit, event in reversed(found):
        if event["kind"] == "file":
            # What was confirmed before these bytes came was another submission.
            confirmed = {key for key in confirmed if key[:2] != (unit, event["sha256"])}
        elif (key := (unit, *(event[name] for name in ("sha256", *_KEY)))) in confirmed:
            continue
        else:
            confirmed.add(key)
        kept.append((unit, event))
    return kept[::-1]


def _take_in_again(unit: str, files: list[dict[str, Any]]) -> list[Outcome]:
    written: list[Path] = []
    for file in files:
        clear = io.BytesIO()
        try:
            archive.read(file["sha256"], clear)
        except FileNotFoundError:
            continue  # Erased since, when its term had ended.
        path = drop_folder(unit) / file["name"]
        path.write_bytes(clear.getvalue())
        os.utime(path, (0, 0))  # Nobody is still writing it.
        written.append(path)
    try:
        return take_in(unit, datetime.fromisoformat(files[0]["at"]), replayed={path.name for path in written})
    except BaseException:
        for path in written:  # In clear, and the next scan would take it in as of now.
            path.unlink(missing_ok=True)
        raise


def _confirm_again(connection: Connection, unit: str, event: dict[str, Any]) -> Outcome:
    named = {"unit": unit, **{name: event[name] for name in ("sha256", *_KEY)}}
    row = connection.execute(
        """select max(submission_id) filter (where state = 'held'), max(submission_id) filter (where state = 'loaded')
           from intake.submissions
           where bureau_code = %(unit)s and dataset = %(dataset)s and period = %(period)s
               and sha256 = %(sha256)s and sheet_name = %(sheet)s and mode = %(mode)s""",
        named,
    ).fetchone()
    held, loaded = row or (None, None)
    dataset, at = event["dataset"], event["at"]
    if held is not None:
        by, reason = event["by"], event["reason"]
        return loader.confirm(connection, held, by, reason, datetime.fromisoformat(at), is_replay=True)
    if loaded is not None:  # What it was held against has been erased since.
        skipped = "in force already"
    elif not archive.archive_path(event["sha256"]).exists():
        skipped = "erased"
    else:
        raise ReplayError(f"No submission of {unit} waits for the confirmation of {at} ({dataset}).")
    return Outcome("", event["sheet"], f"confirmation skipped ({skipped})", loaded, dataset, event["period"])
