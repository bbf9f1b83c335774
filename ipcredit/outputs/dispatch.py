"""The monthly dispatch sheet 工作调度表: how far each city and area is, from one release, each number with its rows."""

import calendar
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ipcredit.database import connect
from ipcredit.outputs import OutputError
from ipcredit.outputs.annex import Annex, write_annex
from ipcredit.outputs.charts import Chart
from ipcredit.outputs.figures import OWN, TOPICS, Figure, Figures, parameters, read_figures
from ipcredit.outputs.pages import Release, read_release
from ipcredit.outputs.places import read_divisions
from ipcredit.outputs.summary_text import Cell, Table
from ipcredit.settings import TIME_ZONE, get_settings

COLUMNS = {
    "归集进度": ("month.due", "month.came", "month.rate", "month.late", "open.missing", "month.submissions",
             "month.rows", "open.rejected"),
    "监管进度": ("stock.rated", "stock.red", "stock.dishonest", "month.entered", "month.signed", "month.inspected",
             "open.unfixed", "open.overdue"),
}  # fmt: skip


class Dispatch(NamedTuple):
    """What a run has made."""

    path: Path
    release_id: str
    figures: int


def write_dispatch(month: str, release_id: str | None = None) -> Dispatch:
    """Write `<outputs>/<release_id>/dispatch/<month>_工作调度表.xlsx`, replaced at once.

    Args:
        month: such as 2022-11.
        release_id: default: the current release.

    Raises:
        OutputError: no such release, no such month, or the release judges a day before it.
    """
    first, last = _days(month)
    with connect() as connection:
        release = read_release(connection, release_id)
        if release.as_of < first:
            raise OutputError(
                f"发布 {release.release_id} 的评价基准日 {release.as_of} 在 {month} 之前，没有该月的数据。"
            )
        names, province, province_name = read_divisions(connection)
        given = parameters(release.as_of, first.year, province) | {"first": first, "last": min(last, release.as_of)}
        figures = read_figures(connection, release.release_id, given, folder=TOPICS / "dispatch")
        told: dict[tuple[str, str], Figure] = {}
        tables = [_table(name, keys, figures, names, province_name, told) for name, keys in COLUMNS.items()]
        title = f"{province_name}知识产权领域信用分级分类监管工作调度表（{first.year}年{first.month}月）"
        path = get_settings().outputs / release.release_id / "dispatch" / f"{month}_工作调度表.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_annex(path, connection, release, Annex(
            title, _about(release, last), figures, given, names, province, tables, _charts(figures, names), told
        ))  # fmt: skip
    return Dispatch(path, release.release_id, len(told))


def _days(month: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise OutputError(f"{month} 不是月份；应如 2022-11。") from None
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _table(name: str, keys: tuple[str, ...], figures: Figures, names: dict[str, str], province_name: str,
           told: dict[tuple[str, str], Figure]) -> Table:  # fmt: skip
    rows: list[list[Cell]] = []
    for code, place in [*names.items(), (OWN, "省级单位"), (figures.province, province_name)]:
        found = [figures.get(key, code) for key in keys]
        told.update({(figure.key, figure.division): figure for figure in found})
        rows.append([place, *found])
    heads = ["地区", *(f"{figures.definition(key).label}（{figures.definition(key).unit}）" for key in keys)]
    return Table(name, f"{name}（按地区）", heads, rows, [2.0, *(2.0 for _ in keys)])


def _charts(figures: Figures, names: dict[str, str]) -> list[Chart]:
    places = list(names.values())
    missing = [figures.get("open.missing", code).value for code in names]
    rates = [figures.get("month.rate", code).value for code in names]
    charts = [Chart("bar", "本月归集率", places, {"本月归集率": rates}, "%")] if any(rates) else []
    return charts + ([Chart("column", "至今未归集", places, {"至今未归集": missing}, "项次")] if any(missing) else [])


def _about(release: Release, last: date) -> list[str]:
    known = f"{release.known_at.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"
    until = f"本月数据只到 {release.as_of}。" if release.as_of < last else "本月各数为全月。"
    return [
        f"数据取自发布 {release.release_id}：评价基准日 {release.as_of}，数据收至 {known}，"
        f"程序版本 {release.code_commit[:12]}。同一发布重新生成的调度表完全相同。",
        f"{until}在列、已评级、逾期和至今未归集各数为评价基准日的状况。空格表示没有数据，不是零。",
        "每个数的取数语句和所依据的记录见“数据来源”“SQL”和“明细”各表；注明暂定的，所依规则有系统暂定的部分。",
    ]
