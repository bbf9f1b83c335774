"""The sample set through intake and judging: what was planted is found, where it was planted, and nothing else."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import openpyxl
import pytest
from conftest import Warehouse
from psycopg import sql
from sample_subjects import organisation_check_character, population
from sample_submissions import STYLES, write_samples
from stdnum.cn import uscc

from ipcredit.build import judge
from ipcredit.contracts import load_contracts
from ipcredit.intake import Outcome, take_in
from ipcredit.settings import TIME_ZONE

SUBJECTS = 600
RECEIVED_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)

# Every kind of row fault that the sample set is meant to show, whatever the seed.
ROW_ISSUES = {
    "bad_boolean", "bad_date", "bad_document_no", "bad_number", "bad_patent_no", "bad_sha256", "bad_trademark_no",
    "bad_uscc", "bad_year", "cell_error", "date_out_of_range", "dates_out_of_order", "digits_lost",
    "division_of_other_bureau", "duplicate_in_file", "fields_disagree", "missing_required", "number_out_of_range",
    "outside_period", "own_unit", "patent_check_digit", "place_elsewhere", "points_above_maximum", "rule_not_judged",
    "secondary_code_left_out", "subject_to_be_matched", "text_too_long", "unknown_code", "unknown_division",
    "unknown_organisation",
    "unknown_task", "uscc_check_digit", "year_out_of_range",
}  # fmt: skip
REFUSALS = {
    "bad_period", "duplicate_key_in_scan", "empty_file", "empty_sheet_not_certified", "encrypted_workbook",
    "missing_column", "no_header", "not_a_workbook", "truncated_file", "unknown_dataset", "unsupported_type",
    "wrong_bureau", "wrong_dataset",
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(warehouse: Warehouse) -> dict[str, Any]:
    """The manifest of a small sample set that has been taken in and judged."""
    manifest = write_samples(warehouse.home / "drop", warehouse.home / "samples.json", SUBJECTS)
    _take_in_all()
    judge()
    return manifest


def _take_in_all() -> list[Outcome]:
    """What every unit has dropped, two units at a time, as the DAG does."""
    with ThreadPoolExecutor(2) as pool:
        return [o for outcomes in pool.map(lambda unit: take_in(unit, RECEIVED_AT), STYLES) for o in outcomes]


def _ledger(warehouse: Warehouse) -> Counter[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return Counter(
            connection.execute(
                """select bureau_code, file_name, sheet_name,
                          case when state <> 'refused' then dataset end, case when state <> 'refused' then period end,
                          mode, state, refusal_code, rows_received
                   from intake.submissions"""
            ).fetchall()
        )


def _judged(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on every staging table, joined to the ledger."""
    found: list[tuple[Any, ...]] = []
    with warehouse.connect() as connection:
        for dataset in load_contracts():
            table = sql.Identifier("staging", f"stg_{dataset}")
            found += connection.execute(sql.SQL(query).format(table)).fetchall()  # type: ignore[arg-type]
    return found


def test_the_ledger_holds_every_submission_as_planned(warehouse: Warehouse, samples: dict[str, Any]) -> None:
    keys = ("unit", "file", "sheet", "dataset", "period", "mode", "state", "refusal_code", "received")
    assert _ledger(warehouse) == Counter(tuple(s[key] for key in keys) for s in samples["submissions"])


def test_every_planted_defect_is_found_at_its_row_and_no_other(warehouse: Warehouse, samples: dict[str, Any]) -> None:
    found = _judged(
        warehouse,
        """select s.bureau_code, s.file_name, s.sheet_name, j.row_number,
                  split_part(issue, ':', 1), split_part(issue, ':', 2)
           from {} as j inner join intake.submissions as s using (submission_id)
           cross join unnest(j.issues) as issue""",
    )
    planted = [(d["unit"], d["file"], d["sheet"], d["row"], d["column"], d["issue"]) for d in samples["defects"]]
    assert sorted(set(planted) - set(found)) == []
    assert sorted(set(found) - set(planted)) == []
    assert len(found) == len(planted)


def test_accepted_and_rejected_rows_are_as_planned(warehouse: Warehouse, samples: dict[str, Any]) -> None:
    found = _judged(
        warehouse,
        """select s.bureau_code, s.file_name, s.sheet_name,
                  count(*) filter (where j.is_accepted), count(*) filter (where not j.is_accepted)
           from {} as j inner join intake.submissions as s using (submission_id) group by 1, 2, 3""",
    )
    planned = [
        (s["unit"], s["file"], s["sheet"], s["accepted"], s["rejected"])
        for s in samples["submissions"]
        if s["received"]
    ]
    assert sorted(found) == sorted(planned)


def test_the_set_shows_every_kind_of_fault(samples: dict[str, Any]) -> None:
    assert {d["issue"] for d in samples["defects"]} >= ROW_ISSUES
    assert {s["refusal_code"] for s in samples["submissions"]} - {None} == REFUSALS
    assert {s["state"] for s in samples["submissions"]} == {"loaded", "nil_return", "withdrawal", "refused"}


def test_writing_and_taking_in_again_changes_nothing(warehouse: Warehouse, samples: dict[str, Any]) -> None:
    before = _ledger(warehouse)
    assert write_samples(warehouse.home / "drop", warehouse.home / "samples.json", SUBJECTS) == samples
    states = Counter(outcome.state for outcome in _take_in_all())
    expected = Counter("refused" if s["state"] == "refused" else "unchanged" for s in samples["submissions"])
    assert states == expected
    assert _ledger(warehouse) == before


def _bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_bytes_depend_on_the_arguments_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_samples(tmp_path / "a", tmp_path / "a.json", 200)
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    write_samples(tmp_path / "b", tmp_path / "b.json", 200)
    assert _bytes_of(tmp_path / "a") == _bytes_of(tmp_path / "b")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    write_samples(tmp_path / "c", tmp_path / "c.json", 200, seed=7)
    assert _bytes_of(tmp_path / "a") != _bytes_of(tmp_path / "c")


def test_the_mess_is_really_in_the_files(tmp_path: Path) -> None:
    write_samples(tmp_path / "drop", tmp_path / "m.json", 200)
    files = [p for p in (tmp_path / "drop").rglob("*.*") if p.stat().st_size > 700]
    seen = {p.suffix for p in files}
    for path in (p for p in files if p.suffix == ".csv"):
        seen.add("bom" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "gb18030")
    for path in (p for p in files if p.parent.name in ("210600", "210900", "211400") and is_zipfile(p)):
        for sheet in openpyxl.load_workbook(path):
            seen |= {"merged"} if sheet.merged_cells.ranges else set()
            seen |= {"hidden"} if any(d.hidden for d in sheet.row_dimensions.values()) else set()
            cells = [cell for row in sheet.iter_rows() for cell in row]
            seen |= {f"cell {cell.data_type}" for cell in cells}
    assert seen >= {".xlsx", ".xls", ".csv", "bom", "gb18030", "merged", "hidden", "cell f", "cell n", "cell s"}


def test_invented_subjects_have_valid_numbers_and_plain_names() -> None:
    people = [s for found in population(SUBJECTS, 2022).values() for s in found]
    assert all(uscc.is_valid(s.uscc) and organisation_check_character(s.uscc[8:16]) == s.uscc[16] for s in people)
    assert all("示例" in s.name for s in people)
    assert len({s.uscc for s in people}) == len(people)
    # A published code, so that our own check character is not only right about itself.
    assert organisation_check_character("60003734") == "1"


def test_nothing_is_written_beside_the_units(tmp_path: Path) -> None:
    write_samples(tmp_path / "drop", tmp_path / "samples.json", 100)
    assert sorted(p.name for p in (tmp_path / "drop").iterdir()) == sorted(STYLES)
