"""A grade explains itself to each reader as far as he may know; what may be granted is one quick question."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from psycopg import sql
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.build import BuildError
from ipcredit.cli import app
from ipcredit.explain import explain
from ipcredit.intake.rules import issue_types
from ipcredit.outputs import OutputError
from ipcredit.outputs import explain as outputs
from ipcredit.outputs.checks import QUERY, WrongSubject, ask, check

R1, R2 = "r20221205_0001", "r20221206_0002"
UNKNOWN = "91350100M000100Y43"
"""A code whose check digit holds, of nobody."""
PERSON = "P:hmac:" + "0a" * 32


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """R1 of 5 December; R2 of the 6th is current, in which the honoured of Dandong have lost a grade."""
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        connection.execute("update release_store.releases set as_of = as_of + 1 where release_id = %s", (R2,))
        connection.execute(
            "update candidate.subject_grades set grade = 'B' where division_code = '210600' and grade = 'A'"
        )
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


def told(db: psycopg.Connection, subject_id: str, **reader: bool) -> str:
    return outputs.explain(db, subject_id, outputs.of_release(db), **reader)


def act_as(db: psycopg.Connection, role: str) -> None:
    db.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(role)))


def test_the_supervisor_is_told_every_item_with_rule_points_clause_record_file_and_row(db):
    lines = told(db, subject(db, 2), supervisor=True)
    assert "主管用，含内部信息，不得外传" in lines
    assert "等级 C，得分 90.00；LN-IPCREDIT 第 1 版（系统暂定）" in lines
    assert "内部得分 90.00，按分数 A" in lines
    assert "限定：失信主体清单，不高于 C；辽知发〔2022〕4号 二(四)二：失信主体清单" in lines
    assert "2. class_a（名称） +0.00" in lines
    assert "3. penalty（名称） -10.00；本项目暂定（系统暂定）" in lines
    assert "自 2022-05-10 起计，计至 2025-05-10" in lines
    assert "辽知罚〔2022〕6号，某市知识产权局，丹东市知识产权局，报送件" in lines
    assert "第 1 行，honours_2022.csv" in lines
    assert "下一次变化：2025-03-01" in lines
    assert "失信主体清单（辽宁省）：2022-03-01 列入，在列，至 2023-03-01；辽知罚〔2022〕1号，辽宁省知识产权局" in lines
    assert "惩戒 F09 失信惩戒：重点监管、提高检查频次（应当适用，辽宁省）：按失信主体清单，至 2023-03-01" in lines


def test_what_changes_next_names_the_lapse_and_the_first_day_of_a_repair(db):
    lines = told(db, subject(db, 2))
    assert "2025-05-10 的次日起，penalty（名称）（-10.00）不再计" in lines
    assert "penalty（名称）：现在即可申请信用修复，修复后不再扣 10.00 分；在严重违法失信名单内的除外" in lines
    assert "下一次变化：2025-03-02\n" in lines, "what changes that day is not known"
    db.execute("update release_store.subject_grades set next_change_on = '2023-03-02'")
    assert "下一次变化：2023-03-02，失信主体清单（辽宁省）期满\n" in told(db, subject(db, 2))
    db.execute("update release_store.subject_grades set next_change_on = '2023-05-01'")
    assert "下一次变化：2023-05-01，专利代理信用评价（专利代理机构）施行\n" in told(db, subject(db, 3))
    # Six months from 6 June are over on the 7th of December: one day after the day judged.
    db.execute("update release_store.grade_items set event_date = '2022-06-06' where item_kind = 'event'")
    assert "penalty（名称）：最早 2022-12-07 可申请信用修复" in told(db, subject(db, 2))
    db.execute("update release_store.grade_items set event_date = '2022-06-05' where item_kind = 'event'")
    assert "penalty（名称）：现在即可申请信用修复" in told(db, subject(db, 2))
    # The last repair was granted on 6 December 2021: a year after it is over on the 7th.
    db.execute("update release_store.repairs set repair_result = 'granted', decided_on = '2021-12-06'")
    assert "penalty（名称）：最早 2022-12-07 可申请信用修复" in told(db, subject(db, 2))
    view = "select max(repairable_from)::text from publication.grade_explanations where subject_id = %s"
    assert db.execute(view, (subject(db, 2),)).fetchone() == ("2022-12-07",)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_no_score_stands_beside_a_grade_for_which_the_general_class_counts(db, number):
    """An A by its points that is a B would tell the class; so no subject of this policy has its score shown."""
    subject_id, withheld = subject(db, number), "另依通用信用风险分类，分类结果与合计得分不公开"
    lines = told(db, subject_id)
    assert "LN-IPCREDIT 第 1 版" in lines and lines.count(withheld) == 1 and "，得分" not in lines
    assert "1. base（名称） 100.00" in lines
    supervisors = told(db, subject_id, supervisor=True)
    assert "，得分" in supervisors and "内部得分" in supervisors and withheld not in supervisors
    db.execute("update release_store.subject_grades set policy_id = 'PATENT-AGENCY-2023'")
    lines = told(db, subject_id)
    assert "，得分" in lines and withheld not in lines


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_analyst_is_told_the_same_whatever_the_internal_class_is(db, number):
    """Neither the text nor the view depends on any internal item, score, count or date."""
    subject_id = subject(db, number)
    view = "select * from publication.grade_explanations as e where e.subject_id = %s order by 3, 4, 7"

    def seen() -> tuple:
        return told(db, subject_id), db.execute(view, (subject_id,)).fetchall()

    before, internal = seen(), told(db, subject_id, supervisor=True)
    db.execute("delete from release_store.internal_grade_items")
    db.execute(
        """update release_store.subject_grades set internal_score = 1, internal_grade_by_score = 'D',
               internal_next_change_on = '2022-12-31'"""
    )
    db.execute("update catalogue.credit_records set document_no = 'odd' where is_internal")
    assert seen() == before
    assert told(db, subject_id, supervisor=True) != internal
    assert "内部" not in before[0]
    assert "honours_2022.csv" not in before[0]


def test_the_view_explains_each_grade_by_items_that_add_up_and_the_rule_that_limits_it(db):
    act_as(db, "analyst")
    penalised = db.execute(
        """select e.item_no, e.item_kind, e.rule_code, e.explanation, e.repairable_from::text, e.lapses_on::text,
                   e.row_number
               from publication.grade_explanations as e
               inner join publication.list_entries as l on e.subject_id = l.subject_id and l.list_code = 'dishonest'
               where e.division_code = '210600' order by e.item_no"""
    ).fetchall()
    assert penalised == [
        (1, "base", "base", "base（名称） 100.00", None, None, None),
        (
            2, "event", "penalty", "penalty（名称）：-10.00 分，依据 辽知罚〔2022〕6号，计至 2025-05-10",
            "2022-11-11", "2025-05-11", 1,
        ),
        (None, "override", "on_dishonest_list", "在失信主体清单上，不高于 C", None, None, None),
    ]  # fmt: skip
    assert db.execute(
        """select count(*) from publication.subject_grades as g
           where g.score is distinct from (
               select sum(e.points) from publication.grade_explanations as e
               where e.subject_id = g.subject_id and e.track = g.track)"""
    ).fetchone() == (0,)
    db.execute("reset session authorization")
    act_as(db, "analyst_210600")
    assert db.execute("select distinct division_code from publication.grade_explanations").fetchall() == [("210600",)]


def test_another_day_is_told_from_the_release_kept_of_it(db):
    honoured = subject(db, 1)
    assert R2 in told(db, honoured) and "等级 B" in told(db, honoured)
    earlier = explain(honoured, date(2022, 12, 5))
    assert f"评价基准日 2022-12-05；发布 {R1}" in earlier and "等级 A" in earlier


@pytest.fixture
def known_until_2025(warehouse) -> Iterator[None]:
    """What the last build left: by which day it knew its policies."""
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(
            """create table grading.judged_state as select date '2022-12-05' as as_of, date '2025-03-01' as known_day;
               create table catalogue.unjudged_subjects (subject_id text)"""
        )
        yield
        connection.execute("drop table grading.judged_state, catalogue.unjudged_subjects")


APART = "没有保留该日的发布，按最近一次生成的数据另行评判，规则录入截至 2025-03-01"


def test_a_day_without_a_release_is_judged_apart(db, warehouse, known_until_2025, monkeypatch):
    """Here the judgement is a copy of the last one; what is told is its, without what is internal."""

    @contextmanager
    def copied(prefix: str, as_of: date, known_at: datetime) -> Iterator[None]:
        assert (as_of, f"{known_at:%Y-%m-%d}") == (date(2025, 3, 1), "2025-03-01")
        with warehouse.connect(autocommit=True) as connection:
            for schema, tables in (
                ("grading", ("subject_grades", "score_items")),
                ("supervision", ("list_entries", "measures_in_force", "repairs")),
            ):
                connection.execute(f"create schema {prefix}{schema}")
                for table in tables:
                    connection.execute(f"create table {prefix}{schema}.{table} as table {schema}.{table}")
            yield
            connection.execute(f"drop schema {prefix}grading, {prefix}supervision cascade")

    monkeypatch.setattr("ipcredit.explain.judged_apart", copied)
    penalised, day = subject(db, 2), date(2025, 3, 1)
    lines = explain(penalised, day)
    assert f"评价基准日 2025-03-01；{APART}" in lines
    assert "等级 C；LN-IPCREDIT" in lines and "2. penalty（名称） -10.00" in lines and "内部" not in lines
    assert "2. class_a（名称） +0.00" in explain(penalised, day, supervisor=True)


def test_without_a_build_no_other_day_can_be_judged(db):
    with pytest.raises(BuildError, match="that day cannot be judged"):
        explain(subject(db, 2), date(2023, 6, 1))


@pytest.mark.full
def test_a_day_judged_apart_leaves_nothing_behind(db, known_until_2025):
    schemas = "select array_agg(nspname order by nspname) from pg_namespace"
    before = db.execute(schemas).fetchone()
    lines = explain(subject(db, 2), date(2025, 3, 1))
    # The penalty of 1 March 2022 counts for 36 months: this is its last day.
    assert APART in lines and "等级 A；LN-IPCREDIT" in lines and "计至 2025-03-01" in lines and "内部" not in lines
    assert db.execute(schemas).fetchone() == before


def test_who_is_nowhere_is_not_explained(db):
    with pytest.raises(OutputError, match="没有评价、名单和措施"):
        told(db, "91TEST0000TEST0000")


def test_the_commands_take_a_code(db):
    penalised = subject(db, 2)
    done = CliRunner().invoke(app, ["explain", penalised])
    assert done.exit_code == 0 and "等级 C" in done.output and "内部" not in done.output
    assert "内部得分" in CliRunner().invoke(app, ["explain", penalised, "--as", "supervisor"]).output
    assert CliRunner().invoke(app, ["explain", penalised, "--as", "anybody"]).exit_code == 2
    assert "受限" in CliRunner().invoke(app, ["check", penalised, "--matter", "监管检查"]).output
    assert CliRunner().invoke(app, ["check", penalised, "--matter", "不存在的事项"]).exit_code == 2


@pytest.mark.parametrize(
    ("number", "matter", "verdict", "codes"),
    [
        (1, None, "未受限制，可享受激励", ["F01"]),
        (2, None, "受限：有应当适用的惩戒措施", ["F09"]),
        (2, "监管检查", "受限：有应当适用的惩戒措施", ["F09"]),
        (2, "给予支持", "未受限制", []),
        (4, None, "未受限制", []),
    ],
)
def test_a_check_says_what_may_be_granted(db, number, matter, verdict, codes):
    # F10 of Shenyang does not reach Dandong; its class is there to be asked for all the same.
    db.execute("update release_store.measures set measure_class = '给予支持' where measure_code = 'F04'")
    found = ask(db, subject(db, number), matter)
    assert (found.verdict, [measure.measure_code for measure in found.measures]) == (verdict, codes)


def test_a_check_of_an_unknown_code_a_discretionary_and_a_disputed_ground(db):
    assert check(UNKNOWN).verdict == "没有该主体的信用信息，不能据此判断"
    penalised = subject(db, 2)
    db.execute("update release_store.measures_in_force set is_discretionary = true, is_disputed = true")
    found = ask(db, penalised)
    assert found.verdict == ("从严：有可以适用的惩戒措施，由办理单位视情况决定；部分依据在异议处理中，适用前请核对")
    assert "（可以适用，210000）：按失信主体清单，至 2023-03-01；依据的记录在异议处理中" in str(found)


def test_a_check_takes_a_code_as_people_type_it_and_persons_as_they_are_kept(db):
    penalised = subject(db, 2)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in penalised)
    for typed in (f" {penalised.lower()}\n", wide, f"{penalised[:8]} {penalised[8:]}"):
        found = ask(db, typed)
        assert (found.subject_id, found.verdict) == (penalised, "受限：有应当适用的惩戒措施")
    db.execute("update release_store.subjects set subject_id = %s where subject_id = %s", (PERSON, penalised))
    db.execute("update release_store.measures_in_force set subject_id = %s where subject_id = %s", (PERSON, penalised))
    assert ask(db, f" {PERSON}").verdict == "受限：有应当适用的惩戒措施"
    # A person nobody told of is unknown, no wrong input.
    assert not ask(db, "P:hmac:" + "0" * 64).is_known


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("abc", f"输入的是 3 位。应为：{issue_types()['bad_uscc'].expectation}"),
        ("丹东示例公司", f"输入的是 6 位。应为：{issue_types()['bad_uscc'].expectation}"),
        ("", "输入的是 0 位"),
        ("91210600MA0TEXT001", f"校验位不符。应为：{issue_types()['uscc_check_digit'].expectation}"),
        ("91210600MA0TESTI01", issue_types()["bad_uscc"].expectation),
        ("210603199003071234", "自然人按主体编号（P:hmac:…）核查，不用证件号码"),
        ("P:hmac:12", "自然人的主体编号应为 P:hmac: 和 64 位十六进制数字"),
    ],
)
def test_a_check_of_what_names_nobody_is_refused_in_words(db, typed, said):
    with pytest.raises(WrongSubject) as refused:
        ask(db, typed)
    assert said in str(refused.value) and not (typed and typed in str(refused.value))


def test_the_exit_code_of_a_check_tells_the_answer(db):
    def code_of(*words: str) -> int:
        return CliRunner().invoke(app, ["check", *words]).exit_code

    assert code_of(subject(db, 1)) == 0 and code_of(subject(db, 2)) == 3 and code_of(UNKNOWN) == 4
    assert code_of("abc") == 2 and code_of(subject(db, 2), "--matter", "不存在的事项") == 2
    done = CliRunner().invoke(app, ["check", "91210600MA0TEXT001"])
    assert done.exit_code == 2 and "校验位不符" in done.output and "未受限制" not in done.output
    told = " ".join(CliRunner().invoke(app, ["check", "--help"]).output.split())
    assert all(part in told for part in ("Exit code 0", "1:", "2:", "3:", "4:"))


def test_a_check_reads_by_the_key_of_the_current_release_only(db):
    for release_id in (R1, R2):
        table = sql.Identifier(f"release_{release_id}", "measures_in_force")
        db.execute(
            sql.SQL(
                """insert into {0} select r.* from (select to_jsonb(m) as row from {0} as m limit 1) as m
                   cross join generate_series(1, 20000) as n
                   cross join lateral jsonb_populate_record(
                       null::{0}, m.row || jsonb_build_object('subject_id', 'S' || n)
                   ) as r"""
            ).format(table)
        )
        db.execute(sql.SQL("analyze {}").format(table))
    act_as(db, "analyst")
    plan = "\n".join(line for (line,) in db.execute(f"explain (analyze, costs off) {QUERY}", ("S777",)).fetchall())
    scans = [line.strip() for line in plan.splitlines() if "Scan" in line and " on measures_in_force s_" in line]
    assert len(scans) == 2 and all("Index Scan" in scan for scan in scans), plan
    assert [("never executed" in scan) for scan in scans].count(True) == 1, plan
