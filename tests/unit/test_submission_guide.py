"""docs/报送指南.md: what its tables and numbers say is what contracts, policy seeds, receipts and intake have."""

import csv
import re
from datetime import date
from typing import Any

import pytest

from ipcredit.contracts import load_contracts
from ipcredit.intake.receipts import SEVERITIES, Counts, _verdict
from ipcredit.intake.rules import POLICY, issue_types, rules_on
from ipcredit.intake.scan import _MODES, _named_dataset, _told_by_name
from ipcredit.intake.templates import _PERIOD_EXAMPLES, _deadline
from ipcredit.settings import PROJECT_ROOT

GUIDE = (PROJECT_ROOT / "docs" / "报送指南.md").read_text(encoding="utf-8")


def table(first_head: str) -> list[list[str]]:
    """The rows of the one table whose first head begins so."""
    found = re.findall(rf"^\| {first_head}.*\n\|[-|]+\n((?:\|.*\n)+)", GUIDE, flags=re.MULTILINE)
    assert len(found) == 1, first_head
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()]


def test_what_is_due_when_is_what_the_contracts_say() -> None:
    told = {deadline: (period, names.split("、")) for deadline, period, names in table("周期和期限")}
    contracts = [c for c in load_contracts().values() if "bureau" in c.submitting_roles]
    assert {name: deadline for deadline, (_, names) in told.items() for name in names} == {
        c.title: _deadline(c) for c in contracts
    }
    assert sum(len(names) for _, names in told.values()) == len(contracts)
    for contract in contracts:
        assert told[_deadline(contract)][0] == _PERIOD_EXAMPLES[contract.update_cycle]
    by_rows = re.findall("“([^”]+)”", re.search("((?:“[^”]+”)+)模板本来就是增量", GUIDE)[1])
    assert by_rows == [c.title for c in contracts if c.mode == "incremental"]


@pytest.mark.parametrize(("name", "dataset", "period", "flags"), table("文件名"), ids=lambda text: text)
def test_a_file_name_is_read_as_the_guide_says(name: str, dataset: str, period: str, flags: str) -> None:
    named, found = _told_by_name(name.strip("`"))
    contract = _named_dataset(named.get("dataset"))
    assert (contract.title if contract else "看表内所写") == dataset
    assert named.get("period", "看表内所写") == period
    assert found == set(flags.split("、")) - {""}


def test_every_mark_of_a_file_name_is_told() -> None:
    (marks,) = re.findall("后面可加 (.*)。", GUIDE)
    assert set(re.findall("_([^`]+)`", marks)) == {*_MODES, "本期无数据", "撤回"}


# Of a submission: its state and, of a judged one, rows accepted, rejected and warned of, and what its file notes count.
VERDICTS: list[tuple[str, int, Counts, dict[str, Any]]] = [
    ("loaded", 120, Counts(120, 0, 0), {}),
    ("loaded", 120, Counts(120, 0, 2), {}),
    ("loaded", 120, Counts(120, 0, 0), {"masked_count": 1}),
    ("loaded", 120, Counts(120, 0, 0), {"merged_count": 2}),
    ("loaded", 120, Counts(117, 3, 0), {}),
    ("held", 80, Counts(80, 0, 0), {}),
    ("nil_return", 0, Counts(), {}),
    ("withdrawal", 0, Counts(), {}),
    ("refused", 0, Counts(), {}),
]


def test_the_first_lines_of_receipts_are_quoted() -> None:
    written = []
    for state, received, counts, notes in VERDICTS:
        submission = {"state": state, "rows_received": received, "refusal_code": "missing_column", "file_notes": notes}
        written.append(_verdict(submission, counts)[1])
    assert [row[0] for row in table("回执首行")] == written


def test_reasons_of_refusals_are_those_of_receipts() -> None:
    refusals = {kind.title: kind.remedy for kind in issue_types().values() if kind.scope == "file"}
    for title, remedy in table("常见的退回原因"):
        assert refusals[title] == remedy


def test_problems_of_rows_are_those_of_receipts() -> None:
    problems = {k.title: (SEVERITIES[k.severity], k.remedy) for k in issue_types().values() if k.scope == "row"}
    for title, severity, remedy in table("常见的行问题"):
        assert problems[title] == (severity, remedy)


def test_clocks_of_objections_and_repairs_are_those_of_the_policy() -> None:
    with (POLICY / "clocks.csv").open(encoding="utf-8-sig", newline="") as lines:
        days = {(row["process"], row["step"]): row["days"] for row in csv.DictReader(lines)}
    steps = {"异议": ("objection", "accept", "decide", "correct"), "修复": ("repair", "accept", "decide", "withdraw")}
    for name, *told in table("事项"):
        process, *wanted = steps[name]
        assert [re.sub(r"\D", "", text) for text in told] == [days[process, step] for step in wanted]


def test_limits_are_those_in_force() -> None:
    rules = rules_on(date(2022, 12, 5))
    for told in (
        f"超过 {rules['removal_share']:.0%}。",
        f"前 {rules['header_search_rows']:.0f} 行内",
        f"工作簿不超过 {rules['max_workbook_bytes'] / 2**20:.0f} MB",
        f"`.csv` 不超过 {rules['max_file_bytes'] / 2**30:.0f} GB",
    ):
        assert told in GUIDE
