"""Whose name may stand in clear, and the key of the hash that stands for the others."""

import ast
import re

import pytest

from ipcredit.intake import personal
from ipcredit.intake.personal import names_legal_person, names_organisation
from ipcredit.settings import DBT_PROJECT, get_settings

ORGANISATIONS = {
    "company": "91210600MA0ABCDEX1",
    "law firm": "31210000MD0123456Y",
    "institution": "12210000463456789H",
    "army": "A1210000MB0123456X",
    "lower case, full width": "９１210600ma0abcdex1",
}
OTHERS = {
    "identity card": "210602198001011234",
    "identity card ending in X": "21060219800101123X",
    "a letter that is not used": "91210600MA0ABCDEO1",
    "one character short": "91210600MA0ABCDEX",
    "nothing": "",
}


@pytest.mark.parametrize("code", ORGANISATIONS.values(), ids=ORGANISATIONS)
def test_a_code_of_an_organisation_keeps_its_name(code):
    assert names_legal_person(code)


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_anything_else_is_taken_for_a_person(code):
    assert not names_legal_person(code)


def test_what_judging_takes_off_a_code_is_taken_off_before_it_is_looked_at():
    """Else a number that was told from a code here becomes one there."""
    macros = (DBT_PROJECT / "macros" / "staging" / "cleaning.sql").read_text(encoding="utf-8")
    (listed,) = re.findall(r"translate\(\{\{ expression \}\}, E'(.*)', ''\)", macros)
    taken = ast.literal_eval(f'"{listed}"'.replace("''", "'"))
    assert {"'", "`", "‘", "\u200b", "\ufeff", "\u2028", " "} < set(taken)
    assert [character for character in taken if personal.normalise(f"2{character}1") != "21"] == []


# --- names without a code beside them ---------------------------------------------------------------------------------

ORGANISATION_NAMES = """
丹东示例商贸有限公司
普示（大连）科技有限公司
丹东示例商贸有限公司沈阳分公司
辽宁示例律师事务所
辽宁示例会计师事务所（特殊普通合伙）
沈阳示例专利代理事务所(普通合伙)
振兴区老王五金店
宽甸满族自治县青山沟镇示例农家院
元宝区好又来大药房（六道口分店）
中国科学院沈阳示例研究所
丹东市市场监督管理局
东港市示例镇中心小学校
凤城市示例农民专业合作社
丹东市示例行业协会
SAMPLE ELECTRONICS CO., LTD.
Sample Trading Inc
Beispiel GmbH
株式会社サンプル
""".strip().splitlines()
PEOPLES_NAMES = """
王五
王小五
欧阳建国
王店
司马会所
阿卜杜拉·买买提
阿依努尔•买买提江某某店
JOHN SMITH
Parag Joshi
Joshi Parag
佐藤太郎
张三（系某公司员工）
张三（丹东示例商贸有限公司）
张三，丹东示例商贸有限公司
张三、李四
张三 丹东示例商贸有限公司
张三　丹东示例商贸有限公司
丹东示例商贸有限公司（张三）
丹东示例商贸有限公司法定代表人张三
振兴区老王五金店（王五）
振兴区老王五金店（经营者：王五）
经营者王五振兴区老王五金店
王五经营的振兴区五金店
张三/丹东示例商贸有限公司
张三等3人示例经营部
王五商店
""".strip().splitlines()


@pytest.mark.parametrize("name", ORGANISATION_NAMES)
def test_the_name_of_an_organisation_stays_in_clear(name):
    assert names_organisation(name)


@pytest.mark.parametrize("name", [*PEOPLES_NAMES, "", " "])
def test_a_name_that_may_be_a_persons_does_not(name):
    assert not names_organisation(name)


@pytest.mark.parametrize(
    ("row", "may"),
    [
        (["填表人：李四", "电话：0415-1234567"], True),
        (["填表人", "", "李四", "填表日期", "2022-12-01"], True),
        (["单位负责人", "王五"], True),
        (["备注", "13912345678"], True),
        (["填表人：", "", "审核人："], True),  # in doubt: what follows a label is taken for a name
        (["填表人", "", "审核人", "", "联系电话", ""], False),
        (["报送单位", "丹东市知识产权局", "报送期间", "2022Q3"], False),
        (["合计", "12", "34000"], False),
        (["注：以上数据截至月末"], False),
    ],
)
def test_rows_beside_the_data_that_may_tell_of_people(row, may):
    assert personal.may_tell_of_people(row) is may


# --- the key ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings_of(monkeypatch, tmp_path):
    """A function that sets the environment's settings, these and no others."""

    def set_them(**variables):
        for name in ("IPCREDIT_DATABASE_URL", "IPCREDIT_PERSON_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("IPCREDIT_HOME", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        personal._key.cache_clear()

    return set_them


URL = "postgresql://ipcredit:secret@db.example/ipcredit"


def test_an_external_database_needs_the_key(settings_of, tmp_path):
    for nothing in ({}, {"IPCREDIT_PERSON_KEY": ""}):
        settings_of(IPCREDIT_DATABASE_URL=URL, **nothing)
        with pytest.raises(personal.PersonKeyError, match="IPCREDIT_PERSON_KEY is not set"):
            personal.keyed_hash("person_name", "王五")
    assert not (tmp_path / "person.key").exists()


@pytest.mark.parametrize("where", [{}, {"IPCREDIT_DATABASE_URL": URL}])
def test_a_key_that_could_be_found_by_trying_is_refused(settings_of, where):
    settings_of(IPCREDIT_PERSON_KEY="fifteen letters", **where)
    with pytest.raises(personal.PersonKeyError, match="shorter than 16"):
        personal.keyed_hash("person_name", "王五")
    settings_of(IPCREDIT_PERSON_KEY="sixteen letters!", **where)
    assert personal.keyed_hash("person_name", "王五").startswith("hmac:")


def test_the_embedded_server_keeps_a_key_of_its_own(settings_of, tmp_path):
    settings_of()
    assert personal.keyed_hash("person_name", "王五") == personal.keyed_hash("person_name", " 王 五")
    assert personal.keyed_hash("person_name", "O'Brien") != personal.keyed_hash("person_name", "OBrien")
    assert (tmp_path / "person.key").exists()
