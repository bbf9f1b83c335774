"""The bare limit of PostgreSQL: the same two results from the raw tables by one hand-written script (by_hand.sql)."""

import time
from datetime import date
from pathlib import Path

from psycopg import Connection

HERE = Path(__file__).parent


def script(as_of: date) -> str:
    """by_hand.sql of one day."""
    return (HERE / "by_hand.sql").read_text(encoding="utf-8").replace(":as_of", f"date '{as_of}'")


def run(connection: Connection, as_of: date) -> float:
    """Make by_hand.grades and by_hand.scorecards anew; returns the seconds of the script. Commits."""
    connection.execute((HERE / "by_hand_postgres.sql").read_text(encoding="utf-8"))
    connection.commit()
    started = time.perf_counter()
    connection.execute(script(as_of))
    connection.commit()
    return time.perf_counter() - started
