"""A draft of the policies is tried beside the release: what it would change is told, and nothing else changes."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import psycopg
import pytest
from case_tables import CATALOGUE, SEEDS, dbt
from typer.testing import CliRunner

from ipcredit.build import BuildError
from ipcredit.cli import app
from ipcredit.settings import DBT_PROJECT
from ipcredit.simulation import PREFIX, Simulation, simulate, write_workbook

AS_OF = date(2022, 12, 5)
POLICIES = DBT_PROJECT / "seeds" / "policy"
PENALISED, HONOURED, QUIET = "penalised", "honoured", "quiet"
_RECORDS = """
insert into catalogue.subjects (subject_id, subject_name, is_enterprise, is_agency, division_code, first_event_on)
select s, s || '公司', true, false, '210600', '2022-01-01' from unnest(array['penalised', 'honoured', 'quiet']) as s;
insert into catalogue.credit_records
    (record_id, subject_id, dataset, event_type, event_value, event_date, valid_from, is_internal)
select 'class_' || subject_id, subject_id, 'general_risk_class', 'general_class', 'A', date '2022-11-01',
    date '2022-11-01', true
from catalogue.subjects
union all
select v.*, v.event_date, false
from (values
    ('r1', 'penalised', 'penalties', 'ip_penalty_ordinary', null, date '2022-10-01'),
    ('r2', 'honoured', 'honours', 'national_demonstration', null, date '2022-10-01')
) as v (record_id, subject_id, dataset, event_type, event_value, event_date);
"""


def draft(folder: Path, seed: str, old: str, new: str) -> Path:
    """A folder with one seed, in which every line that matches `old` reads `new`."""
    folder.mkdir(exist_ok=True)
    text = (POLICIES / f"{seed}.csv").read_text(encoding="utf-8")
    changed = re.sub(old, new, text, flags=re.MULTILINE)
    assert changed != text
    (folder / f"{seed}.csv").write_text(changed, encoding="utf-8")
    return folder


def everything(connection: psycopg.Connection) -> dict[str, object]:
    """Every table with its file and its rows, as far as a draft could reach them."""
    names = connection.execute(
        """select format('%I.%I', schemaname, tablename) from pg_tables
           where schemaname in
                   ('policy', 'reference', 'catalogue', 'grading', 'supervision', 'release_store', 'candidate')
               or schemaname like 'draft%'"""
    ).fetchall()
    return {
        name: connection.execute(
            f"select '{name}'::regclass::oid, array_agg(md5(t::text) order by t::text) from {name} as t"
        ).fetchone()
        for (name,) in names
    }


@pytest.fixture(scope="module")
def tried(warehouse, tmp_path_factory) -> Iterator[tuple[Simulation, dict, dict]]:
    """Ordinary penalties cost 40 more, and no honour leads to the red list."""
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(CATALOGUE)
        connection.execute(_RECORDS)
        outcomes = dbt("seed", *SEEDS, as_of=AS_OF) | dbt(
            "run", "path:models/grading", "path:models/supervision", as_of=AS_OF
        )
        assert set(outcomes.values()) == {"success"}, outcomes
        folder = draft(
            tmp_path_factory.mktemp("draft"), "scoring_rules",
            r"^(LN-IPCREDIT,.*,ip_penalty_ordinary,)-?\d+,-?\d*,", r"\1-40,,",
        )  # fmt: skip
        draft(folder, "list_entry_events", r"^.*,national_demonstration,.*\n", "")
        before = everything(connection)
        found = simulate(folder)
        yield found, before, everything(connection)


def test_it_tells_who_would_move(tried):
    found, _, _ = tried
    assert (found.as_of, found.known_day) == (AS_OF, AS_OF)
    moved = [dict(zip(found.grades.columns, row, strict=True)) for row in found.grades.rows]
    assert {row["subject_id"] for row in moved if row["track"] == "enterprise"} == {PENALISED}
    row = next(row for row in moved if row["track"] == "enterprise")
    assert row["score_draft"] < row["score_before"]
    assert row["grade_draft"] > row["grade_before"]
    lists = [dict(zip(found.lists.columns, row, strict=True)) for row in found.lists.rows]
    assert {(row["subject_id"], row["list_code"], row["change"]) for row in lists} == {(HONOURED, "red", "leaves")}
    assert {row[found.measures.columns.index("subject_id")] for row in found.measures.rows} <= {PENALISED, HONOURED}
    # Everybody is counted, also who stays.
    assert sum(row[3] for row in found.matrix.rows if row[0] == "enterprise") == 3


def test_nothing_else_has_changed(tried):
    _, before, after = tried
    assert before == after
    assert not [name for name in after if name.startswith(PREFIX)]


def test_the_workbook_says_the_same(tried, tmp_path):
    write_workbook(tried[0], tmp_path / "draft.xlsx")
    book = openpyxl.load_workbook(tmp_path / "draft.xlsx")
    assert book.sheetnames == ["等级变化矩阵", "等级变化", "名单变化", "措施变化"]
    assert book["等级变化"].max_row == 3 + len(tried[0].grades.rows)
    assert f"{PENALISED}公司" in {cell.value for cell in book["等级变化"]["B"]}
    told = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    known = {PENALISED, HONOURED, QUIET}
    assert not {text for text in told if re.search(r"[a-z]{2}|^21\d{4}$", text) and not known & {text, text[:-2]}}
    assert {"企业信用评价", "丹东市", "诚信红名单", "移出", "现行知识产权得分（不含通用信用风险分类）"} <= told
    assert [text for text in told if re.match("F01 .*绿色通道", text)]


def test_a_person_at_a_terminal_is_told_the_same(tried, tmp_path, monkeypatch):
    found, output = tried[0], tmp_path / "草案试算.xlsx"
    monkeypatch.setattr("ipcredit.simulation.simulate", lambda folder: found)  # judged once is enough
    asked = ["simulate", "--policy", str(POLICIES), "--output", str(output)]
    told = CliRunner().invoke(app, asked, catch_exceptions=False)
    *matrix, last = told.stdout.splitlines()
    assert told.exit_code == 0 and output.is_file()
    assert [(line.split()[0], int(line.split()[4]), line.endswith("*")) for line in matrix] == [
        (track, subjects, before != draft) for track, before, draft, subjects in found.matrix.rows
    ]
    changes = f"{len(found.grades.rows)} grades or scores, {len(found.lists.rows)} list entries and "
    assert last == f"{changes}{len(found.measures.rows)} measures change: {output}"


def test_a_draft_that_cannot_be_used_says_why(tried, tmp_path):
    unknown = tmp_path / "unknown"
    unknown.mkdir()
    (unknown / "points.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(BuildError, match=r"points\.csv is none of the policies"):
        simulate(unknown)
    columns = draft(tmp_path / "columns", "grade_bands", r"^policy_id,version,", "policy_id,versoin,")
    with pytest.raises(BuildError, match="missing: version, unknown: versoin"):
        simulate(columns)
    # to a person at a terminal as well
    ended = CliRunner().invoke(app, ["simulate", "--policy", str(columns)])
    assert ended.exit_code == 2
    assert "versoin" in ended.output
