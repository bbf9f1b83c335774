"""双随机 on a real server: reproducible by anybody, uniform within strata, inspectors that avoid whom they must."""

import csv
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from candidates import build_first_candidate, pass_gate

from ipcredit import inspection, redraw, release
from ipcredit.database import connect
from ipcredit.inspection import DrawError

R1 = "r20221205_0001"
OBJECTS, SEED, SOURCE = 40, "0 3 5 9 1", "排列五第22324期"
RATIOS = {"A": Decimal("0.05"), "B": Decimal("0.2"), "C": Decimal("0.6"), "D": Decimal(1), "U": Decimal("0.2")}


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """A release with forty enterprises more in each of two divisions, ten of each grade, and rosters of inspectors."""
    build_first_candidate(R1)
    with connect() as connection:
        pass_gate(connection, R1)
        connection.commit()
    release.publish(R1)
    with connect() as connection:
        connection.execute(
            f"""insert into release_{R1}.subject_grades
                    (release_id, subject_id, division_code, track, is_provincial, subject_kind, grade)
                select '{R1}', 'S' || d || lpad(n::text, 3, '0'), d, 'enterprise', true, 'enterprise',
                    substr('ABCD', 1 + n %% 4, 1)
                from unnest(array['210600', 'LN-SF']) as d, generate_series(1, %s) as n""",
            (OBJECTS,),
        )
        connection.execute(
            """insert into catalogue.records (dataset, division_code, event_value, details)
               select 'inspectors', d, case n when 8 then 'unavailable' else 'available' end,
                   jsonb_build_object('inspector_no', d || '-' || n,
                       'inspector_kind', case n when 7 then 'patent_agency' else 'all' end,
                       'avoids', case n when 1 then 'S210600003；S210600007' end)
               from unnest(array['210600', '210100']) as d, generate_series(1, 8) as n"""
        )
        connection.commit()
    yield


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        yield connection


def make(draw_id: str, seed: str = SEED, kind: str = "enterprise") -> inspection.Draw:
    return inspection.draw(draw_id, "2022-01", kind, seed, SOURCE, "知识产权服务处", date(2022, 12, 31))


def drawn(db: psycopg.Connection, draw_id: str) -> set[str]:
    found = db.execute("select subject_id from inspection.draw_frame where draw_id = %s and is_drawn", (draw_id,))
    return {subject for (subject,) in found}


def test_every_stratum_gives_its_ratio_rounded_up(db):
    made = make("ratios")
    strata = db.execute(
        """select division_code, grade, min(ratio), count(*), count(*) filter (where is_drawn), max(sample_size)
           from inspection.draw_frame where draw_id = 'ratios' group by 1, 2"""
    ).fetchall()
    assert {(grade, ratio) for _, grade, ratio, *_ in strata} == set(RATIOS.items())
    for _, _, ratio, size, taken, sample in strata:
        assert taken == sample == math.ceil(ratio * size)
    assert made.drawn == sum(row[4] for row in strata)
    assert ("210600", "D", 10, 10) in {(d, g, n, k) for d, g, _, n, k, _ in strata}


def test_anybody_can_draw_again_with_python_alone(db, tmp_path):
    make("again")
    frame = tmp_path / "frame.csv"
    assert (
        inspection.export("again", frame)
        == db.execute("select frame_size from publication.inspection_draws where draw_id = 'again'").fetchone()[0]
    )
    script = Path(redraw.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(frame), SEED, "again"], capture_output=True, text=True, check=True
    )
    first, *subjects = done.stdout.splitlines()
    assert set(subjects) == drawn(db, "again")
    assert (
        first.split()[1]
        == db.execute("select frame_sha256 from inspection.draws where draw_id = 'again'").fetchone()[0]
    )
    with frame.open(encoding="utf-8-sig", newline="") as file:
        assert {row["ticket"] for row in csv.DictReader(file)} == {
            redraw.ticket(SEED, "again", row.subject_id) for row in redraw.read_frame(str(frame))
        }
    assert inspection.verify("again").drawn == len(subjects)


def test_another_seed_draws_others_and_the_same_draw_is_never_made_anew(db):
    make("first")
    assert drawn(db, "first") != (make("second", "another"), drawn(db, "second"))[1]
    before = drawn(db, "first")
    assert not make("first").is_new
    with pytest.raises(DrawError, match="never drawn anew"):
        make("first", "another")
    assert drawn(db, "first") == before


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("update inspection.draw_frame set is_drawn = not is_drawn where draw_id = 'meddled' and place = 1 and grade = 'A'",
         "differ"),
        ("update inspection.draw_frame set grade = 'B' where draw_id = 'meddled' and subject_id = 'S210600004'", "frame"),
        ("""update inspection.draw_inspectors set inspector_no = '210600-9' where draw_id = 'meddled'
            and inspector_no = '210600-2'""", "not drawn"),
    ],
)  # fmt: skip
def test_meddling_is_found(db, statement, message):
    made = make("meddled")
    with db.transaction(force_rollback=True):
        assert db.execute(statement).rowcount
        with pytest.raises(DrawError, match=message):
            inspection.check(db, made)


def test_inspectors_are_two_eligible_of_the_division(db):
    make("inspectors")
    seats = db.execute(
        """select f.division_code, i.subject_id, array_agg(i.inspector_no order by i.seat), max(i.gap)
           from inspection.draw_inspectors as i inner join inspection.draw_frame as f using (draw_id, subject_id)
           where draw_id = 'inspectors' group by 1, 2"""
    ).fetchall()
    assert {subject for _, subject, *_ in seats} == drawn(db, "inspectors")
    for division, subject, inspectors, gap in seats:
        if division == "LN-SF":
            assert inspectors == [None, None] and gap == "可抽取的检查人员不足"
        elif division == "210600":
            assert len(set(inspectors)) == 2 and gap is None
            assert set(inspectors) <= {f"210600-{n}" for n in range(1, 7)}, "7 is for agencies, 8 is not available"
            if subject in ("S210600003", "S210600007"):
                assert "210600-1" not in inspectors
    assert len({inspector for _, _, pair, _ in seats for inspector in pair if inspector}) > 4


def test_nobody_inspects_the_same_object_twice_in_a_row(db):
    make("turn 1", "x")
    make("turn 2", "y")
    pairs = db.execute(
        """select draw_id, subject_id, array_agg(inspector_no) from inspection.draw_inspectors
           where draw_id in ('turn 1', 'turn 2') and inspector_no like '210600%' group by 1, 2"""
    ).fetchall()
    first = {subject: set(pair) for draw_id, subject, pair in pairs if draw_id == "turn 1"}
    second = {subject: set(pair) for draw_id, subject, pair in pairs if draw_id == "turn 2"}
    both = first.keys() & second.keys()
    assert len(both) > 10
    assert not [subject for subject in both if first[subject] & second[subject]]


def test_the_draw_is_uniform_within_a_stratum(db):
    """Of ten in a stratum two are drawn, by a thousand seeds: every one about two hundred times, every pair alike."""
    seeds = 1000
    taken = db.execute(
        """with tickets as (
               select seed, n, row_number() over (
                   partition by seed order by inspection.ticket('seed ' || seed, 'D', 'S' || n) collate "C") as place
               from generate_series(1, %s) as seed, generate_series(1, 10) as n
           )
           select array_agg(n order by n) from tickets where place <= 2 group by seed""",
        (seeds,),
    ).fetchall()
    singles = Counter(n for (pair,) in taken for n in pair)
    pairs = Counter(tuple(pair) for (pair,) in taken)

    def chi_square(counts: Counter, cells: int, total: int) -> float:
        expected = total / cells
        return sum((count - expected) ** 2 / expected for count in counts.values()) + (cells - len(counts)) * expected

    # the seeds are fixed, so this never fails by chance: the 99.9 % points for 9 and 44 degrees of freedom
    assert chi_square(singles, 10, 2 * seeds) < 27.88
    assert chi_square(pairs, 45, seeds) < 78.75


def test_a_draw_needs_a_kind_a_seed_and_somebody(db):
    with pytest.raises(DrawError, match="none of"):
        make("no kind", kind="school")
    with pytest.raises(DrawError, match="seed"):
        make("no seed", "")
    with pytest.raises(DrawError, match="Nobody"):
        make("nobody", kind="trademark_agency")
    assert db.execute(
        "select count(*) from inspection.draws where draw_id in ('no kind', 'no seed', 'nobody')"
    ).fetchone() == (0,)


def test_the_bureau_gets_the_form_of_what_was_drawn_for_it(db):
    make("sheets")
    files = {path.parent.parent.name: path for path in inspection.write_sheets("sheets")}
    assert {"210600", "LN-SF"} <= files.keys()
    assert all(path.exists() for path in files.values())


def test_an_analyst_of_a_division_sees_its_own_objects_and_every_seed(db):
    make("seen")
    with db.transaction(force_rollback=True):
        db.execute("set local role analyst_210600")
        assert db.execute("select distinct division_code from publication.inspection_objects").fetchall() == [
            ("210600",)
        ]
        assert db.execute("select seed, seed_source from publication.inspection_draws where draw_id = 'seen'").fetchone() == (
            SEED, SOURCE,
        )  # fmt: skip
