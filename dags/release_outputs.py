"""### Release outputs

An Airflow DAG: makes, after each release, what is read outside the database: the site of the release
(`index.html` leads through its pages), the assessment's workbooks, drafts of the public lists and of the
exchange files.

Started by hand it makes them again, for the current release or for the one given.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Param, dag, get_current_context, task

from ipcredit.notices import tell_failure

RELEASE_PUBLISHED = Asset("release_published")


@dag(
    schedule=[RELEASE_PUBLISHED],
    catchup=False,
    max_active_runs=1,
    params={"release_id": Param(None, type=["null", "string"], description="Default: the release just published")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_failure},
    tags=["ip-credit", "outputs"],
    doc_md=__doc__,
)
def release_outputs() -> None:
    def release_of(triggering_asset_events: Any) -> str | None:
        """The release asked for by hand, else the one just published; None: the current one."""
        events = triggering_asset_events.get(RELEASE_PUBLISHED, [])
        published = events[-1].extra["release_id"] if events else None
        return get_current_context()["params"]["release_id"] or published

    @task(doc_md="All pages of the release, in one folder that opens without a server; index.html leads.")
    def site(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.site import write_site

        return [str(path) for path in write_site(release_of(triggering_asset_events))]

    @task(doc_md="A workbook per region and year, laid out like the published table.")
    def scorecards(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.scorecards import write_scorecards

        return [str(path) for path in write_scorecards(release_of(triggering_asset_events))]

    @task(doc_md="Drafts of the lists for the public; a named role approves them with `ipcredit lists approve`.")
    def public_lists(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.public_lists import draft

        return [str(path) for path in draft(release_id=release_of(triggering_asset_events))]

    @task(doc_md="Drafts of what others should be told of the current release; nothing is sent before it is approved.")
    def exchange_drafts(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.exchange import NotCurrent, prepare

        try:
            return [draft.package_id for draft in prepare(release_of(triggering_asset_events))]
        except NotCurrent as told:
            # A look back, or a newer release came in between and has a run of its own.
            print(told)
            return []

    site()
    scorecards()
    public_lists()
    exchange_drafts()


release_outputs()
