"""Which intake rules hold on a day, read from a seed to which a version has been appended."""

from datetime import date
from pathlib import Path

import pytest

from ipcredit.intake import rules

SEED = """policy_id,version,rule_code,value,unit,effective_from,effective_to,recorded_on,status,source_clause,note
intake,1,removal_share,0.30,share,2022-01-01,,2022-01-01,provisional,x,y
intake,1,settle_seconds,5,seconds,2022-01-01,,2022-01-01,provisional,x,y
intake,2,removal_share,0.20,share,2022-06-01,2022-06-30,2022-05-20,provisional,x,y
intake,2,settle_seconds,9,seconds,2022-06-01,2022-06-30,2022-05-20,provisional,x,y
intake,3,removal_share,0.10,share,2022-08-01,,2022-08-10,provisional,x,y
intake,3,settle_seconds,1,seconds,2022-08-01,,2022-08-10,provisional,x,y
"""


@pytest.fixture(autouse=True)
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "intake_rules.csv"
    path.write_text(SEED, encoding="utf-8")
    monkeypatch.setattr(rules, "POLICY", tmp_path)
    return path


@pytest.mark.parametrize(
    ("day", "share", "seconds"),
    [
        ("2022-01-01", 0.30, 5),
        ("2022-05-31", 0.30, 5),
        ("2022-06-01", 0.20, 9),
        ("2022-06-30", 0.20, 9),
        ("2022-07-01", 0.30, 5),
        ("2022-08-09", 0.30, 5),  # in effect, but not recorded yet
        ("2022-08-10", 0.10, 1),
    ],
)
def test_the_version_that_took_effect_last_holds(day: str, share: float, seconds: float) -> None:
    assert rules.rules_on(date.fromisoformat(day)) == {"removal_share": share, "settle_seconds": seconds}


@pytest.mark.parametrize("cut", ["intake,3,settle_seconds", "intake,1"])
def test_a_day_or_a_rule_that_no_row_covers_is_an_error(seed: Path, cut: str) -> None:
    kept = [line for line in SEED.splitlines() if not line.startswith(cut)]
    seed.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(LookupError):
        rules.rules_on(date(2022, 9, 1) if cut.endswith("seconds") else date(2022, 1, 1))
