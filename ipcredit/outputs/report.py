"""One subject's credit report as of a release's day, in Word and HTML; every use is on record before a file is there.

With the same release, reader and question the report is the same byte for byte, but for its number.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection, errors

from ipcredit.database import connect
from ipcredit.files import write_whole
from ipcredit.outputs import OutputError
from ipcredit.outputs.pages import Release, read_release, render
from ipcredit.outputs.report_sections import Facts, Note, Section, Table, Title, read_facts, reader_of, sections_of
from ipcredit.outputs.word import Document, chinese
from ipcredit.settings import TIME_ZONE, get_settings

TITLE = "知识产权信用报告"
VALIDITY = (
    "本报告只反映评价基准日当日、数据截止时刻以前收到的信息，此后的变化不在其中；一份报告一个编号，只供所载的用途使用，"
    "不得用于其他目的或转交他人。对内容有异议的，可向报送单位提出异议申请。"
)


@dataclass(frozen=True)
class Question:
    """Who asks, why and for what."""

    by: str
    reason: str
    purpose: str | None


def write_report(
    subject_id: str,
    *,
    reason: str,
    by: str,
    purpose: str | None = None,
    reader: str = "analyst",
    release_id: str | None = None,
    as_of: date | None = None,
    output: Path | None = None,
) -> list[Path]:
    """Put the use on record, then write `<report number>.docx` and `.html`, readable by the owner only.

    Args:
        subject_id: a unified social credit code, or the identifier of a person in `publication.subjects`.
        by: the office or post that asks.
        reader: `analyst`, `analyst_<division>` or `supervisor`: whose view it is.
        release_id: default: the current release, or the latest kept one of `as_of`.
        output: the folder, default `<home>/reports`: not where a release's pages lie open.

    Raises:
        OutputError: no such release, reader or subject; who or why is not said; no rule how long to keep the use.
    """
    question = Question(by.strip(), reason.strip(), (purpose or "").strip() or None)
    if not (question.by and question.reason):
        raise OutputError("须写明使用单位或岗位（--by）和事由（--reason）。")
    try:
        with connect() as connection:
            facts = _read(connection, subject_id, reader, release_id, as_of)
            number, word, page = _put_on_record(connection, facts, question)
    except errors.UndefinedTable as error:
        raise OutputError("规则表还没有建好（刚升级过）：请先运行 ipcredit build，再出报告。") from error
    folder = output or get_settings().home / "reports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {folder / f"{number}.docx": word, folder / f"{number}.html": page}
    return [write_whole(path, content, mode=0o600) for path, content in files.items()]


def _read(connection: Connection, subject_id: str, role: str, release_id: str | None, as_of: date | None) -> Facts:
    if as_of:
        row = connection.execute(
            """select r.release_id from publication.releases as r where r.as_of = %s
               order by r.is_current desc, r.known_at desc, r.published_at desc limit 1""",
            (as_of,),
        ).fetchone()
        if row is None:
            raise OutputError(f"没有保留 {as_of} 的发布；可用的见 ipcredit release list。")
        release_id = row[0]
        connection.rollback()  # what is read from here on is of one moment
    release = read_release(connection, release_id)
    facts = read_facts(connection, release, subject_id, reader_of(connection, role))
    connection.rollback()
    return facts


def _put_on_record(connection: Connection, facts: Facts, question: Question) -> tuple[str, bytes, bytes]:
    """Number the report, make its files and commit the use with their hashes: a file without its record cannot be."""
    with connection.transaction():
        connection.execute("lock table reports.uses in share row exclusive mode")
        rule = connection.execute(
            """select p.policy_id, p.version, (current_date + make_interval(years => p.use_retention_years))::date
               from policy.report_rules as p
               where p.status <> 'no_rule' and p.recorded_on <= current_date
                   and current_date between p.effective_from and coalesce(p.effective_to, 'infinity')
               order by p.effective_from desc, p.version desc limit 1"""
        ).fetchone()
        if rule is None:
            raise OutputError("没有规定信用报告的使用记录保存多久（policy.report_rules），不能出报告。")
        policy_id, policy_version, kept_until = rule
        year, serial = connection.execute(
            """select extract(year from current_date)::integer, coalesce(max(u.serial), 0) + 1
               from reports.uses as u where u.year = extract(year from current_date)"""
        ).fetchone() or (0, 0)
        number = f"XYBG-{year}-{serial:06}"
        word, page = _files(facts, question, number)
        connection.execute(
            """insert into reports.uses (report_no, year, serial, subject_id, release_id, reader, asked_by, reason,
                   purpose, word_sha256, html_sha256, kept_until, policy_id, policy_version)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                number, year, serial, facts.subject.subject_id, facts.release.release_id, facts.reader.role,
                question.by, question.reason, question.purpose, hashlib.sha256(word).hexdigest(),
                hashlib.sha256(page).hexdigest(), kept_until, policy_id, policy_version,
            ),
        )  # fmt: skip
    return number, word, page


def _files(facts: Facts, question: Question, number: str) -> tuple[bytes, bytes]:
    head, sections = _head(facts.release, facts, question, number), sections_of(facts)
    page = render(
        "report.html.j2", title=TITLE, name=facts.name, head=head, sections=sections, validity=VALIDITY,
        numeral=chinese,
        is_table=lambda part: isinstance(part, Table), is_title=lambda part: isinstance(part, Title),
        is_note=lambda part: isinstance(part, Note),
    )  # fmt: skip
    return _word(facts, head, sections), page.encode()


def _head(release: Release, facts: Facts, question: Question, number: str) -> list[tuple[str, str]]:
    return [
        ("报告编号", number),
        ("主体", f"{facts.name}（{facts.subject.subject_id}）"),
        ("使用单位或岗位", question.by),
        ("事由", question.reason),
        ("用途", question.purpose or "未写明"),
        ("可见范围", facts.reader.title),
        ("评价基准日", str(release.as_of)),
        ("数据截止时刻", f"{release.known_at.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"),
        ("依据的发布", release.release_id),
        ("程序版本", release.code_commit),
    ]


def _word(facts: Facts, head: list[tuple[str, str]], sections: list[Section]) -> bytes:
    document = Document(f"{TITLE}　{facts.name}", facts.release.known_at)
    document.title(TITLE)
    document.table(["项目", "内容"], head, [40, 116])
    document.note(VALIDITY)
    for section in sections:
        if section.is_wide:
            document.landscape()
        document.heading(1, section.title)
        for part in section.parts:
            _add(document, part)
    return document.content()


def _add(document: Document, part: Any) -> None:
    if isinstance(part, Table):
        document.table(part.heads, part.rows, part.widths, numeric=part.numeric)
    elif isinstance(part, Title):
        document.heading(2, part)
    elif isinstance(part, Note):
        document.note(part)
    else:
        document.paragraph(part)
