"""What judging makes of texts about the pilot, and what is said of each milestone on a day.

Materials are judged by dbt as they came; what the other rooms would say of figures is written by hand.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from helpers import good_row, submit

from ipcredit import build
from ipcredit.settings import TIME_ZONE

DATASET = "pilot_materials"
MILESTONE = {"material_kind": "里程碑完成", "milestone_code": "N05-1", "body": None, "done_on": "2022-06-20"}
CLOSING = {"material_kind": "总结定稿", "body": None, "done_on": "2022-12-02"}
OFFICE = {"division_code": "辽宁省"}
EVIDENCE = {"evidence_id": "SD-1", "evidence_sha256": "a" * 64, "evidence_on": "2022-06-20"}

# What differs from a sound text, and its issues; by the city 210600, or by the provincial office, or by 210800.
ROWS: dict[str, list[tuple[dict[str, str | None], set[str]]]] = {
    "210600": [
        ({}, set()),
        ({"task_code": None, "document_no": "丹市监发〔2022〕54号"}, set()),
        (EVIDENCE, set()),
        (EVIDENCE | {"evidence_on": None}, {"evidence_on:missing_required"}),
        (EVIDENCE | {"evidence_id": None, "evidence_on": None},
         {"evidence_id:missing_required", "evidence_on:missing_required"}),
        ({"evidence_id": "SD-1", "evidence_on": "2022-06-20"}, {"evidence_sha256:missing_required"}),
        ({"body": "字" * 4000}, set()),
        ({"body": "字" * 4001}, {"body:text_too_long"}),
        ({"body": None}, {"body:missing_required"}),
        ({"author_role": "张某某"}, {"author_role:unknown_code"}),
        ({"material_kind": "其他"}, {"material_kind:unknown_code"}),
        ({"task_code": "LN-99"}, {"task_code:unknown_task"}),
        ({"division_code": "大连市"}, {"division_code:division_of_other_bureau"}),
        ({"division_code": "辽宁省"}, {"division_code:division_of_other_bureau"}),
        (MILESTONE, set()),
        (MILESTONE | {"milestone_code": None}, {"milestone_code:missing_required"}),
        (MILESTONE | {"done_on": None}, {"done_on:missing_required"}),
        (MILESTONE | {"done_on": "2022-12-06"}, {"done_on:date_out_of_range"}),
        (MILESTONE | {"milestone_code": "N05-9"}, {"milestone_code:unknown_milestone"}),
        # the province's, another city's
        (MILESTONE | {"milestone_code": "N03-1"}, {"milestone_code:unknown_milestone"}),
        (MILESTONE | {"milestone_code": "N09-2"}, {"milestone_code:unknown_milestone"}),
        # every city's
        (MILESTONE | {"milestone_code": "P6-1"}, set()),
        (CLOSING, set()),
        (CLOSING | {"done_on": None}, {"done_on:missing_required"}),
    ],
    "LN-IPO": [
        (OFFICE, set()),
        (OFFICE | MILESTONE | {"milestone_code": "N03-1", "done_on": "2022-03-25"}, set()),
        (OFFICE | MILESTONE | {"milestone_code": "P6-1"}, {"milestone_code:unknown_milestone"}),
        (OFFICE | MILESTONE, {"milestone_code:unknown_milestone"}),
        ({}, {"division_code:division_of_other_bureau"}),
        # what is reported done does not stand against a figure
        (OFFICE | MILESTONE | {"milestone_code": "N06-3"}, set()),
    ],
    "210800": [
        # a county's milestone is its city's to report
        ({"division_code": "营口市"} | MILESTONE | {"milestone_code": "N09-2", "done_on": "2022-12-01"}, set()),
        ({"division_code": "西市区"} | MILESTONE | {"milestone_code": "N10"}, set()),
        # a county's closing closes nothing of the city
        ({"division_code": "西市区"} | CLOSING, set()),
    ],
}  # fmt: skip

# A body as it came, and as it is kept.
BODIES = {
    "一\n二": "一\n二",
    "一\r\n\r\n二": "一\n二",
    "\n 一 \r 二\u2028三\u3000\n": "一\n二\n三",
    "一_x000D_\n二\tv\u000b三": "一\n二 v\n三",
    "-1": "-1",
    " \n\u3000": None,
    "无": None,
}

# The other rooms: one subject to be graded in each of two cities, of which Shenyang's has no grade, and one in each
# that is no more. The document of N06-1 is known, and issued a fortnight later.
ROOMS = """
create schema if not exists catalogue;
create schema if not exists grading;
create schema if not exists supervision;
create view catalogue.records as
select natural_key as record_id, dataset, submission_id, row_number, document_no,
    case when bureau_code = 'LN-IPO' then '210000' else bureau_code end as division_code
from staging.stg_pilot_materials where is_accepted;
create table catalogue.coverage as
select b.code as bureau_code, b.code as division_code, d.dataset, '2022' as period,
    case when b.code = '210100' and d.dataset = 'agencies' then 'missing' else 'received' end as state,
    case when b.code = '210600' and d.dataset = 'honours' then date '2022-06-29' else date '2022-06-10' end
        as first_received_on, 7 as rows_accepted
from unnest(array['210100', '210600']) as b (code)
cross join unnest(array['honours', 'standard_certifications', 'agencies', 'penalties']) as d (dataset);
create table catalogue.catalogue_item_versions as
select d.dataset, d.scope as scope_division_code, d.day as effective_from, null::date as effective_to
from (values ('honours', null, date '2022-04-13'), ('penalties', null, '2022-06-01'), ('agencies', null, '2023-01-01'),
    ('honours', '210600', '2022-06-30')) as d (dataset, scope, day);
create table catalogue.subjects as
select * from (values ('S', '210100', true), ('D', '210600', false), ('closed', '210100', true),
    ('ended', '210600', false))
    as v (subject_id, division_code, is_backbone_agency);
create table grading.credit_events as
select v.subject_id, v.event_type, v.event_date::date, v.event_date::date as valid_from, v.valid_to::date
from (values ('D', 'national_advantage', '2022-01-01', null), ('D', 'enterprise_ended', '2022-12-06', null),
    ('S', 'agency_registered', '2015-01-01', null), ('closed', 'agency_registered', '2015-01-01', '2022-03-31'),
    ('ended', 'national_advantage', '2022-01-01', null), ('ended', 'enterprise_ended', '2022-03-31', null))
    as v (subject_id, event_type, event_date, valid_to);
create table grading.subject_grades as
select * from (values ('S', 'agency', 'U', true), ('S', 'city_risk', 'A', false), ('D', 'enterprise', 'B', true))
    as v (subject_id, track, grade, is_provincial);
create table supervision.list_entries as
select * from (values ('S', 'red', '210000', 'active'), ('S', 'dishonest', '210000', 'ended'),
    ('D', 'dishonest', '210600', 'active')) as v (subject_id, list_code, jurisdiction, state);
update policy.policy_documents set document_status = 'in_force', issued_on = '2022-12-20'
where document_code = 'LN-CLASS-MEASURE';
"""

# Milestone, region: state, day done and a word of its evidence, on 2022-12-05.
STATES = {
    ("N01", "210000"): ("not_known", None, "未见报告"),
    ("N02", "210000"): ("not_known", None, "未见报告"),
    ("N03-1", "210000"): ("done", date(2022, 3, 25), "单位报告"),
    ("N03-2", "210000"): ("not_known", None, "未见报告"),
    ("N04-1", "210000"): ("done", date(2022, 4, 13), "2 项"),
    ("N04-2", "210000"): ("overdue", None, "6 份，已报 5 份，采用 42 行"),
    ("N04-3", "210000"): ("not_known", None, "文本未取得"),
    ("N05-1", "210600"): ("done", date(2022, 6, 20), "单位报告"),
    ("N05-2", "210600"): ("done", date(2022, 6, 30), "1 项"),
    ("N05-3", "210600"): ("done", date(2022, 6, 29), "3 份，已报 3 份"),
    ("N05-4", "210600"): ("not_known", None, "未见报告"),
    ("N06-1", "210000"): ("open", None, "尚未印发"),
    ("N06-2", "210000"): ("open", None, "未见报告"),
    ("N06-3", "210000"): ("open", None, "2 户，已评价 1 户；单位报告"),
    ("N06-4", "210000"): ("open", None, "红名单 1 户，失信主体清单 0 户"),
    ("N07", "210600"): ("open", None, "须待 N06-3 完成；数据仓库统计：优势示范企业和骨干机构 1 户，已评价 1 户"),
    ("N08-1", "210000"): ("open", None, "未报送总结定稿"),
    ("N08-2", "210600"): ("done", date(2022, 12, 2), "报送的总结定稿"),
    ("N09-1", "210803"): ("open", None, "未见报告"),
    ("N09-2", "210803"): ("done", date(2022, 12, 1), "单位报告"),
    ("N10", "210803"): ("done", date(2022, 6, 20), "单位报告"),
    ("P6-2", "210000"): ("open", None, "未报送总结定稿"),
    ("P6-1", "210600"): ("done", date(2022, 12, 2), "报送的总结定稿"),
    **{
        ("P6-1", city): ("open", None, "未报送总结定稿")
        for city in (
            "210100", "210200", "210300", "210400", "210500", "210700", "210800", "210900", "211000", "211100",
            "211200", "211300", "211400", "LN-SF",
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect(autocommit=True) as connection:
        for bureau, rows in ROWS.items():
            submit(
                connection, DATASET, [good_row(DATASET, n, **row) for n, (row, _) in enumerate(rows, 1)], bureau=bureau
            )
        bodies = [good_row(DATASET, n, division_code="锦州市", body=body) for n, body in enumerate(BODIES, 1)]
        submit(connection, DATASET, bodies, bureau="210700")
        build.judge()
        yield connection


@pytest.fixture(scope="module")
def rooms(judged: psycopg.Connection) -> psycopg.Connection:
    judged.execute(ROOMS)
    return judged


def states(connection: psycopg.Connection, as_of: date, known_at: date) -> dict[tuple[str, str], Any]:
    moment = datetime(known_at.year, known_at.month, known_at.day, 9, tzinfo=TIME_ZONE)
    build.run_dbt(
        "build", "--select", "path:models/pilot", "milestones_name_their_evidence", "--quiet",
        environment=build.dbt_environment(as_of=as_of, known_at=moment, release_id="r20221205_0001"),
    )  # fmt: skip
    found = connection.execute(
        "select milestone_code, region_code, milestone_state, done_on, evidence from pilot.milestone_states"
    ).fetchall()
    return {(row[0], row[1]): row[2:] for row in found}


@pytest.mark.parametrize(("bureau", "at"), [(bureau, at) for bureau, rows in ROWS.items() for at in range(len(rows))])
def test_row_rules(judged: psycopg.Connection, bureau: str, at: int) -> None:
    wanted = ROWS[bureau][at][1]
    issues, is_accepted = judged.execute(
        "select issues, is_accepted from staging.stg_pilot_materials where bureau_code = %s and row_number = %s",
        (bureau, at + 1),
    ).fetchone()
    assert (sorted(issues), is_accepted) == (sorted(wanted), not wanted)


def test_paragraphs_keep_their_breaks_and_nothing_else(judged: psycopg.Connection) -> None:
    found = judged.execute(
        "select body from staging.stg_pilot_materials where bureau_code = '210700' order by row_number"
    ).fetchall()
    assert [body for (body,) in found] == list(BODIES.values())


def test_each_milestone_is_said_to_be_what_it_is(rooms: psycopg.Connection) -> None:
    found = states(rooms, date(2022, 12, 5), date(2022, 12, 5))
    assert {key: value[:2] for key, value in found.items()} == {key: value[:2] for key, value in STATES.items()}
    assert [key for key, value in found.items() if STATES[key][2] not in value[2]] == []


def test_days_pass_and_plans_become_known(rooms: psycopg.Connection) -> None:
    """After the year what the warehouse would hold is overdue, and what nobody reported is not known; before a plan was
    recorded it promised nothing."""
    later = states(rooms, date(2023, 1, 10), date(2023, 1, 10))
    assert {key for key, value in later.items() if value[0] == "overdue"} == {
        key
        for key, value in STATES.items()
        if value[0] == "overdue" or key[0] in ("N06-3", "N06-4", "N07", "N08-1", "P6-2")
        or (key[0] == "P6-1" and key[1] != "210600")
    }  # fmt: skip
    assert {value[0] for value in later.values()} == {"done", "overdue", "not_known"}
    assert later["N06-1", "210000"][:2] == ("done", date(2022, 12, 20))
    early = states(rooms, date(2022, 5, 31), date(2022, 5, 31))
    assert {key[0] for key in early} == {key[0] for key in STATES if key[0][:3] not in ("N05", "N07", "N09", "N10")} - {
        "N08-2"
    }
    assert early["P6-1", "210600"][0] == "open"
