"""Loads one submission in one transaction, ledger row included: a kill at any point leaves all of it or nothing."""

import gc
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter
from psycopg.types.json import Jsonb

from ipcredit.contracts import Contract
from ipcredit.database import refuse_future
from ipcredit.intake import archive, readers
from ipcredit.intake.layout import Batch, Layout, Tally, data_batch, data_batches
from ipcredit.intake.merged import filled
from ipcredit.intake.personal import (
    MASK,
    PERSONAL_HEADER,
    is_id_number,
    is_registration_no,
    keyed_hash,
    mask,
    mask_id_numbers,
    mask_numbers,
    may_hold_number,
    names_legal_person,
    names_organisation,
)
from ipcredit.intake.plain import CODE_TYPES, plain_converter
from ipcredit.intake.rules import FileRefused
from ipcredit.intake.scan import Claim

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

MASKED_TYPES = frozenset({"text", "long_text", "date", "year", "boolean", "code", "division"})
"""Of columns that no identity card or mobile number belongs in; an amount or an identifier may look like one."""


class ConfirmError(ValueError):
    """This submission cannot be confirmed; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of one sheet, or of a file as a whole (`sheet_name` empty).

    `state` is that of the ledger, or `unchanged` (these bytes are in force already), or `waiting` (still being
    written; no ledger row). `submission_id` is the ledger row that stands for it.
    """

    file_name: str
    sheet_name: str
    state: str
    submission_id: int | None = None
    dataset: str | None = None
    period: str | None = None
    rows_received: int = 0
    refusal_code: str | None = None
    detail: str = ""


def load(
    connection: psycopg.Connection, unit: str, claim: Claim, received_at: datetime, rules: dict[str, float]
) -> Outcome:
    """Load what `claim` describes and write its ledger row, in one transaction.

    Raises:
        FileRefused: nothing was written; the caller records the refusal.
    """
    contract, period = claim.contract, claim.period
    assert contract and period  # noqa: S101 - a claim without refusal has both
    with connection.transaction():
        lock_key(connection, unit, contract.dataset, period)
        in_force = connection.execute(
            """select submission_id, sha256, sheet_name, mode, state from intake.submissions
               where bureau_code = %s and dataset = %s and period = %s
                 and valid_from is not null and valid_to is null""",
            (unit, contract.dataset, period),
        ).fetchall()
        same = _same_bytes(connection, unit, claim, in_force)
        if same:
            return Outcome(claim.file_name, claim.sheet.name, "unchanged", same, contract.dataset, period)
        row = connection.execute(
            "select nextval(pg_get_serial_sequence('intake.submissions', 'submission_id'))"
        ).fetchone()
        submission_id: int = row[0] if row else 0
        state = {"rows": "loaded", "nil_return": "nil_return", "withdrawal": "withdrawal"}[claim.action]
        tally = _load_rows(connection, contract, claim, submission_id)
        notes = claim.notes | _notes(claim, tally)
        replaced = [s[0] for s in in_force if claim.mode == "full" or s[4] in ("nil_return", "withdrawal")]
        if state == "loaded" and claim.mode == "full" and replaced:
            before, removed = _removal(connection, contract, replaced, submission_id)
            if removed > rules["removal_share"] * before:
                state = "held"
                notes["removal"] = {"before": before, "removed": removed, "limit": rules["removal_share"]}
        valid_from = None if state == "held" else _moment(connection, unit, contract.dataset, period, received_at)
        if valid_from:
            _supersede(connection, replaced, valid_from)
        _write_ledger(connection, unit, claim, received_at, {
            "submission_id": submission_id, "state": state, "valid_from": valid_from, "file_notes": Jsonb(notes),
            "supersedes": replaced if valid_from else [], "rows_received": tally.received,
        })  # fmt: skip
    return Outcome(claim.file_name, claim.sheet.name, state, submission_id, contract.dataset, period, tally.received)


def lock_key(connection: psycopg.Connection, unit: str, dataset: str, period: str) -> None:
    """Hold the key until the transaction ends: what is in force for it is decided by one process at a time."""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"ipcredit:key:{unit}/{dataset}/{period}",)
    )


def _same_bytes(connection: psycopg.Connection, unit: str, claim: Claim, in_force: list[tuple[Any, ...]]) -> int | None:
    """The submission in force, or waiting for confirmation, that these very bytes already are."""
    states = {"rows": ("loaded",), "nil_return": ("nil_return",), "withdrawal": ("withdrawal",)}[claim.action]
    for submission_id, sha256, sheet_name, mode, state in in_force:
        if (sha256, sheet_name, mode) == (claim.archived.sha256, claim.sheet.name, claim.mode) and state in states:
            return int(submission_id)
    held = connection.execute(
        """select submission_id from intake.submissions as held
           where bureau_code = %(unit)s and dataset = %(dataset)s and period = %(period)s and state = 'held'
             and sha256 = %(sha256)s and sheet_name = %(sheet)s and mode = %(mode)s
             and not exists (select from intake.submissions as later
                             where later.bureau_code = held.bureau_code and later.dataset = held.dataset
                               and later.period = held.period and later.submission_id > held.submission_id
                               and later.state <> 'refused')""",
        {"unit": unit, "dataset": claim.contract.dataset if claim.contract else None, "period": claim.period,
         "sha256": claim.archived.sha256, "sheet": claim.sheet.name, "mode": claim.mode},
    ).fetchone()  # fmt: skip
    return int(held[0]) if held and claim.action == "rows" else None


def _load_rows(connection: psycopg.Connection, contract: Contract, claim: Claim, submission_id: int) -> Tally:
    """COPY the rows into the raw table and say what became of each row of the sheet."""
    tally = Tally()
    if not claim.layout:
        return tally
    if claim.action != "rows":
        for _ in data_batches(readers.row_batches(claim.sheet), claim.layout, tally):
            pass
        if claim.action == "nil_return" and tally.received:
            raise FileRefused("nil_with_rows", f"表中有 {tally.received} 行数据")
        # A withdrawal brings no rows, whatever the sheet still holds.
        tally.left_empty = claim.action == "withdrawal" and not tally.received
        tally.received = 0
        return tally
    names, prefix = _target(claim.layout, submission_id)
    statement = sql.SQL("copy {} ({}) from stdin with (format text, null '')").format(
        sql.Identifier("raw", contract.dataset), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    cursor = connection.cursor()
    # Sent by a thread of its own: rows are made ready while the server works, at most 128 MB ahead of it.
    writer = QueuedLibpqWriter(cursor)
    with cursor.copy(statement, writer=writer) as copy, _without_garbage_collection():
        for block in _blocks(contract, claim.sheet, claim.layout, prefix, len(names), tally):
            copy.write(block)
    if not tally.received:
        raise FileRefused("empty_sheet_not_certified")
    return tally


def _blocks(contract: Contract, sheet: readers.SheetText, layout: Layout, prefix: str, fields: int,
            tally: Tally) -> Iterator[bytes]:  # fmt: skip
    """The data rows as blocks of COPY text: plain lines by the short cut, all others cell by cell."""
    convert = _converter(contract, layout, prefix, fields, tally)
    convert_plain = plain_converter(layout, sheet.delimiter, prefix)
    first = 1
    for lines in filled(readers.line_batches(sheet), sheet, layout, tally):
        text = readers.text_of(lines).encode()
        holds_numbers = may_hold_number(text)
        block = None if holds_numbers or first <= layout.row else convert_plain(lines, text, first)
        if block is None:
            batch = data_batch(first, readers.split(lines, sheet.delimiter), layout, tally)
            block = convert(batch, holds_numbers)
        else:
            tally.received += len(lines)
        # The writer would take an empty block for the end.
        if block:
            yield block
        first += len(lines)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Rows are lists by the million and no circles among them: looking for some costs a fifth of the loading time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _target(layout: Layout, submission_id: int) -> tuple[list[str], str]:
    """Columns to copy into, and the beginning that all lines share."""
    units = [(f"{column.name}_unit", unit or "yuan") for _, column, unit in layout.known if column.type == "amount"]
    names = ["submission_id", *(name for name, _ in units), "unknown_columns", "row_number",
             *(c.name for _, c, _ in layout.known)]  # fmt: skip
    return names, "\t".join([str(submission_id), *(unit for _, unit in units)])


def _converter(contract: Contract, layout: Layout, prefix: str, fields: int,
               tally: Tally) -> Callable[[Batch, bool], bytes]:  # fmt: skip
    """A function from a batch of rows to a block of COPY text. If there may be some, it masks stray numbers.

    Cells are joined as they are; only a block in which some cell holds a character that COPY would take for its own
    (tab, line break, backslash) is written again field by field.
    """
    # A header may hold what no header should.
    layout = replace(layout, unknown=tuple((at, mask(name)) for at, name in layout.unknown))
    positions = [at for at, _, _ in layout.known]
    in_order = positions == list(range(layout.width))
    pick = itemgetter(*positions)  # a header has two columns at least, so this gives a tuple
    protect = _protector(contract, layout, tally)

    texts = [(at, column.name) for at, column, _ in layout.known if column.type in MASKED_TYPES]

    def convert(batch: Batch, holds_numbers: bool) -> bytes:
        if holds_numbers:
            _mask_numbers(batch, texts, tally)
        protect(batch, holds_numbers)
        tab = "\t".join
        rows: Sequence[Sequence[str]] = batch.rows if in_order else list(map(pick, batch.rows))
        unknown = [""] * len(rows)
        if layout.unknown or batch.beyond:
            unknown = [
                _unknown(layout, row, batch.beyond.get(n, {}), tally)
                for n, row in zip(batch.numbers, batch.rows, strict=True)
            ]
        lines = zip(batch.numbers, rows, unknown, strict=True)
        block = "".join([f"{prefix}\t{rest}\t{number}\t{tab(row)}\n" for number, row, rest in lines])
        count = len(rows)
        if "\\" in block or "\r" in block or block.count("\n") != count or block.count("\t") != count * (fields - 1):
            lines = zip(batch.numbers, rows, unknown, strict=True)
            block = "".join(
                tab([prefix, rest.translate(_ESCAPES), str(number), *(cell.translate(_ESCAPES) for cell in row)]) + "\n"
                for number, row, rest in lines
            )
        if "\0" in block:
            raise FileRefused("bad_encoding", "含有空字符（NUL）")
        return block.encode()

    return convert


def _protector(contract: Contract, layout: Layout, tally: Tally) -> Callable[[Batch, bool], None]:
    """A function that replaces personal values in the rows of a batch, in place.

    The code in a row is the subject's: it clears the subject's name and that of no other party. In the place of a code
    a natural person's number becomes its hash; beside something else it is masked, for nobody is named by the cell.
    """
    at_of = {column.name: at for at, column, _ in layout.known}
    always = [(at, column.type) for at, column, _ in layout.known if column.personal == "always"]
    subject = contract.subject
    names = {column.name: at for at, column, _ in layout.known if column.personal == "unless_organisation"}
    subject_at = names.pop(subject.name, None) if subject else None
    others = list(names.values())
    codes = [(at, column.name) for at, column, _ in layout.known if column.type in CODE_TYPES]
    key_at = at_of.get(subject.key or "") if subject else None
    registration_at = at_of.get(subject.registration_no or "") if subject else None

    def protect(batch: Batch, holds_numbers: bool) -> None:
        rows = batch.rows
        for at, kind in always:
            for row in rows:
                if row[at]:
                    row[at] = keyed_hash(kind, row[at])
        if subject_at is not None:
            for row in rows:
                if key_at is not None and names_legal_person(row[key_at]):
                    continue
                if registration_at is not None and is_registration_no(row[registration_at]):
                    continue
                if not names_organisation(row[subject_at]):
                    row[subject_at] = keyed_hash("person_name", row[subject_at])
        for at in others:
            for row in rows:
                if not names_organisation(row[at]):
                    row[at] = keyed_hash("person_name", row[at])
        for at, name in codes:
            # Codes of companies begin with 9, identity numbers never do: one comparison for almost every row.
            odd = [n for n, row in enumerate(rows) if row[at][:1] not in "9" or (holds_numbers and len(row[at]) > 18)]
            for n in odd:
                cell = rows[n][at]
                if is_id_number(cell):
                    rows[n][at] = keyed_hash("id_number", cell)
                elif (masked := mask_id_numbers(cell)) != cell:
                    rows[n][at] = masked
                    tally.mask(batch.numbers[n], name)

    return protect


def _mask_numbers(batch: Batch, texts: list[tuple[int, str]], tally: Tally) -> None:
    """Take identity card and mobile numbers out of what cannot be one, in place; identifiers are left as they are."""
    for number, row in zip(batch.numbers, batch.rows, strict=True):
        for at, name in texts:
            if (masked := mask_numbers(row[at])) != row[at]:
                row[at] = masked
                tally.mask(number, name)


def _unknown(layout: Layout, row: list[str], beyond: dict[str, str], tally: Tally) -> str:
    """Cells of unknown columns as JSON, without personal data; empty if there are none."""
    given = {name: row[at] for at, name in layout.unknown if row[at]} | beyond
    cells = {name: MASK if PERSONAL_HEADER.search(name) else mask(cell) for name, cell in given.items()}
    tally.unknown_masked_count += sum(cell != given[name] for name, cell in cells.items())
    return json.dumps(cells, ensure_ascii=False) if cells else ""


def _notes(claim: Claim, tally: Tally) -> dict[str, Any]:
    """File-level findings for the ledger and the receipt."""
    notes: dict[str, Any] = {
        "unknown_columns": [mask(name)[:100] for _, name in claim.layout.unknown] if claim.layout else [],
        "set_aside": [{"row": number, "text": text} for number, text in tally.set_aside],
        "set_aside_count": tally.set_aside_count,
        "masked": [{"row": number, "column": column} for number, column in tally.masked],
        "masked_count": tally.masked_count,
        "unknown_masked_count": tally.unknown_masked_count,
        "about_people_count": tally.about_people_count,
        "left_empty": tally.left_empty,
        "merged": [{"first": first, "last": last, "column": column} for first, last, column in tally.merged],
        "merged_count": tally.merged_count,
        "example_rows": tally.examples[:100],
        "empty_rows": tally.empty,
    }
    return {key: value for key, value in notes.items() if value}


def _removal(
    connection: psycopg.Connection, contract: Contract, replaced: list[int], submission_id: int
) -> tuple[int, int]:
    """How many natural keys are in force, and how many of them the new rows no longer have. Keys are compared as
    written, without white space and width: the rows are not judged yet."""
    key = sql.SQL(" || '|' || ").join(
        sql.SQL("upper(regexp_replace(normalize(coalesce({}, ''), NFKC), '\\s', '', 'g'))").format(sql.Identifier(name))
        for name in contract.natural_key
    )
    row = connection.execute(
        sql.SQL("""with before as (select distinct {key} as k from {table} where submission_id = any(%(replaced)s)),
                        after as (select distinct {key} as k from {table} where submission_id = %(new)s)
                   select count(*), count(*) filter (where after.k is null)
                   from before left join after using (k)""").format(
            key=key, table=sql.Identifier("raw", contract.dataset)
        ),
        {"replaced": replaced, "new": submission_id},
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _moment(connection: psycopg.Connection, unit: str, dataset: str, period: str, at: datetime) -> datetime:
    """From when the submission counts: when it was received, but after all that counted for its key before.

    Order of intake is order of effect; a moment already told about is never rewritten.
    """
    row = connection.execute(
        """select max(greatest(valid_from, valid_to)) from intake.submissions
           where bureau_code = %s and dataset = %s and period = %s""",
        (unit, dataset, period),
    ).fetchone()
    last: datetime | None = row[0] if row else None
    return at if last is None or last < at else last + timedelta(microseconds=1)


def _supersede(connection: psycopg.Connection, replaced: list[int], moment: datetime) -> None:
    connection.execute("update intake.submissions set valid_to = %s where submission_id = any(%s)", (moment, replaced))


def _write_ledger(connection: psycopg.Connection, unit: str, claim: Claim, received_at: datetime,
                  rest: dict[str, Any]) -> None:  # fmt: skip
    values = {
        "bureau_code": unit,
        "dataset": claim.contract.dataset if claim.contract else None,
        "period": claim.period,
        "mode": claim.mode,
        "file_name": claim.file_name,
        "sheet_name": claim.sheet.name,
        "sha256": claim.archived.sha256,
        "file_bytes": claim.archived.size,
        "received_at": received_at,
    } | rest
    connection.execute(
        sql.SQL("insert into intake.submissions ({}) overriding system value values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
        ),
        values,
    )


def refuse(
    connection: psycopg.Connection, unit: str, file_name: str, refused: FileRefused, received_at: datetime, *,
    sha256: str, size: int, sheet_name: str = "", dataset: str | None = None, period: str | None = None,
    notes: dict[str, Any] | None = None,
) -> Outcome:  # fmt: skip
    """Record a refusal; the same refusal of the same bytes under the same name is recorded once."""
    file_notes = (notes or {}) | ({"detail": mask(refused.detail)} if refused.detail else {})
    values = (unit, dataset, period, file_name, sheet_name, sha256, size, received_at, refused.code, Jsonb(file_notes))
    with connection.transaction():
        row = (
            connection.execute(
                """insert into intake.submissions (bureau_code, dataset, period, state, file_name, sheet_name, sha256,
                 file_bytes, received_at, refusal_code, file_notes)
               values (%s, %s, %s, 'refused', %s, %s, %s, %s, %s, %s, %s)
               on conflict (bureau_code, file_name, sheet_name, sha256, refusal_code) where state = 'refused'
               do nothing returning submission_id""",
                values,
            ).fetchone()
            or connection.execute(
                """select submission_id from intake.submissions where bureau_code = %s and file_name = %s
               and sheet_name = %s and sha256 = %s and refusal_code = %s and state = 'refused'""",
                (unit, file_name, sheet_name, sha256, refused.code),
            ).fetchone()
        )
    return Outcome(
        file_name, sheet_name, "refused", row[0] if row else None, dataset, period, 0, refused.code, refused.detail
    )


def confirm(
    connection: psycopg.Connection, submission_id: int, by: str, reason: str, at: datetime, *, is_replay: bool = False
) -> Outcome:
    """Put a held submission in force, for a named post and a reason.

    Args:
        is_replay: the archive's journal tells of it already.

    Raises:
        ConfirmError: it is not held, something newer of its key has come, or nobody or nothing is named.
        MomentError: `at` has not come yet, and this is no replay.
    """
    if not by.strip() or not reason.strip():
        raise ConfirmError("A confirmation needs a post (--by) and a reason (--reason).")
    if len(reason.strip()) < 2:
        raise ConfirmError("The reason (--reason) is too short: give two characters at least.")
    if not is_replay:
        refuse_future(connection, at)
    with connection.transaction():
        row = connection.execute(
            """select bureau_code, dataset, period, file_name, sheet_name, rows_received, received_at, sha256, mode
               from intake.submissions where submission_id = %s""",
            (submission_id,),
        ).fetchone()
        if not row:
            raise ConfirmError(f"There is no submission {submission_id}.")
        unit, dataset, period, file_name, sheet_name, rows_received, received_at, sha256, mode = row
        if at < received_at:
            raise ConfirmError("A confirmation cannot come before the submission was received.")
        if dataset and period:
            lock_key(connection, unit, dataset, period)
        others = connection.execute(
            """select submission_id, state, valid_from is not null and valid_to is null as in_force
               from intake.submissions
               where bureau_code = %s and dataset = %s and period = %s and state <> 'refused'""",
            (unit, dataset, period),
        ).fetchall()
        if submission_id not in [s for s, state, _ in others if state == "held"]:
            raise ConfirmError(f"Submission {submission_id} does not wait for confirmation.")
        if newer := [s for s, _, _ in others if s > submission_id]:
            raise ConfirmError(f"Submission {max(newer)} of the same key came later; confirm or resubmit that one.")
        replaced = [s for s, _, is_in_force in others if is_in_force]
        moment = _moment(connection, unit, dataset, period, at)
        _supersede(connection, replaced, moment)
        connection.execute(
            """update intake.submissions
               set state = 'loaded', valid_from = %s, supersedes = %s, confirmed_by = %s, confirmed_reason = %s,
                   receipt_path = null
               where submission_id = %s""",
            (moment, replaced, by.strip(), reason.strip(), submission_id),
        )
        if not is_replay:
            archive.note(
                unit,
                {
                    "kind": "confirmation", "scan": secrets.token_hex(8), "at": at.isoformat(),
                    "by": by.strip(), "reason": reason.strip(),
                    "dataset": dataset, "period": period, "sha256": sha256, "sheet": sheet_name, "mode": mode,
                },
            )  # fmt: skip
    connection.commit()
    return Outcome(file_name, sheet_name, "loaded", submission_id, dataset, period, rows_received)
