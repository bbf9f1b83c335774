"""### Provincial aggregation

An Airflow DAG: builds a release candidate from what is in force, checks it, and publishes it as a release.

It runs when intake has brought something new, and every night, because grades and lists also change when a term ends.
If the gate says no, the candidate stays for inspection, readers keep the release they have, and `gate` says which
rule failed, on whose data. `as_of` (the day judged) and `known_at` (what had been received by then) default to

- the schedule's own moment, for a nightly or backfilled run,
- the last change in the ledger, for a run started by intake or by hand.

A release of an earlier day than the current one's (a backfill, a look back) is kept and can be read by its id; readers
stay with the current one unless `make_current` says otherwise.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from ipcredit.notices import tell_failure

INTAKE_ACCEPTED = Asset("intake_accepted")
RELEASE_PUBLISHED = Asset("release_published")
TIME_ZONE = "Asia/Shanghai"


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("40 1 * * *", timezone=TIME_ZONE, run_immediately=timedelta(0)),
        assets=INTAKE_ACCEPTED,
    ),
    catchup=False,
    max_active_runs=1,
    params={
        "as_of": Param(None, type=["null", "string"], format="date", description="The day judged, e.g. 2022-12-05"),
        "known_at": Param(
            None,
            type=["null", "string"],
            format="date-time",
            description="Judge by what had been received and recorded by then, e.g. 2022-12-05T09:00:00+08:00",
        ),
        "make_current": Param(
            None,
            type=["null", "boolean"],
            description="Show it to readers; by default unless it judges an earlier day than the current release",
        ),
        "keep_releases": Param(
            30, type="integer", minimum=1, description="How many releases to keep, besides pinned ones"
        ),
    },
    default_args={"retries": 1, "retry_delay": timedelta(seconds=30), "on_failure_callback": tell_failure},
    tags=["ip-credit", "release"],
    doc_md=__doc__,
)
def provincial_aggregation() -> None:
    @task(doc_md="One dbt build of everything, into `candidate.*` under a new release id.")
    def build_candidate() -> str:
        from ipcredit.build import build_candidate

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        as_of = date.fromisoformat(params["as_of"]) if params["as_of"] else None
        known_at = datetime.fromisoformat(params["known_at"]) if params["known_at"] else None
        if run.run_type in ("scheduled", "backfill"):
            known_at = known_at or run.data_interval_end
            as_of = as_of or run.data_interval_end.astimezone(ZoneInfo(TIME_ZONE)).date()
        return build_candidate(as_of=as_of, known_at=known_at)

    @task(doc_md="Run the expectation suites on the candidate; a critical failure ends the run here.")
    def gate(release_id: str) -> str:
        from ipcredit.quality import run_gate

        verdict = run_gate(release_id)
        if not verdict.passed:
            raise AirflowFailException(verdict.summary)
        print(verdict.summary)
        return release_id

    @task(
        outlets=[RELEASE_PUBLISHED],
        retries=3,
        retry_delay=timedelta(seconds=10),
        doc_md="Attach the candidate to the release store, and move the pointer unless it judges an earlier day.",
    )
    def publish_release(release_id: str, *, outlet_events: dict) -> str:
        from ipcredit.release import publish

        if not publish(release_id, make_current=get_current_context()["params"]["make_current"]):
            print(f"{release_id} judges an earlier day than the current release, which stays.")
        outlet_events[RELEASE_PUBLISHED].extra = {"release_id": release_id}
        return release_id

    @task(doc_md="Drop the oldest releases that are neither current nor pinned.")
    def retain_releases() -> list[str]:
        from ipcredit.release import retain

        return retain(get_current_context()["params"]["keep_releases"])

    publish_release(gate(build_candidate())) >> retain_releases()


provincial_aggregation()
