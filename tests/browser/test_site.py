"""The site of a release in a real browser, opened as files: all pages, their links, figures, filters and print.

Without Chromium these tests are skipped, unless IPCREDIT_REQUIRE_BROWSER=1.
"""

import base64
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_dashboard import FLAGS, HOSTILE, R1, R2, chromium, table  # noqa: F401 - the fixture
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.cli import app
from ipcredit.outputs import OutputError
from ipcredit.outputs.site import write_site

pytestmark = pytest.mark.browser

FILES = {
    "index.html", "dashboard.html", "catalogue.html", "grades.html", "lists.html", "inspections.html",
    "assessment.html", "changes.html", "dictionary.html",
}  # fmt: skip
NEW = sorted(FILES - {"dashboard.html", "catalogue.html", "assessment.html"})
MANY = 1000
SCORE = "得分，等于 grade_items 各项之和；不含通用信用风险分类（内部使用），与等级不必相合"


@pytest.fixture(scope="module")
def folders(chromium, warehouse) -> dict[str, Path]:  # noqa: F811 - the fixture
    """The sites of R1, with a thousand more list entries and hostile names, and R2, where much has changed."""
    with pytest.raises(OutputError, match="还没有任何发布"):
        write_site()
    build_first_candidate(R1)
    with warehouse.connect() as db:
        db.execute(
            """insert into candidate.list_entries
               select (jsonb_populate_record(e, jsonb_build_object(
                   'entry_id', 'many' || n, 'subject_name', '第' || n || '号样例公司', 'entered_on', '2022-06-01'
               ))).*
               from candidate.list_entries as e cross join generate_series(1, %s) as n
               where e.entry_id = (
                   select min(r.entry_id) from candidate.list_entries as r
                   where r.list_code = 'red' and r.division_code = '210100'
               )""",
            (MANY,),
        )
        for name in ("list_entries", "subjects"):
            db.execute(f"update candidate.{name} set subject_name = %s where division_code = '210600'", (HOSTILE,))
        db.execute(
            """update candidate.subjects set id_kind = 'person'
               where subject_id = (select max(s.subject_id) from candidate.subjects as s)"""
        )
        db.execute(
            """update candidate.inspections set draw_no = '抽2022-1', is_of_kept_draw = true, state = 'inspected',
                   inspection_result = 'problem_ordered', inspected_on = '2022-08-01', fix_due_on = '2022-09-01',
                   is_fix_overdue = true
               where subject_id = (select min(i.subject_id) from candidate.inspections as i)"""
        )
        for draw_id in ("抽2022-1", "抽2022-2"):
            db.execute(
                """insert into inspection.draws values (%s, '计划1', 'enterprise', %s, '2022-12-05', '种子20221201',
                       '福利彩票双色球第2022140期', 'LN-DRAW', 1, 'provisional', '系统暂定', 15, 1, 'f00d', '抽查岗',
                       '2022-12-06 09:00+08', '2022-12-31')""",
                (draw_id, R1),
            )
        pass_gate(db, R1)
    release.publish(R1)
    first = write_site()
    before = {path.name: path.read_bytes() for path in first}
    assert {path.name: path.read_bytes() for path in write_site(R1)} == before, "the same release, the same bytes"
    with warehouse.connect() as db:
        copy_candidate(db, R1, R2)
        db.execute("update candidate.subject_grades set grade = 'A' where grade = 'C' and division_code = '210600'")
        db.execute("update candidate.subject_grades set grade = 'B' where grade = 'U' and division_code = '210200'")
        db.execute(
            """update candidate.list_entries set state = 'ended', exit_reason = 'honour_lapsed', left_on = '2022-12-01'
               where list_code = 'red' and division_code = '210200'"""
        )
        db.execute(
            """update candidate.list_entries set list_code = 'serious'
               where list_code = 'dishonest' and division_code = '210300'"""
        )
        db.execute("delete from candidate.measures_in_force where division_code = '210600'")
        db.execute(
            """update candidate.catalogue_coverage set completeness = 'received', gap = null
               where completeness = 'missing' and bureau_code = '210600'"""
        )
        db.execute(
            """update candidate.assessment_rule_results set points = points + 1
               where state = 'scored' and region_code = (
                   select min(r.region_code) from candidate.assessment_rule_results as r where r.state = 'scored'
               )"""
        )
        # Of an agency of Anshan the grade comes from points alone; it moves, as that of others does.
        db.execute(
            """update candidate.subject_grades set policy_id = 'PATENT-AGENCY-2023', grade = 'B'
               where track = 'agency' and division_code = '210300'"""
        )
        pass_gate(db, R2)
    release.publish(R2)
    return {R1: first[0].parent, R2: write_site()[0].parent}


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory) -> Iterator[webdriver.Chrome]:  # noqa: F811 - the fixture
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromium[1]))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, folders):
    """Opens a page of R2, or of another release."""

    def open_page(file: str, release_id: str = R2) -> webdriver.Chrome:
        browser.get("about:blank")
        browser.get(f"{folders[release_id].as_uri()}/{file}")
        return browser

    return open_page


class _Links(HTMLParser):
    """Where a page leads, what leads there, and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hrefs: set[str] = set()
        self.ids: set[str] = set()
        self.scripts: list[str] = []
        self.loaded: list[str] = []
        self.in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {found["id"]} if found.get("id") else set()
        self.hrefs |= {found["href"]} if found.get("href") and tag == "a" else set()
        self.loaded += [found[name] for name in ("src", "action") if name in found]
        if tag == "script" and found.get("type") is None:
            self.in_script = True
            self.scripts.append("")
        assert tag != "script" or found.get("type") in (None, "application/json"), "old browsers know no modules"

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.in_script = self.in_script and tag != "script"


def visible(page: webdriver.Chrome, selector: str) -> int:
    return page.execute_script(
        "return Array.from(document.querySelectorAll(arguments[0])).filter(r => r.offsetParent !== null).length",
        selector,
    )


def test_all_pages_are_there_and_every_link_of_every_page_leads_somewhere(folders):
    pages = {f.name: _Links(f.read_text(encoding="utf-8")) for f in folders[R2].glob("*.html")}
    assert set(pages) == FILES
    for name, page in pages.items():
        assert page.hrefs >= FILES, name
        assert page.loaded == [], name
        for href in page.hrefs - FILES:
            file, _, fragment = href.partition("#")
            assert file in FILES | {""}, (name, href)
            if not re.fullmatch(r"grades\.html#[0-9A-Z]{18}", href):  # the search is told what to look for
                assert fragment in pages[file or name].ids, (name, href)


def test_the_scripts_are_of_a_language_that_old_browsers_know(folders):
    scripts = [s for name in NEW for s in _Links((folders[R2] / name).read_text(encoding="utf-8")).scripts]
    assert len(scripts) == len(NEW) + 1
    found = {word for s in scripts for word in re.findall(r"=>|\b(?:let|const|async|import|fetch)\b(?=[ (])|`", s)}
    assert found == set()


@pytest.mark.parametrize("file", NEW)
def test_a_page_is_accessible_quiet_and_as_wide_as_the_window(opened, file):
    page = opened(file)
    found = page.execute_script(
        """const all = (selector) => Array.from(document.querySelectorAll(selector));
           return {
               lang: document.documentElement.lang,
               h1: all('h1').length,
               landmarks: all('main#main, header, footer, nav[aria-label="网站"]').length,
               skip: document.querySelector('a').getAttribute('href'),
               here: all('nav.site [aria-current=page]').map(e => e.getAttribute('href')),
               sections_without_heading: all('section').filter(s => !s.querySelector('h2')).length,
               tables_without_caption: all('table').filter(t => !t.caption || !t.caption.textContent.trim()).length,
               headers_without_scope: all('th').filter(t => !t.scope).length,
               inputs_without_label: all('input').filter(i => !i.labels.length).length,
               double_ids: all('[id]').length - new Set(all('[id]').map(e => e.id)).size,
               resources: performance.getEntriesByType('resource').map(e => e.name),
               hostile: all('main img, main script').length,
           }"""
    )
    assert found == {
        "lang": "zh-CN", "h1": 1, "landmarks": 4, "skip": "#main", "here": [file], "sections_without_heading": 0,
        "tables_without_caption": 0, "headers_without_scope": 0, "inputs_without_label": 0, "double_ids": 0,
        "resources": [], "hostile": 0,
    }  # fmt: skip
    assert page.get_log("browser") == []
    assert "taken over" not in page.title
    source = page.page_source
    assert re.search(r"https?:|@import|url\(", source) is None
    assert re.search(r"internal_|class_[abcd]\b", source) is None
    for width in (1280, 800, 400):
        page.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        wide = page.execute_script("return document.documentElement.scrollWidth")
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        assert wide <= width


def test_what_two_pages_show_is_the_same(opened):
    page = opened("dashboard.html")
    tracks = ("enterprise", "agency")
    overview = {
        **{track: [row[:-1] for row in table(page, f"#grades-{track} tr")] for track in tracks},
        "list": table(page, "tr.list"),
        "measure": table(page, "tr.measure"),
        "move": table(page, "tr.move"),
        "changes": sum(int(n) for n in re.findall(r"(\d+) 户：", page.find_element(By.ID, "changes").text)),
    }
    page = opened("grades.html")
    shown = {track: table(page, f"#grades-{track} tr") for track in tracks} | {"move": table(page, "tr.move")}
    page = opened("lists.html")
    shown |= {kind: table(page, f"tr.{kind}") for kind in ("list", "measure")}
    entries = sum(int(row[3]) + int(row[4]) for row in shown["list"])
    assert visible(page, "tr.entry") == 100 and len(table(page, "tr.entry")) == entries > MANY
    page = opened("changes.html")
    assert table(page, "tr.move") == shown["move"] != []
    shown["changes"] = len(table(page, "tr.list-change"))
    assert shown == overview
    assert sum(int(row[4]) for row in shown["move"]) == len(table(page, "tr.moved"))


def test_the_filter_and_the_pages_of_a_long_table_work_by_keyboard(opened):
    page = opened("lists.html")
    rows = "#entries tbody tr"
    total = len(page.find_elements(By.CSS_SELECTOR, rows))
    for _ in range(60):
        ActionChains(page).send_keys(Keys.TAB).perform()
        if page.execute_script("return document.activeElement.closest('#entries') !== null"):
            break
    status = page.find_element(By.CSS_SELECTOR, "#entries [role=status]")
    assert page.switch_to.active_element.get_attribute("type") == "search"
    assert page.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert status.get_attribute("aria-live") == "polite"
    assert status.text == f"共 {total} 行，正显示第 1 至 100 行"
    ActionChains(page).send_keys(Keys.TAB, Keys.ENTER).perform()  # the first button is of no use yet
    assert status.text == f"共 {total} 行，正显示第 101 至 200 行"
    box = page.find_element(By.CSS_SELECTOR, "#entries input")
    box.send_keys("第99 公司")
    assert status.text == f"{total} 行中找到 11 行"
    assert visible(page, rows) == 11
    box.clear()
    box.send_keys("没有这家")
    assert status.text == f"{total} 行中找到 0 行" and visible(page, rows) == 0


def test_without_scripts_every_row_stands_open(opened):
    page = opened("index.html")
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = opened("lists.html")
        assert visible(page, "#entries tbody tr") > MANY
        assert page.find_elements(By.CSS_SELECTOR, ".controls") == []
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_print_shows_what_was_filtered_with_its_header_on_every_page(opened):
    page = opened("lists.html")
    page.find_element(By.CSS_SELECTOR, "#entries input").send_keys("号样例公司")
    assert visible(page, "#entries tbody tr") == 100
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert visible(page, "nav, .controls, .skip") == 0
        assert visible(page, "#entries tbody tr") == MANY
        assert page.execute_script(
            "return getComputedStyle(document.querySelector('#entries thead')).display"
        ) == "table-header-group"  # fmt: skip
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    printed = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert 20 <= len(re.findall(rb"/Type /Page\b", printed)) <= 90


def test_a_subject_is_found_and_its_points_are_explained(opened, warehouse):
    with warehouse.connect() as db:
        subject, name = db.execute(
            """select s.subject_id, s.subject_name from publication.subjects as s
               inner join publication.subject_grades as g using (subject_id)
               inner join publication.list_entries as e using (subject_id)
               where g.is_provincial and g.grade = 'C' and e.list_code = 'dishonest' order by 1 limit 1"""
        ).fetchone()
        items = db.execute(
            """select rule_name || ' ' || to_char(points, 'FMS999990.00') from publication.grade_items
               where subject_id = %s order by track, item_no""",
            (subject,),
        ).fetchall()
        persons = db.execute("select subject_id from publication.subjects where id_kind <> 'uscc'").fetchall()
    page = opened(f"grades.html#{subject}")
    assert page.find_element(By.ID, "found").text == "找到 1 户"
    cells = table(page, "tr.hit")[0]
    assert cells[:2] == [name, subject] and "C 级" in cells[3]
    reasons = [e.text for e in page.find_elements(By.CSS_SELECTOR, "tr.hit li")]
    assert [r.split("，")[0] for r in reasons] == [item for (item,) in items]
    box = page.find_element(By.ID, "wanted")
    for wanted, said in (("一", "请输入至少两个字"), ("没有这家", "没有找到"), ("<SCRIPT>document", "找到")):
        box.clear()
        box.send_keys(wanted)
        assert page.find_element(By.ID, "found").text.startswith(said)
    assert {row[0] for row in table(page, "tr.hit")} == {HOSTILE}
    assert page.find_elements(By.CSS_SELECTOR, "main script, main img") == [] and "taken over" not in page.title
    known = page.find_element(By.ID, "subjects").get_attribute("textContent")
    assert persons != [] and [person for (person,) in persons if person in known] == []


def test_no_score_stands_beside_a_grade_for_which_the_general_class_counts(opened, warehouse):
    with warehouse.connect() as db:
        (alone,) = db.execute(
            "select subject_id from publication.subject_grades where policy_id = 'PATENT-AGENCY-2023'"
        ).fetchone()
    page = opened(f"grades.html#{alone}")
    assert table(page, "tr.hit")[0][3] == "专利代理机构：B 级，100.00 分"
    told = page.find_element(By.ID, "search").text
    assert "依LN-IPCREDIT的评级另依通用信用风险分类，分类结果与合计得分不公开" in told
    known = json.loads(page.find_element(By.ID, "subjects").get_attribute("textContent"))
    scores = {subject[0]: {grade[2] for grade in subject[3]} for subject in known["subjects"]}
    assert scores.pop(alone) == {"100.00"} and len(scores) > 50 and set.union(*scores.values()) == {None}
    moved = {row[1]: (row[5], row[7]) for row in table(opened("changes.html"), "tr.moved")}
    assert moved.pop(alone) == ("—", "100.00") and set(moved.values()) == {("—", "—")}


def test_hostile_names_stay_text_in_every_table(opened):
    for file, rows in (("lists.html", "tr.entry"), ("changes.html", "tr.moved"), ("inspections.html", "tr.late")):
        page = opened(file)
        names = [cell for row in table(page, rows) for cell in row]
        assert (HOSTILE in names) == (file != "inspections.html") and names != [], file


def test_a_draw_is_shown_with_its_seed_and_what_is_overdue(opened):
    page = opened("inspections.html")
    assert [row[:4] for row in table(page, "tr.draw")] == [
        ["抽2022-1", "计划1", "enterprise", "种子20221201福利彩票双色球第2022140期；抽查岗抽取"]
    ]
    assert [(row[1], row[4], row[6]) for row in table(page, "tr.late")] == [
        ("辽阳市", "problem_ordered", "2022-09-01")
    ]  # fmt: skip
    total = table(page, "#results tr.total")[0]
    assert total[-1] == "1" and int(total[-3]) == sum(int(row[-3]) for row in table(page, "tr.result"))


def test_the_policies_say_whether_a_document_gives_them(opened):
    page = opened("grades.html")
    assert {(row[0], row[2]) for row in table(page, "tr.rule")} >= {
        ("辽宁省知识产权信用评价模型（企业）LN-IPCREDIT 第 1 版", "系统暂定")
    }
    assert all("系统暂定" in row[4] for row in table(page, "tr.rule") if "LN-IPCREDIT" in row[0])
    page = opened("lists.html")
    assert {row[0] for row in table(page, "tr.term")} == {"诚信“红名单”", "失信主体清单", "严重违法失信名单"}
    assert all(re.search("（(文件规定|系统暂定|没有规定)）$", row[5]) and row[6] for row in table(page, "tr.term"))


def test_the_changes_say_what_is_compared_and_what_has_changed(opened, warehouse):
    with warehouse.connect() as db:
        movements = db.execute(
            """select rule_id, points_change::numeric(9, 2)::float from publication.assessment_movements
               order by region_code, rule_id"""
        ).fetchall()
    page = opened("changes.html")
    assert sorted((row[2], float(row[7])) for row in table(page, "tr.movement")) == sorted(movements) != []
    assert [row[:2] for row in table(page, "tr.release")] == [["本次", R2], ["上次", R1]]
    assert {(row[0], row[2], row[5]) for row in table(page, "tr.list-change")} == {
        ("严重违法失信名单", "新列入", "鞍山市"), ("失信主体清单", "不再在列", "鞍山市"),
        ("诚信“红名单”", "不再在列", "大连市"),
    }  # fmt: skip
    assert {row[6] for row in table(page, "tr.list-change") if row[0] == "诚信“红名单”"} == {"荣誉到期"}
    assert {(row[2], row[4], row[6]) for row in table(page, "tr.moved")} == {
        ("丹东市", "C 级", "A 级"), ("大连市", "未评", "B 级"), ("鞍山市", "A 级", "B 级")
    }  # fmt: skip
    assert [row[:2] + row[4:] for row in table(page, "tr.covered")] == [
        ["丹东市知识产权局", "通用风险等级", "到期未归集", "按时报送"]
    ]
    assert table(page, "tr.measure-change") != []
    assert all(int(row[2]) > int(row[3]) for row in table(page, "tr.measure-change"))
    first = opened("changes.html", R1)
    assert "首次发布，无可比较" in first.find_element(By.ID, "releases").text
    assert len(first.find_elements(By.TAG_NAME, "section")) == 1


def test_the_dictionary_is_that_of_the_published_views(opened, warehouse):
    with warehouse.connect() as db:
        expected = db.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'publication'"
        ).fetchall()
    shown = table(opened("dictionary.html"), "#columns tbody tr")
    assert {tuple(row[:2]) for row in shown} == set(expected)
    assert ["subject_grades", "score", "numeric", SCORE] in [
        [row[0], row[1], row[2].split("(")[0], row[3]] for row in shown
    ]
    assert {row[0] for row in table(opened("dictionary.html"), "tr.view") if not row[1]} == set()


def test_what_is_internal_does_not_reach_a_page_and_a_cleared_release_is_said_so(folders, warehouse):
    before = {f.name: f.read_bytes() for f in folders[R2].glob("*.html")}
    with warehouse.connect() as db:
        db.execute(f"update release_{R2}.internal_grade_items set points = -77, rule_code = 'class_d'")
        db.execute(f"update release_{R2}.subject_grades set internal_score = 3, internal_grade_by_score = 'D'")
    assert {path.name: path.read_bytes() for path in write_site(R2)} == before
    assert release.retain(keep=1) == [R1]
    refused = CliRunner().invoke(app, ["site", "--release", R1])
    assert refused.exit_code == 1 and f"{R1} 不是可用的发布" in refused.output
    drawn = CliRunner().invoke(app, ["site"])
    assert drawn.exit_code == 0 and {line.rpartition("/")[2] for line in drawn.output.split()} == FILES
    for file in ("changes.html", "grades.html"):
        assert f"上次发布 {R1} 已按保留规则清除，无可比较" in (folders[R2] / file).read_text(encoding="utf-8")
