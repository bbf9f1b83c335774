"""What the operator is told when a task has failed for good: by mail, else in a file. DAG files import this module:
nothing heavy may be imported while it is read.
"""

import csv
import logging
import re
from html import escape
from pathlib import Path
from typing import Any

OPERATOR, MAIL_CONNECTION, RECIPIENTS = "operator", "ipcredit_smtp", "ipcredit_recipients"
WHAT_TO_DO = Path(__file__).with_suffix(".csv")

log = logging.getLogger(__name__)


def tell_failure(context: Any) -> None:
    """The `on_failure_callback` of every DAG: says which task of which unit failed, and what to do.

    It goes by mail to the address of `operator` in the Airflow variable `ipcredit_recipients`, through the connection
    `ipcredit_smtp`; without them, or if the mail server does not take it, into `outputs/notices`.
    """
    subject, body = _words(context)
    try:
        sent = _by_mail(subject, body)
    except Exception as error:
        log.warning("A notice could not be mailed (%s): it is written to a file.", type(error).__name__)
        sent = False
    if not sent:
        _to_file(context["ti"], f"{subject}\n\n{body}\n")


def what_to_do(dag_id: str, task_id: str) -> str:
    """The words of notices.csv for a task, else for its DAG; empty for a DAG that nobody has written any for."""
    with WHAT_TO_DO.open(encoding="utf-8", newline="") as file:
        texts = {(row["dag_id"], row["task_id"]): row["what_to_do"] for row in csv.DictReader(file)}
    return texts.get((dag_id, task_id)) or texts.get((dag_id, ""), "")


def _words(context: Any) -> tuple[str, str]:
    ti = context["ti"]
    unit = getattr(ti, "rendered_map_index", None) or ""
    lines = {
        "任务": f"{ti.dag_id} / {ti.task_id}",
        "对象": unit or "—",
        "运行": ti.run_id,
        "第几次尝试": str(ti.try_number),
        "原因": _reason(context.get("exception")),
        "怎么办": what_to_do(ti.dag_id, ti.task_id),
        "日志": str(getattr(ti, "log_url", "")),
    }
    return (
        f"【运行失败】{ti.dag_id} / {ti.task_id}{f'（{unit}）' if unit else ''}",
        "\n".join(f"{label}：{text}" for label, text in lines.items()),
    )


def _reason(exception: Any) -> str:
    """The words of an error that is ours; of any other its kind alone, since its words may quote a row."""
    if exception is None:
        return "进程被终止，没有留下原因"
    kind = type(exception)
    ours = kind.__module__.startswith("ipcredit.") or kind.__name__ == "AirflowFailException"
    return str(exception) if ours else f"{kind.__name__}，详见日志"


def _by_mail(subject: str, body: str) -> bool:
    """Whether it was mailed; False where no connection or no address is configured."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook
    from airflow.sdk import Variable
    from airflow.sdk.exceptions import AirflowNotFoundException

    address = Variable.get(RECIPIENTS, default={}, deserialize_json=True).get(OPERATOR)
    if not address:
        return False
    try:
        SmtpHook.get_connection(MAIL_CONNECTION)
    except AirflowNotFoundException:
        return False
    with SmtpHook(MAIL_CONNECTION) as server:
        server.send_email_smtp(to=address, subject=subject, html_content=f"<pre>{escape(body)}</pre>")
    return True


def _to_file(ti: Any, text: str) -> None:
    from ipcredit.settings import get_settings

    folder = get_settings().outputs / "notices"
    folder.mkdir(parents=True, exist_ok=True)
    parts = (ti.run_id, ti.dag_id, ti.task_id, ti.map_index, ti.try_number)
    name = re.sub(r"[^\w.+-]+", "_", "__".join(map(str, parts)))
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
