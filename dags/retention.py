"""### Retention

An Airflow DAG: once a week, erases personal data whose term has ended and records what was erased.

The day judged is that of the schedule; a run started by hand needs it as `as_of`. The terms are those of the catalogue
in force and recorded on that day. What is erased cannot be brought back: with `dry_run` the run only says what it would
do.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from ipcredit.notices import tell_failure

TIME_ZONE = "Asia/Shanghai"


@dag(
    schedule=CronTriggerTimetable("20 3 * * 0", timezone=TIME_ZONE, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Erase what ended before it, e.g. 2027-12-31",
        ),
        "dry_run": Param(False, type="boolean", description="Only say what would be erased"),
    },
    default_args={"retries": 1, "retry_delay": timedelta(minutes=5), "on_failure_callback": tell_failure},
    tags=["ip-credit", "retention"],
    doc_md=__doc__,
)
def retention() -> None:
    @task(doc_md="Erase personal data past its term from the tables and the archive.")
    def erase_expired() -> dict[str, int]:
        from ipcredit.retention import erase_expired

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        if params["as_of"]:
            as_of = date.fromisoformat(params["as_of"])
        elif run.run_type in ("scheduled", "backfill"):
            as_of = run.data_interval_end.astimezone(ZoneInfo(TIME_ZONE)).date()
        else:
            raise AirflowFailException("A run by hand needs as_of: what is erased is never decided by the clock.")
        done = erase_expired(as_of, dry_run=params["dry_run"])
        for file in done.files_kept:
            print(f"{file.sha256} ({file.file_name}) may still hold personal data until {file.until}.")
        return done.rows | {"archived files": len(done.files_erased)}

    erase_expired()


retention()
