"""双随机: draws who is inspected and by whom, from a published release and a seed stated beforehand.

Requirements I01, I02: ratios by grade are policy (`inspection_rules`); the grade is the published one, never the
internal risk class. The draw is kept as drawn; drawing again takes frame, roster, seed and `ipcredit.redraw`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection

from ipcredit.database import advisory_lock, connect
from ipcredit.intake.scan import RECEIPTS, drop_folder
from ipcredit.intake.templates import hand_out
from ipcredit.intake.units import submitting_units
from ipcredit.redraw import Candidate, frame_sha256, redraw, redraw_inspectors
from ipcredit.settings import TIME_ZONE

KINDS = {
    "patent_agency": ("专利代理机构", "专利代理机构执业许可和执业规范", ("patent_agency", "patent_agency_branch")),
    "trademark_agency": ("商标代理机构", "商标代理行为检查", ("trademark_agency",)),
    "enterprise": ("企业", "其他检查事项", ("enterprise",)),
}
"""What can be inspected: its name and matter on the sheet, and the kinds of subjects it stands for."""

_FRAME = """
create temporary table frame on commit drop as
with rules as (
    select r.*, rank() over (order by r.effective_from desc, r.version desc) as recency
    from policy.inspection_rules as r, release_store.releases as l
    where l.release_id = %(release)s and r.object_kind = %(kind)s and r.status <> 'no_rule'
        and r.recorded_on <= (l.known_at at time zone 'Asia/Shanghai')::date
        and l.as_of between r.effective_from and coalesce(r.effective_to, 'infinity')
),
candidates as (
    select distinct on (g.subject_id) g.subject_id, g.division_code,
        case g.grade when 'not_evaluable' then 'U' else g.grade end as grade
    from release_store.subject_grades as g
    where g.release_id = %(release)s and g.is_provincial and g.subject_kind = any(%(subject_kinds)s)
    order by g.subject_id, g.track
),
-- Whoever has been drawn as often as a year allows stays out of the frame.
drawn_this_year as (
    select f.subject_id, count(*) as times
    from inspection.draw_frame as f
    inner join inspection.draws as d on f.draw_id = d.draw_id
    inner join release_store.releases as l on date_trunc('year', d.as_of) = date_trunc('year', l.as_of)
    where f.is_drawn and d.object_kind = %(kind)s and l.release_id = %(release)s
    group by f.subject_id
)
select c.subject_id, c.division_code, c.grade, r.ratio, r.inspectors, r.avoids_last_inspector,
    r.policy_id, r.version as policy_version, r.status as policy_status, r.source_clause,
    (count(*) over stratum)::integer as stratum_size,
    ceil(r.ratio * count(*) over stratum)::integer as sample_size,
    inspection.ticket(%(seed)s, %(draw)s, c.subject_id) as ticket,
    (row_number() over (
        stratum order by inspection.ticket(%(seed)s, %(draw)s, c.subject_id) collate "C"
    ))::integer as place
from candidates as c
left join rules as r on c.grade = r.grade and r.recency = 1
left join drawn_this_year as t on c.subject_id = t.subject_id
where r.per_year is null or coalesce(t.times, 0) < r.per_year
window stratum as (partition by c.division_code, c.grade)
"""

# Barred from a subject: who has to avoid it, and, where the policy says so, who inspected it the last time.
_KEEP_FRAME = """
insert into inspection.draw_frame (draw_id, subject_id, division_code, grade, ratio, stratum_size, sample_size, ticket,
    place, is_drawn, seats, barred_inspectors)
with last_time as (
    select distinct on (x.subject_id) x.subject_id, x.draw_id
    from inspection.draw_frame as x inner join inspection.draws as e on x.draw_id = e.draw_id
    where x.is_drawn and x.subject_id in (select f.subject_id from frame as f where f.place <= f.sample_size)
    order by x.subject_id, e.drawn_at desc, e.draw_id desc
),
barred as (
    select f.subject_id, r.inspector_no
    from frame as f
    inner join inspection.draw_roster as r on r.draw_id = %(draw)s and f.division_code = r.division_code
    where f.subject_id = any(r.avoids)
    union
    select f.subject_id, i.inspector_no
    from frame as f
    inner join last_time as l on f.subject_id = l.subject_id
    inner join inspection.draw_inspectors as i on l.draw_id = i.draw_id and l.subject_id = i.subject_id
    where f.avoids_last_inspector and i.inspector_no is not null
)
select %(draw)s, f.subject_id, f.division_code, f.grade, f.ratio, f.stratum_size, f.sample_size, f.ticket, f.place,
    f.place <= f.sample_size, case when f.place <= f.sample_size then f.inspectors else 0 end,
    case when f.place <= f.sample_size then array(
        select b.inspector_no from barred as b where b.subject_id = f.subject_id order by b.inspector_no
    ) else '{}' end
from frame as f
"""

# Per subject the lowest tickets among those of its division who may inspect it.
_INSPECTORS = """
insert into inspection.draw_inspectors (draw_id, subject_id, seat, inspector_no, ticket, gap)
with eligible as (
    select f.subject_id, r.inspector_no, t.ticket,
        row_number() over (partition by f.subject_id order by t.ticket collate "C") as seat
    from inspection.draw_frame as f
    inner join inspection.draw_roster as r on f.draw_id = r.draw_id and f.division_code = r.division_code
    cross join lateral inspection.ticket(%(seed)s, f.draw_id, f.subject_id, r.inspector_no) as t (ticket)
    where f.draw_id = %(draw)s and f.is_drawn and r.inspector_no <> all (f.barred_inspectors)
)
select f.draw_id, f.subject_id, s.seat, e.inspector_no, e.ticket,
    case when e.inspector_no is null then '可抽取的检查人员不足' end
from inspection.draw_frame as f
cross join lateral generate_series(1, f.seats) as s (seat)
left join eligible as e on f.subject_id = e.subject_id and s.seat = e.seat
where f.draw_id = %(draw)s
"""

_DRAWS = """
select d.draw_id, d.release_id, d.frame_size, d.drawn,
    (select count(*) from inspection.draw_inspectors as i where i.draw_id = d.draw_id and i.gap is not null),
    (select count(*) from inspection.draw_frame as f
     where f.draw_id = d.draw_id and f.is_drawn and f.division_code <> all (%(bureaus)s)), d.seed
from inspection.draws as d
"""

_FRAME_COLUMNS = (
    "subject_id", "division_code", "grade", "ratio", "stratum_size", "sample_size", "ticket", "place", "is_drawn",
    "seats", "barred_inspectors",
)  # fmt: skip


class DrawError(RuntimeError):
    """The draw was not made, or is not what it says; the message says why."""


@dataclass(frozen=True)
class Draw:
    """One draw: `gaps` counts seats for which no inspector could be drawn, `without_sheet` objects of no city: the
    dataset `inspections` is the bureaus' alone, so nobody could send back a sheet of them."""

    draw_id: str
    release_id: str
    frame_size: int
    drawn: int
    gaps: int
    without_sheet: int
    seed: str

    @property
    def left_over(self) -> str:
        """Who gets no sheet and why, as a sentence; empty if everybody has one."""
        if not self.without_sheet:
            return ""
        return (
            f"{self.without_sheet} of the drawn are on record for no city with a bureau, so there is no sheet of them: "
            "publication.inspection_objects names them; decide which bureau inspects and reports them."
        )


def draw(
    draw_id: str, plan_no: str, object_kind: str, seed: str, seed_source: str, by: str, inspect_by: date,
    release_id: str | None = None,
) -> Draw:  # fmt: skip
    """Draw objects and inspectors; asked again for the same draw with the same particulars, return what was drawn.

    Args:
        draw_id: number of the draw, unique for good.
        plan_no: number of the inspection plan.
        object_kind: one of `KINDS`.
        seed: any text that nobody could know when the frame was fixed; published with the draw.
        seed_source: where it comes from, stated beforehand.
        by: the post that draws.
        inspect_by: the last day for inspecting.
        release_id: whose grades make the frame; default: the current release.

    Raises:
        DrawError: unknown kind, no release, no ratios in force, nobody to inspect, or the number was used otherwise.
    """
    if object_kind not in KINDS:
        raise DrawError(f"{object_kind} is none of {', '.join(KINDS)}.")
    if not (draw_id and seed and seed_source) or "|" in draw_id + seed:
        raise DrawError("A draw needs a number, a seed and its source; neither number nor seed may contain '|'.")
    with connect() as connection, advisory_lock(connection, "draw"):
        if found := _drawn(connection, draw_id):
            _same_as(connection, draw_id, plan_no, object_kind, seed, release_id or found.release_id)
            return found
        release = release_id or _current_release(connection)
        given = {
            "draw": draw_id, "plan": plan_no, "kind": object_kind, "seed": seed, "source": seed_source, "by": by,
            "inspect_by": inspect_by, "release": release, "subject_kinds": list(KINDS[object_kind][2]),
        }  # fmt: skip
        connection.execute(_FRAME, given)
        frame = _frame_to_draw_from(connection, object_kind, release)
        connection.execute(
            """insert into inspection.draws (draw_id, plan_no, object_kind, release_id, as_of, seed, seed_source,
                   policy_id, policy_version, policy_status, source_clause, frame_size, drawn, frame_sha256,
                   drawn_by, inspect_by)
               select %(draw)s, %(plan)s, %(kind)s, %(release)s,
                   (select as_of from release_store.releases where release_id = %(release)s), %(seed)s, %(source)s,
                   min(policy_id), min(policy_version), min(policy_status), min(source_clause), count(*),
                   count(*) filter (where place <= sample_size), %(sha256)s, %(by)s, %(inspect_by)s from frame""",
            given | {"sha256": frame_sha256(frame)},
        )
        _take_roster(connection, given)
        connection.execute(_KEEP_FRAME, given)
        connection.execute(_INSPECTORS, given)
        made = _drawn(connection, draw_id)
        connection.commit()
        assert made is not None  # noqa: S101 - inserted just now
        return made


def verify(draw_id: str) -> Draw:
    """Draw again in plain Python from the kept frame and roster and compare, seat by seat.

    Raises:
        DrawError: there is no such draw, or it is not what its frame and seed give.
    """
    with connect() as connection:
        found = _drawn(connection, draw_id)
        if not found:
            raise DrawError(f"There is no draw {draw_id}.")
        check(connection, found)
    return found


def check(connection: Connection, made: Draw) -> None:
    """Hold a draw's kept rows against what its frame, roster and seed give.

    Raises:
        DrawError: they differ; the message says in what.
    """
    draw_id = made.draw_id
    frame = _kept_frame(connection, draw_id)
    row = connection.execute("select frame_sha256 from inspection.draws where draw_id = %s", (draw_id,)).fetchone()
    if row != (frame_sha256(frame),):
        raise DrawError(f"The frame of {draw_id} is not the one that was drawn from.")
    kept = connection.execute(
        "select subject_id from inspection.draw_frame where draw_id = %s and is_drawn", (draw_id,)
    ).fetchall()
    if differing := redraw(frame, made.seed, draw_id) ^ {subject for (subject,) in kept}:
        raise DrawError(f"{draw_id}: {len(differing)} subjects differ from what the seed draws.")
    _verify_inspectors(connection, draw_id, made.seed, frame)


def list_draws() -> list[Draw]:
    """All draws, the newest first."""
    with connect() as connection:
        rows = connection.execute(
            f"{_DRAWS} order by d.drawn_at desc, d.draw_id desc", {"bureaus": _bureaus()}
        ).fetchall()
    return [Draw(*row) for row in rows]


def export(draw_id: str, path: Path) -> list[Path]:
    """Write frame and roster as published, for `python redraw.py`: `path` and, beside it, `<name>_roster.csv`.

    Raises:
        DrawError: there is no such draw.
    """
    with connect() as connection:
        frame = connection.execute(
            """select subject_id, division_code, grade, ratio, stratum_size, sample_size, ticket, place, is_drawn,
                   seats, array_to_json(barred_inspectors)::text
               from inspection.draw_frame where draw_id = %s order by division_code, grade, place""",
            (draw_id,),
        ).fetchall()
        roster = connection.execute(
            """select division_code, inspector_no from inspection.draw_roster
               where draw_id = %s order by division_code, inspector_no""",
            (draw_id,),
        ).fetchall()
    if not frame:
        raise DrawError(f"There is no draw {draw_id}.")
    beside = path.with_name(f"{path.stem}_roster.csv")
    _write_csv(path, _FRAME_COLUMNS, frame)
    _write_csv(beside, ("division_code", "inspector_no"), roster)
    return [path, beside]


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def write_sheets(draw_id: str) -> list[Path]:
    """Write every bureau the form of the dataset `inspections` with what was drawn for it, into its sub-folder 回执.

    A form that lies there stays as it is: the bureau may have filled it in.
    Of objects on record for no city there is none; `Draw.without_sheet` counts them.

    Raises:
        DrawError: there is no such draw.
    """
    with connect() as connection:
        drawn = connection.execute(
            """select f.division_code, f.subject_id, s.subject_name, d.plan_no, d.object_kind,
                   d.drawn_at, d.inspect_by,
                   (select string_agg(coalesce(i.inspector_no, i.gap), '、' order by i.seat)
                    from inspection.draw_inspectors as i where i.draw_id = f.draw_id and i.subject_id = f.subject_id)
               from inspection.draw_frame as f
               inner join inspection.draws as d on f.draw_id = d.draw_id
               left join release_store.subjects as s on d.release_id = s.release_id and f.subject_id = s.subject_id
               where f.draw_id = %s and f.is_drawn order by f.division_code, f.subject_id""",
            (draw_id,),
        ).fetchall()
    if not drawn:
        raise DrawError(f"Nothing was drawn under {draw_id}.")
    by_unit: dict[str, list[dict[str, str]]] = defaultdict(list)
    for division, subject, name, plan, kind, drawn_at, inspect_by, inspectors in drawn:
        by_unit[division].append(
            {
                "plan_no": plan, "draw_no": draw_id, "party_name": name or "", "uscc": subject,
                "inspection_object": KINDS[kind][0], "inspection_matter": KINDS[kind][1],
                "drawn_on": f"{drawn_at.astimezone(TIME_ZONE):%Y-%m-%d}",
                "remarks": f"检查人员编号：{inspectors}；请于 {inspect_by} 前检查",
            }
        )  # fmt: skip
    name, day = f"抽查任务_{draw_id}.xlsx", drawn[0][5].astimezone(TIME_ZONE)
    return [
        hand_out(code, "inspections", None, drop_folder(code) / RECEIPTS / name, rows, day)
        for code, rows in by_unit.items() if code in _bureaus()
    ]  # fmt: skip


def _bureaus() -> list[str]:
    """Divisions with a bureau, which has the same code."""
    return [unit.code for unit in submitting_units() if unit.role == "bureau"]


def _take_roster(connection: Connection, given: dict[str, object]) -> None:
    connection.execute(
        """insert into inspection.draw_roster (draw_id, division_code, inspector_no, avoids)
           select %(draw)s, r.division_code, r.details ->> 'inspector_no',
               coalesce(regexp_split_to_array(r.details ->> 'avoids', '[；;、,， ]+'), '{}')
           from catalogue.records as r
           where r.dataset = 'inspectors' and r.event_value = 'available'
               and r.details ->> 'inspector_kind' in (%(kind)s, 'all')""",
        given,
    )


def _frame_to_draw_from(connection: Connection, object_kind: str, release: str) -> list[Candidate]:
    rows = connection.execute("select subject_id, division_code, grade, ratio from frame").fetchall()
    if not rows:
        raise DrawError(f"Nobody of kind {object_kind} is graded in {release} and may still be drawn this year.")
    if without := sorted({grade for _, _, grade, ratio in rows if ratio is None}):
        raise DrawError(f"No ratio is in force for {object_kind} of grade {', '.join(without)}: see inspection_rules.")
    return [Candidate(*row) for row in rows]


def _kept_frame(connection: Connection, draw_id: str) -> list[Candidate]:
    rows = connection.execute(
        """select subject_id, division_code, grade, ratio, seats, barred_inspectors
           from inspection.draw_frame where draw_id = %s""",
        (draw_id,),
    )
    return [Candidate(*row) for row in rows]


def _verify_inspectors(connection: Connection, draw_id: str, seed: str, frame: list[Candidate]) -> None:
    roster: dict[str, list[str]] = defaultdict(list)
    for division, inspector in connection.execute(
        "select division_code, inspector_no from inspection.draw_roster where draw_id = %s", (draw_id,)
    ):
        roster[division].append(inspector)
    kept: dict[str, list[str]] = {one.subject_id: [] for one in frame if one.seats}
    for subject, inspector in connection.execute(
        """select subject_id, inspector_no from inspection.draw_inspectors
           where draw_id = %s and inspector_no is not null order by subject_id, seat""",
        (draw_id,),
    ):
        kept.setdefault(subject, []).append(inspector)
    again = redraw_inspectors(frame, roster, seed, draw_id)
    if differing := sorted(subject for subject in kept if kept[subject] != again.get(subject)):
        raise DrawError(f"{draw_id}: the seed draws other inspectors for {', '.join(differing[:5])}.")


def _drawn(connection: Connection, draw_id: str) -> Draw | None:
    given = {"draw": draw_id, "bureaus": _bureaus()}
    row = connection.execute(f"{_DRAWS} where d.draw_id = %(draw)s", given).fetchone()
    return Draw(*row) if row else None


def _same_as(connection: Connection, *given: str) -> None:
    row = connection.execute(
        "select draw_id, plan_no, object_kind, seed, release_id from inspection.draws where draw_id = %s", (given[0],)
    ).fetchone()
    if row != given:
        raise DrawError(
            f"{given[0]} was drawn already, with another plan, kind, seed or release. A draw is never drawn anew."
        )


def _current_release(connection: Connection) -> str:
    row = connection.execute("select release_id from release_store.current_release").fetchone()
    if not row or not row[0]:
        raise DrawError("Nothing has been published yet.")
    return str(row[0])
