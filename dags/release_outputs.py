"""### Release outputs

An Airflow DAG: makes, after each release, what is read outside the database. Today: the dashboard and the
catalogue, a page each.

Started by hand it makes them again, for the current release or for the one given.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, Param, dag, get_current_context, task

RELEASE_PUBLISHED = Asset("release_published")


@dag(
    schedule=[RELEASE_PUBLISHED],
    catchup=False,
    max_active_runs=1,
    params={"release_id": Param(None, type=["null", "string"], description="Default: the release just published")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10)},
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

    dashboard()
    catalogue_page()


release_outputs()
