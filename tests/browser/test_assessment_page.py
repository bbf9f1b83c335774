"""The page of the assessment in a real browser: every region can be reached and unfolded down to its records.

Without Chromium these tests are skipped, unless IPCREDIT_REQUIRE_BROWSER=1.
"""

import base64
import re
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_dashboard import FLAGS, chromium, table  # noqa: F401 - the fixture
from test_scorecards import HOSTILE_MARKUP, R0, R1, R2, REGIONS, judged, prepare, rules

from ipcredit import database
from ipcredit.outputs import OutputError
from ipcredit.outputs.assessment_page import NAMED_RECORDS, write_assessment_page
from ipcredit.outputs.pages import SITE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(chromium, warehouse) -> dict[str, str]:  # noqa: F811 - the fixture
    """URLs of the pages of R1, with an assessment, and R2, without any."""
    with pytest.raises(OutputError, match="还没有任何发布"):
        write_assessment_page()
    with database.connect() as connection:
        prepare(connection)
    first = write_assessment_page()
    before = first.read_bytes()
    assert write_assessment_page(R1).read_bytes() == before, "the same release gives the same bytes"
    return {R1: first.as_uri(), R2: write_assessment_page(R2).as_uri()}


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
def page(browser, pages) -> webdriver.Chrome:
    browser.get("about:blank")
    browser.get(pages[R1])
    return browser


def open_by_keyboard(page: webdriver.Chrome, selector: str) -> None:
    """Move the focus by Tab until it is on the summary of this detail, then press Enter."""
    for _ in range(400):
        ActionChains(page).send_keys(Keys.TAB).perform()
        if page.execute_script(
            "return document.activeElement === document.querySelector(arguments[0] + ' > summary')", selector
        ):
            ActionChains(page).send_keys(Keys.ENTER).perform()
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_every_region_has_its_anchor_and_is_ranked(page):
    ranking = table(page, "#ranking-2022 tr.card")
    assert [row[:2] for row in ranking] == [
        ["1", "沈阳市"], ["2", "大连市"], ["3", "丹东市"], ["4", "营口市"], ["不参加排名", "沈抚示范区"],
        ["不参加排名", "西市区（营口市）"],
    ]  # fmt: skip
    links = [link.get_attribute("href").split("#")[1] for link in page.find_elements(By.CSS_SELECTOR, "tr.card a")]
    assert sorted(links) == sorted(f"y2022-{region}" for region in REGIONS)
    for anchor in links:
        detail = page.find_element(By.ID, anchor)
        assert detail.tag_name == "details" and not detail.get_attribute("open")
    assert ranking[1][4] == "-2" and ranking[1][8] == "签核后有变动"


def test_a_detail_opened_by_keyboard_shows_the_records(page):
    region, section = "#y2022-210800", "#y2022-210800 > details.part:nth-of-type(3)"
    rule = f'{section} details.rule[data-rule="14(2)"]'
    records = page.find_elements(By.CSS_SELECTOR, f"{rule} tr.record")
    assert len(records) == NAMED_RECORDS == 20
    assert not records[0].is_displayed()
    for selector in (region, section, rule):
        open_by_keyboard(page, selector)
    assert records[0].is_displayed()
    cells = table(page, f"{rule} tr.record")[0]
    assert cells == ["营知裁字〔2022〕1号", "专利侵权纠纷行政裁决", "2022-03-01", "1", "有", "第 7 件 #2"]
    assert "还有 3 条" in page.find_element(By.CSS_SELECTOR, rule).text


@pytest.mark.parametrize("region", list(REGIONS))
def test_every_rule_says_its_state_and_only_scores_have_points(page, region):
    shown = page.execute_script(
        """return Array.from(document.querySelectorAll(arguments[0]), d => [
               d.dataset.rule, d.querySelector('.score').textContent, d.querySelector('.state').className.split(' ')[1],
           ])""",
        f"#y2022-{region} details.rule",
    )
    assert [rule_id for rule_id, *_ in shown] == [rule["rule_id"] for rule in rules()]
    for rule, (_, score, state) in zip(rules(), shown, strict=True):
        expected = judged(rule, region)
        assert state == expected["state"]
        assert score.startswith("—") == (expected["state"] != "scored")


def test_the_heat_grid_prints_its_numbers(page):
    rows = {row[0]: [" ".join(cell.split()) for cell in row[1:]] for row in table(page, "#heat-2022 tr.heat-row")}
    assert set(rows) == {name for name, _ in REGIONS.values()} - {"西市区"} | {"西市区（营口市）"}
    assert rows["营口市"][0] == "90% 9/10，待 1"
    assert rows["大连市"][4] == "-2"
    assert "/80" in rows["营口市"][2], "of what can be had, not of what was declared"


def test_what_is_missing_is_said_and_what_has_moved(page):
    refused = page.find_element(By.ID, "y2022-210100").get_attribute("textContent")
    assert "辽宁省知识产权局 的签核无效" in refused
    text = page.find_element(By.ID, "ranking-2022").text
    assert "基础分可得 99 分（公布的满分 100 分，21(2) 在公布文本中缺失）" in text
    assert "名次暂定：2 个参加排名的市数据未齐" in text
    assert table(page, "#y2022-210800 tr.move") == [["1", "待评定（未报送）", "—", "已评分", "2", "2"]]
    assert table(page, "#y2022-210800 tr.gap")[0][:4] == ["3（牵头）", "待评定（尚未评分）", "1", "2022-12-31"]
    assert f"上次发布 {R0} 没有这份成绩" in page.find_element(By.ID, "y2022-210803").get_attribute("textContent")


def test_the_page_is_accessible(page):
    found = page.execute_script(
        """const all = (selector) => Array.from(document.querySelectorAll(selector));
           return {
               lang: document.documentElement.lang,
               h1: all('h1').length,
               sections_without_heading: all('section').filter(s => !s.querySelector('h2')).length,
               tables_without_caption: all('table').filter(t => !t.caption || !t.caption.textContent.trim()).length,
               headers_without_scope: all('th').filter(t => !t.scope).length,
               details_without_summary: all('details').filter(
                   d => d.firstElementChild.tagName !== 'SUMMARY' || !d.firstElementChild.textContent.trim()
               ).length,
               broken_links: all('a[href^="#"]').filter(a => !document.querySelector(a.getAttribute('href'))).length,
               double_ids: all('[id]').length - new Set(all('[id]').map(e => e.id)).size,
           }"""
    )
    assert found == {
        "lang": "zh-CN", "h1": 1, "sections_without_heading": 0, "tables_without_caption": 0,
        "headers_without_scope": 0, "details_without_summary": 0, "broken_links": 0, "double_ids": 0,
    }  # fmt: skip


def test_it_needs_nothing_else_and_runs_nothing(page):
    assert page.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    source = page.page_source
    links = {link for link in re.findall(r'(?:src|href)="([^"#]*)"', source) if link}
    assert links == {"data:,"} | {found.file for found in SITE}
    assert re.search(r"https?:|@import|url\(", source) is None
    assert page.find_elements(By.TAG_NAME, "script") == []
    assert page.get_log("browser") == []
    assert "taken over" not in page.title
    names = page.execute_script("return Array.from(document.querySelectorAll('tr.record th'), e => e.textContent)")
    assert HOSTILE_MARKUP in names


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_the_page_is_not_wider_than_the_window(page, width):
    page.execute_script("document.querySelectorAll('#y2022-210800, #y2022-210800 details').forEach(d => d.open = true)")
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
    assert 1 <= len(re.findall(rb"/Type /Page\b", printed)) <= 6


def test_a_release_without_assessment_says_so(browser, pages):
    browser.get(pages[R2])
    assert "没有任何年度的考核" in browser.find_element(By.ID, "none").text
    assert browser.find_elements(By.CSS_SELECTOR, "table, details") == []
