"""`ipcredit …`: the same functions that the DAGs call, for a person at a terminal.

One section per group of commands, imports of heavy libraries inside the command: `ipcredit --help` stays quick.
"""

import json
import os
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.core import TyperGroup

from ipcredit import embedded, quality, release, roles
from ipcredit.backup import BackupError
from ipcredit.build import BuildError, build_candidate
from ipcredit.contracts import ContractError, period_is_valid
from ipcredit.database import DatabaseError, MomentError, database_url
from ipcredit.database import migrate as apply_migrations
from ipcredit.inspection import DrawError
from ipcredit.intake.archive import ArchiveKeyError
from ipcredit.intake.identity_queue import QueueError
from ipcredit.intake.personal import PersonKeyError
from ipcredit.intake.returns import ReturnError
from ipcredit.intake.templates import TemplateError, file_name, write_all_templates, write_template
from ipcredit.outputs import OutputError
from ipcredit.reminders import ReminderError
from ipcredit.replay import ReplayError
from ipcredit.settings import TIME_ZONE, get_settings

# What a person can mend: one red line. Anything else is our mistake and keeps its traceback.
EXPECTED_ERRORS = (
    embedded.EmbeddedServerError,
    DatabaseError,
    MomentError,
    BuildError,
    psycopg.OperationalError,
    ContractError,
    TemplateError,
    PersonKeyError,
    ArchiveKeyError,
    BackupError,
    ReplayError,
    QueueError,
    DrawError,
    ReturnError,
    ReminderError,
    quality.GateError,
    release.ReleaseError,
    OutputError,
)


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EXPECTED_ERRORS as error:
            typer.secho(str(error), fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from None


def _moment(text: str | None) -> datetime | None:
    """A moment as a person types it; without an offset it is meant in Asia/Shanghai."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no moment such as 2022-12-05T09:00:00+08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=TIME_ZONE)


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


# --- ipcredit db ------------------------------------------------------------------------------------------------------

db = typer.Typer(no_args_is_help=True, help="The warehouse database and the embedded server.")
app.add_typer(db, name="db")


@db.command()
def start() -> None:
    """Start the embedded PostgreSQL server, unless an external one is set, and bring the database up to date."""
    if not get_settings().database_url:
        embedded.start()
    migrate()
    status()


@db.command()
def stop() -> None:
    """Stop the embedded PostgreSQL server."""
    typer.echo("Stopped." if embedded.stop() else "It was not running.")


@db.command()
def status() -> None:
    """Say where the database is and whether it answers; exit code 3 if the embedded server is not running."""
    if get_settings().database_url:
        with psycopg.connect(database_url()) as connection:
            info = connection.info
            typer.echo(f"External PostgreSQL {info.server_version // 10000} on {info.host}:{info.port}, {info.dbname}.")
        return
    found = embedded.status()
    if found.pid is None:
        typer.echo(f"The embedded server is not running. Its directory: {found.directory}")
        raise typer.Exit(3)
    typer.echo(f"The embedded server runs as process {found.pid} on 127.0.0.1:{found.port} in {found.directory}.")


@db.command()
def migrate() -> None:
    """Apply the migrations that the database has not had yet."""
    for name in apply_migrations():
        typer.echo(f"Applied {name}")


@db.command()
def grant() -> None:
    """Create the database roles that are missing and give each its rights; passwords of analysts stay in files."""
    typer.echo(f"{len(roles.grant())} roles stand as they should.")


@db.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(
    context: typer.Context,
    role: Annotated[
        str | None, typer.Option("--as", help="A role made by `ipcredit db grant`, such as analyst.")
    ] = None,
) -> None:
    """Open psql on the warehouse; further arguments go to psql, such as -c 'select 1'."""
    connection = conninfo_to_dict(database_url())
    password = connection.pop("password", None)
    if role:
        file = roles.password_file(role)
        if not file.exists():
            raise DatabaseError(f"No password of {role} in {file.parent}: make one with `ipcredit db grant`.")
        connection["user"], password = role, file.read_text(encoding="utf-8").strip()
    program = embedded.binaries() / "psql"
    # The password goes by the environment: every user of the machine can read a command line.
    environment = os.environ | {"PGCLIENTENCODING": "UTF8"} | ({"PGPASSWORD": str(password)} if password else {})
    arguments = ["psql", make_conninfo("", **connection), *context.args]
    os.execve(program, arguments, environment)  # noqa: S606 - its only work is to become psql


@db.command("backup")
def db_backup(
    folder: Path,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Finished backups to keep in its folder, the newest, this one included; default: all."
        ),
    ] = None,
) -> None:
    """Write the database and the archive to a new folder; keys are kept apart from it."""
    from ipcredit.backup import backup, prune

    typer.echo(backup(folder))
    for removed in prune(folder.parent, keep) if keep else ():
        typer.echo(f"Removed {removed}")


@db.command("restore")
def db_restore(folder: Path) -> None:
    """Fill an empty database (the embedded server's is made) and an empty archive from a backup."""
    from ipcredit.backup import restore

    if not get_settings().database_url:
        embedded.start()
    typer.echo(f"The database stands as it was; {restore(folder)} files are back in the archive.")


# --- ipcredit health --------------------------------------------------------------------------------------------------


@app.command()
def health(
    max_age_days: Annotated[
        int | None,
        typer.Option(
            help="A current release that judges an older day, or a last backup older, is not well; default: only told."
        ),
    ] = None,
    min_free_gb: Annotated[float, typer.Option(help="Less free space in any of our folders is not well.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="For a monitoring program.")] = False,
) -> None:
    """Say whether the warehouse is well, a line per check with what to do; exit code 1 if something is not."""
    from ipcredit.health import check_health

    checks = check_health(datetime.now(TIME_ZONE).date(), max_age_days, min_free_gb)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        for check in checks:
            typer.echo(f"{'ok ' if check.ok else 'BAD'}  {check.name:<11}{check.found}  {check.what_to_do}".rstrip())
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


# --- ipcredit archive -------------------------------------------------------------------------------------------------

archive_commands = typer.Typer(no_args_is_help=True, help="The encrypted archive of what was received.")
app.add_typer(archive_commands, name="archive")


@archive_commands.command("new-key")
def archive_new_key() -> None:
    """Print a key for the archive, to be put before the others in IPCREDIT_ARCHIVE_KEYS."""
    from ipcredit.intake.archive import new_key

    typer.echo(new_key())


@archive_commands.command("rekey")
def archive_rekey() -> None:
    """Encrypt every file anew with the first key; afterwards the others may be taken away."""
    from ipcredit.intake.archive import rekey

    typer.echo(f"{rekey()} files are encrypted with the first key.")


@archive_commands.command("replay")
def archive_replay() -> None:
    """Take in again, into a warehouse that holds nothing, all that the archive holds, as at the time."""
    from ipcredit.replay import replay

    counts = Counter(outcome.state for _, outcome in replay())
    typer.echo(", ".join(f"{state} {count}" for state, count in sorted(counts.items())) or "The archive is empty.")


# --- ipcredit template ------------------------------------------------------------------------------------------------


@app.command()
def template(
    bureau: Annotated[str, typer.Option(help="Code of the submitting unit, such as 210600.")],
    dataset: Annotated[str, typer.Option(help="A dataset, such as honours, or all: one workbook each in a folder.")],
    period: Annotated[
        str | None, typer.Option(help="2022, 2022Q3 or 2022-11; left to the bureau if not given.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write (a folder for all).")] = None,
) -> None:
    """Write the Excel workbook that a bureau fills."""
    if dataset == "all":
        paths = write_all_templates(bureau, period, output or Path(f"templates-{bureau}"))
    else:
        paths = [write_template(bureau, dataset, period, output or Path(file_name(dataset, period)))]
    for path in paths:
        typer.echo(path)


# --- ipcredit intake --------------------------------------------------------------------------------------------------

intake = typer.Typer(no_args_is_help=True, help="What submitting units have dropped: look, take in, confirm, receipts.")
app.add_typer(intake, name="intake")
ByOption = Annotated[str, typer.Option("--by", help="The role that decided, such as 知识产权保护处.")]
UnitOption = Annotated[str | None, typer.Option("--unit", help="Code of one unit, such as 210600; default: all.")]


def _units(code: str | None) -> list[str]:
    from ipcredit.intake.scan import unit_of
    from ipcredit.intake.units import submitting_units

    try:
        return [unit_of(code).code] if code else [unit.code for unit in submitting_units()]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@intake.command("scan")
def intake_scan(unit: UnitOption = None) -> None:
    """List what lies in the drop folders, without opening anything."""
    from ipcredit.intake.scan import printable, scan

    for code in _units(unit):
        for dropped in scan(code):
            note = f"  ({dropped.problem.detail})" if dropped.problem else ""
            typer.echo(f"{code}  {dropped.size:>12,}  {printable(dropped.name)}{note}")


@intake.command("run")
def intake_run(
    unit: UnitOption = None,
    received_at: Annotated[
        str | None, typer.Option(help="Moment the files count as received, with its offset; default: now.")
    ] = None,
) -> None:
    """Take in every dropped file; rows are judged and receipts written by `ipcredit intake receipts`."""
    from ipcredit.intake import take_in

    moment = _moment(received_at) or datetime.now(TIME_ZONE)
    for code in _units(unit):
        for outcome in take_in(code, moment):
            sheet = f" [{outcome.sheet_name}]" if outcome.sheet_name else ""
            refusal = f"{outcome.refusal_code} {outcome.detail}"
            about = refusal if outcome.refusal_code else f"{outcome.rows_received} rows"
            number = f"#{outcome.submission_id} " if outcome.submission_id else ""
            typer.echo(f"{code}  {outcome.state:<10}  {number}{outcome.file_name}{sheet}  {about}")


@intake.command("confirm")
def intake_confirm(
    submission_id: int,
    by: Annotated[str, typer.Option(help="The post that confirms.")],
    reason: Annotated[str, typer.Option(help="Why; shown on the receipt.")],
    at: Annotated[str | None, typer.Option(help="Moment of the confirmation, with its offset; default: now.")] = None,
) -> None:
    """Put a held submission in force."""
    from ipcredit.database import connect
    from ipcredit.intake.loader import ConfirmError, confirm

    moment = _moment(at) or datetime.now(TIME_ZONE)
    try:
        with connect() as connection:
            outcome = confirm(connection, submission_id, by, reason, moment)
    except ConfirmError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"Submission {submission_id} ({outcome.dataset} {outcome.period}) is in force.")


@intake.command("receipts")
def intake_receipts(unit: UnitOption = None) -> None:
    """Judge the rows not judged yet and write the receipts that are due."""
    from ipcredit.build import judge
    from ipcredit.intake.receipts import write_receipts

    judge()
    for code in _units(unit):
        for path in write_receipts(code):
            typer.echo(str(path))


# --- ipcredit retention -----------------------------------------------------------------------------------------------

retention_commands = typer.Typer(no_args_is_help=True, help="Personal data whose term has ended.")
app.add_typer(retention_commands, name="retention")


@retention_commands.callback()
def _retention() -> None:
    """Keeps `run` a command of the group although it is the only one."""


@retention_commands.command("run")
def retention_run(
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Erase what ended before this day.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
) -> None:
    """Erase personal data past its term, in the tables and in the archive, and record it."""
    from ipcredit.retention import erase_expired

    done = erase_expired(as_of.date(), dry_run=dry_run)
    verb = "Would erase" if dry_run else "Erased"
    for dataset, rows in done.rows.items():
        typer.echo(f"{verb} the personal data of {rows} rows of {dataset}.")
    for file in done.files_erased:
        typer.echo(f"{verb} the archived file {file.sha256[:12]} ({file.file_name}): its last term ended {file.until}.")
    for file in done.files_kept:
        typer.echo(f"{file.sha256[:12]} ({file.file_name}) may still hold personal data until {file.until}.")
    if done.report_uses:
        typer.echo(f"{verb} {done.report_uses} uses of credit reports.")
    if not (done.rows or done.files_erased or done.report_uses):
        typer.echo("Nothing is past its term.")


# --- ipcredit review --------------------------------------------------------------------------------------------------

review = typer.Typer(no_args_is_help=True, help="The sampled review of what was reported.")
app.add_typer(review, name="review")


@review.command("sheets")
def review_sheets(
    period: Annotated[str, typer.Option(help="The quarter whose samples go out, such as 2022Q3.")],
) -> None:
    """Write the sheets of the rows drawn, as the last build drew them, into the units' folders."""
    from ipcredit.intake.review_sheets import write_review_sheets

    if not period_is_valid(period, "quarterly"):
        raise typer.BadParameter(f"{period} is no quarter such as 2022Q3.")
    for path in write_review_sheets(period):
        typer.echo(str(path))


# --- ipcredit identity ------------------------------------------------------------------------------------------------

identity = typer.Typer(no_args_is_help=True, help="Rows that name their subject without its code.")
app.add_typer(identity, name="identity")


@identity.command("queue")
def identity_queue(
    output: Annotated[Path, typer.Option(help="Workbook to write, such as 主体核对决定_2022.xlsx.")],
    period: Annotated[str | None, typer.Option(help="2022; left to be filled in if not given.")] = None,
) -> None:
    """Write the rows that wait for a decision as a sheet to fill in; dropped by the office, it is taken in as data."""
    from ipcredit.intake.identity_queue import write_queue

    typer.echo(f"{write_queue(output, period)} rows wait: {output}")


# --- ipcredit returns, ipcredit reminders -----------------------------------------------------------------------------

returns_commands = typer.Typer(no_args_is_help=True, help="The monthly files that say what a unit still has to do.")
app.add_typer(returns_commands, name="returns")


@returns_commands.command("write")
def returns_write(
    month: Annotated[
        str | None, typer.Option(help="2022-11; default: the last month that was over on the release's day.")
    ] = None,
    unit: UnitOption = None,
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the return file of each unit into its drop folder; what was written before stays as it is."""
    from ipcredit.intake.returns import choose, write_return

    if month and not period_is_valid(month, "monthly"):
        raise typer.BadParameter(f"{month} is no month such as 2022-11.")
    chosen = choose(month, release_id)
    for code in _units(unit):
        written = write_return(code, *chosen)
        typer.echo(f"{written.path}{'' if written.is_new else '  unchanged'}")


reminders_commands = typer.Typer(no_args_is_help=True, help="What units were told is overdue; sent by Airflow.")
app.add_typer(reminders_commands, name="reminders")


@reminders_commands.command("unknown")
def reminders_unknown() -> None:
    """List messages that were begun and not finished: they may have gone out or not."""
    from ipcredit.reminders import unknown

    for left in unknown():
        typer.echo(f"{left.message_id}  {left.unit_code}  {left.channel}  {left.claimed_at}  {left.items} items")


@reminders_commands.command("settle")
def reminders_settle(
    message_id: str,
    was_sent: Annotated[bool, typer.Option("--sent/--not-sent", help="What the mail log or the folder says.")],
    by: ByOption,
) -> None:
    """Record what became of such a message; one that was not sent is sent by the next run."""
    from ipcredit.reminders import settle

    settle(message_id, was_sent=was_sent, by=by)


# --- ipcredit docs ----------------------------------------------------------------------------------------------------


@app.command()
def docs() -> None:
    """Write the data dictionary as one web page; it needs no database."""
    from ipcredit.dictionary import write_dictionary

    typer.echo(write_dictionary())


# --- ipcredit build ---------------------------------------------------------------------------------------------------


@app.command()
def build(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day judged; default: the day of --known-at.")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(help="2022-12-05T09:00:00+08:00; default: the last moment recorded in the ledger."),
    ] = None,
) -> None:
    """Build a release candidate; next: `ipcredit gate run`, then `ipcredit release publish`."""
    typer.echo(build_candidate(as_of=as_of.date() if as_of else None, known_at=_moment(known_at)))


# --- ipcredit gate, ipcredit release ----------------------------------------------------------------------------------

gate = typer.Typer(no_args_is_help=True, help="The checks that a release candidate has to pass.")
app.add_typer(gate, name="gate")

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept and shown.")]


@gate.command("run")
def gate_run(release_id: str) -> None:
    """Check the candidate of a release; exit code 1 if it may not be published."""
    verdict = quality.run_gate(release_id)
    typer.echo(f"{verdict.summary}\n{verdict.data_docs}")
    if not verdict.passed:
        raise typer.Exit(1)


@gate.command("waive")
def gate_waive(release_id: str, rule: str, by: ByOption, reason: ReasonOption) -> None:
    """Let one release pass although a rule fails; run the gate again after it."""
    quality.waive(release_id, rule, by, reason)


release_commands = typer.Typer(no_args_is_help=True, help="What readers see, and what they saw before.")
app.add_typer(release_commands, name="release")


@release_commands.command("list")
def release_list() -> None:
    """All releases and candidates, the newest first; * marks the current one."""
    for found in release.list_releases():
        pinned = f"  pinned by {found.pinned_by}: {found.pinned_reason}" if found.pinned_by else ""
        mark = "*" if found.is_current else " "
        typer.echo(f"{mark} {found.release_id}  as of {found.as_of}  {found.state:<9}{pinned}")


@release_commands.command("publish")
def release_publish(
    release_id: str,
    by: ByOption = "ipcredit",
    make_current: Annotated[
        bool | None,
        typer.Option(
            "--current/--not-current",
            help="Show it to readers, or only keep it; default: show it unless it judges an earlier day.",
        ),
    ] = None,
) -> None:
    """Publish a candidate that has passed the gate."""
    is_current = release.publish(release_id, by, make_current)
    typer.echo(f"{release_id} is published and {'current' if is_current else 'not current'}.")


@release_commands.command("rollback")
def release_rollback(release_id: str, by: ByOption, reason: ReasonOption) -> None:
    """Make an earlier release the current one again."""
    release.rollback(release_id, by, reason)


@release_commands.command("pin")
def release_pin(release_id: str, by: ByOption, reason: ReasonOption) -> None:
    """Keep a release for good."""
    release.pin(release_id, by, reason)


@release_commands.command("digest")
def release_digest(release_id: str) -> None:
    """Print a SHA-256 over all rows of a release: the same in two warehouses that say the same."""
    typer.echo(release.digest(release_id))


# --- ipcredit site ----------------------------------------------------------------------------------------------------


@app.command()
def site(
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write all pages of a release into its folder; index.html leads to them."""
    from ipcredit.outputs.site import write_site

    for path in write_site(release_id):
        typer.echo(path)


# --- ipcredit dashboard -----------------------------------------------------------------------------------------------


@app.command()
def dashboard(
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the dashboard page of a release."""
    from ipcredit.outputs.dashboard import write_dashboard

    typer.echo(write_dashboard(release_id))


# --- ipcredit catalogue -----------------------------------------------------------------------------------------------


@app.command()
def catalogue(
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the catalogue page of a release."""
    from ipcredit.outputs.catalogue import write_catalogue

    typer.echo(write_catalogue(release_id))


# --- ipcredit scorecards ----------------------------------------------------------------------------------------------


@app.command()
def scorecards(
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the assessment of a release: its page, and a workbook per region and year."""
    from ipcredit.outputs.assessment_page import write_assessment_page
    from ipcredit.outputs.scorecards import write_scorecards

    for path in [write_assessment_page(release_id), *write_scorecards(release_id)]:
        typer.echo(path)


# --- ipcredit summary, ipcredit dispatch ------------------------------------------------------------------------------


@app.command()
def summary(
    year: Annotated[int, typer.Option(help="The year told of, such as 2022.")],
    city: Annotated[str | None, typer.Option(help="Code of a city or area; default: the province.")] = None,
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release of that year; default: the current.")
    ] = None,
) -> None:
    """Write the pilot summary of a year, a Word document, and its data annex."""
    from ipcredit.outputs.summary import write_summary

    for line in write_summary(year, city, release_id).said:
        typer.echo(line)


@app.command()
def dispatch(
    month: Annotated[str, typer.Option(help="Such as 2022-11.")],
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the dispatch sheet of a month: how far every city and area is."""
    from ipcredit.outputs.dispatch import write_dispatch

    made = write_dispatch(month, release_id)
    typer.echo(f"{made.path}\n{made.figures} figures from {made.release_id}.")


# --- ipcredit lists ---------------------------------------------------------------------------------------------------

lists_commands = typer.Typer(no_args_is_help=True, help="Public lists: drafts of a release, approved editions.")
app.add_typer(lists_commands, name="lists")


@lists_commands.command("draft")
def lists_draft(
    list_code: Annotated[str | None, typer.Option("--list", help="red or dishonest; default: all of ours.")] = None,
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Write the drafts of a release: workbook, CSV and JSON of each list."""
    from ipcredit.outputs.public_lists import draft

    for path in draft(list_code, release_id):
        typer.echo(path)


@lists_commands.command("approve")
def lists_approve(
    edition_id: str,
    by: ByOption,
    document: Annotated[str, typer.Option(help="Number of the document that approves.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the approval.")],
) -> None:
    """Keep the draft as the list's next edition, unchangeable, and write its files."""
    from ipcredit.outputs.public_lists import approve

    for path in approve(edition_id, by, document, on.date()):
        typer.echo(path)


@lists_commands.command("show")
def lists_show() -> None:
    """Every list: its editions, what the current release would add or take down, and what is late."""
    from ipcredit.outputs.public_lists import overview

    for line in overview():
        typer.echo(line)


@lists_commands.command("write")
def lists_write(edition_id: str) -> None:
    """Write an approved edition's files again, byte for byte."""
    from ipcredit.outputs.public_lists import write_edition

    for path in write_edition(edition_id):
        typer.echo(path)


# --- ipcredit draw ----------------------------------------------------------------------------------------------------

draw_commands = typer.Typer(no_args_is_help=True, help="双随机: who is inspected, and by whom.")
app.add_typer(draw_commands, name="draw")


@draw_commands.command("run")
def draw_run(
    draw_id: str,
    plan: Annotated[str, typer.Option(help="Number of the inspection plan.")],
    kind: Annotated[str, typer.Option(help="patent_agency, trademark_agency or enterprise.")],
    seed: Annotated[str, typer.Option(help="A text nobody could know beforehand, such as a lottery's result.")],
    seed_source: Annotated[str, typer.Option(help="Where it comes from; announced before the draw.")],
    by: ByOption,
    inspect_by: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day for inspecting.")],
    release_id: Annotated[
        str | None, typer.Option("--release", help="A published release; default: the current.")
    ] = None,
) -> None:
    """Draw, and write every bureau the form of what was drawn for it."""
    from ipcredit.inspection import draw, write_sheets

    made = draw(draw_id, plan, kind, seed, seed_source, by, inspect_by.date(), release_id)
    typer.echo(
        f"{made.drawn} of {made.frame_size} drawn from {made.release_id}; {made.gaps} seats without an inspector."
    )
    for path in write_sheets(draw_id):
        typer.echo(str(path))
    if made.left_over:
        typer.echo(made.left_over)


@draw_commands.command("verify")
def draw_verify(draw_id: str) -> None:
    """Draw again from the kept frame and seed; exit code 1 if the result is another."""
    from ipcredit.inspection import verify

    typer.echo(f"{verify(draw_id).drawn} drawn, as frame and seed say.")


@draw_commands.command("list")
def draw_list() -> None:
    """All draws, the newest first."""
    from ipcredit.inspection import list_draws

    for made in list_draws():
        missing = f"{made.without_sheet} without a sheet  " if made.without_sheet else ""
        typer.echo(
            f"{made.draw_id}  {made.release_id}  {made.drawn} of {made.frame_size}  {made.gaps} gaps  {missing}"
            f"seed {made.seed}"
        )


@draw_commands.command("export")
def draw_export(draw_id: str, output: Path) -> None:
    """Write frame and roster for others: python ipcredit/redraw.py FRAME.csv SEED DRAW_ID FRAME_roster.csv."""
    from ipcredit.inspection import export

    for path in export(draw_id, output):
        typer.echo(str(path))


# --- ipcredit exchange ------------------------------------------------------------------------------------------------

exchange = typer.Typer(no_args_is_help=True, help="Files to and from other authorities.")
app.add_typer(exchange, name="exchange")


@exchange.command("prepare")
def exchange_prepare(
    release_id: Annotated[
        str | None, typer.Option("--release", help="Refused unless this is the current one; default: the current.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Code of one partner; default: all.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything, also what a partner is known to have.")] = False,
) -> None:
    """Make the drafts of what the partners should be told; what they know already is left out."""
    from ipcredit.outputs.exchange import prepare

    drafts = prepare(release_id, partner, full=full)
    for draft in drafts:
        typer.echo(f"{draft.package_id}  {draft.mode:<5}  {draft.items} items  sha256 {draft.sha256}\n    {draft.path}")
    if not drafts:
        typer.echo("Nothing new to tell.")


@exchange.command("approve")
def exchange_approve(
    package_id: str,
    sha256: Annotated[str, typer.Option(help="Of the draft that was looked at: eight digits or more.")],
    by: ByOption,
    document: Annotated[str, typer.Option(help="Number of the document that approves.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its date.")],
) -> None:
    """Approve a draft; its content is kept unchangeable from then on."""
    from ipcredit.outputs.exchange import approve

    approve(package_id, sha256, by, document, on.date())


@exchange.command("send")
def exchange_send(
    package_ids: Annotated[list[str] | None, typer.Argument(help="Send these again; default: all unsent.")] = None,
) -> None:
    """Put approved packages into the outboxes."""
    from ipcredit.outputs.exchange import send

    for path in send(package_ids or []):
        typer.echo(path)


@exchange.command("acknowledge")
def exchange_acknowledge() -> None:
    """Read the partners' answers from the inboxes; exit code 1 if one cannot be used."""
    from ipcredit.exchange_inbox import acknowledge

    _tell_of_inbox(acknowledge(datetime.now(TIME_ZONE)))


@exchange.command("receive")
def exchange_receive() -> None:
    """Put what partners have sent into the drop folders of the units it is of; exit code 1 if one cannot be used."""
    from ipcredit.exchange_inbox import receive

    _tell_of_inbox(receive(datetime.now(TIME_ZONE)))


def _tell_of_inbox(outcomes: Any) -> None:
    for outcome in outcomes:
        colour = typer.colors.RED if outcome.state == "refused" else None
        typer.secho(f"{outcome.state:<9} {outcome.partner_code}  {outcome.file_name}  {outcome.detail}", fg=colour)
    if any(outcome.state == "refused" for outcome in outcomes):
        raise typer.Exit(1)


@exchange.command("status")
def exchange_status(
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default: today.")] = None,
) -> None:
    """All packages; of what is unanswered, since when."""
    from ipcredit.outputs.exchange import status

    for found in status((on or datetime.now(TIME_ZONE)).date()):
        operations = f"+{found.upserts} ~{found.withdrawals} -{found.deletes}"
        line = f"{found.package_id}  {found.state:<8}  {found.mode:<5}  {operations}  {found.release_id}"
        if found.rejected_items:
            line += f"  {found.rejected_items} items not taken"
        if found.state == "sent" and found.sent_at:
            days = "?" if found.working_days is None else found.working_days
            line += f"  sent {found.sent_at:%Y-%m-%d}, {days} working days without an answer"
        late = f"  LATE: more than {found.answer_days} (provisional)" if found.is_overdue else ""
        typer.secho(line + late, fg=typer.colors.RED if late else None)


# --- ipcredit simulate ------------------------------------------------------------------------------------------------


@app.command()
def simulate(
    policy: Annotated[Path, typer.Option(help="Folder with the draft: CSV files named like those in seeds/policy.")],
    output: Annotated[Path, typer.Option(help="Workbook to write.")] = Path("草案试算.xlsx"),
) -> None:
    """Show what a draft of the policies would change, judged on the facts and the day of the last build."""
    from ipcredit.simulation import simulate as judge_draft
    from ipcredit.simulation import write_workbook

    if not policy.is_dir() or not list(policy.glob("*.csv")):
        raise typer.BadParameter(f"{policy} holds no CSV file.")
    try:
        found = judge_draft(policy)
    except BuildError as error:
        raise typer.BadParameter(str(error)) from None
    write_workbook(found, output)
    for track, before, draft, subjects in found.matrix.rows:
        typer.echo(f"{track:<18}{before:>14} → {draft:<14}{subjects:>9}{'' if before == draft else '  *'}")
    typer.echo(
        f"{len(found.grades.rows)} grades or scores, {len(found.lists.rows)} list entries and "
        f"{len(found.measures.rows)} measures change: {output}"
    )


# --- ipcredit check, ipcredit explain ---------------------------------------------------------------------------------


@app.command()
def check(
    subject: Annotated[str, typer.Argument(help="A unified social credit code, or the identifier of a person.")],
    matter: Annotated[
        str | None, typer.Option(help="A class of measures such as 资金政策; 给予支持 is Shenyang's, from 2024-12-27.")
    ] = None,
) -> None:
    """Say under which measures a subject stands in the current release: before anything is granted.

    Exit code 0: nothing stands against it; 1: the question could not be answered; 2: wrong input; 3: measures stand
    against it, mandatory or discretionary; 4: nothing is known of it.
    """
    from ipcredit.outputs import checks

    try:
        found = checks.check(subject, matter)
    except (checks.WrongSubject, checks.WrongMatter) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(2) from None
    typer.echo(found)
    if not found.is_known:
        raise typer.Exit(4)
    if found.constraints:
        raise typer.Exit(3)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="A unified social credit code, or the identifier of a person.")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Another day than the current release's.")
    ] = None,
    reader: Annotated[
        str, typer.Option("--as", help="analyst: what may be shown; supervisor: with what is internal.")
    ] = "analyst",
) -> None:
    """Say why a subject is graded and listed as it is, and what changes next."""
    from ipcredit.explain import explain as explain_subject

    if reader not in ("analyst", "supervisor"):
        raise typer.BadParameter("--as is analyst or supervisor.")
    typer.echo(explain_subject(subject, as_of.date() if as_of else None, supervisor=reader == "supervisor"))


# --- ipcredit report --------------------------------------------------------------------------------------------------


@app.command()
def report(
    subject: Annotated[str, typer.Argument(help="A unified social credit code, or the identifier of a person.")],
    reason: Annotated[str, typer.Option(help="Why the report is needed; it stays on record.")],
    by: Annotated[str, typer.Option(help="The office or post that asks; no person's name.")],
    purpose: Annotated[str | None, typer.Option("--for", help="What the report is used for.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day of a kept release; default: the current one's."),
    ] = None,
    release_id: Annotated[
        str | None, typer.Option("--release", help="A kept release instead of the current one.")
    ] = None,
    reader: Annotated[
        str, typer.Option("--as", help="Whose view it is: analyst, analyst_<division> or supervisor.")
    ] = "analyst",
    output: Annotated[Path | None, typer.Option(help="Folder to write to, default <home>/reports.")] = None,
) -> None:
    """Write a subject's credit report in Word and HTML; the use is put on record first."""
    from ipcredit.outputs.report import write_report

    if as_of and release_id:
        raise typer.BadParameter("Give --as-of or --release, not both.")
    for path in write_report(
        subject, reason=reason, by=by, purpose=purpose, reader=reader, release_id=release_id,
        as_of=as_of.date() if as_of else None, output=output,
    ):  # fmt: skip
        typer.echo(str(path))


if __name__ == "__main__":
    app()
