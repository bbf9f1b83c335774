"""### Year-end summary

An Airflow DAG: writes the pilot summary of a year, first every city's and area's, then the province's, each with its
data annex.

Started by hand for a year. All files of a run tell of one release, which has to judge a day of that year. The year-end
release is kept for good, since the next year is compared with it: give `pinned_by`, a post, and `pin_reason`, and the
run pins it. Whose summary is not closed, and what only a person can write and nobody has, the last task's log says.
"""

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from ipcredit.notices import tell_failure


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params={
        "year": Param(type="integer", minimum=2000, description="E.g. 2022"),
        "release_id": Param(None, type=["null", "string"], description="Default: the current release"),
        "pinned_by": Param(None, type=["null", "string"], description="The post that keeps the release for good"),
        "pin_reason": Param(None, type=["null", "string"], description="Why; needed with pinned_by"),
    },
    default_args={"retries": 1, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_failure},
    tags=["ip-credit", "outputs"],
    doc_md=__doc__,
)
def year_end_summary() -> None:
    @task(doc_md="The release of this run's files; fails if it judges a day of another year.")
    def choose() -> str:
        from ipcredit.outputs.summary import choose_release

        params = get_current_context()["params"]
        return choose_release(params["year"], params["release_id"])

    @task(doc_md="Keep the release for good, if a post and a reason are given.")
    def pin(release_id: str) -> None:
        from ipcredit.release import pin

        params = get_current_context()["params"]
        if bool(params["pinned_by"]) != bool(params["pin_reason"]):
            raise AirflowFailException("pinned_by and pin_reason go together.")
        if params["pinned_by"]:
            pin(release_id, params["pinned_by"], params["pin_reason"])
        else:
            print(f"{release_id} is not pinned by this run: ipcredit release pin {release_id} --by POST --reason WHY.")

    @task(doc_md="The cities and areas, from the reference seed.")
    def list_divisions() -> list[str]:
        from ipcredit.outputs.summary import summary_divisions

        return summary_divisions()

    @task(map_index_template="{{ task.op_kwargs['division'] }}", doc_md="A city's or area's summary and data annex.")
    def write_city(division: str, release_id: str) -> str:
        from ipcredit.outputs.summary import write_summary

        return str(write_summary(get_current_context()["params"]["year"], division, release_id).document)

    @task(doc_md="The province's summary and its data annex, after those of its cities.")
    def write_province(release_id: str) -> str:
        from ipcredit.outputs.summary import write_summary

        made = write_summary(get_current_context()["params"]["year"], None, release_id)
        print("\n".join(made.said))
        return str(made.document)

    release_id = choose()
    pin(release_id)
    write_city.partial(release_id=release_id).expand(division=list_divisions()) >> write_province(release_id)


year_end_summary()
