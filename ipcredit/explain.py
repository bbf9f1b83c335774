"""Explains a subject on the day of the current release or on another: from a release kept of that day, else judged apart."""

from datetime import date

from ipcredit.build import judged_apart
from ipcredit.database import connect
from ipcredit.outputs import OutputError
from ipcredit.outputs import explain as outputs

PREFIX = "explained_"


def explain(subject_id: str, as_of: date | None = None, *, supervisor: bool = False) -> str:
    """Why a subject is graded and listed as it is, in Chinese; by default on the day of the current release.

    Args:
        as_of: another day. If no release is kept of it, the facts of the last build are judged for it, in schemas of
            their own that are gone afterwards; that takes about half a minute.
        supervisor: with what readers may not know.

    Raises:
        OutputError: nothing is published yet, or the subject was not judged on that day.
        BuildError: no policy covers that day.
    """
    with connect() as connection:
        judged = outputs.of_release(connection, as_of)
        if judged is not None:
            return outputs.explain(connection, subject_id, judged, supervisor=supervisor)
        row = connection.execute("select known_at from publication.releases where is_current").fetchone()
    if row is None or as_of is None:
        raise OutputError("还没有任何发布，无从说明。")
    with judged_apart(PREFIX, as_of, row[0]), connect() as connection:
        apart = outputs.of_schemas(PREFIX, as_of, row[0], f"{as_of}（没有保留该日的发布，按现有数据另行评判）")
        return outputs.explain(connection, subject_id, apart, supervisor=supervisor)
