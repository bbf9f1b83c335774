"""### Municipal intake

An Airflow DAG: takes in what the submitting units have dropped, judges the rows, and hands back receipts.

A file that is refused is a result, not a failure: its receipt says why. A unit whose drop folder cannot be worked
through fails its own task only; the others go on, and `every_unit_taken_in` fails the run at the end.
The asset `intake_accepted` is emitted once, and only if what is in force has changed since it was last emitted.
Run by hand with `received_at` to migrate or to fill in a past day; else files count as received when the run began.
"""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ipcredit.notices import tell_failure

INTAKE_ACCEPTED = Asset("intake_accepted")


@dag(
    # Hourly: a unit finds its receipt within the hour. No run for a tick that passed before the DAG was switched on.
    schedule=CronTriggerTimetable("5 * * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    params={
        "received_at": Param(
            None,
            type=["null", "string"],
            format="date-time",
            description="Moment the files count as received, with its offset, e.g. 2022-12-05T09:00:00+08:00",
        )
    },
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_failure},
    tags=["ip-credit", "intake"],
    doc_md=__doc__,
)
def municipal_intake() -> None:
    @task(doc_md="The units that may submit, from the reference seed.")
    def list_units() -> list[dict[str, str]]:
        from ipcredit.intake.units import submitting_units

        return [{"code": unit.code, "name": unit.name} for unit in submitting_units()]

    @task(
        map_index_template="{{ task.op_kwargs['unit']['name'] }}",
        doc_md="Archive, read and load every file this unit has dropped.",
    )
    def take_in(unit: dict[str, str]) -> dict[str, Any]:
        from ipcredit.intake import take_in

        context = get_current_context()
        stated = context["params"]["received_at"]
        # One moment for all units of a run, so that a retry counts its files as received when the run began.
        received_at = datetime.fromisoformat(stated) if stated else context["dag_run"].start_date
        outcomes = take_in(unit["code"], received_at)
        return {"code": unit["code"], "files": len(outcomes)}

    @task(trigger_rule=TriggerRule.ALL_DONE, doc_md="One dbt run judges the rows of all new submissions.")
    def judge() -> None:
        from ipcredit.build import judge

        judge()

    @task(
        map_index_template="{{ task.op_kwargs['unit']['name'] }}",
        doc_md="Write this unit's receipts into its drop folder.",
    )
    def write_receipts(unit: dict[str, str]) -> int:
        from ipcredit.intake.receipts import write_receipts

        return len(write_receipts(unit["code"]))

    @task(
        inlets=[INTAKE_ACCEPTED],
        outlets=[INTAKE_ACCEPTED],
        doc_md="Emit the asset if the submissions in force are others than when it was last emitted; else skip.",
    )
    def publish_asset(*, inlet_events: Any, outlet_events: Any) -> None:
        from ipcredit.intake.in_force import in_force

        now = in_force()
        last = list(inlet_events[INTAKE_ACCEPTED].ascending(False).limit(1))
        if (last[0].extra["fingerprint"] if last else None) == now["fingerprint"]:
            raise AirflowSkipException("Nothing came into force or went out of it since the last time.")
        outlet_events[INTAKE_ACCEPTED].extra = now

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, doc_md="Fails the run, by name, for each unit that failed.")
    def every_unit_taken_in(units: list[dict[str, str]], taken_in: list[dict[str, Any]]) -> None:
        done = {unit["code"] for unit in taken_in}
        if failed := [f"{unit['code']} {unit['name']}" for unit in units if unit["code"] not in done]:
            raise AirflowFailException(f"Not taken in, see their take_in tasks: {', '.join(failed)}.")

    units = list_units()
    taken_in = take_in.expand(unit=units)
    judged = judge()
    taken_in >> judged >> [write_receipts.expand(unit=units), publish_asset()]
    every_unit_taken_in(units, taken_in)


municipal_intake()
