"""### Inspection draw

An Airflow DAG: draws who is inspected in a period and by whom (双随机), and hands every bureau its sheet.

Started by hand: the seed and where it comes from are announced beforehand and given as parameters. The frame is a
published release. A draw is made once: a run with the same parameters changes nothing, one with another seed fails.
"""

from datetime import date, timedelta

from airflow.sdk import Param, dag, get_current_context, task

from ipcredit.notices import tell_failure


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params={
        "draw_id": Param(type="string", minLength=1, description="Number of the draw, e.g. 2022-D3"),
        "plan_no": Param(type="string", minLength=1, description="Number of the inspection plan"),
        "object_kind": Param(type="string", enum=["patent_agency", "trademark_agency", "enterprise"]),
        "seed": Param(type="string", minLength=1, description="A text nobody could know beforehand"),
        "seed_source": Param(type="string", minLength=1, description="Where the seed comes from"),
        "drawn_by": Param(type="string", minLength=1, description="The post that draws"),
        "inspect_by": Param(type="string", format="date", description="The last day for inspecting"),
        "release_id": Param(None, type=["null", "string"], description="Default: the current release"),
    },
    default_args={"retries": 1, "retry_delay": timedelta(minutes=1), "on_failure_callback": tell_failure},
    tags=["ip-credit", "inspection"],
    doc_md=__doc__,
)
def inspection_draw() -> None:
    @task(doc_md="Draw objects and inspectors, or find them drawn already.")
    def draw() -> str:
        from ipcredit.inspection import draw

        given = get_current_context()["params"]
        made = draw(
            given["draw_id"], given["plan_no"], given["object_kind"], given["seed"], given["seed_source"],
            given["drawn_by"], date.fromisoformat(given["inspect_by"]), given["release_id"],
        )  # fmt: skip
        print(f"{made.drawn} of {made.frame_size} drawn, {made.gaps} seats without an inspector.")
        if made.left_over:
            print(made.left_over)
        return made.draw_id

    @task(doc_md="Draw again in plain Python and compare.")
    def verify(draw_id: str) -> str:
        from ipcredit.inspection import verify

        return verify(draw_id).draw_id

    @task(doc_md="Write every bureau the form of what was drawn for it.")
    def write_sheets(draw_id: str) -> list[str]:
        from ipcredit.inspection import write_sheets

        return [str(path) for path in write_sheets(draw_id)]

    write_sheets(verify(draw()))


inspection_draw()
