"""The lists for the public: who is on them on a day, how they are written, and that what was approved stays."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import psycopg
import pytest
from candidates import AS_OF, build_first_candidate, copy_candidate, pass_gate
from psycopg import errors, sql
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.build import dbt_environment, run_dbt
from ipcredit.cli import app
from ipcredit.database import connect
from ipcredit.outputs import OutputError
from ipcredit.outputs.public_lists import approve, current_editions, draft, overview, write_edition
from ipcredit.settings import TIME_ZONE

R1, R2 = "r20221205_0001", "r20221205_0002"
DAY = date.fromisoformat(AS_OF)
KINDS = ("csv", "json", "xlsx")
OWNER, SHOP, PERSON = "张三丰", "丹东市振兴区张三丰五金店", "P:hmac:0042"
SHOP_CODE = "92210603MATEST0042"
FORMULA = '=HYPERLINK("#x","x")公司'
TABLES = ("editions", "edition_files", "edition_entries", "edition_withdrawals")

# What happens between the two releases, in the hand-written tables below the published ones: of each bureau's penalised
# subject, of some honoured ones, and of some that come new.
CHANGES = """
update supervision.list_entries as e
set state = 'ended', is_shown = false, exit_reason = v.reason, left_on = v.left_on::date, ends_on = v.left_on::date - 1,
    publish_to = v.left_on::date - 1
from catalogue.subjects as s, (
    values
    ('210100', 2, 'repaired', '2022-12-02'), ('210300', 2, 'term_ended', '2022-12-02'),
    ('210500', 2, 'objection_upheld', '2022-12-05'), ('210100', 1, 'honour_lapsed', '2022-12-01'),
    ('210200', 1, 'negative_record', '2022-12-03')
) as v (division_code, n, reason, left_on)
where e.subject_id = s.subject_id and s.division_code = v.division_code and s.n = v.n;
insert into supervision.list_events
select md5('left' || e.entry_id), e.entry_id, e.subject_id, e.list_code, e.jurisdiction, 'left', e.left_on,
    e.exit_reason, '结' || e.exit_reason, '某机关', e.legal_basis, e.publish_from, e.publish_to, e.policy_id,
    e.policy_version, e.policy_status
from supervision.list_entries as e where e.state = 'ended';
update supervision.list_entries as e set is_shown = false, is_disputed = true
from catalogue.subjects as s where e.subject_id = s.subject_id and s.division_code = '210200' and s.n = 2;
delete from supervision.list_entries as e using catalogue.subjects as s
where e.subject_id = s.subject_id and s.division_code = '210400' and s.n = 2;
update supervision.list_entries as e set is_disputed = true
from catalogue.subjects as s where e.subject_id = s.subject_id and s.division_code = '210700' and s.n = 2;

insert into catalogue.subjects
select v.subject_id, v.subject_name, v.id_kind, true, false, null, false, '210600', date '2022-03-01',
    date '2022-03-01', 6, 9
from (
    values
    (%(shop_code)s, %(shop)s, 'uscc'), (%(person)s, '自然人', 'person'), ('91210600MATEST0001', %(formula)s, 'uscc'),
    ('91210600MATEST0002', '明日公司', 'uscc'), ('91210600MATEST0003', '末日公司', 'uscc'),
    ('91210600MATEST0004', '昨日公司', 'uscc'), ('91210600MATEST0005', '市级公司', 'uscc'),
    ('91210600MATEST0006', '严重公司', 'uscc')
) as v (subject_id, subject_name, id_kind);
insert into supervision.list_entries
select md5('new' || v.subject_id), v.subject_id, v.list_code, v.jurisdiction, 'LN-LISTS', 1, 'provisional',
    case v.list_code when 'red' then 'provincial_advantage' else 'malicious_trademark' end, v.first::date, v.last::date,
    null, 'active', null, md5('record' || v.subject_id), '=1+1', '辽宁省知识产权局', '国知发保字〔2022〕8号第六条(二)',
    case when v.list_code <> 'serious' then v.first::date end, case when v.list_code <> 'serious' then v.last::date end,
    false, v.list_code <> 'serious', date '2022-12-05'
from (
    values
    (%(shop_code)s, 'dishonest', '210000', '2022-12-05', '2023-12-05'),
    (%(person)s, 'dishonest', '210000', '2022-11-01', '2023-11-01'),
    ('91210600MATEST0001', 'dishonest', '210000', '2022-11-02', '2023-11-02'),
    ('91210600MATEST0002', 'dishonest', '210000', '2022-12-06', '2023-12-06'),
    ('91210600MATEST0003', 'dishonest', '210000', '2022-11-03', '2022-12-05'),
    ('91210600MATEST0004', 'dishonest', '210000', '2022-11-03', '2022-12-04'),
    ('91210600MATEST0005', 'red', '210600', '2022-11-03', '2023-11-03'),
    ('91210600MATEST0006', 'serious', '210000', '2022-11-03', '2025-11-03')
) as v (subject_id, list_code, jurisdiction, first, last);
"""


class Story(NamedTuple):
    """What was there when: drafts of the first release, the dishonest list's first edition, drafts of the second."""

    first_drafts: dict[str, bytes]
    first_edition: dict[str, bytes]
    drafts: dict[str, bytes]

    def content(self, list_code: str) -> dict[str, Any]:
        return json.loads(self.drafts[f"{list_code}_draft.json"])


def taken(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def story(warehouse) -> Iterator[Story]:
    """R1's lists are drafted and approved; then R2 is published, of which nothing is approved yet."""
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    first_drafts = taken(draft())
    first_edition = taken(approve(f"dishonest-{R1}", "知识产权保护处", "辽知公〔2022〕1号", DAY))
    approve(f"red-{R1}", "运用促进处", "辽知公〔2022〕1号", DAY)
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        psycopg.ClientCursor(connection).execute(
            CHANGES, {"shop_code": SHOP_CODE, "shop": SHOP, "person": PERSON, "formula": FORMULA}
        )
        connection.execute("drop table candidate.list_publications")
    run_dbt(
        "run", "--select", "published_list_publications", "--quiet",
        environment=dbt_environment(as_of=DAY, known_at=datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE), release_id=R2),
    )  # fmt: skip
    with warehouse.connect() as connection:
        pass_gate(connection, R2)
    release.publish(R2)
    yield Story(first_drafts, first_edition, taken(draft()))


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        yield connection


def subject(db: psycopg.Connection, division: str, n: int) -> tuple[str, str]:
    return db.execute(
        "select subject_id, subject_name from catalogue.subjects where division_code = %s and n = %s", (division, n)
    ).fetchone()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def texts(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)
    return [str(cell.value) for cell in cells]


# --- who is on the list -----------------------------------------------------------------------------------------------


def test_each_list_of_ours_has_a_draft_in_three_forms(story):
    expected = {f"{code}_draft.{kind}" for code in ("red", "dishonest") for kind in KINDS}
    assert set(story.first_drafts) == set(story.drafts) == expected


def test_the_first_draft_holds_whom_the_release_lists(story, db):
    for code, n in (("red", 1), ("dishonest", 2)):
        content = json.loads(story.first_drafts[f"{code}_draft.json"])
        listed = db.execute("select subject_id, subject_name from catalogue.subjects where n = %s", (n,)).fetchall()
        assert {(row["code"], row["name"]) for row in content["entries"]} == set(listed)
        assert (content["edition_no"], content["previous_edition_id"], content["approval"]) == (1, None, None)
        assert content["withdrawn"] == content["city_lists"] == []
        assert [row["line_no"] for row in content["entries"]] == list(range(1, 16))


def test_only_who_is_public_on_the_day_is_listed(story, db):
    gone = ("210100", "210200", "210300", "210400", "210500")
    stay = db.execute(
        "select subject_name from catalogue.subjects where n = 2 and division_code <> all(%s)", (list(gone),)
    ).fetchall()
    expected = {name for (name,) in stay} | {"丹东＊＊＊金店", "（名称不公示）", FORMULA, "末日公司"}
    assert {row["name"] for row in story.content("dishonest")["entries"]} == expected
    states = dict(
        db.execute(
            """select s.subject_name, p.publication_state from publication.list_publications as p
               inner join catalogue.subjects as s on p.subject_id = s.subject_id where s.n = 9"""
        ).fetchall()
    )
    assert states == {
        SHOP: "public", "自然人": "public", FORMULA: "public", "明日公司": "not_yet", "末日公司": "public",
        "昨日公司": "ended", "市级公司": "public",
    }  # fmt: skip


def test_an_entry_says_who_decided_what_on_which_ground_and_until_when(story, db):
    code, name = subject(db, "210700", 2)
    entry = next(row for row in story.content("dishonest")["entries"] if row["code"] == code)
    assert {key: value for key, value in entry.items() if key != "line_no"} == {
        "name": name, "code": code, "matter": "专利侵权", "document_no": "辽知罚〔2022〕1号",
        "authority": "辽宁省知识产权局", "publish_from": "2022-03-01", "publish_to": "2023-03-01",
        "legal_basis": "辽知发〔2022〕4号", "is_disputed": True,
    }  # fmt: skip
    line = next(row for row in rows(story.drafts["dishonest_draft.csv"]) if row["统一社会信用代码"] == code)
    assert (line["备注"], line["公示止"], line["状态"]) == ("异议处理中", "2023-03-01", "草稿：未经批准，不得公开")


def test_what_was_public_and_is_no_more_is_told_with_reason_and_last_day(story, db):
    lines = {row["code"]: row["line_no"] for row in json.loads(story.first_drafts["dishonest_draft.json"])["entries"]}
    found = story.content("dishonest")["withdrawn"]
    assert {
        row["previous_line_no"]: (row["reason"], row["withdrawn_from"], row["due_on"], row["document_no"])
        for row in found
    } == {
        lines[subject(db, "210100", 2)[0]]: ("信用修复", "2022-12-02", "2022-12-07", "结repaired"),
        lines[subject(db, "210200", 2)[0]]: ("异议处理期间暂停公示", "2022-12-05", "2022-12-08", None),
        lines[subject(db, "210300", 2)[0]]: ("公示期满", "2022-12-02", "2022-12-02", "结term_ended"),
        lines[subject(db, "210400", 2)[0]]: ("依据已变更或撤销", "2022-12-05", "2022-12-08", None),
        lines[subject(db, "210500", 2)[0]]: ("异议成立", "2022-12-05", "2022-12-08", "结objection_upheld"),
    }
    withdrawn = [row for row in rows(story.drafts["dishonest_draft.csv"]) if row["记录"] == "撤下"]
    assert {(row["序号"], row["撤下事由"]) for row in withdrawn} == {
        (f"上期 {row['previous_line_no']}", row["reason"]) for row in found
    }


def test_who_left_the_dishonest_list_is_not_named_again(story, db):
    assert {row["name"] for row in story.content("dishonest")["withdrawn"]} == {None}
    for kind in KINDS:
        shown = (
            texts(story.drafts["dishonest_draft.xlsx"])
            if kind == "xlsx"
            else [story.drafts[f"dishonest_draft.{kind}"].decode()]
        )
        for division in ("210100", "210200", "210300", "210400", "210500"):
            for word in subject(db, division, 2):
                assert not any(word in text for text in shown), (kind, word)


def test_who_left_the_red_list_is_named(story, db):
    lines = {row["code"]: row["line_no"] for row in json.loads(story.first_drafts["red_draft.json"])["entries"]}
    withdrawn = story.content("red")["withdrawn"]
    assert {(row["previous_line_no"], row["name"], row["reason"], row["due_on"]) for row in withdrawn} == {
        (lines[code], name, reason, due)
        for (code, name), reason, due in (
            (subject(db, "210100", 1), "荣誉到期", "2022-12-01"),
            (subject(db, "210200", 1), "列入负面名单或受较重处罚", "2022-12-07"),
        )
    }
    found = {row["名称"] for row in rows(story.drafts["red_draft.csv"]) if row["记录"] == "撤下"}
    assert found == {row["name"] for row in withdrawn}


def test_a_city_list_stands_beside_and_the_serious_list_is_not_ours(story):
    content = story.content("red")
    assert "市级公司" not in {row["name"] for row in content["entries"]}
    assert [(one["jurisdiction"], [row["name"] for row in one["entries"]]) for one in content["city_lists"]] == [
        ("丹东市", ["市级公司"])
    ]
    assert "市级公司" not in story.drafts["red_draft.csv"].decode()
    assert "严重公司" not in b"".join(story.drafts.values()).decode("utf-8", "ignore")
    with pytest.raises(OutputError, match=r"严重违法失信名单不由本系统公示：.*省市场监督管理局统一建立"):
        draft("serious")
    with pytest.raises(OutputError, match="没有名单 green 的公示规则"):
        draft("green")


# --- how it is written ------------------------------------------------------------------------------------------------


def test_sole_traders_and_persons_are_masked_in_every_form(story):
    entries = {row["name"]: row["code"] for row in story.content("dishonest")["entries"]}
    assert entries["丹东＊＊＊金店"] == "92210603＊＊＊42"
    assert entries["（名称不公示）"] is None
    for name, content in story.drafts.items():
        shown = texts(content) if name.endswith("xlsx") else [content.decode()]
        for word in (OWNER, SHOP, SHOP_CODE, PERSON, "hmac"):
            assert not any(word in text for text in shown), (name, word)


def test_nothing_internal_is_in_any_form(story, db):
    """Neither the general class nor our own keys."""
    keys = {key for (key,) in db.execute("select entry_id from release_store.list_publications").fetchall()}
    for name, content in story.drafts.items():
        shown = "\n".join(texts(content)) if name.endswith("xlsx") else content.decode()
        assert not any(word in shown for word in ("general", "通用", "风险分类", "grade", "得分")), name
        assert not any(key in shown for key in keys), name


def test_texts_that_look_like_formulas_are_none(story):
    book = openpyxl.load_workbook(io.BytesIO(story.drafts["dishonest_draft.xlsx"]))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert f"'{FORMULA}" in texts(story.drafts["dishonest_draft.xlsx"])
    line = next(row for row in rows(story.drafts["dishonest_draft.csv"]) if "HYPERLINK" in row["名称"])
    assert (line["名称"], line["决定文号"]) == (f"'{FORMULA}", "'=1+1")
    assert story.drafts["dishonest_draft.csv"].startswith(b"\xef\xbb\xbf")


def test_every_rule_is_cited_and_what_no_document_gives_is_called_provisional(story, db):
    found = story.content("dishonest")["rules"]
    assert {(rule["policy_id"], rule["status"]) for rule in found} == {
        ("LN-DISHONEST-LIST", "provisional"), ("LN-PUBLICATION", "provisional"), ("LN-MASKS", "provisional"),
    }  # fmt: skip
    assert all(rule["source"] for rule in found)
    assert "暂定" in texts(story.drafts["dishonest_draft.xlsx"])


def test_the_workbook_prints_on_a4_with_edition_state_and_page_numbers(story):
    book = openpyxl.load_workbook(io.BytesIO(story.drafts["red_draft.xlsx"]))
    assert book.sheetnames == ["公示名单", "撤下记录", "丹东市名单（并列）", "说明"]
    assert book["公示名单"]["A1"].value == "辽宁省知识产权局知识产权诚信“红名单”（第 2 期）"
    assert book["公示名单"]["A2"].value == "草稿：未经批准，不得公开"
    assert book["公示名单"].print_title_rows == "$5:$5"
    assert [cell.value for cell in book["公示名单"][5]][:5] == ["序号", "名称", "统一社会信用代码", "荣誉", "决定文号"]
    for sheet in book:
        assert (str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight) == ("9", 0), sheet.title
        assert all(word in sheet.oddHeader.right.text for word in (sheet.title, f"red-{R2}", "草稿"))
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


def test_a_draft_is_the_same_made_again_and_names_its_release(story):
    assert taken(draft()) == story.drafts
    content = story.content("red")
    assert (content["release_id"], content["as_of"], content["known_at"], content["code_commit"]) == (
        R2, AS_OF, "2022-12-05T09:00:00+08:00", "test",
    )  # fmt: skip


# --- what approval refuses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_whose_file_was_changed_or_lost_is_not_approved(story, warehouse, kind):
    path = warehouse.home / "outputs" / R2 / "lists" / f"dishonest_draft.{kind}"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(OutputError, match=rf"dishonest_draft\.{kind} 不在，或与发布不符"):
        approve(f"dishonest-{R2}", "知识产权保护处", "辽知公〔2022〕2号", DAY)
    path.unlink()
    with pytest.raises(OutputError, match=rf"dishonest_draft\.{kind} 不在，或与发布不符"):
        approve(f"dishonest-{R2}", "知识产权保护处", "辽知公〔2022〕2号", DAY)
    draft()


@pytest.mark.parametrize(
    ("edition_id", "by", "document_no", "on", "says"),
    [
        (f"dishonest-{R2}", " ", "文", DAY, "须写明岗位和文号"),
        (f"dishonest-{R2}", "处", "", DAY, "须写明岗位和文号"),
        (f"dishonest-{R2}", "处", "文", date(2022, 12, 4), "2022-12-04 早于评价基准日 2022-12-05"),
        (f"dishonest-{R2}", "处", "文", date(2022, 12, 6), r"有 1 条已过公示期，如序号 \d+，公示至 2022-12-05"),
        (f"dishonest-{R1}", "处", "辽知公〔2022〕1号", DAY, "已由 知识产权保护处 于 2022-12-05 批准.*批准不能改写"),
        (f"serious-{R2}", "处", "文", DAY, "不由本系统公示"),
        ("red-r20221205_0009", "处", "文", DAY, "不是可用的发布"),
        ("red", "处", "文", DAY, "不是草稿的编号"),
    ],
)
def test_what_may_not_be_approved(story, db, edition_id, by, document_no, on, says):
    with pytest.raises(OutputError, match=says):
        approve(edition_id, by, document_no, on)
    assert [one.edition_id for one in current_editions(db)] == [f"dishonest-{R1}", f"red-{R1}"]


def test_a_draft_of_a_release_that_is_not_current_is_not_approved(story, db):
    release.rollback(R1, "处", "试验")
    try:
        with pytest.raises(OutputError, match=f"{R2} 不是现行发布"):
            approve(f"red-{R2}", "处", "文", DAY)
    finally:
        release.rollback(R2, "处", "试验")
    assert [one.edition_id for one in current_editions(db)] == [f"dishonest-{R1}", f"red-{R1}"]


def test_a_release_of_an_older_program_gives_no_draft(story, db):
    """Its lists would look empty, and approving would take everybody down."""
    was = db.execute("select row_counts from release_store.releases where release_id = %s", (R2,)).fetchone()[0]
    change = "update release_store.releases set row_counts = %s where release_id = %s"
    older = {name: count for name, count in was.items() if name != "list_publications"}
    db.execute(change, (psycopg.types.json.Jsonb(older), R2))
    try:
        with pytest.raises(OutputError, match="由旧版程序发布"):
            approve(f"red-{R2}", "处", "文", DAY)
    finally:
        db.execute(change, (psycopg.types.json.Jsonb(was), R2))


def test_the_overview_says_what_is_due_and_what_is_late(story):
    assert overview() == [
        "知识产权诚信“红名单”（red）",
        f"  第 1 期 red-{R1}：15 条，运用促进处 辽知公〔2022〕1号 2022-12-05",
        f"  草稿 red-{R2}：13 条；新增 0 条；撤下 2 条，最早的期限 2022-12-01",
        "    已过撤下期限而仍公示：1 条",
        "知识产权失信主体清单（dishonest）",
        f"  第 1 期 dishonest-{R1}：15 条，知识产权保护处 辽知公〔2022〕1号 2022-12-05",
        f"  草稿 dishonest-{R2}：14 条；新增 4 条，最早的期限 2022-11-15；撤下 5 条，最早的期限 2022-12-02",
        "    已过公示期限而未公示：3 条",
        "    已过撤下期限而仍公示：1 条",
    ]


# --- what is approved stays -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def approved(story) -> dict[str, bytes]:
    """The second edition of the dishonest list."""
    return taken(approve(f"dishonest-{R2}", "知识产权保护处", "辽知公〔2022〕2号", DAY))


def test_an_approved_edition_is_its_draft_with_the_approval_on_it(story, approved):
    name = f"dishonest_{R2}"
    assert set(approved) == {f"{name}.{kind}" for kind in KINDS}
    given = {"approved_by": "知识产权保护处", "document_no": "辽知公〔2022〕2号", "approved_on": "2022-12-05"}
    assert json.loads(approved[f"{name}.json"]) == story.content("dishonest") | {"approval": given, "pending": None}
    said = "批准：知识产权保护处　文号：辽知公〔2022〕2号　批准日期：2022-12-05"
    assert {row["状态"] for row in rows(approved[f"{name}.csv"])} == {said}
    shown = texts(approved[f"{name}.xlsx"])
    assert said in shown and not any("草稿" in text for text in shown)


def test_approving_again_changes_nothing_and_a_superseded_edition_stays_superseded(approved, db):
    before = db.execute("select e::text from lists.editions as e order by 1").fetchall()
    assert taken(approve(f"dishonest-{R2}", "知识产权保护处", "辽知公〔2022〕2号", DAY)) == approved
    with pytest.raises(OutputError, match="为第 1 期，并已被后一期取代"):
        approve(f"dishonest-{R1}", "知识产权保护处", "辽知公〔2022〕1号", DAY)
    assert db.execute("select e::text from lists.editions as e order by 1").fetchall() == before
    assert db.execute(
        """select edition_id, edition_no, state, entries, withdrawn, previous_edition_id
           from publication.list_editions where list_code = 'dishonest' order by 2"""
    ).fetchall() == [
        (f"dishonest-{R1}", 1, "superseded", 15, 0, None),
        (f"dishonest-{R2}", 2, "current", 14, 5, f"dishonest-{R1}"),
    ]
    assert [one.edition_id for one in current_editions(db)] == [f"dishonest-{R2}", f"red-{R1}"]


def test_files_are_written_again_from_the_database_byte_for_byte(story, approved, warehouse, db):
    folder = warehouse.home / "outputs" / "lists"
    for edition_id, was in ((f"dishonest-{R1}", story.first_edition), (f"dishonest-{R2}", approved)):
        for path in folder.rglob(f"{edition_id.replace('-', '_')}*"):
            path.write_bytes(b"spoilt")
        assert taken(write_edition(edition_id)) == was
        sha256, content = db.execute(
            "select sha256, content from lists.editions where edition_id = %s", (edition_id,)
        ).fetchone()
        file = was[f"{edition_id.replace('-', '_')}.json"]
        assert (sha256, content) == (hashlib.sha256(file).hexdigest(), json.loads(file))
    assert taken(draft("dishonest")) == approved, "of an approved edition there is no draft any more"
    with pytest.raises(OutputError, match=f"没有批准过 red-{R2}"):
        write_edition(f"red-{R2}")


def test_the_folder_for_the_public_holds_editions_in_force_only(story, approved, warehouse):
    folder = warehouse.home / "outputs" / "lists"
    write_edition(f"dishonest-{R1}")
    of_the_public = {f"dishonest_{R2}.{kind}" for kind in KINDS} | {f"red_{R1}.{kind}" for kind in KINDS}
    assert {path.name for path in folder.iterdir() if path.is_file()} == of_the_public
    assert {path.name for path in (folder / "superseded").iterdir()} == set(story.first_edition)


@pytest.mark.parametrize("role", [None, "ipcredit_publisher", "ipcredit_builder", "ipcredit_loader", "analyst"])
@pytest.mark.parametrize("table", TABLES)
def test_nobody_changes_what_was_approved(approved, warehouse, role, table):
    """Not even the owner of the tables, by a statement of these kinds."""
    name = sql.Identifier("lists", table)
    before = warehouse.connect().execute(sql.SQL("select t::text from {} as t order by 1").format(name)).fetchall()
    with warehouse.connect(autocommit=True) as attacker:
        if role:
            attacker.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        for statement in ("update {} set edition_id = 'x'", "delete from {}", "truncate {} cascade"):
            with pytest.raises((errors.InsufficientPrivilege, errors.RaiseException)) as refused:
                attacker.execute(sql.SQL(statement).format(name))
            assert role is None or isinstance(refused.value, errors.InsufficientPrivilege)
        if role not in (None, "ipcredit_publisher"):
            for statement in ("select 1 from {}", "insert into {} default values"):
                with pytest.raises(errors.InsufficientPrivilege):
                    attacker.execute(sql.SQL(statement).format(name))
    after = warehouse.connect().execute(sql.SQL("select t::text from {} as t order by 1").format(name)).fetchall()
    assert after == before


def test_an_edition_with_a_wrong_hash_or_a_number_used_is_not_kept(approved, db):
    copied = """insert into lists.editions select 'red-x', 'red', {no}, release_id, as_of, null, {content}, sha256,
        approved_by, document_no, approved_on, now() from lists.editions where edition_no = 2"""
    with pytest.raises(errors.CheckViolation):
        db.execute(copied.format(no=2, content="content || '{\"entries\": []}'"))
    with pytest.raises(errors.UniqueViolation):
        db.execute(copied.format(no=2, content="content").replace("'red'", "'dishonest'"))
    with pytest.raises(errors.CheckViolation):
        db.execute(
            "insert into lists.edition_files values (%s, 'more.csv', 'a', encode(sha256('b'), 'hex'))",
            (f"dishonest-{R2}",),
        )


def test_logs_are_published_and_a_city_reads_its_own(approved, warehouse, db):
    def seen(role: str, query: str) -> list[Any]:
        with warehouse.connect(autocommit=True) as reader:
            reader.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
            return reader.execute(query).fetchall()

    withdrawals = """select division_code, reason, withdrawn_from::text, due_on::text, is_late
                     from publication.list_edition_withdrawals order by 1"""
    assert seen("analyst", withdrawals) == [
        ("210100", "repaired", "2022-12-02", "2022-12-07", False),
        ("210200", "suspended", "2022-12-05", "2022-12-08", False),
        ("210300", "term_ended", "2022-12-02", "2022-12-02", True),
        ("210400", "annulled", "2022-12-05", "2022-12-08", False),
        ("210500", "objection_upheld", "2022-12-05", "2022-12-08", False),
    ]
    assert [row[0] for row in seen("analyst_210300", withdrawals)] == ["210300"]
    entries = "select edition_id, count(*) from publication.list_edition_entries group by 1 order by 1"
    assert seen("analyst", entries) == [(f"dishonest-{R1}", 15), (f"dishonest-{R2}", 14), (f"red-{R1}", 15)]
    assert seen("analyst_210300", entries) == [(f"dishonest-{R1}", 1), (f"red-{R1}", 1)]
    assert seen("analyst_210600", entries) == [(f"dishonest-{R1}", 1), (f"dishonest-{R2}", 5), (f"red-{R1}", 1)]


def test_commands_say_what_they_wrote_and_refuse_in_one_line(approved):
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["lists", *arguments])

    assert {Path(line).name for line in run("draft").output.split()} == {
        f"{stem}.{kind}" for stem in ("red_draft", f"dishonest_{R2}") for kind in KINDS
    }
    again = run("approve", f"red-{R2}", "--by", "处", "--document", "辽知公〔2022〕3号", "--on", "2022-12-05")
    assert {Path(line).name for line in again.output.split()} == {f"red_{R2}.{kind}" for kind in KINDS}
    assert run("show").output.splitlines()[1] == f"  第 2 期 red-{R2}：13 条，处 辽知公〔2022〕3号 2022-12-05"
    assert {Path(line).name for line in run("write", f"red-{R2}").output.split()} == {f"red_{R2}.{k}" for k in KINDS}
    refused = run("draft", "--list", "serious")
    assert refused.exit_code == 1 and refused.output.count("\n") == 1
    with connect() as connection:  # as in a warehouse of an earlier version that nothing was built in since
        connection.execute("alter table policy.publication_rules rename to aside")
    refused = run("draft")
    with connect() as connection:
        connection.execute("alter table policy.aside rename to publication_rules")
    assert (refused.exit_code, refused.output) == (1, "公示规则尚未装入，请先运行 ipcredit build。\n")
