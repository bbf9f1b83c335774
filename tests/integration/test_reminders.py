"""What is overdue is told once, by a real mail server or in a file, whatever breaks between claim and record."""

import email
import email.policy
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from candidates import build_first_candidate, pass_gate
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.cli import app
from ipcredit.reminders import Message, NotSent, is_working_day, remind, unknown
from ipcredit.settings import PROJECT_ROOT

R1 = "r20221205_0001"
UNIT, WITHOUT_ADDRESS = "210600", "210700"


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """R1 is the current release: of every bureau one item, 通用风险等级, is overdue."""
    assert remind(UNIT) == 0  # nothing is published, so nothing is known to be overdue
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    yield


@pytest.fixture(autouse=True)
def _nobody_was_told(warehouse) -> Iterator[None]:
    yield
    with warehouse.connect() as connection:
        connection.execute("truncate intake.reminders")
        connection.execute(
            "update release_store.catalogue_coverage set gap = null where dataset <> 'general_risk_class'"
        )
    for path in (warehouse.home / "drop").glob("*/回执/*"):
        path.unlink()


class Inbox:
    """A mail server's handler: keeps what it takes, and fails as it is told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse_recipients = self.refuse_data = self.hang_up = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse_recipients:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_data:
            return "554 refused"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.hang_up:
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server on loopback, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def dag_file() -> ModuleType:
    """The DAG file as a module: it makes the sender out of Airflow's connection."""
    spec = importlib.util.spec_from_file_location("overdue_reminders", PROJECT_ROOT / "dags" / "overdue_reminders.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def mail(inbox, dag_file, monkeypatch) -> Callable[[Message], None]:
    """Sends as the DAG does, to UNIT."""
    configure(monkeypatch, inbox[1])
    sender = dag_file.mail_to(UNIT)
    assert sender
    return sender


def configure(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "reminders@example.org", "timeout": 5}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_IPCREDIT_SMTP", json.dumps(connection))
    monkeypatch.setenv("AIRFLOW_VAR_IPCREDIT_RECIPIENTS", json.dumps({UNIT: "dandong@example.org"}))


def ledger(warehouse) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(
            """select dataset, period, due_on::text, state, channel, settled_by from intake.reminders
               where bureau_code = %s order by dataset""",
            (UNIT,),
        ).fetchall()


def files(warehouse, unit: str = UNIT) -> list[Path]:
    return sorted((warehouse.home / "drop" / unit / "回执").glob("催报_*"))


def becomes_overdue(warehouse, dataset: str) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "update release_store.catalogue_coverage set gap = '应报未报', state = 'missing' where dataset = %s",
            (dataset,),
        )


def dies_in(place: str) -> None:
    """A process that reminds UNIT and is gone in the middle: before its message is sent, or after."""
    code = f"""
import os, sys
sys.path.insert(0, "dags")
from overdue_reminders import mail_to
from ipcredit.reminders import remind

def send(message):
    if {place!r} == "after": mail_to({UNIT!r})(message)
    os._exit(9)

remind({UNIT!r}, send)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=os.environ | {"PYTHONPATH": "."}, check=False
    )
    assert done.returncode == 9


OVERDUE = ("general_risk_class", "2022", "2022-11-30")


def test_a_mail_lists_what_is_overdue(warehouse, inbox, mail):
    assert remind(UNIT, mail) == 1
    [taken] = inbox[0].mails
    assert (taken["To"], taken["From"]) == ("dandong@example.org", "reminders@example.org")
    assert taken["Subject"] == "【催报】知识产权信用信息逾期未报 1 项（截至 2022-12-05）"
    body = taken.get_body().get_content()
    for word in ("丹东市知识产权局", "通用风险等级", "2022-11-30", "辽知发〔2022〕4号", "通用风险等级_2022.xlsx"):
        assert word in body
    with warehouse.connect() as connection:
        message_id = connection.execute("select message_id from intake.reminders").fetchone()[0]
    assert taken["Message-ID"] == f"<{message_id}@ipcredit>"
    assert message_id in body
    assert ledger(warehouse) == [(*OVERDUE, "sent", "mail", None)]
    assert files(warehouse) == []


def test_the_same_thing_is_never_told_twice(warehouse, inbox, mail):
    assert [remind(UNIT, mail) for _ in range(3)] == [1, 0, 0]
    assert remind(UNIT) == 0  # not in a file either
    assert len(inbox[0].mails) == 1
    assert files(warehouse) == []


def test_what_becomes_overdue_later_is_told_alone(warehouse, inbox, mail):
    remind(UNIT, mail)
    becomes_overdue(warehouse, "honours")
    assert remind(UNIT, mail) == 1
    body = inbox[0].mails[1].get_body().get_content()
    assert "知识产权示范优势企业" in body
    assert "通用风险等级" not in body


def test_two_at_once_send_one_message(warehouse, inbox, mail):
    told: list[int] = []
    threads = [threading.Thread(target=lambda: told.append(remind(UNIT, mail))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 0, 0, 1]
    assert len(inbox[0].mails) == 1


@pytest.mark.parametrize(("place", "mails"), [("before", 0), ("after", 1)])
def test_a_crash_leaves_a_claim_that_is_shown_and_not_sent_again(warehouse, inbox, mail, place, mails):
    dies_in(place)
    assert len(inbox[0].mails) == mails
    assert ledger(warehouse) == [(*OVERDUE, "sending", "mail", None)]
    becomes_overdue(warehouse, "honours")
    assert remind(UNIT, mail) == 1  # the new item only
    assert len(inbox[0].mails) == mails + 1
    [left] = unknown()
    assert (left.unit_code, left.channel, left.items) == (UNIT, "mail", 1)
    assert left.message_id in CliRunner().invoke(app, ["reminders", "unknown"]).output


def test_a_person_settles_what_a_crash_has_left(warehouse, inbox, mail):
    dies_in("before")
    [left] = unknown()
    command = ["reminders", "settle", left.message_id, "--not-sent", "--by", "运维岗"]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert ledger(warehouse) == [(*OVERDUE, "not_sent", "mail", "运维岗")]
    assert remind(UNIT, mail) == 1
    assert ledger(warehouse) == [(*OVERDUE, "sent", "mail", None)]
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 1
    assert "没有编号为" in again.output

    becomes_overdue(warehouse, "honours")
    dies_in("after")
    [left] = unknown()
    assert CliRunner().invoke(app, ["reminders", "settle", left.message_id, "--sent", "--by", "运维岗"]).exit_code == 0
    assert unknown() == []
    assert remind(UNIT, mail) == 0
    assert len(inbox[0].mails) == 2


def test_a_server_that_hangs_up_after_taking_it_is_not_given_it_again(warehouse, inbox, mail):
    inbox[0].hang_up = True
    with pytest.raises(OSError):
        remind(UNIT, mail)
    assert remind(UNIT, mail) == 0
    assert len(inbox[0].mails) == 1
    assert [left.unit_code for left in unknown()] == [UNIT]


@pytest.mark.parametrize("refusal", ["refuse_recipients", "refuse_data"])
def test_what_the_server_refused_is_sent_by_the_next_run(warehouse, inbox, mail, refusal):
    setattr(inbox[0], refusal, True)
    with pytest.raises(NotSent):
        remind(UNIT, mail)
    assert ledger(warehouse) == [(*OVERDUE, "not_sent", "mail", None)]
    setattr(inbox[0], refusal, False)
    assert remind(UNIT, mail) == 1
    assert len(inbox[0].mails) == 1


def test_a_server_that_is_away_delays_the_message(warehouse, dag_file, monkeypatch):
    configure(monkeypatch, 1)
    with pytest.raises(NotSent):
        remind(UNIT, dag_file.mail_to(UNIT))
    assert unknown() == []
    assert ledger(warehouse) == [(*OVERDUE, "not_sent", "mail", None)]


def test_without_an_address_the_unit_finds_a_file(warehouse, inbox, mail, dag_file):
    assert dag_file.mail_to(WITHOUT_ADDRESS) is None
    assert [remind(WITHOUT_ADDRESS), remind(WITHOUT_ADDRESS)] == [1, 0]
    [path] = files(warehouse, WITHOUT_ADDRESS)
    assert path.name.startswith("催报_2022-12-05_")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["催报", "缺报"]
    assert [cell.value for cell in book["缺报"][2]][:5] == ["通用风险等级", "LN-IP-08", "2022", "2022-11-30", "3"]
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} == {"s"}


def test_a_file_that_cannot_be_written_is_written_by_the_next_run(warehouse, monkeypatch):
    import ipcredit.reminders

    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(ipcredit.reminders, "workbook", full)
        with pytest.raises(NotSent):
            remind(UNIT)
    assert files(warehouse) == []
    assert remind(UNIT) == 1
    assert len(files(warehouse)) == 1


def test_a_unit_that_owes_nothing_hears_nothing(warehouse, inbox, mail):
    assert remind("210000", mail) == 0
    assert inbox[0].mails == []


def test_working_days_are_those_of_the_seeded_calendar():
    assert is_working_day(date(2022, 12, 5))
    assert not is_working_day(date(2022, 12, 4))
    assert not is_working_day(date(2022, 10, 3))  # the national holiday, a Monday
    assert is_working_day(date(2022, 10, 8))  # the Saturday worked instead
    with pytest.raises(LookupError, match="does not reach"):
        is_working_day(date(2099, 1, 1))
