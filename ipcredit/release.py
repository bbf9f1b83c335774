"""Publication: a candidate becomes a release that readers see whole, at once, and that can be rolled back.

`release_store.<table>` is partitioned by release; a release's tables stand in a schema of their own as its partitions.
The views in `publication` show the release that the one-row pointer names.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from psycopg import Connection, errors, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ipcredit import grade_history, roles
from ipcredit.database import advisory_lock, connect
from ipcredit.settings import DBT_PROJECT, get_settings

log = logging.getLogger(__name__)
LOCK_TIMEOUT = "4s"
"""How long a publication waits for readers before it lets them pass and tries again."""
ATTEMPTS = 8
DERIVED_VIEWS = Path(__file__).with_name("derived_views")
PROVINCE_WIDE = frozenset(
    {
        "catalogue_items", "catalogue_item_versions", "catalogue_fields", "event_types",
        "behaviours", "measures", "override_rules", "repair_rules", "assessment_rules",
        "policy_documents", "pilot_tasks",
    }
)  # fmt: skip
"""Published tables without rows of any division: every analyst sees all of them."""

_NAMES_ONLY = "(^release|submission)_id$"
"""Columns that only name rows, by name: a warehouse made again numbers releases and submissions anew."""


class ReleaseError(RuntimeError):
    """Nothing has changed for readers; the message says why and what to do."""


@dataclass(frozen=True)
class Release:
    """One line of the release ledger that readers can be shown."""

    release_id: str
    as_of: date
    known_at: datetime
    state: str
    published_at: datetime | None
    is_current: bool
    pinned_by: str | None
    pinned_reason: str | None


def published_tables() -> list[str]:
    """Names of the tables that make up a release: one per model in models/publication."""
    return sorted(
        f.stem.removeprefix("published_") for f in (DBT_PROJECT / "models" / "publication").glob("published_*.sql")
    )


def publish(release_id: str, by: str = "ipcredit", make_current: bool | None = None) -> bool:
    """Publish the gated candidate; nothing to do if it is published already.

    First its tables become partitions, which nobody reads yet; then, in one transaction, the pointer moves. A call that
    was cut off in between goes on where that ended.

    Args:
        make_current: whether readers are shown it from now on; default: unless it judges an earlier day than the
            current release. One that is not made current is kept like any other, read by its id, and can be pinned;
            asked for later, it becomes current without being published again.

    Returns:
        Whether it is the current release now.

    Raises:
        ReleaseError: no passed gate, a candidate of another release, or a change that its readers could not bear.
    """
    with connect() as connection, advisory_lock(connection, "build"):
        if _is_current(connection, release_id):
            return True  # Tried again by somebody who was not told of the success.
        if make_current and _is_published(connection, release_id):
            _point_to(connection, release_id, "publish", by, None)
            connection.commit()
            return True
        if make_current is None:
            make_current = not _judges_an_earlier_day(connection, release_id)
        if not make_current and _is_published(connection, release_id):
            return False  # Likewise.
        if not roles.roles_exist(connection):
            connection.commit()
            roles.grant()
        _require_passed_gate(connection, release_id)
        if not _is_attached(connection, release_id):
            tables = _candidate_tables(connection, release_id)

            def attach() -> None:
                connection.execute(sql.SQL("create schema {}").format(_release_schema(release_id)))
                for table in tables:
                    _attach(connection, release_id, table)
                _create_derived_views(connection)
                roles.grant_views(connection)

            _without_holding_up_readers(connection, attach)
        _let_planned_statements_begin(connection)
        row_counts = _row_counts(connection, release_id)
        _note_grade_changes(connection, release_id)

        def move() -> None:
            connection.execute(
                """update release_store.releases set state = 'published', published_at = now(), row_counts = %s
                   where release_id = %s""",
                (Jsonb(row_counts), release_id),
            )
            connection.execute(
                """insert into quality.ranking_history (release_id, as_of, period, bureau_code, division_code, state,
                       place, score, missing, policy_id, policy_version, policy_status)
                   select release_id, as_of, period, bureau_code, division_code, state, place, score, missing,
                       policy_id, policy_version, policy_status
                   from release_store.quality_ranking where release_id = %s""",
                (release_id,),
            )
            if make_current:
                _point_to(connection, release_id, "publish", by, None)

        _without_holding_up_readers(connection, move)
    return make_current


def rollback(release_id: str, by: str, reason: str) -> None:
    """Make an earlier published release the current one again.

    Raises:
        ReleaseError: the release is not there any more, or never was published.
    """
    with connect() as connection, advisory_lock(connection, "build"):
        _require_published(connection, release_id)
        _point_to(connection, release_id, "rollback", by, reason)
        connection.commit()


def pin(release_id: str, by: str, reason: str) -> None:
    """Keep a published release whatever `retain` is told."""
    with connect() as connection:
        _require_published(connection, release_id)
        # The condition again: it may have been dropped since.
        pinned = connection.execute(
            """update release_store.releases set pinned_by = %s, pinned_reason = %s
               where release_id = %s and state = 'published'""",
            (by, reason, release_id),
        ).rowcount
        if not pinned:
            raise ReleaseError(f"{release_id} 已被清除，不能固定。")


def list_releases() -> list[Release]:
    """All releases and candidates, the newest first."""
    with connect() as connection, connection.cursor(row_factory=class_row(Release)) as cursor:
        return cursor.execute(
            """select r.release_id, r.as_of, r.known_at, r.state, r.published_at, r.pinned_by, r.pinned_reason,
                   r.release_id is not distinct from c.release_id as is_current
               from release_store.releases as r cross join release_store.current_release as c
               order by r.built_at desc, r.release_id desc"""
        ).fetchall()


def digest(release_id: str) -> str:
    """A SHA-256 over all rows of a published release, whatever their order: two releases with the same say the same.

    Left out is what only names rows: the release's own id and the numbers of submissions, which a warehouse made again
    from the archive gives anew. Nothing keeps a digest: two are compared that one version of this program has made.

    Raises:
        ReleaseError: the release is not there any more, or never was published.
    """
    whole = hashlib.sha256()
    with connect() as connection:
        _require_published(connection, release_id)
        for table in published_tables():
            columns = connection.execute(
                """select a.attname from pg_attribute as a
                   where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped and a.attname !~ %s
                   order by a.attname""",
                (f"release_store.{table}", _NAMES_ONLY),
            ).fetchall()
            row = connection.execute(
                # By the first byte of the hash: no value may have more than 1 GB, the hashes of 33 million rows.
                sql.SQL(
                    """select sum(b.hashes)::bigint, encode(sha256(string_agg(b.hash, '' order by b.byte)), 'hex')
                       from (select get_byte(r.hash, 0) as byte, count(*) as hashes,
                                 sha256(string_agg(r.hash, '' order by r.hash)) as hash
                             from (select sha256(convert_to(row({columns})::text, 'UTF8')) as hash from {table}
                                   where release_id = %s) as r
                             group by 1) as b"""
                ).format(
                    columns=sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns),
                    table=sql.Identifier("release_store", table),
                ),
                (release_id,),
            ).fetchone()
            whole.update(f"{table} {row}\n".encode())
    return whole.hexdigest()


def retain(keep: int) -> list[str]:
    """Drop all published releases but the newest `keep`, the current and the pinned ones.

    A release is no longer offered before its first table goes: nobody can roll back to one half dropped. Readers are
    never held up: one who still reads makes the dropping wait for the next call, which also finishes what an
    interruption left half done. What was made of a dropped release outside the database goes with it.

    Returns:
        Ids of the releases dropped now.
    """
    dropped = []
    with connect(autocommit=True) as connection, advisory_lock(connection, "build"):
        connection.execute(sql.SQL("set lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
        connection.execute(
            """update release_store.releases as r set state = 'dropped'
               from (
                   select p.release_id, row_number() over (order by p.published_at desc) as age
                   from release_store.releases as p where p.state = 'published'
               ) as p, release_store.current_release as c
               where r.release_id = p.release_id and p.age > %s and r.pinned_by is null
                   and r.release_id <> c.release_id""",
            (keep,),
        )
        remaining = connection.execute(
            """select r.release_id from release_store.releases as r
               where r.state = 'dropped' and to_regnamespace('release_' || r.release_id) is not null
               order by r.published_at"""
        ).fetchall()
        for (release_id,) in remaining:
            try:
                _detach_all(connection, release_id)
            except errors.LockNotAvailable:
                break  # A table can have one detachment pending, no second one.
            connection.execute(sql.SQL("drop schema {} cascade").format(_release_schema(release_id)))
            dropped.append(release_id)
        _remove_outputs(connection)
    return dropped


def _remove_outputs(connection: Connection) -> None:
    """Remove the folders of dropped releases: pages with names would outlive the rows they tell of.

    The findings on a candidate that was refused are looked at; they go when the last release of its time has.
    """
    gone = connection.execute(
        """select r.release_id from release_store.releases as r
           where r.state = 'dropped' or (
               r.state in ('rejected', 'failed') and r.built_at < (
                   select min(p.built_at) from release_store.releases as p
                   where p.state = 'published' and p.pinned_by is null
               )
           )"""
    ).fetchall()
    for (release_id,) in gone:
        try:
            shutil.rmtree(get_settings().outputs / release_id)
        except FileNotFoundError:
            pass
        except OSError as error:  # A page is just being written, or somebody else's file: the next call tries again.
            log.warning("The outputs of %s are not removed yet: %s", release_id, error)


def _is_current(connection: Connection, release_id: str) -> bool:
    row = connection.execute("select release_id from release_store.current_release").fetchone()
    return row is not None and row[0] == release_id


def _judges_an_earlier_day(connection: Connection, release_id: str) -> bool:
    """Whether readers would go back in time: a backfill, or a look back by hand."""
    row = connection.execute(
        """select r.as_of < now.as_of
           from release_store.current_release as c
           inner join release_store.releases as now on c.release_id = now.release_id
           cross join release_store.releases as r where r.release_id = %s""",
        (release_id,),
    ).fetchone()
    return row == (True,)


def _is_published(connection: Connection, release_id: str) -> bool:
    row = connection.execute("select state from release_store.releases where release_id = %s", (release_id,)).fetchone()
    return row == ("published",)


def _require_passed_gate(connection: Connection, release_id: str) -> None:
    row = connection.execute(
        """select r.state, r.published_at is not null, v.passed from release_store.releases as r
           left join quality.gate_verdicts as v on r.release_id = v.release_id and v.is_latest
           where r.release_id = %s""",
        (release_id,),
    ).fetchone()
    if row is None:
        raise ReleaseError(f"There is no release {release_id}.")
    state, was_published, passed = row
    if state == "published":
        # Whoever rolled back must not find that undone by a task that is tried again.
        raise ReleaseError(f"{release_id} 已经发布，未作改动；要设为现行发布，请加 --current。")
    if state == "dropped" and not was_published:
        raise ReleaseError(f"{release_id} 已被后来生成的候选取代，不能发布；请从生成候选起重新运行。")
    if passed is None:
        raise ReleaseError(f"{release_id} 未经发布前检查，不能发布；请先运行 ipcredit gate run {release_id}。")
    if not passed or state != "candidate":
        raise ReleaseError(f"{release_id} 不能发布：发布前检查未通过，或已不是候选（状态 {state}）。")


def _require_published(connection: Connection, release_id: str) -> None:
    if not _is_published(connection, release_id):
        raise ReleaseError(f"{release_id} 不是可用的发布；可用的见 ipcredit release list。")


def _candidate_tables(connection: Connection, release_id: str) -> list[str]:
    """The published tables in `candidate`, each proven by its CHECK to be of this release."""
    found = connection.execute(
        """select t.relname from pg_constraint as c inner join pg_class as t on c.conrelid = t.oid
           where t.relnamespace = to_regnamespace('candidate') and c.contype = 'c'
               and position(%s in pg_get_constraintdef(c.oid)) > 0""",
        (f"release_id = '{release_id}'::text",),
    ).fetchall()
    expected = published_tables()
    missing = set(expected) - {name for (name,) in found}
    if missing:
        raise ReleaseError(
            f"Not tables of candidate {release_id}: {', '.join(sorted(missing))}. Build a new candidate."
        )
    return expected


def _is_attached(connection: Connection, release_id: str) -> bool:
    """Whether the release's tables are partitions already: a publication was cut off before the pointer moved."""
    row = connection.execute("select to_regnamespace(%s) is not null", (f"release_{release_id}",)).fetchone()
    return row == (True,)


def _let_planned_statements_begin(connection: Connection) -> None:
    """Wait for statements that were planned before the new partitions were there and have no snapshot yet.

    Such a statement would read the moved pointer and look for its release among the old partitions: it would find
    nothing. From plan to snapshot takes a moment only; what has run for a second has its snapshot and reads the old
    release whole.

    An owner who is no superuser and no member of pg_read_all_stats is told nothing of others' sessions but that they
    are there: each may be running such a statement, for as long as that could take.
    """
    connection.commit()
    (attached_at,) = connection.execute("select clock_timestamp()").fetchone() or (None,)
    while connection.execute(
        """select exists (
               select from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()
                   and (state is null or (state = 'active' and backend_type = 'client backend'))
                   and coalesce(query_start, %(attached_at)s) <= %(attached_at)s
                   and coalesce(query_start, %(attached_at)s) > clock_timestamp() - interval '1 second'
           )""",
        {"attached_at": attached_at},
    ).fetchone() == (True,):
        connection.commit()
        time.sleep(0.01)
    connection.commit()


def _note_grade_changes(connection: Connection, release_id: str) -> None:
    """As the gate does; here where it did not, or where something has been published since."""
    if not grade_history.is_noted(connection, release_id):
        grade_history.note_changes(connection, release_id, f"release_{release_id}")


def _row_counts(connection: Connection, release_id: str) -> dict[str, int]:
    """As the gate counted them: readers need not wait for that. Counted here where it did not."""
    row = connection.execute(
        "select row_counts from release_store.releases where release_id = %s", (release_id,)
    ).fetchone()
    counted: dict[str, int] = row[0] if row else {}
    return counted or {table: _count(connection, release_id, table) for table in published_tables()}


def _count(connection: Connection, release_id: str, table: str) -> int:
    row = connection.execute(
        sql.SQL("select count(*) from {}.{}").format(_release_schema(release_id), sql.Identifier(table))
    ).fetchone()
    assert row is not None  # noqa: S101 - count() always gives a row
    return int(row[0])


def _release_schema(release_id: str) -> sql.Identifier:
    return sql.Identifier(f"release_{release_id}")


def _without_holding_up_readers(connection: Connection, change: Callable[[], None]) -> None:
    """Run `change` in one transaction; when a lock is not had in time, let the readers pass and run it again.

    Raises:
        ReleaseError: a reader held its lock through all attempts.
    """
    connection.commit()  # else the block below were a savepoint of the transaction already begun
    for attempt in range(ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
                change()
        except errors.LockNotAvailable:
            time.sleep(min(0.25 * 2**attempt, 5))
        else:
            return
    raise ReleaseError(
        "A reader has held a published table for too long; nothing was changed. End its session or try later."
    )


def _attach(connection: Connection, release_id: str, table: str) -> None:
    """Move candidate.<table> into the release's schema and make it a partition of release_store.<table>."""
    name, schema = sql.Identifier(table), _release_schema(release_id)
    candidate = _columns(connection, "candidate", table)
    kept = _columns(connection, "release_store", table)
    if not kept:
        _create_parent(connection, table, candidate)
    elif broken := [column for column, type_ in kept.items() if candidate.get(column) != type_]:
        raise ReleaseError(
            f"Published table {table} lost or changed {', '.join(broken)}: readers rely on them. "
            "Give the changed table a new name and keep the old one as it was."
        )
    # Only appended, and nullable there: releases published before do not have it.
    for column in [column for column in candidate if kept and column not in kept]:
        connection.execute(
            sql.SQL("alter table release_store.{} add column {} {}").format(
                name,
                sql.Identifier(column),
                sql.SQL(candidate[column]),
            )
        )
    connection.execute(sql.SQL("alter table candidate.{} set schema {}").format(name, schema))
    connection.execute(
        sql.SQL("alter table release_store.{0} attach partition {1}.{0} for values in ({2})").format(
            name, schema, sql.Literal(release_id)
        )
    )
    if _is_internal(table):
        return  # kept with the release, shown by no view
    if kept.keys() != candidate.keys():
        _create_view(connection, table)
    _copy_comments(connection, release_id, table)


def _create_derived_views(connection: Connection) -> None:
    """Views made from published views, once these are there. A changed one is dropped by a migration and made anew."""
    for file in sorted(DERIVED_VIEWS.glob("*.sql")):
        name = f"publication.{file.stem}"
        if connection.execute("select to_regclass(%s) is null", (name,)).fetchone() == (True,):
            connection.execute(file.read_bytes())
            connection.execute(sql.SQL("alter view {} owner to {}").format(
                sql.Identifier("publication", file.stem), sql.Identifier(roles.PUBLISHER)
            ))  # fmt: skip


def _columns(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Column names and types in their order; empty when there is no such table."""
    return dict(
        connection.execute(
            """select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute as a
               where a.attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))
                   and a.attnum > 0 and not a.attisdropped
               order by a.attnum""",
            (schema, table),
        ).fetchall()
    )


def _create_parent(connection: Connection, table: str, columns: dict[str, str]) -> None:
    """The partitioned table; keys, checks and not-null stay with each release's own table."""
    name = sql.Identifier(table)
    connection.execute(
        sql.SQL("create table release_store.{} ({}) partition by list (release_id)").format(
            name,
            sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(type_)) for column, type_ in columns.items()
            ),
        )
    )


def _create_view(connection: Connection, table: str) -> None:
    """publication.<table>: the current release's rows that the reader's role may see.

    What readers never see is told by name: columns called `is_internal` or `internal_…`, and rows that are internal.
    """
    columns = _columns(connection, "release_store", table)
    conditions = [sql.SQL("s.release_id = (select c.release_id from release_store.current_release as c)")]
    if "is_internal" in columns:
        conditions.append(sql.SQL("not s.is_internal"))
    if table not in PROVINCE_WIDE:
        if "division_code" not in columns:
            raise ReleaseError(f"Published table {table} has no division_code: nobody could say who may read its rows.")
        conditions.append(
            sql.SQL(
                """((select pg_has_role(current_user, 'analyst', 'member')) or s.division_code in (
                select d.division_code from release_store.analyst_divisions as d
                inner join pg_catalog.pg_roles as r on d.role_name = r.rolname
                where pg_has_role(current_user, r.oid, 'member')))"""
            )
        )
    name = sql.Identifier(table)
    connection.execute(
        sql.SQL(
            """create or replace view publication.{0} with (security_barrier) as
               select {1} from release_store.{0} as s where {2}"""
        ).format(
            name,
            sql.SQL(", ").join(sql.Identifier("s", column) for column in columns if not _is_internal(column)),
            sql.SQL(" and ").join(conditions),
        )
    )
    connection.execute(sql.SQL("alter view publication.{} owner to {}").format(name, sql.Identifier(roles.PUBLISHER)))
    connection.execute(sql.SQL("grant select on release_store.{} to {}").format(name, sql.Identifier(roles.PUBLISHER)))


def _is_internal(name: str) -> bool:
    """Whether a column or table of this name is kept from readers."""
    return name == "is_internal" or name.startswith("internal_")


def _copy_comments(connection: Connection, release_id: str, table: str) -> None:
    """Comments travel with tables, not to views: write them there, those that say something else than they did."""
    view = sql.Identifier("publication", table)
    told = connection.execute(
        """select a.attname, d.description from pg_description as d
           left join pg_attribute as a on d.objoid = a.attrelid and d.objsubid = a.attnum and d.objsubid > 0
           left join pg_attribute as v
               on a.attname = v.attname and v.attrelid = to_regclass(format('publication.%%I', %s::text))
           where d.classoid = 'pg_class'::regclass and d.objoid = format('%%I.%%I', %s::text, %s::text)::regclass
               and d.description is distinct from case when d.objsubid > 0 then col_description(v.attrelid, v.attnum)
                   else obj_description(to_regclass(format('publication.%%I', %s::text)), 'pg_class') end""",
        (table, f"release_{release_id}", table, table),
    ).fetchall()
    # A release has hundreds of them: one journey to the server for each table, not for each column.
    connection.execute(
        sql.SQL(";").join(
            sql.SQL("comment on view {} is {}").format(view, sql.Literal(comment))
            if column is None
            else sql.SQL("comment on column {}.{} is {}").format(view, sql.Identifier(column), sql.Literal(comment))
            for column, comment in told
            if column is None or not _is_internal(column)
        )
    )


def _point_to(connection: Connection, release_id: str, action: str, by: str, reason: str | None) -> None:
    connection.execute(
        """insert into release_store.pointer_history (from_release_id, to_release_id, action, moved_by, reason)
           select c.release_id, %s, %s, %s, %s from release_store.current_release as c""",
        (release_id, action, by, reason),
    )
    connection.execute("update release_store.current_release set release_id = %s", (release_id,))


def _detach_all(connection: Connection, release_id: str) -> None:
    partitions = connection.execute(
        """select c.relname, i.inhdetachpending from pg_class as c
           inner join pg_inherits as i on c.oid = i.inhrelid
           where c.relnamespace = to_regnamespace(%s) and c.relkind = 'r'""",
        (f"release_{release_id}",),
    ).fetchall()
    for table, interrupted in partitions:
        connection.execute(
            sql.SQL("alter table release_store.{0} detach partition {1}.{0} {2}").format(
                sql.Identifier(table),
                _release_schema(release_id),
                sql.SQL("finalize" if interrupted else "concurrently"),
            )
        )
