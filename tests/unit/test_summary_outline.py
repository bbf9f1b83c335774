"""The outline of the summary names tasks that the plans have and blocks that can be told."""

import csv

from ipcredit.outputs.summary import OUTLINE
from ipcredit.outputs.summary_text import BLOCKS


def rows(name: str) -> list[dict[str, str]]:
    with OUTLINE.with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_task_of_the_plans_has_its_place():
    outline = rows(OUTLINE.name)
    assert len({(row["region_code"], row["task_code"]) for row in outline}) == len(outline)
    assert {row["task_code"] for row in outline} == {row["task_code"] for row in rows("pilot_tasks.csv")}


def test_every_block_is_told_under_a_task_of_each_plan():
    told: dict[str, set[str]] = {}
    for row in rows(OUTLINE.name):
        told.setdefault(row["region_code"], set()).update(filter(None, row["blocks"].split("|")))
    national = told.pop("")
    assert national <= set(BLOCKS)
    assert all(blocks | national == set(BLOCKS) for blocks in told.values())
