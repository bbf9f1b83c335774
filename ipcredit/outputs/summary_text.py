"""What the pilot summary says: chapters made of blocks, each a few sentences, tables and charts about one matter.

Every number comes from a `Figure` by its key. Which block stands under which task of which plan is data
(`seeds/pilot/summary_outline.csv`), as are the tasks themselves, the milestones and what people have written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ipcredit.outputs.charts import Chart
from ipcredit.outputs.figures import OWN, Figure, Figures
from ipcredit.outputs.places import Place
from ipcredit.outputs.word import TEXT_WIDTH_MM, Document
from ipcredit.outputs.wording import (
    PARTS,
    amount,
    caveats,
    cell,
    change,
    covered,
    did,
    divided,
    extremes,
    listed,
    rated,
    there,
    units,
)

Cell = Figure | str | None


class Milestone(NamedTuple):
    """What a plan promised by when, and how far it is."""

    code: str
    task: str | None
    region: str
    promised: str
    due_on: date | None
    state: str
    done_on: date | None
    evidence: str | None
    status: str
    source_clause: str


class Task(NamedTuple):
    """A task of a plan, and the blocks that tell what was done."""

    code: str
    name: str
    blocks: Sequence[str]


class Policy(NamedTuple):
    """A document of the policy register."""

    code: str
    title: str
    document_no: str | None
    issuer: str | None
    issued_on: date | None
    state: str
    note: str | None
    is_basis: bool
    """The plans that this summary reports on."""


class Material(NamedTuple):
    """A text that a unit has submitted for the summary."""

    division: str
    kind: str
    title: str
    body: str | None
    done_on: date | None


class Table(NamedTuple):
    """A table of the document and of the annex."""

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    """Of the document's columns, in parts of the whole width."""
    is_wide: bool = False


@dataclass
class Story:
    """One summary while it is written: its sources, and what has been put into it."""

    document: Document
    place: Place
    year: int
    as_of: date
    figures: Figures
    before: Figures | None
    names: Mapping[str, str]
    """Cities and areas, by code, in the order of the seed."""
    own_tasks: Sequence[Task] = ()
    national_tasks: Sequence[Task] = ()
    milestones: Sequence[Milestone] = ()
    policies: Sequence[Policy] = ()
    materials: Sequence[Material] = ()
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    told: dict[tuple[str, str], Figure] = field(default_factory=dict)
    """The figures that stand in the document."""
    blocks: dict[str, str] = field(default_factory=dict)
    """The blocks already told, and under which heading."""
    _since: list[Figure] = field(default_factory=list)

    def f(self, key: str, division: str | None = None) -> Figure:
        """A figure of the place, or of another division; from now on it stands in the document."""
        figure = self.figures.get(key, division or self.place.division)
        self.told[figure.key, figure.division] = figure
        self._since.append(figure)
        return figure

    def last_year(self, key: str) -> Figure | None:
        """The place's figure in the year-end release of the year before, if there is one."""
        if self.before is None:
            return None
        figure = self.before.get(key, self.place.division)
        figure = figure._replace(division=f"上年 {figure.division}")
        self.told[figure.key, figure.division] = figure
        return figure

    def parts(self, key: str) -> list[tuple[str, Figure]]:
        """The parts of a figure that are not nothing here, the largest first."""
        found = [(name, self.figures.get(f"{key}.{part}", self.place.division))
                 for part, name in self.figures.parts(key).items()]  # fmt: skip
        told = sorted((pair for pair in found if pair[1].value), key=lambda pair: -(pair[1].value or 0))
        for _, figure in told:
            self.told[figure.key, figure.division] = figure
        return told

    def say(self, *clauses: str) -> None:
        """A paragraph; what must be known of its figures is said at its end."""
        if text := listed(clauses):
            told = caveats(self._since, self.names)
            self.document.paragraph(text if not told else f"{text.removesuffix('。')}{told}。")
        self._since.clear()

    def show(self, table: Table) -> None:
        """A table with its caption; dashes are explained once, at the end."""
        self.tables.append(table)
        for row in table.rows:
            for found in row:
                if isinstance(found, Figure):
                    self.told[found.key, found.division] = found
        whole = TEXT_WIDTH_MM["landscape" if table.is_wide else "portrait"]
        widths = [int(10 * whole * width / sum(table.widths)) / 10 for width in table.widths]
        numeric = [
            head for at, head in enumerate(table.heads) if any(isinstance(row[at], Figure) for row in table.rows)
        ]
        self.document.table(
            table.heads, [[_text(found) for found in row] for row in table.rows], widths, caption=table.title,
            numeric=numeric,
        )  # fmt: skip
        self._since.clear()

    def draw(self, kind: str, title: str, categories: Sequence[str], series: Mapping[str, Sequence[Figure]]) -> None:
        """A chart of figures, if there is anything to be seen."""
        every = [figure for found in series.values() for figure in found]
        if not any(figure.value for figure in every):
            return
        for figure in every:
            self.told[figure.key, figure.division] = figure
        values: dict[str, list[Decimal | int | None]] = {
            name: [figure.value for figure in found] for name, found in series.items()
        }
        chart = Chart(kind, title, categories, values, every[0].unit)  # type: ignore[arg-type]
        self.charts.append(chart)
        self.document.chart(chart, title)

    def written(self, kind: str, what: str, *, everybody: bool = False) -> None:
        """What people have submitted of this kind, or the mark that only a person can write it."""
        found = [m for m in self.materials if m.kind == kind and (everybody or m.division == self.place.division)]
        if not found:
            self.miss(what)
        for material in found:
            of = "" if material.division == self.place.division else f"{self.names.get(material.division, '')}："
            self.document.heading(3, of + material.title)
            self.document.paragraph(material.body or "")

    def miss(self, what: str) -> None:
        """Mark what only a person can write, and nobody has."""
        self.empty.append(what)
        self.document.paragraph(what, placeholder=True)

    def row(self, name: str, keys: Sequence[str], division: str | None = None) -> list[Cell]:
        """A row of a table: its name, and the figures of the place or of another division."""
        return [name, *(self.f(key, division) for key in keys)]

    def by_division(self, key: str) -> dict[str, Figure]:
        """A figure of every city and area, by name."""
        return {name: self.f(key, code) for code, name in self.names.items()}


def _text(found: Cell) -> str | None:
    return cell(found) if isinstance(found, Figure) else found


def day(when: date) -> str:
    """2022年12月5日."""
    return f"{when.year}年{when.month}月{when.day}日"


# --- the whole --------------------------------------------------------------------------------------------------------


def tell(story: Story, about: Sequence[str]) -> None:
    """Write the whole summary into the story's document.

    Args:
        about: sentences on where the data comes from, for the last annex.
    """
    document, place = story.document, story.place
    document.title(title_of(place, story.year))
    document.paragraph(f"{place.addressee}：")
    _introduce(story)
    document.heading(1, "试点目标完成情况")
    goals(story)
    document.heading(1, "重点任务推进情况")
    _go_through(story, story.own_tasks)
    if story.national_tasks:
        document.heading(1, "对照国家试点任务的落实情况")
        _go_through(story, story.national_tasks)
    document.heading(1, "进度安排完成情况")
    milestones(story)
    document.heading(1, "数据质量和检查考核情况")
    document.heading(2, "数据质量")
    quality(story)
    document.heading(2, "检查考核")
    assessment(story)
    document.heading(1, "典型案例和经验做法")
    document.heading(2, "典型案例")
    story.written("typical_case", "典型案例", everybody=place.is_province)
    document.heading(2, "经验做法")
    story.written("experience", "经验做法", everybody=place.is_province)
    document.heading(1, "存在的问题")
    story.written("problem", "存在的问题")
    document.heading(1, "下一步打算")
    story.written("next_step", "下一步打算")
    signed = [m.done_on for m in story.materials if m.kind == "closing" and m.division == place.division and m.done_on]
    document.signature(place.issuer, day(max(signed)) if signed else None)
    if not signed:
        story.empty.append("成文日期")
    _annexes(story, about)


def title_of(place: Place, year: int) -> str:
    return f"{place.name}{year}年知识产权领域以信用为基础的分级分类监管试点工作总结"


def _introduce(story: Story) -> None:
    known = [f"《{p.title}》" + (f"（{p.document_no}）" if p.document_no else "") for p in story.policies if p.is_basis]
    basis = f"根据{'、'.join(known)}，" if known else ""
    story.document.paragraph(
        f"{basis}现将{story.place.name}{story.year}年知识产权领域以信用为基础的分级分类监管试点工作情况报告如下。"
        f"文中数据的评价基准日为{day(story.as_of)}，来源见附件；注明“暂定”的，所依规则有文件未规定、由系统暂定的部分；“—”表示没有数据，不是零。"
    )


def _go_through(story: Story, tasks: Sequence[Task]) -> None:
    """Each task with what was done: its milestones, then its figures. A block already told is referred to."""
    states = story.figures.parts("milestones.count")
    for task in tasks:
        story.document.heading(2, task.name)
        promised = [m for m in story.milestones if m.task == task.code]
        if done := [m for m in promised if m.state == "done"]:
            story.document.paragraph("已完成：" + "；".join(m.promised for m in done) + "。")
        if left := [m for m in promised if m.state != "done"]:
            told = "；".join(f"{m.promised}（{states[m.state]}）" for m in left)
            story.document.paragraph(f"尚未完成或无从判断：{told}。")
        before = dict.fromkeys(story.blocks[name] for name in task.blocks if name in story.blocks)
        for name in task.blocks:
            if name not in story.blocks:
                story.blocks[name] = task.name
                BLOCKS[name](story)
        if before:
            story.document.paragraph(f"有关情况和数据另见{'、'.join(f'“{name}”' for name in before)}。")
        if not promised and not task.blocks:
            story.miss(f"“{task.name}”的落实情况")


# --- blocks -----------------------------------------------------------------------------------------------------------


def goals(story: Story) -> None:
    """The management sample (D07) and who was to be covered whole (D06)."""
    f, document = story.f, story.document
    document.heading(2, "管理样本")
    judged, done = f("sample.judged"), f("sample.rated")
    no_rule = story.parts("sample.no_rule")
    story.say(
        f"截至{day(story.as_of)}，{story.place.name}{there('纳入信用评价的主体', judged)}"
        + divided(judged, story.parts("sample.judged")),
        there("已评定信用等级的主体", done) + divided(done, story.parts("sample.rated")),
        "、".join(f"{name}{amount(part)}" for name, part in no_rule) + "因尚无评价规定未评级" if no_rule else "",
    )
    document.heading(2, "信用评价全覆盖")
    story.say(
        _covered(story, "知识产权优势示范企业", "target.firms"),
        *(
            _covered(story, name, "target.firms", f".{part}")
            for part, name in story.figures.parts("target.firms").items()
        ),
    )
    story.say(_covered(story, "骨干中介机构", "target.agencies"))
    document.heading(2, "与上年比较")
    compared = [(name, f(key), story.last_year(key)) for key, name in COMPARED.items()]
    if story.before is None:
        document.paragraph("本年为首年，或上年没有固定保存的年终发布，没有上年同期数，不作比较。")
        story._since.clear()
    else:
        story.say(*(change(name, now, before) for name, now, before in compared))


def _covered(story: Story, who: str, key: str, part: str = "") -> str:
    return covered(who, story.f(key + part), story.f(f"{key}_rated{part}"), story.f(f"{key}_rate{part}"))


COMPARED = {
    "sample.judged": "纳入信用评价的主体", "sample.rated": "已评定信用等级的主体", "coverage.rate": "目录归集率",
    "lists.active.red": "诚信“红名单”在列主体", "lists.active.dishonest": "失信主体清单在列主体",
    "commitments.signed": "签署信用承诺书", "inspections.done": "双随机抽查", "penalties.count": "行政处罚",
}  # fmt: skip


def catalogue(story: Story) -> None:
    """The catalogue, and 应归尽归."""
    f = story.f
    due, came, nil, late, missing = (f(f"coverage.{name}") for name in ("due", "came", "nil", "late", "missing"))
    left = "、".join(f"{name}{amount(part)}" for name, part in story.parts("coverage.missing"))
    story.say(
        f"全省知识产权信用信息目录在用数据集{amount(f('catalogue.items'))}",
        there("市（示范区）补充规定的目录项", f("catalogue.city_items")),
    )
    story.say(
        there("到期应归集的目录期次", due),
        there("已归集的目录期次", came) + rated("归集率", f("coverage.rate")) if due.value else "",
        there("声明本期无数据的", nil) if came.value else "",
        there("迟报", late) + rated("迟报率", f("coverage.late_rate")) if late.value else "没有迟报",
        f"尚有{amount(missing)}到期未归集：{left}" if missing.value else "到期的均已归集" if due.value else "",
    )
    received, accepted = f("rows.received"), f("rows.accepted")
    story.say(
        did("收到", "数据", received),
        f"采信{amount(accepted)}{rated('采信率', f('rows.accepted_rate'))}，退回{amount(f('rows.rejected'))}，"
        f"被后报数据取代{amount(f('rows.superseded'))}"
        if received.value
        else "",
        there("信用信息记录", f("records.kept")),
    )
    columns = [f"coverage.{name}" for name in ("due", "came", "rate", "late", "missing")]
    story.show(Table(
        "目录归集", "信用信息目录归集情况", ["数据集", "应归集", "已归集", "归集率（%）", "迟报", "未归集"],
        [story.row(name, [f"{column}.{part}" for column in columns])
         for part, name in story.figures.parts("coverage.due").items() if f(f"coverage.due.{part}").value]
        + [story.row("合计", columns)],
        [5, 2, 2, 2.4, 1.8, 2],
    ))  # fmt: skip
    if story.place.is_province:
        rates = list(story.by_division("coverage.rate").values())
        story.draw("bar", "各地目录归集率", list(story.names.values()), {"目录归集率": rates})
        story._since.clear()


def collected(story: Story) -> None:
    """What the plan wants collected first: honours, certifications, agencies."""
    whole = story.f("collected.valid")
    story.say(there("在有效期内的重点信用信息", whole) + divided(whole, story.parts("collected.valid")))


def publicity(story: Story) -> None:
    """Publicity, training, studies."""
    whole = story.f("activities.count")
    story.say(did("开展", "宣传、培训、调研等活动", whole) + divided(whole, story.parts("activities.count")))
    story.written("publicity", "宣传培训情况")


def survey(story: Story) -> None:
    story.written("survey", "调研情况")


def organisation(story: Story) -> None:
    story.written("organisation", "组织架构和组织保障")


def platform(story: Story) -> None:
    """What the information platform holds."""
    taken, records = story.f("submissions.taken"), story.f("records.kept")
    story.say(
        did("接收", "报送件", taken) + divided(taken, story.parts("submissions.taken")),
        there("统一归集的信用信息记录", records),
    )


def closing(story: Story) -> None:
    """Whose summaries are closed (P6)."""
    story.say(there("总结已定稿的市（示范区）", story.f("closing.cities")))


def documents(story: Story) -> None:
    """Which documents are in force, drafted or awaited."""
    whole = story.f("documents.count")
    story.say(there("登记的政策文件", whole) + divided(whole, story.parts("documents.count")))


def commitments(story: Story) -> None:
    """Commitments signed, kept and broken."""
    f = story.f
    signed, state = f("commitments.signed"), f("commitments.state")
    kinds = [
        (name, f(f"commitments.rate.{part}")) for part, name in story.figures.parts("commitments.subjects").items()
    ]
    told = "、".join(f"{name}{amount(rate)}" for name, rate in kinds if rate.value is not None)
    story.say(
        did("签署", "信用承诺书", signed) + divided(signed, story.parts("commitments.signed")),
        there("在册信用承诺", state) + divided(state, story.parts("commitments.state")),
        f"评价对象{amount(f('commitments.subjects'))}中已签署{amount(f('commitments.signers'))}"
        f"{rated('签署率', f('commitments.rate'))}" + (f"（{told}）" if told else "")
        if f("commitments.subjects").value
        else "",
        there("逾期未补交材料或未核查的承诺", f("commitments.overdue")),
    )


def grading(story: Story) -> None:
    """Grades of every kind of subject."""
    f, figures = story.f, story.figures
    kinds = figures.parts("sample.judged")
    grades = sorted({part.split(".")[1] for part in figures.parts("grades")}, key=lambda g: (len(g), g == "U", g))
    heads = {grade: PARTS.get(grade, f"{grade}级") for grade in grades}
    for kind, name in kinds.items():
        whole = f(f"sample.judged.{kind}")
        parts = [(heads[grade], f(f"grades.{kind}.{grade}")) for grade in grades]
        story.say(there(f"纳入评价的{name}", whole) + divided(whole, parts))
    limited = f("grades.limited")
    story.say(
        there("因名单等情形被限定等级的主体", limited) + divided(limited, story.parts("grades.limited")),
        there("按本地自定办法另作评价的主体", f("grades.city")) if not story.place.is_province else "",
    )
    if not kinds:
        return
    story.show(Table(
        "信用等级", "信用等级分布", ["评价对象", *heads.values(), "合计"],
        [story.row(name, [*(f"grades.{kind}.{grade}" for grade in grades), f"sample.judged.{kind}"])
         for kind, name in kinds.items()],
        [3.5, *(2.0 for _ in grades), 2],
    ))  # fmt: skip
    graded = [grade for grade in grades if grade not in PARTS]
    # Firms are many times as many as agencies: in one chart these could not be seen.
    agencies = {name: kind for kind, name in kinds.items() if kind not in ("enterprise", "attorney")}
    people = {name: kind for kind, name in kinds.items() if kind == "attorney"}
    for title, shown in (("企业", {"企业": "enterprise"}), ("代理机构", agencies), ("专利代理师", people)):
        series = {name: [f(f"grades.{kind}.{grade}") for grade in graded] for name, kind in shown.items()}
        series = {name: row for name, row in series.items() if any(figure.value for figure in row)}
        story.draw("column", f"{title}信用等级分布", [heads[grade] for grade in graded], series)
    story._since.clear()


def red_list(story: Story) -> None:
    """The red list."""
    _list(story, "red")
    story.say(there("荣誉合格、因在负面名单上未列入的主体", story.f("lists.withheld")))
    if story.place.is_province:
        red = story.by_division("lists.active.red")
        story.draw("column", "各地诚信“红名单”在列主体", list(red), {PARTS["red"]: list(red.values())})
        story._since.clear()


def _list(story: Story, code: str) -> None:
    active, entered, left, shown = (story.f(f"lists.{name}.{code}") for name in ("active", "entered", "left", "shown"))
    city = story.f(f"lists.city.{code}")
    name = PARTS[code]
    story.say(
        f"{name}{there('在列主体', active)}",
        f"本年列入{amount(entered)}" if entered.value else "本年没有新列入",
        f"移出{amount(left)}" if left.value else "没有移出",
        f"公示中{amount(shown)}" if shown.value else "",
        f"另有按市（示范区）自定规则在列的{amount(city)}，不计入以上各数" if city.value else "",
    )


def negative_lists(story: Story) -> None:
    """The lists of the dishonest."""
    _list(story, "dishonest")
    _list(story, "serious")
    story.say(there("提示有关机关研究是否列入严重违法失信名单的处罚", story.f("lists.proposed")))
    if story.place.is_province:
        story.draw("stacked", "各地失信主体清单、严重违法失信名单在列主体", list(story.names.values()), {
            PARTS[code]: list(story.by_division(f"lists.active.{code}").values()) for code in ("dishonest", "serious")
        })  # fmt: skip
        story._since.clear()


def behaviours(story: Story) -> None:
    """The lists of behaviours and measures."""
    kinds = story.f("measures.kinds")
    story.say(
        there("失信行为清单事项", story.f("measures.behaviours")),
        there("激励和惩戒措施", kinds)
        + divided(
            kinds, [(n, story.f(f"measures.kinds.{p}")) for p, n in story.figures.parts("measures.kinds").items()]
        ),
    )


def measures(story: Story) -> None:
    """Measures in force and carried out."""
    f, figures = story.f, story.figures
    applied, groundless = f("measures.applied"), f("measures.groundless")
    story.say(
        *(there(f"{name}措施有效的主体", f(f"measures.subjects.{part}"))
          for part, name in figures.parts("measures.subjects").items())
    )  # fmt: skip
    story.say(
        did("反馈", "落实措施", applied) + divided(applied, story.parts("measures.applied")),
        there("落实当日该主体不应受该措施、须核实的", groundless) if applied.value else "",
        there("应受措施而未适用的", f("measures.exempted")) if applied.value else "",
    )
    rows = [
        story.row(name, [f"measures.due.{part}", f"measures.reached.{part}"])
        for part, name in figures.parts("measures.due").items()
    ]
    if rows:
        # More applied than due is no slip of the sheet: some of it had no ground.
        story.show(
            Table(
                "措施落实",
                "激励和惩戒措施落实情况",
                ["措施", "应受措施（户次）", "已落实（户次）"],
                rows,
                [7, 2.4, 2.4],
            )
        )
        story._since.clear()


def inspections(story: Story) -> None:
    """双随机, and what it found."""
    f = story.f
    done, problems = f("inspections.done"), f("inspections.problems")
    story.say(
        did("开展", "双随机抽查", done) + divided(done, story.parts("inspections.done")),
        did("发现", "问题", problems) + rated("问题发现率", f("inspections.problem_rate"))
        + divided(problems, story.parts("inspections.problems")) if done.value else "",
        f"已整改{amount(f('inspections.fixed'))}，逾期未整改{amount(f('inspections.unfixed'))}"
        if problems.value else "",
        f"已公示抽查结果{amount(f('inspections.published'))}" if done.value else "",
        there("已抽取、结果尚未报送的", f("inspections.open")) if f("inspections.open").value else "",
    )  # fmt: skip


def enforcement(story: Story) -> None:
    """Campaigns, penalties, abnormal filings, complaints, cases."""
    f = story.f
    whole = {key: f(f"{key}.count") for key in ("penalties", "complaints", "cases")}
    campaigns, notified = f("campaigns.actions"), f("abnormal.notified")
    story.say(did("开展", "专项整治行动", campaigns) + divided(campaigns, story.parts("campaigns.actions")))
    story.say(
        did("作出", "行政处罚", whole["penalties"]) + divided(whole["penalties"], story.parts("penalties.count")),
        f"罚没款{amount(f('penalties.amount'))}" if f("penalties.amount").value else "",
        there("知识产权案件", whole["cases"]) + divided(whole["cases"], story.parts("cases.count")),
    )
    story.say(
        did("收到", "非正常专利申请通报", notified),
        f"已撤回或纠正{amount(f('abnormal.corrected'))}{rated('纠正率', f('abnormal.rate'))}" if notified.value else "",
        there("恶意商标注册申请", f("malicious.count")),
    )
    story.say(
        did("收到", "举报投诉", whole["complaints"]) + divided(whole["complaints"], story.parts("complaints.count"))
    )
    story.say(there("行业惩戒", f("discipline.count")))


def repair(story: Story) -> None:
    """Repair and objection."""
    f = story.f
    repairs, objections, withdrawn = f("repairs.cases"), f("objections.cases"), f("withdrawals.count")
    story.say(
        did("收到", "信用修复申请", repairs) + divided(repairs, story.parts("repairs.cases")),
        did("准予", "信用修复", f("repairs.granted")),
        there("受理、决定或撤下公示逾期的信用修复", f("repairs.overdue")),
    )
    story.say(
        did("收到", "异议", objections) + divided(objections, story.parts("objections.cases")),
        there("受理、决定或更正逾期的异议", f("objections.overdue")),
        did("撤下", "因修复或异议成立不再公示和提供的记录和名单条目", withdrawn),
    )


def milestones(story: Story) -> None:
    """What was promised by when: done, open or overdue, and by what it is shown."""
    if not story.milestones:
        story.miss("进度安排完成情况")
        return
    # The province's own: the whole would count those of its cities too.
    at = OWN if story.place.is_province else story.place.division
    whole = story.f("milestones.count", at)
    states = story.figures.parts("milestones.count")
    parts = [(name, story.f(f"milestones.count.{part}", at)) for part, name in states.items()]
    story.say(there("计划节点", whole) + divided(whole, parts))
    story.show(Table(
        "进度安排", "进度安排完成情况", ["承诺事项", "期限", "状态", "完成日期", "依据", "出处"],
        [[m.promised, str(m.due_on or "未定"), states[m.state], str(m.done_on or "—"), m.evidence or "—",
          m.source_clause + ("（暂定）" if m.status == "provisional" else "")] for m in story.milestones],
        [3.8, 2.5, 1.7, 2.5, 3.2, 3.9],
    ))  # fmt: skip


def quality(story: Story) -> None:
    """The four dimensions, and by bureau."""
    f, figures = story.f, story.figures
    rates = [(name, f(f"quality.rate.{part}")) for part, name in figures.parts("quality.checked").items()]
    findings, issues, sampled = f("quality.findings"), f("quality.issues"), f("quality.sampled")
    story.say("、".join(f"{name}{amount(rate)}" for name, rate in rates) or "没有质量检查结果")
    story.say(
        there("跨来源比对发现的问题", findings) + divided(findings, story.parts("quality.findings")),
        there("有问题的数据", issues) + divided(issues, story.parts("quality.issues")),
        did("抽取", "须核对原件的数据", sampled) + divided(sampled, story.parts("quality.sampled")),
    )
    if not story.place.is_province:
        score, place = f("quality.score"), f("quality.place")
        of = f"，列第{amount(place)}" if place.value is not None else f"，{place.missing}"
        story.say(f"数据质量得分{amount(score)}{of if score.value is not None else ''}")
        return
    scores = story.by_division("quality.score")
    story.say(extremes("数据质量得分", scores))
    columns = ("coverage.due", "coverage.rate", "coverage.late", "coverage.missing", "rows.accepted_rate",
               "quality.score", "quality.place")  # fmt: skip
    story.show(Table(
        "各地数据质量", "各地报送和数据质量情况",
        ["地区", "应归集", "归集率（%）", "迟报", "未归集", "采信率（%）", "质量得分", "名次"],
        [story.row(name, columns, code) for code, name in story.names.items()],
        [2.6, 1.8, 2, 1.6, 1.8, 2, 2, 1.6],
    ))  # fmt: skip
    story.draw("bar", "各地数据质量得分", list(scores), {"数据质量得分": list(scores.values())})
    story._since.clear()


def assessment(story: Story) -> None:
    """The year's assessment."""
    f = story.f
    regions = f("assessment.regions")
    if not regions.value:
        story.say("本年没有检查考核结果")
        return
    if not story.place.is_province:
        points, rank = f("assessment.points"), f("assessment.rank")
        of = f"，列第{amount(rank)}" if rank.value is not None else f"，{rank.missing}"
        story.say(
            f"检查考核总分{amount(points)}{of}{'（名次为暂定）' if rank.is_provisional else ''}"
            f"{'，总分为暂定' if points.is_provisional else ''}",
            there("待评定的考核规则", f("assessment.awaiting")),
            there("无法评价的考核规则", f("assessment.not_evaluable")),
        )
        return
    totals, ranks = story.by_division("assessment.points"), story.by_division("assessment.rank")
    is_provisional = any(figure.is_provisional for figure in (*totals.values(), *ranks.values()))
    story._since.clear()
    story.say(
        f"纳入检查考核的市（示范区）{amount(regions)}，{extremes('总分', totals)}",
        there("待评定的考核规则", f("assessment.awaiting")),
        there("无法评价的考核规则", f("assessment.not_evaluable")),
        there("成绩已签核的市（示范区）", f("assessment.signed")),
        "统计期未满或数据未齐，总分和名次有暂定的，见下表" if is_provisional else "总分和名次均为最终结果",
    )
    story.show(Table(
        "检查考核", "各地检查考核结果", ["地区", "总分", "名次", "待评定规则（条）", "无法评价规则（条）", "状态"],
        [[*story.row(name, [f"assessment.{key}" for key in ("points", "rank", "awaiting", "not_evaluable")], code),
          "暂定" if totals[name].is_provisional or ranks[name].is_provisional else "最终"]
         for code, name in story.names.items()],
        [2.6, 2, 1.8, 2.6, 2.6, 1.8],
    ))  # fmt: skip
    story.draw("bar", "各地检查考核总分", list(totals), {"总分": list(totals.values())})
    story._since.clear()


BLOCKS = {
    "organisation": organisation, "survey": survey, "catalogue": catalogue, "collected": collected,
    "publicity": publicity, "commitments": commitments, "grading": grading,
    "red_list": red_list, "negative_lists": negative_lists, "behaviours": behaviours, "measures": measures,
    "inspections": inspections, "enforcement": enforcement, "repair": repair, "platform": platform,
    "documents": documents, "closing": closing,
}  # fmt: skip


# --- annexes ----------------------------------------------------------------------------------------------------------

BY_DIVISION = {
    "sample.judged": "纳入评价", "sample.rated": "已评级", "target.firms_rate": "优势示范企业覆盖率（%）",
    "target.agencies_rate": "骨干机构覆盖率（%）", "coverage.rate": "归集率（%）", "lists.active.red": "红名单",
    "lists.active.dishonest": "失信清单", "lists.active.serious": "严重失信", "measures.applied": "落实措施",
    "commitments.signed": "承诺书", "commitments.rate": "签署率（%）", "inspections.done": "双随机",
    "penalties.count": "处罚",
}  # fmt: skip


def _annexes(story: Story, about: Sequence[str]) -> None:
    document, f = story.document, story.f
    document.landscape()
    document.heading(1, "附件：主要指标", numbered=False)
    if story.place.is_province:
        own = story.row("省级单位", list(BY_DIVISION), OWN)
        rows = [story.row(name, list(BY_DIVISION), code) for code, name in story.names.items()]
        rows += [own] if any(isinstance(found, Figure) and found.rows for found in own) else []
        rows += [story.row(story.place.name, list(BY_DIVISION))]
        heads = ["地区", *BY_DIVISION.values()]
    else:
        heads = ["指标", "单位", "本年", "上年"]
        rows = [[figure.label, figure.unit, figure, story.last_year(figure.key)] for figure in map(f, BY_DIVISION)]
    widths = [2.4, *(1.7 for _ in BY_DIVISION)] if story.place.is_province else [6, 2, 2, 2]
    story.show(Table("主要指标", "主要指标", heads, rows, widths, is_wide=True))
    if story.policies:
        document.heading(1, "附件：有关政策文件", numbered=False)
        story.show(Table(
            "政策文件", "有关政策文件", ["文件", "文号", "发文机关", "发文日期", "状态", "说明"],
            [[p.title, p.document_no, p.issuer, str(p.issued_on) if p.issued_on else None, PARTS.get(p.state, p.state),
              p.note] for p in story.policies],
            [6, 4, 3, 2.4, 2.4, 5], is_wide=True,
        ))  # fmt: skip
    document.portrait()
    document.heading(1, "附件：数据来源和说明", numbered=False)
    for sentence in about:
        document.paragraph(sentence)
    here = [figure for figure in story.told.values() if figure.division == story.place.division]
    for said, chosen in (
        ("暂缺的指标", [figure for figure in here if figure.value is None]),
        ("暂定的指标", [figure for figure in here if figure.is_provisional]),
    ):
        # A part stands for its whole: forty parts of one figure tell no more.
        names = dict.fromkeys(story.figures.definition(figure.key).label for figure in chosen)
        if names:
            document.paragraph(f"{said}：{'、'.join(names)}。")


def not_closed(story: Story) -> list[str]:
    """Cities and areas whose own summary is not closed (P6)."""
    closed = {m.division for m in story.materials if m.kind == "closing"}
    return [name for code, name in story.names.items() if code not in closed]


def closing_note(story: Story) -> str:
    """What a reader must know: whose summary was not closed when this was made."""
    left = not_closed(story)
    if not left:
        return "各市（示范区）试点工作总结均已定稿。"
    return f"截至评价基准日，试点工作总结尚未定稿的：{units(left)}；涉及这些地区的文字和数据可能变动。"
