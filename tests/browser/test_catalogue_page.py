"""The catalogue page: what it shows is what the published tables say, and it needs nothing but itself."""

import re
from html.parser import HTMLParser

import pytest
from candidates import build_first_candidate, pass_gate

from ipcredit import release
from ipcredit.outputs import OutputError
from ipcredit.outputs.catalogue import write_catalogue

R1 = "r20221205_0001"
HOSTILE = "<script>alert(1)</script>"


class _Rows(HTMLParser):
    """Texts of the cells of every row, under the row's class."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.cells = []
            self.rows.setdefault(dict(attrs).get("class") or "", []).append(self.cells)
        elif tag in ("td", "th") and self.cells is not None:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.strip()


@pytest.fixture(scope="module")
def page(warehouse) -> str:
    with pytest.raises(OutputError, match="还没有任何发布"):
        write_catalogue()
    build_first_candidate(R1)
    with warehouse.connect() as db:
        db.execute("update candidate.catalogue_fields set description = %s where field = 'uscc'", (HOSTILE,))
        db.execute(
            """update candidate.catalogue_coverage set completeness = 'late', is_late = true, late_working_days = 7
               where bureau_code = '210600' and dataset = 'honours'"""
        )
        pass_gate(db, R1)
    release.publish(R1)
    path = write_catalogue()
    first = path.read_bytes()
    assert write_catalogue(R1).read_bytes() == first, "the same release gives the same bytes"
    return first.decode()


def test_the_page_answers_what_the_catalogue_is_asked(page):
    reader = _Rows()
    reader.feed(page)
    honours = next(row for row in reader.rows["item"] if row[0] == "LN-IP-01")
    assert honours[2:9] == [
        "各市（示范区）知识产权局（15 个）", "每年，年末后 20 个工作日内", "辽知发〔2022〕4号", "公开", "无条件共享",
        "5", "知识产权保护处",
    ]  # fmt: skip
    assert [row[2] for row in reader.rows["item"] if row[0] == "LN-IP-09"] == ["辽宁省市场监督管理局"]
    assert len(reader.rows["item"]) == 5 and len(reader.rows["field"]) == 10
    assert [row[:3] for row in reader.rows["version"] if row[0] == "丹东市"] == [
        ["丹东市", "知识产权示范优势企业", "第 1 版"]
    ]
    header = next(row for row in reader.rows[""] if "丹东市" in row)
    there = {row[0]: dict(zip(header[3:], row[3:], strict=True)) for row in reader.rows["period"]}
    assert there["知识产权示范优势企业"]["丹东市"] == "◐ 7"
    assert there["知识产权示范优势企业"]["大连市"] == "●"
    assert there["通用风险等级"]["丹东市"] == "✕ 3"
    assert there["严重违法失信名单"] | {"省市场监管局": ""} == dict.fromkeys(header[3:], "")


def test_the_page_needs_nothing_else_and_runs_nothing(page):
    assert HOSTILE not in page and "&lt;script&gt;" in page
    assert not re.search(r"<script|https?://|src=|@import|url\(", page)
