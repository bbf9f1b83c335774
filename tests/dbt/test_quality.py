"""Cross-source checks, quality by dimension and the ranking of bureaus, over a catalogue written by hand.

A case of a check is a subject of its own, so that one build judges them all; the ranking has a quarter of its own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
import pytest
from helpers import uscc
from psycopg.types.json import Jsonb

from ipcredit.build import BuildError, dbt_environment, run_dbt
from ipcredit.contracts import load_contracts
from ipcredit.settings import TIME_ZONE

AS_OF = date(2022, 12, 5)
KNOWN_AT = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
MODELS = ("cross_source_findings", "quality_dimensions", "quality_ranking")
RULES = {
    "agency_code_unknown", "before_establishment", "corrected_before_notified", "honour_without_register",
    "name_differs", "penalty_after_deregistration", "reported_by_two_bureaus",
}  # fmt: skip

CATALOGUE = """
create schema catalogue;
create table catalogue.records (
    record_id text primary key, subject_id text, subject_name text, dataset text, event_type text, event_date date,
    valid_from date, valid_to date, bureau_code text, period text, submission_id bigint, row_number integer,
    details jsonb);
create view catalogue.credit_records as select * from catalogue.records where subject_id is not null;
create table catalogue.submissions_in_force (submission_id bigint, bureau_code text, dataset text, state text);
create table catalogue.row_states (
    dataset text, submission_id bigint, row_number integer, bureau_code text, period text, natural_key text,
    state text);
create view catalogue.subjects as
select subject_id, case when subject_id like 'P:%' then 'person' else 'uscc' end as id_kind,
    coalesce(min(subject_name) <> max(subject_name), false) as is_spelt_differently
from catalogue.credit_records group by subject_id;
create view catalogue.shared_keys as
select dataset, natural_key, md5(dataset || '|' || natural_key) as record_id
from catalogue.row_states where state = 'accepted' and natural_key is not null
group by dataset, natural_key having min(bureau_code) <> max(bureau_code);
create table catalogue.row_issues (submission_id bigint, row_number integer, dimension text);
create view catalogue.submission_counts as
select submission_id, bureau_code, dataset, period,
    count(*) filter (where state = 'accepted') as rows_accepted,
    count(*) filter (where state = 'rejected') as rows_rejected,
    count(*) filter (where state = 'superseded') as rows_superseded
from catalogue.row_states group by submission_id, bureau_code, dataset, period;
create view catalogue.submission_flaws as
select submission_id, bureau_code, dataset, period, dimension, count(distinct row_number)::integer as flawed_rows
from catalogue.row_states inner join catalogue.row_issues using (submission_id, row_number)
group by submission_id, bureau_code, dataset, period, dimension;
create table catalogue.coverage (
    bureau_code text, dataset text, period text, due_on date, first_received_on date, is_due boolean, state text);
create table catalogue.catalogue_items as
select d as dataset, case d when 'general_risk_class' then 'internal' else 'public' end as disclosure
from unnest(array['honours', 'patent_awards', 'standard_certifications', 'agencies', 'penalties', 'abnormal_patents',
    'malicious_trademarks', 'general_risk_class', 'enterprises']) as d;
create table catalogue.review_results (
    bureau_code text, dataset text, period text, state text, verdict text);
"""


@dataclass
class Catalogue:
    """Writes records as judging and the catalogue would leave them, one submission per unit, dataset and period."""

    connection: psycopg.Connection
    submissions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    rows: Counter[int] = field(default_factory=Counter)

    def submission(self, bureau: str, dataset: str, period: str, state: str = "loaded") -> int:
        if (bureau, dataset, period) not in self.submissions:
            number = self.submissions[bureau, dataset, period] = len(self.submissions) + 1
            self.connection.execute(
                "insert into catalogue.submissions_in_force values (%s, %s, %s, %s)", (number, bureau, dataset, state)
            )
        return self.submissions[bureau, dataset, period]

    def row(self, dataset: str, key: str, *, bureau: str, period: str = "2022Q3", flaws: tuple[str, ...] = (),
            state: str = "accepted") -> tuple[int, int]:  # fmt: skip
        """A judged row in force, with issues of these dimensions."""
        submission = self.submission(bureau, dataset, period)
        self.rows[submission] += 1
        number = self.rows[submission]
        self.connection.execute(
            "insert into catalogue.row_states values (%s, %s, %s, %s, %s, %s, %s)",
            (dataset, submission, number, bureau, period, key, state),
        )
        for dimension in flaws:
            self.connection.execute(
                "insert into catalogue.row_issues values (%s, %s, %s)", (submission, number, dimension)
            )
        return submission, number

    def record(self, dataset: str, subject: str | None, name: str | None = "示例公司", on: str = "2022-06-01", *,
               bureau: str = "210600", period: str = "2022Q3", key: str | None = None,
               event_type: str = "event", flaws: tuple[str, ...] = (), **details: Any) -> None:  # fmt: skip
        """A row and the record that it became."""
        natural_key = key or f"{subject}|{on}|{sum(self.rows.values())}"
        submission, number = self.row(dataset, natural_key, bureau=bureau, period=period, flaws=flaws)
        self.connection.execute(
            """insert into catalogue.records
               values (md5(%s || '|' || %s), %s, %s, %s, %s, %s, %s, null, %s, %s, %s, %s, %s)
               on conflict (record_id) do nothing""",
            (dataset, natural_key, subject, name, dataset, event_type, on, on, bureau, period, submission, number,
             Jsonb(details)),
        )  # fmt: skip


def write_names(there: Catalogue) -> None:
    # 1: the register's name and a former one pass, whatever the brackets; a third does not
    there.record(
        "enterprises", uscc(1), "丹东新示例(集团)公司", "2010-01-01", former_names="丹东旧示例公司；丹东老示例公司"
    )
    there.record("penalties", uscc(1), "丹东新示例（集团） 公司")
    there.record("honours", uscc(1), "丹东老示例公司", period="2022")
    there.record("penalties", uscc(1), "丹东新示列公司", bureau="210700")
    # 2 (of a bureau that reports no register): one name is plainly the most frequent
    for month in ("2022-07", "2022-08"):
        there.record("general_risk_class", uscc(2), "二号示例公司", period=month)
    there.record("honours", uscc(2), "贰号示例公司", bureau="211000", period="2022")
    # 3: two names, neither more frequent: nobody knows which is right
    there.record("honours", uscc(3), "三号示例公司", bureau="211000", period="2022")
    there.record("penalties", uscc(3), "叁号示例公司", bureau="210700")
    # 4: one name everywhere; 5: a natural person; 6: a row without a name
    there.record("honours", uscc(4), "四号示例公司", bureau="211000", period="2022")
    there.record("penalties", uscc(4), "四号示例公司")
    there.record("penalties", "P:hmac:5", "自然人")
    there.record("malicious_trademarks", "P:hmac:5", "某某")
    there.record("honours", uscc(6), "六号示例公司", bureau="211000", period="2022")
    there.record("penalties", uscc(6), None)


def write_registers(there: Catalogue) -> None:
    # 10: no register; 11: only a register of agencies; 12: of a bureau that reported no enterprises; 13: no enterprise
    there.record("patent_awards", uscc(10), bureau="210800", period="2022")
    there.record("enterprises", uscc(99), on="2001-01-01", bureau="210800", period="2022")
    there.record("agencies", uscc(11), bureau="210800", period="2022", agency_code="21001")
    there.record("honours", uscc(11), bureau="210800", period="2022")
    there.record("honours", uscc(12), bureau="210900", period="2022")
    there.submission("210900", "enterprises", "2022", "nil_return")
    there.record("patent_awards", "12210000463208123X", bureau="210800", period="2022")
    # 20: punished after its end; 21: on the last day; 22: annulled; 23: its licence revoked, not deregistered
    for number, ended, status in (
        (20, "2022-05-31", "cancelled"), (21, "2022-06-01", "cancelled"), (22, "2022-05-31", "cancelled"),
        (23, "2022-05-31", "revoked"),
    ):  # fmt: skip
        there.record("enterprises", uscc(number), on="2010-01-01", deregistered_on=ended, registration_status=status)
        there.record(
            "penalties", uscc(number), event_type="penalty_annulled" if number == 22 else "ip_penalty_ordinary"
        )
    # 30: honoured before it was established; 31: on that day; a class given earlier says nothing
    there.record("enterprises", uscc(30), on="2022-06-02")
    there.record("honours", uscc(30), period="2022")
    there.record("enterprises", uscc(31), on="2022-06-01")
    there.record("honours", uscc(31), period="2022")
    there.record("general_risk_class", uscc(31), on="2022-01-01", period="2022-07")


def write_agencies_and_notices(there: Catalogue) -> None:
    # 40: a code of this province that nobody registered; 41: a known one; 42: another province's; 43: a head office
    there.record("abnormal_patents", uscc(40), agency_code="21999", application_no="40")
    there.record("abnormal_patents", uscc(41), agency_code="21001", application_no="41")
    there.record("abnormal_patents", uscc(42), agency_code="11999", application_no="42")
    there.record("agencies", uscc(43), period="2022", agency_code="21002", head_office_code="21998")
    # 44: corrected, then notified by another bureau; 45: notified twice, then corrected
    there.record("abnormal_patents", uscc(44), notified_on="2022-02-01", corrected_on="2022-03-01", application_no="44")
    there.record("abnormal_patents", uscc(44), notified_on="2022-04-01", application_no="44", bureau="210700")
    there.record("abnormal_patents", uscc(45), notified_on="2022-02-01", corrected_on="2022-04-02", application_no="45")
    there.record("abnormal_patents", uscc(45), notified_on="2022-04-01", application_no="45")
    # 50: one matter from two bureaus, the row flawed already; 51: superseded at one of them; 52: internal
    there.record("penalties", uscc(50), key="50", flaws=("准确性",))
    there.record("penalties", uscc(50), key="50", bureau="210700")
    there.record("penalties", uscc(51), key="51")
    there.row("penalties", "51", bureau="210700", state="superseded")
    there.record("general_risk_class", uscc(52), key="52", period="2022-07")
    there.record("general_risk_class", uscc(52), key="52", period="2022-07", bureau="210700")


# The column's name comes from the contract of the register.
REGISTER_NAME = "enterprise_name" if "enterprises" in load_contracts() else None
ENDED = ("enterprises", "210600", "deregistered_on", "2022-05-31")
NOTIFIED = ("abnormal_patents", "210700", "notified_on", "2022-04-01")
EXPECTED = {
    ("name_differs", 1, "210700", "party_name", "enterprises", "210600", REGISTER_NAME, "丹东新示例(集团)公司"),
    ("name_differs", 2, "211000", "enterprise_name", "general_risk_class", "210600", "enterprise_name", "二号示例公司"),
    ("name_differs", 3, "211000", "enterprise_name", "penalties", "210700", "party_name", "叁号示例公司"),
    ("name_differs", 3, "210700", "party_name", "honours", "211000", "enterprise_name", "三号示例公司"),
    ("honour_without_register", 10, "210800", "uscc", "enterprises", None, None, None),
    ("penalty_after_deregistration", 20, "210600", "decided_on", *ENDED),
    ("before_establishment", 30, "210600", "awarded_on", "enterprises", "210600", "established_on", "2022-06-02"),
    ("agency_code_unknown", 40, "210600", "agency_code", "agencies", None, "agency_code", None),
    ("agency_code_unknown", 43, "210600", "head_office_code", "agencies", None, "agency_code", None),
    ("corrected_before_notified", 44, "210600", "corrected_on", *NOTIFIED),
    *(
        ("reported_by_two_bureaus", number, ours, "*", dataset, theirs, "*", None)
        for number, dataset in ((50, "penalties"), (52, "general_risk_class"))
        for ours, theirs in (("210600", "210700"), ("210700", "210600"))
    ),
}  # fmt: skip
NUMBERS = {uscc(number): number for number in range(1, 100)}


def write_quarter(there: Catalogue) -> None:
    """The quarter that is ranked: four rows each, reported in time unless said otherwise."""
    in_time, too_late = "2022-04-20", "2022-05-20"
    for bureau, flaws, received in (
        ("210100", (), in_time),
        ("210200", (), in_time),
        ("210300", ("规范性",), in_time),
        ("210400", ("完整性",), in_time),
        ("210500", (), too_late),
        ("LN-SF", (), in_time),
        ("210600", None, in_time),  # a nil return: nothing to count
        ("210700", (), None),  # rows, but as needed: no day it was due
    ):
        for number in range(4 if flaws is not None else 0):
            there.row(
                "penalties", f"{bureau}-{number}", bureau=bureau, period="2022Q1", flaws=flaws if number < 2 else ()
            )
        if received:
            there.connection.execute(
                "insert into catalogue.coverage values (%s, 'penalties', '2022Q1', '2022-05-06', %s, true, 'received')",
                (bureau, received),
            )
    # reviewed: two agree, one does not, one could not be told, one waits
    for state, verdict in (
        ("reviewed", "consistent"), ("reviewed", "consistent"), ("reviewed", "inconsistent"),
        ("reviewed", "unverifiable"), ("awaiting", None), ("sample_unknown", "consistent"),
    ):  # fmt: skip
        there.connection.execute(
            "insert into catalogue.review_results values ('210300', 'penalties', '2022Q1', %s, %s)", (state, verdict)
        )


@pytest.fixture(scope="module")
def built(warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as connection:
        connection.execute(CATALOGUE)
        there = Catalogue(connection)
        write_names(there)
        write_registers(there)
        write_agencies_and_notices(there)
        write_quarter(there)
        connection.commit()
        build("build", "path:seeds", *MODELS, "quality_weights_cover_the_day_judged")
        yield connection


def build(command: str, *selected: str, as_of: date = AS_OF) -> None:
    environment = dbt_environment(as_of=as_of, known_at=KNOWN_AT)
    run_dbt(command, "--select", *selected, "--indirect-selection", "cautious", "--quiet", environment=environment)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_finds_its_cases_and_no_others(built: psycopg.Connection, rule: str) -> None:
    found = built.execute(
        """select rule_code, subject_id, bureau_code, field, other_dataset, other_bureau_code, other_field, other_value
           from catalogue.cross_source_findings where rule_code = %s""",
        (rule,),
    ).fetchall()
    expected = {row for row in EXPECTED if row[0] == rule}
    assert expected and {(row[0], NUMBERS[row[1]], *row[2:]) for row in found} == expected
    assert len(found) == len(expected)


def test_every_rule_of_the_policy_has_its_cases(built: psycopg.Connection) -> None:
    assert {code for (code,) in built.execute("select rule_code from policy.cross_source_rules")} == RULES


def test_findings_name_both_rows_and_what_to_do_and_keep_internal_datasets_apart(built: psycopg.Connection) -> None:
    assert built.execute(
        """select f.dataset, f.reported_value, o.dataset, o.row_number is not null, f.dimension, f.remedy <> '',
               f.policy_status
           from catalogue.cross_source_findings as f
           left join catalogue.row_states as o
               on f.other_submission_id = o.submission_id and f.other_row_number = o.row_number
           where f.rule_code = 'name_differs' and f.subject_id = %s""",
        (uscc(1),),
    ).fetchall() == [("penalties", "丹东新示列公司", "enterprises", True, "准确性", True, "provisional")]
    internal = built.execute(
        "select rule_code, subject_id from catalogue.cross_source_findings where is_internal order by 1, 2"
    ).fetchall()
    # 2 is told by what the general class says, 52 is in it
    assert [(rule, NUMBERS[subject]) for rule, subject in internal] == [
        ("name_differs", 2), ("reported_by_two_bureaus", 52), ("reported_by_two_bureaus", 52),
    ]  # fmt: skip


def test_a_row_is_flawed_once_by_issues_and_findings_of_a_dimension(built: psycopg.Connection) -> None:
    found = {
        (dataset, period, dimension): (numerator, denominator)
        for dataset, period, dimension, numerator, denominator in built.execute(
            """select dataset, period, dimension, numerator, denominator from catalogue.quality_dimensions
               where bureau_code = '210800' or bureau_code = '210700' and dataset = 'penalties'"""
        )
    }
    # 210700: the names of 1 and 3, and the matter 50; one row superseded by another bureau's still is a row
    assert found["penalties", "2022Q3", "准确性"] == (1, 4)
    assert found["penalties", "2022Q3", "完整性"] == (4, 4)
    # a missing register entry is a matter of completeness
    assert found["patent_awards", "2022", "完整性"] == (1, 2)
    assert found["patent_awards", "2022", "准确性"] == (2, 2)
    # 210600: the row of 50 has an issue and a finding
    assert built.execute(
        """select denominator - numerator from catalogue.quality_dimensions
           where bureau_code = '210600' and dataset = 'penalties' and period = '2022Q3' and dimension = '准确性'"""
    ).fetchall() == [(2,)]


def test_review_is_counted_apart_from_checks(built: psycopg.Connection) -> None:
    assert built.execute(
        """select basis, numerator, denominator, rate::text from catalogue.quality_dimensions
           where bureau_code = '210300' and period = '2022Q1' and dimension = '准确性' order by 1"""
    ).fetchall() == [("checks", 4, 4, "1.0000"), ("review", 2, 3, "0.6667")]


def test_the_ranking_has_ties_an_unranked_area_and_names_what_is_missing(built: psycopg.Connection) -> None:
    found = {
        row[0]: row[1:]
        for row in built.execute(
            """select bureau_code, state, place, score::text, missing from catalogue.quality_ranking
               where period = '2022Q1'"""
        )
    }
    assert found["210100"] == found["210200"] == ("ranked", 1, "100.00", None)
    assert found["210300"] == found["210400"] == ("ranked", 3, "87.50", None)
    assert found["210500"] == ("ranked", 5, "75.00", None)
    assert found["LN-SF"] == ("unranked", None, "100.00", None)
    assert found["210600"][:3] == ("not_evaluable", None, None)
    assert set(found["210600"][3].split("、")) == {"准确性", "完整性", "规范性"}
    assert found["210700"] == ("not_evaluable", None, None, "实效性")
    assert len(found) == 15 and {row[0] for name, row in found.items() if name > "210700" and name != "LN-SF"} == {
        "not_evaluable"
    }
    assert built.execute(
        """select conformity_rate::text, reviewed_accuracy_rate::text, policy_id, policy_status
           from catalogue.quality_ranking where period = '2022Q1' and bureau_code = '210300'"""
    ).fetchone() == ("0.5000", "0.6667", "QUALITY-RANKING", "provisional")
    assert {period for (period,) in built.execute("select distinct period from catalogue.quality_ranking")} == {
        "2022", "2022Q1", "2022Q3", "2022Q4",
    }  # fmt: skip


def test_before_the_first_rules_nothing_is_found_and_nobody_ranked(built: psycopg.Connection) -> None:
    built.rollback()  # an open transaction would hold up the build
    build("build", *MODELS, "quality_weights_cover_the_day_judged", as_of=date(2022, 4, 12))
    assert built.execute("select count(*) from catalogue.cross_source_findings").fetchone() == (0,)
    assert built.execute("select distinct state, score, missing from catalogue.quality_ranking").fetchall() == [
        ("not_evaluable", None, None)
    ]
    built.rollback()
    with pytest.raises(BuildError):
        build("test", "quality_weights_cover_the_day_judged", as_of=date(1899, 12, 31))
