"""The timeline names every event type that staging can emit for a subject."""

import csv
import re

from ipcredit.contracts import Contract, load_contracts
from ipcredit.settings import DBT_PROJECT

# what CASE branches put together of two parts
COMPOSED = {
    "complaints": {"complaint_refused", "complaint_withdrawn"},
    "objections": {"objection_rejected", "objection_withdrawn"},
    "repairs": {"repair_granted", "repair_refused", "repair_withdrawn", "repair_revoked", "repair_applied"},
    "measure_feedback": {"incentive_applied", "constraint_applied"},
}


def _emitted(contract: Contract) -> set[str]:
    text = next((DBT_PROJECT / "models" / "staging").rglob(f"stg_{contract.dataset}.sql")).read_text(encoding="utf-8")
    expression = re.search(r"typed\.\*,\s*(.*?)\s+as event_type", text, re.DOTALL)
    assert expression, contract.dataset
    if column := re.fullmatch(r"(?:typed\.)?([a-z_]+)", expression[1]):
        return set(contract.code_lists[contract.column(column[1]).code_list or ""])
    literals = re.findall(r"(?:^|then|else)\s*'([a-z_]+)'(?!\s*\|\|)", expression[1])
    return set(literals) | COMPOSED.get(contract.dataset, set())


def test_every_event_type_of_a_subject_has_a_title_and_a_stage():
    emitted = set().union(*(_emitted(one) for one in load_contracts().values() if one.subject))
    with (DBT_PROJECT / "seeds" / "reference" / "event_types.csv").open(encoding="utf-8", newline="") as file:
        named = {row["event_type"] for row in csv.DictReader(file)}
    assert emitted - named == set()
