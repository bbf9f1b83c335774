"""Whether the contenders say the same as the pipeline: every grade, every point, compared in the server itself."""

from pathlib import Path

from psycopg import Connection, sql

RESULTS = {
    "grades": (
        "subject_id text, track text, score numeric(7, 2), grade text",
        "select subject_id, track, score, grade from grading.subject_grades",
    ),
    # Rules about datasets that nobody gives have no points; two of them (44, marks) have none for nothing sent.
    "scorecards": (
        "region_code text, assessment_year integer, rule_id text, points numeric",
        """select region_code, assessment_year, rule_id, points from assessment.rule_results
           where points is not null and rule_id not in ('44(1)', '44(2)')""",
    ),
}
"""By result: the columns of the contenders' table, and the pipeline's own rows."""


class NotEqualError(RuntimeError):
    """A contender gives another result than the pipeline; the message names the first few rows."""


def read_results(connection: Connection, schema: str, stem: Path) -> None:
    """Results that a process left as `<stem>.grades.csv` and `<stem>.scorecards.csv`, into tables of `schema`."""
    names = {"schema": sql.Identifier(schema)}
    connection.execute(sql.SQL("drop schema if exists {schema} cascade").format(**names))
    connection.execute(sql.SQL("create schema {schema}").format(**names))
    for result, (columns, _) in RESULTS.items():
        names["table"] = sql.Identifier(schema, result)
        connection.execute(sql.SQL("create table {table} (" + columns + ")").format(**names))
        copy = sql.SQL("copy {table} from stdin with (format csv, header)").format(**names)
        with stem.with_suffix(f".{result}.csv").open("rb") as file, connection.cursor().copy(copy) as target:
            while block := file.read(1 << 20):
                target.write(block)


def require_equal(connection: Connection, schema: str, other: str | None = None) -> dict[str, int]:
    """How many rows of each result were compared, the tables of `schema` against the last build, or another schema's.

    Raises:
        NotEqualError: they are not the same, or the other has none.
    """
    compared = {}
    for result, (_, pipeline) in RESULTS.items():
        theirs = f"select * from {schema}.{result}"  # noqa: S608
        right = f"select * from {other}.{result}" if other else pipeline  # noqa: S608
        only_theirs = connection.execute(f"({theirs}) except all ({right}) limit 3").fetchall()
        only_right = connection.execute(f"({right}) except all ({theirs}) limit 3").fetchall()
        row = connection.execute(f"select count(*) from ({right}) as r").fetchone()  # noqa: S608
        compared[result] = row[0] if row else 0
        if only_theirs or only_right or not compared[result]:
            name = other or "the pipeline"
            raise NotEqualError(
                f"{schema}.{result}: of {compared[result]:,} rows of {name} not the same: "
                f"only {schema} {only_theirs}, only {name} {only_right}."
            )
    return compared


def require_totals(connection: Connection) -> None:
    """That the scorecards' totals are the sums of the points that are compared.

    Raises:
        NotEqualError: one is not.
    """
    wrong = connection.execute(
        f"""select region_code, total_points, sum(points) from assessment.scorecards
            left join ({RESULTS["scorecards"][1]}) as p using (region_code, assessment_year)
            group by 1, 2 having total_points <> coalesce(sum(points), 0)"""  # noqa: S608
    ).fetchall()
    if wrong:
        raise NotEqualError(f"Totals that are not the sum of the points: {wrong}.")
