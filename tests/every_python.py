"""Run the unit tests with the base requirements only: python tests/every_python.py [VERSION …]

Without a version: on the oldest and the newest Python that we support, but for the one that runs this script. The workflows in .github
run each of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from environment import ROOT, find_python, make_venv, pip, python_in

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")


ENDS = (SUPPORTED[0], SUPPORTED[-1])
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


def main(asked: list[str]) -> None:
    for version in asked or [version for version in ENDS if version != THIS]:
        python = sys.executable if version == THIS else find_python(version)
        if python is not None:
            run_unit_tests(python, version)
        elif asked:
            raise SystemExit(f"Python {version} is not on this machine")


def run_unit_tests(python: str, version: str) -> None:
    print(f"unit tests on Python {version}", flush=True)
    folder = ROOT / ".envs" / f"py{version}"
    if not is_ready(folder):
        install(python, folder)
    subprocess.run([python_in(folder), "-m", "pytest", "tests/unit", "-n", "auto", "--dist", "worksteal"], check=True, cwd=ROOT)


def is_ready(folder: Path) -> bool:
    """Whether it was installed from the requirements as they are now."""
    ready = folder / ".ready"
    return ready.exists() and all(ready.stat().st_mtime > (ROOT / name).stat().st_mtime for name in ("pyproject.toml", "constraints.txt"))


def install(python: str, folder: Path) -> None:
    """The base requirements only: what the unit tests need is what every user has."""
    make_venv(python, folder)
    # The constraint on torch is for the environments that have it; here nothing may ask for it.
    subprocess.run([*pip(folder), "--constraint", "constraints.txt", ".", "--group", "unit"], check=True, cwd=ROOT)
    subprocess.run([*pip(folder, "uninstall"), "dbt-ai-functions"], check=True)
    (folder / ".ready").touch()


if __name__ == "__main__":
    main(sys.argv[1:])
