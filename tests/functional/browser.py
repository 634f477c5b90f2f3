"""A headless browser, and what axe-core finds in the page that it shows."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".envs/npm/axe.min.js"
SCREENSHOTS = ROOT / "target/screenshots"
# Nothing that the browser does for itself: tests need no network.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
WIDTH, HEIGHT = 1280, 900


class Browser:
    """One window. `driver` is Selenium's."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._axe = AXE.read_text(encoding="utf-8")

    def open(self, page: Path, dark: bool = False, width: int = WIDTH, medium: str = "screen") -> None:
        """Show a file, as a reader who prefers light or dark sees it in a window of this width, or on paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        # Whoever wants no movement gets none: contrast is judged when colours stand still.
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": [scheme, still]})
        size = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        if self.driver.current_url.startswith("file:"):
            self.driver.execute_script("localStorage.clear()")  # where a page keeps the scheme that it has shown first
        self.driver.get(page.as_uri())

    def asked(self) -> list[str]:
        """The addresses on a network that pages have asked for since this was last called."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if url.startswith(("http", "ws"))]

    def press(self, *keys: str) -> Any:
        """Press keys one after the other, wherever the focus is. Returns the element that has it then."""
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        return self.driver.switch_to.active_element

    def shows(self, selector: str) -> bool:
        """Whether something that this finds takes any room."""
        return any(element.is_displayed() for element in self.driver.find_elements("css selector", selector))

    def brightness(self) -> tuple[float, float]:
        """Of the page's ground and of its text, from 0, black, to 1."""
        colours = self.driver.execute_script("const style = getComputedStyle(document.body); return [style.backgroundColor, style.color]")
        red_green_blue = [[int(part) for part in re.findall(r"\d+", colour)[:3]] for colour in colours]
        ground, text = (sum(parts) / 3 / 255 for parts in red_green_blue)
        return ground, text

    def seconds_to_open(self, page: Path) -> float:
        """Of the processor, for all that the page does until it is loaded: whatever else keeps the machine busy takes none of them."""
        self.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        self.open(page)
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        self.driver.execute_cdp_cmd("Performance.disable", {})
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    def errors(self) -> list[str]:
        """What axe-core finds wrong: the rule, how to mend it, and where, at most three places each."""
        self.driver.execute_script(self._axe)
        found = self.driver.execute_async_script("const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(done)")
        return [
            f"{rule['id']}: {rule['help']}: " + " ".join(node["html"][:120] for node in rule["nodes"][:3]) for rule in found["violations"]
        ]

    def screenshot(self, name: str) -> None:
        """Keep the page as target/screenshots/NAME.png, to be looked at: its whole width, and its beginning if it is long."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4 * HEIGHT), "scale": 1}
        taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))

    def is_wider_than_window(self) -> bool:
        """Whether one has to scroll sideways."""
        return bool(self.driver.execute_script("return document.documentElement.scrollWidth > window.innerWidth"))


@contextmanager
def running_browser(profile: Path) -> Iterator[Browser]:
    """A browser with a new profile. Skips the test where `python tests/install_browser.py` could not install one."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None or not AXE.is_file():
        pytest.skip("no Chromium, ChromeDriver or axe-core: python tests/install_browser.py")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-gpu", "--allow-file-access-from-files", f"--user-data-dir={profile}", *QUIET):
        options.add_argument(argument)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox does not start as root
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        started.set_script_timeout(120)
        yield Browser(started)
    finally:
        started.quit()
