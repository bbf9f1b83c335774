"""Build, gate and publication killed at any stage: readers see a whole release throughout, and the next run goes on."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import faults
import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from conftest import Warehouse

from ipcredit import build, quality, release
from ipcredit.database import connect
from ipcredit.raw_tables import ensure_raw_tables
from ipcredit.settings import TIME_ZONE

AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
LATER = AT + timedelta(days=9)
R1 = "r20221205_0001"


@pytest.fixture(scope="module")
def published(warehouse: Warehouse) -> Iterator[None]:
    build_first_candidate(R1)
    with connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    yield


STATEMENT = """select (select string_agg(distinct release_id, ' ') from publication.subjects),
    (select string_agg(distinct release_id, ' ') from publication.subject_grades),
    (select count(*) from publication.subjects)
"""
PUBLICATION_STAGES = {
    # stage: (which function, when, which call of it, whether readers have the new release already)
    "before the first table is attached": ("_attach", "before", 1),
    "half of the tables attached": ("_attach", "after", 20),
    "all attached, nothing committed": ("_create_derived_views", "after", 1),
    "attached": ("_let_planned_statements_begin", "before", 1),
    "rows being counted": ("_count", "after", 5),
    "history told, nothing moved": ("_note_grade_changes", "after", 1),
    "before the pointer": ("_point_to", "before", 1),
    "pointer moved, nothing committed": ("_point_to", "after", 1),
    "committed, nobody told": ("_without_holding_up_readers", "after", 2),
}


@pytest.mark.parametrize("number, stage", list(enumerate(PUBLICATION_STAGES, 2)))
def test_killed_at_any_stage_of_publication_readers_see_a_whole_release(
    number: int, stage: str, warehouse: Warehouse, published: None
) -> None:
    name, when, call = PUBLICATION_STAGES[stage]
    new = f"r20221205_{number:04d}"
    with warehouse.connect(autocommit=True) as db:
        (before,) = db.execute("select release_id from release_store.current_release").fetchone() or ("",)
        copy_candidate(db, before, new)
        pass_gate(db, new)
    with faults.Reader(warehouse.connect(autocommit=True), STATEMENT) as reader:
        faults.killed_at(lambda: release.publish(new), release, name, when, call=call)
        assert release.publish(new) is True
        time.sleep(0.05)
    # Whole ones only, and no moment without any; the last answer is the new one.
    assert {(new, new, 60)} <= reader.seen <= {(before, before, 60), (new, new, 60)}
    with warehouse.connect() as db:
        assert db.execute(
            "select count(*) from release_store.pointer_history where to_release_id = %s", (new,)
        ).fetchone() == (1,)
        assert db.execute(
            "select count(*) from release_store.grade_history where release_id = %s", (new,)
        ).fetchone() == (0,)
        assert db.execute("select count(*) from quality.ranking_history where release_id = %s", (new,)).fetchone() == (
            db.execute("select count(*) from release_store.quality_ranking where release_id = %s", (new,)).fetchone()
        )


@pytest.mark.parametrize("stage", ["_run_suites", "_keep"])
def test_a_killed_gate_leaves_no_verdict_and_runs_again(stage: str, warehouse: Warehouse, published: None) -> None:
    new = f"r20221205_{90 if stage == '_keep' else 91:04d}"
    with warehouse.connect(autocommit=True) as db:
        (before,) = db.execute("select release_id from release_store.current_release").fetchone() or ("",)
        copy_candidate(db, before, new)

        def one_suite(*_: object) -> dict[str, Any]:
            return {}

        real = quality._run_suites
        quality._run_suites = one_suite  # what suites find is the matter of test_gate.py
        try:
            faults.killed_at(lambda: quality.run_gate(new), quality, stage, "after")
            assert db.execute("select 1 from quality.gate_results where release_id = %s", (new,)).fetchone() is None
            with pytest.raises(release.ReleaseError, match="未经发布前检查"):
                release.publish(new)
            assert not quality.run_gate(new).passed  # it can run; without suites every rule lacks its result
        finally:
            quality._run_suites = real
        db.execute("drop schema candidate cascade")
        db.execute("create schema candidate")
        assert db.execute("select release_id from release_store.current_release").fetchone() == (before,)


def test_two_builds_at_once_come_one_after_the_other(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """What dbt makes is the matter of other tests: here it takes a moment, and notes when it began and ended."""
    with warehouse.connect(autocommit=True) as db:
        ensure_raw_tables(db)  # here, once: each process would read the contracts for itself
        db.execute("create table public.noted (at timestamptz default clock_timestamp(), what text)")

        def slow(*_: object, **__: object) -> None:
            with psycopg.connect(warehouse.url, autocommit=True) as own:
                own.execute("insert into public.noted (what) values ('began')")
                time.sleep(0.2)
                own.execute("insert into public.noted (what) values ('ended')")

        monkeypatch.setattr(build, "run_dbt", slow)
        faults.at_once(*[lambda: build.build_candidate(known_at=LATER)] * 3)
        assert [what for (what,) in db.execute("select what from public.noted order by at")] == ["began", "ended"] * 3
        states = db.execute("select state, count(*) from release_store.releases where code_commit <> 'test' group by 1")
        assert dict(states.fetchall()) == {"candidate": 1, "dropped": 2}
        for (replaced,) in db.execute("select release_id from release_store.releases where state = 'dropped'"):
            with pytest.raises(
                quality.GateError, match=f"{replaced} 已被后来生成的候选取代.*从 build_candidate 起重新运行"
            ):
                quality.run_gate(replaced)
            with pytest.raises(release.ReleaseError, match="已被后来生成的候选取代"):
                release.publish(replaced)
        # Killed while dbt runs: the next build takes its place.
        faults.killed_at(lambda: build.build_candidate(known_at=LATER), build, "run_dbt", "after")
        build.build_candidate(known_at=LATER)
        states = db.execute("select state, count(*) from release_store.releases where code_commit <> 'test' group by 1")
        assert dict(states.fetchall()) == {"candidate": 1, "dropped": 3, "failed": 1}
        db.execute("drop table public.noted")
        db.execute("update release_store.releases set state = 'dropped' where state = 'candidate'")


def test_dbt_ends_with_whoever_started_it(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would go on writing without our lock, and the next build would meet it."""
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\necho $$ > "$NOTE"\nexec sleep 60\n')
    program.chmod(0o755)
    monkeypatch.setenv("NOTE", str(tmp_path / "pid"))
    monkeypatch.setattr(sys, "executable", str(program))
    process = faults._FORK.Process(target=lambda: build.run_dbt("build"))
    process.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.02)
    pid = int((tmp_path / "pid").read_text())
    process.kill()
    process.join()
    faults.INJECTED["killed"] += 1
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, "dbt outlived its parent"
        time.sleep(0.02)


def test_an_earlier_day_is_kept_and_readers_stay_unless_asked(warehouse: Warehouse, published: None) -> None:
    past, asked = "r20221101_0101", "r20221102_0102"
    with warehouse.connect(autocommit=True) as db:
        (now,) = db.execute("select release_id from release_store.current_release").fetchone() or ("",)
        for release_id, day in ((past, "2022-11-01"), (asked, "2022-11-02")):
            copy_candidate(db, R1, release_id)
            db.execute("update release_store.releases set as_of = %s where release_id = %s", (day, release_id))
            # Less had come by then: what a later release holds is no measure.
            assert any(quality._minimum_rows(db, release_id).values()) is (release_id == asked)
            pass_gate(db, release_id)
            assert release.publish(release_id, make_current=True if release_id == asked else None) is (
                release_id == asked
            )
            if release_id == past:
                assert release.publish(past) is False  # once more changes nothing
                assert db.execute("select release_id from release_store.current_release").fetchone() == (now,)
        assert release.digest(past) == release.digest(R1)
        release.pin(past, "数据管理岗", "补做")
        found = {r.release_id: (r.state, r.is_current) for r in release.list_releases()}
        assert (found[past], found[asked]) == (("published", False), ("published", True))
        assert release.publish(past, "数据管理岗", make_current=True) is True  # kept so far, now asked for
        assert db.execute("select release_id from release_store.current_release").fetchone() == (past,)
        with pytest.raises(release.ReleaseError, match="--current"):
            release.publish(now)  # a task that is tried again does not undo what somebody has asked for
        release.rollback(now, "数据管理岗", "演练")
        history = db.execute(
            """select to_release_id, moved_by from release_store.pointer_history
               where to_release_id = any(%s) order by moved_at""",
            ([past, asked],),
        )
        assert history.fetchall() == [(asked, "ipcredit"), (past, "数据管理岗")]


def test_faults_and_losses_of_this_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Last in the file: every test above has asserted that nothing was lost or doubled after its fault."""
    with capsys.disabled():
        print(f"\nfaults injected: {sum(faults.INJECTED.values())} {dict(faults.INJECTED)}")
    assert set(faults.INJECTED) >= {"killed", "at once"}
