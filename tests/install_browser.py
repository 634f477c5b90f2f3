"""What the tests that look at pages need: Chromium with its driver, and axe-core: python tests/install_browser.py

Chromium is installed on Debian, by root. Elsewhere, or where that cannot be reached, install Chromium or Chrome, and ChromeDriver,
yourself: these tests are skipped without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "site"))
from npm_file import AXE, Missing

APT = ["apt-get", "--quiet", "--quiet", "--option", "Acquire::http::Timeout=20", "--option", "Acquire::Retries=2"]


def main() -> None:
    if not shutil.which("chromedriver") and shutil.which("apt-get") and os.geteuid() == 0:
        packages = ["chromium", "chromium-driver", "fonts-dejavu-core"]
        try:
            subprocess.run([*APT, "update"], check=True)
            subprocess.run([*APT, "install", "--yes", "--no-install-recommends", *packages], check=True, stdout=subprocess.DEVNULL)
        except subprocess.CalledProcessError as error:
            print(f"Chromium cannot be installed ({error}); pages are not looked at in a browser")
    try:
        AXE.fetched()
    except Missing as reason:
        print(f"{reason}; pages are not checked for accessibility")


if __name__ == "__main__":
    main()
