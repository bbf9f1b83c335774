"""What each database role can do, and what it is refused: attacks × roles, by real logins on one published release."""

import os
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate, register
from conftest import Warehouse
from psycopg import errors

from ipcredit import database, embedded, release, roles
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import get_settings

PUBLISHED, CANDIDATE = "r20221205_0001", "r20221205_0002"
LOADER, BUILDER, PUBLISHER, ANALYST, CITY, SUPERVISOR = ROLES = (
    "ipcredit_loader", "ipcredit_builder", "ipcredit_publisher", "analyst", "analyst_210600", "supervisor"
)  # fmt: skip
ANALYSTS, ALL = {ANALYST, CITY, SUPERVISOR}, set(ROLES)
OTHERWISE = {"read by search path": errors.UndefinedTable}
"""Refused by another error than missing rights: to whom a schema is closed, what lies in it does not exist."""

# What is tried, and who may do it: everybody else is refused.
RIGHTS: dict[str, tuple[str, set[str]]] = {
    # what readers are for
    "read a published view": ("select * from publication.subjects", ANALYSTS | {PUBLISHER}),
    "read the releases": ("select * from publication.releases", ANALYSTS | {PUBLISHER}),
    "read the gate's findings": ("select * from publication.gate_results", ANALYSTS | {PUBLISHER}),
    "read who had reports made": ("select * from reports.log", {SUPERVISOR}),
    # reading past the views
    "read the uses of reports themselves": ("select * from reports.uses", set()),
    "read what partners are told": ("select * from exchange.packages", {PUBLISHER}),
    "read what the public was told": ("select * from lists.edition_files", {PUBLISHER}),
    "read raw rows": ("select * from raw.honours", {LOADER, BUILDER, PUBLISHER}),
    "read the ledger": ("select * from intake.submissions", {LOADER, BUILDER, PUBLISHER}),
    "read the candidate": ("select * from candidate.subjects", set()),
    "read a release's own table": (f"select * from release_{PUBLISHED}.subjects", set()),
    "read the release store": ("select * from release_store.subjects", {PUBLISHER}),
    "read the internal items": ("select * from release_store.internal_grade_items", set()),
    "read the pointer": ("select * from release_store.current_release", {PUBLISHER}),
    "read the gate's rows": ("select details from quality.gate_results", {BUILDER, PUBLISHER}),
    "read who is paired with whom": ("select * from inspection.draw_inspectors", {BUILDER, PUBLISHER}),
    "read the catalogue": ("select * from catalogue.records", set()),
    "read the migrations": ("select * from public.ipcredit_migrations", set()),
    "read passwords": ("select * from pg_catalog.pg_authid", set()),
    "read statistics of hidden columns": ("select * from pg_catalog.pg_statistic", set()),
    "read by search path": ("set search_path = candidate, catalogue; select * from records", set()),
    "read by a prepared statement": ("prepare p as select * from candidate.subjects; execute p", set()),
    "read by a cursor": ("begin; declare c cursor for select * from candidate.subjects; fetch c; commit", set()),
    "read in a block of code": ("do $$ begin perform * from candidate.subjects; end $$", set()),
    "read by copy": ("copy candidate.subjects to stdout", set()),
    "read by a lock": ("lock table candidate.subjects in access share mode", set()),
    "read by xml": ("select query_to_xml('select * from candidate.subjects', true, true, '')", set()),
    "read by a schema dump": ("select schema_to_xml('candidate', true, true, '')", set()),
    "read by a function of ours": ("select * from release_store.grades_as_of('2022-12-05', now())", {PUBLISHER}),
    "read by explain": ("explain select * from candidate.subjects", set()),
    # writing
    "write through a view": ("update publication.subjects set subject_name = ''", set()),
    "delete through a view": ("delete from publication.subjects", set()),
    "insert through a view": ("insert into publication.subjects (subject_id) values ('x')", set()),
    "write raw rows": ("insert into raw.honours (submission_id, row_number) values (-1, 1)", {LOADER}),
    "write the ledger": ("update intake.submissions set state = 'refused' where false", {LOADER}),
    "delete from the ledger": ("delete from intake.submissions", set()),
    "rewrite the history of releases": (
        "update release_store.pointer_history set moved_by = '' where false",
        {PUBLISHER},
    ),
    "erase the history of releases": ("delete from release_store.pointer_history", set()),
    "erase the history of grades": ("delete from release_store.grade_history", set()),
    "erase a gate's verdict": ("delete from quality.gate_results", set()),
    "turn a gate's verdict": ("update quality.gate_results set success = true", set()),
    "change an edition": ("update lists.editions set approved_by = ''", set()),
    "erase an edition": ("delete from lists.edition_files", set()),
    "rewrite a package": ("update exchange.packages set feed = ''", set()),
    "hide the use of a report": ("delete from reports.uses", set()),
    "invent the use of a report": ("insert into reports.uses (subject_id) values ('x')", set()),
    "empty a table": ("truncate raw.honours", set()),
    "drop a table": ("drop table raw.honours", set()),
    "drop a view": ("drop view publication.inspection_draws", {PUBLISHER}),
    "take a view's barrier away": ("alter view publication.subjects reset (security_barrier)", {PUBLISHER}),
    "be given another division": ("insert into release_store.analyst_divisions values (current_user, '210100')", set()),
    "move the pointer": ("update release_store.current_release set release_id = null where false", {PUBLISHER}),
    "take a number": ("select nextval('release_store.release_number')", {PUBLISHER}),
    "set a number back": ("select setval('release_store.release_number', 1)", set()),
    "read a number": ("select last_value from release_store.release_number", set()),
    "comment on a view": ("comment on view publication.subjects is 'x'", {PUBLISHER}),
    "lock readers out": ("lock table publication.subjects in access exclusive mode", set()),
    "hold up every build": ("select pg_try_advisory_lock(1)", {LOADER, BUILDER, PUBLISHER}),
    "keep large objects": ("select lo_create(0)", set()),
    "keep bytes in a large object": ("select lo_from_bytea(0, 'x')", set()),
    # making things that others would run into
    "create a schema": ("create schema mine", set()),
    "create in public": ("create table public.subjects (n int)", set()),
    "create a function in public": ("create function public.f() returns int language sql return 1", set()),
    "create in publication": ("create view publication.mine as select 1 as n", {PUBLISHER}),
    "create in raw": ("create table raw.mine (n int)", {LOADER}),
    "shadow a table for the session": ("create temporary table subjects (n int)", {PUBLISHER}),
    "shadow a function for the session": ("create function pg_temp.f() returns int language sql return 1", {PUBLISHER}),
    "hand on what comes later": (
        "alter default privileges for role ipcredit_loader grant select on tables to public",
        {LOADER},
    ),
    "hand on a view": ("grant select on publication.subjects to public", {PUBLISHER}),
    # out of the database
    "run a program": ("copy (select 1) to program 'true'", set()),
    "run a program for its output": ("create temporary table t (x text); copy t from program 'id'", set()),
    "write a file": ("copy (select 1) to '/tmp/x'", set()),
    "read a file": ("select pg_read_file('PG_VERSION')", set()),
    "list files": ("select pg_ls_dir('.')", set()),
    "look at a file": ("select pg_stat_file('PG_VERSION')", set()),
    "import a file": ("select lo_import('/etc/passwd')", set()),
    "connect elsewhere": ("create extension dblink", set()),
    "connect elsewhere by a foreign server": ("create foreign data wrapper mine", set()),
    "load a library": ("load '/tmp/x.so'", set()),
    "run machine code": ("create function pg_temp.f() returns int language c as 'x'", set()),
    "change the server": ("alter system set work_mem = '1GB'", set()),
    "read the server's rules": ("select * from pg_hba_file_rules", set()),
    # becoming somebody else
    "become the owner": ("set role {owner}", set()),
    "become the owner for the session": ("set session authorization {owner}", set()),
    "become the whole province": ("set role analyst", {ANALYST, SUPERVISOR}),
    "become another city": ("set role analyst_210100", set()),
    "become the publisher": ("set role ipcredit_publisher", {PUBLISHER}),
    "become the builder": ("set role ipcredit_builder", {BUILDER, PUBLISHER}),
    "become the loader": ("set role ipcredit_loader", {LOADER}),
    "join a role": ("grant analyst to current_user", set()),
    "create a role": ("create role mine", set()),
    "rise": ("alter role current_user superuser", set()),
    "change another's password": ("alter role analyst_210100 password 'x'", set()),
    "end the builder's session": ("select pg_terminate_backend({pid})", set()),
    "fill the disk with temporary files": ("set temp_file_limit = -1", set()),
    "switch triggers off": ("set session_replication_role = replica", set()),
}


@pytest.fixture(scope="module", autouse=True)
def published(warehouse: Warehouse) -> Iterator[None]:
    """One release is published, the same rows stand as a candidate, and there is a raw table."""
    build_first_candidate(PUBLISHED)
    with warehouse.connect() as connection:
        ensure_raw_tables(connection)
        pass_gate(connection, PUBLISHED)
    release.publish(PUBLISHED)
    roles.grant()
    with warehouse.connect() as connection:
        copy_candidate(connection, PUBLISHED, CANDIDATE)
    yield


@pytest.fixture(scope="module")
def logins(warehouse: Warehouse, published: None) -> Iterator[dict[str, str]]:
    """A URL per role: analysts by their passwords; the others take members, since nobody logs in as a group."""
    urls, members = {}, [f"member_of_{role}" for role in (LOADER, BUILDER, PUBLISHER)]
    with warehouse.connect(autocommit=True) as connection:
        for member in members:
            connection.execute(f"drop role if exists {member}")
            connection.execute(f"create role {member} login password 'x' in role {member.removeprefix('member_of_')}")
    for role in ROLES:
        path = roles.password_file(role)
        user, password = (role, path.read_text().strip()) if path.exists() else (f"member_of_{role}", "x")
        urls[role] = urlsplit(warehouse.url)._replace(
            netloc=f"{user}:{password}@{warehouse.url.split('@')[1].split('/')[0]}"
        ).geturl()  # fmt: skip
    yield urls
    with warehouse.connect(autocommit=True) as connection:
        for member in members:
            connection.execute(f"drop owned by {member} cascade")
            connection.execute(f"drop role {member}")


@pytest.mark.parametrize("attack", RIGHTS)
def test_whoever_may_not_is_refused(attack: str, warehouse: Warehouse, logins: dict[str, str]) -> None:
    statement, allowed = RIGHTS[attack]
    with warehouse.connect() as owner:
        statement = statement.replace("{owner}", owner.info.user).replace("{pid}", str(owner.info.backend_pid))
        refusal = OTHERWISE.get(attack, errors.InsufficientPrivilege)
        assert ALL - {role for role, url in logins.items() if is_refused(url, statement, refusal)} == allowed


def is_refused(url: str, statement: str, refusal: type[psycopg.Error]) -> bool:
    """Any other error than the expected one fails the test: it would prove nothing."""
    warnings = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: warnings.append(notice.sqlstate))
        try:
            if statement.startswith("alter system"):  # has a transaction of its own
                connection.execute(statement)
            with connection.transaction(force_rollback=True):
                if statement.endswith("to stdout"):
                    with connection.cursor().copy(statement) as rows:
                        list(rows)
                else:
                    connection.execute(statement)
        except refusal:
            return True
    # Handing on what one has no right to hand on is only warned of, and does nothing.
    return warnings == ["01007"]


def test_a_view_tells_nothing_of_hidden_rows_by_what_runs_beside_it(
    warehouse: Warehouse, logins: dict[str, str]
) -> None:
    """A function that costs nothing, and an error that quotes a value: neither comes before its condition."""
    with warehouse.connect(autocommit=True) as owner:
        owner.execute(f"grant temporary on database {owner.info.dbname} to {CITY}")  # without it, no function
    with psycopg.connect(logins[CITY], autocommit=True) as city:
        city.execute(
            """create function pg_temp.peep(seen text) returns boolean language plpgsql cost 0.0000001 as
               $$ begin raise notice 'seen %', seen; return true; end $$"""
        )
        seen: set[str | None] = set()
        city.add_notice_handler(lambda notice: seen.add(notice.message_primary))
        city.execute("select count(*) from publication.subjects where pg_temp.peep(division_code)")
        city.execute("select count(*) from publication.grade_history where pg_temp.peep(division_code)")
        assert seen == {"seen 210600"}
        # LN-SF is no number: of a hidden row it would be told in an error.
        counted = city.execute("select count(*) from publication.subjects where division_code::int > 0").fetchone()
        assert counted == city.execute("select count(*) from publication.subjects").fetchone() == (4,)


def test_what_is_prepared_as_the_province_shows_a_city_its_own_rows(warehouse: Warehouse) -> None:
    """For an account that is a member of both: the plan is kept, whose rows it shows is asked at each execution."""
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("set role analyst")
        connection.execute("prepare seen as select distinct division_code from publication.subjects")
        province = {code for (code,) in connection.execute("execute seen")}
        connection.execute(f"set role {CITY}")
        city = {code for (code,) in connection.execute("execute seen")}
    assert len(province) == 15
    assert city == {"210600"}


def test_columns_are_remembered_of_nothing_but_what_may_be_read(logins: dict[str, str]) -> None:
    with psycopg.connect(logins[CITY]) as city:
        seen = {name for (name,) in city.execute("select distinct schemaname from pg_catalog.pg_stats")}
    assert seen <= {"pg_catalog", "information_schema"}


@pytest.mark.skipif("IPCREDIT_TEST_DATABASE_URL" in os.environ, reason="the server is not ours to close")
@pytest.mark.parametrize("database", ["postgres", "template1", "airflow"])
def test_the_servers_other_databases_are_closed_to_analysts(database: str, logins: dict[str, str]) -> None:
    url = urlsplit(logins[ANALYST])._replace(path=f"/{database}").geturl()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url)


def test_granting_closes_what_everybody_may_connect_to_and_limits_readers(
    warehouse: Warehouse, logins: dict[str, str]
) -> None:
    with warehouse.connect(autocommit=True) as owner:
        owner.execute("grant connect on database postgres, template1 to public")
        roles.grant()
        opened = "select datname from pg_database where has_database_privilege('public', datname, 'connect')"
        assert {name for (name,) in owner.execute(opened)}.isdisjoint({"postgres", "template1", owner.info.dbname})
    for role in ROLES:
        with psycopg.connect(logins[role]) as connection:
            limits = [
                connection.execute(f"show {setting}").fetchone()[0]
                for setting in ("idle_in_transaction_session_timeout", "temp_file_limit")
            ]
        assert limits == (["10min", "4GB"] if role in ANALYSTS else ["0", "-1"])


def test_an_owner_who_is_no_superuser_can_migrate_grant_and_publish(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.connect(autocommit=True) as connection:
        # What PostgreSQL gives to one who has made these roles himself.
        made = ", ".join(
            [roles.LOADER, roles.BUILDER, roles.PUBLISHER, roles.ANALYST, roles.SUPERVISOR, *analysts(connection)]
        )
        connection.execute("create role plain_owner login createrole createdb password 'plain'")
        connection.execute(f"grant {made} to plain_owner with admin option, inherit false, set false")
        connection.execute("create database plain_owned template template0 encoding 'UTF8' owner plain_owner")
        try:
            host = warehouse.url.split("@")[1].split("/")[0]
            password = roles.password_file(ANALYST).read_text().strip()
            monkeypatch.setenv("IPCREDIT_DATABASE_URL", f"postgresql://plain_owner:plain@{host}/plain_owned")
            get_settings.cache_clear()
            database.migrate()
            roles.grant()
            with database.connect() as owned:
                assert roles.roles_exist(owned)
                owned.commit()
                assert not waits_a_second(owned)
                with psycopg.connect(f"postgresql://{ANALYST}:{password}@{host}/plain_owned"):
                    assert waits_a_second(owned), "what the analyst's session does is not told"
            tables = [embedded.binaries() / "pg_dump", "--schema", "candidate", "--no-owner", "--no-acl", warehouse.url]
            dump = subprocess.run(tables, check=True, capture_output=True)
            psql = [embedded.binaries() / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", database.database_url()]
            subprocess.run(psql, input=dump.stdout, check=True, capture_output=True)
            with database.connect() as owned:
                register(owned, CANDIDATE)
                pass_gate(owned, CANDIDATE)
            assert release.publish(CANDIDATE)
            with psycopg.connect(f"postgresql://{ANALYST}:{password}@{host}/plain_owned") as analyst:
                assert analyst.execute("select distinct release_id from publication.subjects").fetchall() == [
                    (CANDIDATE,)
                ]
        finally:
            connection.execute("drop database plain_owned with (force)")
            connection.execute("drop owned by plain_owner")
            connection.execute("drop role plain_owner")


def waits_a_second(owned: psycopg.Connection) -> bool:
    begun = time.monotonic()
    release._let_planned_statements_begin(owned)
    return time.monotonic() - begun >= 1


def analysts(connection) -> list[str]:
    return [name for (name,) in connection.execute("select role_name from release_store.analyst_divisions").fetchall()]
