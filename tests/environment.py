"""Make the environment .envs/NAME from tests/requirements-NAME.txt: python tests/environment.py NAME

A first line `# python 3.12` asks for that Python, which is looked for on the PATH and among pyenv's.
A line `# no-deps PACKAGE` installs that package last, without what it requires.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(name: str) -> None:
    requirements = ROOT / f"tests/requirements-{name}.txt"
    asked = re.match(r"# python (3\.\d+)", requirements.read_text())
    python = find_python(asked[1]) if asked else sys.executable
    if python is None:
        raise SystemExit(f"{requirements.name} needs Python {asked and asked[1]}, which is not on this machine")
    folder = ROOT / ".envs" / name
    make_venv(python, folder)
    subprocess.run([*pip(folder), "--requirement", requirements], check=True, cwd=ROOT)
    if alone := re.findall(r"^# no-deps (\S+)$", requirements.read_text(), re.MULTILINE):
        subprocess.run([*pip(folder), "--no-deps", *alone], check=True)


def make_venv(python: str, folder: Path) -> None:
    subprocess.run([python, "-m", "venv", "--clear", "--without-pip", folder], check=True)


def pip(folder: Path, command: str = "install") -> list[str | Path]:
    """The newest pip, which all environments share: to install it in each took longer than many of them.

    Nothing is compiled before it is imported: a tenth of what is installed ever is.
    """
    shared = ROOT / ".envs/pip"
    if not shared.is_dir():
        shared.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=shared.parent) as made:
            alone = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action", "ignore"]
            subprocess.run([*alone, "--upgrade", "--target", f"{made}/pip", "pip"], check=True)
            # Another environment, which is made at the same time, may have been earlier.
            with contextlib.suppress(OSError):
                os.rename(f"{made}/pip", shared)
    options = ["--no-compile"] if command == "install" else ["--yes"]
    return [python_in(folder), shared / "pip", command, "--quiet", "--disable-pip-version-check", *options]


def python_in(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def find_python(version: str) -> str | None:
    """The command of this Python, if one really runs: a pyenv shim may be on the PATH for a version that is not chosen."""
    candidates = [f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for candidate in candidates:
        try:
            subprocess.run([candidate, "-c", ""], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    return None


if __name__ == "__main__":
    main(sys.argv[1])
