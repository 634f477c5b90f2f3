"""The site as a browser shows it, in light and in dark, wide and narrow: nothing keeps anybody from using it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, running_browser
from conftest import REPOSITORY


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


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_error_of_accessibility(site: Path, browser: Browser, page: str):
    for name, dark, width in (("light", False, 1280), ("dark", True, 1280), ("narrow", False, 400)):
        browser.open(site / f"{page}.html", dark, width)
        browser.screenshot(f"site-{Path(page).name}-{name}")
        assert browser.errors() == [], name
        assert not browser.is_wider_than_window(), name
