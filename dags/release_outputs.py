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
    params={"release_id": Param(None, type=["null", "string"], description="Default: what was just published")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=10), "on_failure_callback": tell_failure},
    tags=["ip-credit", "outputs"],
    doc_md=__doc__,
)
def release_outputs() -> None:
    def releases_of(triggering_asset_events: Any) -> list[str | None]:
        """The release asked for by hand, else those just published, the current one first; [None]: the current one.

        There are several where more was published while a run was going on: Airflow starts one run for them all. Of the
        current one nobody should wait for a page of another that cannot be made.
        """
        if asked := get_current_context()["params"]["release_id"]:
            return [asked]
        events = sorted(triggering_asset_events.get(RELEASE_PUBLISHED, []), key=lambda event: event.timestamp)
        if not events:
            return [None]
        from ipcredit.release import list_releases

        kept = {one.release_id: one.is_current for one in list_releases() if one.state == "published"}
        published = dict.fromkeys(event.extra["release_id"] for event in events)
        for dropped in published.keys() - kept.keys():
            print(f"{dropped} has been dropped since; nothing is made of it.")
        return sorted(published.keys() & kept.keys(), key=lambda release_id: not kept[release_id])

    @task(doc_md="All pages of the release, in one folder that opens without a server; index.html leads.")
    def site(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.site import write_site

        releases = releases_of(triggering_asset_events)
        return [str(path) for release_id in releases for path in write_site(release_id)]

    @task(doc_md="A workbook per region and year, laid out like the published table.")
    def scorecards(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.scorecards import write_scorecards

        releases = releases_of(triggering_asset_events)
        return [str(path) for release_id in releases for path in write_scorecards(release_id)]

    @task(doc_md="Drafts of the lists for the public; a named role approves them with `ipcredit lists approve`.")
    def public_lists(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.public_lists import draft

        releases = releases_of(triggering_asset_events)
        return [str(path) for release_id in releases for path in draft(release_id=release_id)]

    @task(doc_md="Drafts of what others should be told of the current release; nothing is sent before it is approved.")
    def exchange_drafts(*, triggering_asset_events: Any) -> list[str]:
        from ipcredit.outputs.exchange import NotCurrent, prepare

        made = []
        for release_id in releases_of(triggering_asset_events):
            try:
                made += [draft.package_id for draft in prepare(release_id)]
            except NotCurrent as told:
                # A look back, or a newer release came in between, which is another of these or has a run of its own.
                print(told)
        return made

    site()
    scorecards()
    public_lists()
    exchange_drafts()


release_outputs()
