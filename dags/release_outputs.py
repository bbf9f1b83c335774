"""### Release outputs

An Airflow DAG: makes, after each release, what is read outside the database. Today: the dashboard, the
catalogue and the assessment, a page each, and the assessment's workbooks.

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

    @task(doc_md="One self-contained page made from the release.")
    def dashboard(*, triggering_asset_events: Any) -> str:
        from ipcredit.outputs.dashboard import write_dashboard

        return str(write_dashboard(release_of(triggering_asset_events)))

    @task(doc_md="What must be collected, from whom, by when, and how completely it has come in.")
    def catalogue_page(*, triggering_asset_events: Any) -> str:
        from ipcredit.outputs.catalogue import write_catalogue

        return str(write_catalogue(release_of(triggering_asset_events)))

    @task(doc_md="The assessment of every region: ranking, points, and what stands behind them.")
    def assessment_page(*, triggering_asset_events: Any) -> str:
        from ipcredit.outputs.assessment_page import write_assessment_page

        return str(write_assessment_page(release_of(triggering_asset_events)))

    @task(doc_md="A workbook per region and year, laid out like the published table.")
    def scorecards(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.scorecards import write_scorecards

        return [str(path) for path in write_scorecards(release_of(triggering_asset_events))]

    dashboard()
    catalogue_page()
    assessment_page()
    scorecards()


release_outputs()
