"""What other authorities put into their inboxes: answers to packages, and packages that become submissions (J01, J05).

A file counts once `<name>.sha256` stands beside it, which the partner writes last. A read answer moves to `done`, what
cannot be used to `refused`; what must wait for something else stays. A package that was dropped goes: it may hold
personal data in clear, which only the archive of intake keeps. Nothing here trusts a file: size, hash, sender, number
and every name are checked before anything is kept or dropped. Hashes may be in capitals, as some programs write them.
"""

import csv
import hashlib
import io
import json
import os
import re
import secrets
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from ipcredit.contracts import load_contracts, period_is_valid
from ipcredit.database import advisory_lock, connect
from ipcredit.intake.rules import rules_on
from ipcredit.intake.scan import drop_folder, printable
from ipcredit.intake.units import submitting_units
from ipcredit.outputs.exchange import MANIFEST, agreements, folder_of, own_office, write_with_hash
from ipcredit.settings import TIME_ZONE

ANSWER = ".ack.json"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: accepted, rejected, repeated, dropped, waiting or refused, and why."""

    partner_code: str
    file_name: str
    state: str
    detail: str = ""


class _Refused(Exception):
    """The file cannot be used; the message says why."""


class _Waits(Exception):
    """The file cannot be used yet; the message says what it waits for."""


def acknowledge(received_at: datetime) -> list[Outcome]:
    """Read the partners' answers; one told twice changes nothing, one that answers nothing of ours is refused.

    Args:
        received_at: the moment they count as received, with its offset from UTC; chooses agreements and limits.
    """
    return _work_through(received_at, ANSWER, _acknowledge)


def receive(received_at: datetime) -> list[Outcome]:
    """Put the data files of the partners' packages into the drop folders of the units they are of, as submissions.

    Numbers are worked through without gaps; a package whose place in a drop folder is taken waits for intake. The
    partner finds the answer in its outbox.

    Args:
        received_at: the moment they count as received, with its offset from UTC; chooses agreements and limits.
    """
    return _work_through(received_at, ".zip", _receive)


def _work_through(
    received_at: datetime, suffix: str, work: Callable[[Connection, str, bytes, datetime], tuple[str, str]]
) -> list[Outcome]:
    outcomes = []
    limit = _limit(received_at)
    with connect() as connection, advisory_lock(connection, "exchange"):
        day = received_at.astimezone(TIME_ZONE).date()
        for partner in sorted({a.partner_code for a in agreements(connection, day, day)}):
            inbox = folder_of(partner, "inbox")
            for mark in sorted(inbox.glob(f"*{suffix}.sha256")):
                path = mark.with_suffix("")
                try:
                    content = _read(path, limit)
                    told = _read(mark, limit)[:64].decode("ascii", "replace").lower()
                    if hashlib.sha256(content).hexdigest() != told:
                        raise _Refused("文件与 .sha256 不符")
                    state, detail = work(connection, partner, content, received_at)
                except _Waits as waits:
                    connection.rollback()
                    outcomes.append(Outcome(partner, printable(path.name), "waiting", str(waits)))
                    continue
                except _Refused as refused:
                    connection.rollback()
                    state, detail = "refused", str(refused)
                connection.commit()
                _put_away(path, mark, "refused" if state == "refused" else "done" if suffix == ANSWER else None)
                outcomes.append(Outcome(partner, printable(path.name), state, detail))
    return outcomes


def _limit(received_at: datetime) -> int:
    """Bytes that a file, and a package unpacked, may have: as many as a workbook."""
    return int(rules_on(received_at.astimezone(TIME_ZONE).date())["max_workbook_bytes"])


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a regular file; a link, a device or more than `limit` bytes is refused unread."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _Refused("文件不在，或不是普通文件") from error
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise _Refused("不是普通文件")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _Refused(f"超过 {limit / 2**20:,.0f} MB")
    return content


def _put_away(path: Path, mark: Path, folder: str | None) -> None:
    for file in (mark, path):
        if folder is None:
            file.unlink(missing_ok=True)
        elif os.path.lexists(file):
            (file.parent / folder).mkdir(exist_ok=True)
            file.replace(file.parent / folder / file.name)


def _json(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _Refused("不是 JSON") from error
    if not isinstance(told, dict):
        raise _Refused("不是 JSON 对象")
    return told


def _text(told: dict[str, Any], key: str) -> str:
    """A text that any table and any terminal can hold."""
    value = told.get(key)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _Refused(f"缺少 {key}，或含有控制字符")
    return value


def _reason(told: dict[str, Any]) -> str | None:
    return "".join(c for c in str(told.get("reason") or "") if c.isprintable())[:500] or None


# --- answers ----------------------------------------------------------------------------------------------------------


def _acknowledge(connection: Connection, partner: str, content: bytes, received_at: datetime) -> tuple[str, str]:
    told = _json(content)
    package_id, result = _text(told, "package_id"), _text(told, "result")
    row = connection.execute(
        """select s.state, s.sha256, k.sha256 from exchange.package_states as s
           left join exchange.acknowledgements as k on s.package_id = k.package_id
           where s.package_id = %s and s.partner_code = %s""",
        (package_id, partner),
    ).fetchone()
    if row is None or row[0] in ("draft", "approved"):
        raise _Refused(f"没有向 {partner} 发出过 {package_id[:80]}")
    state, sha256, answered = row
    if _text(told, "sha256").lower() != sha256:
        raise _Refused(f"回执的校验值不是 {package_id} 的")
    if result not in ("accepted", "rejected"):
        raise _Refused("result 不是 accepted 或 rejected")
    digest = hashlib.sha256(content).hexdigest()
    if answered == digest:
        return "repeated", f"{package_id} 已有同样的回执"
    if answered:
        raise _Refused(f"{package_id} 已有内容不同的回执（{state}），以先到的为准")
    rejected = _rejected_items(told, result)
    known = connection.execute(
        "select count(*) from exchange.package_items where package_id = %s and item_key = any(%s)",
        (package_id, list(rejected)),
    ).fetchone()
    if known != (len(rejected),):
        raise _Refused(f"未采用的数据中有不属于 {package_id} 的")
    connection.execute(
        """insert into exchange.acknowledgements (package_id, result, reason, rejected_items, sha256, received_at)
           values (%s, %s, %s, %s, %s, %s)""",
        (package_id, result, _reason(told), len(rejected), digest, received_at),
    )
    connection.cursor().executemany(
        "insert into exchange.rejected_items (package_id, item_key, code, reason) values (%s, %s, %s, %s)",
        [(package_id, key, code, reason) for key, (code, reason) in rejected.items()],
    )
    return result, f"{package_id}，未采用 {len(rejected)} 项"


def _rejected_items(told: dict[str, Any], result: str) -> dict[str, tuple[str, str | None]]:
    """Code and reason of each item the partner did not take; a package sent back whole names none."""
    items = told.get("rejected_items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _Refused("rejected_items 不是对象的列表")
    found = {_text(item, "item_key"): (_text(item, "code")[:80], _reason(item)) for item in items}
    if len(found) != len(items) or (found and result == "rejected"):
        raise _Refused("未采用的数据重复，或整包退回又列有个别数据")
    return found


# --- packages ---------------------------------------------------------------------------------------------------------


def _receive(connection: Connection, partner: str, content: bytes, received_at: datetime) -> tuple[str, str]:
    answer: dict[str, Any] = {"sha256": hashlib.sha256(content).hexdigest()}
    try:
        package_id, state, detail = _take(connection, partner, content, received_at)
    except _Refused as refused:
        _answer(partner, f"refused_{answer['sha256'][:16]}", answer | {"result": "rejected", "reason": str(refused)})
        raise
    _answer(partner, package_id, answer | {"package_id": package_id, "result": "accepted"})
    return state, detail


def _answer(partner: str, name: str, answer: dict[str, Any]) -> None:
    content = json.dumps(answer, ensure_ascii=False, indent=1).encode()
    write_with_hash(folder_of(partner, "outbox") / f"{name}{ANSWER}", content, hashlib.sha256(content).hexdigest())


def _take(connection: Connection, partner: str, content: bytes, received_at: datetime) -> tuple[str, str, str]:
    """Check a package from end to end, then drop its files.

    Returns:
        Its id, what became of it, and the detail to tell.
    """
    parts = _unpack(content, _limit(received_at))
    manifest = _json(parts.pop(MANIFEST, b""))
    feed, number = _text(manifest, "feed"), manifest.get("sequence")
    day = received_at.astimezone(TIME_ZONE).date()
    if feed not in {a.feed for a in agreements(connection, day, day)
                    if (a.partner_code, a.direction) == (partner, "in")}:  # fmt: skip
        raise _Refused(f"没有从 {partner} 接收 {feed[:40]} 的约定")
    for side, code in (("sender", partner), ("receiver", own_office(connection)[0])):
        party = manifest.get(side)
        if not isinstance(party, dict) or party.get("code") != code:
            raise _Refused(f"清单的 {side} 不是 {code}")
    if type(number) is not int or number < 1:
        raise _Refused("清单没有序号")
    package_id = f"{partner}_{feed}_{number:06d}"
    digest = hashlib.sha256(content).hexdigest()
    before: dict[int, str] = dict(
        connection.execute(
            "select sequence, sha256 from exchange.received where partner_code = %s and feed = %s", (partner, feed)
        ).fetchall()
    )
    if number in before:
        if before[number] != digest:
            raise _Refused(f"序号 {number} 已收到内容不同的数据包")
        return package_id, "repeated", f"序号 {number} 已收到"
    if number > (expected := max(before, default=0) + 1):
        raise _Waits(f"序号是 {number}，尚缺 {expected}")
    targets = _targets(manifest, parts, feed)
    connection.execute(
        """insert into exchange.received (partner_code, feed, sequence, sha256, files, received_at)
           values (%s, %s, %s, %s, %s, %s)""",
        (partner, feed, number, digest, len(targets), received_at),
    )
    _drop(targets)
    return package_id, "dropped", "、".join(f"{path.parent.name}/{path.name}" for path in targets)


def _unpack(content: bytes, limit: int) -> dict[str, bytes]:
    """The entries of a package by name. None is ever written under the name that the package gives it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names) or not all(re.fullmatch(r"[0-9A-Za-z_.-]{1,100}", name) for name in names):
                raise _Refused("数据包内有重名，或文件名含有路径或不允许的字符")
            if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
                raise _Refused("压缩方式不是 store 或 deflate")
            parts: dict[str, bytes] = {}
            for entry in entries:
                # What an entry says of its own size may be a lie: no more is read than is left.
                with archive.open(entry) as file:
                    parts[entry.filename] = file.read(limit + 1)
                limit -= len(parts[entry.filename])
                if limit < 0:
                    raise _Refused("解压后超过上限")
            return parts
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _Refused("不是完整的 ZIP，或已加密") from error


def _targets(manifest: dict[str, Any], parts: dict[str, bytes], feed: str) -> dict[Path, bytes]:
    """Where each data file of the package belongs, once it is what the manifest says."""
    files = manifest.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(file, dict) for file in files):
        raise _Refused("清单没有数据文件")
    if sorted(_text(file, "name") for file in files) != sorted(parts):
        raise _Refused("清单所列文件与数据包内的不一致")
    contract = load_contracts()[feed]
    units = {unit.code for unit in submitting_units() if unit.role == contract.submitters}
    targets: dict[Path, bytes] = {}
    for file in files:
        data, period = parts[file["name"]], _text(file, "period")
        if hashlib.sha256(data).hexdigest() != _text(file, "sha256").lower():
            raise _Refused(f"{file['name']} 与清单的校验值不符")
        if file.get("rows") != _count_rows(data):
            raise _Refused(f"{file['name']} 的行数与清单不符")
        if not period_is_valid(period, contract.update_cycle):
            raise _Refused(f"{period[:20]} 不是 {feed} 的期间")
        unit = next(iter(units)) if len(units) == 1 and "unit" not in file else _text(file, "unit")
        if unit not in units:
            raise _Refused(f"{feed} 不由 {unit[:40]} 报送")
        path = drop_folder(unit) / f"{feed}_{period}.csv"
        if path in targets:
            raise _Refused(f"{unit} {period} 有两个文件")
        if os.path.lexists(path):
            raise _Waits(f"{unit} 的投递目录里还有未处理的 {path.name}")
        targets[path] = data
    return targets


def _count_rows(data: bytes) -> int | None:
    """Rows below the header, or None where this is no CSV in UTF-8."""
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        return sum(1 for _ in rows) - 1
    except (UnicodeDecodeError, csv.Error):
        return None


def _drop(targets: dict[Path, bytes]) -> None:
    """All files hidden first, then each under its name: intake finds none half written."""
    hidden = {path: path.with_name(f".{secrets.token_hex(8)}.part") for path in targets}
    try:
        for path, data in targets.items():
            hidden[path].write_bytes(data)
        for path, temporary in hidden.items():
            temporary.rename(path)
    finally:
        for temporary in hidden.values():
            temporary.unlink(missing_ok=True)
