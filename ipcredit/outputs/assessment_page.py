"""The assessment of a release: read here for everything that shows it, and drawn as one page that needs nothing else.

Points are taken as the release holds them: never rounded, never rescaled, and none where none were given. The queries
read `release_store`, so that any release still kept can be drawn. Wording of the page is in its template.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import namedtuple_row

from ipcredit.database import connect
from ipcredit.outputs.pages import Release, read_release, render, write_page

NAMED_RECORDS = 20
"""How many records of a rule the page names; the workbook holds all of them."""

STATES = {"scored": "已评分", "awaiting": "待评定", "not_evaluable": "无法评价", "not_applicable": "不适用"}
REASONS = {
    "not_reported": "未报送", "evidence_missing": "缺少佐证", "not_certified": "未经认定单位认定",
    "target_missing": "缺少任务数", "target_zero": "任务数为零", "denominator_zero": "分母为零",
    "no_report": "没有报送过案件信息", "no_judgement": "尚未评分", "change_without_reason": "签核后改分未说明原因",
    "not_ranked": "不参加全省排名", "missing_in_source": "公布文本中缺失",
}  # fmt: skip
FLAGS = {"parameter_missing": "缺少外部参数", "no_gi": "没有地理标志", "none_publishable": "没有依法应公开的案件"}
LEVELS = {"section": "考核内容", "group": "考核指标", "point": "考核要点"}
CARD_STATES = {"provisional": "暂定", "final": "最终", "signed_off": "已签核", "changed_after_signoff": "签核后有变动"}
SOURCES = {"recorded": "在案记录", "declared": "申报"}

# Options in the words of the sheet in which they are declared.
_OPTIONS = """
    select split_part(o.pair, '=', 1), split_part(o.pair, '=', 2)
    from release_store.catalogue_fields as f
    cross join unnest(string_to_array(f.codes, '、')) as o (pair)
    where f.release_id = %(release)s and f.dataset = 'indicator_inputs' and f.field = 'metric_choice'"""

_QUERIES = {
    "rules": """
        select r.* from release_store.assessment_rules as r
        where r.release_id = %(release)s order by r.assessment_year, r.rule_no""",
    "cards": """
        select c.*, b.total_points as total_before, b.region_code is not null as has_before
        from release_store.assessment_scorecards as c
        left join release_store.assessment_scorecards as b
            on b.release_id = %(previous)s and c.assessment_year = b.assessment_year and c.region_code = b.region_code
        where c.release_id = %(release)s
        order by c.assessment_year, array_position(array['city', 'area', 'county'], c.region_level),
            c.rank nulls last, c.region_code""",
    "results": """
        select r.* from release_store.assessment_rule_results as r
        where r.release_id = %(release)s order by r.assessment_year, r.region_code, r.rule_no""",
    "subtotals": """
        select s.* from release_store.assessment_subtotals as s
        where s.release_id = %(release)s order by s.assessment_year, s.region_code, s.part_no""",
    "metrics": """
        select v.* from release_store.assessment_metric_values as v
        where v.release_id = %(release)s order by v.assessment_year, v.region_code, v.metric_code""",
    "records": """
        select m.assessment_year, m.metric_code, m.region_code, m.division_code, m.record_id,
            coalesce(i.title, m.dataset) as dataset_title, m.counted_on, m.quantity, m.is_evidenced, m.document_no,
            m.submission_id, m.row_number
        from release_store.assessment_metric_records as m
        left join release_store.catalogue_items as i on m.release_id = i.release_id and m.dataset = i.dataset
        where m.release_id = %(release)s
        order by m.assessment_year, m.metric_code, m.counted_on, m.submission_id, m.row_number, m.record_id""",
    "gaps": """
        select g.* from release_store.assessment_gaps as g where g.release_id = %(release)s
        order by g.assessment_year, g.region_code, g.unit_name, g.rule_no""",
    "movements": """
        select n.assessment_year, n.region_code, n.rule_no, n.rule_id, b.state as state_before,
            b.reason as reason_before, b.points as points_before, n.state as state_now, n.reason as reason_now,
            n.points as points_now, coalesce(n.points, 0) - coalesce(b.points, 0) as points_change
        from release_store.assessment_rule_results as n
        left join release_store.assessment_rule_results as b
            on b.release_id = %(previous)s and n.assessment_year = b.assessment_year
            and n.region_code = b.region_code and n.rule_id = b.rule_id
        where n.release_id = %(release)s and (n.state, n.points) is distinct from (b.state, b.points)
        order by n.assessment_year, n.region_code, n.rule_no""",
}


class Line(NamedTuple):
    """One rule for one region, with the value it was judged on and the records behind that."""

    rule: Any
    result: Any
    metric: Any | None
    records: Sequence[Any]
    inherited_from: str | None
    """Name of the city whose result counts for its county."""


class Metric(NamedTuple):
    """Everything counted under one metric for one region; `inherited_from` names the city whose value it is."""

    code: str
    title: str
    value: Any | None
    records: Sequence[Any]
    inherited_from: str | None


class Scorecard(NamedTuple):
    """What the release says of one region in one year; lines in the order of the published table."""

    card: Any
    place: str
    """Name of the region; of a county with its city's: two cities may have counties of one name."""
    lines: list[Line]
    metrics: list[Metric]
    subtotals: list[Any]
    gaps: list[Any]
    movements: list[Any]

    @property
    def by_section(self) -> list[tuple[str, list[Line]]]:
        """The lines of each section, in the order of the table."""
        return [(no, list(lines)) for no, lines in groupby(self.lines, lambda line: line.rule.section_no)]


class Assessment(NamedTuple):
    """One year: its rules and the cards of all regions, ranked cities first."""

    year: int
    rules: list[Any]
    scorecards: list[Scorecard]

    @property
    def missing_rules(self) -> list[str]:
        """Rules whose points the published text declares without saying what for."""
        return [rule.rule_id for rule in self.rules if rule.policy_status == "missing_in_source"]


def read_assessments(connection: Connection, release: Release) -> list[Assessment]:
    """All years that the release assesses, the latest first; none if it has no assessment."""
    # Nothing has been published since there are assessments.
    if connection.execute("select to_regclass('release_store.assessment_scorecards')").fetchone() == (None,):
        return []
    parameters = {
        "release": release.release_id,
        "previous": release.previous if release.is_previous_kept else None,
    }
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows = {name: cursor.execute(query, parameters).fetchall() for name, query in _QUERIES.items()}
    options: dict[str, str] = dict(connection.execute(_OPTIONS, parameters).fetchall())
    for name, columns in (("results", ("choice",)), ("metrics", ("choice", "recorded_choice", "declared_choice"))):
        rows[name] = [
            row._replace(**{column: options.get(getattr(row, column), getattr(row, column)) for column in columns})
            for row in rows[name]
        ]
    by_year = {name: _grouped(found, lambda row: row.assessment_year) for name, found in rows.items()}
    return [
        _assessment(year, {name: found[year] for name, found in by_year.items()})
        for year in sorted(by_year["cards"], reverse=True)
    ]


def state_text(state: str, reason: str | None, *, is_provisional: bool = False) -> str:
    """One of the four states in words, with the reason where there is one."""
    note = REASONS.get(reason, reason) if reason else "暂定" if is_provisional and state == "scored" else ""
    return f"{STATES[state]}（{note}）" if note else STATES[state]


def shown(value: Decimal | int | None) -> str:
    """A number for reading, with two decimals at most; nothing where there is none."""
    if value is None:
        return ""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def awardable_text(card: Any, missing_rules: Sequence[str]) -> str:
    """What can be had of what is declared, and which rules the published text lacks."""
    text = f"可得 {shown(card.base_awardable)} 分"
    if card.base_awardable == card.base_declared:
        return text
    lacking = f"，{'、'.join(missing_rules)} 在公布文本中缺失" if missing_rules else ""
    return f"{text}（公布的满分 {shown(card.base_declared)} 分{lacking}）"


def flags_text(flags: str | None) -> str:
    """What the judging noted beside a result."""
    return "、".join(FLAGS.get(flag, flag) for flag in (flags or "").split("、"))


def metric_codes(rule: Any) -> list[str]:
    """All metrics that a rule looks at: of a ratio also its parts, of a rule by items each of them."""
    return rule.metric_codes.split("、") if rule.metric_codes else []


def write_assessment_page(release_id: str | None = None) -> Path:
    """Draw the assessment of a published release into `<outputs>/<release_id>/assessment.html`, replacing it at once.

    Args:
        release_id: default: the current release.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    with connect() as connection:
        release = read_release(connection, release_id)
        province = connection.execute("select d.name from reference.divisions as d where d.level = 'province'")
        page = render(
            "assessment.html.j2",
            release=release,
            province=(province.fetchone() or ("",))[0],
            years=read_assessments(connection, release),
            named_records=NAMED_RECORDS,
            card_states=CARD_STATES,
            state_text=state_text,
            shown=shown,
            share=_share,
            awardable_text=awardable_text,
            flags_text=flags_text,
        )
    return write_page(release.release_id, "assessment.html", page)


def _share(points: Decimal, awardable: Decimal) -> int | None:
    """Percentage, cut and not rounded: 100 stands only where nothing is lacking."""
    return int(100 * points // awardable) if awardable else None


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> defaultdict[Any, list[Any]]:
    groups: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _assessment(year: int, rows: dict[str, list[Any]]) -> Assessment:
    of_region = {
        name: _grouped(rows[name], lambda row: row.region_code)
        for name in ("results", "subtotals", "metrics", "gaps", "movements")
    }
    names = {card.region_code: card.region_name for card in rows["cards"]}
    values = {(row.region_code, row.metric_code): row for row in rows["metrics"]}
    # A city has all records of its counties, a county those that name it.
    records = _grouped(rows["records"], lambda row: ("city", row.division_code, row.metric_code))
    records |= _grouped(rows["records"], lambda row: ("county", row.region_code, row.metric_code))

    def metric_of(card: Any, code: str, title: str, inherited_from: str | None) -> Metric:
        level = "county" if card.region_level == "county" and not inherited_from else "city"
        place = inherited_from or card.region_code
        found = records.get((level, place, code), ())
        return Metric(code, title, values.get((place, code)), found, names.get(inherited_from))

    def line(rule: Any, result: Any, metrics: dict[str, Metric]) -> Line:
        own = metrics.get(rule.metric_code)
        used = [metrics[code].records for code in metric_codes(rule) if code in metrics]
        # one record may count for both parts of a ratio
        found = list({record.record_id: record for records in used for record in records}.values())
        return Line(rule, result, own.value if own else None, found, names.get(result.inherited_from))

    def scorecard(card: Any) -> Scorecard:
        results = {result.rule_id: result for result in of_region["results"][card.region_code]}
        metrics: dict[str, Metric] = {}
        for rule in rows["rules"]:
            if rule.metric_code and rule.metric_code not in metrics:
                inherited_from = results[rule.rule_id].inherited_from
                title = rule.metric_title or rule.metric_code
                metrics[rule.metric_code] = metric_of(card, rule.metric_code, title, inherited_from)
        # What a ratio is made of has no rule of its own.
        for value in of_region["metrics"][card.region_code]:
            if value.metric_code not in metrics:
                metrics[value.metric_code] = metric_of(card, value.metric_code, value.metric_title, None)
        lines = [line(rule, results[rule.rule_id], metrics) for rule in rows["rules"]]
        city = names.get(card.division_code)
        return Scorecard(
            card,
            f"{card.region_name}（{city}）" if card.region_level == "county" and city else card.region_name,
            lines,
            list(metrics.values()),
            of_region["subtotals"][card.region_code],
            of_region["gaps"][card.region_code],
            of_region["movements"][card.region_code] if card.has_before else [],
        )

    return Assessment(year, rows["rules"], [scorecard(card) for card in rows["cards"]])
