"""The dictionary opened as a file in a real browser, without a server and without a network."""

import json

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from test_dashboard import FLAGS, chromium  # noqa: F401 - a fixture

from ipcredit.dictionary import write_dictionary
from ipcredit.settings import get_settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):  # noqa: F811 - the fixture
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromium[1]))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPCREDIT_HOME", str(tmp_path_factory.mktemp("home")))
        get_settings.cache_clear()
        return write_dictionary().as_uri()


def rows(browser: webdriver.Chrome, address: str) -> list[list[str]]:
    """Name, type and description of the columns that the page shows of a table."""
    browser.get("about:blank")
    browser.get(address)
    found = WebDriverWait(browser, 30).until(lambda b: b.find_elements(By.CSS_SELECTOR, "tr.column-row"))
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")][:3] for row in found]


def test_a_published_table_and_a_bureaus_sheet_can_be_read(browser, page):
    published = rows(browser, f"{page}#!/model/model.ipcredit.published_subject_grades")
    told = "得分，等于 grade_items 各项之和；不含通用信用风险分类（内部使用），与等级不必相合"
    assert ["score", "numeric(7,2)", told] in published
    assert ["uscc", "uscc"] in [row[:2] for row in rows(browser, f"{page}#!/source/source.ipcredit.raw.honours")]


def test_the_way_in_is_in_chinese(browser, page):
    browser.get(f"{page}#!/overview")
    WebDriverWait(browser, 30).until(lambda b: "publication.<名称>" in b.find_element(By.TAG_NAME, "body").text)


def test_nothing_is_asked_of_the_network(browser, page):
    rows(browser, f"{page}#!/model/model.ipcredit.published_subjects")
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
    assert addresses
    assert [address for address in addresses if address.startswith(("http", "ws", "ftp"))] == []
