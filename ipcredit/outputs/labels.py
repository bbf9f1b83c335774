"""What the columns and codes of a release's rows are called, for people who do not read the database.

A column has the name that the data dictionary gives it: the first words of its description, which every release has
kept beside the column. What its codes mean stands in the same description, in the sheets of the bureaus or in the
tables of the release; `HEADS` and `CODES` hold only what is said nowhere else, or otherwise than here.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg import Connection

from ipcredit.outputs.explain import TRACKS
from ipcredit.outputs.wording import GRADES, PARTS

HEADS = {
    "division_code": "地区", "jurisdiction": "适用地区", "region_code": "考核地区", "bureau_code": "报送单位",
    "part": "分类", "quantity": "数量", "is_provisional": "暂定", "missing_reason": "缺值原因", "state": "状态",
    "card_state": "成绩状态", "policy_status": "规则效力", "commitment_type": "承诺类型", "repair_result": "修复结果",
    "withdrawn_kind": "撤下的是", "verdict": "核对结论", "effect": "效果", "completeness": "归集情况", "gap": "缺口",
    "period": "报送期间", "dataset": "数据集", "field": "栏目", "event_type": "事项", "event_value": "等次或取值",
    "event_date": "日期", "document_no": "文号", "authority": "机关", "submission_id": "报送件编号",
    "row_number": "行号", "amount_yuan": "金额（元）", "confiscated_yuan": "没收（元）", "received_on": "收到日期",
    "asked_on": "申请日期", "case_no": "编号", "honours": "荣誉", "measure_codes": "措施代码", "due_on": "期限",
    "override_code": "限定等级的情形", "policy_id": "规则", "policy_version": "规则版本", "rule_code": "适用规则",
    "source_clause": "依据", "evidence": "依据材料", "done_on": "完成日期", "promised": "承诺事项",
    "effective_from": "施行日期", "publish_from": "公示起", "publish_to": "公示止", "withdrawn_on": "撤下日期",
    "review_period": "抽查季度", "late_working_days": "迟报工作日",
}  # fmt: skip
CODES: dict[str, Mapping[str, str]] = {
    "track": TRACKS, "grade": GRADES, "list_code": PARTS, "negative_list_code": PARTS,
}  # fmt: skip
UNTOLD = frozenset({"part_label", "record_id", "case_id", "withdrawn_id", "behaviour_code"})
"""The name of `part`, keys that mean nothing outside the database, and a code whose name stands beside it."""
PLACES = frozenset({"division_code", "jurisdiction", "region_code"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PERSON = 8
"""Characters of a person's hash: enough to tell two rows apart, too few to look anybody up by."""


class Column(NamedTuple):
    """A column of a query, and the description of the published column it comes from, if it comes from one."""

    name: str
    description: str | None = None


def codes_of(text: str | None) -> dict[str, str]:
    """What the codes of a sheet's column mean: fine=罚款、both=罚款、没收."""
    return dict(re.findall(r"([a-z0-9_]+)=(.*?)(?=、[a-z0-9_]+=|$)", text or ""))


def person(subject_id: str) -> str:
    """A natural person for a reader: rows of one are told from those of another, and nobody is named."""
    return f"自然人 {subject_id.rpartition(':')[2][:_PERSON]}"


class Labels:
    """The words of one release, read in its schema (see `figures.read_figures`)."""

    def __init__(self, connection: Connection) -> None:
        self.places = _read(connection, "select division_code, name from reference.divisions")
        self.units = _read(connection, "select organisation_code, name from reference.organisations")
        self.datasets = _read(connection, "select dataset, title from catalogue_items")
        self._events = _read(connection, "select event_type, title from event_types")
        self._limits = _read(connection, "select override_code, condition_title from override_rules")
        self._by_field: dict[str, dict[str, str]] = {}
        self._by_dataset: dict[str, dict[str, str]] = {}
        self._headers: dict[tuple[str, str], str] = {}
        for dataset, field, header, codes in connection.execute(
            "select f.dataset, f.field, f.header, f.codes from catalogue_fields as f order by 1, 2"
        ):
            self._headers[dataset, field] = header
            self._by_field.setdefault(field, {}).update(codes_of(codes))
            self._by_dataset.setdefault(dataset, {}).update(codes_of(codes))

    def head(self, column: Column) -> str:
        """The name of a column: our own word for it, or the first words of its description."""
        told = re.match("[^：；，（]*", column.description or "")
        return HEADS.get(column.name) or (told[0] if told else "") or column.name

    def value(self, column: Column, value: Any, datasets: tuple[str, ...] = ()) -> Any:
        """A value in words, if it is a code that means something; other values as they are.

        Args:
            datasets: whose sheets the row may come from.
        """
        if not isinstance(value, str):
            return value
        if column.name in PLACES:
            return self.places.get(value, value)
        if column.name == "bureau_code":
            return self.units.get(value, value)
        if column.name == "field":
            return next((self._headers[of, value] for of in datasets if (of, value) in self._headers), value)
        if value.startswith("P:"):
            return person(value)
        if not _CODE.fullmatch(value):
            return value
        known = (
            CODES.get(column.name, {}), self._by_field.get(column.name, {}), _described(column),
            *(self._by_dataset.get(dataset, {}) for dataset in datasets), self._events, self._limits, self.datasets,
            PARTS,
        )  # fmt: skip
        return next((words[value] for words in known if value in words), value)


def _read(connection: Connection, query: Any) -> dict[str, str]:
    return {code: name for code, name in connection.execute(query).fetchall() if name}


def _described(column: Column) -> dict[str, str]:
    """What the description says of the codes: 名单：red 守信红名单；dishonest 失信名单."""
    return dict(re.findall(r"(?:^|[：；])([a-z_]+) ([^；（，]+)", column.description or ""))
