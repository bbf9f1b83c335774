"""The gate before publication: runs the Great Expectations project on `candidate.*` and keeps what it found.

A rule without a result, a missing table or column and an exception are failures: only a rule seen to hold has passed.
"""

import gc
import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from ipcredit import grade_history
from ipcredit.database import advisory_lock, connect, database_url
from ipcredit.settings import EXPECTATIONS, get_settings

logger = logging.getLogger(__name__)

CHECKPOINT = "release_gate"
NAMED = 5
"""How many units a line of the summary names; all of them stand in quality.gate_results."""


class GateError(RuntimeError):
    """The gate cannot be run or waived for this release; the message says why."""


@dataclass(frozen=True)
class Rule:
    """One expectation as committed in expectations/expectations/<suite>.json."""

    rule: str
    suite: str
    title: str
    severity: str
    why: str
    who_acts: str
    what_to_do: str
    max_drop_share: float | None = None


@dataclass(frozen=True)
class Finding:
    """What a run found of one rule."""

    rule: Rule
    success: bool
    waived: bool
    unexpected_count: int | None
    observed: str | None
    whose: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def blocks(self) -> bool:
        return not self.success and not self.waived and self.rule.severity == "critical"

    def __str__(self) -> str:
        found = f"{self.unexpected_count} 行不符合" if self.unexpected_count is not None else self.observed
        named = "、".join(self.whose[:NAMED]) + (f"等 {len(self.whose)} 个" if len(self.whose) > NAMED else "")
        whose = f"；涉及：{named}" if named else ""
        waived = "（已放行）" if self.waived else ""
        return (
            f"{self.rule.title}{waived} [{self.rule.rule}]：{found}{whose}。"
            f"由{self.rule.who_acts}处理：{self.rule.what_to_do}"
        )


@dataclass(frozen=True)
class GateVerdict:
    """Result of one run: `failures` stop the release, `warnings` and waived findings do not."""

    release_id: str
    run_id: str
    findings: tuple[Finding, ...]
    data_docs: Path

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def failures(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.success and not finding.blocks)

    @property
    def summary(self) -> str:
        """Which rule, whose data, what to do; in Chinese, one line for each finding."""
        verdict = "通过" if self.passed else f"未通过，有 {len(self.failures)} 项不符合，现行发布保持不变"
        lines = [f"{self.release_id} 发布前检查{verdict}（共 {len(self.findings)} 项）。"]
        lines += [f"不通过 · {finding}" for finding in self.failures]
        lines += [f"提示 · {finding}" for finding in self.warnings]
        return "\n".join(lines)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule that must have a result for a release to pass, as committed."""
    found = []
    for file in sorted((EXPECTATIONS / "expectations").glob("*.json")):
        for expectation in json.loads(file.read_text(encoding="utf-8"))["expectations"]:
            meta = expectation["meta"]
            found.append(
                Rule(
                    **{key: meta[key] for key in ("rule", "title", "why", "who_acts", "what_to_do")},
                    suite=file.stem,
                    severity=expectation["severity"],
                    max_drop_share=meta.get("max_drop_share"),
                )
            )
    return tuple(found)


def run_gate(release_id: str) -> GateVerdict:
    """Check the candidate of this release and append what was found to quality.gate_results.

    Raises:
        GateError: there is no such candidate: its build did not end well, or it has been published already.
    """
    with connect() as connection, advisory_lock(connection, "build"):
        _require_candidate(connection, release_id)
        run_id = _next_run(connection, release_id)
        # Great Expectations would take a relative path as one below its own folder.
        outputs = get_settings().outputs.absolute() / release_id / "gate" / run_id
        results = _run_suites(release_id, _minimum_rows(connection, release_id), outputs)
        names = _names(connection)
        waived = {
            rule
            for (rule,) in connection.execute(
                "select expectation_id from quality.gate_waivers where release_id = %s", (release_id,)
            ).fetchall()
        }
        findings = tuple(_finding(rule, results.get(rule.rule), names, rule.rule in waived) for rule in rules())
        verdict = GateVerdict(release_id, run_id, findings, outputs / "data_docs" / "index.html")
        _keep(connection, verdict)
        if verdict.passed:
            grade_history.note_changes(connection, release_id, "candidate")
        connection.commit()
    return verdict


def waive(release_id: str, rule: str, by: str, reason: str) -> None:
    """Let one release pass although this rule fails; the gate has to run again, and shows the waiver in its results.

    Raises:
        GateError: no such rule, or no candidate that it could be waived for.
    """
    if rule not in {known.rule for known in rules()}:
        raise GateError(f"没有名为 {rule} 的检查项。")
    with connect() as connection:
        _require_candidate(connection, release_id)
        connection.execute(
            """insert into quality.gate_waivers (release_id, expectation_id, waived_by, reason) values (%s, %s, %s, %s)
               on conflict (release_id, expectation_id) do nothing""",
            (release_id, rule, by, reason),
        )


def _require_candidate(connection: Connection, release_id: str) -> None:
    row = connection.execute(
        "select state, published_at from release_store.releases where release_id = %s", (release_id,)
    ).fetchone()
    if row == ("dropped", None):
        raise GateError(f"{release_id} 已被后来生成的候选取代，不能检查；请从 build_candidate 起重新运行。")
    if row is None or row[0] not in ("candidate", "rejected"):
        raise GateError(f"{release_id} 不是待发布的候选{f'（状态 {row[0]}）' if row else ''}。")


def _minimum_rows(connection: Connection, release_id: str) -> dict[str, int]:
    """Per suite: rows of the release before less the share that may be lost; 0 where there is nothing to compare.

    That is the current release, but for a look back the last one that judged no later day: less had come by then.
    """
    row = connection.execute(
        """select r.row_counts from release_store.releases as checked
           inner join release_store.releases as r on r.state = 'published' and r.as_of <= checked.as_of
           cross join release_store.current_release as c
           where checked.release_id = %s
           order by (r.release_id = c.release_id) desc, r.as_of desc, r.known_at desc limit 1""",
        (release_id,),
    ).fetchone()
    current = row[0] if row else {}
    return {
        rule.suite: ceil(current.get(rule.suite, 0) * (1 - rule.max_drop_share))
        for rule in rules()
        if rule.max_drop_share is not None
    }


def _names(connection: Connection) -> dict[tuple[str, str], str]:
    """Names of units and divisions by the column that holds their code."""
    return {
        (column, code): name
        for column, code, name in connection.execute(
            """select 'bureau_code', organisation_code, name from reference.organisations
               union all select 'division_code', division_code, name from reference.divisions"""
        ).fetchall()
    }


def _run_suites(release_id: str, minimum_rows: dict[str, int], outputs: Path) -> dict[str, Any]:
    """Results by rule, as Great Expectations gives them; a suite that could not run at all gives none."""
    gx = _great_expectations()
    context = gx.get_context(
        mode="file",
        context_root_dir=EXPECTATIONS,
        runtime_environment={"IPCREDIT_GATE_DATABASE": _gate_url(), "IPCREDIT_GATE_OUTPUTS": str(outputs)},
    )
    results: dict[str, Any] = {}
    for definition in context.checkpoints.get(CHECKPOINT).validation_definitions:
        parameters = {"release_ids": [release_id], "min_rows": minimum_rows.get(definition.name, 0)}
        try:
            validation = definition.run(expectation_parameters=parameters, result_format="COMPLETE")
        except Exception:
            # A table that is not there stops its suite only; its rules stay without a result, which is a failure.
            logger.exception("Suite %s could not be run.", definition.name)
            continue
        results |= {result.expectation_config.meta["rule"]: result for result in validation.results}
    _write_data_docs(context)
    return results


def _gate_url() -> str:
    """The warehouse's, for a session in which what a CHECK of a table rules out is not looked for in its rows."""
    from sqlalchemy import make_url

    url = make_url(database_url()).update_query_dict({"options": "-c constraint_exclusion=on"})
    return url.render_as_string(hide_password=False)


def _great_expectations() -> Any:
    """The package, which takes seconds to import: a fifth less where nobody looks for garbage among what stays."""
    gc.disable()
    import great_expectations

    import ipcredit.gate_metrics  # noqa: F401 - takes the place of one of its metrics

    gc.freeze()
    gc.enable()
    return great_expectations


def _write_data_docs(context: Any) -> None:
    context.build_data_docs()


def _finding(rule: Rule, result: Any, names: dict[tuple[str, str], str], waived: bool) -> Finding:
    if result is None:
        return Finding(rule, False, waived, None, "没有结果：候选表不存在，或检查未能运行", (), ())
    found = result.result
    rows = tuple(dict(row) for row in found.get("details", {}).get("unexpected_rows", []))
    if "observed_value" not in found:
        return Finding(rule, False, waived, None, f"检查出错：{_error(result.exception_info)}", (), ())
    of_rows = rule.max_drop_share is None and isinstance(found["observed_value"], int)
    return Finding(
        rule,
        success=bool(result.success),
        waived=waived and not result.success,
        unexpected_count=found["observed_value"] if of_rows else None,
        observed=None if of_rows else f"实际为 {found['observed_value']}",
        whose=_whose(rows, names),
        rows=rows,
    )


def _whose(rows: Iterable[dict[str, Any]], names: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """Units or divisions that the rows belong to, the most affected first; a row that names itself is named so."""
    counts = Counter(
        names.get((column, row[column]), str(row[column]))
        for row in rows
        for column in (("named",) if row.get("named") else ("bureau_code", "division_code"))
        if row.get(column)
    )
    return tuple(f"{name}（{count}）" for name, count in counts.most_common())


def _error(exception_info: dict[str, Any]) -> str:
    """The first line of an exception: one for the expectation, or one for each of its metrics."""
    entries = [exception_info, *(entry for entry in exception_info.values() if isinstance(entry, dict))]
    messages = (str(entry["exception_message"]) for entry in entries if entry.get("exception_message"))
    return next(messages, "未知错误").splitlines()[0]


def _next_run(connection: Connection, release_id: str) -> str:
    row = connection.execute(
        "select count(distinct run_id) + 1 from quality.gate_results where release_id = %s", (release_id,)
    ).fetchone()
    return f"{release_id}-{row[0] if row else 1}"


def _keep(connection: Connection, verdict: GateVerdict) -> None:
    """Append the findings, and mark the release as one that may be published, with its rows counted, or not."""
    connection.cursor().executemany(
        """insert into quality.gate_results
               (run_id, release_id, suite, expectation_id, title, severity, success, waived,
                observed, unexpected_count, details)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            (
                verdict.run_id,
                verdict.release_id,
                finding.rule.suite,
                finding.rule.rule,
                finding.rule.title,
                finding.rule.severity,
                finding.success,
                finding.waived,
                finding.observed,
                finding.unexpected_count,
                Jsonb({"whose": finding.whose, "rows": finding.rows}, dumps=_json),
            )
            for finding in verdict.findings
        ],
    )
    connection.execute(
        "update release_store.releases set state = %s, row_counts = %s where release_id = %s",
        (
            "candidate" if verdict.passed else "rejected",
            Jsonb(_row_counts(connection) if verdict.passed else {}),
            verdict.release_id,
        ),
    )


def _row_counts(connection: Connection) -> dict[str, int]:
    """Rows of the candidate's tables, counted here where nobody waits for them."""
    suites = {rule.suite for rule in rules()}
    tables = connection.execute(
        "select relname from pg_class where relnamespace = 'candidate'::regnamespace and relname = any(%s)",
        (list(suites),),
    ).fetchall()
    counted: dict[str, int] = {}
    for (table,) in tables:
        row = connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier("candidate", table))
        ).fetchone()
        counted[table] = row[0] if row else 0
    return counted


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
