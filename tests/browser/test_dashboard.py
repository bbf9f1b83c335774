"""The dashboard page in a real browser: what it shows is what the published views say, and it needs nothing but itself.

Without Chromium these tests are skipped, unless IPCREDIT_REQUIRE_BROWSER=1.
"""

import base64
import os
import re
import shutil
from collections.abc import Iterator

import pytest
from candidates import build_first_candidate, copy_candidate, pass_gate
from selenium import webdriver
from selenium.webdriver.common.by import By
from typer.testing import CliRunner

from ipcredit import release
from ipcredit.cli import app
from ipcredit.outputs import OutputError
from ipcredit.outputs.dashboard import write_dashboard
from ipcredit.outputs.pages import SITE

pytestmark = pytest.mark.browser

R1, R2 = "r20221205_0001", "r20221205_0002"
HOSTILE = """<script>document.title = "taken over"</script><img src=x onerror="document.title = 'taken over'">&"'"""
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> tuple[str, str]:
    """Paths of Chromium and of its driver; both are asked for before anything slow begins."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        if os.environ.get("IPCREDIT_REQUIRE_BROWSER") == "1":
            pytest.fail("IPCREDIT_REQUIRE_BROWSER=1, but chromium and chromedriver are not both on this machine")
        pytest.skip("chromium and chromedriver are not both on this machine")
    return browser, driver


@pytest.fixture(scope="module")
def pages(chromium, warehouse) -> dict[str, str]:
    """URLs of the pages of two releases: R1 with a warning, a waiver and a hostile name, then R2 with changes."""
    with pytest.raises(OutputError, match="还没有任何发布"):
        write_dashboard()
    build_first_candidate(R1)
    with warehouse.connect() as db:
        db.execute(
            """update candidate.list_entries set subject_name = %s
               where list_code = 'red' and division_code = '210100'""",
            (HOSTILE,),
        )
        pass_gate(db, R1)
        db.execute(
            """insert into quality.gate_results
                   (run_id, release_id, suite, expectation_id, title, severity, success, waived, unexpected_count,
                   observed)
               select g.run_id, g.release_id, 'objections', v.id, v.title, v.severity, false, v.waived, v.found,
                   v.observed
               from quality.gate_results as g cross join (values
                   ('late', '异议办理逾期', 'warning', false, 15, null),
                   ('drop', '行数不得骤减', 'critical', true, null, '实际为 9')
               ) as v (id, title, severity, waived, found, observed)""",
        )
        db.execute(
            """insert into quality.gate_waivers (release_id, expectation_id, waived_by, reason)
               values (%s, 'drop', '数据管理岗', '单位合并所致')""",
            (R1,),
        )
    release.publish(R1)
    first = write_dashboard()
    with warehouse.connect() as db:
        copy_candidate(db, R1, R2)
        db.execute("update candidate.subject_grades set grade = 'A' where grade = 'C' and division_code = '210600'")
        db.execute("update candidate.subject_grades set grade = 'D' where grade = 'C' and division_code = 'LN-SF'")
        db.execute("update candidate.subject_grades set grade = 'B' where grade = 'U' and division_code = '210200'")
        db.execute(
            "update candidate.list_entries set state = 'ended' where list_code = 'red' and division_code = '210200'"
        )
        db.execute(
            """update candidate.list_entries set list_code = 'serious'
               where list_code = 'dishonest' and division_code = '210300'"""
        )
        db.execute(
            """update candidate.subject_grades set grade = 'not_evaluable', policy_status = 'no_rule'
               where track = 'agency' and division_code = '210400'"""
        )
        db.execute(
            """insert into candidate.submissions
               select (jsonb_populate_record(s, '{"submission_id": 9001, "rows_received": 7, "rows_accepted": 4}')).*
               from candidate.submissions as s where s.bureau_code = '210600' and s.dataset = 'honours'"""
        )
        pass_gate(db, R2)
    release.publish(R2)
    return {R1: first.as_uri(), R2: write_dashboard().as_uri()}


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromium[1]))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, pages) -> webdriver.Chrome:
    """The page of R2, the current release."""
    browser.get(pages[R2])
    return browser


@pytest.fixture
def first_page(browser, pages) -> webdriver.Chrome:
    browser.get(pages[R1])
    return browser


@pytest.fixture
def rows_of(warehouse):
    """What an analyst of the whole province reads in the published views: all values as the page would print them."""

    def read(query: str) -> list[list[str]]:
        with warehouse.connect() as connection:
            connection.execute("set session authorization analyst")
            return [[str(value) for value in row] for row in connection.execute(query).fetchall()]

    return read


def table(page: webdriver.Chrome, selector: str) -> list[list[str]]:
    """Texts of the cells of these rows, numbers without separators."""
    rows = page.execute_script(
        """return Array.from(document.querySelectorAll(arguments[0]),
               row => Array.from(row.cells, cell => cell.textContent.trim()))""",
        selector,
    )
    return [[re.sub(r"(?<=\d),(?=\d)", "", text) for text in row] for row in rows]


def test_sections_and_tables_are_all_there_and_accessible(page):
    assert page.execute_script("return Array.from(document.querySelectorAll('section'), s => s.id)") == [
        "overview", "changes", "regions", "coverage", "grades", "lists", "measures", "quality", "policies", "entries",
    ]  # fmt: skip
    assert page.title == "辽宁省知识产权信用监管信息看板 · 2022-12-05"
    found = page.execute_script(
        """const all = (selector) => Array.from(document.querySelectorAll(selector));
           return {
               lang: document.documentElement.lang,
               h1: all('h1').length,
               sections_without_heading: all('section').filter(s => !s.querySelector('h2')).length,
               tables_without_caption: all('table').filter(t => !t.caption || !t.caption.textContent.trim()).length,
               headers_without_scope: all('th').filter(t => !t.scope).length,
               drawings_without_name: all('svg[role=img]').filter(
                   s => !(s.getAttribute('aria-label') || document.getElementById(s.getAttribute('aria-labelledby')))
               ).length,
               broken_links: all('a[href^="#"]').filter(a => !document.querySelector(a.getAttribute('href'))).length,
               double_ids: all('[id]').length - new Set(all('[id]').map(e => e.id)).size,
               tables: all('table').length,
           }"""
    )
    assert found.pop("tables") >= 10
    assert found == {
        "lang": "zh-CN", "h1": 1, "sections_without_heading": 0, "tables_without_caption": 0,
        "headers_without_scope": 0, "drawings_without_name": 0, "broken_links": 0, "double_ids": 0,
    }  # fmt: skip


def test_fifteen_tiles_lie_like_the_map(page, warehouse):
    places = page.execute_script(
        """return Array.from(document.querySelectorAll('g.tile'), t => {
               const box = t.getBoundingClientRect();
               return [t.querySelector('.name').textContent, box.left, box.top, box.right, box.bottom];
           })"""
    )
    with warehouse.connect() as db:
        names = [name for (name,) in db.execute("select name from reference.divisions where level in ('city', 'area')")]
    assert len(places) == 15
    assert sorted(name for name, *_ in places) == sorted(names)
    where = {name: box for name, *box in places}
    assert where["大连市"][1] == max(box[1] for box in where.values())
    assert where["丹东市"][0] > where["沈阳市"][0] > where["朝阳市"][0]
    boxes = list(where.values())
    overlapping = [
        1 for i, a in enumerate(boxes) for b in boxes[:i] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    assert overlapping == []


def test_figures_are_those_of_the_published_views(page, rows_of):
    shown = {
        e.get_attribute("id").removeprefix("figure-"): e.text.replace(",", "")
        for e in page.find_elements(By.CSS_SELECTOR, "[id^=figure-]")
    }
    expected = {
        "subjects": "select count(*) from publication.subjects",
        "records": "select count(*) from publication.credit_records",
        "submissions": "select count(*) from publication.submissions",
        "gaps": "select count(*) from publication.catalogue_coverage where is_due and gap is not null",
        "received": "select sum(rows_received) from publication.submissions",
        "accepted": "select sum(rows_accepted) from publication.submissions",
        "rejected": "select sum(rows_rejected) from publication.submissions",
        "superseded": "select sum(rows_superseded) from publication.submissions",
    }
    assert shown == {name: rows_of(query)[0][0] for name, query in expected.items()}
    assert shown["subjects"] == "60" and shown["received"] == "97"


def test_regions_grades_lists_measures_and_quality_are_those_of_the_published_views(page, rows_of):
    assert sorted(table(page, "#regions tr.region")) == sorted(
        rows_of(
            """with graded as (
                   select division_code, count(distinct subject_id) as graded
                   from publication.subject_grades where grade not in ('U', 'not_evaluable')
                   group by division_code
               )
               select max(s.division_name), c.due, c.reported, (100 * c.reported / c.due) || '%', max(g.graded)
               from publication.subjects as s
               inner join graded as g using (division_code)
               inner join (
                   select division_code, count(*) as due, count(*) filter (where gap is null) as reported
                   from publication.catalogue_coverage where is_due group by division_code
               ) as c using (division_code)
               group by division_code, c.due, c.reported"""
        )
    )
    words = {"未评": "U", "无法评价": "not_evaluable"}
    for track in ("enterprise", "agency"):
        shown = {row[0]: row[1:-1] for row in table(page, f"#grades-{track} tbody tr")}
        grades = [text.removesuffix(" 级") for text in table(page, f"#grades-{track} thead tr")[0][1:-2]]
        for name, *counts in rows_of(
            f"""select coalesce(s.division_name, '辽宁省'),
                    {", ".join(f"count(*) filter (where grade = '{words.get(g, g)}')" for g in grades)},
                    count(*)
                from publication.subject_grades as g inner join publication.subjects as s using (subject_id)
                where g.track = '{track}' group by rollup (s.division_name)"""
        ):
            assert shown.pop(name) == counts, (track, name)
        assert shown == {}
    assert table(page, "#lists tr.list") == rows_of(
        """select case list_code when 'red' then '诚信“红名单”' when 'dishonest' then '失信主体清单'
                   else '严重违法失信名单' end,
               '辽宁省', count(distinct subject_id) filter (where state = 'active'),
               count(*) filter (where state = 'active'),
               count(*) filter (where state = 'ended')
           from publication.list_entries group by list_code order by list_code = 'serious', list_code <> 'red'"""
    )
    assert [row[1:] for row in table(page, "#measures tr.measure")] == rows_of(
        """select measure_name, '辽宁省', case basis_code when 'red' then '诚信“红名单”' else '失信主体清单' end,
               case when is_discretionary then '可以适用' else '应当适用' end, '文件规定', count(distinct subject_id)
           from publication.measures_in_force group by 1, 2, 3, 4, direction order by direction desc"""
    )
    quality = {
        row[0]: [" ".join(cell.split()) for cell in row[1:]]
        for row in table(page, "#quality tr.bureau, #quality tr.total")
    }
    assert set(quality) == {row[0] for row in table(page, "#coverage tbody tr")} | {"合计"}
    assert len(quality) == 15 + 1 + 1
    expected = dict(
        rows_of(
            "select dimension, sum(numerator) || '/' || sum(denominator) from publication.quality_dimensions group by 1"
        )
    )
    assert quality["合计"] == [f"66.6% {expected[d]}" for d in ("规范性", "准确性", "完整性", "实效性")]
    assert quality["丹东市知识产权局"] == ["66.6% 4/6"] * 4
    ranking = table(page, "#ranking tr.rank")
    assert ranking[:3] == [
        ["1", "沈阳市知识产权局", "99.00"], ["1", "大连市知识产权局", "99.00"], ["3", "鞍山市知识产权局", "98.00"]
    ]  # fmt: skip
    assert ranking[-2:] == [
        ["不参加排名", "沈抚示范区知识产权局", "86.00"], ["无法评价", "葫芦岛市知识产权局", "缺实效性"]
    ]  # fmt: skip


def test_the_coverage_matrix_says_every_state_with_a_symbol_and_names_the_gaps(page, rows_of):
    header = table(page, "#coverage thead tr")[0][1:]
    assert header == [
        row[0] for row in rows_of("select title from publication.catalogue_items order by catalogue_code")
    ]
    cells = {
        (row[0], dataset): " ".join(cell.split())
        for row in table(page, "#coverage tbody tr")
        for dataset, cell in zip(header, row[1:], strict=True)
    }
    assert len(cells) == 16 * 5
    expected = dict.fromkeys(header[:2], "● 报1") | {
        "代理机构": "○ 无1",
        "通用风险等级": "✕ 缺1",
        "严重违法失信名单": "—",
    }
    expected |= {"知识产权示范优势企业": "● 报1", "行政处罚": "● 报1"}
    assert {dataset: cells["丹东市知识产权局", dataset] for dataset in header} == expected
    assert cells["辽宁省市场监督管理局", "严重违法失信名单"] == "● 报1"
    gaps = [e.text for e in page.find_elements(By.CSS_SELECTOR, "#gaps li")]
    assert gaps == ["应报未报"] * 15


def test_who_could_not_be_graded_is_called_the_same_in_table_and_bar(page):
    heads, *rows = table(page, "#grades-agency tr")
    assert heads[1:-2] == ["A 级", "无法评价"]
    bars = {row[0]: row[-1].split() for row in rows}
    assert bars["抚顺市"] == ["无法评价"] and bars["沈阳市"] == ["A"]
    assert "not_evaluable" not in page.page_source


def test_the_gate_names_its_warnings_and_waivers(first_page):
    verdict = first_page.find_element(By.CSS_SELECTOR, ".verdict").text
    assert "发布前检查通过：共 3 项，提示 1 项，经批准放行 1 项" in verdict
    assert "提示：“异议办理逾期”，查出 15 处" in verdict
    assert "放行：“行数不得骤减”，实际为 9；数据管理岗批准放行，理由：单位合并所致" in verdict


def test_a_first_release_compares_with_nothing_and_the_next_with_it(first_page, pages):
    assert "首次发布，无可比较" in first_page.find_element(By.ID, "changes").text
    first_page.get(pages[R2])
    changes = [e.text for e in first_page.find_elements(By.CSS_SELECTOR, ".list-change")]
    assert changes == [
        "失信主体清单（辽宁省）不再在列 1 户：样例3号处罚公司（鞍山市）。",
        "诚信“红名单”（辽宁省）不再在列 1 户：样例2号优势公司（大连市）。",
        "严重违法失信名单（辽宁省）新列入 1 户：样例3号处罚公司（鞍山市）。",
    ]
    assert table(first_page, "tr.move") == [
        ["企业", "上升", "C 级", "A 级", "1"],
        ["企业", "首次评级", "未评", "B 级", "1"],
        ["企业", "下降", "C 级", "D 级", "1"],
        ["专利代理机构", "下降", "A 级", "无法评价", "1"],
    ]
    assert table(first_page, "tr.new-submission") == [["已入库", "1", "7", "4", "1"]]


def test_provisional_policies_are_named(page):
    shown = page.find_element(By.ID, "policies").text
    assert "辽宁省知识产权信用评价模型（企业）" in shown and "LN-IPCREDIT 第 1 版" in shown and "系统暂定" in shown


def test_nothing_is_fetched_and_nothing_is_complained_about(page):
    assert page.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    source = page.page_source
    assert (
        re.findall(r"""(?:src|href)\s*=\s*["']?(?!#|data:,|[a-z]+\.html")[^"'> ]+""", source.split("<section")[0]) == []
    )
    links = re.findall(r'(?:src|href)="([^"]*)"', source)
    assert {link for link in links if not link.startswith(("#", "data:"))} == {found.file for found in SITE}
    assert re.search(r"https?:(?!//www\.w3\.org/)|@import|url\((?!#)", source) is None
    assert page.find_elements(By.TAG_NAME, "script") == []
    assert page.get_log("browser") == []


def test_a_hostile_name_stays_text(first_page):
    assert first_page.find_elements(By.CSS_SELECTOR, "main script, main img") == []
    assert "taken over" not in first_page.title
    assert HOSTILE in [row[0] for row in table(first_page, "#entries-red tr.entry")]


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_the_page_is_not_wider_than_the_window(page, width):
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_it_prints(page):
    printed = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert printed.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type /Page\b", printed)) <= 12


def test_no_internal_class_reaches_the_page_and_the_bytes_hang_on_the_release_alone(pages, warehouse):
    path = write_dashboard(R2)
    assert path.as_uri() == pages[R2]
    before = path.read_bytes()
    assert re.search(rb"internal|general_|class_[abcd]\b", before) is None
    with warehouse.connect() as db:
        db.execute(f"update release_{R2}.internal_grade_items set points = -77, rule_code = 'class_d'")
        db.execute(f"update release_{R2}.subject_grades set internal_score = 3, internal_grade_by_score = 'D'")
    release.rollback(R1, "值班岗", "演练")
    assert write_dashboard(R2).read_bytes() == before
    assert write_dashboard().parent.name == R1
    assert sorted(f.name for f in path.parent.iterdir()) == ["dashboard.html"]
    release.rollback(R2, "值班岗", "演练")


def test_only_releases_that_are_kept_can_be_drawn(pages):
    with pytest.raises(OutputError, match="r20221205_9999 不是可用的发布"):
        write_dashboard("r20221205_9999")
    assert release.retain(keep=1) == [R1]
    refused = CliRunner().invoke(app, ["dashboard", "--release", R1])
    assert refused.exit_code == 1 and f"{R1} 不是可用的发布" in refused.output
    drawn = CliRunner().invoke(app, ["dashboard"])
    assert drawn.exit_code == 0 and drawn.output.strip().endswith(f"{R2}/dashboard.html")
    assert f"上次发布 {R1} 已按保留规则清除，无可比较" in write_dashboard(R2).read_text(encoding="utf-8")
