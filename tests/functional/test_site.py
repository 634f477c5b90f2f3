"""The site as a browser shows it, in light and in dark, wide and narrow: nothing keeps anybody from using it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, running_browser
from conftest import REPOSITORY
from selenium.webdriver import Keys
from selenium.webdriver.support.ui import WebDriverWait


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # As files, since no server is there: a link then names the page and not its folder.
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", "site/mkdocs.yml"]
    command += ["--no-directory-urls", "--site-dir", str(folder)]
    subprocess.run(command, check=True, cwd=REPOSITORY, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


# Together they have every kind of thing that a page has.
PAGES = [
    "index",
    "first_hour",
    "configuration",
    "data_protection",
    "batches",
    "commands",
    "upgrading",
    "reference/macros",
    "reference/settings",
]
# What a browser loads without being asked to, by an address with a host.
_HOST = r"""["']?(?:https?:)?//"""
LOADED_FROM_ELSEWHERE = re.compile(
    rf"<(?:script|img|iframe|source)[^>]* src={_HOST}|<link[^>]* rel=[\"']?(?:stylesheet|preconnect|icon)[^>]* href={_HOST}"
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_error_of_accessibility(site: Path, browser: Browser, page: str):
    for name, dark, width in (("light", False, 1280), ("dark", True, 1280), ("narrow", False, 400)):
        browser.open(site / f"{page}.html", dark, width)
        browser.screenshot(f"site-{Path(page).name}-{name}")
        assert browser.errors() == [], name
        assert not browser.is_wider_than_window(), name


def test_a_reader_s_browser_asks_nobody_but_the_site(site: Path, browser: Browser):
    browser.asked()
    for page in ("index", "first_hour", "architecture", "warehouses"):  # the last three have diagrams
        browser.open(site / f"{page}.html")
        drawn = page == "index" or WebDriverWait(browser.driver, 30).until(
            lambda driver: not driver.find_elements("css selector", "pre.mermaid")
        )
        browser.screenshot(f"site-{page}-drawn")
        assert drawn and browser.asked() == []
    pages = {str(page.relative_to(site)): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert [name for name, page in pages.items() if LOADED_FROM_ELSEWHERE.search(page)] == []


def test_the_site_is_read_with_the_keyboard_in_the_dark_and_on_paper(site: Path, browser: Browser):
    browser.open(site / "configuration.html", dark=True)
    ground, text = browser.brightness()
    assert ground < 0.3 and text > 0.5
    skip = browser.press(Keys.TAB)
    assert skip.text == "Skip to content" and skip.value_of_css_property("opacity") == "1"
    browser.press(Keys.ENTER)
    followed = browser.press(Keys.TAB)
    assert followed.find_elements("xpath", "ancestor::article"), followed.text
    assert browser.press(Keys.ESCAPE, "/").get_attribute("type") == "text"  # the search
    browser.open(site / "configuration.html", dark=True, medium="print")
    browser.screenshot("site-configuration-print")
    ground, text = browser.brightness()
    assert ground > 0.9 and text < 0.4 and browser.errors() == []
    assert browser.shows("article h1") and not browser.shows(".md-header, .md-sidebar, .md-footer__inner")
