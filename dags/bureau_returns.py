"""### Bureau returns

An Airflow DAG: hands each unit, every month, one file of what it still has to do: missing, late, rejected, in review.

The month is the one that ended before the run's schedule; by hand, the last one that was over on the day the current
release judges, or the one given. All files of a run tell of one release; a file that was written stays as it is.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task

from ipcredit.notices import tell_failure

TIME_ZONE = "Asia/Shanghai"


@dag(
    # The night's release of the 1st, which judges the whole month, is published by then.
    schedule=CronTriggerTimetable("0 8 1 * *", timezone=TIME_ZONE, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    params={
        "month": Param(None, type=["null", "string"], pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="E.g. 2022-11"),
        "release_id": Param(None, type=["null", "string"], description="Default: the current release"),
    },
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_failure},
    tags=["ip-credit", "returns"],
    doc_md=__doc__,
)
def bureau_returns() -> None:
    @task(doc_md="The units that have a drop folder, from the reference seed.")
    def list_units() -> list[dict[str, str]]:
        from ipcredit.intake.units import submitting_units

        return [{"code": unit.code, "name": unit.name} for unit in submitting_units()]

    @task(doc_md="Month and release of this run's files; fails while no release judges the whole month.")
    def choose() -> dict[str, str]:
        from ipcredit.intake.returns import choose

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        month = params["month"]
        if run.run_type in ("scheduled", "backfill") and not month:
            day = run.data_interval_end.astimezone(ZoneInfo(TIME_ZONE))
            month = f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"
        month, release_id = choose(month, params["release_id"])
        return {"month": month, "release_id": release_id}

    @task(
        map_index_template="{{ task.op_kwargs['unit']['name'] }}",
        doc_md="Write this unit's return file into its drop folder, unless it is there.",
    )
    def write_return(unit: dict[str, str], chosen: dict[str, str]) -> str:
        from ipcredit.intake.returns import write_return

        return str(write_return(unit["code"], **chosen).path)

    write_return.partial(chosen=choose()).expand(unit=list_units())


bureau_returns()
