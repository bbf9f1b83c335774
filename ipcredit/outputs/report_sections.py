"""What a credit report says: its facts, as a release's published tables hold them, in sections of texts and tables.

What readers may not see is decided in one place, the columns and rows of the views in `publication`: the same is read
here of the release asked for, which need not be the current one. The internal general class is in none of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import namedtuple_row

from ipcredit.outputs import OutputError
from ipcredit.outputs import explain as explaining
from ipcredit.outputs.checks import LISTS
from ipcredit.outputs.labels import codes_of
from ipcredit.outputs.pages import Release
from ipcredit.settings import TIME_ZONE

SUPERVISOR, ANALYST = "supervisor", "analyst"
STATUS = {"provisional": "系统暂定", "no_rule": "当时没有规则", "enacted": "文件规定"}
STATES = {
    "in_force": "有效", "kept": "已履行", "broken": "违诺", "terminated": "提前终止", "expired": "期满",
    "drawn": "已抽取", "inspected": "已检查", "overdue": "逾期未检查", "active": "在列", "ended": "已移出",
    "open": "办理中", "upheld": "成立", "partly_upheld": "部分成立", "rejected": "不成立", "withdrawn": "撤回",
    "effective": "准予并生效", "without_effect": "准予，但记录不符合条件，不生效", "refused": "不予", "revoked": "撤销",
}  # fmt: skip
EXITS = {
    "term_ended": "期满", "removed": "提前移出", "honour_lapsed": "荣誉到期", "repaired": "信用修复",
    "negative_record": "列入负面名单或受较重处罚", "objection_upheld": "异议成立",
}  # fmt: skip
EFFECTS = {"granted": "已给予", "restricted": "已限制", "refused": "不予办理", "exempted": "有正当理由未适用",
           "lifted": "已解除"}  # fmt: skip
COMPLETENESS = {"missing": "到期未归集", "late": "迟报"}
_KINDS = {"patent_agency": "专利代理机构", "trademark_agency": "商标代理机构"}
_REGISTERS = ("agencies", "attorneys")
_TABLES = (
    "subjects", "subject_grades", "grade_items", "credit_records", "event_types", "catalogue_items", "catalogue_fields",
    "catalogue_coverage", "commitments", "inspections", "list_entries", "measures_in_force", "measure_applications",
    "repairs", "objections", "withdrawals",
)  # fmt: skip
# Of the details of a record: what its other columns say already, and what anybody may have written.
_UNTOLD = frozenset({"enterprise_name", "remarks", "county_name", "local_code", "source_updated_at", "division_code"})

_QUERIES: dict[str, LiteralString] = {
    "subject": """
        select s.*, m.shown as name_shown, m.keep_first, m.keep_last
        from ({subjects}) as s
        left join lateral (
            select p.* from policy.publication_masks as p
            where p.item = 'name' and p.status <> 'no_rule' and p.recorded_on <= {known_on}
                and {as_of} between p.effective_from and coalesce(p.effective_to, 'infinity')
                and p.party_kind = case
                    when s.id_kind = 'person' then 'person' when s.subject_id ~ '^92' then 'sole_trader'
                    else 'legal_person' end
            order by p.effective_from desc, p.version desc limit 1
        ) as m on true
        where s.subject_id = {subject}""",
    "grades": "select g.* from ({subject_grades}) as g where g.subject_id = {subject} order by g.track",
    # A record may be shared by the catalogue in force on the day judged; supervisors see the others too.
    "records": """
        select r.*, t.title, t.stage, t.polarity, i.title as dataset_title, i.sharing, o.name as bureau,
            w.withdrawn_on, w.reason as withdrawn_for, f.file_name, f.sheet_name
        from ({credit_records}) as r
        inner join ({catalogue_items}) as i on r.dataset = i.dataset
        inner join ({event_types}) as t on r.event_type = t.event_type
        left join ({withdrawals}) as w on w.withdrawn_kind = 'record' and r.record_id = w.withdrawn_id
        left join reference.organisations as o on r.bureau_code = o.organisation_code
        left join intake.submissions as f on {is_supervisor} and r.submission_id = f.submission_id
        where r.subject_id = {subject} and i.disclosure <> 'internal' and ({is_supervisor} or i.sharing <> '不予共享')
        order by r.event_date, r.dataset, r.record_id""",
    "commitments": """
        select c.* from ({commitments}) as c where c.subject_id = {subject} order by c.signed_on, c.record_id""",
    "inspections": """
        select i.* from ({inspections}) as i where i.subject_id = {subject}
        order by coalesce(i.inspected_on, i.drawn_on), i.inspection_id""",
    "entries": """
        select e.*, d.name as jurisdiction_name from ({list_entries}) as e
        left join reference.divisions as d on e.jurisdiction = d.division_code
        where e.subject_id = {subject} order by e.entered_on, e.list_code, e.entry_id""",
    "measures": """
        select m.*, d.name as jurisdiction_name from ({measures_in_force}) as m
        left join reference.divisions as d on m.jurisdiction = d.division_code
        where m.subject_id = {subject}
        order by m.direction, m.measure_code, m.jurisdiction, m.basis_code, m.basis_id""",
    "applications": """
        select a.* from ({measure_applications}) as a where a.subject_id = {subject}
        order by a.applied_on, a.record_id""",
    "repairs": "select r.* from ({repairs}) as r where r.subject_id = {subject} order by r.applied_on, r.case_id",
    "objections": "select o.* from ({objections}) as o where o.subject_id = {subject} order by o.filed_on, o.case_id",
    "fields": """
        select f.dataset, f.field, f.codes, f.is_required,
            -- amounts are kept in yuan, whatever a sheet asks for
            case when f.field_type = 'amount' then regexp_replace(f.header, '（万?元）$', '') || '（元）' else f.header
            end as header
        from ({catalogue_fields}) as f
        where f.personal = 'never' order by f.dataset, f.field_no""",
    # What was due of the subject's place and has not come, or late; the internal datasets are no matter of a report.
    "gaps": """
        select i.title, v.period, v.completeness, v.due_on, v.first_received_on from ({catalogue_coverage}) as v
        inner join ({subjects}) as s on s.subject_id = {subject} and v.division_code = s.division_code
        inner join ({catalogue_items}) as i on v.dataset = i.dataset
        where v.completeness in ('missing', 'late') and i.disclosure <> 'internal' and i.sharing <> '不予共享'
        order by v.completeness desc, v.due_on, v.dataset, v.period""",
}


class Reader(NamedTuple):
    """For whom a report is read: `analyst`, `analyst_<division>` or `supervisor`, and whose rows they see."""

    role: str
    division_code: str | None
    division_name: str | None

    @property
    def title(self) -> str:
        if self.role == SUPERVISOR:
            return "监管人员（含不予共享的记录和文件来源）"
        return f"分析人员（{self.division_name or '全省'}）"


@dataclass(frozen=True)
class Table:
    """A table of a section; widths in millimetres, of a page's 156 or, lying, 225."""

    heads: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A section: texts, tables, and titles of level two."""

    title: str
    parts: list[Any] = field(default_factory=list)
    is_wide: bool = False


class Title(str):
    """A heading of level two within a section."""


class Note(str):
    """Small type."""


@dataclass(frozen=True)
class Facts:
    """One subject in one release, as far as a reader may know."""

    release: Release
    reader: Reader
    rows: dict[str, list[Any]]
    items: list[Any]
    limits: dict[Any, Any]
    withheld: set[tuple[str, int]]
    """Policies whose scores the report may not show: it is handed on, so to supervisors neither."""
    changes: dict[str, dict[date, str]]
    """Per track: days on which more than an item changes, and what does."""

    @property
    def subject(self) -> Any:
        return self.rows["subject"][0]

    @property
    def name(self) -> str:
        """As policy lets it be shown: of a sole trader in part, of a person not at all; to supervisors whole."""
        subject = self.subject
        name, shown = subject.subject_name or "未登记名称", subject.name_shown
        if self.reader.role == SUPERVISOR or shown == "full":
            return str(name)
        if shown == "masked":
            whole = len(name) > subject.keep_first + subject.keep_last
            end = name[len(name) - subject.keep_last :] if whole else ""
            return name[: subject.keep_first if whole else 1] + "＊＊＊" + end
        return "自然人" if subject.id_kind == "person" else "（名称不显示）"


def reader_of(connection: Connection, role: str) -> Reader:
    """The reader of that role.

    Raises:
        OutputError: there is no such role.
    """
    if role in (ANALYST, SUPERVISOR):
        return Reader(role, None, None)
    row = connection.execute(
        """select a.division_code, d.name from release_store.analyst_divisions as a
           left join reference.divisions as d on a.division_code = d.division_code where a.role_name = %s""",
        (role,),
    ).fetchone()
    if row is None:
        raise OutputError(f"没有读者 {role}；可用 analyst、analyst_<区划> 或 supervisor，区划见 ipcredit db grant。")
    return Reader(role, *row)


def read_facts(connection: Connection, release: Release, subject_id: str, reader: Reader) -> Facts:
    """All that the reader may know of the subject.

    Raises:
        OutputError: the subject is not in the release, or not among what the reader sees.
    """
    tables = {table: _shown(connection, release.release_id, table, reader.division_code) for table in _TABLES}
    values = {
        "subject": sql.Literal(subject_id),
        "as_of": sql.Literal(release.as_of),
        "known_on": sql.Literal(release.known_at.astimezone(TIME_ZONE).date()),
        "is_supervisor": sql.Literal(reader.role == SUPERVISOR),
    }

    def ask(query: LiteralString) -> list[Any]:
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute(sql.SQL(query).format(**tables, **values)).fetchall()

    if not ask(_QUERIES["subject"]):
        raise OutputError(
            f"发布 {release.release_id} 中没有 {reader.title}可见的主体 {subject_id}；自然人须用主体标识。"
        )
    rows = {name: ask(query) for name, query in _QUERIES.items()}
    nothing = sql.SQL("select null where false")
    items = sql.SQL("select {} from ({}) as i").format(sql.SQL(explaining.ITEM), tables["grade_items"])
    judged = explaining.Judged(
        title="", as_of=release.as_of, known_at=release.known_at, grades=tables["subject_grades"],
        internal_grades=nothing, items=items, internal_items=nothing, entries=tables["list_entries"],
        measures=tables["measures_in_force"], records=tables["credit_records"], repairs=tables["repairs"],
    )  # fmt: skip
    explained = explaining.items_of(connection, subject_id, judged, supervisor=False)
    limits = explaining.limits_of(connection, rows["grades"])
    return Facts(
        release, reader, rows, explained, limits, explaining.scoreless_policies(connection),
        explaining.changes_of(connection, rows["grades"], rows["entries"]),
    )  # fmt: skip


def _shown(connection: Connection, release_id: str, table: str, division_code: str | None) -> sql.Composable:
    """What the view publication.<table> shows, of this release: its columns; to a division's reader that one's rows."""
    columns = [
        name
        for (name,) in connection.execute(
            """select attname from pg_attribute where attrelid = to_regclass('publication.' || quote_ident(%s))
                   and attnum > 0 and not attisdropped order by attnum""",
            (table,),
        )
    ]
    where = [sql.SQL("s.release_id = {}").format(sql.Literal(release_id))]
    if division_code and "division_code" in columns:  # without it a table is the whole province's
        where.append(sql.SQL("s.division_code = {}").format(sql.Literal(division_code)))
    return sql.SQL("select {} from release_store.{} as s where {}").format(
        sql.SQL(", ").join(sql.Identifier("s", column) for column in columns),
        sql.Identifier(table),
        sql.SQL(" and ").join(where),
    )


def sections_of(facts: Facts) -> list[Section]:
    """The report's sections, in their order; the sources last, on pages that lie."""
    return _Sections(facts).all()


class _Sections:
    """Makes the sections; every line points to its source by a number."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.rows = facts, facts.rows
        records = facts.rows["records"]
        self.number = {record.record_id: str(number) for number, record in enumerate(records, 1)}
        self.number_by_row = {(r.submission_id, r.row_number): self.number[r.record_id] for r in records}
        self.fields = {(f.dataset, f.field): f for f in facts.rows["fields"]}
        self.codes: dict[tuple[str, str], dict[str, str]] = {
            key: codes_of(f.codes) for key, f in self.fields.items() if f.codes
        }

    def all(self) -> list[Section]:
        found = [self.about(), self.grades()]
        good, bad, other = self.sorted_records()
        found += [
            self.of_records("荣誉和良好信息", good),
            self.commitments(),
            self.inspections(),
            self.of_records("行政处罚和其他不良信息", bad),
            self.lists(),
            self.measures(),
            self.repairs(),
        ]
        registers = [record for record in self.rows["records"] if record.dataset in _REGISTERS]
        if self.facts.subject.is_agency or registers:
            found.append(self.registers(registers))
        return [*found, self.of_records("其他信用记录", other), self.completeness(), self.policies(), self.sources()]

    def sorted_records(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Good, bad and other records; those that have a section of their own are left to it."""
        own = {"commitments", "inspections", "repairs", "objections", "measure_feedback", "enterprises", *_REGISTERS}
        left = [record for record in self.rows["records"] if record.dataset not in own]
        good = [record for record in left if record.polarity == "positive"]
        bad = [record for record in left if record.polarity == "negative"]
        return good, bad, [record for record in left if record.polarity == "neutral"]

    def about(self) -> Section:
        facts, subject = self.facts, self.facts.subject
        kinds = [
            "自然人" if subject.id_kind == "person" else "",
            "企业" if subject.is_enterprise else "",
            (_KINDS.get(subject.agency_kind, "代理机构") + ("（骨干机构）" if subject.is_backbone_agency else ""))
            if subject.is_agency else "",
        ]  # fmt: skip
        lines = [
            ["名称", facts.name],
            ["统一社会信用代码" if subject.id_kind == "uscc" else "主体标识", subject.subject_id],
            ["主体类型", "、".join(kind for kind in kinds if kind) or "其他组织"],
            ["所属地区", subject.division_name or subject.division_code],
            ["信用事项起止", f"{_day(subject.first_event_on)} 至 {_day(subject.last_event_on)}"],
        ]
        for record in self.rows["records"]:
            if record.dataset == "enterprises":
                lines += [["登记信息", f"{self.details(record)}（{record.authority or '—'}；来源 {self.of(record)}）"]]
        return Section("基本信息", [Table(["项目", "内容"], [40, 116], lines)])

    def grades(self) -> Section:
        parts: list[Any] = []
        for grade in self.rows["grades"]:
            level = "省级评价" if grade.is_provincial else "市级分类，与省级等级并列、不取代"
            items = [item for item in self.facts.items if item.track == grade.track]
            is_withheld = (grade.policy_id, grade.policy_version) in self.facts.withheld
            score = "" if is_withheld else f"得分：{explaining.points_text(grade.score)}；"
            parts += [
                Title(f"{explaining.TRACKS.get(grade.track, grade.track)}（{level}）"),
                f"等级：{explaining.grade_name(grade.grade)}；{score}评价办法："
                f"{grade.policy_id} 第 {grade.policy_version} 版（{STATUS[grade.policy_status]}）。",
            ]
            if is_withheld:
                parts.append(explaining.WITHHELD)
            if limit := self.facts.limits.get((grade.policy_id, grade.policy_version, grade.override_code)):
                parts.append(explaining.limit_line(limit) + "。")
            if items:
                parts.append(Table(
                    ["序号", "计分项", "分值", "起算", "计至", "依据", "来源"], [11, 30, 16, 22, 22, 44, 11],
                    [self.item(number, item) for number, item in enumerate(items, 1)], numeric=["分值"],
                ))  # fmt: skip
            parts += [
                Note(line.strip())
                for line in explaining.next_lines(
                    grade, items, None, self.facts.changes[grade.track], self.facts.release.as_of
                )
            ]  # fmt: skip
        return Section("信用评价", parts or ["没有信用评价。"])

    def item(self, number: int, item: Any) -> list[str]:
        points = explaining.points_text(item.points) if item.item_kind == "base" else f"{item.points:+.2f}"
        basis = item.source_clause + explaining.STATUS.get(item.policy_status, "")
        name = item.rule_name + ("（上限调整）" if item.item_kind == "cap" else "")
        days = [_day(item.event_date), _day(item.counts_to)]
        return [str(number), name, points, *days, basis, self.number.get(item.record_id, "—")]

    def of_records(self, title: str, records: list[Any]) -> Section:
        rows = [
            [self.of(r), _day(r.event_date), r.title, r.document_no or "—", r.authority or "—", self.told(r)]
            for r in records
        ]
        return Section(title, _table(["来源", "日期", "事项", "文号", "机关", "内容"], [11, 22, 24, 28, 22, 49], rows))

    def commitments(self) -> Section:
        rows = [
            [
                self.of(c), c.commitment_no or "—", self.code("commitments", "commitment_type", c.commitment_type),
                self.code("commitments", "matter", c.matter), _day(c.signed_on), _day(c.valid_until),
                _state(c.state) + (f"，{_day(c.verified_on)} 核查" if c.verified_on else "")
                + ("，逾期未核查" if c.is_verification_overdue else ""),
            ]
            for c in self.rows["commitments"]
        ]  # fmt: skip
        heads = ["来源", "承诺编号", "类型", "事项", "签署", "有效期至", "状态"]
        return Section("信用承诺", _table(heads, [11, 31, 24, 24, 22, 22, 22], rows))

    def inspections(self) -> Section:
        rows = [
            [
                self.of(i), i.plan_no or "—", self.code("inspections", "inspection_matter", i.matter),
                _day(i.drawn_on), _day(i.inspected_on), i.authority or "—",
                (self.code("inspections", "inspection_result", i.inspection_result) if i.inspection_result
                 else _state(i.state))
                + (f"；{_day(i.problems_fixed_on)} 已整改" if i.problems_fixed_on else "")
                + ("；逾期未整改" if i.is_fix_overdue else ""),
            ]
            for i in self.rows["inspections"]
        ]  # fmt: skip
        heads = ["来源", "计划编号", "事项", "抽取", "检查", "机关", "结果"]
        return Section("双随机抽查", _table(heads, [11, 27, 28, 22, 22, 20, 26], rows))

    def lists(self) -> Section:
        rows = [
            [
                self.number.get(e.record_id, "—"), LISTS.get(e.list_code, e.list_code),
                e.jurisdiction_name or e.jurisdiction, _day(e.entered_on),
                (f"至 {_day(e.ends_on)}" if e.ends_on else "没有期限") if e.state == "active"
                else f"{_day(e.left_on)} 移出：{EXITS.get(e.exit_reason, e.exit_reason or '—')}",
                "，".join(text for text in (e.decision_document_no, e.decided_by) if text) or "—",
                e.legal_basis + ("（系统暂定）" if e.policy_status == "provisional" else "")
                + ("；异议处理中" if e.is_disputed else ""),
            ]
            for e in self.rows["entries"]
        ]  # fmt: skip
        heads = ["来源", "名单", "地区", "列入", "期限或移出", "决定", "依据"]
        return Section("名单", _table(heads, [11, 22, 17, 22, 24, 28, 32], rows, "不在任何名单上。"))

    def measures(self) -> Section:
        rows = [
            [
                "激励" if m.direction == "incentive" else "惩戒", f"{m.measure_code} {m.measure_name}",
                "可以适用" if m.is_discretionary else "应当适用",
                LISTS.get(m.basis_code, m.basis_code) if m.basis_kind == "list" else f"等级 {m.basis_code}",
                f"{_day(m.in_force_from)} 起\n" + (f"至 {_day(m.in_force_to)}" if m.in_force_to else "没有期限"),
                m.source_clause + explaining.STATUS.get(m.policy_status, "")
                + ("；依据的记录在异议处理中" if m.is_disputed else ""),
            ]
            for m in self.rows["measures"]
        ]  # fmt: skip
        applied = [
            [
                self.of(a), a.measure_code, EFFECTS.get(a.effect, a.effect or "—"), a.matter or "—",
                _day(a.applied_on), _day(a.applied_until), a.applied_by or "—",
            ]
            for a in self.rows["applications"]
        ]  # fmt: skip
        parts: list[Any] = [Title("当日适用的措施")]
        parts += _table(
            ["方向", "措施", "力度", "按", "起止", "依据"], [11, 44, 18, 20, 25, 38], rows, "没有适用的措施。"
        )
        parts.append(Title("落实情况"))
        heads = ["来源", "措施", "效果", "事项", "实施", "至", "单位"]
        parts += _table(heads, [11, 16, 25, 32, 22, 22, 28], applied, "没有落实情况的反馈。")
        return Section("奖惩措施", parts)

    def repairs(self) -> Section:
        rows = [
            [
                self.of(r), "信用修复", r.repair_no or "—", r.repaired_document_no or "—", _day(r.applied_on),
                _day(r.decided_on), _state(r.state),
            ]
            for r in self.rows["repairs"]
        ] + [
            [
                self.of(o), "异议", o.objection_no or "—", o.disputed_document_no or o.disputed_title or "—",
                _day(o.filed_on), _day(o.decided_on), _state(o.state),
            ]
            for o in self.rows["objections"]
        ]  # fmt: skip
        heads = ["来源", "种类", "编号", "针对", "提出", "决定", "状态"]
        return Section("信用修复和异议", _table(heads, [11, 18, 29, 33, 22, 22, 21], rows))

    def registers(self, records: list[Any]) -> Section:
        rows = [[self.of(r), r.title, _day(r.event_date), r.authority or "—", self.told(r)] for r in records]
        heads = ["来源", "事项", "日期", "机关", "内容"]
        return Section("代理机构和代理师备案", _table(heads, [11, 28, 22, 27, 68], rows))

    def completeness(self) -> Section:
        missing = [gap for gap in self.rows["gaps"] if gap.completeness == "missing"]
        late = [gap for gap in self.rows["gaps"] if gap.completeness == "late"]
        rows = [[gap.title, gap.period, COMPLETENESS[gap.completeness], _day(gap.due_on)] for gap in missing]
        parts: list[Any] = [
            "本报告只含目录内、已归集且通过校验的记录；没有记录，不等于没有发生。"
            f"主体所在地区到期应归集的数据中，未归集 {len(missing)} 项，迟报 {len(late)} 项（已计入）。"
        ]
        if rows:
            parts.append(Table(["数据", "期间", "状态", "应报日期"], [76, 26, 28, 26], rows))
        if self.facts.reader.division_code:
            parts.append(f"只含{self.facts.reader.division_name}的记录；其他地区报送的不在其中。")
        return Section("数据完整性", parts)

    def policies(self) -> Section:
        """Which of the rules used no document gives."""
        facts = self.facts
        used = [(item.policy_status, item.source_clause) for item in facts.items]
        used += [(limit.status, limit.source_clause) for limit in self.used_limits()]
        used += [(entry.policy_status, entry.legal_basis) for entry in self.rows["entries"]]
        used += [(measure.policy_status, measure.source_clause) for measure in self.rows["measures"]]
        clauses = list(dict.fromkeys(clause for status, clause in used if status == "provisional"))
        if not clauses:
            return Section("暂定的规则", ["本报告所用的规则没有系统暂定的。"])
        return Section(
            "暂定的规则", ["以下规则文件未给出，由系统暂定，待有文件后更正：", *(Note(f"· {c}") for c in clauses)]
        )

    def used_limits(self) -> Iterable[Any]:
        for grade in self.rows["grades"]:
            if limit := self.facts.limits.get((grade.policy_id, grade.policy_version, grade.override_code)):
                yield limit

    def sources(self) -> Section:
        rows = [
            [
                self.of(r), f"{r.dataset_title}（{r.sharing}）", r.record_id, r.document_no or "—", r.authority or "—",
                r.bureau or r.bureau_code,
                f"第 {r.submission_id} 件第 {r.row_number} 行"
                + (f"\n{r.file_name}" + (f"（{r.sheet_name}）" if r.sheet_name else "") if r.file_name else ""),
            ]
            for r in self.rows["records"]
        ]  # fmt: skip
        heads = ["来源", "数据（共享属性）", "记录编号", "文号", "机关", "报送单位", "报送件和行"]
        return Section("来源", _table(heads, [11, 34, 60, 32, 28, 24, 36], rows), is_wide=True)

    # --- cells --------------------------------------------------------------------------------------------------------

    def of(self, row: Any) -> str:
        """The number of the source that a row was made from; a dash if the reader sees it not."""
        found = self.number.get(getattr(row, "record_id", None) or "")
        return found or self.number_by_row.get((row.submission_id, row.row_number), "—")

    def code(self, dataset: str, name: str, value: Any) -> str:
        return self.codes.get((dataset, name), {}).get(value, "—" if value is None else str(value))

    def told(self, record: Any) -> str:
        """The record's details, how long it counts, and whether it has been taken down."""
        told = [
            self.details(record),
            f"有效期至 {_day(record.valid_to)}" if record.valid_to else "",
            f"{_day(record.withdrawn_on)} 起停止公示：{EXITS.get(record.withdrawn_for, record.withdrawn_for)}"
            if record.withdrawn_on else "",
        ]  # fmt: skip
        return "；".join(text for text in told if text) or "—"

    def details(self, record: Any) -> str:
        told = []
        said = {record.subject_id, self.facts.subject.subject_name, record.document_no, record.authority,
                str(record.event_date)}  # fmt: skip
        tells_all = record.polarity != "neutral" or record.dataset in ("enterprises", *_REGISTERS)
        # In the order of the sheet that a bureau fills.
        for (dataset, name), about in self.fields.items():
            value = (record.details or {}).get(name) if dataset == record.dataset else None
            # Of what speaks neither for nor against the subject: only what every such record has.
            if value is None or name in _UNTOLD or str(value) in said or not (tells_all or about.is_required):
                continue
            told.append(f"{about.header}：{self.code(dataset, name, _value(value))}")
        # Free text may name a subject whose name is not to be shown whole.
        return "；".join(told).replace(str(self.facts.subject.subject_name or "\0"), self.facts.name)


def _table(heads: list[str], widths: list[int], rows: list[list[str]], empty: str = "没有记录。") -> list[Any]:
    return [Table(heads, widths, rows)] if rows else [empty]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{Decimal(str(value)).normalize():f}" if isinstance(value, float) else str(value)


def _day(day: Any) -> str:
    return str(day) if day else "—"


def _state(state: str) -> str:
    return STATES.get(state, state)
