"""Runs dbt, in one process per stage, never one per model: judging rows after intake, building a release candidate."""

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from ipcredit.contracts import load_contracts
from ipcredit.database import LEEWAY, advisory_lock, connect, database_url, refuse_future
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import DBT_PROJECT, PROJECT_ROOT, TIME_ZONE, get_settings

# What the incremental tables of the catalogue are made by, besides the submissions themselves.
_DEFINITIONS = (
    "macros/**/*.sql", "models/catalogue/**/*.sql", "models/staging/**/sources.yml", "dbt_project.yml",
    "seeds/reference/organisations.csv", "seeds/reference/divisions.csv", "seeds/policy/issue_types.csv",
)  # fmt: skip
# What those of grading are made by, besides: a policy may change any grade.
_JUDGEMENTS = (
    "models/grading/**/*.sql", "models/supervision/**/*.sql", "seeds/policy/*.csv", "seeds/reference/working_days.csv",
)  # fmt: skip
# What rows are judged by. More than that, so that nothing is missing: dbt itself then finds what has really changed.
_JUDGING = ("macros/**/*.sql", "models/staging/**/*", "seeds/**/*", "dbt_project.yml")
# Seeds and what is tested of them.
_SEEDS = ("seeds/**/*", "tests/**/*.sql", "macros/**/*.sql", "dbt_project.yml")

_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class BuildError(RuntimeError):
    """dbt ended with an error; its own output, printed above, says which model or test."""


def dbt_environment(
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    release_id: str | None = None,
    schema_prefix: str = "",
) -> dict[str, str]:
    """The environment in which any dbt command of this project runs: connection and the run's parameters."""
    parts = conninfo_to_dict(database_url())
    environment = os.environ | {
        "IPCREDIT_DBT_HOST": str(parts.get("host", "127.0.0.1")),
        "IPCREDIT_DBT_PORT": str(parts.get("port", 5432)),
        "IPCREDIT_DBT_USER": str(parts.get("user", "")),
        "DBT_ENV_SECRET_PASSWORD": str(parts.get("password", "")),
        "IPCREDIT_DBT_DATABASE": str(parts.get("dbname", "")),
        "IPCREDIT_SCHEMA_PREFIX": schema_prefix,
        "IPCREDIT_DEFINITIONS": definitions(_DEFINITIONS),
        "IPCREDIT_JUDGEMENTS": definitions(_JUDGEMENTS),
        "PGTZ": TIME_ZONE.key,
    }
    # sslmode, sslrootcert and their like: dbt's connection must be as safe as ours.
    environment |= {f"PG{name.upper()}": str(value) for name, value in parts.items() if name.startswith("ssl")}
    # What dbt writes stays out of the checkout, which may be read-only.
    scratch = get_settings().home.absolute() / "dbt"
    environment.setdefault("DBT_TARGET_PATH", str(scratch / "target"))
    environment.setdefault("DBT_LOG_PATH", str(scratch / "logs"))
    # A line for every statement, of which nothing is read but when dbt itself is doubted: a twelfth of its time.
    environment.setdefault("DBT_LOG_LEVEL_FILE", "none")
    # Nor are its manifest and results read, but for whoever asks for them: a fifth of a short command.
    environment.setdefault("DBT_WRITE_JSON", "false")
    if as_of:
        environment["IPCREDIT_AS_OF"] = as_of.isoformat()
    if known_at:
        environment["IPCREDIT_KNOWN_AT"] = known_at.isoformat()
    if release_id:
        environment["IPCREDIT_RELEASE_ID"] = release_id
    return environment


def definitions(patterns: tuple[str, ...] = _DEFINITIONS, project: Path | None = None) -> str:
    """A mark of the code, contracts and seeds behind incremental tables: another mark, and dbt makes them anew
    (macros/incremental.sql, macros/judging_again.sql). A comment changes it too: one full build costs less than a wrong
    table.
    """
    digest, project = hashlib.sha256(), project or DBT_PROJECT
    for file in sorted(file for pattern in patterns for file in project.glob(pattern) if file.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(project)} {content}\n".encode())
    return digest.hexdigest()


def run_dbt(*arguments: str, environment: dict[str, str] | None = None, project: Path | None = None) -> None:
    """Run one dbt command on this project, its output going where ours goes.

    Raises:
        BuildError: dbt exited with anything but 0.
    """
    command = [
        sys.executable, "-m", "ipcredit.dbt", *arguments,
        "--project-dir", str(project or DBT_PROJECT), "--profiles-dir", str(project or DBT_PROJECT),
    ]  # fmt: skip
    if exit_code := _execute(command, environment or dbt_environment()):
        raise BuildError(f"dbt {arguments[0]} failed with exit code {exit_code}.")


def _execute(command: list[str], environment: dict[str, str]) -> int:
    return subprocess.run(
        command, env=environment, cwd=PROJECT_ROOT, check=False, preexec_fn=_end_with_parent
    ).returncode


def _end_with_parent() -> None:
    """Have the kernel end dbt when we are killed: our lock goes then, and the next build must not meet the old one."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def code_commit() -> str:
    """Commit of the running code: `IPCREDIT_CODE_COMMIT` (set in images), else what git says, else 'unknown'.

    Git's answer ends in `-dirty` when a committed file has been changed since.
    """
    if stated := os.environ.get("IPCREDIT_CODE_COMMIT"):
        return stated
    if not shutil.which("git"):
        return "unknown"
    asked = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip() or "unknown"


def latest_known_at() -> datetime:
    """The last moment anything was received or changed in the ledger: what a run without parameters judges by.

    One that has not come yet, which older versions let in, does not count: no build may judge by it.

    Raises:
        BuildError: nothing has been received yet.
    """
    with connect() as connection:
        row = connection.execute(
            """select max(moment)
               from intake.submissions, unnest(array[received_at, valid_from, valid_to]) as moment
               where moment <= clock_timestamp() + %s""",
            (LEEWAY,),
        ).fetchone()
    if not row or row[0] is None:
        raise BuildError("Nothing has been received yet: there is nothing to build.")
    moment: datetime = row[0]
    return moment.astimezone(TIME_ZONE)


def judge() -> None:
    """Judge the rows of submissions not judged yet under the contracts of this checkout (`stg_*`).

    Afterwards the seeds are those of this checkout, too.
    """
    with connect() as connection, advisory_lock(connection, "build"):
        ensure_raw_tables(connection)
        files = definitions(_JUDGING)
        unjudged = _unjudged_datasets(connection, files)
        connection.commit()
        if not unjudged:
            return
        # Tests wait for the build of a candidate, which nobody waits for by the hour.
        run_dbt(
            "build", "--select", "path:seeds", *(f"stg_{dataset}" for dataset in unjudged), "--resource-type", "seed",
            "--resource-type", "model", environment=dbt_environment(),
        )  # fmt: skip
        _note_judged(connection, unjudged, files)


def _unjudged_datasets(connection: Connection, files: str) -> dict[str, str]:
    """Datasets whose staging table may lack something under these files, each with a mark of its submissions now."""
    return dict(
        connection.execute(
            """select d.dataset, d.submissions
               from (
                 select names.dataset, to_regclass('staging.stg_' || names.dataset)::oid as staged,
                   md5(coalesce(
                     string_agg(s.submission_id || ':' || s.content_version, ' ' order by s.submission_id), ''
                   )) as submissions
                 from unnest(%s::text[]) as names (dataset)
                 left join intake.submissions as s on names.dataset = s.dataset and s.state in ('loaded', 'held')
                 group by 1, 2
               ) as d
               left join intake.judged_datasets as j using (dataset)
               where (d.staged, d.submissions, %s) is distinct from (j.staged, j.submissions, j.files)
               order by 1""",
            (list(load_contracts()), files),
        ).fetchall()
    )


def _note_judged(connection: Connection, judged: dict[str, str], files: str) -> None:
    """That dbt has ended well on these datasets, with the submissions and files that there were when it began."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """insert into intake.judged_datasets (dataset, staged, files, submissions)
               select %(dataset)s, staged, %(files)s, %(submissions)s
               from to_regclass('staging.stg_' || %(dataset)s) as staged
               where staged is not null
               on conflict (dataset) do update
               set staged = excluded.staged, files = excluded.files, submissions = excluded.submissions""",
            [
                {"dataset": dataset, "submissions": submissions, "files": files}
                for dataset, submissions in judged.items()
            ],
        )
    connection.commit()


def build_candidate(as_of: date | None = None, known_at: datetime | None = None) -> str:
    """Build `candidate.*` for a new release and return its id.

    Args:
        as_of: the day judged; default: the day of `known_at` in Asia/Shanghai.
        known_at: what had been received and recorded by then; default: `latest_known_at()`.

    Raises:
        BuildError: dbt failed; the release is recorded as failed and nothing published has changed.
        MomentError: `known_at` or `as_of` has not come yet.
    """
    known_at = known_at or latest_known_at()
    as_of = as_of or known_at.astimezone(TIME_ZONE).date()
    seeds = definitions(_SEEDS)
    with connect() as connection, advisory_lock(connection, "build"):
        for moment in (known_at, datetime.combine(as_of, time.min, TIME_ZONE)):
            refuse_future(connection, moment)
        ensure_raw_tables(connection)
        files = definitions(_JUDGING)
        unjudged = _unjudged_datasets(connection, files)
        left_out = [f"stg_{dataset}" for dataset in load_contracts() if dataset not in unjudged]
        # Files that passed once pass again.
        if connection.execute(
            """select 1 from release_store.releases
               where seeds_digest = %s and state not in ('building', 'failed') limit 1""",
            (seeds,),
        ).fetchone():
            left_out.append("path:seeds,resource_type:test")
        # Nobody else builds now: what is called building was interrupted, and this build replaces the last candidate.
        connection.execute(
            """update release_store.releases set state = case state when 'building' then 'failed' else 'dropped' end
               where state in ('building', 'candidate')"""
        )
        row = connection.execute(
            """insert into release_store.releases
                 (release_id, as_of, known_at, code_commit, state, seeds_digest, previous_release_id)
               select 'r' || to_char(%(as_of)s::date, 'YYYYMMDD') || '_'
                          || lpad(nextval('release_store.release_number')::text, 4, '0'),
                      %(as_of)s, %(known_at)s, %(commit)s, 'building', %(seeds)s, c.release_id
               from release_store.current_release as c returning release_id""",
            {"as_of": as_of, "known_at": known_at, "commit": code_commit(), "seeds": seeds},
        ).fetchone()
        connection.commit()
        assert row is not None  # noqa: S101 - one pointer row exists by the first migration
        release_id: str = row[0]
        try:
            # Unit tests judge the code, not the data: they belong to the test run.
            run_dbt(
                "build", "--exclude-resource-type", "unit_test", *(["--exclude", *left_out] if left_out else []),
                environment=dbt_environment(as_of=as_of, known_at=known_at, release_id=release_id),
            )  # fmt: skip
        except BuildError:
            _set_state(connection, release_id, "failed")
            raise
        _note_judged(connection, unjudged, files)
        _set_state(connection, release_id, "candidate")
    return release_id


@contextmanager
def judged_apart(prefix: str, as_of: date, known_at: datetime, policy_dir: Path | None = None) -> Iterator[None]:
    """Judge the catalogue's present facts again in schemas of their own, gone afterwards: `<prefix>grading` and so on.

    Nothing else is written: neither the tables of the last build nor any release. The catalogue is read as the last
    build left it; `known_at` limits the policy rows.

    Args:
        prefix: of the schemas, never empty; what a killed run left under it is replaced.
        as_of: the day judged.
        known_at: policy rows recorded by then count.
        policy_dir: a folder with CSV files that take the place of those of the same names in seeds/policy.

    Raises:
        BuildError: a file is not one of the policies or lacks their columns, or dbt failed: a day that no row covers,
            an unknown code, a value of the wrong kind; dbt's own output says which.
    """
    if not prefix:
        raise ValueError("Without a prefix these would be the tables of the last build.")
    with TemporaryDirectory(prefix="ipcredit-judge-") as folder:
        scratch = Path(folder)
        project = scratch / "project"
        shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
        for draft in sorted(policy_dir.glob("*.csv")) if policy_dir else ():
            _lay_over(draft, project / "seeds" / "policy" / draft.name)
        state = dbt_environment()
        parsed = Path(state["DBT_TARGET_PATH"]) / "partial_parse.msgpack"
        state |= {"DBT_TARGET_PATH": str(scratch / "state"), "DBT_WRITE_JSON": "true"}
        # What the last build has parsed need not be parsed again.
        if parsed.exists():
            state["DBT_PARTIAL_PARSE_FILE_PATH"] = str(parsed)
        environment = dbt_environment(as_of=as_of, known_at=known_at, schema_prefix=prefix) | {
            "DBT_TARGET_PATH": str(scratch / "target"),
        }
        with connect() as connection, advisory_lock(connection, "build"):
            try:
                run_dbt("parse", "--quiet", environment=state)
                # What is not built here is where the last build left it, and was tested by it.
                run_dbt(
                    "build", "--quiet", "--select", "path:seeds/policy", "path:models/grading",
                    "path:models/supervision", "--exclude-resource-type", "unit_test",
                    "--indirect-selection", "cautious", "--defer", "--favor-state",
                    "--state", str(scratch / "state"), environment=environment, project=project,
                )  # fmt: skip
                yield
            finally:
                connection.rollback()
                for schema in ("policy", "grading", "supervision", "catalogue", "reference"):
                    connection.execute(
                        sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(prefix + schema))
                    )
                connection.commit()


def _lay_over(draft: Path, policy: Path) -> None:
    if not policy.exists():
        known = ", ".join(sorted(file.stem for file in policy.parent.glob("*.csv")))
        raise BuildError(f"{draft.name} is none of the policies: {known}.")
    with draft.open(encoding="utf-8-sig") as given, policy.open(encoding="utf-8") as kept:
        found, wanted = given.readline().strip().split(","), kept.readline().strip().split(",")
    if set(found) != set(wanted):
        missing, unknown = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
        raise BuildError(
            f"{draft.name} must have the columns {', '.join(wanted)}; "
            f"missing: {', '.join(missing) or 'none'}, unknown: {', '.join(unknown) or 'none'}."
        )
    shutil.copyfile(draft, policy)


def _set_state(connection: Connection, release_id: str, state: str) -> None:
    connection.execute("update release_store.releases set state = %s where release_id = %s", (state, release_id))
    connection.commit()
