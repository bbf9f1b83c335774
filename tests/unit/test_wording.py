"""Sentences that stay true: none, one, many; up, down, equal; a first year; missing, not whole, provisional."""

from decimal import Decimal

import pytest

from ipcredit.outputs.figures import Figure, part_name, percent, read_definitions
from ipcredit.outputs.wording import (
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
    shown,
    there,
    units,
)

NAMES = {"01": "甲市", "02": "乙市", "03": "丙市", "04": "丁市", "05": "戊市", "06": "己市"}


def figure(value: str | int | None, unit: str = "户", **others) -> Figure:
    missing = None if value is not None else "没有报送"
    number = None if value is None else Decimal(value)
    return Figure("k", "01", "标签", unit, number, 0, missing=missing, **others)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("1.50", "1.5"),
        ("2310", "2310"),
        ("99.995", "100"),
        ("-0.001", "0"),
        ("0.10", "0.1"),
        ("100", "100"),
    ],
)
def test_shown(value, text):
    assert shown(Decimal(value)) == text


@pytest.mark.parametrize(
    ("verb", "value", "text"),
    [
        ("作出", 0, "未作出处罚"), ("作出", 1, "作出处罚1件"), ("作出", 164, "作出处罚164件"),
        ("作出", None, "作出处罚的数据暂缺（没有报送）"), (None, 0, "没有处罚"), (None, 2, "处罚2件"),
        (None, None, "处罚的数据暂缺（没有报送）"),
    ],
)  # fmt: skip
def test_did(verb, value, text):
    told = there("处罚", figure(value, "件")) if verb is None else did(verb, "处罚", figure(value, "件"))
    assert told == text


@pytest.mark.parametrize(
    ("whole", "parts", "text"),
    [
        (5, [("企业", 3), ("机构", 2), ("代理师", 0)], "，其中企业3户、机构2户"),
        (45, [(str(n), n) for n in range(9, 0, -1)], "，其中" + "、".join(f"{n}{n}户" for n in range(9, 1, -1)) + "等"),
        (3, [("企业", 3), ("机构", 0)], "，均为企业"),
        (1, [("企业", 1)], "，为企业"),
        (4, [("企业", 3)], "，其中企业3户"),
        (4, [("企业", None)], ""), (0, [("企业", 0)], ""), (None, [("企业", None)], ""),
    ],
)  # fmt: skip
def test_divided(whole, parts, text):
    assert divided(figure(whole), [(name, figure(value)) for name, value in parts]) == text


@pytest.mark.parametrize(
    ("whole", "reached", "text"),
    [
        (None, None, "骨干机构的数据暂缺（没有报送），覆盖情况无从计算"),
        (3, None, "骨干机构的数据暂缺（没有报送），覆盖情况无从计算"),
        (0, 0, "没有骨干机构"),
        (1, 0, "骨干机构1户，未评定信用等级"), (3, 0, "骨干机构3户，均未评定信用等级"),
        (1, 1, "骨干机构1户，已评定信用等级，实现全覆盖"), (3, 3, "骨干机构3户，全部已评定信用等级，实现全覆盖"),
        (3, 2, "骨干机构3户，已评定信用等级2户，覆盖率66.67%，未实现全覆盖"),
    ],
)  # fmt: skip
def test_covered(whole, reached, text):
    rate = figure("66.67", "%")
    assert covered("骨干机构", figure(whole), figure(reached), rate) == text


@pytest.mark.parametrize(
    ("now", "before", "unit", "text"),
    [
        (5, "first", "户", "红名单5户，首年无同期数"),
        (5, None, "户", "红名单5户，上年数暂缺，不作比较"), (None, 5, "户", "红名单暂缺，不作比较"),
        (5, 3, "户", "红名单5户，比上年增加2户"), (3, 5, "户", "红名单3户，比上年减少2户"),
        (5, 5, "户", "红名单5户，与上年持平"), (0, 0, "户", "红名单0户，与上年持平"),
        ("98.5", "97", "%", "红名单98.5%，比上年增加1.5个百分点"),
    ],
)  # fmt: skip
def test_change(now, before, unit, text):
    other = None if before == "first" else figure(before, unit)
    assert change("红名单", figure(now, unit), other) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([None, None], "各地得分均暂缺"), ([3, None], "甲市得分为3分"), ([3, 3], "各地得分均为3分"),
        ([3, 5, 3], "得分最高的是乙市（5分），最低的是甲市、丙市（3分）"),
    ],
)  # fmt: skip
def test_extremes(values, text):
    given = {name: figure(value, "分") for name, value in zip(NAMES.values(), values, strict=False)}
    assert extremes("得分", given) == text


def test_caveats():
    whole, provisional = figure(1), figure(1, is_provisional=True)
    assert caveats([whole], NAMES) == ""
    assert caveats([whole, provisional], NAMES) == "（暂定）"
    lacking = figure(1, lacking=("02", "01"))
    assert caveats([lacking, figure(2, lacking=("02",))], NAMES) == "（甲市、乙市有应报未报的数据，此数不全）"
    assert caveats([lacking, provisional], NAMES).count("；") == 1
    assert caveats([figure(None, is_provisional=True)], NAMES) == ""


def test_small_words():
    assert units(list(NAMES.values())) == "甲市、乙市、丙市、丁市、戊市等6个地区"
    assert units(["甲市"]) == "甲市"
    assert (cell(figure(None)), cell(figure(0)), amount(figure(None))) == ("—", "0", "暂缺（没有报送）")
    assert (rated("签署率", figure("27.39", "%")), rated("签署率", figure(None))) == ("，签署率27.39%", "")
    assert (listed(["甲", "", "乙"]), listed(["", ""])) == ("甲；乙。", "")


@pytest.mark.parametrize(
    ("over", "under", "text"),
    [(1, 3, "33.33"), (3, 3, "100"), (99999, 100000, "99.99"), (1, 99999, "0.01"), (0, 9, "0")],
)
def test_a_share_is_whole_only_if_it_is(over, under, text):
    assert percent(Decimal(over), Decimal(under)) == Decimal(text)


def test_parts_are_named_segment_by_segment():
    assert part_name("enterprise.A") == "企业A" and part_name("red") == "诚信“红名单”"


def test_every_declared_figure_says_what_it_is():
    definitions = read_definitions()
    assert len(definitions) > 60
    for key, found in definitions.items():
        assert found.label and found.unit and bool(found.query) != bool(found.ratio), key
        assert found.each in ("", "division", "province") and set(found.ratio) <= set(definitions), key
