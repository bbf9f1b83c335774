"""Reminders: each unit is told once of everything that it had to report by a day that has passed.

Never twice for the same thing, whatever happens: an item is claimed in the ledger, then the message is sent, then the
claim is marked as sent. A process that ends between the two leaves a claim of which nobody knows whether it went out;
it is shown to the operator and never sent again by itself. Only a message that certainly did not leave gives its items
back to the next run.
"""

import csv
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from secrets import token_hex
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from ipcredit.database import connect
from ipcredit.intake.returns import Overdue, Release, overdue, published, write_overdue
from ipcredit.intake.scan import RECEIPTS, drop_folder, unit_of
from ipcredit.intake.units import REFERENCE, Unit
from ipcredit.settings import TIME_ZONE
from ipcredit.sheets import Form, styles_of, workbook

# The server said no before it took the message; anything else may mean that it did take it.
_REFUSALS = (
    smtplib.SMTPHeloError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)


class NotSent(RuntimeError):
    """The message certainly did not leave: its items are due again."""


class ReminderError(RuntimeError):
    """Nothing was changed; the message says why."""


@dataclass(frozen=True)
class Message:
    """What one unit is told; `id` is how the ledger, the mail or the file is found again."""

    id: str
    unit: Unit
    release: Release
    items: list[Overdue]

    @property
    def subject(self) -> str:
        """One line that says it all."""
        return f"【催报】知识产权信用信息逾期未报 {len(self.items)} 项（截至 {self.release.as_of}）"

    @property
    def html(self) -> str:
        """The mail's body."""
        heads = ("数据集", "期间", "期限", "逾期工作日", "依据", "怎么办")
        rows = [
            (
                item.title, item.period, item.due_on.isoformat(),
                "—" if item.working_days is None else str(item.working_days), item.legal_basis, item.remedy,
            )
            for item in self.items
        ]  # fmt: skip
        table = "".join(
            f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in cells)}</tr>"
            for tag, cells in [("th", heads), *(("td", row) for row in rows)]
        )
        return (
            f"<p>{escape(self.unit.name)}：</p><p>截至 {self.release.as_of}，贵单位下列信用信息已过报送期限。</p>"
            f"<table border='1' cellpadding='4' style='border-collapse: collapse'>{table}</table>"
            f"<p>文件请放入贵单位的投递目录。同一事项只催报一次。</p><p>催报编号：{self.id}</p>"
        )


class Unknown(NamedTuple):
    """A message of which only a person can find out whether it went out."""

    message_id: str
    unit_code: str
    channel: str
    claimed_at: datetime
    items: int


def is_working_day(day: date) -> bool:
    """Whether offices work on that day, by the seeded calendar.

    Raises:
        LookupError: the calendar does not reach that day.
    """
    with (REFERENCE / "working_days.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["day"] == day.isoformat():
                return row["is_working_day"] == "true"
    raise LookupError(f"working_days.csv does not reach {day}: add the year's calendar.")


def remind(unit: str, mail: Callable[[Message], None] | None = None) -> int:
    """Tell a unit of what is overdue by the current release and was not told yet.

    Args:
        mail: sends a message, see `by_mail`; without it a file is written into the unit's drop folder.

    Returns:
        How many items the unit was told of; 0 when there was nothing new.

    Raises:
        NotSent: the message did not leave; the next run tries again.
    """
    with connect() as connection:
        release = published(connection)
        message = _claim(connection, release, unit, "mail" if mail else "file") if release else None
        connection.commit()
        if message is None:
            return 0
        try:
            (mail or _write_file)(message)
        except NotSent:
            _settle(connection, message.id, "not_sent", None)
            connection.commit()
            raise
        _settle(connection, message.id, "sent", None)
    return len(message.items)


def _claim(connection: psycopg.Connection, release: Release, unit: str, channel: str) -> Message | None:
    items = {(item.dataset, item.period, item.due_on): item for item in overdue(connection, release.release_id, unit)}
    message_id = token_hex(8)
    claimed = connection.execute(
        """insert into intake.reminders as r
             (bureau_code, dataset, period, due_on, state, channel, message_id, release_id)
           select %(unit)s, i.dataset, i.period, i.due_on, 'sending', %(channel)s, %(message)s, %(release)s
           from unnest(%(datasets)s::text[], %(periods)s::text[], %(dues)s::date[]) as i (dataset, period, due_on)
           on conflict (bureau_code, dataset, period, due_on) do update
             set state = excluded.state, channel = excluded.channel, message_id = excluded.message_id,
                 release_id = excluded.release_id, claimed_at = excluded.claimed_at, settled_by = null
             where r.state = 'not_sent'
           returning r.dataset, r.period, r.due_on""",
        {
            "unit": unit,
            "channel": channel,
            "message": message_id,
            "release": release.release_id,
            "datasets": [dataset for dataset, _, _ in items],
            "periods": [period for _, period, _ in items],
            "dues": [due_on for _, _, due_on in items],
        },
    ).fetchall()
    if not claimed:
        return None
    told = set(claimed)
    return Message(message_id, unit_of(unit), release, [item for key, item in items.items() if key in told])


def _settle(connection: psycopg.Connection, message_id: str, state: str, by: str | None) -> int:
    return connection.execute(
        """update intake.reminders
           set state = %(state)s, settled_by = %(by)s, sent_at = case when %(state)s = 'sent' then now() end
           where message_id = %(message)s and state = 'sending'""",
        {"state": state, "by": by, "message": message_id},
    ).rowcount


def unknown() -> list[Unknown]:
    """Messages that were begun and not finished, while nothing is being sent."""
    with connect() as connection:
        return (
            connection.cursor(row_factory=class_row(Unknown))
            .execute(
                """select message_id, bureau_code as unit_code, channel, min(claimed_at) as claimed_at,
                       count(*) as items
                   from intake.reminders where state = 'sending'
                   group by message_id, bureau_code, channel order by claimed_at, message_id"""
            )
            .fetchall()
        )


def settle(message_id: str, *, was_sent: bool, by: str) -> None:
    """Record what a person has found out about an unfinished message; one that was not sent is due again.

    Raises:
        ReminderError: there is no unfinished message with this id.
    """
    with connect() as connection:
        if not _settle(connection, message_id, "sent" if was_sent else "not_sent", by):
            raise ReminderError(f"没有编号为 {message_id} 的未了催报；现有的见 ipcredit reminders unknown。")


# --- the two channels -------------------------------------------------------------------------------------------------


def by_mail(server: AbstractContextManager[Any], address: str) -> Callable[[Message], None]:
    """Sends a message to an address.

    Args:
        server: Airflow's `SmtpHook`, told never to try a second time: a server that was not heard may have understood.
    """

    def send(message: Message) -> None:
        with ExitStack() as stack:
            try:
                opened = stack.enter_context(server)
            except Exception as error:
                raise NotSent(f"The mail server cannot be reached: {error}") from error
            try:
                opened.send_email_smtp(
                    to=address,
                    subject=message.subject,
                    html_content=message.html,
                    custom_headers={"Message-ID": f"<{message.id}@ipcredit>"},
                )
            except _REFUSALS as error:
                raise NotSent(f"The mail server refused the message: {error}") from error

    return send


def _write_file(message: Message) -> None:
    path = drop_folder(message.unit.code) / RECEIPTS / f"催报_{message.release.as_of}_{message.id}.xlsx"
    try:
        with workbook(path, message.subject, message.release.known_at.astimezone(TIME_ZONE)) as book:
            styles = styles_of(book)
            form = Form(book, styles, "催报", (24, 72))
            form.line(36, "title", "知识产权信用信息催报")
            form.line(34, "bad", f"逾期未报 {len(message.items)} 项，请尽快报送")
            for label, value in (
                ("报送单位", message.unit.name),
                ("截至", message.release.as_of.isoformat()),
                ("依据的发布", message.release.release_id),
                ("催报编号", message.id),
            ):
                form.line(20, "cell", label, value)
            form.line(26, "section", "下一步")
            form.line(22, "cell", "第 1 步", "按「缺报」表逐项报送，文件放入本单位的投递目录。")
            form.line(20, "small", "同一事项只催报一次。")
            write_overdue(book, styles, message.items)
    except OSError as error:
        if path.exists():
            raise
        raise NotSent(f"{path} could not be written: {error}") from error
