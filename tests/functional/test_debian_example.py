"""examples/debian, as its page runs it, on a small package index."""

import gzip
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY

INDEX = """Package: ktouch
Version: 4
Description: touch typing tutor
Description-md5: 0123

Package: fail2ban
Description: ban hosts that cause multiple authentication errors

Package: stellarium
Description: real-time photo-realistic sky generator

Package: ocrmypdf
Source: ocrmypdf (14.0)
Description-en: add an OCR text layer to PDF files
 A scanned page becomes searchable.
 .
 It is lossless.

Package: libfoo1
Source: foo (1.2)
Description: library for reading and writing archives of foo

Package: foo-reader
Description: library for writing and reading foo archives

""" + "".join(
    f"Package: filler{number}\nDescription: {word} for a program\n\n" for number, word in enumerate(["fonts", "icons", "sounds", "maps"])
)


def test_the_example_searches_and_finds_duplicates_and_the_command_of_its_page_asks_something_else(tmp_path: Path):
    example = tmp_path / "debian"
    leftovers = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb", "*.parquet")
    shutil.copytree(REPOSITORY / "examples/debian", example, ignore=leftovers)
    (example / "packages.yml").write_text(f"packages: [{{local: '{REPOSITORY}'}}]")
    (tmp_path / "Packages.gz").write_bytes(gzip.compress(INDEX.encode()))
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    run = subprocess.run(
        [sys.executable, example / "demo.py", tmp_path / "Packages.gz"], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "== 10 packages ==" in run.stdout
    # The first row below the head of each table.
    nearest = dict(re.findall(r"^([a-z -]+):\n\|.*\n\| -.*\n(\|.*)\n", run.stdout, re.MULTILINE))
    assert "ktouch" in nearest["learn to touch-type"]
    assert "fail2ban" in nearest["stop strangers from guessing passwords over the network"]
    assert "ocrmypdf" in nearest["turn a scanned page into text"]
    assert "2 packages in 1 clusters" in run.stdout and "foo-reader" in run.stdout
    command = re.search(r"^dbt show .*?\n```", (REPOSITORY / "docs/debian.md").read_text(), re.MULTILINE | re.DOTALL)
    assert command
    asked = shlex.split(command[0].removesuffix("```"))
    shown = subprocess.run(asked, cwd=example, env=environment, capture_output=True, text=True, check=False)
    assert "package" in shown.stdout and "description" in shown.stdout and shown.returncode == 0, shown.stdout
