"""A monthly return file says what one unit still has to do, by one release: everything, once, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.cli import app
from ipcredit.intake import returns
from ipcredit.intake.returns import ReturnError, choose, write_return

R1, R2 = "r20221205_0001", "r20221205_0002"
UNIT, QUIET = "210600", "210700"
HONOURS = """(select submission_id from intake.submissions
              where bureau_code = '210600' and dataset = 'honours' and period = '2022')"""
SHEETS = ["摘要", "缺报", "迟报", "未采用的行", "未采用明细", "待核对"]

# What 丹东 has left undone, beside the missing 通用风险等级 and the rejected row of upstream.sql.
_TROUBLE = f"""
update intake.submissions
set receipt_path = bureau_code || '/回执/' || dataset || '_2022_' || submission_id || '_回执.xlsx';
update intake.submissions set file_name = '张三的名单.csv', file_notes = '{{"headers": {{"uscc": "=1+1"}}}}'
where submission_id = {HONOURS};

insert into intake.submissions (bureau_code, dataset, period, mode, state, file_name, sha256, file_bytes, received_at,
    refusal_code, receipt_path, valid_from)
values
('210600', 'agencies', '2022', 'full', 'refused', 'a.xls', repeat('a', 64), 1, '2022-12-05 08:00+08', 'no_header',
    '210600/回执/agencies_2022_901_回执.xlsx', null),
('210600', 'penalties', '2021', 'full', 'held', 'b.xls', repeat('b', 64), 1, '2022-12-05 08:00+08', null,
    '210600/回执/penalties_2021_902_回执.xlsx', null),
('210600', 'honours', '2021', 'full', 'held', 'c.xls', repeat('c', 64), 1, '2022-12-05 08:00+08', null,
    '210600/回执/honours_2021_903_回执.xlsx', null),
('210600', 'honours', '2021', 'full', 'loaded', 'd.xls', repeat('d', 64), 1, '2022-12-05 08:30+08', null,
    '210600/回执/honours_2021_904_回执.xlsx', '2022-12-05 08:30+08');
insert into candidate.submissions
select n.* from candidate.submissions as s,
    intake.submissions as i,
    jsonb_populate_record(s, to_jsonb(i) || '{{"in_force": false, "rows_accepted": 0}}') as n
where s.submission_id = {HONOURS} and not exists (
    select from candidate.submissions as known where known.submission_id = i.submission_id
);

update candidate.catalogue_coverage set state = 'refused', gap = '应报未报', due_on = '2022-10-31'
where bureau_code = '210600' and dataset = 'agencies';
update candidate.catalogue_coverage set is_late = true where bureau_code = '210600' and dataset = 'penalties';

update candidate.catalogue_coverage set rows_rejected = 0 where bureau_code = '210600' and dataset <> 'honours';

delete from candidate.identity_matches where bureau_code = '{QUIET}';
delete from candidate.row_issues where bureau_code = '{QUIET}';
update candidate.catalogue_coverage set gap = null, rows_rejected = 0 where bureau_code = '{QUIET}';
update candidate.quality_dimensions set numerator = 3, rate = 1 where bureau_code = '{QUIET}';
"""


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """R1 is the current release."""
    with pytest.raises(ReturnError, match="还没有任何发布"):
        choose()
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        connection.execute(_TROUBLE)
        pass_gate(connection, R1)
    release.publish(R1)
    yield


@pytest.fixture
def forget(warehouse) -> Iterator[None]:
    """As if nothing had been written yet."""
    with warehouse.connect() as connection:
        connection.execute("truncate intake.returns")
    yield


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """What each sheet says, row by row; every cell must be text."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        kinds = {cell.data_type for row in sheet for cell in row if cell.value is not None}
        assert kinds == {"s"}, f"{sheet.title} has cells that are no text"
        assert not any(cell.hyperlink for row in sheet for cell in row)
    return {
        sheet.title: [[value for value in row if value is not None] for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }


@pytest.fixture(scope="module")
def told(published) -> dict[str, list[list[str]]]:
    return sheets(write_return(UNIT, "2022-11", R1).path)


def test_the_file_lies_beside_the_receipts(warehouse, forget):
    path = write_return(UNIT, "2022-11", R1).path
    assert path == warehouse.home / "drop" / UNIT / "回执" / f"月度反馈_2022-11_{R1}.xlsx"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(sheets(path)) == SHEETS


def test_the_summary_counts_what_the_sheets_list(told):
    assert told["摘要"][:2] == [["知识产权信用信息月度反馈"], ["待办：缺报 2 项，未采用 1 行，待核对 2 件"]]
    facts = {row[0]: row[1:] for row in told["摘要"] if len(row) > 1}
    assert facts["报送单位"] == ["丹东市知识产权局"]
    assert facts["反馈月份"] == ["2022-11"]
    assert [facts[name] for name in ("应报（已到期限）", "其中已报", "其中缺报", "迟报（本月起收到）")] == [
        ["4 项"], ["2 项"], ["2 项"], ["1 项"],
    ]  # fmt: skip
    # 2 of 3 in each dimension of two datasets
    assert [facts[name] for name in ("规范性", "准确性", "完整性", "实效性")] == [["4", "6", "66.6 %"]] * 4
    assert facts["位次（2022）"] == ["第 6 位（共 13 家），得分 95.00"]


def test_missing_items_say_since_when_by_which_rule_and_what_to_do(told):
    assert told["缺报"][1:] == [
        ["代理机构", "LN-IP-04", "2022", "2022-10-31", "25", "报送的文件被退回，尚未重新报送", "辽知发〔2022〕4号",
         "按回执「agencies_2022_901_回执.xlsx」改正后重新投递"],
        ["通用风险等级", "LN-IP-08", "2022", "2022-11-30", "3", "未报送", "辽知发〔2022〕4号",
         "填写模板后以「通用风险等级_2022.xlsx」投递；确无数据的，「本期无数据」填「是」后投递"],
    ]  # fmt: skip


def test_what_came_late_is_counted_in_working_days(told):
    assert told["迟报"][1:] == [["行政处罚", "LN-IP-05", "2022", "2022-11-30", "2022-12-05", "3", "辽知发〔2022〕4号"]]


def test_rejected_rows_are_counted_by_issue_and_listed_by_receipt(told, warehouse):
    with warehouse.connect() as connection:
        number = connection.execute(f"select {HONOURS}").fetchone()[0]
    remedy = "对照营业执照改正，注意数字 0 与字母 O、数字 1 与字母 I"
    title = "统一社会信用代码格式不符"
    assert told["未采用的行"][1:] == [["知识产权示范优势企业", "2022", title, "1", "1", "规范性", remedy]]
    # The header is the bureau's own word: what begins like a formula is kept from becoming one elsewhere.
    assert told["未采用明细"][1:] == [
        ["知识产权示范优势企业", "2022", f"honours_2022_{number}_回执.xlsx", "3", "'=1+1", title, remedy]
    ]


def test_what_waits_for_somebody_is_listed_until_it_is_settled(told, warehouse):
    with warehouse.connect() as connection:
        number = connection.execute(f"select {HONOURS.replace('honours', 'penalties')}").fetchone()[0]
    found = [row[:5] for row in told["待核对"][1:]]
    # the other row of the decision without a code counts for its subject already
    assert found == [
        ["整表待确认", "行政处罚", "2021", "penalties_2021_902_回执.xlsx", "—"],
        ["主体待核对", "行政处罚", "2022", f"penalties_2022_{number}_回执.xlsx", "2"],
    ]


def test_nothing_a_bureau_wrote_into_cells_or_names_of_files_is_repeated(told):
    assert "张三" not in str(told)


def test_a_unit_with_nothing_to_do_is_told_so(published):
    told = sheets(write_return(QUIET, "2022-11", R1).path)
    assert told["摘要"][1] == ["没有待办事项"]
    assert [told[name][1] for name in SHEETS[1:]] == [
        ["没有缺报"], ["没有迟报"], ["没有未采用的行"], ["没有未采用的行"], ["没有待核对的事项"],
    ]  # fmt: skip
    assert ["位次（2022）", "第 7 位（共 13 家），得分 94.00"] in told["摘要"]


def test_a_unit_that_submits_nothing_yet_gets_a_file_as_well(published):
    told = sheets(write_return("LN-IPO", "2022-11", R1).path)
    assert ["尚无可评的数据"] in [row[-1:] for row in told["摘要"]]


def test_rows_beyond_the_limit_of_policy_are_counted(forget, monkeypatch):
    rules: Any = returns.rules_on
    monkeypatch.setattr(returns, "rules_on", lambda day: rules(day) | {"return_rows": 0})
    told = sheets(write_return(UNIT, "2022-11", R1).path)
    assert told["未采用明细"][1][0] == "共 1 处，本表只列前 0 处；其余见各回执的「问题明细」"
    assert told["待核对"][-1][1] == "共 1 行，本表只列前 0 行"
    assert "待核对 2 件" in told["摘要"][1][0]


def test_it_is_written_once_for_each_month_and_release(warehouse, forget):
    first = write_return(UNIT, "2022-11", R1)
    first.path.write_bytes(b"changed by hand")
    assert write_return(UNIT, "2022-11", R1) == (first.path, False)
    assert first.path.read_bytes() == b"changed by hand"
    with warehouse.connect() as connection:
        copy_candidate(connection, R1, R2)
        pass_gate(connection, R2)
    release.publish(R2)
    assert write_return(UNIT, "2022-11", R2).is_new
    assert write_return(UNIT, "2022-10", R1).is_new
    with warehouse.connect() as connection:
        known = connection.execute("select unit_code, month, release_id from intake.returns order by 2, 3").fetchall()
    assert known == [(UNIT, "2022-10", R1), (UNIT, "2022-11", R1), (UNIT, "2022-11", R2)]


def test_written_again_after_a_crash_it_has_the_same_bytes(warehouse, forget):
    path = write_return(UNIT, "2022-11", R1).path
    first = path.read_bytes()
    with warehouse.connect() as connection:
        connection.execute("truncate intake.returns")  # killed before the commit
    assert write_return(UNIT, "2022-11", R1) == (path, True)
    assert path.read_bytes() == first


def test_a_month_must_be_over_on_the_day_judged():
    assert choose()[0] == "2022-11"
    assert choose("2022-09", R1) == ("2022-09", R1)
    with pytest.raises(ReturnError, match="尚未结束"):
        choose("2022-12")
    with pytest.raises(ReturnError, match="不是可用的发布"):
        choose("2022-11", "r20221205_0099")


def test_the_command_says_what_it_wrote_and_what_stood(forget):
    arguments = ["returns", "write", "--month", "2022-11", "--unit", UNIT, "--release", R1]
    first, second = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output.strip().endswith(f"月度反馈_2022-11_{R1}.xlsx")
    assert second.output.strip().endswith("unchanged")
    assert CliRunner().invoke(app, ["returns", "write", "--month", "2022Q3"]).exit_code == 2
