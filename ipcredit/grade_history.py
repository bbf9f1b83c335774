"""The history of grades: one row where a published release says something else than was known before."""

from psycopg import Connection, sql


def note_changes(connection: Connection, release_id: str, schema: str) -> None:
    """Write down what the release says otherwise than the history of grades does; the caller commits.

    The history shows it once the release is published. The gate has it done, so that readers do not wait for it; what
    an earlier candidate has left there goes.

    Args:
        schema: where the release's tables stand.
    """
    connection.execute(
        """delete from release_store.grade_history as h using release_store.releases as r
           where h.release_id = r.release_id and r.history_after is not null and r.published_at is null"""
    )
    connection.execute(
        """update release_store.releases set history_after = null
           where history_after is not null and published_at is null"""
    )
    connection.execute(
        sql.SQL("""with judged as (
               select r.as_of, r.known_at, r.release_id from release_store.releases as r where r.release_id = %s
           ),
           before as (
               select h.* from judged as j cross join release_store.grades_as_of(j.as_of, j.known_at) as h
           )
           insert into release_store.grade_history
           select coalesce(g.subject_id, b.subject_id) as subject_id, coalesce(g.track, b.track) as track,
               j.as_of, j.known_at, j.release_id, coalesce(g.division_code, b.division_code) as division_code,
               coalesce(g.jurisdiction, b.jurisdiction) as jurisdiction,
               coalesce(g.is_provincial, b.is_provincial) as is_provincial,
               g.grade, g.score, g.override_code, g.policy_id, g.policy_version, g.policy_status
           from ({}.subject_grades as g
               full join before as b on g.subject_id = b.subject_id and g.track = b.track)
           cross join judged as j
           where (g.grade, g.score, g.override_code, g.policy_id, g.policy_version)
               is distinct from (b.grade, b.score, b.override_code, b.policy_id, b.policy_version)""").format(
            sql.Identifier(schema)
        ),
        (release_id,),
    )
    connection.execute(
        "update release_store.releases set history_after = %s where release_id = %s",
        (_last_published(connection), release_id),
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
