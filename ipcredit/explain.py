"""Explains a subject on the day of the current release or on another: from a release kept of that day."""

from datetime import date

from ipcredit.database import connect
from ipcredit.outputs import OutputError
from ipcredit.outputs import explain as outputs


def explain(subject_id: str, as_of: date | None = None, *, supervisor: bool = False) -> str:
    """Why a subject is graded and listed as it is, in Chinese; by default on the day of the current release.

    Args:
        as_of: another day.
        supervisor: with what readers may not know.

    Raises:
        OutputError: nothing is published yet, no release is kept of that day, or the subject was not judged on it.
    """
    with connect() as connection:
        judged = outputs.of_release(connection, as_of)
        if judged is None:
            raise OutputError(f"没有保留 {as_of} 的发布；保留的见 ipcredit release list。")
        return outputs.explain(connection, subject_id, judged, supervisor=supervisor)
