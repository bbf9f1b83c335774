"""Exchange files for other authorities, in the manner of GB/T 39443 file mode (J01–J03, H03, A06–A08).

A package is a ZIP with a manifest and one CSV file, numbered without gaps per partner and feed. A delta is what the
partner may lack against the last package it acknowledged, and whatever an unanswered one may have told it: so a package
or an answer that is lost does no harm, and a partner that never answers holds up nothing. What partner gets which
fields of which feed is the seed `exchange_partners`; a feed's rows are `exchange_feeds/<feed>.sql`.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, namedtuple_row

from ipcredit.database import advisory_lock, connect
from ipcredit.files import write_whole
from ipcredit.outputs import OutputError
from ipcredit.outputs.pages import Release, read_release
from ipcredit.settings import TIME_ZONE, get_settings
from ipcredit.sheets import neutral

FEEDS = {
    "list_entries": ("信用名单", "upsert"),
    "grades": ("信用等级", "upsert"),
    "withdrawals": ("信用修复和异议成立的撤下", "withdraw"),
    "measure_applications": ("激励和惩戒措施的实施", "upsert"),
    "list_proposals": ("严重违法失信名单列入提示", "upsert"),
}
"""What can go out: its name, and the operation that tells of an item."""
MANIFEST = "manifest.json"
_SQL = Path(__file__).with_name("exchange_feeds")
_LEAST_DIGITS = 8
_INSTRUCTIONS = (
    "按序号由小到大处理；小于已处理序号的数据包不再处理，也不影响结果。"
    "full：以本包替换此前收到的全部同类数据；delta：逐行处理。"
    "upsert 新增或更新；withdraw 因信用修复或异议成立撤下，停止公示、共享和使用；delete 删去。"
    "撤下、删去的数据不存在时视为成功。"
    "以 = + - @ 开头的文字前加了英文单引号。"
    "处理后把回执 <数据包编号>.ack.json 放入 inbox，随后再放其校验值 <数据包编号>.ack.json.sha256。回执为 JSON 对象："
    "package_id；sha256 本数据包文件的校验值；result 为 accepted 已处理或 rejected 整包退回；reason 事由；"
    "rejected_items 未采用的数据（item_key、code、reason）的列表。"
)

_AGREEMENTS = """
select * from (
    select distinct on (p.partner_code, p.direction, p.feed)
        p.partner_code, coalesce(o.name, p.partner_name) as partner_name, p.direction, p.feed,
        string_to_array(p.fields, '|') as fields, string_to_array(p.sharing, '|') as sharing, p.scope_division_code,
        p.version, p.status, p.source_clause
    from reference.exchange_partners as p left join reference.organisations as o using (organisation_code)
    where p.recorded_on <= %(known_on)s and %(on)s between p.effective_from and coalesce(p.effective_to, 'infinity')
    order by p.partner_code, p.direction, p.feed, p.effective_from desc, p.version desc
) as latest where latest.status <> 'no_rule'
"""

_HISTORY = """
select coalesce(max(s.sequence) filter (where s.state <> 'draft'), 0) as last,
    coalesce(max(s.sequence) filter (where s.state = 'accepted'), 0) as answered,
    coalesce(max(s.sequence) filter (where s.state = 'accepted' and s.mode = 'full'), 0) as answered_full
from exchange.package_states as s where s.partner_code = %(partner)s and s.feed = %(feed)s
"""

# held: what the partner said it has, an item it rejected being uncertain. unsure: what it may have been told since.
_CHANGES = """
with wanted as (
    select f.item_key, f.is_present, f.removal, p.details, f.details ?& %(fields)s::text [] as is_whole,
        encode(sha256(convert_to(p.details::text, 'UTF8')), 'hex') as item_hash
    from ({feed}) as f
    cross join lateral (
        select jsonb_object_agg(n.field, f.details -> n.field) as details from unnest(%(fields)s::text []) as n (field)
    ) as p
    where f.sharing = any(%(sharing)s) and (%(scope)s::text is null or f.division_code = %(scope)s)
),
held as (
    select distinct on (i.item_key) i.item_key, i.item_hash, r.item_key is not null as is_rejected
    from exchange.package_states as s
    inner join exchange.package_items as i on s.package_id = i.package_id
    left join exchange.rejected_items as r on i.package_id = r.package_id and i.item_key = r.item_key
    where s.partner_code = %(partner)s and s.feed = %(feed)s and s.state = 'accepted'
        and s.sequence >= %(answered_full)s
    order by i.item_key, s.sequence desc
),
unsure as (
    select distinct i.item_key
    from exchange.package_states as s inner join exchange.package_items as i on s.package_id = i.package_id
    where s.partner_code = %(partner)s and s.feed = %(feed)s and s.state in ('approved', 'sent')
        and s.sequence > %(answered)s
)
select coalesce(w.item_key, h.item_key, u.item_key) as item_key,
    case when w.is_present then %(tells)s else coalesce(w.removal, 'delete') end as operation,
    case when w.is_present then w.item_hash end as item_hash, w.details, coalesce(w.is_whole, true) as is_whole
from wanted as w
full join held as h on w.item_key = h.item_key
full join unsure as u on coalesce(w.item_key, h.item_key) = u.item_key
where u.item_key is not null or case
    when w.is_present then %(is_full)s or h.item_hash is distinct from w.item_hash
    else h.item_hash is not null or h.is_rejected
end
order by coalesce(w.item_key, h.item_key, u.item_key) collate "C"
"""

_LAST_ITEMS = """
select i.item_key, i.operation, i.item_hash
from exchange.package_states as s inner join exchange.package_items as i on s.package_id = i.package_id
where s.partner_code = %(partner)s and s.feed = %(feed)s and s.sequence = %(last)s and s.state in ('approved', 'sent')
"""

_STATUS = """
select s.package_id, s.partner_name, s.feed, s.sequence, s.mode, s.release_id, s.state, s.upserts, s.withdrawals,
    s.deletes, s.sha256, s.sent_at, s.rejected_items,
    case when s.state = 'sent' and not exists (
        select from exchange.package_states as n
        where n.partner_code = s.partner_code and n.feed = s.feed and n.state = 'accepted' and n.sequence > s.sequence
    ) then today.working_day_no - sent.working_day_no end as working_days,
    c.days as answer_days
from exchange.package_states as s
left join reference.working_days as sent on (s.sent_at at time zone 'Asia/Shanghai')::date = sent.day
left join reference.working_days as today on today.day = %(on)s
left join lateral (
    select c.days from policy.clocks as c
    where c.process = 'exchange' and c.step = 'answer' and c.status <> 'no_rule'
        and %(on)s between c.effective_from and coalesce(c.effective_to, 'infinity')
    order by c.effective_from desc, c.version desc limit 1
) as c on true
order by s.partner_code, s.feed, s.sequence
"""


class NotCurrent(OutputError):
    """What others are told is the current release's alone; of a look back nothing is drafted or approved."""


@dataclass(frozen=True)
class Agreement:
    """What goes to, or comes from, one partner by one row of the seed `exchange_partners`."""

    partner_code: str
    partner_name: str
    direction: str
    feed: str
    fields: list[str] | None
    sharing: list[str] | None
    scope_division_code: str | None
    version: int
    status: str
    source_clause: str


@dataclass(frozen=True)
class Draft:
    """A package as prepared: nobody has approved it."""

    package_id: str
    mode: str
    items: int
    sha256: str
    path: Path


@dataclass(frozen=True)
class Status:
    """One package: `working_days` since it was sent, while an answer is still awaited; None past the calendar."""

    package_id: str
    partner_name: str
    feed: str
    sequence: int
    mode: str
    release_id: str
    state: str
    upserts: int
    withdrawals: int
    deletes: int
    sha256: str
    sent_at: datetime | None
    rejected_items: int | None
    working_days: int | None
    answer_days: int | None

    @property
    def is_overdue(self) -> bool:
        """Whether the answer is later than the clock allows; nothing waits for it."""
        return self.working_days is not None and self.answer_days is not None and self.working_days > self.answer_days


def agreements(connection: Connection, on: date, known_on: date) -> list[Agreement]:
    """The agreements in force on a day, as recorded by another.

    Raises:
        OutputError: the seeds have not been loaded since the exchange came to be.
    """
    _require_seeds(connection)
    with connection.cursor(row_factory=class_row(Agreement)) as cursor:
        return cursor.execute(_AGREEMENTS, {"on": on, "known_on": known_on}).fetchall()


def _require_seeds(connection: Connection) -> None:
    if connection.execute("select to_regclass('reference.exchange_partners')").fetchone() == (None,):
        raise OutputError("交换约定尚未装入，请先运行 ipcredit build。")


def prepare(release_id: str | None = None, partner: str | None = None, *, full: bool = False) -> list[Draft]:
    """Make the drafts of what the partners should be told of a release, each in place of its feed's last draft.

    Made again from the same release and the same answers, a draft has the same bytes. Where nothing is to be told that
    an unanswered package has not told already, there is none.

    Args:
        release_id: the release that should be the current one; default: whichever is.
        partner: code of one partner; default: all.
        full: the whole feed even where a delta would do, with what the partner has rejected before.

    Raises:
        NotCurrent: the release is not, or no longer, the current one; the drafts there are stay.
        OutputError: no such release or partner, or an agreement on fields that its feed has not.
    """
    with connect() as writing, advisory_lock(writing, "exchange"), connect() as reading:
        release = read_release(reading, release_id)
        if not _is_current(reading, release.release_id):
            raise NotCurrent(f"{release.release_id} 不是现行发布，没有生成数据包；原有的草稿不变。")
        found = agreements(reading, release.as_of, release.known_at.astimezone(TIME_ZONE).date())
        outgoing = [a for a in found if a.direction == "out" and partner in (None, a.partner_code)]
        if partner and not outgoing:
            raise OutputError(f"{release.as_of} 没有向 {partner} 提供数据的约定，见 exchange_partners.csv。")
        # What was drafted before and no one approved is out of date, also where an agreement has ended.
        writing.execute(
            """delete from exchange.packages as p
               where p.partner_code = coalesce(%s, p.partner_code)
                   and not exists (select from exchange.approvals as a where a.package_id = p.package_id)""",
            (partner,),
        )
        drafts = [_prepare(reading, writing, release, agreement, full) for agreement in outgoing]
        writing.commit()
    return [draft for draft in drafts if draft]


def _is_current(connection: Connection, release_id: str) -> bool:
    row = connection.execute("select c.release_id from release_store.current_release as c").fetchone()
    return row == (release_id,)


def _prepare(
    reading: Connection, writing: Connection, release: Release, agreement: Agreement, full: bool
) -> Draft | None:
    given: dict[str, Any] = {"partner": agreement.partner_code, "feed": agreement.feed}
    with reading.cursor(row_factory=namedtuple_row) as cursor:
        history: Any = cursor.execute(_HISTORY, given).fetchone()
    base = None if full or not history.answered else history.answered
    rows = _changes(reading, release, agreement, history, base is None)
    told = reading.execute(_LAST_ITEMS, given | {"last": history.last}).fetchall()
    if not rows or (not full and {(r.item_key, r.operation, r.item_hash) for r in rows} == set(told)):
        return None
    sequence = history.last + 1
    package_id = f"{agreement.partner_code}_{agreement.feed}_{sequence:06d}"
    counts = Counter(row.operation for row in rows)
    about = {
        "package_id": package_id, "sequence": sequence, "mode": "delta" if base else "full", "base_sequence": base,
        "operations": dict(sorted(counts.items())), **_about(reading, release, agreement),
    }  # fmt: skip
    content = _package(
        release.known_at.astimezone(TIME_ZONE), about, _data_file(agreement.fields or [], rows), len(rows)
    )
    sha256 = hashlib.sha256(content).hexdigest()
    writing.execute(
        """insert into exchange.packages (package_id, partner_code, partner_name, feed, sequence, mode, base_sequence,
               release_id, as_of, rule_version, rule_status, source_clause, upserts, withdrawals, deletes, sha256,
               content)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            package_id, agreement.partner_code, agreement.partner_name, agreement.feed, sequence, about["mode"], base,
            release.release_id, release.as_of, agreement.version, agreement.status, agreement.source_clause,
            counts["upsert"], counts["withdraw"], counts["delete"], sha256, content,
        ),
    )  # fmt: skip
    columns = "package_id, item_key, operation, item_hash"
    with writing.cursor().copy(f"copy exchange.package_items ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row((package_id, row.item_key, row.operation, row.item_hash))
    path = get_settings().outputs / release.release_id / "exchange" / f"{package_id}.zip"
    write_whole(path, content)
    return Draft(package_id, about["mode"], len(rows), sha256, path)


def _about(reading: Connection, release: Release, agreement: Agreement) -> dict[str, Any]:
    """What the manifest says of where its data come from, to whom they go, and by what right."""
    code, name = own_office(reading)
    known_at = release.known_at.astimezone(TIME_ZONE).isoformat()
    return {
        "manner": "参照 GB/T 39443 文件交换方式（附录样例未取得，清单格式为系统暂定）",
        "sender": {"code": code, "name": name},
        "receiver": {"code": agreement.partner_code, "name": agreement.partner_name},
        "feed": agreement.feed,
        "feed_title": FEEDS[agreement.feed][0],
        "release_id": release.release_id,
        "as_of": release.as_of.isoformat(),
        "known_at": known_at,
        "created_at": known_at,
        "code_commit": release.code_commit,
        "agreement": {
            "version": agreement.version,
            "status": agreement.status,
            "source_clause": agreement.source_clause,
            "sharing": agreement.sharing,
            "scope_division_code": agreement.scope_division_code,
        },
        "fields": _described(reading, agreement),
        "instructions": _INSTRUCTIONS,
    }


def _changes(reading: Connection, release: Release, agreement: Agreement, history: Any, is_full: bool) -> list[Any]:
    if agreement.feed not in FEEDS:
        raise OutputError(f"exchange_partners.csv：没有 {agreement.feed} 这类数据，只有 {'、'.join(FEEDS)}。")
    # A published list is the province's own, for a partner of one city also the city's.
    own = reading.execute(
        "select division_code from reference.divisions where level = 'province' or division_code = %s",
        (agreement.scope_division_code,),
    ).fetchall()
    query = _CHANGES.replace("{feed}", (_SQL / f"{agreement.feed}.sql").read_text(encoding="utf-8"))
    with reading.cursor(row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute(
            query.encode(),
            {
                "release": release.release_id, "jurisdictions": [code for (code,) in own], "fields": agreement.fields,
                "sharing": agreement.sharing, "scope": agreement.scope_division_code,
                "partner": agreement.partner_code, "feed": agreement.feed, "tells": FEEDS[agreement.feed][1],
                "answered": history.answered, "answered_full": history.answered_full, "is_full": is_full,
            },
        ).fetchall()  # fmt: skip
    if not all(row.is_whole for row in rows):
        raise OutputError(f"exchange_partners.csv：{agreement.partner_code} 的 {agreement.feed} 写有该类没有的字段。")
    return rows


def _data_file(fields: Sequence[str], rows: Sequence[Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("operation", "item_key", *fields))
    for row in rows:
        details = row.details or {}
        writer.writerow((row.operation, row.item_key, *(_cell(details.get(field)) for field in fields)))
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return neutral(value)
    return "" if value is None else json.dumps(value)


def _package(made_at: datetime, about: dict[str, Any], data: bytes, rows: int) -> bytes:
    """The package's bytes; stored, not packed, so that they depend on no library's version."""
    name = f"{about['feed']}.csv"
    file = {"name": name, "rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = json.dumps(about | {"files": [file]}, ensure_ascii=False, indent=1).encode()
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for entry, content in ((MANIFEST, manifest), (name, data)):
            about_entry = zipfile.ZipInfo(entry, made_at.timetuple()[:6])
            about_entry.create_system, about_entry.external_attr = 3, 0o644 << 16
            archive.writestr(about_entry, content)
    return package.getvalue()


def own_office(connection: Connection) -> tuple[str, str]:
    """Code and name of the office that runs this warehouse."""
    row = connection.execute(
        "select organisation_code, name from reference.organisations where role = 'provincial_office'"
    ).fetchone()
    if row is None:
        raise OutputError("organisations.csv 没有 provincial_office。")
    return row[0], row[1]


def _described(reading: Connection, agreement: Agreement) -> list[dict[str, str]]:
    """The agreed fields with what the published columns of that name say of themselves."""
    views = {"grades": ["subject_grades", "subjects"], "withdrawals": ["withdrawals", "repairs", "list_entries"]}
    found = reading.execute(
        """select a.attname, col_description(a.attrelid, a.attnum)
           from unnest(%s::text []) with ordinality as v (view_name, place)
           inner join pg_attribute as a on a.attrelid = ('publication.' || v.view_name)::regclass and a.attnum > 0
           order by v.place desc""",
        (views.get(agreement.feed, [agreement.feed, "subjects"]),),
    ).fetchall()
    described: dict[str, str | None] = dict(found)
    # Where a column refers to another view, the partner has none to look it up in.
    return [{"name": f, "description": (described.get(f) or "").partition("，见 ")[0]} for f in agreement.fields or []]


def approve(package_id: str, sha256: str, by: str, document_no: str, decided_on: date) -> None:
    """Approve a draft as it was looked at: from then on it is kept unchangeable.

    Args:
        sha256: at least the first eight digits of the draft's hash: a draft made anew meanwhile is another one.
        by: the post that approves, `document_no` and `decided_on` the document it rests on.

    Raises:
        NotCurrent: the draft was made from a release that is not the current one any more.
        OutputError: no such draft, approved already, or not the one that was looked at.
    """
    if not (by.strip() and document_no.strip()):
        raise OutputError("批准须写明岗位和文件。")
    with connect() as connection, advisory_lock(connection, "exchange"):
        row = connection.execute(
            "select state, sha256, release_id from exchange.package_states where package_id = %s", (package_id,)
        ).fetchone()
        if row is None:
            raise OutputError(f"没有数据包 {package_id}；可用的见 ipcredit exchange status。")
        if row[0] != "draft":
            raise OutputError(f"{package_id} 已批准，不再改变。")
        if not _is_current(connection, row[2]):
            raise NotCurrent(
                f"{package_id} 出自 {row[2]}，该发布不是现行发布；"
                "请重新生成草稿（ipcredit exchange prepare），核对后再批准。"
            )
        if len(sha256) < _LEAST_DIGITS or not row[1].startswith(sha256.lower()):
            raise OutputError(
                f"{package_id} 现在的校验值是 {row[1]}，与所给的不符：草稿可能已重新生成，请核对后再批准。"
            )
        connection.execute(
            "insert into exchange.approvals (package_id, approved_by, document_no, decided_on) values (%s, %s, %s, %s)",
            (package_id, by, document_no, decided_on),
        )
        connection.commit()


def send(package_ids: Sequence[str] = ()) -> list[Path]:
    """Put approved packages into their partners' outboxes, in the order of their numbers.

    Args:
        package_ids: those to send again, with the same bytes; default: all that never were sent.

    Raises:
        OutputError: one of them is not approved; nothing was sent.
    """
    with connect() as connection, advisory_lock(connection, "exchange"):
        rows = connection.execute(
            """select s.package_id, s.partner_code, s.sha256, p.content
               from exchange.package_states as s inner join exchange.packages as p on s.package_id = p.package_id
               where s.state <> 'draft' and case when %(ids)s::text [] = '{}' then s.sent_at is null
                   else s.package_id = any(%(ids)s) end
               order by s.partner_code, s.feed, s.sequence""",
            {"ids": list(package_ids)},
        ).fetchall()
        if missing := sorted(set(package_ids) - {row[0] for row in rows}):
            raise OutputError(f"{'、'.join(missing)} 未经批准或不存在，没有发出任何数据包。")
        paths = []
        for package_id, partner_code, sha256, content in rows:
            paths.append(folder_of(partner_code, "outbox") / f"{package_id}.zip")
            write_with_hash(paths[-1], content, sha256)
            # Written first: whoever is cut off in between sends the same bytes again.
            connection.execute("insert into exchange.dispatches (package_id) values (%s)", (package_id,))
            connection.commit()
    return paths


def status(on: date) -> list[Status]:
    """Every package with its state and, where an answer is awaited, for how many working days on that day."""
    with connect() as connection, connection.cursor(row_factory=class_row(Status)) as cursor:
        _require_seeds(connection)
        return cursor.execute(_STATUS, {"on": on}).fetchall()


def folder_of(partner_code: str, name: str) -> Path:
    """A partner's `outbox` or `inbox`, made if missing."""
    path = get_settings().outputs / "exchange" / partner_code / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_with_hash(path: Path, content: bytes, sha256: str) -> None:
    """The file, then `<name>.sha256` beside it: whoever finds that one finds the file whole."""
    write_whole(path, content)
    write_whole(path.with_name(f"{path.name}.sha256"), f"{sha256}  {path.name}\n".encode())
