"""双随机: who is inspected and by whom is what frame and seed say, is chosen evenly, and anybody can draw it again."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import openpyxl
import psycopg
import pytest
from psycopg import errors
from typer.testing import CliRunner

from ipcredit import inspection, redraw, roles
from ipcredit.cli import app
from ipcredit.inspection import DrawError, draw, list_draws, verify, write_sheets

R1, R2 = "r20221205_0001", "r20230105_0002"
AS_OF = "2022-12-05"
# Agencies of two cities by grade, and what the ratios make of them: A 5 %, B 20 %, C 60 %, D 100 %, not graded 20 %.
STRATA = {
    ("210600", "A"): (21, 2), ("210600", "B"): (10, 2), ("210600", "C"): (4, 3), ("210600", "D"): (2, 2),
    ("210600", "U"): (6, 2), ("210700", "A"): (1, 1), ("210700", "B"): (11, 3),
}  # fmt: skip
ROSTER = {"210600": 6, "210700": 1}

_TABLES = """
create schema catalogue;
create table release_store.subject_grades (
    release_id text, subject_id text, division_code text, track text, subject_kind text, is_provincial boolean,
    grade text, internal_score integer
);
create table release_store.subjects (release_id text, subject_id text, subject_name text);
create table catalogue.records (dataset text, division_code text, event_value text, details jsonb);
"""


def agencies(division: str, grade: str) -> list[str]:
    size, _ = STRATA[division, grade]
    return [f"91{division}{grade}{number:09d}" for number in range(size)]


def prepare(connection: psycopg.Connection) -> None:
    connection.execute(_TABLES)
    cursor = connection.cursor()
    for release_id, day in ((R1, AS_OF), (R2, "2023-01-05")):
        cursor.execute(
            """insert into release_store.releases (release_id, as_of, known_at, code_commit, state)
               values (%s, %s, %s, 'test', 'published')""",
            (release_id, day, f"{day} 09:00+08"),
        )
        for division, grade in STRATA:
            for subject in agencies(division, grade):
                cursor.execute(
                    """insert into release_store.subject_grades
                       values (%s, %s, %s, 'agency', 'patent_agency', true, %s, 1),
                           (%s, %s, %s, 'city_risk', 'patent_agency', false, 'D', 1)""",
                    (release_id, subject, division, grade, release_id, subject, division),
                )
                cursor.execute("insert into release_store.subjects values (%s, %s, '所')", (release_id, subject))
    cursor.execute("update release_store.current_release set release_id = %s", (R1,))
    for division, size in ROSTER.items():
        for number in range(1, size + 1):
            cursor.execute(
                """insert into catalogue.records values ('inspectors', %s, 'available',
                       jsonb_build_object('inspector_no', %s::text, 'inspector_kind', 'all'))""",
                (division, f"{division}-{number}"),
            )
    # Two who may not be drawn at all, and one who must avoid both agencies of grade D.
    cursor.execute(
        """insert into catalogue.records values
           ('inspectors', '210600', 'unavailable', '{"inspector_no": "on leave", "inspector_kind": "all"}'),
           ('inspectors', '210600', 'available', '{"inspector_no": "other kind", "inspector_kind": "enterprise"}')"""
    )
    cursor.execute(
        """update catalogue.records set details = details || jsonb_build_object('avoids', %s::text)
           where details ->> 'inspector_no' = '210600-1'""",
        ("；".join(agencies("210600", "D")),),
    )


def reader(warehouse, role: str) -> psycopg.Connection:
    connection = warehouse.connect(autocommit=True)
    connection.execute(f"set session authorization {role}")
    return connection


@pytest.fixture(scope="module", autouse=True)
def frame(warehouse) -> Iterator[None]:
    with warehouse.connect() as connection:
        prepare(connection)
    roles.grant()
    yield


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    """What a test changes is undone, also what `draw` has kept."""
    with warehouse.connect(autocommit=True) as connection:
        yield connection
        forget(connection)


def forget(connection: psycopg.Connection) -> None:
    """As if nothing had been drawn: what nobody but a superuser can do."""
    connection.execute("set session_replication_role = replica")
    for table in ("draw_inspectors", "draw_frame", "draw_roster", "draws"):
        connection.execute(f"delete from inspection.{table}")


def draw_agencies(
    draw_id: str,
    seed: str = "彩票 2022139 期 01 05 09",
    release_id: str | None = None,
    inspect_by: date = date(2022, 12, 31),
) -> inspection.Draw:
    return draw(
        draw_id,
        "丹知抽2022-01",
        "patent_agency",
        seed,
        "福利彩票双色球开奖号码",
        "知识产权服务处",
        inspect_by,
        release_id,
    )


def drawn(db: psycopg.Connection, draw_id: str) -> list[str]:
    rows = db.execute("select subject_id from inspection.draw_frame where draw_id = %s and is_drawn", (draw_id,))
    return sorted(subject for (subject,) in rows)


def inspectors(db: psycopg.Connection, draw_id: str) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = defaultdict(list)
    for subject, inspector in db.execute(
        "select subject_id, inspector_no from inspection.draw_inspectors where draw_id = %s order by subject_id, seat",
        (draw_id,),
    ):
        found[subject].append(inspector)
    return found


def test_every_stratum_gives_its_ratio_rounded_up(db):
    made = draw_agencies("2022-D1")
    found = db.execute(
        """select division_code, grade, count(*), count(*) filter (where is_drawn), min(stratum_size), min(sample_size)
           from inspection.draw_frame where draw_id = '2022-D1' group by 1, 2"""
    ).fetchall()
    assert {(d, g): (n, k) for d, g, n, k, _, _ in found} == STRATA
    assert all((n, k) == (size, sample) for _, _, n, k, size, sample in found)
    assert (made.frame_size, made.drawn) == tuple(map(sum, zip(*STRATA.values(), strict=True)))
    assert [one.draw_id for one in list_draws()] == ["2022-D1"]


def test_a_draw_is_made_once(db):
    first = draw_agencies("2022-D1")
    before = drawn(db, "2022-D1")
    assert draw_agencies("2022-D1") == first
    for other in ({"seed": "another"}, {"release_id": R2}):
        with pytest.raises(DrawError, match="drawn already"):
            draw_agencies("2022-D1", **other)
    assert drawn(db, "2022-D1") == before


@pytest.mark.parametrize("table", ["draws", "draw_frame", "draw_roster", "draw_inspectors"])
def test_what_was_drawn_stays(db, table):
    draw_agencies("2022-D1")
    for change in (
        "delete from inspection.{}",
        "truncate inspection.{} cascade",
        "update inspection.{} set draw_id = 'x'",
    ):
        with pytest.raises(errors.RaiseException, match="kept as it was drawn"):
            db.execute(change.format(table))


def test_anybody_can_draw_again(db, tmp_path):
    draw_agencies("2022-D1", seed="种子 7")
    asked = ["draw", "export", "2022-D1", str(tmp_path / "frame.csv")]
    paths = CliRunner().invoke(app, asked, catch_exceptions=False).stdout.splitlines()
    script = [sys.executable, redraw.__file__, paths[0], "种子 7", "2022-D1", paths[1]]
    # On its own: no database, no other file of the project.
    lines = subprocess.run(
        script, cwd=tmp_path, env={"PYTHONUTF8": "1"}, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    (mark,) = db.execute("select frame_sha256 from inspection.draws").fetchone()
    seats = inspectors(db, "2022-D1")
    assert lines[0] == f"frame {mark}"
    assert lines[1:] == [" ".join((s, *(i for i in seats[s] if i))) for s in drawn(db, "2022-D1")]
    told = CliRunner().invoke(app, ["draw", "verify", "2022-D1"], catch_exceptions=False)
    assert (told.exit_code, told.stdout) == (0, f"{len(lines) - 1} drawn, as frame and seed say.\n")


@pytest.mark.parametrize(
    "forgery",
    [
        "update inspection.draw_frame set is_drawn = not is_drawn where grade = 'A' and place in (1, 20)",
        "update inspection.draw_frame set grade = 'A' where grade = 'B' and place = 1",
        "delete from inspection.draw_frame where grade = 'U' and not is_drawn",
        "update inspection.draws set seed = 'another'",
        "update inspection.draw_inspectors set inspector_no = '210600-0' where seat = 1 and inspector_no is not null",
        """update inspection.draw_inspectors set inspector_no = '210600-1'
           where seat = 1 and subject_id in (select subject_id from inspection.draw_frame where grade = 'D')""",
        "delete from inspection.draw_inspectors where seat = 2",
        "update inspection.draw_frame set barred_inspectors = '{210600-2,210600-3,210600-4}' where grade = 'C'",
    ],
)
def test_a_forged_draw_is_found_out(db, forgery):
    draw_agencies("2022-D1")
    verify("2022-D1")
    db.execute("set session_replication_role = replica")
    db.execute(forgery)
    with pytest.raises(DrawError):
        verify("2022-D1")
    assert CliRunner().invoke(app, ["draw", "verify", "2022-D1"]).exit_code == 1


def test_two_inspectors_of_the_division_none_who_has_to_avoid(db):
    made = draw_agencies("2022-D1")
    divisions = dict(db.execute("select subject_id, division_code from inspection.draw_frame").fetchall())
    seats = inspectors(db, "2022-D1")
    assert set(seats) == set(drawn(db, "2022-D1"))
    for subject, pair in seats.items():
        named = [one for one in pair if one]
        assert len(pair) == 2
        assert len(set(named)) == min(2, ROSTER[divisions[subject]])
        assert all(one.startswith(f"{divisions[subject]}-") for one in named)
        if subject in agencies("210600", "D"):
            assert "210600-1" not in named
    # One inspector in 210700: the second seat is a named gap.
    gaps = db.execute("select subject_id, seat, gap from inspection.draw_inspectors where gap is not null").fetchall()
    assert {(divisions[subject], seat, gap) for subject, seat, gap in gaps} == {("210700", 2, "可抽取的检查人员不足")}
    assert made.gaps == len(gaps) == 4


def test_nobody_inspects_the_same_subject_twice_in_a_row(db):
    for number in range(4):
        draw_agencies(f"2022-D{number}", seed=f"seed {number}")
    for subject in agencies("210600", "D"):
        turns = [set(inspectors(db, f"2022-D{number}")[subject]) for number in range(4)]
        assert all(len(pair) == 2 for pair in turns)
        assert all(not before & after for before, after in pairwise(turns))
    # One avoids both in every draw; whoever inspected the last time is barred besides, three times two.
    barred = "select sum(cardinality(barred_inspectors)) from inspection.draw_frame where subject_id = any(%s)"
    assert db.execute(barred, (agencies("210600", "D"),)).fetchone() == (2 * (4 + 3 * 2),)


def test_nobody_is_drawn_oftener_than_a_year_allows(db):
    """Grades B and C once, D four times; the new year counts anew."""
    times: Counter[str] = Counter()
    for number in range(6):
        draw_agencies(f"2022-D{number}")
        times.update(drawn(db, f"2022-D{number}"))
    # of ten 2, 2, 2, 1, 1, 1 are drawn while they grow fewer
    assert Counter(times[subject] for subject in agencies("210600", "B")) == {1: 9, 0: 1}
    assert {times[subject] for subject in agencies("210600", "C")} == {1}
    assert {times[subject] for subject in agencies("210600", "D")} == {4}
    draw_agencies("2023-D1", release_id=R2)
    assert set(agencies("210600", "D")) <= set(drawn(db, "2023-D1"))
    verify("2023-D1")


def test_the_internal_class_moves_nobody(db, warehouse):
    draw_agencies("2022-D1")
    before = db.execute("select * from inspection.draw_frame order by subject_id").fetchall()
    with warehouse.connect() as connection:
        forget(connection)
        connection.execute("update release_store.subject_grades set internal_score = 900")
    draw_agencies("2022-D1")
    assert db.execute("select * from inspection.draw_frame order by subject_id").fetchall() == before


def test_a_draw_without_ratio_seed_or_release_is_refused(db):
    with pytest.raises(DrawError, match="none of"):
        draw("x", "p", "school", "s", "source", "by", date(2022, 12, 31))
    for draw_id, seed in (("", "s"), ("x", ""), ("x|y", "s"), ("x", "s|t")):
        with pytest.raises(DrawError, match="needs a number"):
            draw_agencies(draw_id, seed)
    with pytest.raises(DrawError, match="Nobody"):
        draw_agencies("x", release_id="r19990101_0001")
    with pytest.raises(DrawError, match="There is no draw"):
        verify("x")
    db.execute("update policy.inspection_rules set status = 'no_rule' where grade = 'C'")
    try:
        with pytest.raises(DrawError, match="No ratio is in force for patent_agency of grade C"):
            draw_agencies("x")
        assert list_draws() == []
    finally:
        db.execute("update policy.inspection_rules set status = 'provisional'")


def test_bureaus_get_the_form_of_what_was_drawn(db, warehouse):
    draw_agencies("2022-D1")
    paths = write_sheets("2022-D1")
    assert sorted(path.parts[-3] for path in paths) == ["210600", "210700"]
    for path in paths:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        text = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
        division = path.parts[-3]
        assert {s for s in drawn(db, "2022-D1") if s.startswith(f"91{division}")} <= text
        assert {"2022-D1", "丹知抽2022-01"} <= text
    # Filled in where it lies, it is kept when the task is repeated; a link that somebody put there is not followed.
    paths[0].write_bytes(b"filled in")
    made, target = paths[1].read_bytes(), warehouse.home / "elsewhere"
    paths[1].unlink()
    paths[1].symlink_to(target)
    assert write_sheets("2022-D1") == paths
    assert paths[0].read_bytes() == b"filled in" and not paths[1].is_symlink() and not target.exists()
    assert paths[1].read_bytes() == made


def test_who_is_on_record_for_no_city_gets_no_sheet_and_it_is_said(db):
    province = "91210000D000000000"
    db.execute(
        "insert into release_store.subject_grades values (%s, %s, '210000', 'agency', 'patent_agency', true, 'D', 1)",
        (R1, province),
    )
    asked = ["draw", "run", "2022-D1", "--plan", "p", "--kind", "patent_agency", "--seed", "s", "--seed-source", "q",
             "--by", "知识产权服务处", "--inspect-by", "2022-12-31"]  # fmt: skip
    try:
        told = CliRunner().invoke(app, asked, catch_exceptions=False).output
        assert province in drawn(db, "2022-D1")
        assert "1 of the drawn are on record for no city" in told
        assert sum(line.endswith("抽查任务_2022-D1.xlsx") for line in told.splitlines()) == 2
        (made,) = list_draws()
        assert made.without_sheet == 1 and verify("2022-D1") == made
        assert "1 without a sheet" in CliRunner().invoke(app, ["draw", "list"]).output
        forget(db)
        assert draw_agencies("2022-D2", release_id=R2).without_sheet == 0
    finally:
        db.execute("delete from release_store.subject_grades where subject_id = %s", (province,))


def chi_square(counts: list[int], expected: float) -> float:
    return sum((count - expected) ** 2 / expected for count in counts)


def test_every_candidate_and_every_inspector_is_as_likely(db):
    """The limits are the 99.9 % points of chi-square; a sample without replacement scatters less, by 1 - ratio."""
    db.execute("update policy.inspection_rules set per_year = 1000, avoids_last_inspector = false")
    try:
        rounds = 120
        for number in range(rounds):
            draw_agencies(f"D{number}", seed="one seed for all")
        times = Counter(
            s for (s,) in db.execute("select subject_id from inspection.draw_frame where is_drawn").fetchall()
        )
        pairs = Counter(
            i for (i,) in db.execute(
                """select i.inspector_no from inspection.draw_inspectors as i inner join inspection.draw_frame as f
                       on i.draw_id = f.draw_id and i.subject_id = f.subject_id
                   where f.division_code = '210600' and f.grade <> 'D'"""
            ).fetchall()
        )  # fmt: skip
        firsts = Counter(
            i for (i,) in db.execute(
                """select i.inspector_no from inspection.draw_inspectors as i inner join inspection.draw_frame as f
                       on i.draw_id = f.draw_id and i.subject_id = f.subject_id
                   where f.division_code = '210600' and f.grade <> 'D' and i.seat = 1"""
            ).fetchall()
        )  # fmt: skip
    finally:
        db.execute("update policy.inspection_rules set per_year = 1, avoids_last_inspector = true")
        db.execute("update policy.inspection_rules set per_year = 4 where grade = 'D'")
    for (division, grade), limit in {("210600", "A"): 45.3, ("210600", "B"): 27.9, ("210700", "B"): 29.6}.items():
        size, sample = STRATA[division, grade]
        counts = [times[subject] for subject in agencies(division, grade)]
        spread = (1 - sample / size) * size / (size - 1)
        assert chi_square(counts, rounds * sample / size) / spread < limit, (division, grade, counts)
    seats = rounds * sum(sample for (d, g), (_, sample) in STRATA.items() if d == "210600" and g != "D")
    assert chi_square([firsts[f"210600-{n}"] for n in range(1, 7)], seats / 6) < 20.5
    assert chi_square([pairs[f"210600-{n}"] for n in range(1, 7)], seats / 3) / ((1 - 2 / 6) * 6 / 5) < 20.5


def test_every_pair_is_as_likely(db):
    """Of ten two by a thousand seeds; the 99.9 % point of chi-square with 44 degrees of freedom."""
    pairs = db.execute(
        """with tickets as (
               select seed, n, row_number() over (
                   partition by seed order by inspection.ticket('seed ' || seed, 'D', 'S' || n) collate "C") as place
               from generate_series(1, 1000) as seed, generate_series(1, 10) as n
           )
           select array_agg(n order by n) from tickets where place <= 2 group by seed"""
    ).fetchall()
    counts = Counter(tuple(pair) for (pair,) in pairs)
    assert chi_square([counts[a, b] for b in range(1, 11) for a in range(1, b)], 1000 / 45) < 78.75


def test_neighbouring_seeds_and_draws_draw_others(db):
    """A seed decides: no more subjects are drawn twice than chance has it."""
    db.execute("update policy.inspection_rules set per_year = 1000")
    try:
        draw_agencies("D1", seed="1")
        draw_agencies("D2", seed="1")
        draw_agencies("D3", seed="2")
    finally:
        db.execute("update policy.inspection_rules set per_year = case grade when 'D' then 4 else 1 end")
    assert len({tuple(drawn(db, one)) for one in ("D1", "D2", "D3")}) == 3


def test_the_shape_of_a_ticket_is_what_the_documents_say(db):
    assert db.execute("select inspection.ticket('种子', 'D1', '91')").fetchone() == (redraw.ticket("种子", "D1", "91"),)
    assert db.execute("select inspection.ticket('种子', 'D1', '91', '检1')").fetchone() == (
        redraw.ticket("种子", "D1", "91", "检1"),
    )
    assert Path(redraw.__file__).read_text(encoding="utf-8").count("import ipcredit") == 0


def test_a_city_reads_its_own_draws_and_nobody_writes(db, warehouse):
    draw_agencies("2022-D1")
    with reader(warehouse, "analyst") as province, reader(warehouse, "analyst_210700") as city:
        for view in ("inspection_objects", "inspection_rosters"):
            count = f"select division_code, count(*) from publication.{view} group by 1"
            of_all = dict(province.execute(count).fetchall())
            assert set(of_all) == {"210600", "210700"}
            assert dict(city.execute(count).fetchall()) == {"210700": of_all["210700"]}
        for command in (
            "select * from inspection.draw_roster",
            "insert into publication.inspection_draws (draw_id) values ('x')",
            "select inspection.ticket('a', 'b', 'c')",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                province.execute(command)
