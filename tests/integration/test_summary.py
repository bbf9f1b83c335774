"""The pilot summary and its annex: every number is a figure of the release, every figure opens to its rows."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from lxml import etree
from psycopg import sql
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.cli import app
from ipcredit.outputs import OutputError
from ipcredit.outputs.dispatch import write_dispatch
from ipcredit.outputs.figures import OWN, Figures, all_figures, parameters, read_figures
from ipcredit.outputs.pages import read_release
from ipcredit.outputs.summary import Summary, choose_release, write_summary
from ipcredit.outputs.wording import shown

R1, R2, R3 = "r20221205_0001", "r20221205_0002", "r20221205_0003"
PROVINCE, CITY, YEAR = "210000", "210600", 2022
PERSON = "P:hmac:0123456789abcdef0123456789abcdef"
HOSTILE = '=HYPERLINK("#x","点")'
CASE = "2022年6月3日查处案件第17号，涉案37.5万元。\n责令改正，当年没有再犯。"
MATERIALS = [
    (CITY, "typical_case", HOSTILE, CASE, None),
    (CITY, "closing", "总结定稿", None, date(2022, 12, 2)),
    (PROVINCE, "organisation", "三级联动", "由一个处牵头。", None),
    (PROVINCE, "next_step", "扩大覆盖", "明年覆盖500户。", None),
]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("truncate {}").format(sql.Identifier(f"release_{R1}", "pilot_materials")))
        for number, (division, kind, title, body, done_on) in enumerate(MATERIALS):
            connection.execute(
                """insert into release_store.pilot_materials (release_id, record_id, division_code, region_code,
                       bureau_code, summary_year, material_kind, title, body, done_on, author_role, submission_id,
                       row_number)
                   values (%s, md5(%s), %s, %s, %s, %s, %s, %s, %s, %s, 'protection', 1, %s)""",
                (R1, str(number), division, division, division, YEAR, kind, title, body, done_on, number + 2),
            )
        connection.execute(
            """update release_store.list_entries set subject_id = %s
               where division_code = %s and list_code = 'dishonest'""",
            (PERSON, CITY),
        )
        connection.execute(
            """insert into release_store.catalogue_fields (release_id, dataset, catalogue_code, field_no, field, header,
                   field_type, is_required, personal, codes)
               values (%(r)s, 'commitments', 'X', 5, 'matter', '承诺事项', 'code', true, 'never', 'record_filing=备案'),
                   (%(r)s, 'honours', 'X', 2, 'enterprise_name', '企业名称', 'text', false, 'never', null)""",
            {"r": R1},
        )
    yield


@pytest.fixture(scope="module")
def province() -> Summary:
    return write_summary(YEAR)


@pytest.fixture(scope="module")
def city() -> Summary:
    return write_summary(YEAR, CITY)


def figures_of(connection: psycopg.Connection, release_id: str = R1, schema: str | None = None) -> Figures:
    found = read_release(connection, release_id)
    return read_figures(connection, release_id, parameters(found.as_of, YEAR, PROVINCE), schema=schema)


@pytest.fixture(scope="module")
def figures(warehouse) -> Figures:
    with warehouse.connect() as connection:
        return figures_of(connection)


# --- figures ----------------------------------------------------------------------------------------------------------

# Fifteen bureaus with the four subjects of upstream.sql each: (province, one city).
EXPECTED = {
    "sample.judged": (60, 4), "sample.rated": (45, 3), "sample.rated.enterprise": (30, 2),
    "sample.rated.patent_agency": (15, 1), "sample.rated_rate": (75, 75), "sample.no_rule": (0, 0),
    "target.firms": (15, 1), "target.firms.national": (15, 1), "target.firms.provincial": (0, 0),
    "target.firms_rated": (15, 1), "target.firms_rate": (100, 100), "target.agencies": (0, 0),
    "catalogue.items": (5, 5), "catalogue.city_items": (1, 1), "coverage.due": (61, 4), "coverage.came": (46, 3),
    "coverage.rate": ("75.41", 75), "coverage.missing.general_risk_class": (15, 1), "coverage.nil": (15, 1),
    "rows.received": (90, 6), "rows.accepted": (60, 4), "rows.rejected": (15, 1), "rows.superseded": (15, 1),
    "rows.accepted_rate": ("66.67", "66.67"),
    "grades.enterprise.A": (15, 1), "grades.enterprise.C": (15, 1), "grades.enterprise.U": (15, 1),
    "grades.patent_agency.A": (15, 1), "grades.limited": (15, 1),
    "lists.active.red": (15, 1), "lists.active.dishonest": (15, 1), "lists.active.serious": (0, 0),
    "lists.entered.red": (15, 1), "lists.left": (0, 0), "lists.proposed": (15, 1),
    "measures.subjects.incentive": (15, 1), "measures.subjects.constraint": (15, 1),
    "penalties.count": (29, 2), "penalties.amount": ("9", "0.6"), "repairs.cases": (15, 1),
    "repairs.granted": (None, None),
    "repairs.cases.open": (15, 1), "objections.cases.rejected": (15, 1), "objections.overdue": (15, 1),
    "withdrawals.count": (15, 1), "quality.score": (None, 95), "quality.place": (None, 6),
    "quality.rate.规范性": ("66.67", "66.67"), "quality.findings": (15, 1), "quality.sampled.reviewed": (15, 1),
    "assessment.regions": (15, 1), "assessment.awaiting": (None, None), "materials.count": (4, 2),
    # Nobody reported these at all: what stands in the table cannot be taken for zero.
    "inspections.problems": (None, None), "complaints.count": (None, None), "activities.count": (None, None),
}  # fmt: skip


def test_the_figures_of_the_small_province(figures):
    found = {key: (figures.get(key).value, figures.get(key, CITY).value) for key in EXPECTED}
    found["assessment.awaiting"] = (None, None)  # what the table leaves to people; see test_release.py
    assert found == {
        key: tuple(None if value is None else Decimal(value) for value in values) for key, values in EXPECTED.items()
    }


def test_who_is_no_more_need_not_be_graded(warehouse):
    """In one city the honoured firm was deregistered and the backbone agency closed, and neither has a grade."""
    tables = [sql.Identifier(name) for name in ("subjects", "credit_records", "subject_grades")]
    with warehouse.connect(autocommit=True) as connection:
        for table in tables:
            connection.execute(sql.SQL("create table public.{0} as table release_store.{0}").format(table))
        connection.execute("update release_store.subjects set is_backbone_agency = is_agency")
        connection.execute(
            """update release_store.credit_records set valid_to = '2022-12-04'
               where division_code = %s and event_type = 'agency_registered'""",
            (CITY,),
        )
        connection.execute(
            """insert into release_store.credit_records
               select (jsonb_populate_record(r, jsonb_build_object('record_id', md5('ended'), 'dataset', 'enterprises',
                   'event_type', 'enterprise_registered', 'event_value', 'cancelled',
                   'details', jsonb_build_object('deregistered_on', '2022-12-05')))).*
               from release_store.credit_records as r
               where r.division_code = %s and r.event_type = 'national_demonstration'""",
            (CITY,),
        )
        connection.execute(
            """delete from release_store.subject_grades as g using release_store.credit_records as r
               where g.subject_id = r.subject_id and r.division_code = %s
                   and r.event_type in ('agency_registered', 'enterprise_registered')""",
            (CITY,),
        )
        with warehouse.connect() as reading:
            found = figures_of(reading)
        for table in tables:
            connection.execute(sql.SQL("truncate release_store.{}").format(table))
            connection.execute(sql.SQL("insert into release_store.{0} table public.{0}").format(table))
            connection.execute(sql.SQL("drop table public.{}").format(table))
    targets = ("target.firms", "target.firms_rated", "target.firms_rate", "target.agencies", "target.agencies_rated",
               "target.agencies_rate")  # fmt: skip
    assert {key: found.get(key).value for key in targets} == dict(zip(targets, (14, 14, 100, 14, 14, 100), strict=True))


def test_what_nobody_reported_is_missing_and_what_some_lack_is_said(figures):
    assert figures.get("complaints.count").missing == "没有报送"
    assert figures.get("quality.score", "211400").missing and figures.get("target.agencies_rate").missing
    assert figures.get("penalties.count").lacking == () and figures.get("target.firms").lacking == ()


def test_cities_and_the_provinces_own_offices_add_up(figures):
    divisions = {division for _, division in figures.found} - {PROVINCE}
    added = 0
    for key, definition in figures.definitions.items():
        if definition.each or definition.ratio:
            continue
        for whole in (key, *(f"{key}.{part}" for part in figures.parts(key))):
            parts = sum(figures.get(whole, division).value or 0 for division in divisions)
            assert parts == (figures.get(whole).value or 0), whole
            added += 1
    assert added > 100 and OWN in divisions


def test_a_citys_analyst_has_the_same_figures(warehouse, figures):
    with warehouse.connect() as connection:
        found = read_release(connection, R1)
        connection.execute("set local role analyst_210600")
        seen = read_figures(connection, R1, parameters(found.as_of, YEAR, PROVINCE), schema="publication")
    own = [figure._replace(label="") for figure in all_figures(figures, CITY)]
    assert [seen.get(figure.key, figure.division)._replace(label="") for figure in own] == own


def test_attorneys_are_counted_as_people(warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            """update release_store.subject_grades set subject_kind = 'attorney', track = 'attorney'
               where track = 'agency' and division_code = %s""",
            (CITY,),
        )
        given = parameters(date(2022, 12, 5), YEAR, PROVINCE)
        found = read_figures(connection, R1, given)
        connection.rollback()
    units = {key: found.get(key).unit for key in ("sample.judged", "sample.judged.attorney", "grades.attorney.A",
             "grades.attorney.B", "grades.patent_agency.A", "sample.rated_rate.attorney")}  # fmt: skip
    assert units == {
        "sample.judged": "户", "sample.judged.attorney": "人", "grades.attorney.A": "人", "grades.attorney.B": "人",
        "grades.patent_agency.A": "户", "sample.rated_rate.attorney": "%",
    }  # fmt: skip


def test_an_unknown_key_is_no_figure(figures):
    with pytest.raises(KeyError):
        figures.get("no.such")


# --- the document -----------------------------------------------------------------------------------------------------


def paragraphs(path: Path) -> list[str]:
    """Every paragraph of the body, those of tables too, and the alternative texts of charts."""
    with zipfile.ZipFile(path) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    told = [_text(paragraph) for paragraph in body.iter(f"{W}p")]
    return told + [drawn.get("descr") for drawn in body.iter() if drawn.tag.endswith("}docPr")]


def _text(element: etree._Element) -> str:
    return "".join(run.text or "" for run in element.iter(f"{W}t"))


def tables(path: Path) -> list[list[list[str]]]:
    with zipfile.ZipFile(path) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    return [
        [[_text(cell) for cell in row.iter(f"{W}tc")] for row in table.iter(f"{W}tr")] for table in body.iter(f"{W}tbl")
    ]


def chart_values(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as package:
        charts = [etree.fromstring(package.read(n)) for n in sorted(package.namelist()) if "charts/chart" in n]
    return [[v.text for cache in chart.iter(f"{C}numCache") for v in cache.iter(f"{C}v")] for chart in charts]


def known_texts(warehouse) -> list[str]:
    """What holds numbers and is no figure: names, dates, clauses and texts of the release and its seeds."""
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(f"release_{R1}")))
        found = connection.execute(
            """select title from policy_documents union select document_no from policy_documents
               union select note from policy_documents union select issued_on::text from policy_documents
               union select promised from plan_milestones union select due_on::text from plan_milestones
               union select done_on::text from plan_milestones union select evidence from plan_milestones
               union select source_clause from plan_milestones union select task_name from pilot_tasks
               union select name from reference.divisions union select region_name from assessment_scorecards
               union select code_commit from publication.releases"""
        ).fetchall()
    texts = {text for (text,) in found if text}
    texts |= {text for row in MATERIALS for body in row[2:4] if body for text in body.split("\n")}
    texts |= {R1, R2, "2022-12-05 09:00", "2022-12-05", "2022年12月5日", "2022年12月2日", "2022年知识产权"}
    return sorted(texts, key=len, reverse=True)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def unexplained(path: Path, known: list[str], explained: set[tuple[str, str]]) -> list[str]:
    """Numbers of the document that, with what follows them, are no figure's."""
    units = sorted({unit for _, unit in explained}, key=len, reverse=True)
    bare = {value for value, _ in explained}
    left = []
    for paragraph in paragraphs(path):
        text = paragraph
        for phrase in known:
            text = text.replace(phrase, "◇")
        text = re.sub(r"^(表|图)\d+　|^\d+\.(?!\d)", "", text)
        is_cell = NUMBER.fullmatch(text) is not None
        for found in NUMBER.finditer(text):
            unit = next((unit for unit in units if text.startswith(unit, found.end())), None)
            told = shown(Decimal(found[0]))
            is_chart = "（单位：" in text
            if not (told in bare if is_cell or is_chart else (told, unit) in explained):
                left.append(f"{found[0]} in {paragraph}")
    return left


def pairs(*found: Figures) -> set[tuple[str, str]]:
    return {(shown(f.value), f.unit) for figures in found for f in figures.found.values() if f.value is not None} | {
        ("0", definition.unit) for figures in found for definition in figures.definitions.values()
    }


def test_every_number_of_the_documents_is_a_figure_of_the_release(warehouse, province, city, figures):
    known, explained = known_texts(warehouse), pairs(figures)
    # How many places are named beside them, as in 等14个地区.
    explained |= {(str(number), "个地区") for number in range(6, 16)}
    for made in (province, city):
        assert unexplained(made.document, known, explained) == []
        numbers = {shown(Decimal(v)) for values in chart_values(made.document) for v in values}
        assert numbers <= {value for value, _ in explained}
    assert len(chart_values(province.document)) >= 5 and province.figures > city.figures > 150


def test_a_wrong_number_is_found(warehouse, province, figures, tmp_path):
    """The check above can fail: one digit changed in the text, one in a chart's alternative text."""
    for old, new in (("收到数据90行", "收到数据91行"), ("归集率75.41%", "归集率75.4%")):
        changed = tmp_path / "changed.docx"
        with zipfile.ZipFile(province.document) as package, zipfile.ZipFile(changed, "w") as copy:
            for name in package.namelist():
                content = package.read(name)
                if name == "word/document.xml":
                    assert old.encode() in content
                    content = content.replace(old.encode(), new.encode())
                copy.writestr(name, content)
        assert len(unexplained(changed, known_texts(warehouse), pairs(figures) | {("14", "个地区")})) == 1


def test_the_same_number_stands_in_table_chart_and_text(province, figures, warehouse):
    by_caption = {tuple(table[0]): table[1:] for table in tables(province.document)}
    rows = next(rows for heads, rows in by_caption.items() if heads[0] == "地区" and "质量得分" in heads)
    keys = ("coverage.due", "coverage.rate", "coverage.late", "coverage.missing", "rows.accepted_rate", "quality.score",
            "quality.place")  # fmt: skip
    with warehouse.connect() as connection:
        codes = dict(connection.execute(
            "select name, division_code from reference.divisions where level in ('city', 'area')"
        ).fetchall())  # fmt: skip
    assert len(rows) == 15
    for name, *cells in rows:
        own = [figures.get(key, codes[name]) for key in keys]
        assert cells == ["—" if figure.value is None else shown(figure.value) for figure in own], name
    scores = {shown(figures.get("quality.score", code).value) for code in codes.values() if code != "211400"}
    assert any({shown(Decimal(v)) for v in values} == scores for values in chart_values(province.document))
    assert "收到数据90行；采信60行，采信率66.67%，退回15行，被后报数据取代15行" in "".join(
        paragraphs(province.document)
    )


def test_bars_begin_at_nought(province):
    """Else 79 of 80 looks like half of it."""
    with zipfile.ZipFile(province.document) as package:
        charts = [etree.fromstring(package.read(n)) for n in package.namelist() if "charts/chart" in n]
    bars = [chart for chart in charts if chart.find(f".//{C}barChart") is not None]
    assert bars and {chart.find(f".//{C}valAx/{C}scaling/{C}min").get("val") for chart in bars} == {"0"}


def test_missing_and_provisional_figures_are_said_to_be_so(province):
    text = "\n".join(paragraphs(province.document))
    assert "收到举报投诉的数据暂缺（没有报送）" in text
    assert re.search(r"企业45户，其中A级15户、C级15户、未评（信息不足）15户（暂定）", text)
    assert re.search(r"^暂缺的指标：.*本年举报投诉", text, re.M) and re.search(r"^暂定的指标：.*信用等级", text, re.M)


def test_what_people_wrote_is_there_and_what_nobody_wrote_is_marked(province, city):
    text = paragraphs(province.document)
    assert {"明年覆盖500户。", "由一个处牵头。", *CASE.split("\n")} <= set(text)
    assert province.empty == ["宣传培训情况", "调研情况", "经验做法", "存在的问题", "成文日期"]
    marked = [re.sub("[【】]|待补充：", "", found) for found in text if found.startswith("【待补充")]
    assert marked == province.empty
    assert set(city.empty) == {"组织架构和组织保障", "宣传培训情况", "调研情况", "经验做法", "存在的问题", "下一步打算"}
    assert "2022年12月2日" in paragraphs(city.document) and "成文日期" not in city.empty


def test_who_has_not_closed_is_said_and_nothing_stops(province):
    assert len(province.not_closed) == 14 and "丹东市" not in province.not_closed
    result = CliRunner().invoke(app, ["summary", "--year", "2022", "--city", CITY, "--release", R1])
    assert result.exit_code == 0
    assert "总结尚未定稿（14）：沈阳市" in result.stdout and "待补充（6）：" in result.stdout
    assert any("尚未定稿的：沈阳市、大连市" in line and "等14个地区" in line for line in paragraphs(province.document))


def test_milestones_are_told_with_what_shows_them(province, city):
    """The province's own two; 丹东 closed its summary, which is the one thing it promised."""
    assert "计划节点2项，其中逾期未完成1项、无从判断1项。" in paragraphs(province.document)
    assert "尚未完成或无从判断：重点归集（逾期未完成）；起草征求意见稿（无从判断）。" in paragraphs(province.document)
    rows = next(table for table in tables(city.document) if table[0][0] == "承诺事项")
    assert rows[1:] == [
        ["市级总结定稿", "2022-12-15", "已完成", "2022-12-02", "报送的总结定稿", "辽知发〔2022〕4号 三（暂定）"]
    ]


def test_addressee_and_issuer_come_from_the_seeds(province, city):
    assert {"国家知识产权局：", "辽宁省知识产权局"} <= set(paragraphs(province.document))
    assert {"辽宁省知识产权局：", "丹东市知识产权局"} <= set(paragraphs(city.document))


def test_tasks_are_those_of_the_own_plan_and_of_the_national_notice(province, city):
    """丹东 has a plan of its own; the headings carry their numbers."""
    heads = [text for text in paragraphs(province.document) if re.match("（[一二三四五六七八九十]+）", text)]
    assert {"（五）加强守信主体的奖励与激励", "（一）建立工作基础", "（三）加强工作支撑"} <= set(heads)
    own = [text for text in paragraphs(city.document) if re.match("（[一二三四五六七八九十]+）", text)]
    assert "（五）总结试点工作" in own and "（五）加强守信主体的奖励与激励" not in own


def test_nothing_internal_is_shown(province, city):
    for made in (province, city):
        for path in (made.document, made.annex):
            with zipfile.ZipFile(path) as package:
                text = " ".join(package.read(n).decode(errors="ignore") for n in package.namelist())
            assert not re.search("internal_|general_class|class_b|样例[0-9]+号", text), path.name


# --- made again, and years --------------------------------------------------------------------------------------------


def test_made_again_from_the_same_release_the_files_are_the_same(warehouse, province, tmp_path):
    """Also while another release is the current one."""
    kept = {path: path.read_bytes() for path in (province.document, province.annex)}
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        pass_gate(connection, R2)
    release.publish(R2)
    try:
        again = write_summary(YEAR, release_id=R1)
        assert {path: path.read_bytes() for path in (again.document, again.annex)} == kept
        assert write_summary(YEAR).release_id == R2
    finally:
        release.rollback(R1, "岗", "测试")


def test_a_year_is_compared_with_the_pinned_release_of_the_year_before(warehouse, figures):
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R3)
        connection.execute("delete from candidate.subject_grades where division_code = %s and grade = 'A'", (CITY,))
        connection.execute("update candidate.commitments set signed_on = signed_on - interval '1 year'")
        pass_gate(connection, R3)
    release.publish(R3)
    release.rollback(R1, "岗", "测试")
    with warehouse.connect() as connection:
        connection.execute("update release_store.releases set as_of = '2021-12-31' where release_id = %s", (R3,))
    assert "没有上年同期数" in "".join(paragraphs(write_summary(YEAR).document))
    release.pin(R3, "保护处", "年终总结依据")
    try:
        made = write_summary(YEAR)
        text = "".join(paragraphs(made.document))
        assert "纳入信用评价的主体60户，比上年增加2户" in text and "诚信“红名单”在列主体15户，与上年持平" in text
        with warehouse.connect() as connection:
            found = read_release(connection, R3)
            before = read_figures(connection, R3, parameters(found.as_of, YEAR - 1, PROVINCE))
        explained = pairs(figures, before) | {("2", "户"), ("14", "个地区")}
        assert unexplained(made.document, [*known_texts(warehouse), R3], explained) == []
        city = write_summary(YEAR, CITY)
        rows = next(table for table in tables(city.document) if table[0] == ["指标", "单位", "本年", "上年"])
        assert next(row for row in rows if row[0].startswith("纳入信用评价"))[2:] == ["4", "2"]
    finally:
        with warehouse.connect() as connection:
            connection.execute("update release_store.releases set pinned_by = null where release_id = %s", (R3,))


@pytest.mark.parametrize(
    ("year", "division", "release_id", "told"),
    [
        (2021, None, None, "不能作为 2021 年的总结"), (YEAR, "999999", None, "不是市或示范区的代码"),
        (YEAR, None, "r19990101_0001", "不是可用的发布"),
    ],
)  # fmt: skip
def test_what_a_person_can_mend_is_one_line(year, division, release_id, told):
    with pytest.raises(OutputError, match=told):
        write_summary(year, division, release_id)
    if division is None:
        with pytest.raises(OutputError, match=told):
            choose_release(year, release_id)


def test_a_release_older_than_a_table_is_refused(warehouse):
    """Never the current release's rows in the place of those that are not there."""
    rename = sql.SQL("alter table {} rename to {}")
    table, away = sql.Identifier(f"release_{R1}", "commitments"), sql.Identifier("commitments_away")
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(rename.format(table, away))
        try:
            with pytest.raises(OutputError, match="没有年终总结所需的表"):
                write_summary(YEAR)
        finally:
            back = sql.Identifier(f"release_{R1}", "commitments_away")
            connection.execute(rename.format(back, sql.Identifier("commitments")))


# --- the annex --------------------------------------------------------------------------------------------------------


def test_every_figure_of_the_annex_opens_to_its_rows(city, figures):
    book = openpyxl.load_workbook(city.annex)
    sources = book["数据来源"]
    own = {figure.key: figure for figure in all_figures(figures, CITY)}
    # The place's own come first, then those of others and of last year.
    rows = dict(zip(own, sources.iter_rows(min_row=2), strict=False))
    numbers = {key: number for number, key in enumerate(figures.definitions, 1)}
    for key, figure in own.items():
        number, label = (cell.value for cell in rows[key][:2])
        assert number == numbers[figures.definition(key).key] and label.removeprefix("辽宁省　") == figure.label
        value, expected = rows[key][2].value, figure.value
        assert (value is None) == (expected is None) and (value is None or shown(Decimal(value)) == shown(expected)), (
            key
        )
        sheet, _, place = rows[key][8].hyperlink.location.rpartition("!")
        head = book[sheet.strip("'")][place].value
        definition = figures.definition(key)
        opened = definition.key if definition.query else definition.ratio[1]
        assert head.startswith(f"{numbers[opened]}　{figures.definition(opened).label}　"), key
        if definition.query and key == definition.key and definition.each != "province":
            assert int(re.search(r"共(\d+)行", head)[1]) == figure.rows, key
    asked = {row[0].value: row[3].value for row in book["SQL"].iter_rows(min_row=2)}
    assert set(asked) == set(numbers.values())
    query = asked[numbers["lists.proposed"]]
    assert query.startswith("select p.division_code") and query.endswith("\n-- lists.proposed")


@pytest.mark.parametrize("made", ["province", "city", "dispatch"])
def test_the_annex_speaks_of_nothing_in_the_codes_of_the_database(request, made):
    """Heads, codes, names of divisions and units, keys of figures, hashes of persons: only the SQL is for others."""
    path = write_dispatch("2022-11").path if made == "dispatch" else request.getfixturevalue(made).annex
    book, told = openpyxl.load_workbook(path), set()
    assert not [name for name in book.sheetnames if re.search("[a-z]", name)]
    for sheet in book.worksheets:
        if sheet.title in ("说明", "SQL"):  # the release's number and the program's version
            continue
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str):
                told.add(cell.value)
            elif cell.is_date:
                assert cell.number_format == "yyyy-mm-dd"
    written = {HOSTILE, f"'{HOSTILE}"}
    assert sorted(text for text in told - written if re.search(r"[a-z]{2}|\d{2}:\d{2}|^21\d{4}$", text)) == []
    if made != "dispatch":
        assert {"地区", "主体标识", "丹东市", "企业A", "自然人 01234567", "备案", "企业名称"} <= told
        assert "得分" not in {cell.value for row in book["明细_信用等级"].iter_rows() for cell in row}


def test_the_annex_is_native_and_prints(province):
    book = openpyxl.load_workbook(province.annex)
    names = book.sheetnames
    assert names[0] == "说明" and {"图表", "数据来源", "SQL", "主要指标", "检查考核"} <= set(names)
    for sheet in book.worksheets:
        if sheet.title in ("数据来源", "SQL") or sheet.title.startswith("明细"):
            assert sheet.print_area.endswith("$A$1:$F$1"), "what is looked up on a screen is fifty pages of paper"
        if sheet.title in ("说明", "图表") or sheet.title.startswith("明细"):
            continue
        assert len(sheet.tables) == 1 and sheet.freeze_panes, sheet.title
        assert sheet.print_area, sheet.title
        assert {cell.border.left.style for cell in sheet[3]} == {"thin"}, sheet.title
        heads = [str(cell.value) for cell in sheet[2 if sheet.title not in ("数据来源", "SQL") else 1]]
        assert not [head for head in heads if "（" in head.replace("\n（", "")], "a unit has a line of its own"
    assert len(book["图表"]._charts) == len(chart_values(province.document))
    cell = next(cell for cell in book["主要指标"][3] if isinstance(cell.value, (int, float)))
    assert cell.number_format == "#,##0"


def test_no_cell_of_the_annex_is_a_formula(province):
    with zipfile.ZipFile(province.annex) as package:
        sheets = [package.read(n).decode() for n in package.namelist() if n.startswith("xl/worksheets/sheet")]
        shared = package.read("xl/sharedStrings.xml").decode()
    assert sheets and not any("<f>" in sheet for sheet in sheets)
    assert f"'{HOSTILE}".replace('"', "&quot;") in shared or f"'{HOSTILE}" in shared


# --- the dispatch sheet -----------------------------------------------------------------------------------------------


def test_the_dispatch_sheet_of_a_month(warehouse, figures):
    made = write_dispatch("2022-11")
    first = made.path.read_bytes()
    book = openpyxl.load_workbook(made.path)
    heads, *rows = [[cell.value for cell in row] for row in book["归集进度"].iter_rows(min_row=2)]
    told = [head.split("\n（")[0] for head in heads[:4]]
    assert told == ["地区", "本月到期的目录期次", "本月到期且已归集", "本月归集率"]
    by_place = {row[0]: row[1:] for row in rows}
    assert len(by_place) == 17
    assert by_place["丹东市"][:6] == [4, 3, 75, 0, 1, 0] and by_place["省级单位"][:2] == [1, 1]
    assert by_place["辽宁省"][:3] == [61, 46, 75.41]
    assert write_dispatch("2022-11", R1).path.read_bytes() == first
    result = CliRunner().invoke(app, ["dispatch", "--month", "2022-12"])
    assert result.exit_code == 0 and "2022-12_工作调度表.xlsx" in result.stdout
    assert "本月数据只到 2022-12-05" in "".join(
        str(row[0].value) for row in openpyxl.load_workbook(made.path.with_name("2022-12_工作调度表.xlsx"))["说明"].rows
    )
    shutil.rmtree(made.path.parent)


@pytest.mark.parametrize(("month", "told"), [("2022-13", "不是月份"), ("2023-01", "没有该月的数据")])
def test_a_month_that_cannot_be_told(month, told):
    with pytest.raises(OutputError, match=told):
        write_dispatch(month)
