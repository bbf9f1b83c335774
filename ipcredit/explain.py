"""Explains a subject on the day of the current release or on another: from a release kept, else judged apart."""

from datetime import date, datetime, time

from psycopg import Connection

from ipcredit.build import BuildError, judged_apart
from ipcredit.database import connect
from ipcredit.outputs import explain as outputs
from ipcredit.settings import TIME_ZONE

PREFIX = "explain_"


def explain(subject_id: str, as_of: date | None = None, *, supervisor: bool = False) -> str:
    """Why a subject is graded and listed as it is, in Chinese; by default on the day of the current release.

    Args:
        as_of: another day. When no release of it is kept, that day is judged apart, on the facts of the last build and
            the policies recorded by then; this takes as long as judging everybody, and changes nothing.
        supervisor: with what readers may not know.

    Raises:
        OutputError: nothing is published yet, or the subject was not judged on that day.
        BuildError: that day cannot be judged: nothing was built yet, or no policy covers it.
    """
    with connect() as connection:
        judged = outputs.of_release(connection, as_of)
        if judged is not None or as_of is None:
            assert judged is not None  # noqa: S101 - without a day it is the current release
            return outputs.explain(connection, subject_id, judged, supervisor=supervisor)
        known_at = _known_at(connection)
    title = f"没有保留该日的发布，按最近一次生成的数据另行评判，规则录入截至 {known_at:%Y-%m-%d}"
    with judged_apart(PREFIX, as_of, known_at), connect() as connection:
        judged = outputs.of_schemas(PREFIX, as_of, known_at, title)
        return outputs.explain(connection, subject_id, judged, supervisor=supervisor)


def _known_at(connection: Connection) -> datetime:
    """The end of the day by which the last build knew its policies."""
    built = connection.execute("select to_regclass('grading.judged_state') is not null").fetchone()
    state = connection.execute("select known_day from grading.judged_state").fetchone() if built == (True,) else None
    if state is None:
        raise BuildError("No build of grading has come to its end: that day cannot be judged.")
    return datetime.combine(state[0], time(23, 59), TIME_ZONE)
