"""Submissions from a list of enterprises, tried on an invented list."""

from pathlib import Path

import openpyxl
from real_enterprises import WARNING, damage, expected_issue, read_list, write_submissions
from sample_subjects import population


def _list(path: Path) -> Path:
    rows = ["企业名称,统一社会信用代码,注册日期,企业类型,注册资金,地区,注册地址,源文件年份"]
    for short, code in (("丹东", "210600"), ("沈阳", "210100")):
        rows += [f"{s.name},{s.uscc},1990-05-01,N/A,5,{short},示例路,1990" for s in population(200, 1)[code]]
    path.write_text("\n".join([*rows, "示例无名厂,x,1990-05-01,,5,N/A,,1990"]), encoding="utf-8-sig")
    return path


def test_each_row_goes_to_its_regions_bureau(tmp_path: Path) -> None:
    by_bureau, homeless = read_list(_list(tmp_path / "list.csv"))
    assert set(by_bureau) == {"210600", "210100"}
    assert [row["企业名称"] for row in homeless] == ["示例无名厂"]
    write_submissions(by_bureau, tmp_path / "drop")
    assert sorted(p.relative_to(tmp_path / "drop").as_posix() for p in tmp_path.glob("drop/*/*")) == [
        "210100/agencies_2022.xlsx",
        "210100/honours_2022.xlsx",
        "210600/agencies_2022.csv",
        "210600/honours_2022.csv",
    ]
    sheet = openpyxl.load_workbook(tmp_path / "drop" / "210100" / "honours_2022.xlsx").active
    assert sheet is not None
    assert [row[2] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        row["统一社会信用代码"] for row in by_bureau["210100"]
    ]


def test_each_kind_of_damage_is_an_issue_and_sound_codes_have_none(tmp_path: Path) -> None:
    by_bureau, _ = read_list(_list(tmp_path / "list.csv"))
    rows = by_bureau["210100"]
    assert {expected_issue(row["统一社会信用代码"]) for row in rows} == {None}
    damage({"210100": rows}, 1)
    found = [expected_issue(row["统一社会信用代码"]) for row in rows[:5]]
    # In the order of `number // every % 5` from 1: neighbours exchanged, one missing, a letter, inner check, last.
    assert found[1:] == ["uscc:bad_uscc", "uscc:bad_uscc", WARNING, "uscc:uscc_check_digit"]
    assert found[0] in ("uscc:uscc_check_digit", None)
