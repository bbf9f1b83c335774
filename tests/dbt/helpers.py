"""Submissions written straight into the ledger and the raw tables, for tests of what dbt makes of them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from types import ModuleType
from typing import Any

import good_rows_assessment
import good_rows_cases
import good_rows_identity
import good_rows_pilot
import good_rows_registers
import good_rows_services
import psycopg
from psycopg import sql
from stdnum.cn import uscc as stdnum_uscc

from ipcredit.contracts import load_contracts
from ipcredit.raw_tables import ensure_raw_tables, raw_columns
from ipcredit.settings import TIME_ZONE

RECEIVED = datetime(2022, 12, 5, 9, tzinfo=TIME_ZONE)
"""When the demonstration's samples were received."""

SUBMITTERS = {
    "bureau": "210600",
    "provincial_source": "210000",
    "provincial_office": "LN-IPO",
    "certifying_office": "LN-SDB",
}
# Modules of further datasets, each with GOOD_ROWS: by dataset a function from a number to a row.
GROUPS: tuple[ModuleType, ...] = (
    good_rows_registers, good_rows_cases, good_rows_services, good_rows_identity, good_rows_assessment,
    good_rows_pilot,
)  # fmt: skip

_digest = count(1)


def check_digit_11(digits: str, weights: Iterable[int]) -> str:
    """Remainder mod 11 of the weighted digits, X for ten: the check digit of patent numbers."""
    return "0123456789X"[sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % 11]


def uscc(number: int, *, division: str = "210600") -> str:
    """A valid 统一社会信用代码 of an enterprise, a different one for each number up to 9,999,999."""
    body = f"M{number:07d}"
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in body]
    check = (11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11) % 11
    code = f"91{division}{body}{'0123456789X'[check]}"
    return code + stdnum_uscc.calc_check_digit(code)


def patent_no(number: int, *, year: int = 2021, kind: int = 1) -> str:
    """A valid patent application number of the era since 2003."""
    digits = f"{year}{kind}{number:07d}"
    return f"{digits}.{check_digit_11(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))}"


def good_row(dataset: str, number: int = 1, **given: str | None) -> dict[str, str | None]:
    """A row that is accepted without an issue, about the enterprise `uscc(number)`; `given` replaces or adds cells."""
    enterprise = {"uscc": uscc(number), "enterprise_name": f"丹东示例{number}号有限公司", "division_code": "丹东市"}
    rows: dict[str, dict[str, str | None]] = {
        "honours": enterprise
        | {
            "honour_type": "国家知识产权优势企业",
            "honour_year": "2021",
            "awarded_on": "2021-11-01",
            "valid_until": "2024-10-31",
            "document_no": "国知发运字〔2021〕30号",
            "authority": "国家知识产权局",
        },
        "patent_awards": enterprise
        | {
            "award_type": "辽宁省专利奖",
            "award_grade": "二等奖",
            "award_year": "2022",
            "patent_no": "ZL" + patent_no(number),
            "awarded_on": "2022-07-22",
        },
        "standard_certifications": enterprise
        | {
            "management_standard": "GB/T 29490-2013",
            "certificate_no": f"165IP22{number:04d}R0M",
            "certification_body": "示例知识产权认证有限公司",
            "certified_on": "2022-05-10",
            "valid_until": "2025-05-09",
            "certificate_status": "有效",
        },
        "agencies": {
            "uscc": uscc(number),
            "agency_name": f"丹东示例{number}号专利代理事务所（普通合伙）",
            "agency_kind": "专利代理机构",
            "agency_code": f"{21000 + number % 1000}",
            "is_backbone": "是",
            "licensed_on": "2015-06-18",
            "agency_status": "正常执业",
            "division_code": "丹东市",
        },
        "penalties": {
            "uscc": uscc(number),
            "party_name": f"丹东示例{number}号有限公司",
            "document_no": f"丹市监处罚〔2022〕{number}号",
            "violation_type": "假冒专利",
            "penalty_kind": "罚款",
            "fine_amount": "20000",
            "fine_amount_unit": "yuan",
            "decided_on": "2022-08-15",
            "publish_until": "2025-08-14",
            "authority": "丹东市市场监督管理局",
        },
        "abnormal_patents": {
            "uscc": uscc(number),
            "applicant_name": f"丹东示例{number}号有限公司",
            "notice_batch": f"2022年第{number}批",
            "notified_on": "2022-03-15",
            "application_no": patent_no(number, kind=2),
            "correction_state": "未撤回未整改",
        },
        "malicious_trademarks": {
            "uscc": uscc(number),
            "applicant_name": f"丹东示例{number}号有限公司",
            "trademark_no": f"{61000000 + number}",
            "trademark_class": "9",
            "malicious_circumstance": "囤积注册",
            "decided_on": "2022-05-20",
            "authority": "国家知识产权局",
        },
        "general_risk_class": enterprise | {"risk_class": "A类", "classified_on": "2022-11-01"},
        "serious_list": enterprise
        | {
            "listing_cause": "故意侵犯知识产权",
            "legal_basis": "总局令第44号第九条第（二）项",
            "document_no": f"辽市监列严字〔2022〕{number}号",
            "listed_on": "2022-08-15",
            "listed_until": "2025-08-14",
            "authority": "辽宁省市场监督管理局",
        },
    }
    rows["review_verdicts"] = {
        "sample_no": f"2022Q3-210600-LN-IP-05-{number:03d}",
        "verdict": "一致",
        "reviewer_role": "知识产权保护科",
        "reviewed_on": "2022-11-10",
        "evidence": "处罚决定书原件",
    }
    rows |= {name: make(number) for group in GROUPS for name, make in group.GOOD_ROWS.items()}
    return rows[dataset] | given


PERIODS = {"annual": "2022", "quarterly": "2022Q3", "monthly": "2022-11", "as_needed": "2022"}


def submit(
    connection: psycopg.Connection,
    dataset: str,
    rows: list[dict[str, Any]],
    *,
    bureau: str | None = None,
    period: str | None = None,
    mode: str = "full",
    state: str = "loaded",
    at: datetime = RECEIVED,
) -> int:
    """One submission as intake leaves it: ledger row, raw rows numbered from 1, what it supersedes closed at `at`.

    State `held` supersedes nothing; `nil_return` and `withdrawal` supersede everything of the key and have no rows.

    Returns:
        submission_id.
    """
    contract = load_contracts()[dataset]
    bureau = bureau or SUBMITTERS[contract.submitting_roles[0]]
    period = period or PERIODS[contract.update_cycle]
    ensure_raw_tables(connection)
    superseded: list[int] = []
    if state != "held" and mode == "full":
        superseded = [
            row[0]
            for row in connection.execute(
                """update intake.submissions set valid_to = %s
                   where bureau_code = %s and dataset = %s and period = %s
                     and valid_from is not null and valid_to is null
                   returning submission_id""",
                (at, bureau, dataset, period),
            )
        ]
    row = connection.execute(
        """insert into intake.submissions (bureau_code, dataset, period, mode, state, file_name, sha256, file_bytes,
             received_at, valid_from, supersedes, rows_received)
           values (%s, %s, %s, %s, %s, %s, %s, 1, %s, %s, %s, %s) returning submission_id""",
        (
            bureau, dataset, period, mode, state, f"{dataset}_{period}.csv", f"{next(_digest):064x}", at,
            None if state == "held" else at, superseded, len(rows),
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    columns = ["submission_id", "row_number", *raw_columns(contract)]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier("raw", dataset), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    unknown = {name for cells in rows for name in cells} - set(columns)
    assert not unknown, f"{dataset} has no columns {unknown}"
    with connection.cursor().copy(statement) as copy:
        for number, cells in enumerate(rows, start=1):
            copy.write_row([row[0], number, *(cells.get(name) for name in columns[2:])])
    connection.commit()
    submission_id: int = row[0]
    return submission_id
