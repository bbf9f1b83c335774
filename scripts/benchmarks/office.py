"""What an office does without a warehouse: one script with pandas and openpyxl, from the bureaus' files to a workbook.

    python -m benchmarks.office FOLDER --as-of 2022-12-05 --output grades.xlsx          # from the folder scripts

Reads `FOLDER/<arrival>/<bureau>/<dataset>_<period>.csv` (see generate.py) and makes the province's grade of every
enterprise and the scorecard of every region, equal to grading.subject_grades and assessment.rule_results. Headers and
code lists come from the contracts, all parameters from the seeds. It is written as an able analyst would: every step
works on whole columns, and what is slow is done once for each different text.

It does less than the warehouse where the seven datasets do not ask for more: optional free text is not read, so that an
error there refuses no row; people without a code are not told apart from firms without one; grades of agencies, a
classification of a city, repairs and objections are left out; a file that drops many rows is not held; and nothing
is kept of why a row was refused, what was known before, or what a number was made from.
"""

import argparse
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import islice
from operator import eq, ge, gt, lt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from openpyxl import Workbook

from ipcredit.contracts import normalise_header
from ipcredit.settings import DBT_PROJECT

DATASETS = (
    "general_risk_class", "standard_certifications", "honours", "penalties", "abnormal_patents",
    "malicious_trademarks", "cases",
)  # fmt: skip
SHEET_ROWS = 1_048_576
"""Rows that a sheet of a workbook can hold (Excel specifications and limits)."""


# Contracts and policy tables

Contract = dict[str, Any]
"""A dataset as models/staging/*/sources.yml declares it, with `columns`; keys as in ipcredit/contracts.py."""


@cache
def contracts() -> dict[str, Contract]:
    """The contracts of all datasets, unchecked: reading them with their line numbers takes seconds."""
    found = {}
    for file in DBT_PROJECT.glob("models/staging/*/sources.yml"):
        for source in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["sources"]:
            for table in source["tables"]:
                columns = [{"name": column["name"], **column["config"]["meta"]} for column in table["columns"]]
                meta = source["config"]["meta"] | table["config"]["meta"]
                found[table["name"]] = meta | {"dataset": table["name"], "columns": columns}
    return found


def seed(name: str) -> pd.DataFrame:
    """A policy or reference table, all texts; dates are ISO and compare as texts. A version is a number."""
    table = pd.read_csv(next(DBT_PROJECT.glob(f"seeds/*/{name}.csv")), dtype=str)
    return table.astype({"version": int}) if "version" in table else table


def in_force(name: str, day: pd.Timestamp, key: str | list[str] = "policy_id") -> pd.DataFrame:
    """The rows of a policy table in force on a day: of each key the version that took effect last."""
    rules, on = seed(name), f"{day:%Y-%m-%d}"
    rules = rules[(rules.recorded_on <= on) & (rules.effective_from <= on) & ~(rules.effective_to < on)]
    for column in ("effective_from", "version"):
        rules = rules[rules[column] == rules.groupby(key)[column].transform("max")]
    return rules


def add_months(days: pd.Series, months: pd.Series) -> pd.Series:
    """The same day so many months later, or that month's last day."""
    later = days.copy()
    for number in months.unique():
        later[months == number] = days[months == number] + pd.DateOffset(months=int(number))
    return later


# Reading cells: a reader takes one text and gives its value, None for a blank, BAD for what cannot be accepted.

BAD = object()
_BLANKS = {"", "-", "--", "—", "——", "/", "\\", "无", "NULL", "null", "N/A", "n/a"}
_SPACE = dict.fromkeys(map(ord, " \t\n\r\v\f\x85\u1680\u2028\u2029\u200b\u200c\u200d\u2060\ufeff'`‘’"))
_SPOILT = re.compile(
    r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)"
    r"|[+-]?(\d+(\.\d+)?[Ee]\+?\d{2,3}|\d{16,}\.0+)$"
)
_DATE = re.compile(
    r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})"
    r"(?:(?: ?[日号])?|(?: ?[日号] ?|[T ])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)"
    r"|(\d{4})(\d{2})(\d{2})(?:\.0+)?",
    re.ASCII,
)
_SERIAL_DAY = re.compile(r"[1-9]\d{4}(\.\d+)?", re.ASCII)
_USCC = re.compile(r"[1-9ANY][1-9]\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_PATENT = re.compile(
    r"(?:ZL|CN)?((?:200[3-9]|20[1-9]\d)[12389]\d{7}|(?:8[5-9]|9\d|0[0-3])[12389]\d{5})\.?([\dX])", re.ASCII
)
_TRADEMARK = re.compile(r"第?(\d{1,8}|G\d{6,7})([A-Z]{0,2})号?(\.0+)?", re.ASCII)
_INTEGER = re.compile(r"([+-]?(?:\d{1,9}|\d{1,3}(?:,\d{3}){1,2}))(?:\.0+)?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?度?(\.0+)?", re.ASCII)
_AMOUNT = re.compile(
    r"¥?(?:人民币)?([+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,30})?)\(?(亿元|亿|万元|万|元)?(?:人民币)?\)?整?",
    re.ASCII,
)
_BRACKETED_YEAR = re.compile(r"[\[({<《【〖〔]((?:19|20)\d{2})[\])}>》】〗〕]", re.ASCII)
_NO_END = {date(2099, 12, 31), date(9999, 12, 31)}
_UNKNOWN = {date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)}
_YES = ["是", "有", "已", "对", "√", "✓", "Y", "YES", "T", "TRUE", "1", "1.0"]
_NO = ["否", "无", "未", "不", "错", "×", "X", "N", "NO", "F", "FALSE", "0", "0.0"]
_BOOLEANS = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")
_LETTERS = {letter: value for value, letter in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_WEIGHTS = [3**place % 31 for place in range(17)] + [1]


def without_space(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().translate(_SPACE)


def cleaned(text: str) -> str | None:
    """A code or a name as it is compared: without width, case and white space."""
    found = without_space(text)
    return None if found in _BLANKS else found


def read_text(text: str) -> Any:
    found = " ".join(text.split())
    return None if found in _BLANKS else BAD if _SPOILT.match(found) else found


def read_key_text(text: str) -> Any:
    return BAD if _SPOILT.match(text.strip()) else cleaned(text)


def read_document_no(text: str) -> Any:
    found = cleaned(text)
    return BAD if found and _SPOILT.match(found) else found and _BRACKETED_YEAR.sub(r"〔\1〕", found)


def read_boolean(text: str) -> Any:
    found = without_space(text)
    return _BOOLEANS.get(found, BAD) if found else None


def read_date(text: str) -> Any:
    """A day in any of the ways bureaus write it; what stands for no day is none."""
    found = " ".join(unicodedata.normalize("NFKC", text).upper().split()).strip(" '")
    if found in _BLANKS:
        return None
    try:
        if match := _DATE.fullmatch(found):
            day = date(*(int(part) for part in match.groups() if part))
        elif _SERIAL_DAY.fullmatch(found):
            day = date.fromordinal(date(1899, 12, 30).toordinal() + int(found[:5]))
        else:
            return BAD
    except ValueError:
        return BAD
    if day in _NO_END or day in _UNKNOWN:
        return None
    return np.datetime64(day, "s") if date(1949, 10, 1) <= day <= date(2099, 12, 31) else BAD


@cache
def read_uscc(text: str) -> Any:
    """A 统一社会信用代码 with its check digit (GB 32100-2015). Remembered: a subject is told of many times."""
    found = cleaned(text)
    if found is None:
        return None
    if not _USCC.fullmatch(found) or sum(_LETTERS[c] * w for c, w in zip(found, _WEIGHTS, strict=True)) % 31:
        return BAD
    return found


def read_patent_no(text: str) -> Any:
    if (found := cleaned(text)) is None:
        return None
    if not (match := _PATENT.fullmatch(found)):
        return BAD
    digits, check = match.groups()
    total = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(digits))
    return f"{digits}.{check}" if "0123456789X"[total % 11] == check else BAD


def read_trademark_no(text: str) -> Any:
    if (found := cleaned(text)) is None:
        return None
    match = _TRADEMARK.fullmatch(found)
    return match[1] + match[2] if match else BAD


def read_number(column: Contract) -> Callable[[str], Any]:
    """A reader of whole numbers, years or amounts (in yuan) within the column's bounds."""
    pattern = {"integer": _INTEGER, "year": _YEAR, "amount": _AMOUNT}[column["type"]]
    is_year = column["type"] == "year"
    low, high = column.get("min", 1949 if is_year else None), column.get("max", 2099 if is_year else None)

    def read(text: str) -> Any:
        if (found := cleaned(text)) is None:
            return None
        if not (match := pattern.fullmatch(found)):
            return BAD
        number = Decimal(match[1].replace(",", ""))
        if column["type"] == "amount":
            number *= {"亿": 100_000_000, "万": 10_000}.get((match[2] or "")[:1], 1)
        is_within = (low is None or number >= low) and (high is None or number <= high)
        return float(number) if is_within else BAD

    return read


def read_one_of(values: dict[str, str]) -> Callable[[str], Any]:
    """A reader of labels."""

    def read(text: str) -> Any:
        found = cleaned(text)
        return None if found is None else values.get(found, BAD)

    return read


def labels_of(codes: dict[str, list[str]]) -> dict[str, str]:
    """Codes by their labels."""
    return {without_space(label): code for code, labels in codes.items() for label in (code, *labels)}


def cities() -> dict[str, str]:
    """City or area of every name that a place goes by; a county's is its city."""
    places = seed("divisions")
    places["city"] = places.parent_code.where(places.level == "county", places.division_code)
    names = places.division_code + "|" + places.name + "|" + places.aliases.fillna("")
    return {without_space(name): city for all_names, city in zip(names, places.city, strict=True)
            for name in all_names.split("|") if name}  # fmt: skip


def reader_of(contract: Contract, column: Contract) -> Callable[[str], Any] | None:
    """How a column is read; None where nothing depends on it."""
    match column["type"]:
        case "date":
            return read_date
        case "code":
            return read_one_of(labels_of(contract["code_lists"][column["code_list"]]))
        case "boolean":
            return read_boolean
        case "patent_application_no":
            return read_patent_no
        case "trademark_no":
            return read_trademark_no
        case "integer" | "year" | "amount":
            return read_number(column)
        case "division" if "own_division" in column:  # where the bureau acts: nowhere else
            return read_one_of(cities())
        case "uscc" if column["name"] == "uscc":
            return read_uscc
        case "document_no" if "required" in column:
            return read_document_no
        case "text" if column["name"] in contract["natural_key"]:
            return read_key_text
        case "text" if "required" in column or column["name"] == "county_name":
            return read_text
    return None


_DTYPES = {"date": "datetime64[s]", "integer": "float", "year": "float", "amount": "float", "code": "category",
           "boolean": "category", "division": "category"}  # fmt: skip


def read_column(cells: pd.Series, kind: str, reader: Callable[[str], Any]) -> tuple[pd.Series, np.ndarray]:
    """The values of a column, and which of its cells cannot be accepted. Each different text is read once."""
    places, texts = pd.factorize(cells)  # a blank cell is at -1, the place of the None at the end
    found = [*map(reader, texts.tolist()), None]
    is_bad = np.array([value is BAD for value in found])
    values = pd.Series([None if value is BAD else value for value in found], dtype=_DTYPES.get(kind, "str"))
    return pd.Series(values.array.take(places), index=cells.index), is_bad[places]


# From files to rows that count


class File(NamedTuple):
    path: Path
    bureau: str
    period: str


def files_in_force(folder: Path, last: str | None) -> dict[str, list[File]]:
    """The files that count, by dataset; of each, a row in a later one takes the place of one in an earlier.

    A file replaces the whole period as its bureau told it before, unless its name says 增量.
    """
    standing: dict[tuple[str, str, str], list[Path]] = {}
    for path in sorted(folder.glob("*/*/*.csv")):
        match = re.fullmatch(r"(.+)_(\d{4}(?:Q[1-4]|-\d{2})?)(_增量)?", path.stem)
        arrival, bureau = path.parts[-3:-1]
        if match and match[1] in DATASETS and (last is None or arrival <= last):
            key = (match[1], match[2], bureau)
            standing[key] = [*(standing.get(key, []) if match[3] else []), path]
    files: dict[str, list[File]] = {dataset: [] for dataset in DATASETS}
    for (dataset, period, bureau), paths in standing.items():
        files[dataset] += [File(path, bureau, period) for path in paths]
    return {dataset: sorted(given, key=lambda file: (file.period, file.path)) for dataset, given in files.items()}


def read_file(file: File, headers: dict[str, str]) -> pd.DataFrame:
    """The wanted columns of a file under the contract's names, with bureau and period."""
    options: dict[str, Any] = {
        "dtype": str, "keep_default_na": False, "na_values": [""],
        "usecols": lambda header: normalise_header(header) in headers,
    }  # fmt: skip
    try:
        rows = pd.read_csv(file.path, encoding="utf-8-sig", **options)
    except UnicodeDecodeError:
        rows = pd.read_csv(file.path, encoding="gb18030", **options)
    rows = rows.rename(columns=lambda header: headers[normalise_header(header)])
    return rows.assign(bureau=file.bureau, period=file.period)


def headers_of(columns: list[Contract]) -> dict[str, str]:
    """Column by header and alias."""
    names = [(column["name"], [column["header"], *column.get("aliases", [])]) for column in columns]
    return {normalise_header(text if isinstance(text, str) else text["alias"]): name
            for name, texts in names for text in texts}  # fmt: skip


def sound_rows(contract: Contract, files: list[File], day: pd.Timestamp) -> pd.DataFrame:
    """The rows that can be accepted, in the order in which they count; typed, with the bureau's city."""
    columns = [(column, reader) for column in contract["columns"] if (reader := reader_of(contract, column))]
    headers = headers_of([column for column, _ in columns])
    rows = pd.concat([read_file(file, headers) for file in files], ignore_index=True)
    rows["city"] = rows.bureau.map(seed("organisations").set_index("organisation_code").division_code)
    sound = np.full(len(rows), True)
    for column, reader in columns:
        name = column["name"]
        rows[name], is_bad = read_column(rows.get(name, pd.Series(pd.NA, rows.index)), column["type"], reader)
        sound &= ~is_bad
        if "required" in column:
            sound &= rows[name].notna()
        if column["type"] == "division":
            sound &= rows[name].isna() | (rows[name].astype(str) == rows.city)
        if name == contract["record"]["event_date"]:
            sound &= ~(rows[name] > day)
    return rows[sound & ~CONTRADICTIONS[contract["dataset"]](rows)]


# What a row may not say, by dataset


def _honours_contradict(rows: pd.DataFrame) -> pd.Series:
    return (
        (rows.valid_until < rows.awarded_on)
        | (rows.cancelled_on < rows.awarded_on)
        | ((rows.review_result == "failed") & rows.cancelled_on.isna())
    )


def _certifications_contradict(rows: pd.DataFrame) -> pd.Series:
    has_ended = rows.certificate_status.isin(["revoked", "cancelled"])
    return (
        (rows.valid_until < rows.certified_on)
        | (rows.status_changed_on < rows.certified_on)
        | (has_ended & rows.status_changed_on.isna())
    )


def _penalties_contradict(rows: pd.DataFrame) -> pd.Series:
    return (rows.publish_until < rows.decided_on) | (rows.valid_until < rows.decided_on)


def _abnormal_patents_contradict(rows: pd.DataFrame) -> pd.Series:
    is_done = rows.correction_state.isin(["withdrawn", "corrected"])
    return (
        (rows.corrected_on < rows.notified_on)
        | (rows.filed_on > rows.notified_on)
        | (is_done & rows.corrected_on.isna())
    )  # fmt: skip


def _cases_contradict(rows: pd.DataFrame) -> pd.Series:
    is_closed, is_public = rows.case_state == "closed", rows.published_on.notna()
    is_dispute = rows.case_type.isin(["patent_infringement", "other_patent_dispute", "plant_variety", "layout_design"])
    return (
        (rows.filed_on < rows.received_on)
        | (rows.closed_on < rows.filed_on)
        | (rows.published_on < rows.closed_on)
        | (rows.system_report_due_on < rows.filed_on)
        | (rows.system_reported_on < rows.filed_on)
        | (rows.returned_on < rows.system_reported_on)
        | (is_closed & (rows.closed_on.isna() | rows.closing_mode.isna()))
        | ((is_closed | is_public) & rows.is_publishable.isna())
        | ((rows.is_publishable == "no") & (rows.nondisclosure_reason.isna() | is_public))
        | (rows.system_reported_on.notna() & rows.system_report_due_on.isna())
        | ((rows.returned_count > 0) & (rows.system_reported_on.isna() | rows.returned_on.isna()))
        | (~is_closed & (rows.closed_on.notna() | rows.closing_mode.notna() | is_public))
        | ((rows.closing_mode == "adjudication") & ~is_dispute)
    )


CONTRADICTIONS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "general_risk_class": lambda rows: pd.Series(False, index=rows.index),
    "standard_certifications": _certifications_contradict,
    "honours": _honours_contradict,
    "penalties": _penalties_contradict,
    "abnormal_patents": _abnormal_patents_contradict,
    "malicious_trademarks": lambda rows: rows.applied_on > rows.decided_on,
    "cases": _cases_contradict,
}


# Grades


def events_of(contract: Contract, rows: pd.DataFrame) -> pd.DataFrame:
    """What the rows tell of subjects: event type, behaviour, day it happened, day it ends (if it does)."""
    rows = rows[rows.uscc.notna()]
    ends: Any = pd.NaT
    if contract["dataset"] == "honours":
        ends = rows[["valid_until", "cancelled_on"]].min(axis="columns")
    elif contract["dataset"] == "standard_certifications":
        has_ended = rows.certificate_status.isin(["revoked", "cancelled"])
        ends = rows.valid_until.where(~has_ended, rows[["valid_until", "status_changed_on"]].min(axis="columns"))
    kind, behaviour = EVENTS[contract["dataset"]](rows)
    return pd.DataFrame({
        "subject": rows.uscc, "event_type": pd.Categorical(kind), "behaviour": pd.Categorical(behaviour),
        "happened": rows[contract["record"]["event_date"]], "ends": ends,
    })  # fmt: skip


def _constant(event_type: str, behaviour: str | None = None) -> Callable[[pd.DataFrame], tuple[Any, Any]]:
    return lambda rows: ([event_type] * len(rows), [behaviour] * len(rows))


def _penalty_events(rows: pd.DataFrame) -> tuple[Any, Any]:
    """A decision's weight and behaviour: 总局令第44号 art. 2 says which are heavier, unless the authority does; 第45号
    which are never taken down early."""
    kinds = rows[["penalty_kind", "second_penalty_kind"]].astype(object)
    is_annulled = rows.penalty_status == "annulled"
    is_restricting = kinds.isin(["business_restricted", "occupation_restricted", "qualification_lowered"])
    is_heavier_kind = kinds.isin(["closed", "licence_suspended", "licence_suspended_or_revoked", "detention"]).any(
        axis="columns"
    )
    is_warning = (kinds.isin(["warning", "public_criticism"]) | kinds.isna()).all(axis="columns")
    kind = np.select(
        [
            is_annulled,
            (kinds == "licence_revoked").any(axis="columns"),
            (kinds == "business_suspended").any(axis="columns"),
            is_restricting.any(axis="columns"),
            (rows.is_heavier == "yes") | (rows.is_heavier.isna() & is_heavier_kind),
            is_warning,
        ],
        [
            "penalty_annulled",
            "licence_revoked",
            "business_suspended",
            "ip_penalty_restricting",
            "ip_penalty_heavier",
            "penalty_warning",
        ],
        "ip_penalty_ordinary",
    )
    return kind, rows.violation_type.astype(object).where(~is_annulled, None)


def _abnormal_patent_events(rows: pd.DataFrame) -> tuple[Any, Any]:
    is_annulled = rows.correction_state == "appeal_upheld"
    is_done = rows.correction_state.isin(["withdrawn", "corrected"])
    kind = np.select(
        [is_annulled, is_done], ["abnormal_patent_annulled", "abnormal_patent_corrected"], "abnormal_patent_uncorrected"
    )
    return kind, ["abnormal_application"] * len(rows)


EVENTS: dict[str, Callable[[pd.DataFrame], tuple[Any, Any]]] = {
    "general_risk_class": lambda rows: ("general_class_" + rows.risk_class.astype(str), [None] * len(rows)),
    "standard_certifications": _constant("standard_certified"),
    "honours": lambda rows: (rows.honour_type.astype(object), [None] * len(rows)),
    "penalties": _penalty_events,
    "abnormal_patents": _abnormal_patent_events,
    "malicious_trademarks": _constant("malicious_trademark", "malicious_filing"),
    "cases": _constant("case"),
}


def grades(events: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Score and grade of every enterprise on the province's track.

    Raises:
        ValueError: no policy grades enterprises on that day.
    """
    policies = in_force("policy_versions", day, key=["subject_kind", "track"])
    policies = policies[(policies.track == "enterprise") & (policies.status != "no_rule")]
    if policies.empty:
        raise ValueError(f"No policy grades enterprises on {day:%Y-%m-%d}.")
    policy = policies.iloc[0]

    def of_policy(name: str) -> pd.DataFrame:
        rules = in_force(name, day)
        return rules[(rules.policy_id == policy.policy_id) & (rules.version == policy.version)]

    numbers, subjects = pd.factorize(events.subject)
    events = events.assign(subject=numbers)
    found = pd.DataFrame({"subject_id": subjects, "track": policy.track})
    found["score"] = float(policy.base_points) + score_of_events(events, of_policy("scoring_rules"), day, len(found))

    classes = of_policy("general_class_adjustments").set_index("general_class").points.astype(float)
    known = events[events.event_type.isin("general_class_" + classes.index)]
    known = known.sort_values("happened", kind="stable").drop_duplicates("subject", keep="last").set_index("subject")
    adjustment = known.event_type.astype(str).str[-1].map(classes).reindex(found.index)
    found["score"] += adjustment.fillna(0)

    bands = of_policy("grade_bands").astype({"grade_rank": int, "min_score": float}).sort_values("grade_rank")
    reached = [
        found.score.ge(low) if inclusive == "true" else found.score.gt(low)
        for low, inclusive in zip(bands.min_score.fillna(-np.inf), bands.is_min_inclusive, strict=True)
    ]
    found["grade"] = np.select(reached, list(bands.grade), "")
    if not classes.empty:
        found.loc[adjustment.isna(), "grade"] = "U"
    return limited(found, events, of_policy("override_rules"), bands.set_index("grade").grade_rank, day)


def score_of_events(events: pd.DataFrame, rules: pd.DataFrame, day: pd.Timestamp, subjects: int) -> pd.Series:
    """Points of what counts on the day, by subject: of each rule all its events, up to its cap."""
    rules = rules.assign(is_bonus=rules.is_bonus == "true").astype({"points": float, "cap": float})
    # compared as texts, three million types would be
    events = events[events.event_type.isin(rules.event_type)].astype({"event_type": "object"})
    events = events.merge(rules[["event_type", "rule_code", "points", "cap", "window_months", "is_bonus"]])
    last = add_months(events.happened, events.window_months)
    last = last.where(~(events.is_bonus & (events.ends < last)), events.ends)
    events = events[(last >= day) & (last >= events.happened)]
    totals = events.groupby(["subject", "rule_code"]).agg(points=("points", "sum"), cap=("cap", "first"))
    points = totals.points.where(~(totals.points.abs() > totals.cap.abs()), totals.cap)
    return points.groupby("subject").sum().reindex(range(subjects), fill_value=0)


def limited(
    found: pd.DataFrame, events: pd.DataFrame, rules: pd.DataFrame, ranks: pd.Series, day: pd.Timestamp
) -> pd.DataFrame:
    """Grades after what limits them whatever the score; the first rule by priority that holds decides."""
    is_decided = pd.Series(False, index=found.index)
    for rule in rules.astype({"priority": int}).sort_values("priority").itertuples():
        if rule.condition_kind == "event":
            told = events[events.event_type == rule.condition_code]
            months = pd.Series(rule.window_months, index=told.index)
            held_by = told.subject[add_months(told.happened, months) >= day].unique()
        else:  # nobody sends the serious list
            held_by = on_dishonest_list(events, day) if rule.condition_code == "dishonest" else []
        holds = found.index.isin(held_by) & ~is_decided
        is_decided |= holds
        if isinstance(rule.force_grade, str):
            found.loc[holds, "grade"] = rule.force_grade
        else:
            is_better = found.grade.map(ranks) < ranks[rule.max_grade]
            found.loc[holds & is_better, "grade"] = rule.max_grade
    return found


def on_dishonest_list(events: pd.DataFrame, day: pd.Timestamp) -> pd.Index:
    """Subjects on the list of dishonest subjects on a day.

    A recognition is judged by the rule of its own day. One inside a stay lengthens it by a term, up to the maximum from
    its first day; a later one begins a new stay. So stays are followed from one recognition to the next, all subjects
    at once; none has many.
    """
    reasons = seed("list_entry_events")
    reasons = reasons[(reasons.list_code == "dishonest") & (reasons.effect == "enters")]
    always = reasons.event_type[reasons.behaviour_code.isna()]
    pairs = set(reasons.event_type + "|" + reasons.behaviour_code.fillna(""))
    events = events[events.event_type.isin(reasons.event_type)]
    told = events.event_type.astype(str) + "|" + events.behaviour.astype(str)
    events = events[events.event_type.isin(always) | told.isin(pairs)]
    rules = seed("list_rules").query("list_code == 'dishonest'").sort_values(["effective_from", "version"])
    rules["effective_from"] = pd.to_datetime(rules.effective_from).astype("datetime64[s]")
    recognised = events[["subject", "happened"]].drop_duplicates().sort_values(["happened", "subject"])
    recognised = pd.merge_asof(recognised, rules, left_on="happened", right_on="effective_from")
    recognised = recognised[recognised.status != "no_rule"]
    turn = recognised.groupby("subject").cumcount()
    stays = pd.DataFrame({"entered": pd.NaT, "ends": pd.NaT}, index=recognised.subject.unique()).astype("datetime64[s]")
    for number in range(turn.max() + 1 if len(turn) else 0):
        new = recognised[turn == number].set_index("subject")
        old = stays.loc[new.index]
        begins = ~(new.happened <= old.ends)
        longest = add_months(old.entered, new.max_months)
        longer = add_months(old.ends, new.term_months)
        stays.loc[new.index, "entered"] = old.entered.where(~begins, new.happened)
        stays.loc[new.index, "ends"] = longer.where(longer < longest, longest).where(
            ~begins, add_months(new.happened, new.term_months)
        )
    return stays.index[stays.ends >= day]


# Scorecards


KINDS = {"patent_infringement": "patent_adjudication", "counterfeit_patent": "fake_patent", "trademark": "trademark",
         "geographical_indication": "gi", "copyright": "copyright"}  # fmt: skip
Figures = Iterator[tuple[Any, pd.Series, pd.Series]]
"""Metric (one, or of each row), the day on which a row counts for it, and how much it counts."""


def case_figures(cases: pd.DataFrame, day: pd.Timestamp) -> Figures:
    """What a case counts for (附件 14 to 16, 31(1), 40, 41, 46(3))."""
    prefix = cases.case_type.astype(object).map(KINDS)
    is_public = cases.is_publishable == "yes"
    is_infringement = cases.case_type == "patent_infringement"
    is_dispute = is_infringement | (cases.case_type == "other_patent_dispute")
    one = pd.Series(1, index=cases.index)
    yield prefix + "_closed_cnt", cases.closed_on, one
    yield prefix + "_publishable_cnt", cases.closed_on, is_public
    yield prefix + "_disclosed_cnt", cases.closed_on, is_public & (cases.published_on <= day)
    yield (
        "patent_infringement_closed_by_adjudication_cnt", cases.closed_on,
        is_infringement & (cases.closing_mode == "adjudication"),
    )  # fmt: skip
    yield "patent_dispute_closed_by_mediation_cnt", cases.closed_on, is_dispute & (cases.closing_mode == "mediation")
    yield "case_report_cnt", cases.system_reported_on, one
    is_late = cases.system_reported_on.fillna(day) > cases.system_report_due_on
    yield "case_report_late_cnt", cases.system_report_due_on, is_late
    yield "case_report_returned_cnt", cases.returned_on, cases.returned_count
    # Handled in the year of filing, and in that of closing if it is another.
    closed_later = cases.closed_on.where(cases.closed_on.dt.year > cases.filed_on.dt.year)
    for handled_on in (cases.filed_on, closed_later):
        yield "technical_investigator_case_cnt", handled_on, cases.has_technical_investigator == "yes"
        yield "trade_secret_case_cnt", handled_on, cases.case_type == "trade_secret"
        yield "official_mark_case_cnt", handled_on, cases.case_type == "official_mark"
    severe_on = severe_days(cases, day)
    is_severe = (cases.closed_on.fillna(day) >= severe_on) & (cases.case_state != "suspended")
    yield "case_severely_overdue_cnt", severe_on, is_severe & (cases.is_extended != "yes")


def severe_days(cases: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """The day on which a case exceeds its time limit by so much that points go; none where there is no limit."""
    limits = seed("case_time_limits").sort_values(["effective_from", "version"])
    limits = limits[(limits.stage == "close") & (limits.recorded_on <= f"{day:%Y-%m-%d}")]
    severe_on = pd.Series(pd.NaT, index=cases.index, dtype="datetime64[s]")
    for limit in limits.itertuples():
        is_limited = (cases.case_type == limit.case_type) & (cases.filed_on >= limit.effective_from)
        if isinstance(limit.effective_to, str):
            is_limited &= cases.filed_on <= limit.effective_to
        days = -int(-Decimal(limit.days) * (1 + Decimal(limit.overdue_ratio)) // 1)
        severe_on = severe_on.where(~is_limited, cases.filed_on + pd.Timedelta(days=days))
    return severe_on


def abnormal_patent_figures(patents: pd.DataFrame) -> Figures:
    """What a notified application counts for (附件 19); one found normal on appeal for nothing."""
    is_notified = patents.correction_state != "appeal_upheld"
    yield "abnormal_patent_notified_cnt", patents.notified_on, is_notified
    yield "abnormal_patent_withdrawn_cnt", patents.notified_on, patents.correction_state == "withdrawn"


def counts(
    rows: pd.DataFrame, figures: Figures, metrics: pd.DataFrame, counties: dict[tuple[str, str], str]
) -> pd.Series:
    """Sums by metric and region within each metric's time. A city's rows are those of its counties, too."""
    found = []
    for metric, counted_on, quantity in figures:
        table = pd.DataFrame({"metric_code": metric, "counted_on": counted_on, "quantity": quantity.astype(float),
                              "region": rows.city, "county_name": rows.county_name})  # fmt: skip
        table = table[(table.quantity > 0) & table.metric_code.notna()].merge(metrics)
        table = table[(table.counted_on >= table.window_from) & (table.counted_on <= table.window_to)]
        found.append(table.groupby(["metric_code", "region", "county_name"], dropna=False).quantity.sum())
    total = pd.concat(found).reset_index()
    county = [counties.get(place) for place in zip(total.region, total.county_name, strict=True)]
    both = pd.concat([total, total.assign(region=county)[[place is not None for place in county]]])
    return both.groupby(["metric_code", "region"]).quantity.sum()


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"equals": eq, "at_least": ge, "more_than": gt, "less_than": lt}


class Table:
    """The assessment of one year: its rules, and the number that each region has for each metric."""

    def __init__(self, year: pd.Series, day: pd.Timestamp) -> None:
        def of_year(name: str) -> pd.DataFrame:
            rows = seed(name)
            return rows[(rows.policy_id == year.policy_id) & (rows.version == year.version)]

        self.year = year
        self.day = day
        self.metrics = of_year("assessment_metrics").merge(
            of_year("assessment_windows")[["window_code", "window_from", "window_to"]]
        )
        self.metrics["window_to"] = self.metrics.window_to.clip(upper=f"{day:%Y-%m-%d}")
        self.ratios = {
            metric.metric_code: (metric.numerator_metric, metric.denominator_metric)
            for metric in self.metrics.itertuples() if metric.value_kind in ("ratio", "growth")
        }  # fmt: skip
        self.rules = list(of_year("assessment_rules").itertuples())
        self.tier_of = of_year("assessment_city_tiers").set_index("division_code").tier
        self.parts: dict[str, dict[str, list[Any]]] = {
            name: {rule: list(rows.itertuples()) for rule, rows in of_year(f"assessment_{name}").groupby("rule_id")}
            for name in ("items", "conditions", "outcomes", "thresholds", "bands", "tiers")
        }
        places = seed("divisions")
        places = places[places.level.isin(["city", "area", "county"])].set_index("division_code")
        self.city_of = places.parent_code.where(places.level == "county", places.index.to_series())
        self.ranked = list(places.index[(places.level == "city") & (places.is_ranked == "true")])
        self.counties = {
            (place.parent_code, name): place.Index for place in places[places.level == "county"].itertuples()
            for name in [place.name, *([] if pd.isna(place.aliases) else place.aliases.split("|"))]
        }  # fmt: skip
        self.numbers: dict[tuple[str, str], int] = {}

    def count(self, rows: dict[str, pd.DataFrame], reported: pd.DataFrame) -> None:
        """Find the number of every metric and region; none where the city has not reported what it is counted from."""
        times = self.metrics[["metric_code", "window_from", "window_to"]]
        counted = pd.concat([
            counts(rows["cases"], case_figures(rows["cases"], self.day), times, self.counties),
            counts(rows["abnormal_patents"], abnormal_patent_figures(rows["abnormal_patents"]), times, self.counties),
        ])  # fmt: skip
        # no file of these says that there was nothing
        as_needed = {name for name, contract in contracts().items() if contract["update_cycle"] == "as_needed"}
        for metric in self.metrics.itertuples():
            in_time = reported[(reported.first_day <= metric.window_to) & (reported.last_day >= metric.window_from)]
            told = set(zip(in_time.dataset, in_time.city, strict=True))
            sources = [] if pd.isna(metric.recorded_in) else metric.recorded_in.split("|")
            for region, city in self.city_of.items():
                key = (metric.metric_code, region)
                if sources and all((source, city) in told or source in as_needed for source in sources):
                    self.numbers[key] = int(counted.get(key, 0))
                elif pd.notna(metric.value_if_missing):
                    self.numbers[key] = int(metric.value_if_missing)

    def value(self, metric: str, region: str) -> Fraction | None:
        """A number, or a ratio of two; None where it is missing or has no denominator."""
        if metric not in self.ratios:
            number = self.numbers.get((metric, region))
            return None if number is None else Fraction(number)
        above, below = (self.numbers.get((part, region)) for part in self.ratios[metric])
        return Fraction(above, below) if above is not None and below else None

    def is_missing(self, rule: Any, region: str) -> bool:
        """Whether a number without which the rule cannot be scored is not known."""
        needed = [] if rule.kind == "judged" or pd.isna(rule.metric_code) else [rule.metric_code]
        needed += [item.metric_code for item in self.parts["items"].get(rule.rule_id, [])]
        conditions = self.parts["conditions"].get(rule.rule_id, [])
        needed += [condition.metric_code for condition in conditions if condition.is_needed == "true"]
        counted = [part for metric in needed for part in self.ratios.get(metric, (metric,))]
        return any((metric, region) not in self.numbers for metric in counted)

    def outcome(self, rule: Any, region: str) -> Any:
        """The first special case of a rule all of whose conditions hold."""
        for case in sorted(self.parts["outcomes"].get(rule.rule_id, []), key=lambda case: int(case.outcome_no)):
            conditions = self.parts["conditions"][rule.rule_id]
            if all(self.holds(one, region) for one in conditions if one.outcome_no == case.outcome_no):
                return case
        return None

    def holds(self, condition: Any, region: str) -> bool:
        value = self.value(condition.metric_code, region)
        if value is None or pd.isna(condition.operand):  # choices are declared, and nobody declares
            return False
        return COMPARISONS[condition.comparison](value, Fraction(condition.operand))

    def points(self, rule: Any, region: str) -> Fraction | None:
        """What a region has of a rule; None where it cannot be scored. A county has ranks and tiers of its city."""
        if rule.kind in ("rank_band", "tier_threshold"):
            region = self.city_of[region]
        is_unranked = rule.kind == "rank_band" and region not in self.ranked
        if rule.is_awardable != "true" or is_unranked or self.is_missing(rule, region):
            return None
        if case := self.outcome(rule, region):
            return Fraction(case.points) if case.state == "scored" else None
        value = None if pd.isna(rule.metric_code) else self.value(rule.metric_code, region)
        match rule.kind:
            case "per_item_capped":
                return min(self.sum_of_items(rule, region), Fraction(rule.cap_points))
            case "deduction_per_item":
                left = Fraction(rule.points) + self.sum_of_items(rule, region)
                return left if pd.isna(rule.floor_points) else max(left, Fraction(rule.floor_points))
            case "flag" if pd.isna(rule.target_code) and value is not None:
                return Fraction(rule.points) if value >= Fraction(rule.threshold) else Fraction(0)
            case "tier_threshold" if value is not None:
                tier = next(t for t in self.parts["tiers"][rule.rule_id] if t.tier == self.tier_of[region])
                return Fraction(tier.points if value >= int(tier.min_count) else rule.points_below)
            case "ratio_threshold" if value is not None:
                return self.step(rule, value)
            case "rank_band" if value is not None:
                return self.band(rule, value)
        return None  # judged by people, or a task or a denominator is missing

    def sum_of_items(self, rule: Any, region: str) -> Fraction:
        items = self.parts["items"][rule.rule_id]
        return sum((self.numbers[i.metric_code, region] * Fraction(i.points_per_item) for i in items), Fraction(0))

    def step(self, rule: Any, value: Fraction) -> Fraction:
        """The points of the first step that a ratio reaches; steps whose limit nobody has sent are passed over."""
        for step in sorted(self.parts["thresholds"][rule.rule_id], key=lambda step: int(step.step_no)):
            if pd.notna(step.limit_value) and COMPARISONS[step.comparison](value, Fraction(step.limit_value)):
                return Fraction(step.points)
        return Fraction(0)

    def band(self, rule: Any, value: Fraction) -> Fraction:
        """The points of a place among the ranked cities, most first; equals share a place."""
        known = [number for city in self.ranked if (number := self.value(rule.metric_code, city)) is not None]
        better = [number for number in known if number > value]
        place = 1 + len(set(better) if self.year.tie_method == "dense" else better)
        bands = self.parts["bands"][rule.rule_id]
        return next((Fraction(b.points) for b in bands if int(b.rank_from) <= place <= int(b.rank_to)), Fraction(0))


def scorecards(rows: dict[str, pd.DataFrame], reported: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Points of every region for every rule of every year assessed, and the region's total of the year."""
    on = f"{day:%Y-%m-%d}"
    years = seed("assessment_policies")
    years = years[(years.recorded_on <= on) & (years.effective_from <= on) & (years.status != "no_rule")]
    years = years.sort_values(["recorded_on", "version"]).drop_duplicates("assessment_year", keep="last")
    cards = []
    for _, year in years.iterrows():
        table = Table(year, day)
        table.count(rows, reported)
        for region in table.city_of.index:
            points = {rule.rule_id: table.points(rule, region) for rule in table.rules}
            total = float(sum(given for given in points.values() if given is not None))
            cards += [
                (region, int(year.assessment_year), rule, None if given is None else float(given), total)
                for rule, given in points.items()
            ]
    return pd.DataFrame(cards, columns=["region_code", "assessment_year", "rule_id", "points", "total_points"])


# All of it


def run(folder: Path, as_of: date, last: str | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Grades and scorecards from the files of a folder.

    Args:
        as_of: the day judged; files came on that day or before, and what they tell of later days is a mistake.
        last: the last arrival that is taken, the name of a sub-folder; default: all.

    Returns:
        Grades (subject_id, track, score, grade) and points (region_code, assessment_year, rule_id, points,
        total_points; points are missing where a rule cannot be scored).
    """
    day = pd.Timestamp(as_of)
    events, kept, reported = [], {}, []
    for dataset, files in files_in_force(folder, last).items():
        contract = contracts()[dataset]
        rows = sound_rows(contract, files, day)
        reported.append(rows[["city", "period"]].drop_duplicates().assign(dataset=dataset))
        rows = rows.drop_duplicates(contract["natural_key"], keep="last")
        events.append(events_of(contract, rows))
        if dataset in ("cases", "abnormal_patents"):
            kept[dataset] = rows
    periods = pd.concat(reported)
    times = {period: pd.Period(period) for period in periods.period.unique()}
    periods["first_day"] = periods.period.map({period: f"{time.start_time:%Y-%m-%d}" for period, time in times.items()})
    periods["last_day"] = periods.period.map({period: f"{time.end_time:%Y-%m-%d}" for period, time in times.items()})
    return grades(pd.concat(events, ignore_index=True), day), scorecards(kept, periods, day)


def write_workbook(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write tables, row by row as openpyxl does it for large files; what a sheet cannot hold goes on to the next."""
    book = Workbook(write_only=True)
    for title, table in tables.items():
        rows = table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)
        for number in range(-(-len(table) // (SHEET_ROWS - 1)) or 1):
            sheet = book.create_sheet(f"{title}{number + 1}" if number else title)
            sheet.append(list(table.columns))
            for row in islice(rows, SHEET_ROWS - 1):
                sheet.append(row)
    book.save(path)


HEADERS = {
    "subject_id": "统一社会信用代码", "track": "评价类别", "score": "得分", "grade": "等级", "region_code": "地区",
    "assessment_year": "年度", "rule_id": "考核规则", "points": "得分", "total_points": "总分",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Grades and scorecards from the bureaus' files, into a workbook.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--last", help="the last arrival to take in")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    found, points = run(given.folder, given.as_of, given.last)
    write_workbook(
        given.output, {"信用等级": found.rename(columns=HEADERS), "考核得分": points.rename(columns=HEADERS)}
    )
    print(f"{len(found):,} grades, {len(points):,} points of regions: {given.output}")


if __name__ == "__main__":
    main()
