"""What the pages made from a release have in common: which release, how it is drawn, where the page goes."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg import Connection

from ipcredit.outputs import OutputError
from ipcredit.settings import TIME_ZONE, get_settings


class Release(NamedTuple):
    """A published release, as the head of a page tells of it."""

    release_id: str
    as_of: date
    known_at: datetime
    code_commit: str
    published_at: datetime
    previous: str | None
    """The release current when this one was built; it may have been dropped since."""
    is_previous_kept: bool


def read_release(connection: Connection, release_id: str | None) -> Release:
    """The release to draw, default the current one; what the connection reads from then on is of one moment.

    Raises:
        OutputError: nothing is published yet, or this release is not, or not any more.
    """
    connection.execute("set transaction isolation level repeatable read read only")
    row = connection.execute(
        """select r.release_id, r.as_of, r.known_at, r.code_commit, r.published_at, r.previous_release_id,
               coalesce(p.state = 'published', false)
           from release_store.releases as r
           cross join release_store.current_release as c
           left join release_store.releases as p on r.previous_release_id = p.release_id
           where r.release_id = coalesce(%s, c.release_id) and r.state = 'published'""",
        (release_id,),
    ).fetchone()
    if row is None:
        which = f"{release_id} 不是可用的发布" if release_id else "还没有任何发布"
        raise OutputError(f"{which}，无从生成页面；可用的见 ipcredit release list。")
    return Release(*row)


def render(template: str, **content: Any) -> str:
    """A page from its template; whatever the data says is text there, never markup."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{int(value):,}"
    environment.filters["moment"] = lambda value: f"{value.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"
    return environment.get_template(template).render(**content)


def write_page(release_id: str, name: str, page: str) -> Path:
    """Put the page into `<outputs>/<release_id>`, replacing an earlier one at once."""
    path = get_settings().outputs / release_id / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(page, encoding="utf-8")
    os.replace(unfinished, path)  # noqa: PTH105 - the rename that readers of the page cannot see half done
    return path
