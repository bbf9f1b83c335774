"""What is in force now, in one small mark, so that a run can tell whether anything has changed."""

from typing import Any

from ipcredit.database import connect


def in_force() -> dict[str, Any]:
    """Submissions in force: how many, their rows, the ledger's last moment, and a fingerprint of which they are.

    Returns:
        `submissions`, `rows`, `known_at` (ISO 8601; None on an empty ledger), `fingerprint` (None: none in force).
    """
    with connect() as connection:
        row = connection.execute(
            """select count(*), coalesce(sum(rows_received), 0),
                      md5(string_agg(submission_id::text, ',' order by submission_id)),
                      (select max(greatest(received_at, valid_from, valid_to)) from intake.submissions)
               from intake.submissions where valid_from is not null and valid_to is null"""
        ).fetchone()
    submissions, rows, fingerprint, known_at = row or (0, 0, None, None)
    return {
        "submissions": submissions,
        "rows": rows,
        "fingerprint": fingerprint,
        "known_at": known_at.isoformat() if known_at else None,
    }
