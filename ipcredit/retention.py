"""Erases personal data past its term, and records the erasure.

When a row's term ends is said by the model `retention_terms`; here it is carried out. In the raw tables a keyed hash
gives way to a stand-in that tells the matter from others and nothing else; the submission is judged anew without it. A
file in the archive goes when the terms of all that was read from it have ended, or, where nothing was read or recorded,
the longest there is. A credit report's use goes when the term that was its on the day of the use has ended.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from psycopg import Connection, sql

from ipcredit.build import dbt_environment, judge, run_dbt
from ipcredit.database import advisory_lock, connect
from ipcredit.intake import archive
from ipcredit.intake.archive import archive_path, remove
from ipcredit.settings import TIME_ZONE

# What the archive still holds of people: the files in which personal data was seen, and the last day each may be kept.
# Nothing is known of a sheet that was refused, or that withdraws and was not seen to be empty: it may hold some. Where
# there are no rows, the longest time there is counts, from the receipt on.
_FILES = """
    with concerned as (
        select s.submission_id, s.sha256 from intake.submissions as s
        where s.state = 'refused' or (s.state = 'withdrawal' and not s.file_notes ? 'left_empty')
            or s.file_notes ?| array['masked_count', 'unknown_masked_count', 'about_people_count']
            or exists (select from pg_temp.terms as t where t.submission_id = s.submission_id and t.holds_personal_data)
            or exists (select from intake.erasures as e where e.submission_id = s.submission_id)
    )
    select s.sha256, min(s.file_name), max(coalesce(t.term_ends_on, case when c.submission_id is not null then
        ((s.received_at at time zone 'Asia/Shanghai')::date + make_interval(years => longest.years))::date end))
    from intake.submissions as s
    left join pg_temp.terms as t on s.submission_id = t.submission_id
    left join concerned as c on s.submission_id = c.submission_id
    cross join (select max(v.retention_years) as years from catalogue.catalogue_item_versions as v) as longest
    where s.sha256 in (select c.sha256 from concerned as c)
    group by s.sha256
    order by 3, 1"""

# Files of which no submission is known, and which have been there for longer than the longest term: as of today, too,
# so that none goes that is being taken in, whatever day is asked for.
_UNRECORDED = """
    with stored as (
        select f.sha256,
            ((f.since at time zone 'Asia/Shanghai')::date + make_interval(years => longest.years))::date as until
        from unnest(%s::text[], %s::timestamptz[]) as f (sha256, since)
        cross join (select max(v.retention_years) as years from catalogue.catalogue_item_versions as v) as longest
    )
    select f.sha256, f.until from stored as f
    where f.until < least(%s, current_date)
        and not exists (select from intake.submissions as s where s.sha256 = f.sha256)
    order by 2, 1"""


@dataclass(frozen=True)
class HeldFile:
    """A file in the archive that holds, or has held, personal data, and the last day on which it may be kept."""

    sha256: str
    file_name: str
    until: date


@dataclass(frozen=True)
class Retention:
    """What was erased, or would be: rows by dataset, archived files, those that stay for now, uses of reports."""

    rows: dict[str, int]
    files_erased: list[HeldFile]
    files_kept: list[HeldFile]
    report_uses: int


def erase_expired(as_of: date, *, dry_run: bool = False) -> Retention:
    """Erase the personal data whose term ended before `as_of`, by the catalogue in force and recorded then.

    Every submission is one transaction; what an interruption leaves is done by the next call. Doing it twice changes
    nothing.
    """
    judge()  # a row has a term once it has been judged
    end_of_day = datetime.combine(as_of, time(23, 59, 59), TIME_ZONE)
    with connect() as connection, advisory_lock(connection, "build"):
        run_dbt(
            "run", "--select", "contract_items", "catalogue_item_versions", "retention_terms",
            environment=dbt_environment(as_of=as_of, known_at=end_of_day),
        )  # fmt: skip
        _find_due(connection, as_of)
        due = connection.execute(
            "select d.dataset, d.submission_id, count(*) from pg_temp.due as d group by 1, 2 order by 1, 2"
        ).fetchall()
        connection.commit()
        for dataset, submission_id, _ in [] if dry_run else due:
            with connection.transaction():
                _erase(connection, dataset, submission_id, as_of)
        files = [HeldFile(*row) for row in connection.execute(_FILES) if archive_path(row[0]).exists()]
        expired = [file for file in files if file.until < as_of] + _unrecorded(connection, as_of)
        for file in [] if dry_run else expired:
            # Recorded first: after a crash between the two the next call finds the file and removes it.
            connection.execute(
                """insert into intake.erased_files (sha256, term_ended_on, as_of) values (%s, %s, %s)
                   on conflict (sha256, as_of) do nothing""",
                (file.sha256, file.until, as_of),
            )
            connection.commit()
            remove(file.sha256)
        uses = _erase_uses(connection, as_of, dry_run=dry_run)
    if due and not dry_run:
        judge()
    rows: dict[str, int] = {}
    for dataset, _, count in due:
        rows[dataset] = rows.get(dataset, 0) + count
    return Retention(rows, expired, [file for file in files if file.until >= as_of], uses)


def _unrecorded(connection: Connection, as_of: date) -> list[HeldFile]:
    """Files past any term that a killed run archived and nobody recorded: what they hold nobody knows.

    What the journal names was recorded, perhaps by a database that was lost since, and stays to make another one.
    """
    stored = archive.stored()
    found = connection.execute(_UNRECORDED, ([s for s, _ in stored], [since for _, since in stored], as_of)).fetchall()
    noted = {event["sha256"] for _, event in archive.journal()} if found else set()
    return [HeldFile(sha256, "never recorded", until) for sha256, until in found if sha256 not in noted]


def _erase_uses(connection: Connection, as_of: date, *, dry_run: bool) -> int:
    """How many uses of credit reports are erased; none whose term lasts today, whatever day is asked for."""
    if dry_run:
        row = connection.execute(
            "select count(*) from reports.uses where kept_until < least(%s, current_date)", (as_of,)
        ).fetchone()
        return int(row[0]) if row else 0
    erased = connection.execute("delete from reports.uses where kept_until < least(%s, current_date)", (as_of,))
    connection.commit()
    return erased.rowcount


def _find_due(connection: Connection, as_of: date) -> None:
    """The rows to erase and the terms of all submissions, kept aside: erasing takes away what they are read from."""
    connection.execute(
        """create temporary table terms on commit preserve rows as
           select t.submission_id, max(t.term_ends_on) as term_ends_on,
               bool_or(t.personal_columns <> '{}') as holds_personal_data
           from catalogue.retention_terms as t group by t.submission_id"""
    )
    connection.execute("create temporary table due (like catalogue.retention_terms) on commit preserve rows")
    connection.execute(
        """insert into pg_temp.due
           select t.* from catalogue.retention_terms as t where t.term_ends_on < %s and t.personal_columns <> '{}'""",
        (as_of,),
    )


def _erase(connection: Connection, dataset: str, submission_id: int, as_of: date) -> None:
    """Replace the hashes in one submission's due rows, record it, and have the submission judged anew."""
    connection.execute(
        """insert into intake.erasures
               (submission_id, row_number, dataset, columns, term_ended_on, retention_years, retention_basis, as_of)
           select d.submission_id, d.row_number, d.dataset, d.personal_columns, d.term_ends_on, d.retention_years,
               d.retention_basis, %(as_of)s
           from pg_temp.due as d where d.submission_id = %(id)s
           on conflict (submission_id, row_number) do nothing""",
        {"as_of": as_of, "id": submission_id},
    )
    columns = connection.execute(
        """select distinct c.name from pg_temp.due as d cross join unnest(d.personal_columns) as c (name)
           where d.submission_id = %s""",
        (submission_id,),
    ).fetchall()
    replaced = [
        sql.SQL("{name} = case when {text} = any(d.personal_columns) then d.stand_in else r.{name} end").format(
            name=sql.Identifier(name), text=sql.Literal(name)
        )
        for (name,) in columns
    ]
    connection.execute(
        sql.SQL(
            """update {raw} as r set {replaced} from pg_temp.due as d
               where r.submission_id = {id} and d.submission_id = r.submission_id and d.row_number = r.row_number"""
        ).format(
            raw=sql.Identifier("raw", dataset),
            replaced=sql.SQL(", ").join(replaced),
            id=sql.Literal(submission_id),
        )
    )
    connection.execute(
        sql.SQL("delete from {} where submission_id = %s").format(sql.Identifier("staging", f"stg_{dataset}")),
        (submission_id,),
    )
    connection.execute(
        "update intake.submissions set content_version = content_version + 1 where submission_id = %s",
        (submission_id,),
    )
