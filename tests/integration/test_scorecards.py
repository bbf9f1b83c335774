"""The assessment's workbooks: every rule has its line, four states stay four, and what was not scored is empty."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
import yaml
from psycopg import sql
from typer.testing import CliRunner

from ipcredit import database
from ipcredit.cli import app
from ipcredit.outputs import OutputError
from ipcredit.outputs.scorecards import STATE_FILLS, write_scorecards
from ipcredit.settings import DBT_PROJECT

R0, R1, R2 = "r20221204_0001", "r20221205_0002", "r20221206_0003"
REGIONS = {
    "210100": ("沈阳市", "city"), "210200": ("大连市", "city"), "210600": ("丹东市", "city"),
    "210800": ("营口市", "city"), "LN-SF": ("沈抚示范区", "area"), "210803": ("西市区", "county"),
}  # fmt: skip
HOSTILE_FORMULA = '=HYPERLINK("#x","x")'
HOSTILE_MARKUP = "<script>document.title = 'taken over'</script>"
KINDS = {
    "f": "flag", "i": "per_item_capped", "t": "tier_threshold", "b": "rank_band", "r": "ratio_threshold",
    "c": "completion_ratio", "d": "deduction_per_item", "j": "judged",
}  # fmt: skip
# Section | group | point | rules: identifier, kind and maximum.
SCHEME = """
一、组织实施责任(10分)|(一)研究部署(2分)|落实属地责任(2分)|1:f:2
一、组织实施责任(10分)|(二)机制建设(8分)|协调机制运行(2分)|2:f:2
一、组织实施责任(10分)|(二)机制建设(8分)|宣传引导机制(6分)|3:j:1 4:b:2 5:f:1 6:i:2
二、资源配置保障(9分)|(三)人才、经费等资源保障(9分)|人才队伍建设(7分)|7(1):j:1 7(2):f:1 7(3):f:1 7(4):i:1 8(1):f:1.5 8(2):j:1.5
二、资源配置保障(9分)|(三)人才、经费等资源保障(9分)|经费保障(2分)|9:f:2
三、重点工作推进(81分)|(四)严保护重点工作(46分)|政策体系建设(4分)|10:i:2 11a:f:1 11b:f:1
三、重点工作推进(81分)|(四)严保护重点工作(46分)|知识产权司法保护工作(6分)|12(1):f:1 12(2):f:1 12(3):f:1 12(4):f:1 13(1):f:1 13(2):r:1
三、重点工作推进(81分)|(四)严保护重点工作(46分)|知识产权行政案件办理(22分)|14(1):t:3 14(2):i:3 14(3):i:1 14(4):b:2 14(5):b:2 14(6):b:2 14(7):b:2 15(1):r:1 15(2):r:1 15(3):r:1 15(4):r:1 15(5):r:1 16:d:2
三、重点工作推进(81分)|(四)严保护重点工作(46分)|开展关键领域、重点环节、重点群体行政执法专项行动(8分)|17(1):f:1 17(2):f:1 18:f:3 19:r:2 20:j:1
三、重点工作推进(81分)|(四)严保护重点工作(46分)|案件指导工作(3分)|21(1)a:f:1 21(1)b:f:1 21(2):j:1
三、重点工作推进(81分)|(四)严保护重点工作(46分)|“两法衔接”工作(3分)|22:b:3
三、重点工作推进(81分)|(五)大保护重点工作(20分)|地理标志保护(6分)|23:f:1 24:b:3 25:b:2
三、重点工作推进(81分)|(五)大保护重点工作(20分)|产业链中段保护(5分)|26a:f:1 26b:f:1 27(1):c:1.5 27(2):j:1.5
三、重点工作推进(81分)|(五)大保护重点工作(20分)|多元化纠纷解决渠道和能力建设规范情况(6分)|28(1):b:2 28(2):f:1 28(3):f:1 29:f:1 30:f:1
三、重点工作推进(81分)|(五)大保护重点工作(20分)|运用技术手段加强知识产权保护(3分)|31(1):f:1.5 31(2):j:1.5
三、重点工作推进(81分)|(六)快保护重点工作(7分)|知识产权保护衔接机制(2分)|32:j:2
三、重点工作推进(81分)|(六)快保护重点工作(7分)|跨部门跨区域办案协作(2分)|33(1):i:1 33(2):i:1
三、重点工作推进(81分)|(六)快保护重点工作(7分)|关键领域和环节知识产权保护(3分)|34(1)a:f:0.5 34(1)b:j:0.5 34(2):f:1 34(3):f:1
三、重点工作推进(81分)|(七)同保护与维权援助重点工作(8分)|开展知识产权保险业务(2分)|35a:f:1 35b:i:1
三、重点工作推进(81分)|(七)同保护与维权援助重点工作(8分)|知识产权涉外风险防控(2分)|36(1):f:1 36(2):f:1
三、重点工作推进(81分)|(七)同保护与维权援助重点工作(8分)|完善知识产权维权援助体系机制(4分)|37(1):i:1 37(2):i:1 37(3):i:1 37(4):i:1
加分项(10分)|知识产权保护工作取得突出进展或积极成效||38:f:1 39:r:1 40:f:1 41:f:1 42:f:1 43:i:1 44(1):f:1 44(2):f:1 45:i:2
减分项(不设上限)|区域内发生知识产权相关的重点侵权违法案件或事件||46(1):d:0 46(2):d:0 46(3):d:0 46(4):d:0
减分项(不设上限)|知识产权行政案件办理质量出现重大问题||47:d:0
"""  # noqa: E501 - one line per point of the table

DDL = """
create schema if not exists reference;
create table if not exists reference.divisions (division_code text, name text, level text);
create table if not exists release_store.catalogue_items (release_id text, dataset text, title text);
create table if not exists release_store.catalogue_fields (release_id text, dataset text, field text, codes text);
create table if not exists release_store.assessment_rules (
    release_id text, assessment_year int, rule_id text, rule_no int, indicator_no int, policy_id text,
    policy_version int, section_no text, section_title text, section_kind text, section_max numeric, group_title text,
    group_max numeric, point_title text, point_max numeric, indicator_text text, rule_text text, kind text,
    max_points numeric, is_awardable bool, evidence_text text, units_text text, remark text, metric_code text,
    metric_codes text, metric_title text, value_unit text, window_code text, window_from date, window_to date,
    policy_status text, source_clause text
);
create table if not exists release_store.assessment_rule_results (
    release_id text, assessment_year int, region_code text, rule_id text, rule_no int, indicator_no int, state text,
    reason text, points numeric, max_points numeric, value numeric, choice text, numerator numeric,
    denominator numeric, target numeric, rank int, rank_population int, dense_rank int, dense_points numeric,
    inherited_from text, is_provisional bool, declared_value numeric, value_difference numeric, flags text,
    record_count int, evidence_id text, evidence_sha256 text, certified_by text, scorer_unit text, judged_on date,
    change_reason text, explanation text, policy_id text, policy_version int, policy_status text, source_clause text,
    division_code text
);
create table if not exists release_store.assessment_metric_values (
    release_id text, assessment_year int, region_code text, metric_code text, metric_title text, value_unit text,
    value numeric, choice text, value_source text, recorded_value numeric, recorded_choice text,
    declared_value numeric, declared_choice text, difference numeric, missing_reason text, record_count int,
    is_complete bool, evidence_id text, evidence_sha256 text, evidence_on date, certified_by text, certified_on date,
    declared_submission_id bigint, declared_row_number int, division_code text
);
create table if not exists release_store.assessment_metric_records (
    release_id text, assessment_year int, metric_code text, region_code text, record_id text, dataset text,
    counted_on date, quantity numeric, is_evidenced bool, document_no text, submission_id bigint, row_number int,
    division_code text
);
create table if not exists release_store.assessment_subtotals (
    release_id text, assessment_year int, region_code text, part_no int, level text, section_no text, title text,
    section_kind text, points numeric, max_points numeric, awardable_points numeric, awaiting_points numeric,
    not_evaluable_points numeric, division_code text
);
create table if not exists release_store.assessment_scorecards (
    release_id text, assessment_year int, region_code text, region_name text, region_level text, policy_id text,
    policy_version int, base_points numeric, bonus_points numeric, deduction_points numeric, total_points numeric,
    base_awardable numeric, base_declared numeric, bonus_awardable numeric, scored_rules int, awaiting_rules int,
    awaiting_points numeric, not_evaluable_rules int, not_evaluable_points numeric, not_applicable_rules int, rank int,
    is_rank_provisional bool, unreported_regions int, card_state text, signed_by_unit text, signed_on date,
    signed_points numeric, refused_signoff_by text, points_since_signoff numeric, change_reasons text,
    window_closes_on date, division_code text
);
create table if not exists release_store.assessment_gaps (
    release_id text, assessment_year int, region_code text, unit_name text, is_lead bool, rule_id text, rule_no int,
    state text, reason text, points_at_stake numeric, due_on date, what_to_do text, division_code text
);
"""
TABLES = ("rules", "rule_results", "metric_values", "metric_records", "subtotals", "scorecards", "gaps")


def test_these_tables_are_those_that_dbt_publishes():
    """Written by hand above, so that each cell of the outputs can be told beforehand; the columns are theirs."""
    declared = yaml.safe_load((DBT_PROJECT / "models/publication/_assessment.yml").read_text(encoding="utf-8"))
    published = {
        model["config"]["alias"]: [column["name"] for column in model["columns"]] for model in declared["models"]
    }
    written = {
        name: [column.split()[0] for column in columns.split(",")]
        for name, columns in re.findall(r"release_store\.(assessment_\w+) \((.*?)\n\);", DDL, re.DOTALL)
    }
    assert {name: set(columns) for name, columns in written.items()} == {
        name: set(columns) for name, columns in published.items()
    }


# --- a release with an assessment -------------------------------------------------------------------------------------


def prepare(connection: psycopg.Connection) -> None:
    """Three releases: R0, after it R1, the current one, with an assessment that has moved; R2 without any."""
    connection.execute(DDL)
    connection.execute("insert into reference.divisions values ('210000', '辽宁省', 'province')")
    for number, release_id in enumerate((R0, R1, R2)):
        previous = (None, R0, R1)[number]
        connection.execute(
            """insert into release_store.releases
                   (release_id, as_of, known_at, code_commit, state, published_at, previous_release_id)
               values (%s, '2022-12-05', '2022-12-05 09:00+08', 'test', 'published', '2022-12-05 10:00+08', %s)""",
            (release_id, previous),
        )
    connection.execute("update release_store.current_release set release_id = %s", (R1,))
    insert(connection, "catalogue_items", release_id=R1, dataset="patent_disputes", title="专利侵权纠纷行政裁决")
    add_assessment(connection, R1)
    # Before: not yet decided for rule 1, and nothing known of the county.
    for table in TABLES:
        connection.execute(
            f"create temporary table copied on commit drop as select * from release_store.assessment_{table}"
        )
        connection.execute("update copied set release_id = %s", (R0,))
        if "region_code" in [c.name for c in connection.execute("select * from copied limit 0").description]:
            connection.execute("delete from copied where region_code = '210803'")
        connection.execute(f"insert into release_store.assessment_{table} select * from copied")
        connection.execute("drop table copied")
    connection.execute(
        """update release_store.assessment_rule_results set state = 'awaiting', reason = 'not_reported', points = null
           where release_id = %s and region_code = '210800' and rule_id = '1'""",
        (R0,),
    )
    connection.execute(
        """update release_store.assessment_scorecards set total_points = total_points - 2
           where release_id = %s and region_code = '210800'""",
        (R0,),
    )


def insert(connection: psycopg.Connection, table: str, **values: Any) -> None:
    connection.execute(
        sql.SQL("insert into release_store.{} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        ),
        list(values.values()),
    )


def rules() -> list[dict[str, Any]]:
    """The 87 rules of the table, with short texts in place of its own."""
    found: list[dict[str, Any]] = []
    for line in SCHEME.strip().splitlines():
        section, group, point, clauses = line.split("|")
        kind = {"加": "bonus", "减": "deduction"}.get(section[0], "base")
        for clause in clauses.split():
            rule_id, letter, maximum = clause.split(":")
            indicator = int("".join(c for c in rule_id.split("(")[0] if c.isdigit()))
            lost = rule_id == "21(2)"
            found.append(
                {
                    "rule_id": rule_id, "rule_no": len(found) + 1, "indicator_no": indicator,
                    "policy_id": "YK-IPR-ASSESS-2022", "policy_version": 1,
                    "section_no": section.split("、")[0].split("(")[0], "section_title": section, "section_kind": kind,
                    "group_title": group, "point_title": point or None, "indicator_text": f"指标 {indicator} 的说明。",
                    "rule_text": None if lost else f"规则 {rule_id} 的说明。", "kind": KINDS[letter],
                    "max_points": Decimal(maximum), "is_awardable": not lost, "evidence_text": "工作总结",
                    "units_text": "市市场监管局", "remark": None, "metric_code": None if lost else f"m_{rule_id}",
                    "metric_codes": None if lost else f"m_{rule_id}",
                    "metric_title": None if lost else f"指标值 {rule_id}", "value_unit": "件",
                    "policy_status": "missing_in_source" if lost else "enacted",
                    "source_clause": f"营西政发〔2022〕12号 附件 第{indicator}项",
                }
            )  # fmt: skip
    return found


def judged(rule: dict[str, Any], region: str) -> dict[str, Any]:
    """State, reason, points and what else one rule gives one region here."""
    rule_id, maximum = rule["rule_id"], rule["max_points"]
    if rule_id == "21(2)":
        return {"state": "not_evaluable", "reason": "missing_in_source"}
    if rule["kind"] == "rank_band" and REGIONS[region][1] != "city":
        return {"state": "not_applicable", "reason": "not_ranked"}
    if rule_id.startswith("12(") and region == "210600":
        return {"state": "not_evaluable", "reason": "target_missing", "value": 3}
    if rule["kind"] == "judged" and region != "210100":
        return {"state": "awaiting", "reason": "no_judgement"}
    if rule["section_kind"] == "deduction":
        occurred = int(rule_id == "46(1)" and region == "210200")
        return {"state": "scored", "points": Decimal(-2 * occurred), "value": occurred}
    if rule["kind"] == "rank_band":
        place = list(REGIONS).index(region) + 1
        ranks = {"rank": place, "rank_population": 4, "dense_rank": place, "dense_points": maximum}
        if (rule_id, region) == ("14(4)", "210800"):
            ranks |= {"dense_rank": 3, "dense_points": maximum}
            return {"state": "scored", "points": maximum / 2, "value": 5, **ranks}
        return {"state": "scored", "points": maximum, "value": 9 - place, **ranks}
    if rule_id == "27(1)":
        return {"state": "scored", "points": Decimal("1.0666666667"), "value": 32, "target": 45}
    if rule["rule_no"] % 7 == 0:
        return {"state": "scored", "points": Decimal(0), "value": 0}
    return {"state": "scored", "points": maximum, "value": 4, "is_provisional": rule["kind"] == "ratio_threshold"}


def add_assessment(connection: psycopg.Connection, release_id: str) -> None:
    same = {"release_id": release_id, "assessment_year": 2022}
    scheme = rules()
    for rule in scheme:
        insert(connection, "assessment_rules", **same, **rule)
    for number, (region, (name, level)) in enumerate(REGIONS.items(), 1):
        there = same | {"region_code": region, "division_code": "210800" if level == "county" else region}
        results = {rule["rule_id"]: add_result(connection, there, rule, region) for rule in scheme}
        add_subtotals(connection, there, scheme, results)
        add_card(connection, there, scheme, results, name, level, number)
    for number in range(23):
        insert(
            connection, "assessment_metric_records", **same, metric_code="m_14(2)", region_code="210800",
            division_code="210800", record_id=f"patent_disputes:7:{number + 2}", dataset="patent_disputes",
            counted_on=date(2022, 3, 1) + timedelta(days=number), quantity=1, is_evidenced=number % 2 == 0,
            document_no=f"营知裁字〔2022〕{number + 1}号", submission_id=7, row_number=number + 2,
        )  # fmt: skip
    for region, document_no in (("210803", HOSTILE_FORMULA), ("210800", HOSTILE_MARKUP)):
        insert(
            connection, "assessment_metric_records", **same, metric_code="m_14(3)", region_code=region,
            division_code="210800", record_id=f"mediations:8:{region}", dataset="mediations",
            counted_on=date(2022, 5, 6), quantity=1, is_evidenced=True, document_no=document_no, submission_id=8,
            row_number=3,
        )  # fmt: skip


def add_result(
    connection: psycopg.Connection, there: dict[str, Any], rule: dict[str, Any], region: str
) -> dict[str, Any]:
    found = {"reason": None, "points": None, "is_provisional": False} | judged(rule, region)
    records = {"m_14(2)": 23, "m_14(3)": 2}.get(rule["metric_code"], 0) if region == "210800" else 0
    if (region, rule["rule_id"]) == ("210803", "14(3)"):
        records = 1
    if (region, rule["rule_id"]) == ("210803", "14(2)"):
        records, found["inherited_from"] = 23, "210800"
    explanation = f"按规则 {rule['rule_id']} 得出。" if rule["rule_id"] != "2" else HOSTILE_FORMULA
    insert(
        connection, "assessment_rule_results", **there, **found, rule_id=rule["rule_id"], rule_no=rule["rule_no"],
        indicator_no=rule["indicator_no"], max_points=rule["max_points"], record_count=records, explanation=explanation,
        flags="no_gi" if rule["rule_id"] == "23" else None,
        evidence_id="ZC-0001" if rule["rule_id"] == "9" else None,
    )  # fmt: skip
    if rule["metric_code"] and "inherited_from" not in found:
        value = found.get("value")
        declared = value + 1 if rule["rule_id"] == "14(2)" else value
        insert(
            connection, "assessment_metric_values", **there, metric_code=rule["metric_code"],
            metric_title=rule["metric_title"], value_unit="件", value=value, value_source="recorded",
            recorded_value=value, declared_value=declared, difference=None if value is None else value - declared,
            missing_reason=found["reason"], record_count=records, is_complete=True,
            evidence_id="ZC-0001" if rule["rule_id"] == "9" else None,
        )  # fmt: skip
    if found["state"] == "awaiting":
        insert(
            connection, "assessment_gaps", **there, unit_name="市市场监管局", is_lead=True, rule_id=rule["rule_id"],
            rule_no=rule["rule_no"], state="awaiting", reason=found["reason"], points_at_stake=rule["max_points"],
            due_on=date(2022, 12, 31), what_to_do="请评分单位评分并附佐证。",
        )  # fmt: skip
    return found


def amount(scheme: list[dict[str, Any]], results: dict[str, dict[str, Any]], state: str) -> Decimal:
    key = "points" if state == "scored" else "max_points"
    source = results if state == "scored" else {rule["rule_id"]: rule for rule in scheme}
    return sum(
        (source[r["rule_id"]][key] for r in scheme if results[r["rule_id"]]["state"] == state), Decimal(0)
    )  # fmt: skip


def add_subtotals(
    connection: psycopg.Connection,
    there: dict[str, Any],
    scheme: list[dict[str, Any]],
    results: dict[str, dict[str, Any]],
) -> None:
    parts: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for rule in scheme:
        for level in ("section", "group", "point"):
            if rule[f"{level}_title"]:
                parts.setdefault((level, rule["section_no"], rule[f"{level}_title"]), []).append(rule)
    for number, ((level, section_no, title), inside) in enumerate(parts.items(), 1):
        insert(
            connection, "assessment_subtotals", **there, part_no=number, level=level, section_no=section_no,
            title=title, section_kind=inside[0]["section_kind"], points=amount(inside, results, "scored"),
            max_points=sum(rule["max_points"] for rule in inside),
            awardable_points=sum(rule["max_points"] for rule in inside if rule["is_awardable"]),
            awaiting_points=amount(inside, results, "awaiting"),
            not_evaluable_points=amount(inside, results, "not_evaluable"),
        )  # fmt: skip


def add_card(
    connection: psycopg.Connection, there: dict[str, Any], scheme: list[dict[str, Any]],
    results: dict[str, dict[str, Any]], name: str, level: str, number: int,
) -> None:  # fmt: skip
    states = Counter(result["state"] for result in results.values())
    kinds = {
        kind: amount([rule for rule in scheme if rule["section_kind"] == kind], results, "scored")
        for kind in ("base", "bonus", "deduction")
    }
    signed = {"card_state": "provisional"}
    if there["region_code"] == "210200":
        signed = {
            "card_state": "changed_after_signoff", "signed_by_unit": "辽宁省知识产权局", "signed_on": date(2022, 12, 4),
            "signed_points": 80, "points_since_signoff": Decimal("1.5"), "change_reasons": "补报",
        }  # fmt: skip
    if there["region_code"] == "210100":
        signed |= {"refused_signoff_by": "辽宁省知识产权局"}
    insert(
        connection, "assessment_scorecards", **there, **signed, region_name=name, region_level=level,
        policy_id="YK-IPR-ASSESS-2022", policy_version=1, base_points=kinds["base"], bonus_points=kinds["bonus"],
        deduction_points=kinds["deduction"], total_points=sum(kinds.values()), base_awardable=99, base_declared=100,
        bonus_awardable=10, scored_rules=states["scored"], awaiting_rules=states["awaiting"],
        awaiting_points=amount(scheme, results, "awaiting"), not_evaluable_rules=states["not_evaluable"],
        not_evaluable_points=amount(scheme, results, "not_evaluable"), not_applicable_rules=states["not_applicable"],
        rank=number if level == "city" else None, is_rank_provisional=level == "city", unreported_regions=2,
        window_closes_on=date(2022, 12, 31),
    )  # fmt: skip


# --- the workbooks ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(warehouse) -> Iterator[dict[str, Path]]:
    """Workbooks of the current release by region."""
    with pytest.raises(OutputError, match="还没有任何发布"):
        write_scorecards()
    with database.connect() as connection:
        prepare(connection)
    paths = write_scorecards()
    assert {path.parent for path in paths} == {warehouse.home / "outputs" / R1 / "assessment" / "2022"}
    assert {path.name for path in paths} == {f"{code}_{name}.xlsx" for code, (name, _) in REGIONS.items()}
    yield {path.name.split("_")[0]: path for path in paths}


@pytest.fixture(scope="module")
def books(written) -> dict[str, openpyxl.Workbook]:
    return {region: openpyxl.load_workbook(path) for region, path in written.items()}


def lines(book: openpyxl.Workbook) -> dict[str, dict[str, Any]]:
    """Cells of the score sheet by rule and head."""
    sheet = book["评分表"]
    heads = [cell.value for cell in sheet[6]]
    assert heads == [
        "考核内容", "考核指标", "考核要点", "序号", "指标说明", "支撑材料说明", "责任单位", "备注",
        "规则", "满分", "得分", "状态", "说明", "实际值", "排名", "记录",
    ]  # fmt: skip
    rows = (dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=7))
    return {row["规则"].value.split("　")[0]: row for row in rows if row["规则"].value}


def test_every_rule_has_its_line_in_the_order_of_the_table(books):
    for book in books.values():
        assert list(lines(book)) == [rule["rule_id"] for rule in rules()]
        assert len(lines(book)) == 87
        assert book.sheetnames == ["评分表", "小计", "排名", "缺项", "指标值", "记录", "变动"]


@pytest.mark.parametrize("region", list(REGIONS))
def test_four_states_are_told_by_word_and_by_fill_and_no_score_is_an_empty_cell(books, region):
    seen = set()
    for rule in rules():
        row, expected = lines(books[region])[rule["rule_id"]], judged(rule, region)
        word = {"scored": "已评分", "awaiting": "待评定", "not_evaluable": "无法评价", "not_applicable": "不适用"}
        assert row["状态"].value.split("（")[0] == word[expected["state"]]
        assert row["状态"].fill.start_color.rgb == "FF" + STATE_FILLS[expected["state"]].removeprefix("#")
        if expected["state"] == "scored":
            assert row["得分"].value == pytest.approx(float(expected["points"]), abs=1e-12)
        else:
            assert row["得分"].value is None
        seen.add(expected["state"])
    wanted = {"scored", "awaiting", "not_evaluable"} - ({"awaiting"} if region == "210100" else set())
    assert seen == wanted | (set() if REGIONS[region][1] == "city" else {"not_applicable"})
    assert len(set(STATE_FILLS.values())) == 4


def test_reasons_and_what_is_provisional_are_said(books):
    row = lines(books["210600"])
    assert row["12(1)"]["状态"].value == "无法评价（缺少任务数）"
    assert row["21(2)"]["状态"].value == "无法评价（公布文本中缺失）"
    assert row["13(2)"]["状态"].value == "已评分（暂定）"
    assert row["3"]["状态"].value == "待评定（尚未评分）"
    assert lines(books["LN-SF"])["4"]["状态"].value == "不适用（不参加全省排名）"


def test_scores_are_stored_unrounded_and_shown_with_two_decimals(books):
    row = lines(books["210800"])
    assert row["27(1)"]["得分"].value == 1.0666666667
    assert row["27(1)"]["得分"].number_format == "0.0#"
    assert row["1"]["得分"].number_format == "0"
    assert row["1"]["实际值"].value == 4 and row["1"]["实际值"].number_format == '0" 件"'


def test_cells_are_merged_like_the_published_table(books):
    sheet = books["210800"]["评分表"]
    spans = {str(span) for span in sheet.merged_cells.ranges}
    row = {rule_id: cells["规则"].row for rule_id, cells in lines(books["210800"]).items()}
    first, last = row["14(1)"], row["14(7)"]
    assert {f"{column}{first}:{column}{last}" for column in "DEFGH"} <= spans
    assert f"C{first}:C{row['16']}" in spans
    assert f"B{row['10']}:B{row['22']}" in spans
    assert f"A{row['1']}:A{row['6'] + 1}" in spans, "a section spans the subtotals of its groups"
    assert sheet.cell(row["1"], 1).value == "一、组织实施责任(10分)"
    assert sheet.cell(first, 4).value == 14 and sheet.cell(first, 5).value == "指标 14 的说明。"
    assert sheet.cell(first, 3).value == "知识产权行政案件办理(22分)"


def test_totals_are_the_releases_and_nothing_is_rescaled(books, warehouse):
    sheet = books["210200"]["评分表"]
    labels = {row[0].value: row for row in sheet.iter_rows(min_row=7) if row[0].value}
    with warehouse.connect() as db:
        base, bonus, deduction, total = db.execute(
            """select base_points, bonus_points, deduction_points, total_points
               from release_store.assessment_scorecards where release_id = %s and region_code = '210200'""",
            (R1,),
        ).fetchone()
    found = {label.split("　")[0]: row[10].value for label, row in labels.items()}
    assert found["基础分"] == pytest.approx(float(base), abs=1e-12)
    assert (found["加分"], found["减分（不设上限）"]) == (float(bonus), float(deduction)) == (9, -2)
    assert found["总分"] == pytest.approx(float(total), abs=1e-12)
    scored = [cells["得分"].value for cells in lines(books["210200"]).values()]
    assert found["总分"] == pytest.approx(sum(points for points in scored if points is not None))
    assert found["合计"] == -2  # of the last section
    head = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=4))
    for text in (
        "大连市", "2022", "营西政发〔2022〕12号", R1, "2022-12-05", "成绩状态：签核后有变动", "签核 80 分",
        "可得 99 分（公布的满分 100 分，21(2) 在公布文本中缺失）", "全省第 2 名（暂定，2 个市数据未齐）",
    ):  # fmt: skip
        assert text in head, text
    refused = " ".join(str(row[0].value) for row in books["210100"]["评分表"].iter_rows(max_row=4))
    assert "成绩状态：暂定；辽宁省知识产权局 的签核无效：评过分的不得签核" in refused and "签核无效" not in head
    parts = {(row[0].value, row[1].value): row[4].value for row in books["210200"]["小计"].iter_rows(min_row=2)}
    assert parts["考核指标", "(一)研究部署(2分)"] == 2
    assert parts["总分", "基础分、加分和减分之和，不折算"] == pytest.approx(float(total))


def test_links_lead_to_the_records_and_the_values_they_name(books):
    book = books["210800"]
    row = lines(book)
    for rule_id, first in (("14(2)", "指标值 14(2)"), ("14(3)", "指标值 14(3)")):
        sheet, cell = row[rule_id]["记录"].hyperlink.location.replace("'", "").split("!")
        assert (sheet, book[sheet][cell].value) == ("记录", first)
    assert row["14(2)"]["记录"].value == "23 条"
    assert row["9"]["记录"].value == "佐证"
    links = 0
    for name in book.sheetnames:
        for cells in book[name].iter_rows():
            for cell in cells:
                if cell.hyperlink:
                    sheet, there = cell.hyperlink.location.replace("'", "").split("!")
                    assert book[sheet][there].value is not None
                    links += 1
    assert links > 60
    for rule_id, cells in row.items():
        if cells["实际值"].hyperlink:
            sheet, there = cells["实际值"].hyperlink.location.replace("'", "").split("!")
            assert book[sheet][there].value == f"指标值 {rule_id}"


def test_a_county_shows_its_own_records_and_its_citys_where_it_inherits(books):
    book = books["210803"]
    found = [(row[0].value, row[2].value) for row in book["记录"].iter_rows(min_row=2)]
    assert [title for title, _ in found] == ["指标值 14(2)"] * 23 + ["指标值 14(3)"]
    assert book["变动"]["A2"].value == f"上次发布 {R0} 没有这份成绩，无可比较"


def test_what_is_declared_stands_beside_what_is_recorded(books):
    rows = {row[0].value: row for row in books["210800"]["指标值"].iter_rows(min_row=2)}
    assert [cell.value for cell in rows["指标值 14(2)"][2:7]] == [4, "在案记录", 4, 5, -1]
    assert {cell.fill.start_color.rgb for cell in rows["指标值 14(2)"][4:7]} == {"FFFFF2CC"}
    assert {cell.fill.fill_type for cell in rows["指标值 14(3)"][4:7]} == {None}


def test_ranking_shows_what_another_reading_of_ties_would_change(books):
    rows = [[cell.value for cell in row] for row in books["210600"]["排名"].iter_rows(min_row=2)]
    assert [row[:3] for row in rows[:5]] == [
        ["总分", 1, "沈阳市"], ["总分", 2, "大连市"], ["总分", 3, "丹东市"], ["总分", 4, "营口市"],
        ["总分", "不参加", "沈抚示范区"],
    ]  # fmt: skip
    assert rows[3][6] == pytest.approx(rows[3][4] + 1) and rows[3][7] == 1 and rows[2][7] == 0
    assert ["14(4)", 4, "营口市", 5, 1, 3, 2, 1, "已评分"] in [row[:9] for row in rows]
    ranked = [rule["rule_id"] for rule in rules() if rule["kind"] == "rank_band"]
    assert list(dict.fromkeys(row[0] for row in rows[5:])) == ranked
    assert len(rows) == 5 + 5 * len(ranked)


def test_gaps_say_who_does_what_by_when(books):
    rows = [[cell.value for cell in row] for row in books["210800"]["缺项"].iter_rows(min_row=2)]
    awaiting = [rule["rule_id"] for rule in rules() if judged(rule, "210800")["state"] == "awaiting"]
    assert [row[2] for row in rows] == awaiting
    assert rows[0] == ["市市场监管局", "牵头", "3", "规则 3 的说明。", "待评定（尚未评分）", 1, "2022-12-31",
                       "请评分单位评分并附佐证。"]  # fmt: skip
    assert books["210100"]["缺项"]["A2"].value == "没有缺项"


def test_movement_since_the_previous_release(books):
    rows = [[cell.value for cell in row] for row in books["210800"]["变动"].iter_rows(min_row=2)]
    assert rows[0] == ["1", "规则 1 的说明。", "待评定（未报送）", None, "已评分", 2, 2]
    assert rows[1][0] == "总分" and rows[1][6] == pytest.approx(2)
    assert len(rows) == 2
    assert books["210100"]["变动"]["A2"].value == f"与上次发布 {R0} 相比没有变动"


def test_no_text_is_a_formula_and_none_looks_like_one(books, written):
    for book in books.values():
        for name in book.sheetnames:
            for row in book[name].iter_rows():
                for cell in row:
                    assert cell.data_type != "f"
                    assert not str(cell.value).startswith(("=", "+", "@")) or isinstance(cell.value, int | float)
    assert any("'=HYPERLINK" in str(row[2].value) for row in books["210803"]["记录"].iter_rows())
    for path in written.values():
        with zipfile.ZipFile(path) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in sheet for sheet in sheets)


def test_pages_are_set_for_print(books):
    for book in books.values():
        for name in book.sheetnames:
            sheet = book[name]
            assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToHeight == 0, name
            assert sheet.freeze_panes, name
        assert book["评分表"].print_title_rows == "$6:$6"
        assert book["评分表"].page_setup.paperSize == 8


def test_the_same_release_gives_the_same_bytes(written):
    before = {region: path.read_bytes() for region, path in written.items()}
    again = write_scorecards(R1)
    assert {path.name.split("_")[0]: path.read_bytes() for path in again} == before


def test_without_an_assessment_there_is_no_workbook_and_the_command_says_where_the_page_is(written, warehouse):
    assert write_scorecards(R2) == []
    assert not (warehouse.home / "outputs" / R2 / "assessment").exists()
    done = CliRunner().invoke(app, ["scorecards", "--release", R2])
    assert done.exit_code == 0 and done.output.strip().endswith(f"{R2}/assessment.html")
    done = CliRunner().invoke(app, ["scorecards"])
    assert done.exit_code == 0 and len(done.output.split()) == 1 + len(REGIONS)
    refused = CliRunner().invoke(app, ["scorecards", "--release", "r20221205_9999"])
    assert refused.exit_code == 1 and "不是可用的发布" in refused.output
