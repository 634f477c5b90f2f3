"""Make the environment .envs/NAME from tests/requirements-NAME.txt: python tests/environment.py NAME

A first line `# python 3.12` asks for that Python, which is looked for on the PATH and among pyenv's.
A line `# no-deps PACKAGE` installs that package last, without what it requires.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(name: str) -> None:
    requirements = ROOT / f"tests/requirements-{name}.txt"
    asked = re.match(r"# python (3\.\d+)", requirements.read_text())
    python = find_python(asked[1]) if asked else sys.executable
    if python is None:
        raise SystemExit(f"{requirements.name} needs Python {asked and asked[1]}, which is not on this machine")
    folder = ROOT / ".envs" / name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [python_in(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip"], check=True)
    subprocess.run([*pip, "--requirement", requirements], check=True, cwd=ROOT)
    if alone := re.findall(r"^# no-deps (\S+)$", requirements.read_text(), re.MULTILINE):
        subprocess.run([*pip, "--no-deps", *alone], check=True)


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
