"""The bare limit of PostgreSQL: the same two results from the raw tables by one hand-written script (by_hand.sql)."""

from datetime import date
from pathlib import Path

from psycopg import Connection

HERE = Path(__file__).parent


def script_of(name: str) -> str:
    """One of the SQL files beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def script(as_of: date) -> str:
    """by_hand.sql of one day."""
    return script_of("by_hand.sql").replace(":as_of", f"date '{as_of}'")


def prepare(connection: Connection) -> None:
    """An empty schema by_hand, with the functions. Commits."""
    connection.execute(script_of("by_hand_postgres.sql"))
    connection.commit()


def run(connection: Connection, as_of: date) -> None:
    """Make by_hand.grades and by_hand.scorecards in the empty schema. Commits."""
    connection.execute("set local search_path = by_hand")
    connection.execute(script(as_of))
    connection.commit()
