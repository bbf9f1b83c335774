"""Database roles: who loads, builds, publishes, and which analyst sees which division's rows."""

import csv
import os
import secrets
from pathlib import Path

from psycopg import Connection, sql

from ipcredit.database import advisory_lock, connect
from ipcredit.settings import DBT_PROJECT, get_settings

LOADER, BUILDER, PUBLISHER, ANALYST = "ipcredit_loader", "ipcredit_builder", "ipcredit_publisher", "analyst"
SUPERVISOR = "supervisor"
"""Reads what analysts of the whole province read, and who had which credit report made."""

_MEMBERSHIPS = """
-- Who makes a role may hand it on but does not act for it: one that is no superuser needs this to give the views away.
grant ipcredit_loader, ipcredit_builder, ipcredit_publisher to current_user with inherit true, set true;
grant ipcredit_builder to ipcredit_publisher;
"""
# What PostgreSQL lets everybody do who may connect. An owner who is no superuser cannot take the last from anybody, and
# is only warned: advisory locks (a build would wait for an analyst's) and large objects of one's own then stay open.
_CLOSED = """
do $$
declare
    function regprocedure;
begin
    execute format('revoke connect, temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to ipcredit_publisher', current_database());
    revoke create on schema public from public;
    for function in
        select p.oid from pg_catalog.pg_proc as p
        where
            p.pronamespace = 'pg_catalog'::regnamespace
            and (p.proname ~ '^pg_(try_)?advisory_' or p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea'))
    loop
        execute format('revoke execute on function %s from public', function);
        if function::text ~ 'advisory' then
            execute format('grant execute on function %s to ipcredit_loader, ipcredit_builder', function);
        end if;
    end loop;
end
$$;
"""
# Everybody may connect to these two and fill the disk with temporary tables; only a superuser can close them.
_OTHERS_CLOSED = """
do $$
begin
    if (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user)
        and (has_database_privilege('public', 'postgres', 'connect')
            or has_database_privilege('public', 'template1', 'connect'))
    then
        revoke connect on database postgres, template1 from public;
    end if;
end
$$;
"""
_READERS_LIMITS = {"idle_in_transaction_session_timeout": "10min", "temp_file_limit": "4GB"}
"""Of a reader's session: a forgotten transaction makes publication wait, files of one query could fill the disk. The
first a session may set otherwise for itself; the second only a superuser can set."""
_PRIVILEGES = """
grant usage, create on schema raw to ipcredit_loader;
grant usage on schema intake to ipcredit_loader;
grant select, insert, update, delete on all tables in schema raw to ipcredit_loader;
grant select, insert, update on all tables in schema intake to ipcredit_loader;

grant usage on schema raw, intake, quality to ipcredit_builder;
grant select on all tables in schema raw, intake, quality to ipcredit_builder;
alter default privileges in schema raw grant select, insert, update, delete on tables to ipcredit_loader;
alter default privileges in schema raw grant select on tables to ipcredit_builder;
alter default privileges for role ipcredit_loader in schema raw grant select on tables to ipcredit_builder;

grant usage, create on schema release_store, publication to ipcredit_publisher;
grant select, insert on all tables in schema quality to ipcredit_publisher;
grant select on release_store.releases, release_store.current_release, release_store.pointer_history,
    release_store.analyst_divisions, release_store.grade_history to ipcredit_publisher;
grant insert, update on release_store.releases, release_store.current_release, release_store.pointer_history
    to ipcredit_publisher;
grant usage on release_store.release_number to ipcredit_publisher;
alter view publication.releases owner to ipcredit_publisher;
alter view publication.gate_results owner to ipcredit_publisher;
alter view publication.release_builds owner to ipcredit_publisher;
alter view publication.release_moves owner to ipcredit_publisher;
alter view publication.gate_verdicts owner to ipcredit_publisher;
alter view publication.gate_history owner to ipcredit_publisher;
alter view publication.intake_runs owner to ipcredit_publisher;
alter view publication.quality_ranking_history owner to ipcredit_publisher;
alter view publication.grade_history owner to ipcredit_publisher;
alter view publication.inspection_draws owner to ipcredit_publisher;
alter view publication.inspection_objects owner to ipcredit_publisher;
alter view publication.inspection_rosters owner to ipcredit_publisher;
alter view publication.list_editions owner to ipcredit_publisher;
alter view publication.list_edition_entries owner to ipcredit_publisher;
alter view publication.list_edition_withdrawals owner to ipcredit_publisher;
grant usage on schema inspection to ipcredit_builder;
grant select on all tables in schema inspection to ipcredit_builder;
grant usage on schema lists to ipcredit_publisher;
grant select, insert on all tables in schema lists to ipcredit_publisher;
grant insert on release_store.grade_history to ipcredit_publisher;
alter view publication.exchange_packages owner to ipcredit_publisher;
grant usage on schema exchange to ipcredit_publisher;
grant select, insert on all tables in schema exchange to ipcredit_publisher;
grant delete on exchange.packages to ipcredit_publisher;
"""
_SUPERVISION = """
grant analyst to supervisor;
grant usage on schema reports to supervisor;
grant select on reports.log to supervisor;
"""


def analyst_role(division_code: str) -> str:
    """Role that sees the rows of one division: 210600 → analyst_210600, LN-SF → analyst_ln_sf."""
    return f"{ANALYST}_{division_code.lower().replace('-', '_')}"


def password_file(role: str) -> Path:
    """Where the password of an analyst role is kept, readable by the owner only; `ipcredit db psql --as` takes it."""
    return get_settings().home / "passwords" / role


def create() -> list[str]:
    """Create the roles that are missing, without rights on anything yet; repeating it changes nothing.

    Analysts may log in, with the password in `IPCREDIT_PASSWORD_<ROLE>` (upper case), else one made up once; it is kept
    in `password_file`.

    Returns:
        All role names, created or not.
    """
    groups = (LOADER, BUILDER, PUBLISHER)
    readers = [ANALYST, SUPERVISOR, *map(analyst_role, _divisions())]
    with connect() as connection, advisory_lock(connection, "roles"), connection.transaction():
        existing = {name for (name,) in connection.execute("select rolname from pg_roles").fetchall()}
        for role in (*groups, *readers):
            if role not in existing:
                kind = sql.SQL("nologin" if role in groups else "login")
                connection.execute(sql.SQL("create role {} {}").format(sql.Identifier(role), kind))
        connection.execute(_MEMBERSHIPS)
        for role in readers:
            # Hashed here: a password in clear would stand in the server's log.
            verifier = connection.pgconn.encrypt_password(_password(role).encode(), role.encode(), b"scram-sha-256")
            connection.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
            )
    return [*groups, *readers]


def grant() -> list[str]:
    """`create` the roles and give each what it needs; repeating it changes nothing.

    Returns:
        All role names, created or not.
    """
    names = create()
    with connect() as connection, advisory_lock(connection, "roles"), connection.transaction():
        connection.execute(_CLOSED)
        connection.execute(_OTHERS_CLOSED)
        connection.execute(_PRIVILEGES)
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(
                sql.Identifier(connection.info.dbname), sql.SQL(", ").join(map(sql.Identifier, names))
            )
        )
        connection.execute("delete from release_store.analyst_divisions")
        connection.cursor().executemany(
            "insert into release_store.analyst_divisions (role_name, division_code) values (%s, %s)",
            [(analyst_role(code), code) for code in _divisions()],
        )
        readers = [sql.Identifier(name) for name in names if name.startswith((ANALYST, SUPERVISOR))]
        connection.execute(sql.SQL("grant usage on schema publication to {}").format(sql.SQL(", ").join(readers)))
        _limit(connection, readers)
        connection.execute(_SUPERVISION)
        grant_views(connection)
    return names


def _limit(connection: Connection, readers: list[sql.Identifier]) -> None:
    """Give each reader's sessions the limits that we may set."""
    for setting, limit in _READERS_LIMITS.items():
        may = connection.execute(
            "select context = 'user' or has_parameter_privilege(name, 'set') from pg_settings where name = %s",
            (setting,),
        ).fetchone()
        if may == (True,):
            for role in readers:
                connection.execute(
                    sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(limit))
                )


def roles_exist(connection: Connection) -> bool:
    """Whether `grant()` has been run against this database."""
    row = connection.execute(
        "select pg_get_userbyid(relowner) = %s from pg_class where oid = 'publication.releases'::regclass", (PUBLISHER,)
    ).fetchone()
    return bool(row and row[0])


def grant_views(connection: Connection) -> None:
    """Let every analyst role read every published view, and nothing else."""
    roles = [
        ANALYST,
        *(role for (role,) in connection.execute("select role_name from release_store.analyst_divisions")),
    ]
    connection.execute(
        sql.SQL("grant select on all tables in schema publication to {}").format(
            sql.SQL(", ").join(map(sql.Identifier, roles))
        )
    )


def _divisions() -> list[str]:
    """Cities and areas: a county's rows are its city's."""
    with (DBT_PROJECT / "seeds" / "reference" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return [row["division_code"] for row in csv.DictReader(file) if row["level"] in ("city", "area")]


def _password(role: str) -> str:
    """The stated password, else the kept one, else a new one; kept from then on."""
    path = password_file(role)
    kept = path.read_text(encoding="utf-8").strip() if path.exists() else None
    password = os.environ.get(f"IPCREDIT_PASSWORD_{role.upper()}") or kept or secrets.token_urlsafe(18)
    if password != kept:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(password + "\n", encoding="utf-8")
    return password
