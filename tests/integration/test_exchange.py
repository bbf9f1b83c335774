"""Exchange files: partners learn what they may, whatever is lost; nothing leaves unapproved or comes in unchecked."""

import csv
import hashlib
import io
import itertools
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from psycopg import errors
from typer.testing import CliRunner

from ipcredit import intake, release, roles
from ipcredit.cli import app
from ipcredit.database import connect
from ipcredit.exchange_inbox import acknowledge, receive
from ipcredit.outputs import OutputError
from ipcredit.outputs.exchange import Draft, NotCurrent, approve, folder_of, prepare, send, status
from ipcredit.settings import TIME_ZONE, get_settings

R1, R2, R3 = "r20221205_0001", "r20221205_0002", "r20221205_0003"
NOW = datetime(2022, 12, 6, 9, tzinfo=TIME_ZONE)
DAY = date(2022, 12, 6)
BUREAUS = [f"21{n:02d}00" for n in range(1, 15)] + ["LN-SF"]
XYB = "LN-XYB"
LISTS, GRADES, WITHDRAWALS = f"{XYB}_list_entries", f"{XYB}_grades", f"{XYB}_withdrawals"
HOSTILE = '=HYPERLINK("#x","x")'
NEW = "e" * 32


def entry(bureau: str, n: int) -> str:
    """The list entry of a bureau's subject 1 (red) or 2 (dishonest) in upstream.sql."""
    return hashlib.md5(f"entry{subject(bureau, n)}".encode(), usedforsecurity=False).hexdigest()


def subject(bureau: str, n: int) -> str:
    number = (BUREAUS.index(bureau) + 1) * 10 + n
    return f"91{str(number).rjust(2, 'M')[:2]}TEST{number:010d}"


# --- three releases ---------------------------------------------------------------------------------------------------

# Kept back: a record nobody may be given, and an entry that another authority keeps.
UNSHARED, MIRRORED, SOLE, PERSON = entry("211400", 2), entry("211300", 2), entry("211200", 2), entry("211100", 2)

FIRST = f"""
update candidate.catalogue_items set sharing = case dataset when 'penalties' then '有条件共享'
    when 'general_risk_class' then '不予共享' else '无条件共享' end;
update candidate.credit_records set dataset = 'general_risk_class'
    where record_id = (select record_id from candidate.list_entries where entry_id = '{UNSHARED}');
update candidate.list_entries set publish_from = null, is_shown = false where entry_id = '{MIRRORED}';
update candidate.list_entries set subject_name = '{HOSTILE}' where entry_id = '{entry("210100", 1)}';
update candidate.list_entries set subject_id = '92210000TEST000001', subject_name = '王五小吃店'
    where entry_id = '{SOLE}';
update candidate.list_entries set subject_id = 'P:0123', subject_name = '赵六' where entry_id = '{PERSON}';
update candidate.list_entries set jurisdiction = '210600' where entry_id = '{entry("210600", 1)}';
insert into candidate.subject_grades select (g).* from (
    select jsonb_populate_record(t, '{{"subject_id": "P:0123"}}') as g from candidate.subject_grades as t
    where subject_id = '{subject("211100", 1)}') as n;
update candidate.measure_applications set record_id = md5('penalties|' || subject_id) where division_code = '210100';
"""
# 210100 was repaired, of 210200 the term ended, 210300 was lengthened, one is new, one grade rose.
SECOND = f"""
update candidate.list_entries set state = 'ended', is_shown = false, left_on = '2022-12-05',
    exit_reason = case division_code when '210100' then 'repaired' else 'term_ended' end
    where entry_id in ('{entry("210100", 2)}', '{entry("210200", 2)}');
update candidate.list_entries set ends_on = '2024-01-01' where entry_id = '{entry("210300", 2)}';
insert into candidate.list_entries select (e).* from (
    select jsonb_populate_record(t, '{{"entry_id": "{NEW}"}}') as e from candidate.list_entries as t
    where entry_id = '{entry("210400", 1)}') as n;
update candidate.repairs set state = 'effective', effective_on = '2022-12-05', document_no = '辽知修〔2022〕1号'
    where division_code = '210100';
insert into candidate.withdrawals select release_id, repaired_record_key, 'record', subject_id, division_code,
    '2022-12-05', 'repaired', repaired_document_no from candidate.repairs where state = 'effective';
update candidate.subject_grades set grade = 'B' where subject_id = '{subject("210500", 2)}';
"""
# What R2 brought to 210300 and NEW is gone again: to R1 there is no difference in them.
THIRD = f"""
update candidate.list_entries set ends_on = '2023-03-01' where entry_id = '{entry("210300", 2)}';
delete from candidate.list_entries where entry_id = '{NEW}';
"""


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    build_first_candidate(R1)
    for release_id, before, change in ((R1, None, FIRST), (R2, R1, SECOND), (R3, R2, THIRD)):
        with warehouse.connect() as connection:
            if before:
                copy_candidate(connection, before, release_id)
            connection.execute(change)
            pass_gate(connection, release_id)
        release.publish(release_id)
    yield


@pytest.fixture(autouse=True)
def db(warehouse) -> Iterator[psycopg.Connection]:
    """Every test begins with nothing exchanged: what nobody but a superuser can bring about."""
    with warehouse.connect(autocommit=True) as connection:
        yield connection
        connection.execute("set session_replication_role = replica")
        for table in (
            "received", "rejected_items", "acknowledgements", "dispatches", "approvals", "package_items", "packages",
        ):  # fmt: skip
            connection.execute(f"delete from exchange.{table}")
    shutil.rmtree(get_settings().outputs / "exchange", ignore_errors=True)
    shutil.rmtree(get_settings().drop, ignore_errors=True)


# --- helpers ----------------------------------------------------------------------------------------------------------


def opened(content: bytes) -> tuple[dict[str, Any], list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        data = archive.read(manifest["files"][0]["name"])
    assert manifest["files"] == [
        {
            "name": f"{manifest['feed']}.csv",
            "rows": (rows := data.decode().count("\n") - 1),
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    ]
    found = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert len(found) == rows
    return manifest, found


def make_current(release_id: str) -> None:
    with connect() as connection:
        connection.execute("update release_store.current_release set release_id = %s", (release_id,))


def prepared(release_id: str, partner: str | None = None, *, full: bool = False) -> list[Draft]:
    """The drafts of a release on the day on which it is the current one."""
    make_current(release_id)
    return prepare(release_id, partner, full=full)


def draft_of(feed: str, release_id: str, *, full: bool = False) -> tuple[str, bytes] | None:
    """Prepare for the partner, and return the one draft of this feed."""
    drafts = {d.package_id[:-7]: d for d in prepared(release_id, XYB, full=full)}
    return (drafts[feed].package_id, drafts[feed].path.read_bytes()) if feed in drafts else None


def sent(feed: str, release_id: str, *, full: bool = False) -> tuple[str, bytes]:
    """Prepare, approve and send."""
    draft = draft_of(feed, release_id, full=full)
    assert draft
    approve(draft[0], hashlib.sha256(draft[1]).hexdigest()[:8], "保护处", "辽知函〔2022〕1号", DAY)
    (path,) = send()
    assert path.read_bytes() == draft[1]
    return draft


def put(partner: str, name: str, content: bytes, mark: str | None = None) -> None:
    path = folder_of(partner, "inbox") / name
    path.write_bytes(content)
    path.with_name(f"{name}.sha256").write_text(mark or hashlib.sha256(content).hexdigest())


def answer(package: tuple[str, bytes], result: str = "accepted", partner: str = XYB, **told: Any) -> tuple[str, str]:
    """What becomes of the partner's answer to a package."""
    about = {"package_id": package[0], "sha256": hashlib.sha256(package[1]).hexdigest(), "result": result} | told
    put(partner, f"{package[0]}.ack.json", json.dumps(about).encode())
    (outcome,) = acknowledge(NOW)
    assert outcome.partner_code == partner
    folder = folder_of(partner, "inbox") / ("refused" if outcome.state == "refused" else "done")
    assert {p.name for p in folder.iterdir()} >= {outcome.file_name, f"{outcome.file_name}.sha256"}
    return outcome.state, outcome.detail


def operations(content: bytes) -> set[tuple[str, str]]:
    return {(row["operation"], row["item_key"]) for row in opened(content)[1]}


def apply(held: dict[str, Any], content: bytes) -> dict[str, Any]:
    """What a partner that follows the manifest's instructions has afterwards."""
    manifest, rows = opened(content)
    held = {} if manifest["mode"] == "full" else dict(held)
    for row in rows:
        held.pop(row["item_key"], None)
        if row["operation"] == "upsert":
            held[row["item_key"]] = row
    return held


# --- what goes out ----------------------------------------------------------------------------------------------------

RED = {entry(b, 1) for b in BUREAUS if b != "210600"}
DISHONEST = {entry(b, 2) for b in BUREAUS} - {UNSHARED, MIRRORED}


def test_every_partner_gets_its_feeds_and_nothing_else():
    made = {d.package_id: d.items for d in prepared(R1)}
    cities = {
        f"{b}-XYGL_{feed}_000001": 1 for b in BUREAUS for feed in ("list_entries", "withdrawals")
    }  # conditional sharing keeps the dishonest list from them
    assert made == cities | {
        "CN-IP-CREDIT_list_entries_000001": 27, "CN-IP-CREDIT_grades_000001": 45, "CN-IP-CREDIT_withdrawals_000001": 15,
        "LN-XYB_list_entries_000001": 27, "LN-XYB_grades_000001": 45, "LN-XYB_withdrawals_000001": 15,
        "LN-XYB_measure_applications_000001": 1, "LN-HLWJG_grades_000001": 45,
        "LN-FGW_list_entries_000001": 14, "LN-FGW_withdrawals_000001": 15,
        "210000_list_entries_000001": 14, "210000_withdrawals_000001": 15,
    }  # fmt: skip
    folder = get_settings().outputs / R1 / "exchange"
    _, rows = opened((folder / "210600-XYGL_list_entries_000001.zip").read_bytes())
    assert [row["item_key"] for row in rows] == [entry("210600", 1)]  # the city's own list
    # All of it is the release's own; nothing has been put anywhere a partner looks.
    assert all(opened(path.read_bytes())[0]["release_id"] == R1 for path in folder.iterdir())
    assert not (get_settings().outputs / "exchange").exists()


def test_a_package_says_what_it_is_and_holds_what_may_be_told(db):
    package_id, content = draft_of(LISTS, R1)
    manifest, rows = opened(content)
    assert {row["item_key"] for row in rows} == RED | DISHONEST
    told = {key: manifest[key] for key in ("package_id", "feed", "sequence", "mode", "base_sequence", "as_of",
                                           "known_at", "created_at", "code_commit", "operations")}  # fmt: skip
    moment = "2022-12-05T09:00:00+08:00"
    assert told == {
        "package_id": package_id, "feed": "list_entries", "sequence": 1, "mode": "full", "base_sequence": None,
        "as_of": "2022-12-05", "known_at": moment, "created_at": moment, "code_commit": "test",
        "operations": {"upsert": 27},
    }  # fmt: skip
    assert (manifest["sender"]["code"], manifest["receiver"]) == ("LN-IPO", {"code": XYB, "name": "辽宁省信用办"})
    assert manifest["agreement"]["status"] == "provisional" and manifest["agreement"]["source_clause"]
    assert list(rows[0]) == ["operation", "item_key", *(field["name"] for field in manifest["fields"])]
    names = {row["item_key"]: row["subject_name"] for row in rows}
    assert names[entry("210100", 1)] == f"'{HOSTILE}"
    assert (names[SOLE], names[PERSON]) == ("王***", "自然人")
    assert next(row["subject_id"] for row in rows if row["item_key"] == PERSON) == ""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {(i.filename, i.date_time) for i in archive.infolist()} == {
            ("manifest.json", (2022, 12, 5, 9, 0, 0)), ("list_entries.csv", (2022, 12, 5, 9, 0, 0)),
        }  # fmt: skip
    for path in (get_settings().outputs / R1 / "exchange").iterdir():
        fields = opened(path.read_bytes())[0]["fields"]
        assert [f for f in fields if not f["description"] or "internal" in f["name"] or "score" in f["name"]] == []
    assert {row["grade"] for row in opened(draft_of(GRADES, R1)[1])[1]} == {"A", "C"}


def test_an_agreement_counts_once_recorded_and_names_known_fields_only(db):
    def with_agreement(change: str) -> list[str]:
        db.execute("create table kept as table reference.exchange_partners")
        db.execute(f"update reference.exchange_partners set {change} where partner_code = '{XYB}' and feed = 'grades'")
        try:
            return [d.package_id for d in prepared(R1, XYB)]
        finally:
            db.execute("truncate reference.exchange_partners")
            db.execute("insert into reference.exchange_partners select * from kept")
            db.execute("drop table kept")

    others = {f"{XYB}_{f}_000001" for f in ("list_entries", "withdrawals", "measure_applications")}
    for ended in ("recorded_on = '2022-12-06'", "effective_to = '2022-12-04'", "status = 'no_rule'"):
        assert set(with_agreement(ended)) == others
    for field in ("internal_score", "general_class"):
        with pytest.raises(OutputError, match="没有的字段"):
            with_agreement(f"fields = fields || '|{field}'")
    with pytest.raises(OutputError, match="没有 subjects 这类数据"):
        with_agreement("feed = 'subjects'")
    with pytest.raises(OutputError, match="没有向 nobody 提供数据的约定"):
        prepared(R1, "nobody")


def test_made_again_a_package_has_the_same_bytes():
    first = draft_of(LISTS, R1)
    assert draft_of(LISTS, R1) == first
    assert draft_of(LISTS, R2)[0] == first[0]  # a draft takes the place of the last, with its number
    package = sent(LISTS, R1)
    assert package == first
    outbox = folder_of(XYB, "outbox")
    assert (
        outbox / f"{first[0]}.zip.sha256"
    ).read_text() == f"{hashlib.sha256(first[1]).hexdigest()}  {first[0]}.zip\n"
    shutil.rmtree(outbox)
    assert send() == []
    assert [path.read_bytes() for path in send([first[0]])] == [first[1]]


# --- approval ---------------------------------------------------------------------------------------------------------


def test_only_what_was_looked_at_is_approved_and_only_what_is_approved_leaves():
    package_id, content = draft_of(LISTS, R1)
    digest = hashlib.sha256(content).hexdigest()
    assert send() == []
    with pytest.raises(OutputError, match="未经批准"):
        send([package_id])
    for wrong in ("", digest[:7], "0" * 64):
        with pytest.raises(OutputError, match="与所给的不符"):
            approve(package_id, wrong, "保护处", "文", DAY)
    with pytest.raises(OutputError, match="岗位和文件"):
        approve(package_id, digest, "保护处", " ", DAY)
    with pytest.raises(OutputError, match="没有数据包"):
        approve("x", digest, "保护处", "文", DAY)
    assert draft_of(LISTS, R2)[0] == package_id
    with pytest.raises(OutputError, match="与所给的不符"):
        approve(package_id, digest, "保护处", "文", DAY)
    assert draft_of(LISTS, R1) == (package_id, content)
    approve(package_id, digest, "保护处", "文", DAY)
    with pytest.raises(OutputError, match="已批准"):
        approve(package_id, digest, "保护处", "文", DAY)
    assert [p.name for p in send()] == [f"{package_id}.zip"]


def test_a_look_back_is_told_to_nobody(db):
    """A release can be published without becoming the current one; what goes out is of the current one alone."""
    package_id, content = draft_of(LISTS, R3)
    drafts = db.execute("select package_id, sha256 from exchange.packages order by 1").fetchall()
    for partner in (None, XYB):
        with pytest.raises(NotCurrent, match=f"{R1} 不是现行发布"):
            prepare(R1, partner)
    assert db.execute("select package_id, sha256 from exchange.packages order by 1").fetchall() == drafts
    told = CliRunner().invoke(app, ["exchange", "prepare", "--release", R1])
    assert told.exit_code == 1 and "不是现行发布" in told.output
    # Nor is what was drafted of a release that readers see no more.
    make_current(R2)
    signed = (package_id, hashlib.sha256(content).hexdigest(), "保护处", "文", DAY)
    with pytest.raises(NotCurrent, match=f"{package_id} 出自 {R3}，该发布不是现行发布"):
        approve(*signed)
    make_current(R3)
    approve(*signed)


def test_what_was_exchanged_stays(db):
    package = sent(LISTS, R1)
    answer(package, rejected_items=[{"item_key": entry("210100", 1), "code": "E1"}])
    put("LN-HLWJG", "1.zip", inbound())
    assert [o.state for o in receive(NOW)] == ["dropped"]
    tables = {
        "packages": "an approved package", "package_items": "an approved package", "approvals": "what was exchanged",
        "dispatches": "what was exchanged", "acknowledgements": "what was exchanged",
        "rejected_items": "what was exchanged", "received": "what was exchanged",
    }  # fmt: skip
    key = dict.fromkeys(tables, "package_id") | {"received": "partner_code"}
    for table, message in tables.items():
        for change in (f"update exchange.{table} set {key[table]} = 'x'", f"delete from exchange.{table}"):
            with pytest.raises(errors.RaiseException, match=message):
                db.execute(change)
        with pytest.raises(errors.RaiseException, match="what was exchanged"):
            db.execute(f"truncate exchange.{table} cascade")
    with pytest.raises(errors.RaiseException, match="an approved package"):
        db.execute("insert into exchange.package_items values (%s, 'x', 'delete', null)", (package[0],))
    with pytest.raises(errors.CheckViolation):
        db.execute(
            """insert into exchange.packages select 'x', partner_code, partner_name, feed, 2, mode, base_sequence,
                   release_id, as_of, rule_version, rule_status, source_clause, 0, 0, 0, sha256, 'other'
               from exchange.packages"""
        )
    # The publisher adds and may not even try to change; analysts see how it stands, and nothing of what was told.
    for role, allowed, refused in (
        (roles.PUBLISHER, ["select count(*) from exchange.packages"], ["update exchange.packages set feed = 'x'"]),
        (
            "analyst_210600",
            ["select state from publication.exchange_packages"],
            [f"select * from exchange.{t}" for t in (*tables, "package_states")] + ["delete from exchange.packages"],
        ),
    ):
        db.execute(f"set session authorization {role}")
        try:
            for statement in allowed:
                assert db.execute(statement).fetchall() != []
            for statement in refused:
                with pytest.raises(errors.InsufficientPrivilege):
                    db.execute(statement)
        finally:
            db.execute("reset session authorization")


# --- full, delta, and what is lost ------------------------------------------------------------------------------------

CHANGES = {
    ("withdraw", entry("210100", 2)), ("delete", entry("210200", 2)), ("upsert", entry("210300", 2)), ("upsert", NEW),
}  # fmt: skip


def test_after_a_full_package_only_what_changed_travels():
    assert answer(sent(LISTS, R1)) == ("accepted", f"{LISTS}_000001，未采用 0 项")
    assert draft_of(LISTS, R1) is None
    manifest, rows = opened(sent(LISTS, R2)[1])
    assert (manifest["sequence"], manifest["mode"], manifest["base_sequence"]) == (2, "delta", 1)
    assert {(row["operation"], row["item_key"]) for row in rows} == CHANGES
    repaired = next(row for row in rows if row["operation"] == "withdraw")
    assert (repaired["left_on"], repaired["exit_reason"]) == ("2022-12-05", "repaired")
    # asked for, everything goes
    everything, rows = opened(draft_of(LISTS, R2, full=True)[1])
    assert (everything["sequence"], everything["mode"]) == (3, "full")
    assert {row["item_key"] for row in rows if row["operation"] == "upsert"} == (RED | DISHONEST | {NEW}) - {
        entry("210100", 2), entry("210200", 2)
    }  # fmt: skip


def test_a_repair_reaches_every_feed(db):
    for feed in (LISTS, GRADES, WITHDRAWALS):
        answer(sent(feed, R1))
    made = {d.package_id: opened(d.path.read_bytes())[1] for d in prepared(R2, XYB)}
    assert set(made) == {f"{feed}_000002" for feed in (LISTS, GRADES, WITHDRAWALS)} | {
        f"{XYB}_measure_applications_000001"
    }
    (row,) = made[f"{WITHDRAWALS}_000002"]
    assert {key: row[key] for key in ("operation", "withdrawn_kind", "subject_id", "reason", "withdrawn_on",
                                      "decision_document_no")} == {
        "operation": "withdraw", "withdrawn_kind": "record", "subject_id": subject("210100", 2), "reason": "repaired",
        "withdrawn_on": "2022-12-05", "decision_document_no": "辽知修〔2022〕1号",
    }  # fmt: skip
    (row,) = made[f"{GRADES}_000002"]
    assert (row["operation"], row["subject_id"], row["grade"]) == ("upsert", subject("210500", 2), "B")
    # A repair that is revoked is taken back.
    answer(sent(WITHDRAWALS, R2))
    assert operations(draft_of(WITHDRAWALS, R1)[1]) == {("delete", f"record:{row_key(db)}")}


def row_key(db: psycopg.Connection) -> str:
    (found,) = db.execute(
        "select withdrawn_id from release_store.withdrawals where release_id = %s and reason = 'repaired'", (R2,)
    ).fetchone()
    return found


@pytest.mark.parametrize("answered", [True, False])
def test_whatever_was_lost_the_partner_ends_with_the_release(answered):
    """Each subset of the unanswered packages may have arrived: after the last one the partner has the same."""
    base: dict[str, Any] = {}
    if answered:
        first = sent(LISTS, R1)
        answer(first)
        base = apply({}, first[1])
    unanswered = [sent(LISTS, R2)[1], sent(LISTS, R3)[1], sent(LISTS, R2)[1], sent(LISTS, R3)[1]]
    wanted = apply({}, draft_of(LISTS, R3, full=True)[1])
    assert set(wanted) == (RED | DISHONEST) - {entry("210100", 2), entry("210200", 2)}
    for arrived in itertools.product([True, False], repeat=3):
        held = base
        for package in itertools.compress(unanswered, (*arrived, True)):
            held = apply(held, package)
        assert {k: v["ends_on"] for k, v in held.items()} == {k: v["ends_on"] for k, v in wanted.items()}
    # Told already: a silent partner is not drawn up the same package each night, and nothing waits for it.
    assert draft_of(LISTS, R3) is None
    assert [s.state for s in status(DAY) if s.feed == "list_entries" and s.state != "draft"] == (
        ["accepted"] if answered else []
    ) + ["sent"] * 4


def test_a_late_answer_does_not_undo_a_newer_one():
    answer(sent(LISTS, R1))
    second, third = sent(LISTS, R2), sent(LISTS, R3)
    assert operations(third[1]) == (CHANGES - {("upsert", NEW)}) | {("delete", NEW)}
    assert answer(third)[0] == "accepted"
    assert draft_of(LISTS, R3) is None
    assert answer(second)[0] == "accepted"
    assert draft_of(LISTS, R3) is None
    fourth = draft_of(LISTS, R2)
    assert opened(fourth[1])[0]["base_sequence"] == 3
    assert operations(fourth[1]) == {("upsert", NEW), ("upsert", entry("210300", 2))}


def test_an_answer_told_twice_changes_nothing_and_a_wrong_one_is_refused(db):
    package = sent(LISTS, R1)
    draft = draft_of(GRADES, R1)
    assert answer((f"{LISTS}_000009", b"")) == ("refused", f"没有向 {XYB} 发出过 {LISTS}_000009")
    assert answer(draft) == ("refused", f"没有向 {XYB} 发出过 {draft[0]}")
    assert answer(package, partner="LN-FGW")[0] == "refused"
    assert answer((package[0], b"other")) == ("refused", f"回执的校验值不是 {package[0]} 的")
    assert answer(package, "perhaps") == ("refused", "result 不是 accepted 或 rejected")
    for rejected, why in (
        ([{"item_key": "x", "code": "E1"}], f"未采用的数据中有不属于 {package[0]} 的"),
        ([{"item_key": NEW}], "缺少 code，或含有控制字符"),
        ([{"item_key": "a\0b", "code": "E1"}], "缺少 item_key，或含有控制字符"),
        ([{"item_key": "\ud800", "code": "E1"}], "缺少 item_key，或含有控制字符"),
        ([{"item_key": NEW, "code": "E1"}] * 2, "未采用的数据重复，或整包退回又列有个别数据"),
        ({}, "rejected_items 不是对象的列表"),
    ):
        assert answer(package, rejected_items=rejected) == ("refused", why)
    for content, mark, why in (
        (b"{", None, "不是 JSON"), (b"[]", None, "不是 JSON 对象"), (b"{}", None, "缺少 package_id，或含有控制字符"),
        (b"{}", "0" * 64, "文件与 .sha256 不符"),
    ):  # fmt: skip
        put(XYB, "a.ack.json", content, mark)
        assert [(o.state, o.detail) for o in acknowledge(NOW)] == [("refused", why)]
    assert db.execute("select count(*) from exchange.acknowledgements").fetchone() == (0,)

    (folder_of(XYB, "inbox") / "half.ack.json").write_text("{")  # still being written: no .sha256 yet
    assert acknowledge(NOW) == []
    assert answer(package)[0] == "accepted"
    assert answer(package) == ("repeated", f"{package[0]} 已有同样的回执")
    assert answer(package, "rejected")[0] == "refused"
    assert db.execute("select result, received_at from exchange.acknowledgements").fetchall() == [("accepted", NOW)]


def test_what_a_partner_did_not_take_goes_again_when_it_has_changed():
    refused = [
        {"item_key": key, "code": "E12", "reason": "代码\0不符"} for key in (entry("210100", 1), entry("210300", 2))
    ]
    answer(sent(LISTS, R1), rejected_items=refused)
    assert draft_of(LISTS, R1) is None
    second = sent(LISTS, R2)
    assert operations(second[1]) == CHANGES
    # A withdrawal that was not taken is told until it is.
    answer(second, rejected_items=[{"item_key": entry("210100", 2), "code": "E13"}])
    third = sent(LISTS, R2)
    assert operations(third[1]) == {("withdraw", entry("210100", 2))}
    assert {s.package_id[-1]: s.rejected_items for s in status(DAY) if s.feed == "list_entries"} == {
        "1": 2, "2": 1, "3": None,
    }  # fmt: skip
    answer(third)
    assert draft_of(LISTS, R2) is None
    assert ("upsert", entry("210100", 1)) in operations(draft_of(LISTS, R2, full=True)[1])


def test_a_package_sent_back_whole_has_told_nothing():
    answer(sent(LISTS, R1))
    second = sent(LISTS, R2)
    assert answer(second, "rejected", reason="校验失败")[0] == "rejected"
    third = sent(LISTS, R2)
    assert operations(third[1]) == CHANGES
    assert (opened(third[1])[0]["sequence"], opened(third[1])[0]["base_sequence"]) == (3, 1)
    # and what nobody was told needs no taking back
    assert answer(third, "rejected")[0] == "rejected"
    assert operations(draft_of(LISTS, R3)[1]) == {("withdraw", entry("210100", 2)), ("delete", entry("210200", 2))}


def test_status_counts_the_working_days_without_an_answer(db):
    first = sent(LISTS, R1)
    db.execute("set session_replication_role = replica")
    db.execute("update exchange.dispatches set sent_at = '2022-12-06 10:00+08'")
    db.execute("set session_replication_role = origin")

    def waiting(on: str) -> tuple[int | None, int | None, bool]:
        found = next(s for s in status(date.fromisoformat(on)) if s.package_id == first[0])
        return found.working_days, found.answer_days, found.is_overdue

    assert waiting("2022-12-20") == (10, 10, False)
    assert waiting("2022-12-21") == (11, 10, True)
    assert waiting("2027-01-05") == (None, 10, False)  # past the calendar: not guessed
    answer(first)
    assert waiting("2022-12-21") == (None, 10, False)


def test_the_command_line_from_draft_to_answer():
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["exchange", *arguments])
        return done.exit_code, done.output

    make_current(R1)
    code, told = run("prepare", "--partner", "LN-HLWJG", "--release", R1)
    digest = told.split("sha256 ")[1][:64]
    package_id = "LN-HLWJG_grades_000001"
    assert (code, told.split()[:4]) == (0, [package_id, "full", "45", "items"])
    signed = ("--by", "保护处", "--document", "辽知函〔2022〕1号", "--on", "2022-12-06")
    code, told = run("approve", package_id, "--sha256", "00000000", *signed)
    assert (code, "与所给的不符" in told) == (1, True)
    assert run("approve", package_id, "--sha256", digest[:8], *signed) == (0, "")
    code, told = run("send")
    assert (code, Path(told.strip()).name) == (0, f"{package_id}.zip")
    assert run("prepare", "--partner", "LN-HLWJG", "--release", R1) == (0, "Nothing new to tell.\n")
    assert "working days without an answer" in run("status")[1]
    put("LN-HLWJG", "x.ack.json", b"{}")
    code, told = run("acknowledge")
    assert (code, told) == (1, "refused   LN-HLWJG  x.ack.json  缺少 package_id，或含有控制字符\n")
    assert run("receive") == (0, "")


# --- what comes in ----------------------------------------------------------------------------------------------------

CLASSES = "统一社会信用代码,企业名称,信用风险类别,分类日期\n91210600MA0TEST001,丹东示例仪器有限公司,B类,2022-11-01\n"
HLWJG = "LN-HLWJG"


def inbound(entries: dict[str, bytes] | None = None, file: dict[str, Any] | None = None, **told: Any) -> bytes:
    """A package of the partner with the classes of one city; `told` and `file` change what its manifest says."""
    data = CLASSES.encode()
    manifest = {
        "sender": {"code": HLWJG}, "receiver": {"code": "LN-IPO"}, "feed": "general_risk_class", "sequence": 1,
        "files": [{"name": "a.csv", "unit": "210600", "period": "2022-11", "rows": 1,
                   "sha256": hashlib.sha256(data).hexdigest()} | (file or {})],
    } | told  # fmt: skip
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, content in ({"a.csv": data} if entries is None else entries).items():
            archive.writestr(name, content)
    return package.getvalue()


def received(content: bytes, mark: str | None = None) -> tuple[str, str]:
    put(HLWJG, "in.zip", content, mark)
    (outcome,) = receive(NOW)
    return outcome.state, outcome.detail


def dropped() -> set[str]:
    drop = get_settings().drop
    return {str(p.relative_to(drop)) for p in drop.rglob("*") if p.is_file() and "回执" not in p.parts}


def test_the_general_class_comes_in_as_a_submission(db):
    assert received(inbound()) == ("dropped", "210600/general_risk_class_2022-11.csv")
    path = get_settings().drop / "210600" / "general_risk_class_2022-11.csv"
    assert dropped() == {"210600/general_risk_class_2022-11.csv"} and path.read_text() == CLASSES
    reply = json.loads((folder_of(HLWJG, "outbox") / f"{HLWJG}_general_risk_class_000001.ack.json").read_text())
    assert list(folder_of(HLWJG, "inbox").iterdir()) == []  # it may hold personal data: only the archive keeps it
    assert (reply["result"], reply["sha256"]) == ("accepted", hashlib.sha256(inbound()).hexdigest())
    # What lies in the drop folder already waits for intake; the same package again is known.
    assert received(inbound()) == ("repeated", "序号 1 已收到")
    assert received(inbound(sequence=2)) == (
        "waiting", "210600 的投递目录里还有未处理的 general_risk_class_2022-11.csv",
    )  # fmt: skip
    (folder_of(HLWJG, "inbox") / "in.zip.sha256").unlink()
    os.utime(path, (0, 0))  # written long ago: intake need not wait for it to settle
    (outcome,) = intake.take_in("210600", NOW)
    assert (outcome.dataset, outcome.state) == ("general_risk_class", "loaded")
    assert db.execute(
        """select s.period, s.rows_received, r.risk_class from intake.submissions as s
           inner join raw.general_risk_class as r on s.submission_id = r.submission_id
           where s.dataset = 'general_risk_class' and s.state = 'loaded'"""
    ).fetchall() == [("2022-11", 1, "B类")]
    assert received(inbound(sequence=2))[0] == "dropped"


def test_hashes_in_capitals_are_the_same_hashes():
    """As Get-FileHash of PowerShell writes them."""
    content = inbound(file={"sha256": hashlib.sha256(CLASSES.encode()).hexdigest().upper()})
    assert received(content, mark=hashlib.sha256(content).hexdigest().upper())[0] == "dropped"
    package = sent(LISTS, R1)
    assert answer(package, sha256=hashlib.sha256(package[1]).hexdigest().upper())[0] == "accepted"


def test_numbers_come_in_without_gaps():
    assert received(inbound(sequence=2)) == ("waiting", "序号是 2，尚缺 1")
    assert {p.name for p in folder_of(HLWJG, "inbox").iterdir()} == {"in.zip", "in.zip.sha256"}
    put(HLWJG, "before.zip", inbound())
    assert [(o.file_name, o.state) for o in receive(NOW)] == [("before.zip", "dropped"), ("in.zip", "waiting")]
    (get_settings().drop / "210600" / "general_risk_class_2022-11.csv").unlink()
    assert [(o.file_name, o.state) for o in receive(NOW)] == [("in.zip", "dropped")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04", "不是完整的 ZIP，或已加密"),
        (inbound()[:-40], "不是完整的 ZIP，或已加密"),
        (inbound({"a.csv": CLASSES.replace("B类", "A类").encode()}), "a.csv 与清单的校验值不符"),
        (inbound(file={"rows": 2}), "a.csv 的行数与清单不符"),
        (inbound({"../a.csv": b""}), "数据包内有重名，或文件名含有路径或不允许的字符"),
        (inbound({"/a.csv": b""}), "数据包内有重名，或文件名含有路径或不允许的字符"),
        (inbound({"a.csv": CLASSES.encode(), "b.csv": b""}), "清单所列文件与数据包内的不一致"),
        (inbound({}), "清单所列文件与数据包内的不一致"),
        (inbound(files=[]), "清单没有数据文件"),
        (inbound(file={"unit": "210000"}), "general_risk_class 不由 210000 报送"),
        (inbound(file={"unit": "../210600"}), "general_risk_class 不由 ../210600 报送"),
        (inbound(file={"unit": ["210600"]}), "缺少 unit，或含有控制字符"),
        (inbound(file={"period": "../../x"}), "../../x 不是 general_risk_class 的期间"),
        (inbound(file={"period": "2022"}), "2022 不是 general_risk_class 的期间"),
        (inbound(sender={"code": "LN-FGW"}), f"清单的 sender 不是 {HLWJG}"),
        (inbound(receiver="LN-IPO"), "清单的 receiver 不是 LN-IPO"),
        (inbound(sequence=True), "清单没有序号"),
        (inbound(sequence=0), "清单没有序号"),
        (inbound(feed="serious_list"), f"没有从 {HLWJG} 接收 serious_list 的约定"),
        (inbound(feed="grades"), f"没有从 {HLWJG} 接收 grades 的约定"),
        (inbound({"a.csv": bytes(201 << 20)}), "解压后超过上限"),
    ],
    ids=range(21),
)
def test_a_package_that_is_not_what_it_says_drops_nothing(db, content, why):
    assert received(content) == ("refused", why)
    assert dropped() == set()
    assert db.execute("select count(*) from exchange.received").fetchone() == (0,)
    inbox, outbox = folder_of(HLWJG, "inbox"), folder_of(HLWJG, "outbox")
    assert [p.name for p in inbox.iterdir()] == ["refused"]
    (reply,) = outbox.glob("*.ack.json")
    assert json.loads(reply.read_text())["reason"] == why


def test_neither_links_nor_other_bytes_under_a_known_number_come_in(db, tmp_path):
    assert received(inbound(), mark="0" * 64) == ("refused", "文件与 .sha256 不符")
    outside = tmp_path / "secret.zip"
    outside.write_bytes(inbound())
    inbox = folder_of(HLWJG, "inbox")
    (inbox / "link.zip").symlink_to(outside)
    (inbox / "link.zip.sha256").write_text(hashlib.sha256(inbound()).hexdigest())
    assert [(o.state, o.detail) for o in receive(NOW)] == [("refused", "文件不在，或不是普通文件")]
    assert dropped() == set()
    assert received(inbound())[0] == "dropped"
    assert received(inbound(file={"unit": "210700"})) == ("refused", "序号 1 已收到内容不同的数据包")
    assert dropped() == {"210600/general_risk_class_2022-11.csv"}
