"""Province-years put where the models of the assessment read them, scored by real dbt, and read back.

One year is one province-year, so that one build scores many of them.
"""

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache

import psycopg
from assessment_check import Region, Result
from case_tables import dbt

from ipcredit.settings import DBT_PROJECT

POLICY = ("YK-IPR-ASSESS-2022", 1)
TABLES = """
create schema if not exists assessment;
create table assessment.assessment_years (
    assessment_year integer, policy_id text, version integer, title text, tie_method text, base_declared numeric,
    closes_on date, is_closed boolean);
create table assessment.assessment_regions (
    region_code text, region_name text, region_level text, city_code text, is_ranked boolean, names text []);
create table assessment.metric_values (
    assessment_year integer, region_code text, metric_code text, value numeric, choice text, missing_reason text,
    is_complete boolean, record_count bigint, declared_value numeric, difference numeric, evidence_id text,
    evidence_sha256 text, certified_by text,
    metric_title text, value_unit text);
create table assessment.parameters (
    assessment_year integer, region_code text, parameter_kind text, parameter_code text, parameter_value numeric);
create table assessment.judgements (
    assessment_year integer, region_code text, rule_id text, judged_points numeric, is_unreasoned_change boolean,
    scorer_unit text, judged_on date, change_reason text, evidence_id text, evidence_sha256 text);
create table assessment.signoffs (
    assessment_year integer, region_code text, signed_points numeric, signed_by_unit text, signed_on date,
    change_reason text, is_by_second_role boolean);
"""

Province = tuple[list[Region], dict[str, Decimal], str]
"""Regions, external parameters, tie method."""


@cache
def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed of the assessment."""
    with (DBT_PROJECT / "seeds" / "assessment" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def create(connection: psycopg.Connection) -> None:
    """The tables that hold inputs, empty, and the policy beside them."""
    connection.execute(TABLES)
    connection.commit()
    outcomes = dbt("seed", "path:seeds/assessment", as_of=date(2023, 2, 1))
    assert set(outcomes.values()) == {"success"}, outcomes


def score(
    connection: psycopg.Connection, provinces: Iterable[Province], *models: str
) -> list[dict[tuple[str, str], Result]]:
    """What the warehouse makes of each province, as `assessment_check.score` would give it.

    `models` are built as well.
    """
    years = dict(enumerate(provinces, start=1))
    connection.execute(
        "truncate assessment.assessment_years, assessment.assessment_regions, assessment.metric_values,"
        " assessment.parameters, assessment.judgements"
    )
    for table, rows in _inputs(years).items():
        with connection.cursor().copy(f"copy assessment.{table[0]} ({table[1]}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    connection.execute("analyze")
    connection.commit()
    outcomes = dbt("run", "rule_inputs", "rule_results", *models, as_of=date(2023, 2, 1))
    assert set(outcomes.values()) == {"success"}, outcomes
    found: list[dict[tuple[str, str], Result]] = [{} for _ in years]
    for year, region, rule, *result in connection.execute(
        """select assessment_year, region_code, rule_id, state, reason, points, rank, dense_points, inherited_from
           from assessment.rule_results"""
    ):
        if region in {one.code for one in years[year][0]}:
            found[year - 1][region, rule] = Result(*result)
    connection.commit()
    return found


def _inputs(years: dict[int, Province]) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    metrics = {
        row["metric_code"]: row["value_if_missing"] or None
        for row in seed("assessment_metrics")
        if row["value_kind"] in ("count", "yes_no", "choice")
    }
    targets = {row["rule_id"]: row["target_code"] for row in seed("assessment_rules") if row["target_code"]}
    regions = {region.code: region for province, *_ in years.values() for region in province}
    values: list[tuple[object, ...]] = []
    parameters: list[tuple[object, ...]] = []
    judgements: list[tuple[object, ...]] = []
    for year, (province, external, _) in years.items():
        for region in province:
            for metric, default in metrics.items():
                given = region.metrics.get(metric)
                choice = given if isinstance(given, str) else None
                number = default if given is None or choice else given
                missing = None if choice or number is not None else "not_reported"
                values.append((year, region.code, metric, number, choice, missing, missing is None, 0))
            parameters += [(year, region.code, "external", code, value) for code, value in external.items()]
            parameters += [
                (year, region.code, "target", targets[rule], value) for rule, value in region.targets.items()
            ]
            judgements += [(year, region.code, rule, value, False) for rule, value in region.judged.items()]
    return {
        (
            "assessment_years",
            "assessment_year, policy_id, version, title, tie_method, base_declared, closes_on, is_closed",
        ): [(year, *POLICY, "", ties, 100, "2022-12-31", True) for year, (_, _, ties) in years.items()],
        ("assessment_regions", "region_code, region_name, region_level, city_code, is_ranked, names"): [
            (
                code, code, "county" if one.city else "city" if one.is_ranked else "area", one.city or code,
                one.is_ranked, "{}",
            )
            for code, one in regions.items()
        ],
        (
            "metric_values",
            "assessment_year, region_code, metric_code, value, choice, missing_reason, is_complete, record_count",
        ): values,
        ("parameters", "assessment_year, region_code, parameter_kind, parameter_code, parameter_value"): parameters,
        ("judgements", "assessment_year, region_code, rule_id, judged_points, is_unreasoned_change"): judgements,
    }  # fmt: skip
