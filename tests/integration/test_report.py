"""A subject's credit report says what its reader may know and no more; each use is on record before it is there."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import docx
import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from psycopg import errors, sql
from typer.testing import CliRunner

from ipcredit import release, retention
from ipcredit.cli import app
from ipcredit.outputs import OutputError, report
from ipcredit.outputs.pages import read_release
from ipcredit.outputs.report import write_report
from ipcredit.outputs.report_sections import _TABLES, Facts, Table, _shown, read_facts, reader_of, sections_of

R1, R2 = "r20221205_0001", "r20221206_0002"
ASKED = {"reason": "评优核查", "by": "知识产权保护处", "purpose": "评优评先"}
INTERNAL = ("general", "通用风险", "class_a", "class_b", "内部", "internal")


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """R1 of 5 December; R2 of the 6th is current."""
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        connection.execute("update release_store.releases set as_of = as_of + 1 where release_id = %s", (R2,))
        pass_gate(connection, R2)
    release.publish(R2)
    yield


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    """Whatever a test changes is undone."""
    with warehouse.connect() as connection:
        yield connection
        connection.rollback()


def subject(db: psycopg.Connection, number: int, division: str = "210600") -> str:
    """Of Dandong: 1 the honoured, 2 the penalised, 3 the agency, 4 the one not classified."""
    return db.execute(
        "select subject_id from catalogue.subjects where division_code = %s and n = %s", (division, number)
    ).fetchone()[0]


def facts_of(db: psycopg.Connection, warehouse: Any, subject_id: str, role: str = "analyst") -> Facts:
    """As the command reads them, but with what the test has changed."""
    with warehouse.connect() as connection:
        of = read_release(connection, R2)
    return read_facts(db, of, subject_id, reader_of(db, role))


def told(facts: Facts) -> str:
    """All that the report would say."""
    lines = [facts.name]
    for section in sections_of(facts):
        lines.append(section.title)
        for part in section.parts:
            lines += ["｜".join(row) for row in part.rows] if isinstance(part, Table) else [part]
    return "\n".join(lines)


def text_of(path: Path) -> set[str]:
    """Every text of a file, cell by cell."""
    if path.suffix == ".html":
        body = path.read_text(encoding="utf-8").partition("<body>")[2]
        found = {unescape(text) for text in re.findall(r">([^<>]+)<", body)}
    else:
        document = docx.Document(str(path))
        found = {paragraph.text for paragraph in document.paragraphs}
        found |= {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    return {text.strip() for text in found} - {""}


def uses(db: psycopg.Connection) -> list[tuple]:
    db.rollback()
    return db.execute("select * from reports.uses order by report_no").fetchall()


def test_word_and_html_say_the_same_and_the_use_is_on_record_with_their_hashes(db, tmp_path):
    penalised = subject(db, 2)
    word, page = write_report(penalised, **ASKED, output=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {word.name, page.name}
    assert {path.stat().st_mode & 0o777 for path in (word, page)} == {0o600}
    in_word, in_page = text_of(word), text_of(page)
    assert in_word - in_page == {"（一）企业信用评价（省级评价）", "（一）当日适用的措施", "（二）落实情况"}
    assert in_page - in_word == {"报告信息", "企业信用评价（省级评价）", "当日适用的措施", "落实情况"}
    assert {
        word.stem, "评优核查", "评优评先", "知识产权保护处", "分析人员（全省）", "2022-12-06", "2022-12-05 09:00", R2,
        "test", f"样例6号处罚公司（{penalised}）", "失信主体清单", "-10.00", "应当适用", "2022-04-13 起\n至 2023-03-01",
        "penalty（名称）：现在即可申请信用修复，修复后不再扣 10.00 分；在严重违法失信名单内的除外",
        "某市知识产权局", "· 本项目暂定",
    } <= in_page  # fmt: skip
    assert [text for text in in_page if text.startswith("限定：失信主体清单，不高于 C；辽知发〔2022〕4号 二(四)二")]
    (kept,) = db.execute(
        """select subject_id, release_id, reader, asked_by, reason, purpose, word_sha256, html_sha256,
               kept_until = (asked_at::date + interval '5 years')::date
           from reports.uses where report_no = %s""",
        (word.stem,),
    ).fetchall()
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (word, page)]
    assert kept == (penalised, R2, "analyst", "知识产权保护处", "评优核查", "评优评先", *hashes, True)


def test_the_sections_are_all_there_and_every_line_points_to_its_source(db, warehouse):
    facts = facts_of(db, warehouse, subject(db, 2))
    sections = {section.title: section for section in sections_of(facts)}
    assert list(sections) == [
        "基本信息", "信用评价", "荣誉和良好信息", "信用承诺", "双随机抽查", "行政处罚和其他不良信息", "名单",
        "奖惩措施", "信用修复和异议", "其他信用记录", "数据完整性", "暂定的规则", "来源",
    ]  # fmt: skip
    (sources,) = sections["来源"].parts
    number, *source = sources.rows[0]
    record_id, submission_id = db.execute(
        "select record_id, submission_id from catalogue.credit_records where dataset = 'penalties' and subject_id = %s",
        (facts.subject.subject_id,),
    ).fetchone()
    assert source == [
        "行政处罚（无条件共享）", record_id, "辽知罚〔2022〕6号", "某市知识产权局", "丹东市知识产权局",
        f"第 {submission_id} 件第 1 行",
    ]  # fmt: skip
    (penalties,) = sections["行政处罚和其他不良信息"].parts
    assert [row[:3] for row in penalties.rows] == [[number, "2022-03-01", "行政处罚"]]
    assert [row[0] for row in sections["名单"].parts[0].rows] == [number]
    assert [part.rows[1][-1] for part in sections["信用评价"].parts if isinstance(part, Table)] == [number]
    assert "代理机构和代理师备案" in {s.title for s in sections_of(facts_of(db, warehouse, subject(db, 3)))}


def test_the_same_question_gives_the_same_bytes_but_for_the_number(db, tmp_path):
    made = [write_report(subject(db, 1), **ASKED, output=tmp_path) for _ in range(2)]
    (word, page), (word_again, page_again) = made
    assert int(word_again.stem[-6:]) == int(word.stem[-6:]) + 1
    assert page.read_text().replace(page.stem, page_again.stem) == page_again.read_text()
    one, other = (
        {part.partname: part.blob for part in docx.Document(str(path)).part.package.iter_parts()}
        for path in (word, word_again)
    )
    differing = [name for name in one if one[name] != other[name]]
    assert differing == ["/word/document.xml"]
    assert one[differing[0]].replace(word.stem.encode(), word_again.stem.encode()) == other[differing[0]]


@pytest.mark.parametrize("role", ["analyst", "analyst_210600", "supervisor"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_nothing_in_it_depends_on_what_is_internal(db, warehouse, role, number):
    subject_id = subject(db, number)
    before = told(facts_of(db, warehouse, subject_id, role))
    assert not [word for word in INTERNAL if word in before]
    db.execute("delete from release_store.internal_grade_items")
    db.execute("update release_store.subject_grades set internal_score = 1, internal_grade_by_score = 'D'")
    db.execute("update release_store.subject_grades set internal_next_change_on = '2022-12-31'")
    db.execute("delete from catalogue.credit_records where is_internal")
    db.execute("delete from release_store.catalogue_coverage where dataset = 'general_risk_class'")
    assert told(facts_of(db, warehouse, subject_id, role)) == before


@pytest.mark.parametrize("role", ["analyst", "analyst_210600", "supervisor"])
def test_no_score_stands_beside_a_grade_for_which_the_general_class_counts(db, warehouse, role):
    withheld = "另依通用信用风险分类，分类结果与合计得分不公开"
    for number in (1, 2, 3, 4):
        text = told(facts_of(db, warehouse, subject(db, number), role))
        assert "；评价办法：LN-IPCREDIT" in text and "；得分：" not in text and text.count(withheld) == 1
        assert "base（名称）｜100.00" in text
    db.execute("update release_store.subject_grades set policy_id = 'PATENT-AGENCY-2023' where track = 'agency'")
    text = told(facts_of(db, warehouse, subject(db, 3), role))
    assert "等级：A；得分：100.00；评价办法：PATENT-AGENCY-2023 第 1 版" in text and withheld not in text


@pytest.mark.parametrize("role", ["analyst", "analyst_210600"])
def test_a_reader_is_shown_the_rows_and_columns_of_his_views(db, role):
    reader = reader_of(db, role)
    for table in _TABLES:
        shown = db.execute(_shown(db, R2, table, reader.division_code))
        columns, rows = [column.name for column in shown.description], sorted(map(repr, shown.fetchall()))
        db.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(role)))
        seen = db.execute(sql.SQL("select * from publication.{}").format(sql.Identifier(table)))
        assert (columns, rows) == ([c.name for c in seen.description], sorted(map(repr, seen.fetchall()))), table
        db.execute("reset session authorization")


def test_another_city_is_refused_and_what_was_reported_elsewhere_is_not_shown(db, warehouse):
    penalised = subject(db, 2)
    with pytest.raises(OutputError, match=f"没有 分析人员（沈阳市）可见的主体 {penalised}"):
        facts_of(db, warehouse, penalised, "analyst_210100")
    db.execute(
        "update release_store.credit_records set division_code = '210100' where subject_id = %s", (penalised,)
    )  # fmt: skip
    everywhere, at_home = (told(facts_of(db, warehouse, penalised, role)) for role in ("analyst", "analyst_210600"))
    assert "辽知罚〔2022〕6号" in everywhere and "辽知罚〔2022〕6号" not in at_home
    assert "只含丹东市的记录" in at_home and "只含" not in everywhere.replace("本报告只含目录内", "")


def test_what_may_not_be_shared_is_the_supervisor_s_alone_and_what_is_internal_nobody_s(db, warehouse):
    penalised = subject(db, 2)

    def who_is_told(of: str) -> set[str]:
        found = set()
        for role in ("analyst", "analyst_210600", "supervisor"):
            sections = {s.title: s.parts for s in sections_of(facts_of(db, warehouse, penalised, role))}
            if isinstance(part := sections["行政处罚和其他不良信息"][0], Table) and of in part.rows[0]:
                found.add(role)
        return found

    assert who_is_told("辽知罚〔2022〕6号") == {"analyst", "analyst_210600", "supervisor"}
    assert "honours_2022.csv" in told(facts_of(db, warehouse, penalised, "supervisor"))
    assert "honours_2022.csv" not in told(facts_of(db, warehouse, penalised))
    db.execute("update release_store.catalogue_items set sharing = '不予共享' where dataset = 'penalties'")
    assert who_is_told("辽知罚〔2022〕6号") == {"supervisor"}
    db.execute("update release_store.catalogue_items set disclosure = 'internal' where dataset = 'penalties'")
    assert who_is_told("辽知罚〔2022〕6号") == set()


@pytest.mark.parametrize(
    ("subject_id", "kind", "name", "analyst", "supervisor"),
    [
        ("92210600MA0TEST001", "uscc", "丹东张三水果商店", "丹东＊＊＊商店", "丹东张三水果商店"),
        ("92210600MA0TEST001", "uscc", "张三店", "张＊＊＊", "张三店"),
        ("P:hmac:0a", "person", "自然人", "自然人", "自然人"),
    ],
)
def test_sole_traders_are_named_in_part_wherever_their_name_stands(
    db, warehouse, subject_id, kind, name, analyst, supervisor
):
    penalised = subject(db, 2)
    for table in ("subjects", "credit_records", "subject_grades", "grade_items", "list_entries"):
        db.execute(
            sql.SQL("update release_store.{} set subject_id = %s where subject_id = %s").format(sql.Identifier(table)),
            (subject_id, penalised),
        )
    db.execute("update release_store.subjects set subject_name = %s, id_kind = %s where subject_id = %s",
               (name, kind, subject_id))  # fmt: skip
    db.execute("update release_store.credit_records set details = jsonb_build_object('facts', %s::text || '假冒专利')"
               " where subject_id = %s", (name, subject_id))  # fmt: skip
    db.execute(
        """insert into release_store.catalogue_fields (release_id, dataset, catalogue_code, field_no, field, header,
               field_type, is_required, personal)
           values (%s, 'penalties', 'LN-IP-05', 9, 'facts', '违法事实', 'text', false, 'never')""",
        (R2,),
    )
    for role, shown in (("analyst", analyst), ("supervisor", supervisor)):
        text = told(facts_of(db, warehouse, subject_id, role))
        assert text.startswith(f"{shown}\n") and f"违法事实：{shown}假冒专利" in text
        assert (name in text) == (shown == name)


def test_a_mask_that_keeps_nothing_of_the_end_does_not_print_the_name(db, warehouse):
    trader = "92210600MA0TEST001"
    db.execute("update release_store.subjects set subject_id = %s where subject_id = %s", (trader, subject(db, 2)))
    db.execute("update policy.publication_masks set keep_first = 1, keep_last = 0 where shown = 'masked'")
    for name, shown in (("丹东张三水果商店", "丹＊＊＊"), ("张三", "张＊＊＊"), ("张", "张＊＊＊")):
        db.execute("update release_store.subjects set subject_name = %s where subject_id = %s", (name, trader))
        assert facts_of(db, warehouse, trader).name == shown


def test_details_are_told_in_chinese_with_their_unit(db, warehouse):
    penalised = subject(db, 2)
    db.execute(
        """insert into release_store.catalogue_fields (release_id, dataset, catalogue_code, field_no, field, header,
               field_type, is_required, personal, codes)
           values (%(r)s, 'penalties', 'X', 5, 'kind', '处罚类别', 'code', true, 'never', 'fine=罚款、both=罚款、没收'),
               (%(r)s, 'penalties', 'X', 6, 'fine', '罚款金额（万元）', 'amount', false, 'never', null),
               (%(r)s, 'penalties', 'X', 7, 'heavy', '是否较重', 'boolean', false, 'never', null)""",
        {"r": R2},
    )
    db.execute(
        "update release_store.credit_records set details = %s where subject_id = %s",
        ('{"kind": "both", "fine": 120000.0, "heavy": false, "person_name": "hmac:1", "remarks": "张三"}', penalised),
    )
    assert "｜处罚类别：罚款、没收；罚款金额（元）：120000；是否较重：否\n" in told(facts_of(db, warehouse, penalised))


def test_a_record_taken_down_is_marked(db, warehouse):
    penalised = subject(db, 2)
    db.execute(
        """insert into release_store.withdrawals (release_id, withdrawn_id, withdrawn_kind, subject_id, division_code,
               withdrawn_on, reason)
           select release_id, record_id, 'record', subject_id, division_code, '2022-11-01', 'repaired'
           from release_store.credit_records where release_id = %s and subject_id = %s""",
        (R2, penalised),
    )
    assert "2022-11-01 起停止公示：信用修复" in told(facts_of(db, warehouse, penalised))


def test_what_the_data_says_is_text(db, warehouse, tmp_path):
    penalised = subject(db, 2)
    with warehouse.connect(autocommit=True) as connection:
        rename = "update release_store.subjects set subject_name = %s where subject_id = %s"
        connection.execute(rename, ("<script>x</script>&\u202e甲", penalised))
        word, page = write_report(penalised, **ASKED | {"reason": "<b>"}, output=tmp_path)
        connection.execute(rename, ("样例6号处罚公司", penalised))
    assert "<script" not in page.read_text() and "<b>" not in page.read_text()
    assert "<script>x</script>&甲" in text_of(word)


def test_the_day_of_a_kept_release_is_told_from_it(db, tmp_path):
    (_, page) = write_report(subject(db, 1), **ASKED, as_of=date(2022, 12, 5), output=tmp_path)
    assert {R1, "2022-12-05"} <= text_of(page) and R2 not in text_of(page)
    (_, page) = write_report(subject(db, 1), **ASKED, release_id=R1, output=tmp_path)
    assert R1 in text_of(page)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"subject_id": "91TEST0000TEST0000"}, "没有 分析人员（全省）可见的主体 91TEST0000TEST0000"),
        ({"reader": "anybody"}, "没有读者 anybody"),
        ({"release_id": "r1"}, "r1 不是可用的发布"),
        ({"by": " "}, "须写明使用单位或岗位"),
        ({"reason": "\n"}, "须写明"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line_and_leaves_nothing(db, tmp_path, changed, message):
    before = uses(db)
    with pytest.raises(OutputError, match=message) as caught:
        write_report(**{"subject_id": subject(db, 1), "output": tmp_path} | ASKED | changed)
    assert "\n" not in str(caught.value) and uses(db) == before and not list(tmp_path.iterdir())


def test_without_a_rule_for_its_term_no_use_is_recorded_and_no_report_made(db, warehouse, tmp_path):
    before = uses(db)
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("update policy.report_rules set status = 'no_rule'")
        with pytest.raises(OutputError, match="没有规定信用报告的使用记录保存多久"):
            write_report(subject(db, 1), **ASKED, output=tmp_path)
        connection.execute("update policy.report_rules set status = 'provisional'")
        connection.execute("alter table policy.report_rules rename to no_rules")
        with pytest.raises(OutputError, match="请先运行 ipcredit build"):
            write_report(subject(db, 1), **ASKED, output=tmp_path)
        db.rollback()
        connection.execute("alter table policy.no_rules rename to report_rules")
    assert uses(db) == before and not list(tmp_path.iterdir())


def test_the_use_is_on_record_even_if_the_file_cannot_be_written(db, tmp_path, monkeypatch):
    before = uses(db)

    def fail(path: Path, content: bytes, mode: int) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(report, "write_whole", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(subject(db, 1), **ASKED, output=tmp_path)
    assert len(uses(db)) == len(before) + 1 and not list(tmp_path.iterdir())


CHANGES = (
    "update reports.uses set reason = '改'",
    "delete from reports.uses",
    "truncate reports.uses",
)


@pytest.mark.parametrize("role", ["analyst", "analyst_210600", "supervisor", "ipcredit_publisher", "ipcredit_builder"])
def test_only_supervisors_read_the_log_and_no_role_changes_it(db, tmp_path, role):
    write_report(subject(db, 1), **ASKED, output=tmp_path)
    before = uses(db)
    attempts = (*CHANGES, "select * from reports.uses", "insert into reports.uses (report_no) values ('x')")
    db.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
    db.commit()
    try:
        for attempt in attempts:
            with pytest.raises(errors.InsufficientPrivilege):
                db.execute(attempt)
            db.rollback()
        if role == "supervisor":
            assert db.execute("select count(*) from reports.log").fetchone() == (len(before),)
            assert db.execute("select count(*) from publication.subjects").fetchone() == (60,)
        else:
            with pytest.raises(errors.InsufficientPrivilege):
                db.execute("select * from reports.log")
    finally:
        db.rollback()
        db.execute("reset session authorization")
        db.commit()
    assert uses(db) == before


def test_a_use_is_never_changed_and_goes_when_its_term_has_ended(db, tmp_path):
    write_report(subject(db, 1), **ASKED, output=tmp_path)
    before = uses(db)
    for change in CHANGES:
        with pytest.raises(errors.RaiseException, match="stays on record as it was"):
            db.execute(change)
        db.rollback()
    db.execute(
        """insert into reports.uses
           select 'XYBG-2010-00000' || n, 2010, n, subject_id, release_id, reader, asked_by, reason, purpose,
               '2010-03-01', word_sha256, html_sha256, ('2015-03-0' || n)::date, policy_id, policy_version
           from (select * from reports.uses limit 1) as u cross join generate_series(1, 2) as n"""
    )
    erase = retention._erase_uses
    assert [erase(db, day, dry_run=True) for day in (date(2015, 3, 1), date(2015, 3, 2), date(2999, 1, 1))] == [0, 1, 2]
    assert erase(db, date(2015, 3, 2), dry_run=False) == 1
    assert erase(db, date(2999, 1, 1), dry_run=False) == 1  # those whose term lasts today stay, whatever day is named
    assert uses(db) == before


def test_the_command_takes_who_why_and_whose_view(db, tmp_path):
    asked = ["report", subject(db, 2), "--reason", "核查", "--by", "执法监督处", "--output", str(tmp_path)]
    done = CliRunner().invoke(app, [*asked, "--as", "analyst_210600", "--as-of", "2022-12-05"])
    assert done.exit_code == 0, done.output
    assert {str(path) for path in tmp_path.iterdir()} == set(done.output.split())
    assert CliRunner().invoke(app, [*asked, "--as", "analyst_210100"]).exit_code == 1
    assert CliRunner().invoke(app, [*asked, "--as-of", "2021-01-01"]).exit_code == 1
    assert CliRunner().invoke(app, [*asked, "--as-of", "2022-12-05", "--release", R1]).exit_code == 2
