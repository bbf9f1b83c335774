"""What the pages made from a release have in common: which release, how it is drawn, where the page goes."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg import Connection

from ipcredit.files import write_whole
from ipcredit.outputs import OutputError
from ipcredit.outputs.wording import GRADES
from ipcredit.settings import TIME_ZONE, get_settings


class Page(NamedTuple):
    """A page of the site."""

    file: str
    title: str
    about: str
    """What it answers, for the list of contents."""


SITE = (
    Page("index.html", "首页", "目录"),
    Page("dashboard.html", "信息看板", "总体情况、发布前检查、各地区、归集、等级、名单、措施、数据质量和暂定依据"),
    Page("catalogue.html", "信息目录", "采集什么，由谁、何时报送，依据、公开和保存，应归尽归到什么程度"),
    Page("grades.html", "信用等级", "按类别、地区和等级的分布，评价办法、分档及其效力，变动；按名称或代码查一个主体"),
    Page("lists.html", "名单和措施", "名单记录、期限、冲突，正在适用的措施和实施情况，异议和修复"),
    Page("inspections.html", "双随机抽查", "抽取及其种子、计划、各地区结果、逾期的检查和整改"),
    Page("assessment.html", "考核成绩", "各地区排名和得分，逐层展开到每条规则背后的记录"),
    Page("changes.html", "发布变化", "与上次发布相比：名单、等级、措施、考核成绩、信息归集"),
    Page("dictionary.html", "数据字典", "可查询的视图和栏目，类型和说明"),
)
"""All pages of a release, in the order of the navigation; `ipcredit.outputs.site` writes them."""


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
    # Within JSON a line separator is a character like others; escaping all that is not ASCII doubles a Chinese page.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.globals["site"] = SITE
    environment.globals["grade_words"] = GRADES
    environment.filters["number"] = lambda value: f"{int(value):,}"
    environment.filters["moment"] = lambda value: f"{value.astimezone(TIME_ZONE):%Y-%m-%d %H:%M}"
    return environment.get_template(template).render(**content)


def write_page(release_id: str, name: str, page: str) -> Path:
    """Put the page into `<outputs>/<release_id>`, replacing an earlier one at once."""
    return write_whole(get_settings().outputs / release_id / name, page.encode())
