"""Lists for the public (requirements L06, E06): drafts made from a release, editions that a named role has approved.

A draft is files only. Approving keeps content, files and hash in `lists.editions` and the tables beside it, which
refuse every change (migration 0012); from there the same bytes are written again at any time. Which list is ours to
publish, by when, and how names are masked is policy (`publication_rules`, `publication_masks`); who may be shown on the
day judged is the release's (`list_publications`). The serious list is kept and published by its own authority
(辽知发〔2022〕4号 二(四)二): there is no draft of it.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ipcredit.database import advisory_lock, connect
from ipcredit.files import write_whole
from ipcredit.outputs import OutputError
from ipcredit.outputs.pages import Release, read_release
from ipcredit.settings import TIME_ZONE, get_settings
from ipcredit.sheets import Form, add_page, neutral, row_height, styles_of, workbook, write_heads, write_list

REASONS = {
    "term_ended": "公示期满", "honour_lapsed": "荣誉到期", "negative_record": "列入负面名单或受较重处罚",
    "removed": "移出名单", "repaired": "信用修复", "objection_upheld": "异议成立", "suspended": "异议处理期间暂停公示",
    "annulled": "依据已变更或撤销",
}  # fmt: skip
"""Why an entry is public no more; the last one: the release does not have it any longer."""

# The rows of a policy seed in force on the release's day, as recorded by then.
_IN_FORCE = """
select p.* from (
    select s.*, rank() over (partition by s.policy_id order by s.effective_from desc, s.version desc) as recency
    from policy.{seed} as s, release_store.releases as l
    where l.release_id = %(release)s and s.recorded_on <= (l.known_at at time zone 'Asia/Shanghai')::date
        and l.as_of between s.effective_from and coalesce(s.effective_to, 'infinity')
) as p where p.recency = 1 and p.status <> 'no_rule'
"""

_ENTRIES = """
select
    (row_number() over (partition by p.jurisdiction order by p.publish_from, p.subject_id))::integer as line_no,
    p.entry_id, p.subject_id, p.division_code, p.is_provincial, d.name as jurisdiction, p.public_name as name,
    p.public_code as code, p.matter, p.document_no, p.authority, p.publish_from, p.publish_to, p.publish_due_on,
    p.legal_basis, p.is_disputed,
    not exists (
        select 1 from lists.edition_entries as e where e.edition_id = %(previous)s and e.entry_id = p.entry_id
    ) as is_new
from release_store.list_publications as p
left join reference.divisions as d on p.jurisdiction = d.division_code
where p.release_id = %(release)s and p.list_code = %(list)s and p.publication_state = 'public'
order by p.is_provincial desc, p.jurisdiction, line_no
"""

# What the last approved edition shows and this release does not; what the release has no more counts from its day.
_WITHDRAWN = """
select e.line_no as previous_line_no, e.entry_id, e.subject_id, e.division_code, e.public_name as name,
    coalesce(p.withdraw_reason, 'annulled') as reason, coalesce(p.withdraw_from, l.as_of) as withdrawn_from,
    case when p.withdraw_reason is null then due.day else p.withdraw_due_on end as due_on,
    p.withdraw_document_no as document_no, p.withdraw_authority as authority
from lists.edition_entries as e
inner join release_store.releases as l on l.release_id = %(release)s
left join release_store.list_publications as p on l.release_id = p.release_id and e.entry_id = p.entry_id
left join reference.working_days as began on l.as_of = began.day
left join reference.working_days as due on began.working_day_no + %(within)s = due.working_day_no and due.is_working_day
where e.edition_id = %(previous)s and p.publication_state is distinct from 'public'
order by e.line_no
"""

_HEADS = {
    "序号": 6, "名称": 26, "统一社会信用代码": 21, "{matter}": 22, "决定文号": 25, "决定机关": 17, "公示起": 11,
    "公示止": 11, "列入依据": 27, "备注": 9,
}  # fmt: skip
_CENTRED = ("序号", "公示起", "公示止", "备注")
_MATTERS = {"red": "荣誉", "dishonest": "失信行为"}
_WITHDRAWN_HEADS = {
    "上期序号": 10, "名称": 30, "事由": 26, "自何日起不应公示": 18, "应于何日前撤下": 16, "决定文号": 26,
    "决定机关": 24,
}  # fmt: skip
_CSV_HEADS = (
    "记录", "序号", "名称", "统一社会信用代码", "荣誉或失信行为", "决定文号", "决定机关", "公示起", "公示止",
    "列入依据", "备注", "撤下日期", "撤下事由", "名单", "期号", "编号", "状态",
)  # fmt: skip


class Edition(NamedTuple):
    """An approved edition, as kept."""

    edition_id: str
    list_code: str
    edition_no: int
    release_id: str
    as_of: date
    content: dict[str, Any]
    """What the JSON file says."""
    sha256: str
    """Of that file."""
    approved_by: str
    document_no: str
    approved_on: date
    is_current: bool


class _Draft(NamedTuple):
    release: Release
    is_of_current_release: bool
    content: dict[str, Any]
    entries: list[dict[str, Any]]
    withdrawn: list[dict[str, Any]]


def draft(list_code: str | None = None, release_id: str | None = None) -> list[Path]:
    """Write `<outputs>/<release_id>/lists/<list>_draft.{xlsx,csv,json}` of a published release.

    Of an edition approved already the approved files are written again instead.

    Args:
        list_code: default: every list that policy has us publish.
        release_id: default: the current release.

    Raises:
        OutputError: no such release, or one without publications; or the list is not ours to publish on its day.
    """
    written: list[Path] = []
    with connect() as connection:
        release = read_release(connection, release_id)
        for code in [list_code] if list_code else _public_lists(connection, release):
            if kept := _kept(connection, _edition_id(code, release)):
                written += _write_kept(connection, kept)
                continue
            made = _make(connection, release, code)
            written += [write_whole(path, content) for path, content in _draft_files(connection, made).items()]
    return written


def approve(edition_id: str, by: str, document_no: str, on: date) -> list[Path]:
    """Keep a draft as the list's next edition and write its files; asked again with the same particulars, only those.

    Args:
        edition_id: as the draft names itself.
        by: the role that approved.
        document_no: of the approval.
        on: its day.

    Raises:
        OutputError: the release is not the current one, the draft's files are not what it gives (changed, or another
            edition has been approved since), an entry's time is over on the day of approval, or the edition was
            approved with other particulars or superseded.
    """
    if not (by.strip() and document_no.strip()):
        raise OutputError("批准名单须写明岗位和文号。")
    list_code, _, release_id = edition_id.partition("-")
    if not release_id:
        raise OutputError(f"{edition_id} 不是草稿的编号；编号是名单和发布，如 red-r20221205_0001。")
    with connect() as connection, advisory_lock(connection, "lists"):
        if kept := _kept(connection, edition_id):
            _require_same(kept, by, document_no, on)
            return _write_kept(connection, kept)
        connection.commit()  # the next statement has to be the transaction's first
        made = _make(connection, read_release(connection, release_id), list_code)
        _require_approvable(made, on)
        for path, expected in _draft_files(connection, made).items():
            if not path.exists() or path.read_bytes() != expected:
                raise OutputError(
                    f"{path.name} 不在，或与发布不符（被改动过，或生成之后又批准了另一期）；"
                    "请重新生成草稿（ipcredit lists draft），审阅后再批准。"
                )
        approval = {"approved_by": by, "document_no": document_no, "approved_on": on.isoformat()}
        content = made.content | {"approval": approval, "pending": None}
        files = _files(connection, content)
        connection.commit()
        with connection.transaction():
            kept = _keep(connection, made, content, files)
        return _write_kept(connection, kept)


def current_editions(connection: Connection) -> list[Edition]:
    """The edition in force of every list that has one, by list."""
    return _editions(connection, None)


def write_edition(edition_id: str) -> list[Path]:
    """Write an approved edition's files again, byte for byte: into `<outputs>/lists`, which is for the public and holds
    of each list the edition in force only; one superseded into the sub-folder `superseded`.

    Raises:
        OutputError: no such edition has been approved.
    """
    with connect() as connection:
        if not (kept := _kept(connection, edition_id)):
            raise OutputError(f"没有批准过 {edition_id}；批准过的见 publication.list_editions。")
        return _write_kept(connection, kept)


def overview() -> list[str]:
    """Of every list: the edition in force, and what the current release would change and by when."""
    lines = []
    with connect() as connection:
        release = read_release(connection, None)
        for code in _public_lists(connection, release):
            made = _make(connection, release, code)
            lines.append(f"{made.content['list_name']}（{code}）")
            if kept := _last(connection, code):
                lines.append(
                    f"  第 {kept.edition_no} 期 {kept.edition_id}：{len(kept.content['entries'])} 条，"
                    f"{kept.approved_by} {kept.document_no} {kept.approved_on}"
                )
            if not _kept(connection, made.content["edition_id"]):
                lines.append(f"  草稿 {made.content['edition_id']}：{_pending_text(made.content)}")
                lines += _overdue(made)
    return lines


# --- from the release -------------------------------------------------------------------------------------------------


def _edition_id(list_code: str, release: Release) -> str:
    return f"{list_code}-{release.release_id}"


def _in_force(connection: Connection, seed: str, release: Release) -> list[dict[str, Any]]:
    if connection.execute("select to_regclass(%s)", (f"policy.{seed}",)).fetchone() == (None,):
        raise OutputError("公示规则尚未装入，请先运行 ipcredit build。")
    with connection.cursor(row_factory=dict_row) as cursor:
        # the seed's name is ours, never a reader's
        return cursor.execute(_IN_FORCE.replace("{seed}", seed), {"release": release.release_id}).fetchall()


def _public_lists(connection: Connection, release: Release) -> list[str]:
    found = _in_force(connection, "publication_rules", release)
    return sorted((row["list_code"] for row in found if row["is_public"]), reverse=True)


def _make(connection: Connection, release: Release, list_code: str) -> _Draft:
    rule = _rule(connection, release, list_code)
    row = connection.execute(
        """select coalesce(r.row_counts ? 'list_publications', false), r.release_id = c.release_id
           from release_store.releases as r, release_store.current_release as c where r.release_id = %s""",
        (release.release_id,),
    ).fetchone()
    has_publications, is_current = row or (False, False)
    if not has_publications:
        raise OutputError(f"{release.release_id} 由旧版程序发布，没有名单公示的内容；请重新生成并发布后再生成草稿。")
    last = _last(connection, list_code)
    given = {
        "release": release.release_id, "list": list_code, "previous": last.edition_id if last else None,
        "within": rule["withdraw_within_working_days"],
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        entries = cursor.execute(_ENTRIES, given).fetchall()
        withdrawn = cursor.execute(_WITHDRAWN, given).fetchall()
    own = [row for row in entries if row["is_provincial"]]
    of_cities = [row for row in entries if not row["is_provincial"]]
    new = [row for row in own if row["is_new"]]
    content = {
        "list_code": list_code,
        "list_name": rule["list_name"],
        "edition_id": _edition_id(list_code, release),
        "edition_no": last.edition_no + 1 if last else 1,
        "issuer": _issuer(connection),
        "release_id": release.release_id,
        "as_of": release.as_of.isoformat(),
        "known_at": release.known_at.astimezone(TIME_ZONE).isoformat(),
        "code_commit": release.code_commit,
        "previous_edition_id": last.edition_id if last else None,
        "previous_edition_no": last.edition_no if last else None,
        "approval": None,
        "pending": {
            "new": len(new), "publish_by": _earliest(new, "publish_due_on"),
            "withdrawn": len(withdrawn), "withdraw_by": _earliest(withdrawn, "due_on"),
        },
        "entries": [_public(row) for row in own],
        # a city's rule stands beside the province's (丹市监发〔2022〕54号 二(四)一): shown, never counted
        "city_lists": [
            {"jurisdiction": city, "entries": [_public(row) for row in of_cities if row["jurisdiction"] == city]}
            for city in dict.fromkeys(row["jurisdiction"] for row in of_cities)
        ],
        "withdrawn": [
            {
                "previous_line_no": row["previous_line_no"], "name": row["name"] if rule["names_withdrawn"] else None,
                "reason": REASONS[row["reason"]], "withdrawn_from": _day(row["withdrawn_from"]),
                "due_on": _day(row["due_on"]), "document_no": row["document_no"], "authority": row["authority"],
            }
            for row in withdrawn
        ],
        "rules": _rules(connection, release, rule),
    }  # fmt: skip
    return _Draft(release, is_current, content, own, withdrawn)


def _rule(connection: Connection, release: Release, list_code: str) -> dict[str, Any]:
    found = {row["list_code"]: row for row in _in_force(connection, "publication_rules", release)}
    rule = found.get(list_code)
    if rule is None:
        raise OutputError(f"{release.as_of} 没有名单 {list_code} 的公示规则（publication_rules）。")
    if not rule["is_public"]:
        raise OutputError(f"{rule['list_name']}不由本系统公示：{rule['source_clause']}")
    return rule


def _rules(connection: Connection, release: Release, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Every rule the edition rests on, once, with its source and whether a document gives it."""
    province = connection.execute("select division_code from reference.divisions where level = 'province'").fetchone()
    entry = [
        row for row in _in_force(connection, "list_rules", release)
        if row["list_code"] == rule["list_code"] and province == (row["jurisdiction"],)
    ]  # fmt: skip
    masks = [row for row in _in_force(connection, "publication_masks", release) if row["shown"] != "full"]
    return [
        {
            "policy_id": row["policy_id"],
            "version": row["version"],
            "status": row["status"],
            "source": row["source_clause"],
        }
        for row in [*entry, rule, *sorted(masks, key=lambda row: (row["party_kind"], row["item"]))]
    ]


def _issuer(connection: Connection) -> str:
    row = connection.execute(
        """select o.name from reference.organisations as o
           inner join reference.divisions as d on o.division_code = d.division_code and d.level = 'province'
           where o.role = 'provincial_office' order by o.organisation_code limit 1"""
    ).fetchone()
    return row[0] if row else ""


def _public(row: dict[str, Any]) -> dict[str, Any]:
    """What of an entry the public may read: neither our own keys nor anything internal."""
    texts = ("name", "code", "matter", "document_no", "authority", "legal_basis", "is_disputed")
    days = {name: _day(row[name]) for name in ("publish_from", "publish_to")}
    return {"line_no": row["line_no"]} | {name: row[name] for name in texts} | days


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _earliest(rows: list[dict[str, Any]], column: str) -> str | None:
    return _day(min((row[column] for row in rows if row[column]), default=None))


def _pending_text(content: dict[str, Any]) -> str:
    pending = content["pending"]
    text = f"{len(content['entries'])} 条"
    for what, count, by in (("新增", "new", "publish_by"), ("撤下", "withdrawn", "withdraw_by")):
        due = f"，最早的期限 {pending[by]}" if pending[by] else ""
        text += f"；{what} {pending[count]} 条{due}"
    return text


def _overdue(made: _Draft) -> list[str]:
    """What should have been public, or should not be any more, before the day judged."""
    as_of = made.release.as_of
    late = [row for row in made.entries if row["is_new"] and row["publish_due_on"] and row["publish_due_on"] < as_of]
    stale = [row for row in made.withdrawn if row["due_on"] and row["due_on"] < as_of]
    lines = [f"    已过公示期限而未公示：{len(late)} 条"] if late else []
    return [*lines, *([f"    已过撤下期限而仍公示：{len(stale)} 条"] if stale else [])]


# --- approval ---------------------------------------------------------------------------------------------------------


def _editions(connection: Connection, edition_id: str | None) -> list[Edition]:
    """The one asked for, or, of every list, the one in force."""
    rows = connection.execute(
        """select e.edition_id, e.list_code, e.edition_no, e.release_id, e.as_of, e.content, e.sha256, e.approved_by,
               e.document_no, e.approved_on, e.edition_no = n.edition_no
           from lists.editions as e
           inner join (select list_code, max(edition_no) as edition_no from lists.editions group by list_code) as n
               on e.list_code = n.list_code
           where e.edition_id = %(edition)s or (%(edition)s::text is null and e.edition_no = n.edition_no)
           order by e.list_code""",
        {"edition": edition_id},
    ).fetchall()
    return [Edition(*row) for row in rows]


def _kept(connection: Connection, edition_id: str) -> Edition | None:
    return next(iter(_editions(connection, edition_id)), None)


def _last(connection: Connection, list_code: str) -> Edition | None:
    return next((one for one in current_editions(connection) if one.list_code == list_code), None)


def _require_same(kept: Edition, by: str, document_no: str, on: date) -> None:
    said = (
        f"{kept.edition_id} 已由 {kept.approved_by} 于 {kept.approved_on} 批准（{kept.document_no}），"
        f"为第 {kept.edition_no} 期"
    )
    if not kept.is_current:
        raise OutputError(f"{said}，并已被后一期取代；须改变现行的一期，请从新的发布生成草稿。")
    if (kept.approved_by, kept.document_no, kept.approved_on) != (by, document_no, on):
        raise OutputError(f"{said}；批准不能改写。")


def _require_approvable(made: _Draft, on: date) -> None:
    release = made.release
    if not made.is_of_current_release:
        raise OutputError(f"{release.release_id} 不是现行发布；请审阅现行发布的草稿（ipcredit lists draft）。")
    if on < release.as_of:
        raise OutputError(f"批准日期 {on} 早于评价基准日 {release.as_of}。")
    over = [row for row in made.entries if row["publish_to"] and row["publish_to"] < on]
    if over:
        raise OutputError(
            f"到批准日 {on}，有 {len(over)} 条已过公示期，如序号 {over[0]['line_no']}，公示至 {over[0]['publish_to']}；"
            "请从评价基准日更近的发布生成草稿。"
        )


def _keep(connection: Connection, made: _Draft, content: dict[str, Any], files: dict[str, bytes]) -> Edition:
    given = content | content["approval"] | {"content": Jsonb(content)}
    kept = connection.execute(
        """insert into lists.editions (edition_id, list_code, edition_no, release_id, as_of, previous_edition_id,
               content, sha256, approved_by, document_no, approved_on)
           select %(edition_id)s, %(list_code)s, %(edition_no)s, %(release_id)s, %(as_of)s, %(previous_edition_id)s,
               %(content)s, encode(sha256(convert_to(jsonb_pretty(%(content)s) || E'\n', 'UTF8')), 'hex'),
               %(approved_by)s, %(document_no)s, %(approved_on)s
           from release_store.current_release as c where c.release_id = %(release_id)s""",
        given,
    ).rowcount
    if not kept:
        raise OutputError(f"{made.release.release_id} 刚刚不再是现行发布；请审阅现行发布的草稿。")
    cursor = connection.cursor()
    edition_id = content["edition_id"]
    cursor.executemany(
        """insert into lists.edition_files (edition_id, file_name, content, sha256)
           values (%(edition)s, %(name)s, %(content)s, encode(sha256(%(content)s), 'hex'))""",
        [{"edition": edition_id, "name": _file_name(edition_id, kind), "content": files[kind]} for kind in files],
    )
    cursor.executemany(
        """insert into lists.edition_entries (edition_id, line_no, entry_id, subject_id, division_code, public_name,
               publish_from, publish_to)
           values (%(edition)s, %(line_no)s, %(entry_id)s, %(subject_id)s, %(division_code)s, %(name)s,
               %(publish_from)s, %(publish_to)s)""",
        [row | {"edition": edition_id} for row in made.entries],
    )
    cursor.executemany(
        """insert into lists.edition_withdrawals (edition_id, previous_line_no, entry_id, subject_id, division_code,
               reason, withdrawn_from, due_on, document_no, authority)
           values (%(edition)s, %(previous_line_no)s, %(entry_id)s, %(subject_id)s, %(division_code)s, %(reason)s,
               %(withdrawn_from)s, %(due_on)s, %(document_no)s, %(authority)s)""",
        [row | {"edition": edition_id} for row in made.withdrawn],
    )
    found = _kept(connection, edition_id)
    assert found is not None  # noqa: S101 - inserted above
    return found


def _write_kept(connection: Connection, kept: Edition) -> list[Path]:
    rows = connection.execute(
        "select file_name, content from lists.edition_files where edition_id = %s order by file_name",
        (kept.edition_id,),
    ).fetchall()
    folder = get_settings().outputs / "lists"
    written = [
        write_whole(folder / ("" if kept.is_current else "superseded") / name, content) for name, content in rows
    ]
    # Whoever copies the folder must not make public again what the edition in force has withdrawn.
    for path in folder.glob(f"{kept.list_code}_*") if kept.is_current else ():
        if path not in written:
            path.unlink()
    return written


# --- files ------------------------------------------------------------------------------------------------------------


def _file_name(edition_id: str, kind: str) -> str:
    return f"{edition_id.replace('-', '_')}.{kind}"


def _draft_files(connection: Connection, made: _Draft) -> dict[Path, bytes]:
    folder = get_settings().outputs / made.release.release_id / "lists"
    files = _files(connection, made.content)
    return {folder / f"{made.content['list_code']}_draft.{kind}": content for kind, content in files.items()}


def _files(connection: Connection, content: dict[str, Any]) -> dict[str, bytes]:
    """The three files by their kind: of one content always the same bytes."""
    row = connection.execute("select jsonb_pretty(%s)", (Jsonb(content),)).fetchone()
    assert row is not None  # noqa: S101 - a select of one value
    return {"csv": _csv(content), "json": f"{row[0]}\n".encode(), "xlsx": _workbook(content)}


def _state_text(content: dict[str, Any]) -> str:
    given = content["approval"]
    if not given:
        return "草稿：未经批准，不得公开"
    return f"批准：{given['approved_by']}　文号：{given['document_no']}　批准日期：{given['approved_on']}"


def _csv(content: dict[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_CSV_HEADS)
    whose = (content["list_name"], str(content["edition_no"]), content["edition_id"], _state_text(content))
    for row in content["entries"]:
        writer.writerow([neutral(cell) for cell in ("公示", *_entry_cells(row), "", "", *whose)])
    for row in content["withdrawn"]:
        number = f"上期 {row['previous_line_no']}"
        cells = ("撤下", number, row["name"] or "", "", "", row["document_no"] or "", row["authority"] or "")
        writer.writerow(
            [neutral(cell) for cell in (*cells, "", "", "", "", row["withdrawn_from"], row["reason"], *whose)]
        )
    return text.getvalue().encode("utf-8-sig")


def _entry_cells(row: dict[str, Any]) -> tuple[str, ...]:
    mark = "异议处理中" if row["is_disputed"] else ""
    columns = ("name", "code", "matter", "document_no", "authority", "publish_from")
    first = (str(row["line_no"]), *(row[column] or "" for column in columns))
    return (*first, row["publish_to"] or "未定", row["legal_basis"] or "", mark)


def _withdrawn_cells(row: dict[str, Any]) -> tuple[str, ...]:
    columns = ("name", "reason", "withdrawn_from", "due_on", "document_no", "authority")
    name = row["name"] or "（不列名，见上期序号）"
    return (str(row["previous_line_no"]), name, *(row[column] or "" for column in columns[1:]))


def _workbook(content: dict[str, Any]) -> bytes:
    matter = _MATTERS.get(content["list_code"], "事由")
    heads = {head.format(matter=matter): width for head, width in _HEADS.items()}
    since = (
        f"较第 {content['previous_edition_no']} 期没有撤下的条目"
        if content["previous_edition_no"]
        else "第一期，没有撤下的条目"
    )
    with TemporaryDirectory(prefix="ipcredit-lists-") as folder:
        path = Path(folder) / "list.xlsx"
        with workbook(path, _title(content), datetime.fromisoformat(content["known_at"]), row_by_row=False) as book:
            styles = styles_of(book)
            _list_sheet(book, styles, content, heads)
            write_list(
                book, styles, "撤下记录", _WITHDRAWN_HEADS, _neutral(map(_withdrawn_cells, content["withdrawn"])),
                centred=("上期序号", "自何日起不应公示", "应于何日前撤下"), empty=since,
            )  # fmt: skip
            for city in content["city_lists"]:
                write_list(
                    book, styles, f"{city['jurisdiction']}名单（并列）", heads,
                    _neutral(map(_entry_cells, city["entries"])), centred=_CENTRED, empty="没有条目",
                )  # fmt: skip
            _note_sheet(book, styles, content)
            for sheet in book.worksheets():
                # on every page, so that a city's list alone cannot be taken for the province's
                head = f"{sheet.name}　{content['list_name']} {content['edition_id']}　{_state_text(content)}"
                sheet.set_header(f"&R&9{head.replace('&', '&&')[:240]}", {"margin": 0.25})
        return path.read_bytes()


def _title(content: dict[str, Any]) -> str:
    return f"{content['issuer']}{content['list_name']}（第 {content['edition_no']} 期）"


def _neutral(rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    return (tuple(neutral(cell) for cell in row) for row in rows)


def _list_sheet(book: Any, styles: dict[str, Any], content: dict[str, Any], heads: dict[str, int]) -> None:
    widths, last = tuple(heads.values()), len(heads) - 1
    sheet = add_page(book, "公示名单", widths, landscape=True)
    known_at = content["known_at"][:16].replace("T", " ")
    about = (
        f"共 {len(content['entries'])} 条　评价基准日：{content['as_of']}　数据截止：{known_at}　"
        f"发布：{content['release_id']}　编号：{content['edition_id']}"
    )
    lines = [(_title(content), "title", 36), (_state_text(content), "good" if content["approval"] else "bad", 26),
             (about, "cell", 22)]  # fmt: skip
    if content["pending"]:
        lines.append((f"审阅：{_pending_text(content)}", "cell", 22))
    for at, (text, style, height) in enumerate(lines):
        sheet.set_row(at, height)
        sheet.merge_range(at, 0, at, last, "", styles[style])
        sheet.write_string(at, 0, neutral(text), styles[style])
    start = len(lines)
    write_heads(sheet, start, styles, *heads)
    sheet.repeat_rows(start)
    sheet.freeze_panes(start + 1, 2)
    for at, cells in enumerate(_neutral(map(_entry_cells, content["entries"])), start + 1):
        sheet.set_row(at, row_height(cells, widths, 20))
        for number, (head, cell) in enumerate(zip(heads, cells, strict=True)):
            sheet.write_string(at, number, cell, styles["number" if head in _CENTRED else "cell"])
    if not content["entries"]:
        sheet.merge_range(start + 1, 0, start + 1, last, "", styles["cell"])
        sheet.write_string(start + 1, 0, "没有应公示的条目", styles["cell"])


def _note_sheet(book: Any, styles: dict[str, Any], content: dict[str, Any]) -> None:
    page = Form(book, styles, "说明", (22, 8, 10, 70))
    page.line(30, "title", "说明")
    for label, text in (
        (
            "公示",
            "只列评价基准日在公示期内的条目：未到期、未修复、未因异议撤下或暂停。公示止的当日仍公示，次日起自动终止；"
            "“未定”的以荣誉存续为准，终止时见撤下记录。",
        ),
        ("异议处理中", "备注所列条目正在处理异议，公示不停；处理结果见下一期。"),
        ("撤下记录", "上一期公示而本期不再公示的条目。转载本名单的应于所列期限前一并撤下。"),
        ("遮盖", "＊＊＊ 处和“不公示”的，按下列规则遮盖。"),
        ("并列的名单", "标“并列”的市级名单依该市规则，与省级名单并列，不计入本名单。"),
        ("程序版本", content["code_commit"]),
    ):
        page.line(20, "cell", label, text)
    page.line(26, "section", "依据")
    page.heads("规则", "版本", "效力", "来源")
    for rule in content["rules"]:
        status = ("文件规定", "good_cell") if rule["status"] == "enacted" else ("暂定", "look_cell")
        page.row(
            (rule["policy_id"], "cell"), (str(rule["version"]), "number"), status, (neutral(rule["source"]), "cell")
        )
