"""### Overdue reminders

An Airflow DAG: tells each unit, on working days, of what it has not reported by its day, never twice of the same thing.

What is overdue is decided by the current release, not by the clock. Mail goes through the Airflow connection
`ipcredit_smtp` (its extra names `from_email`) to the addresses in the Airflow variable `ipcredit_recipients`, JSON such
as `{"210600": "office@example.org"}`; a unit without an address, or every unit without the connection, finds a file
催报_… in its drop folder. A message that was begun and not finished may have gone out: `every_reminder_known` names it
until somebody has looked (`ipcredit reminders settle`).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, TriggerRule, Variable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

from ipcredit.notices import tell_failure

MAIL_CONNECTION = "ipcredit_smtp"
TIME_ZONE = "Asia/Shanghai"


def mail_to(unit: str) -> Callable[[Any], None] | None:
    """Sends to this unit; None when there is no connection, or no address of the unit."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    from ipcredit.reminders import by_mail

    class OneTry(SmtpHook):
        # Its own repetitions would send again what the server may have taken.
        smtp_retry_limit = 0

    address = Variable.get("ipcredit_recipients", default={}, deserialize_json=True).get(unit)
    try:
        connection = SmtpHook.get_connection(MAIL_CONNECTION)
    except AirflowNotFoundException:
        return None
    if not connection.extra_dejson.get("from_email"):
        raise AirflowFailException(f"The extra of connection {MAIL_CONNECTION} names no from_email.")
    return by_mail(OneTry(MAIL_CONNECTION), address) if address else None


@dag(
    schedule=CronTriggerTimetable("30 8 * * *", timezone=TIME_ZONE, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "on_failure_callback": tell_failure},
    tags=["ip-credit", "returns"],
    doc_md=__doc__,
)
def overdue_reminders() -> None:
    @task(doc_md="The units that may submit; skips a scheduled run on a day on which offices are closed.")
    def list_units() -> list[dict[str, str]]:
        from ipcredit.intake.units import submitting_units
        from ipcredit.reminders import is_working_day

        run = get_current_context()["dag_run"]
        if run.run_type in ("scheduled", "backfill"):
            day = run.data_interval_end.astimezone(ZoneInfo(TIME_ZONE)).date()
            if not is_working_day(day):
                raise AirflowSkipException(f"{day} is no working day.")
        return [{"code": unit.code, "name": unit.name} for unit in submitting_units()]

    @task(
        map_index_template="{{ task.op_kwargs['unit']['name'] }}",
        doc_md="One message with everything that is overdue and new to this unit; nothing if there is nothing.",
    )
    def remind(unit: dict[str, str]) -> int:
        from ipcredit.reminders import remind

        return remind(unit["code"], mail_to(unit["code"]))

    @task(
        trigger_rule=TriggerRule.NONE_FAILED,
        retries=0,
        doc_md="Fails the run while there are messages of which nobody knows whether they went out.",
    )
    def every_reminder_known() -> None:
        from ipcredit.reminders import unknown

        if left := unknown():
            names = ", ".join(f"{m.message_id} ({m.unit_code}, {m.channel}, {m.claimed_at:%Y-%m-%d})" for m in left)
            raise AirflowFailException(f"Begun and not finished; look, then ipcredit reminders settle: {names}.")

    remind.expand(unit=list_units()) >> every_reminder_known()


overdue_reminders()
