"""Check before grant: under which measures a subject stands in the current release."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import class_row
from stdnum.cn import uscc

from ipcredit.database import connect
from ipcredit.outputs import OutputError

QUERY = """
select measure_class, direction, measure_code, measure_name, is_discretionary, jurisdiction, basis_kind, basis_code,
    in_force_from, in_force_to, is_disputed, source_clause, policy_status
from publication.measures_in_force
where subject_id = %s
order by direction, measure_code, jurisdiction, basis_code
"""
"""The documented question (docs/operations.md): by the key of the release's own table, whatever else is kept."""
EVERY_MATTER = "联合奖惩"
"""The class of measures that bear on every matter."""
# As intake judges a code: macros/staging/identifiers.sql. Python-stdnum knows the check digit, of the first character
# only digits.
_CODE = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_PERSON = re.compile(r"P:hmac:[0-9a-f]{64}")
_NO_NUMBERS = "自然人按主体编号（P:hmac:…）核查，不用证件号码。"


class WrongSubject(OutputError):
    """What was typed names no subject; the message says what is wrong with it."""


class WrongMatter(OutputError):
    """No class of measures has this name; the message says which there are."""


@dataclass(frozen=True)
class Measure:
    """One measure in force."""

    measure_class: str
    direction: str
    measure_code: str
    measure_name: str
    is_discretionary: bool
    jurisdiction: str
    basis_kind: str
    basis_code: str
    in_force_from: date | None
    in_force_to: date | None
    is_disputed: bool
    source_clause: str
    policy_status: str

    def __str__(self) -> str:
        kind = "激励" if self.direction == "incentive" else "惩戒"
        duty = "可以适用" if self.is_discretionary else "应当适用"
        basis = LISTS.get(self.basis_code, self.basis_code) if self.basis_kind == "list" else f"等级 {self.basis_code}"
        until = f"至 {self.in_force_to}" if self.in_force_to else "没有期限"
        disputed = "；依据的记录在异议处理中" if self.is_disputed else ""
        provisional = "；系统暂定" if self.policy_status == "provisional" else ""
        return (
            f"{kind} {self.measure_code} {self.measure_name}（{duty}，{self.jurisdiction}）：按{basis}，{until}"
            f"{disputed}{provisional}；{self.source_clause}"
        )


@dataclass(frozen=True)
class Check:
    """The answer for one subject and, if one was named, one matter."""

    subject_id: str
    subject_name: str | None
    is_known: bool
    release_id: str
    as_of: date
    matter: str | None
    measures: tuple[Measure, ...]

    @property
    def constraints(self) -> list[Measure]:
        """What stands against the subject."""
        return [measure for measure in self.measures if measure.direction == "constraint"]

    @property
    def verdict(self) -> str:
        """What it means for whoever is about to grant something."""
        constraints = self.constraints
        if not self.is_known:
            return "没有该主体的信用信息，不能据此判断"
        if any(not measure.is_discretionary for measure in constraints):
            verdict = "受限：有应当适用的惩戒措施"
        elif constraints:
            verdict = "从严：有可以适用的惩戒措施，由办理单位视情况决定"
        else:
            verdict = "未受限制" + ("，可享受激励" if self.measures else "")
        return verdict + ("；部分依据在异议处理中，适用前请核对" if any(m.is_disputed for m in constraints) else "")

    def __str__(self) -> str:
        about = f"（办理事项：{self.matter}）" if self.matter else ""
        head = f"{self.subject_name or ''}（{self.subject_id}）{about}，评价基准日 {self.as_of}，发布 {self.release_id}"
        return "\n".join([head, f"结论：{self.verdict}", *(f"  {measure}" for measure in self.measures)])


def key_of(typed: str) -> str:
    """The form in which subjects are kept: NFKC, no white space; codes in capitals, hashes of persons in small ones."""
    key = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    return f"P:{key[2:].lower()}" if key.startswith("P:") else key


def fault_of(key: str) -> str | None:
    """What is wrong with a key that nobody has, in the words of the receipts; None if somebody might have it.

    The key is not repeated: it may be the number of a person's identity card.
    """
    if key.startswith("P:"):
        return None if _PERSON.fullmatch(key) else "自然人的主体编号应为 P:hmac: 和 64 位十六进制数字。"
    if not _CODE.fullmatch(key):
        return (
            f"这不是统一社会信用代码，输入的是 {len(key)} 位。应为：18 位数字或大写字母（不含 I、O、Z、S、V），"
            f"首位为 1 至 9、A、N 或 Y，第 3 至 8 位为数字。{_NO_NUMBERS}"
        )
    if uscc.calc_check_digit(key[:-1]) != key[-1]:
        return (
            "统一社会信用代码校验位不符。应为：第 18 位应与前 17 位算出的校验码一致（GB 32100）；"
            f"对照营业执照逐位核对，多为一位抄错或两位颠倒。{_NO_NUMBERS}"
        )
    return None


LISTS = {"red": "诚信红名单", "dishonest": "失信主体清单", "serious": "严重违法失信名单"}


def check(subject_id: str, matter: str | None = None) -> Check:
    """Which measures a subject stands under in the current release.

    Args:
        subject_id: a unified social credit code, or the identifier of a person in `publication.subjects`, as people
            type it: white space, width and case do not count.
        matter: a class of measures, such as 资金政策; those that bear on every matter are always shown.

    Raises:
        WrongSubject: this is no code and no identifier.
        WrongMatter: no measure in force has such a class.
        OutputError: nothing is published yet.
    """
    with connect() as connection:
        return ask(connection, subject_id, matter)


def ask(connection: Connection, subject_id: str, matter: str | None = None) -> Check:
    """`check` over a connection of the caller's, who sees what his role may see."""
    release = connection.execute("select release_id, as_of from publication.releases where is_current").fetchone()
    if release is None:
        raise OutputError("还没有任何发布，无从核查。")
    if matter:
        classes = [
            c for (c,) in connection.execute("select distinct measure_class from publication.measures order by 1")
        ]
        if matter not in classes:
            raise WrongMatter(f"措施清单没有“{matter}”这一类；有：{'、'.join(classes)}。")
    subject_id = key_of(subject_id)
    subject = connection.execute(
        "select subject_name from publication.subjects where subject_id = %s", (subject_id,)
    ).fetchone()
    if not subject and (fault := fault_of(subject_id)):
        raise WrongSubject(fault)
    with connection.cursor(row_factory=class_row(Measure)) as cursor:
        found = cursor.execute(QUERY, (subject_id,)).fetchall()
    measures = tuple(m for m in found if matter is None or m.measure_class in (matter, EVERY_MATTER))
    name = subject[0] if subject else None
    release_id, as_of = release
    return Check(subject_id, name, subject is not None, release_id, as_of, matter, measures)
