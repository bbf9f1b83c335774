"""From judged rows to states, records, subjects, coverage and quality, as known at two moments."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from conftest import Warehouse
from helpers import RECEIVED, good_row, submit, uscc

from ipcredit import build

FIRST = RECEIVED
SECOND = RECEIVED + timedelta(days=10)
THIRD = RECEIVED + timedelta(days=20)
BAD = {"awarded_on": "x"}


@pytest.fixture(scope="module")
def submitted(warehouse: Warehouse) -> dict[str, int]:
    """What bureaus sent on three days; names tell what each submission is there for."""
    ids: dict[str, int] = {}
    with warehouse.connect() as c:

        def send(name: str, dataset: str, rows: list[dict[str, Any]], at: datetime = FIRST, **more: Any) -> None:
            ids[name] = submit(c, dataset, rows, at=at, **more)

        # full: v1 is replaced by v2, which drops number 3 and mends number 2
        send("v1", "honours", [good_row("honours", 1), good_row("honours", 2, **BAD), good_row("honours", 3)])
        send("v2", "honours", [good_row("honours", 1, industry="新"), good_row("honours", 2)], SECOND)
        # incremental: beside v2, a later row of the same key supersedes, a rejected one does not
        send(
            "increment", "honours", [good_row("honours", 1, industry="增量"), good_row("honours", 2, **BAD)], THIRD,
            mode="incremental",
        )  # fmt: skip
        # another bureau's record of the same key: both rows accepted, one record
        send("neighbour", "honours", [good_row("honours", 1, division_code=None)], SECOND, bureau="210700")
        # held, withdrawn, nil, refused
        send("held", "honours", [good_row("honours", 8, division_code=None)], bureau="210800", state="held")
        send("to be withdrawn", "honours", [good_row("honours", 9, division_code=None)], bureau="210900")
        send("withdrawal", "honours", [], SECOND, bureau="210900", state="withdrawal")
        send("nil", "honours", [], bureau="211000", state="nil_return")
        # reported by its due day of December 14, and withdrawn
        for state, at in (("nil_return", FIRST), ("withdrawal", SECOND)):
            submit(c, "general_risk_class", [], bureau="210900", period="2022-11", state=state, at=at)
        c.execute(
            """insert into intake.submissions (bureau_code, dataset, period, mode, state, refusal_code,
                 received_at, file_name, sha256, file_bytes)
               values ('211100', 'honours', '2022', 'full', 'refused', 'no_header',
                 %s, 'x.xlsx', repeat('f', 64), 1)""",
            (FIRST,),
        )
        c.commit()
        # confirmed ten days after it was received
        send("confirmed", "honours", [good_row("honours", 10, division_code=None)], SECOND, bureau="211200")
        c.execute("update intake.submissions set received_at = %s where submission_id = %s", (FIRST, ids["confirmed"]))
        c.commit()
        # an agency with a penalty, a person, an ended honour, an internal class, the province's own feed
        send(
            "agencies", "agencies",
            [good_row("agencies", 20), good_row("agencies", 21, is_backbone="否"), good_row("agencies", 22)],
        )  # fmt: skip
        send(
            "penalties", "penalties",
            [
                good_row("penalties", 20, violation_type="违法代理"),
                # as the layout of 2015 has it
                good_row("penalties", 21, violation_type=None, party_name=good_row("agencies", 21)["agency_name"]),
                good_row("penalties", 30, uscc=None, party_name="hmac:1", person_id_number="hmac:2"),
                good_row("penalties", 31, fine_amount="2.5", fine_amount_unit="wan_yuan"),
                good_row("penalties", 32, document_no="没有文号"),
                good_row("penalties", 33, violation_type="?", fine_amount="?"),
            ],
        )  # fmt: skip
        send("risk", "general_risk_class", [good_row("general_risk_class", 31), good_row("general_risk_class", 20)])
        send(
            "serious", "serious_list",
            [
                good_row("serious_list", 40, division_code="大连", removed_on="2022-10-01"),
                good_row("serious_list", 22),
            ],
        )  # fmt: skip
        # registered here, found out elsewhere and later under another name; and one that has moved away
        moved = good_row("enterprises", 51) | {"registration_status": "已迁出"}
        send("register", "enterprises", [good_row("enterprises", 50), moved])
        send(
            "elsewhere", "malicious_trademarks",
            [
                good_row("malicious_trademarks", 50, applicant_name="沈阳示例五〇号有限公司"),
                good_row("malicious_trademarks", 51),
            ], bureau="210100",
        )  # fmt: skip
    return ids


@pytest.fixture(scope="module")
def late(warehouse: Warehouse, submitted: dict[str, int]) -> Iterator[psycopg.Connection]:
    """The catalogue as known at the third moment."""
    build.judge()
    _catalogue(THIRD)
    with warehouse.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def early(late: psycopg.Connection, warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """The same judged rows as known at the first moment, built after the third: in schemas of their own."""
    _catalogue(FIRST, prefix="then_", select=("path:seeds", "path:models/staging", "path:models/catalogue"))
    with warehouse.connect() as connection:
        yield connection


def _catalogue(known_at: datetime, prefix: str = "", select: tuple[str, ...] = ("path:models/catalogue",)) -> None:
    build.run_dbt(
        "build", "--select", *select, "assert_rows_reconcile", "--indirect-selection", "cautious",
        environment=build.dbt_environment(as_of=known_at.date(), known_at=known_at, schema_prefix=prefix),
    )  # fmt: skip


def rows(connection: psycopg.Connection, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query, parameters).fetchall()


def states(connection: psycopg.Connection, submission: int, schema: str = "catalogue") -> list[str]:
    query = f"select state from {schema}.row_states where submission_id = %s order by row_number"
    return [state for (state,) in rows(connection, query, submission)]


def test_states_late(late: psycopg.Connection, submitted: dict[str, int]) -> None:
    found = {name: states(late, i) for name, i in submitted.items()}
    assert found == {
        "v1": ["superseded"] * 3,
        "v2": ["superseded", "accepted"],
        "increment": ["accepted", "rejected"],
        "neighbour": ["accepted"],
        "held": [],
        "to be withdrawn": ["superseded"],
        "withdrawal": [],
        "nil": [],
        "confirmed": ["accepted"],
        "agencies": ["accepted"] * 3,
        "penalties": ["accepted"] * 5 + ["rejected"],
        "risk": ["accepted"] * 2,
        "serious": ["accepted"] * 2,
        "register": ["accepted"] * 2,
        "elsewhere": ["accepted"] * 2,
    }


def test_states_as_known_at_the_first_moment(early: psycopg.Connection, submitted: dict[str, int]) -> None:
    """What came later is unknown, and nothing is superseded yet."""
    found = {name: states(early, i, "then_catalogue") for name, i in submitted.items()}
    expected_later = {"v2", "increment", "neighbour", "held", "withdrawal", "nil", "confirmed"}
    assert {name for name, s in found.items() if not s} == expected_later
    assert (found["v1"], found["to be withdrawn"]) == (["accepted", "rejected", "accepted"], ["accepted"])
    assert rows(early, "select count(*) from then_catalogue.credit_records where dataset = 'honours'") == [(3,)]


def test_every_row_is_in_one_state(late: psycopg.Connection, early: psycopg.Connection) -> None:
    for connection, schema, moment in ((late, "catalogue", THIRD), (early, "then_catalogue", FIRST)):
        received = rows(
            connection,
            "select submission_id, rows_received from intake.submissions where valid_from <= %s and rows_received > 0",
            moment,
        )
        counted = Counter(s for (s,) in rows(connection, f"select submission_id from {schema}.row_states"))
        assert dict(received) == dict(counted)


def test_a_record_is_the_latest_accepted_row_of_its_key(late: psycopg.Connection, submitted: dict[str, int]) -> None:
    found = rows(
        late,
        """select subject_id, bureau_code, submission_id, row_number, details ->> 'industry'
           from catalogue.credit_records where dataset = 'honours' order by subject_id""",
    )
    assert found == [
        (uscc(1), "210600", submitted["increment"], 1, "增量"),
        (uscc(2), "210600", submitted["v2"], 2, None),
        (uscc(10), "211200", submitted["confirmed"], 1, None),
    ]


def test_records_take_from_the_row_what_the_contract_says(late: psycopg.Connection) -> None:
    found = rows(
        late,
        """select subject_id, event_type, event_value, behaviour_code, event_date, valid_to, document_no, amount_yuan,
                  division_code, is_internal
           from catalogue.credit_records where dataset in ('penalties', 'serious_list', 'general_risk_class')
           order by dataset, document_no, subject_id""",
    )
    decided, until = date(2022, 8, 15), date(2025, 8, 14)

    def penalty(subject: str, behaviour: str | None, number: str, amount: int) -> tuple[Any, ...]:
        return (subject, "ip_penalty_ordinary", "fine", behaviour, decided, until, number, amount, "210600", False)

    classified = ("general_class", "A", None, date(2022, 11, 1), None, None, None, "210600", True)
    assert found == [
        (uscc(20), *classified),
        (uscc(31), *classified),
        penalty(uscc(20), "agency_violation", "丹市监处罚〔2022〕20号", 20000),
        penalty(uscc(21), None, "丹市监处罚〔2022〕21号", 20000),
        penalty("P:hmac:2", "counterfeit_patent", "丹市监处罚〔2022〕30号", 20000),
        penalty(uscc(31), "counterfeit_patent", "丹市监处罚〔2022〕31号", 25000),
        penalty(uscc(32), "counterfeit_patent", "没有文号", 20000),
        (
            uscc(22), "serious_list_entry", "intentional_infringement", None, decided, until,
            "辽市监列严字〔2022〕22号", None, "210600", False,
        ),
        # removed early, and reported by the province for a city
        (
            uscc(40), "serious_list_entry", "intentional_infringement", None, decided, date(2022, 10, 1),
            "辽市监列严字〔2022〕40号", None, "210200", False,
        ),
    ]  # fmt: skip


def test_no_personal_data_in_records(late: psycopg.Connection) -> None:
    text = " ".join(t for (t,) in rows(late, "select credit_records::text from catalogue.credit_records"))
    assert "hmac:1" not in text and "person_id_number" not in text and "party_name" not in text
    assert rows(late, "select subject_name from catalogue.credit_records where subject_id = 'P:hmac:2'") == [
        ("自然人",)
    ]


def test_subjects(late: psycopg.Connection) -> None:
    found = rows(
        late,
        """select subject_id, id_kind, is_enterprise, is_agency, agency_kind, is_backbone_agency, division_code,
                  first_event_on, last_event_on
           from catalogue.subjects where subject_id = any(%s) order by is_agency, subject_id""",
        [uscc(20), uscc(21), uscc(22), uscc(31), uscc(40), "P:hmac:2"],
    )
    licensed, decided, classified = date(2015, 6, 18), date(2022, 8, 15), date(2022, 11, 1)
    assert found == [
        (uscc(31), "uscc", True, False, None, False, "210600", decided, classified),
        (uscc(40), "uscc", True, False, None, False, "210200", decided, decided),
        ("P:hmac:2", "person", False, False, None, False, "210600", decided, decided),
        # the general class makes an agency an enterprise too; a penalty alone would not
        (uscc(20), "uscc", True, True, "patent_agency", True, "210600", licensed, classified),
        (uscc(21), "uscc", False, True, "patent_agency", False, "210600", licensed, decided),
        (uscc(22), "uscc", False, True, "patent_agency", True, "210600", licensed, decided),
    ]


def test_the_register_says_where_a_subject_is_and_what_it_is_called(late: psycopg.Connection) -> None:
    """Whoever found something out later, and elsewhere, does not move it."""
    found = rows(
        late,
        """select subject_name, division_code, first_event_on, last_event_on, is_spelt_differently
           from catalogue.subjects where subject_id = any(%s) order by subject_id = %s desc""",
        [uscc(50), uscc(51)],
        uscc(50),
    )
    assert found == [
        ("丹东示例50号有限公司", "210600", date(2012, 5, 18), date(2022, 5, 20), True),
        ("丹东示例51号有限公司", "210100", date(2012, 5, 18), date(2022, 5, 20), False),
    ]


def test_coverage_is_a_full_grid_with_named_gaps(late: psycopg.Connection, early: psycopg.Connection) -> None:
    found = {b: (s, g) for b, s, g in rows(
        late, "select bureau_code, state, gap from catalogue.coverage where dataset = 'honours' and period = '2022'"
    )}  # fmt: skip
    assert {b: s for b, (s, _) in found.items()} == {
        "210600": "received", "210700": "received", "210800": "held", "210900": "withdrawn", "211000": "nil_return",
        "211100": "refused", "211200": "received",
        **dict.fromkeys(["210100", "210200", "210300", "210400", "210500", "211300", "211400", "LN-SF"], "missing"),
    }  # fmt: skip
    assert {b for b, (_, gap) in found.items() if gap is None} == {"210600", "210700", "211000", "211200"}
    assert found["LN-SF"][1] == (
        "沈抚示范区知识产权局，知识产权示范优势企业（2022）：未报送；应于 2023-02-02 前报送，未到期"
    )
    before = dict(rows(
        early, "select bureau_code, state from then_catalogue.coverage where dataset = 'honours' and period = '2022'"
    ))  # fmt: skip
    assert (before["211200"], before["210900"], before["210700"]) == ("held", "received", "missing")

    sizes = dict(rows(late, "select dataset, count(*) from catalogue.coverage group by dataset"))
    # on 2022-12-25: what has begun since the catalogue took it up, the class of 07..12, quarters 2 to 4 or, of what
    # only the assessment of 2022-11-09 asks for, the fourth, and the year; nothing of what is reported as needed
    assert sizes == {
        "honours": 15, "patent_awards": 15, "standard_certifications": 15, "agencies": 15, "general_risk_class": 90,
        "penalties": 45, "abnormal_patents": 45, "malicious_trademarks": 45, "serious_list": 3,
        "enterprises": 15, "attorneys": 1, "complaints": 45, "campaign_cases": 45, "inspections": 45,
        "commitments": 45, "objections": 45, "repairs": 45, "measure_feedback": 45,
        "cases": 45, "case_transfers": 15, "two_laws_entries": 1, "mediations": 15, "legal_aid": 15,
        "geographical_indications": 15, "pledges": 15, "patent_transfers": 15, "insurance_policies": 15,
        "activities": 15, "indicator_inputs": 15,
    }  # fmt: skip
    assert rows(
        late,
        """select completeness, late_working_days, count(*) from catalogue.coverage
           where dataset = 'penalties' group by 1, 2 order by 1, 2""",
    ) == [("late", 23, 1), ("missing", 38, 14), ("missing", 103, 15), ("not_due", None, 15)]
    assert rows(
        late,
        """select bureau_code, due_on::text from catalogue.coverage
           where dataset = 'honours' and bureau_code in ('210600', '210700') order by 1""",
    ) == [("210600", "2023-01-28"), ("210700", "2023-02-02")], "丹东 asks for its own five working days earlier"
    assert rows(
        late,
        """select rows_received, rows_accepted, rows_rejected, rows_superseded, is_late
           from catalogue.coverage
           where bureau_code = '210600' and dataset in ('honours', 'penalties') and state = 'received'
           order by dataset""",
    ) == [(4, 2, 1, 1, False), (6, 5, 1, 0, True)]


def test_quality_counts_rows_by_dimension(late: psycopg.Connection) -> None:
    found = rows(
        late,
        """select dimension, numerator, denominator, rate::text from catalogue.quality_dimensions
           where bureau_code = '210600' and dataset = 'penalties' and period = '2022Q3' order by dimension""",
    )
    # two of six rows break 规范性 (an odd document number, an unknown code); reported on 2022-12-05, due on 2022-11-02
    assert set(found) == {
        ("规范性", 4, 6, "0.6667"), ("准确性", 6, 6, "1.0000"), ("完整性", 6, 6, "1.0000"), ("实效性", 0, 1, "0.0000"),
    }  # fmt: skip
    # what was withdrawn was not reported in time: that of November is due, the honours are not yet
    assert rows(
        late,
        """select dataset, period, numerator, denominator from catalogue.quality_dimensions
           where bureau_code = '210900' and dimension = '实效性'
               and (dataset, period) in (('honours', '2022'), ('general_risk_class', '2022-11'))""",
    ) == [("general_risk_class", "2022-11", 0, 1)]
    assert rows(
        late,
        "select distinct issue_code, severity from catalogue.rejected_rows where dataset = 'penalties' order by 1",
    ) == [("bad_number", "blocking"), ("unknown_code", "blocking")]


def test_catalogue_items_come_from_the_contracts(late: psycopg.Connection) -> None:
    found = rows(
        late,
        """select dataset, title, responsible_office, jsonb_array_length(fields) > 5 from catalogue.catalogue_items
           where catalogue_code in ('LN-IP-01', 'LN-IP-09') order by catalogue_code""",
    )
    assert found == [
        ("honours", "知识产权示范优势企业", "知识产权运用促进处", True),
        ("serious_list", "严重违法失信名单", "知识产权保护处", True),
    ]


def test_the_due_day_itself_is_still_in_time(early: psycopg.Connection) -> None:
    """The general class of November is due on 2022-12-14, ten working days after its end."""
    found = {}
    for as_of in (date(2022, 12, 13), date(2022, 12, 14), date(2022, 12, 15)):
        build.run_dbt(
            "run", "--select", "reporting_periods",
            environment=build.dbt_environment(as_of=as_of, known_at=FIRST, schema_prefix="then_"),
        )  # fmt: skip
        found[as_of.day] = rows(
            early,
            """select distinct is_due from then_catalogue.reporting_periods
               where dataset = 'general_risk_class' and period = '2022-11' and due_on = '2022-12-14'""",
        )
        early.rollback()
    assert found == {13: [(False,)], 14: [(False,)], 15: [(True,)]}


def test_reconciliation_notices_a_lost_row(late: psycopg.Connection, submitted: dict[str, int]) -> None:
    late.execute("delete from catalogue.row_states where submission_id = %s", (submitted["agencies"],))
    late.commit()
    environment = build.dbt_environment(as_of=THIRD.date(), known_at=THIRD)
    with pytest.raises(build.BuildError):
        build.run_dbt("test", "--select", "assert_rows_reconcile", environment=environment)
