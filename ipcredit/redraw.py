"""Drawing again, with nothing but Python: what anybody can do with a published draw, and what `ipcredit draw verify` does.

    python redraw.py FRAME.csv SEED DRAW_ID

FRAME.csv has the columns subject_id, division_code, grade, ratio (as published in `inspection_objects`), and prints the
subjects drawn. The rule: a subject's ticket is sha256("seed|draw_id|subject_id|") in hexadecimal; in every stratum
(division and grade) the lowest tickets are drawn, ratio × size of them, rounded up.
"""

import csv
import hashlib
import math
import sys
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple


class Candidate(NamedTuple):
    """One line of the frame."""

    subject_id: str
    division_code: str
    grade: str
    ratio: Decimal


def ticket(seed: str, draw_id: str, subject_id: str, inspector_no: str = "") -> str:
    """The number that decides, in hexadecimal: the lower is drawn first."""
    return hashlib.sha256(f"{seed}|{draw_id}|{subject_id}|{inspector_no}".encode()).hexdigest()


def redraw(frame: list[Candidate], seed: str, draw_id: str) -> set[str]:
    """Subjects that this seed draws out of this frame."""
    strata: dict[tuple[str, str, Decimal], list[str]] = defaultdict(list)
    for one in frame:
        strata[(one.division_code, one.grade, one.ratio)].append(one.subject_id)
    drawn: set[str] = set()
    for (_, _, ratio), subjects in strata.items():
        size = math.ceil(ratio * len(subjects))
        drawn |= set(sorted(subjects, key=lambda subject: ticket(seed, draw_id, subject))[:size])
    return drawn


def frame_sha256(frame: list[Candidate]) -> str:
    """What the published frame must hash to: its lines in the order of subjects, so that nobody is slipped in or out."""
    lines = [f"{one.subject_id}|{one.division_code}|{one.grade}|{one.ratio:.4f}" for one in sorted(frame)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_frame(path: str) -> list[Candidate]:
    """The frame out of a CSV file; other columns are left alone."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            Candidate(row["subject_id"], row["division_code"], row["grade"], Decimal(row["ratio"]))
            for row in csv.DictReader(file)
        ]


if __name__ == "__main__":
    candidates = read_frame(sys.argv[1])
    print(f"frame {frame_sha256(candidates)}")
    print("\n".join(sorted(redraw(candidates, sys.argv[2], sys.argv[3]))))
