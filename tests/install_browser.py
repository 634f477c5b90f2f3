"""What the tests that look at pages need: Chromium with its driver, and axe-core in .envs/axe: python tests/install_browser.py

Chromium is installed on Debian, by root. Elsewhere install Chromium or Chrome, and ChromeDriver, yourself: these tests are skipped without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

AXE = Path(__file__).parents[1] / ".envs" / "axe"
AXE_VERSION = "4.14.1"
APT = ["apt-get", "--quiet", "--quiet"]


def main() -> None:
    if not shutil.which("chromedriver") and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run([*APT, "update"], check=True)
        packages = ["chromium", "chromium-driver", "fonts-dejavu-core"]
        subprocess.run([*APT, "install", "--yes", "--no-install-recommends", *packages], check=True, stdout=subprocess.DEVNULL)
    AXE.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on this machine: pages are not checked for accessibility")
        return
    packed = subprocess.run([npm, "pack", "--silent", f"axe-core@{AXE_VERSION}"], cwd=AXE, check=True, capture_output=True, text=True)
    with tarfile.open(AXE / packed.stdout.strip()) as archive, (AXE / "axe.min.js").open("wb") as file:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        shutil.copyfileobj(script, file)


if __name__ == "__main__":
    main()
