"""Drawing again, with nothing but Python: what anybody can do with a published draw, and what `draw verify` does.

    python redraw.py FRAME.csv SEED DRAW_ID [ROSTER.csv]

FRAME.csv has the columns of `publication.inspection_objects`, ROSTER.csv those of `publication.inspection_rosters`; the
subjects drawn are printed, with a roster each with its inspectors. The rule: a subject's ticket is
sha256("seed|draw_id|subject_id|") in hexadecimal; in every stratum (division and grade) the lowest tickets are drawn,
ratio × size of them, rounded up. An inspector's ticket for a subject is sha256("seed|draw_id|subject_id|inspector_no");
of the division's inspectors who are not barred from this subject the lowest are drawn, one for each seat.
"""

import csv
import hashlib
import json
import math
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple


class Candidate(NamedTuple):
    """One line of the frame."""

    subject_id: str
    division_code: str
    grade: str
    ratio: Decimal
    seats: int = 0
    """How many inspectors it needs; none unless it was drawn."""
    barred: tuple[str, ...] = ()
    """Inspectors who may not inspect it."""


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


def redraw_inspectors(
    frame: list[Candidate], roster: dict[str, list[str]], seed: str, draw_id: str
) -> dict[str, list[str]]:
    """Inspectors that this seed draws for every subject with seats, by seat; fewer than seats where there are no more.

    Args:
        roster: numbers of the inspectors of each division.
    """
    drawn = {}
    for one in frame:
        if one.seats:
            free = set(roster.get(one.division_code, ())) - set(one.barred)
            by_ticket = sorted(free, key=lambda inspector: ticket(seed, draw_id, one.subject_id, inspector))
            drawn[one.subject_id] = by_ticket[: one.seats]
    return drawn


def frame_sha256(frame: list[Candidate]) -> str:
    """What the published frame must hash to: its lines in the order of subjects, so that nobody slips in or out."""
    lines = [f"{one.subject_id}|{one.division_code}|{one.grade}|{one.ratio:.4f}" for one in sorted(frame)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_frame(path: str) -> list[Candidate]:
    """The frame out of a CSV file; other columns are left alone."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return [
            Candidate(
                row["subject_id"], row["division_code"], row["grade"], Decimal(row["ratio"]), int(row["seats"]),
                tuple(json.loads(row["barred_inspectors"])),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def read_roster(path: str) -> dict[str, list[str]]:
    """The inspectors of each division out of a CSV file."""
    roster: dict[str, list[str]] = defaultdict(list)
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            roster[row["division_code"]].append(row["inspector_no"])
    return roster


def main(frame_path: str, seed: str, draw_id: str, roster_path: str | None = None) -> None:
    """Print the frame's mark, then one line for each subject drawn."""
    frame = read_frame(frame_path)
    inspectors = redraw_inspectors(frame, read_roster(roster_path), seed, draw_id) if roster_path else {}
    print(f"frame {frame_sha256(frame)}")
    for subject in sorted(redraw(frame, seed, draw_id)):
        print(" ".join((subject, *inspectors.get(subject, ()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
