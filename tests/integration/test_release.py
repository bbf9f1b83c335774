"""Readers see whole releases, each at once: through publication, rollback, retention and an added column."""

import json
import os
import random
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate, register
from psycopg import sql

from ipcredit import grade_history, release, roles
from ipcredit.release import ReleaseError

R1, R2, R3, R4, R5 = (f"r20221205_{number:04d}" for number in range(1, 6))
VIEWS = {
    "assessment_gaps", "assessment_metric_records", "assessment_metric_values", "assessment_movements",
    "assessment_rule_results", "assessment_rules", "assessment_scorecards", "assessment_subtotals",
    "inspection_draws", "inspection_objects", "inspection_rosters", "inspections",
    "list_editions", "list_edition_entries", "list_edition_withdrawals", "list_publications",
    "commitment_rates", "commitments", "event_types", "list_conflicts", "list_events", "list_proposals", "objections",
    "repairs", "subject_timeline", "withdrawals",
    "catalogue_coverage", "catalogue_fields", "catalogue_item_versions", "catalogue_items", "credit_records",
    "cross_source_findings", "gate_results", "grade_history", "grade_items", "identity_decisions", "identity_matches",
    "list_entries", "measures_in_force", "quality_dimensions", "quality_ranking", "quality_ranking_history",
    "releases", "review_results", "row_issue_counts", "row_issues", "subject_grades", "subjects", "submissions",
    "work_records",
    "behaviours", "measure_applications", "measure_effects", "measures", "override_rules",
    "grade_explanations", "repair_rules", "exchange_packages",
    "pilot_materials", "pilot_tasks", "plan_milestones", "policy_documents",
    "gate_history", "gate_verdicts", "intake_runs", "release_builds", "release_moves",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def published(warehouse) -> Iterator[None]:
    """R1 is built by dbt and published; R2 (without the division 210600) is published over it."""
    build_first_candidate(R1)
    with warehouse.connect() as connection:
        pass_gate(connection, R1)
    release.publish(R1)
    yield


@pytest.fixture
def db(warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        yield connection


def reader(warehouse, role: str = "analyst") -> psycopg.Connection:
    connection = warehouse.connect(autocommit=True)
    connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
    return connection


def current(db: psycopg.Connection) -> str:
    return db.execute("select release_id from release_store.current_release").fetchone()[0]


def drop_candidate(db: psycopg.Connection, *release_ids: str) -> None:
    db.execute("drop schema candidate cascade")
    db.execute("create schema candidate")
    db.execute("delete from release_store.releases where release_id = any(%s)", (list(release_ids),))


def publish_copy(db: psycopg.Connection, release_id: str) -> None:
    copy_candidate(db, R1, release_id)
    db.execute("delete from candidate.subjects where division_code = '210600'")
    db.execute("delete from candidate.subject_grades where division_code = '210600'")
    pass_gate(db, release_id)
    release.publish(release_id)


def test_published_views_are_described_in_chinese(warehouse, db):
    found = db.execute(
        """select c.relname, obj_description(c.oid), a.attname, col_description(c.oid, a.attnum)
           from pg_class as c inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0
           where c.relnamespace = 'publication'::regnamespace"""
    ).fetchall()
    assert {row[0] for row in found} == VIEWS
    assert [row for row in found if not row[1] or not row[3]] == []


def test_a_score_says_why_and_of_a_county_whose_it_is(db):
    found = db.execute(
        """select region_code, state, points, explanation from publication.assessment_rule_results
           where (region_code, rule_id) in
               (('210600', '14(5)'), ('210803', '14(5)'), ('210600', '32'), ('210600', '21(2)'))
           order by rule_no, region_code"""
    ).fetchall()
    assert found == [
        ("210600", "scored", 2, "商标行政案件结案数 3件；全省第 1 名（共 14 市）；得 2 分"),
        ("210803", "scored", 2, "（名次、档次取自 样例地区8）商标行政案件结案数 2件；全省第 2 名（共 14 市）；得 2 分"),
        ("210600", "not_applicable", None, "公布的文本没有这条规则，不能评分"),
        ("210600", "scored", Decimal("1.5"), "辽宁省知识产权局 2022-12-02 评定；得 1.5 分"),
    ]


def test_analysts_read_the_descriptions_of_the_dictionary(warehouse):
    """In any SQL client: what the project's files say of each published column, on the views themselves."""
    manifest = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text(encoding="utf-8"))
    tables = {node["alias"]: node for node in manifest["nodes"].values() if node["name"].startswith("published_")} | {
        node["name"]: node for node in manifest["sources"].values() if node["source_name"] == "publication"
    }
    described = {
        (name, column["name"]): column["description"]
        for name, table in tables.items()
        for column in [{"name": None, "description": table["description"]}, *table["columns"].values()]
        if not any(str(part).startswith(("internal_", "is_internal")) for part in (name, column["name"]))
    }
    with reader(warehouse) as analyst:
        found = analyst.execute(
            """select v.relname, a.attname, d.description from pg_class as v
               left join pg_attribute as a on v.oid = a.attrelid and a.attnum >= 0 and not a.attisdropped
               left join pg_description as d on d.classoid = 'pg_class'::regclass and v.oid = d.objoid
                   and a.attnum = d.objsubid
               where v.relnamespace = 'publication'::regnamespace
               union all
               select v.relname, null, obj_description(v.oid, 'pg_class') from pg_class as v
               where v.relnamespace = 'publication'::regnamespace"""
        ).fetchall()
    assert all(described.values())
    assert {(view, column): text for view, column, text in found} == described


def test_views_belong_to_a_role_that_is_no_superuser_and_are_barriers(db):
    found = db.execute(
        """select distinct r.rolname, r.rolsuper, c.reloptions from pg_class as c
           inner join pg_roles as r on c.relowner = r.oid where c.relnamespace = 'publication'::regnamespace"""
    ).fetchall()
    assert found == [("ipcredit_publisher", False, ["security_barrier=true"])]


def test_internal_items_are_in_the_store_and_not_in_the_view(warehouse, db):
    assert db.execute("select count(*) from release_store.internal_grade_items").fetchone() == (30,)
    with reader(warehouse) as analyst:
        kinds = analyst.execute("select distinct item_kind from publication.grade_items order by 1").fetchall()
        assert kinds == [("base",), ("bonus",), ("event",)]
        columns = {c.name for c in analyst.execute("select * from publication.subject_grades").description}
        assert {c for c in columns if "internal" in c} == set()
        # Asked how many rows its filter held back, the planner has none to tell of.
        analyst.execute("set enable_seqscan = off")
        plan = analyst.execute(
            "explain (analyze) select * from publication.grade_items where subject_id <> ''"
        ).fetchall()
        assert "Removed by Filter" not in str(plan)
        # Every visible score is the sum of the visible items, and their numbers have no gap that tells of a hidden one.
        assert analyst.execute(
            """select count(*) filter (where g.score = i.points and i.last_no = i.items), count(*)
               from publication.subject_grades as g
               inner join (select subject_id, track, sum(points) as points, max(item_no) as last_no, count(*) as items
                           from publication.grade_items group by 1, 2) as i using (subject_id, track)"""
        ).fetchone() == (60, 60)


def test_a_division_sees_its_own_rows_only(warehouse, db):
    with reader(warehouse, "analyst_210600") as analyst, reader(warehouse) as province:
        for table in release.published_tables():
            if table in release.PROVINCE_WIDE or table.startswith("internal_"):
                continue
            query = sql.SQL("select distinct division_code from publication.{}").format(sql.Identifier(table))
            assert analyst.execute(query).fetchall() == [("210600",)], table
            assert len(province.execute(query).fetchall()) >= 15, table
        assert analyst.execute("select count(*) from publication.catalogue_items").fetchone() == (5,)
    with reader(warehouse, "analyst_ln_sf") as analyst:
        assert analyst.execute("select distinct division_code from publication.subjects").fetchall() == [("LN-SF",)]


def test_an_analyst_logs_in_with_the_kept_password(warehouse):
    path = roles.password_file("analyst")
    assert path.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(warehouse.url, user="analyst", password=path.read_text().strip()) as analyst:
        assert analyst.execute("select count(*) from publication.subjects").fetchone() == (60,)


def test_granting_again_changes_nothing_and_takes_a_stated_password(warehouse, monkeypatch):
    before = roles.password_file("analyst_210100").read_text()
    monkeypatch.setenv("IPCREDIT_PASSWORD_ANALYST", "stated in the environment")
    assert len(roles.grant()) == 3 + 2 + 15
    assert roles.password_file("analyst_210100").read_text() == before
    psycopg.connect(warehouse.url, user="analyst", password="stated in the environment").close()


def test_without_a_passed_gate_nothing_is_published(db):
    copy_candidate(db, R1, R2)
    with pytest.raises(ReleaseError, match="未经发布前检查"):
        release.publish(R2)
    pass_gate(db, R2, success=False)
    with pytest.raises(ReleaseError, match="未通过"):
        release.publish(R2)
    with pytest.raises(ReleaseError, match="There is no release"):
        release.publish("r20221205_9999")
    # The gate of one release is not the gate of another that stands in `candidate`.
    register(db, R3)
    pass_gate(db, R3)
    with pytest.raises(ReleaseError, match="Not tables of candidate"):
        release.publish(R3)
    assert current(db) == R1
    drop_candidate(db, R2, R3)


def test_publishing_the_current_release_again_changes_nothing(db):
    before = db.execute("select count(*) from release_store.pointer_history").fetchone()
    release.publish(R1)
    assert db.execute("select count(*) from release_store.pointer_history").fetchone() == before


class Watcher(threading.Thread):
    """Reads the views over its own connection as fast as it can, until told to stop."""

    STATEMENT = """
        select (select array_agg(distinct release_id) from publication.subjects),
            (select array_agg(distinct release_id) from publication.subject_grades),
            (select count(*) from publication.subjects), (select count(*) from publication.subject_grades)"""

    def __init__(self, connection: psycopg.Connection, isolation: str) -> None:
        super().__init__()
        self.connection, self.isolation = connection, isolation
        self.seen: set[tuple] = set()
        self.reads = 0
        self.done = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            while not self.done.is_set():
                if self.isolation == "read committed":
                    self.note(*self.connection.execute(self.STATEMENT).fetchone())
                else:
                    with self.connection.transaction():
                        self.connection.execute("set transaction isolation level repeatable read")
                        one = self.connection.execute(self.STATEMENT).fetchone()
                        self.connection.execute("select pg_sleep(0.01)")
                        other = self.connection.execute(self.STATEMENT).fetchone()
                        assert one == other
                        self.note(*one)
        except Exception as error:
            self.error = error

    def note(self, subjects_of, grades_of, subjects, grades) -> None:
        assert subjects_of == grades_of
        self.seen.add((*subjects_of, subjects, grades))
        self.reads += 1


def test_readers_see_whole_releases_through_publication_and_rollback(warehouse, db):
    watchers = [Watcher(reader(warehouse), "read committed"), Watcher(reader(warehouse), "repeatable read")]
    for watcher in watchers:
        watcher.start()
    publish_copy(db, R2)
    for target in (R1, R2, R1, R2):
        release.rollback(target, "值班岗", "演练")
    for watcher in watchers:
        watcher.done.set()
        watcher.join()
        watcher.connection.close()
        assert watcher.error is None
        assert watcher.seen == {(R1, 60, 60), (R2, 56, 56)}
        assert watcher.reads > 10
    assert current(db) == R2
    assert db.execute(
        "select action, from_release_id, to_release_id from release_store.pointer_history order by moved_at"
    ).fetchall() == [
        ("publish", None, R1), ("publish", R1, R2),
        ("rollback", R2, R1), ("rollback", R1, R2), ("rollback", R2, R1), ("rollback", R1, R2),
    ]  # fmt: skip


def test_the_history_of_grades_has_a_row_only_where_something_else_was_said(db):
    said = db.execute(
        "select release_id, count(*), count(grade) from release_store.grade_history group by 1 order by 1"
    ).fetchall()
    assert said == [(R1, 60, 60), (R2, 4, 0)], "R2 no longer judges those of 210600"


class Told:
    """Releases of invented days, moments and grades, and what the history of grades says of them."""

    def __init__(self, db: psycopg.Connection) -> None:
        self.db = db
        self.published: list[tuple[int, int, str, dict[str, str]]] = []
        self.number = 1000  # others than this module's releases
        db.execute("delete from release_store.grade_history")
        db.execute("update release_store.releases set published_at = null, history_after = null")
        db.execute("create schema said")
        db.execute("create table said.subject_grades (like release_store.subject_grades)")

    def note(self, day: int, moment: int, grades: dict[str, str]) -> str:
        """A candidate of this day, by what was known at this moment, that has passed the gate."""
        self.number += 1
        release_id = f"r202212{day:02}_{self.number:04}"
        self.db.execute(
            """insert into release_store.releases (release_id, as_of, known_at, code_commit, state)
               values (%s, date '2022-11-30' + %s, timestamptz '2022-11-30 09:00+08' + %s * interval '1 day', 'x',
                   'candidate')""",
            (release_id, day, moment),
        )
        self.db.execute("delete from said.subject_grades")
        self.db.cursor().executemany(
            """insert into said.subject_grades (subject_id, track, division_code, grade)
               values (%s, 'enterprise', '210600', %s)""",
            list(grades.items()),
        )
        grade_history.note_changes(self.db, release_id, "said")
        return release_id

    def publish(self, day: int, moment: int, grades: dict[str, str]) -> str:
        release_id, before = self.note(day, moment, grades), self.history()
        assert before == self.expected(), "nothing is shown before the publication"
        self.db.execute("update release_store.releases set published_at = clock_timestamp() where release_id = %s",
                        (release_id,))  # fmt: skip
        self.published.append((day, moment, release_id, grades))
        return release_id

    def give_up(self, day: int, moment: int, grades: dict[str, str]) -> None:
        release_id = self.note(day, moment, grades)
        self.db.execute("update release_store.releases set state = 'dropped' where release_id = %s", (release_id,))

    def history(self) -> dict[tuple[int, int], dict[str, str]]:
        """The grades of each day as known at each moment."""
        found: dict[tuple[int, int], dict[str, str]] = {(d, m): {} for d in range(1, 6) for m in range(1, 6)}
        for day, moment, subject, grade in self.db.execute(
            """select day, moment, h.subject_id, h.grade
               from generate_series(1, 5) as day cross join generate_series(1, 5) as moment
               cross join lateral release_store.grades_as_of(
                   date '2022-11-30' + day, timestamptz '2022-11-30 09:00+08' + moment * interval '1 day') as h
               where h.grade is not null"""
        ):
            found[day, moment][subject] = grade
        return found

    def expected(self) -> dict[tuple[int, int], dict[str, str]]:
        """The same, as said by the last release of the last day up to it among those that knew no more."""
        return {
            (d, m): max((r for r in self.published if r[0] <= d and r[1] <= m), default=(0, 0, "", {}))[3]
            for d in range(1, 6)
            for m in range(1, 6)
        }


def test_a_look_back_does_not_change_what_later_days_were_told(db):
    with db.transaction(force_rollback=True):
        told = Told(db)
        for day in (1, 5):
            told.publish(day, day, {"a": "A", "b": "A"})
        look_back = told.note(3, 3, {"a": "B", "b": "A", "c": "C"})
        assert told.history() == told.expected(), "not before it is published"
        shown = "select count(*) from publication.grade_history"
        assert db.execute(shown).fetchone() == (2,)
        assert db.execute("select count(*) from release_store.grade_history").fetchone() == (6,)
        db.execute("update release_store.releases set state = 'dropped' where release_id = %s", (look_back,))
        told.publish(3, 3, {"a": "B", "b": "A", "c": "C"})
        assert db.execute(shown).fetchone() == (6,)
        told.publish(2, 5, {"a": "C"})  # by what is known now
        assert told.history() == told.expected()
        assert (told.history()[5, 5], told.history()[3, 5], told.history()[2, 5], told.history()[2, 4]) == (
            {"a": "A", "b": "A"}, {"a": "B", "b": "A", "c": "C"}, {"a": "C"}, {"a": "A", "b": "A"},
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(50, 70))  # in 62 and 65 a release that knew less than the next is one, too
def test_the_history_says_of_any_day_at_any_moment_what_its_release_said(db, seed):
    """Releases of days and moments in any order, some of them given up before they were published."""
    drawn = random.Random(seed)
    with db.transaction(force_rollback=True):
        told = Told(db)
        for _ in range(8):
            made = drawn.choice((told.publish, told.publish, told.give_up))
            made(
                drawn.randint(1, 5), drawn.randint(1, 5), {s: drawn.choice("AB") for s in "abc" if drawn.random() < 0.8}
            )
            assert told.history() == told.expected()


@pytest.fixture
def short_values(warehouse, db) -> Iterator[None]:
    """A server that joins 16 KB to one value, where PostgreSQL's limit is 1 GB: what grows with the rows shows here."""
    (name,) = db.execute("select current_database()").fetchone()
    db.execute(
        """create schema short;
           create function short.joined(bytea, bytea, bytea) returns bytea language plpgsql as $$
           begin
               if length($1) > 16384 then raise program_limit_exceeded; end if;
               return coalesce($1, '') || $2;
           end $$;
           create aggregate short.string_agg(bytea, bytea) (sfunc = short.joined, stype = bytea)"""
    )
    path = "alter database {} set search_path = short, pg_catalog, public"
    db.execute(sql.SQL(path).format(sql.Identifier(name)))
    yield
    db.execute(sql.SQL("alter database {} reset search_path").format(sql.Identifier(name)))
    db.execute("drop schema short cascade")


def test_a_digest_joins_no_value_that_grows_with_the_rows(db, request):
    assert db.execute(
        "select count(*) > 2 * 16384 / 32 from release_store.assessment_rule_results where release_id = %s", (R1,)
    ).fetchone() == (True,)
    plain = release.digest(R1)
    request.getfixturevalue("short_values")
    assert release.digest(R1) == plain


def test_rollback_goes_only_to_what_is_there(db):
    with pytest.raises(ReleaseError):
        release.rollback("r20221205_9999", "值班岗", "演练")
    assert current(db) == R2


def test_an_added_column_waits_for_readers_without_holding_them_up(warehouse, db, monkeypatch):
    monkeypatch.setattr(release, "LOCK_TIMEOUT", "100ms")
    copy_candidate(db, R1, R3)
    db.execute("alter table candidate.subjects add column county_name text not null default '凤城市'")
    db.execute("comment on column candidate.subjects.county_name is '县（市、区）名称'")
    pass_gate(db, R3)
    slow = reader(warehouse)
    slow.execute("begin")
    slow.execute("select count(*) from publication.subjects")
    publisher = threading.Thread(target=release.publish, args=(R3,))
    publisher.start()
    with reader(warehouse) as analyst:
        publisher.join(0.6)
        assert publisher.is_alive() and current(db) == R2
        # A new reader gets through while the publication waits.
        assert analyst.execute("select count(*) from publication.subjects").fetchone() == (56,)
        slow.execute("commit")
        publisher.join(30)
        assert current(db) == R3
        assert analyst.execute("select distinct county_name from publication.subjects").fetchall() == [("凤城市",)]
        release.rollback(R1, "值班岗", "演练")
        assert analyst.execute("select distinct county_name from publication.subjects").fetchall() == [(None,)]
        release.rollback(R3, "值班岗", "演练")
    slow.close()


def test_a_column_that_readers_rely_on_cannot_go(db):
    copy_candidate(db, R3, R4)
    db.execute("alter table candidate.subjects drop column county_name")
    db.execute("alter table candidate.subjects alter column first_event_on type text")
    pass_gate(db, R4)
    with pytest.raises(ReleaseError, match="first_event_on, county_name"):
        release.publish(R4)
    assert current(db) == R3
    drop_candidate(db, R4)


def test_retention_spares_the_current_the_pinned_and_the_one_being_read(warehouse, db, monkeypatch):
    monkeypatch.setattr(release, "LOCK_TIMEOUT", "200ms")
    release.pin(R1, "数据管理岗", "年终发布")
    copy_candidate(db, R3, R5)
    pass_gate(db, R5)
    release.publish(R5)
    # R2 and R3 are superfluous, but somebody reads.
    slow = reader(warehouse)
    slow.execute("begin isolation level repeatable read")
    slow.execute("select count(*) from publication.subjects")
    assert release.retain(keep=1) == []
    assert slow.execute("select count(*) from publication.subjects").fetchone() == (60,)
    # Half dropped, R2 is not to be had any more.
    assert db.execute("select count(*) from pg_inherits where inhdetachpending").fetchone() == (1,)
    with pytest.raises(ReleaseError):
        release.rollback(R2, "值班岗", "演练")
    with pytest.raises(ReleaseError):
        release.pin(R2, "值班岗", "演练")
    slow.execute("commit")
    slow.close()
    assert release.retain(keep=1) == [R2, R3]
    assert release.retain(keep=1) == []
    assert {r.release_id: (r.state, r.is_current, r.pinned_by) for r in release.list_releases()} == {
        R1: ("published", False, "数据管理岗"),
        R2: ("dropped", False, None),
        R3: ("dropped", False, None),
        R5: ("published", True, None),
    }
    assert db.execute("select to_regnamespace(%s)", (f"release_{R2}",)).fetchone() == (None,)
    with pytest.raises(ReleaseError):
        release.rollback(R2, "值班岗", "演练")
    with reader(warehouse) as analyst:
        assert analyst.execute("select release_id, is_current from publication.releases order by 1").fetchall() == [
            (R1, False), (R5, True),
        ]  # fmt: skip


def test_what_was_made_of_a_dropped_release_goes_with_it(warehouse, db):
    """R1 is pinned, R5 current; candidates were refused before and after R5 was built. What cannot be removed keeps
    nothing else: here a file that has the name of a folder.
    """
    refused = {"r20221203_0089": "2022-12-03", "r20221204_0090": "2022-12-04", "r20221205_0091": "infinity"}
    for release_id, built_at in refused.items():
        db.execute(
            """insert into release_store.releases (release_id, as_of, known_at, code_commit, state, built_at)
               values (%s, '2022-12-05', '2022-12-05', 'test', 'rejected', %s)""",
            (release_id, built_at),
        )
    outputs = warehouse.home / "outputs"
    no_folder, *folders = refused
    for name in (R1, R2, R3, R5, *folders, "lists", "notices"):
        (outputs / name / "gate").mkdir(parents=True)
        (outputs / name / "gate" / "index.html").write_text("张三")
    (outputs / no_folder).write_text("")
    try:
        assert release.retain(keep=1) == []
        assert {path.name for path in outputs.iterdir()} == {R1, R5, "r20221205_0091", "lists", "notices", no_folder}
    finally:
        db.execute("delete from release_store.releases where release_id = any(%s)", (list(refused),))


def test_a_publication_cut_off_goes_on_and_a_correction_stands_beside_what_was_said(db, monkeypatch):
    """Killed between attaching and moving the pointer; the release judges R1's day again, by what was known later."""
    late = "r20221205_0009"
    base, known_before = db.execute(
        """select r.release_id, r.known_at
           from release_store.releases as r inner join release_store.current_release as c using (release_id)"""
    ).fetchone()
    copy_candidate(db, base, late)
    db.execute(
        "update release_store.releases set known_at = known_at + interval '5 days' where release_id = %s", (late,)
    )
    (subject, grade), *_ = db.execute(
        "select subject_id, grade from candidate.subject_grades where grade = 'A' order by 1"
    ).fetchall()
    db.execute("update candidate.subject_grades set grade = 'B' where subject_id = %s", (subject,))
    pass_gate(db, late)
    with monkeypatch.context() as patch:
        patch.setattr(release, "_note_grade_changes", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            release.publish(late)
    assert current(db) == base
    # As if the gate had written it down before something else was published: no longer true, and done again.
    db.execute("update release_store.releases set history_after = '' where release_id = %s", (late,))
    db.execute(
        """insert into release_store.grade_history (subject_id, track, as_of, known_at, release_id)
           values ('nobody', 'enterprise', '2022-12-05', now(), %s)""",
        (late,),
    )
    release.publish(late)
    assert current(db) == late
    (later,) = db.execute("select known_at from release_store.releases where release_id = %s", (late,)).fetchone()
    told = {
        known: db.execute(
            "select grade from release_store.grades_as_of('2022-12-05', %s) where subject_id = %s", (known, subject)
        ).fetchone()
        for known in (known_before, later)
    }
    assert told == {known_before: (grade,), later: ("B",)}
    assert db.execute("select count(*) from release_store.grade_history where release_id = %s", (late,)).fetchone() == (
        1,
    )


def test_movements_are_told_since_the_release_before_and_of_own_regions_only(warehouse, db):
    before, after = current(db), "r20221206_0001"
    copy_candidate(db, before, after)
    db.execute(
        """update candidate.assessment_rule_results set points = 0.5
           where region_code in ('210600', '210700') and rule_id = '14(5)'"""
    )
    pass_gate(db, after)
    release.publish(after)
    query = """select previous_release_id, region_code, rule_id, points_before, points_now, points_change
               from publication.assessment_movements order by region_code"""
    moved = [(before, region, "14(5)", 2, Decimal("0.5"), Decimal("-1.5")) for region in ("210600", "210700")]
    with reader(warehouse) as analyst, reader(warehouse, "analyst_210600") as own:
        assert analyst.execute(query).fetchall() == moved
        assert own.execute(query).fetchall() == moved[:1]
