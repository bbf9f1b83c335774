"""The history of grades: one row where a published release says something else than was known before."""

from psycopg import Connection, sql


def note_changes(connection: Connection, release_id: str, schema: str) -> None:
    """Write down what the release says otherwise than the history of grades does; the caller commits.

    The history shows it once the release is published. The gate has it done, so that readers do not wait for it; what
    an earlier candidate has left there goes.

    Args:
        schema: where the release's tables stand.
    """
    _forget_candidates(connection)
    _write_changes(connection, release_id, schema)
    _repeat_what_follows(connection, release_id)
    connection.execute(
        "update release_store.releases set history_after = %s where release_id = %s",
        (_last_published(connection), release_id),
    )


def _forget_candidates(connection: Connection) -> None:
    """Rows of candidates, and those that were written for later releases because of a candidate: an index for each."""
    for column in ("release_id", "because_of"):
        connection.execute(
            sql.SQL(
                """delete from release_store.grade_history as h using release_store.releases as r
                   where h.{} = r.release_id and r.history_after is not null and r.published_at is null"""
            ).format(sql.Identifier(column))
        )
    connection.execute(
        """update release_store.releases set history_after = null
           where history_after is not null and published_at is null"""
    )


def _write_changes(connection: Connection, release_id: str, schema: str) -> None:
    """A row where the release says something else than is known for its day at its moment.

    Also where of an earlier day something is known that the release did not know: asked for at a later moment, that
    would be told as what the release says.
    """
    connection.execute(
        sql.SQL("""with judged as (
               select r.as_of, r.known_at, r.release_id from release_store.releases as r where r.release_id = %s
           ),
           before as (
               select h.* from judged as j cross join release_store.grades_as_of(j.as_of, j.known_at) as h
           ),
           known_later as (
               select distinct on (h.subject_id, h.track) h.*
               from judged as j
               inner join release_store.grade_history as h on h.as_of < j.as_of and h.known_at > j.known_at
               inner join release_store.releases as r on coalesce(h.because_of, h.release_id) = r.release_id
               where r.published_at is not null
               order by h.subject_id, h.track
           )
           insert into release_store.grade_history
           select subject_id, track, j.as_of, j.known_at, j.release_id,
               coalesce(g.division_code, b.division_code, l.division_code) as division_code,
               coalesce(g.jurisdiction, b.jurisdiction, l.jurisdiction) as jurisdiction,
               coalesce(g.is_provincial, b.is_provincial, l.is_provincial) as is_provincial,
               g.grade, g.score, g.override_code, g.policy_id, g.policy_version, g.policy_status
           from {}.subject_grades as g
           full join before as b using (subject_id, track)
           full join known_later as l using (subject_id, track)
           cross join judged as j
           where (g.grade, g.score, g.override_code, g.policy_id, g.policy_version)
                   is distinct from (b.grade, b.score, b.override_code, b.policy_id, b.policy_version)
               or l.subject_id is not null""").format(sql.Identifier(schema)),
        (release_id,),
    )


def _repeat_what_follows(connection: Connection, release_id: str) -> None:
    """After a look back: what the next release has said, where the look back's rows would now be told in its place.

    Releases after the next one agree with it until they have a row. Only one that knew less than it is asked for
    without it, and is a next one, too. These rows are shown, and forgotten, together with the look back's.
    """
    connection.execute(
        """with judged as (
               select r.as_of, r.known_at, r.release_id from release_store.releases as r where r.release_id = %(id)s
           ),
           later as (
               select r.as_of, r.known_at, r.release_id
               from release_store.releases as r cross join judged as j
               where r.published_at is not null
                   and (r.as_of, r.known_at, r.release_id) > (j.as_of, j.known_at, j.release_id)
           ),
           following as (
               select f.* from later as f
               where not exists (
                   select from later as e
                   where (e.as_of, e.known_at, e.release_id) < (f.as_of, f.known_at, f.release_id)
                       and e.known_at <= f.known_at
               )
           )
           insert into release_store.grade_history
           select n.subject_id, n.track, f.as_of, f.known_at, f.release_id, n.division_code, n.jurisdiction,
               n.is_provincial, n.grade, n.score, n.override_code, n.policy_id, n.policy_version, n.policy_status,
               %(id)s as because_of
           from following as f
           cross join lateral (
               select l.subject_id, l.track, coalesce(b.division_code, l.division_code) as division_code,
                   coalesce(b.jurisdiction, l.jurisdiction) as jurisdiction,
                   coalesce(b.is_provincial, l.is_provincial) as is_provincial,
                   b.grade, b.score, b.override_code, b.policy_id, b.policy_version, b.policy_status
               from release_store.grade_history as l
               cross join judged as j
               left join release_store.grades_as_of(f.as_of, f.known_at) as b
                   on l.subject_id = b.subject_id and l.track = b.track
               where l.release_id = j.release_id
                   and (b.subject_id is null
                       or (b.as_of, b.known_at, b.release_id) < (j.as_of, j.known_at, j.release_id))
                   and (l.grade, l.score, l.override_code, l.policy_id, l.policy_version)
                       is distinct from (b.grade, b.score, b.override_code, b.policy_id, b.policy_version)
               offset 0  -- all subjects of a release at once, not one after the other
           ) as n""",
        {"id": release_id},
    )


def is_noted(connection: Connection, release_id: str) -> bool:
    """Whether its changes are written down already, and nothing has been published since."""
    row = connection.execute(
        "select history_after from release_store.releases where release_id = %s", (release_id,)
    ).fetchone()
    return row == (_last_published(connection),)


def _last_published(connection: Connection) -> str:
    """Id of the release published last, whatever day it judges and whether it is still kept; empty before the first."""
    row = connection.execute(
        """select release_id from release_store.releases where published_at is not null
           order by published_at desc, release_id desc limit 1"""
    ).fetchone()
    return row[0] if row else ""
