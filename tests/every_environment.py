"""Run the tests marked env("NAME") in their environments, two files side by side: python tests/every_environment.py

Each file has a process of its own: an embedded Databend starts once in a process. What a file prints appears when it has ended.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from environment import ROOT, python_in

# Two processes, not more: each starts servers and loads dbt.
SIDE_BY_SIDE = 2
# They begin first: one that begins last runs on alone.
LONGEST = ("test_warehouse_proofs.py", "test_warehouse_trouble.py", "test_databend.py", "test_warehouse.py", "test_spark.py")


def main() -> None:
    files = marked_files()
    failed = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = {pool.submit(run, name, file): f"{file.name} in {name}" for name, file in files}
        for ended in as_completed(runs):
            code, printed = ended.result()
            print(f"\n{runs[ended]}\n{printed}", flush=True)
            failed += [runs[ended]] if code else []
    if failed:
        sys.exit(f"{len(failed)} of {len(files)} failed: {', '.join(failed)}")


def marked_files() -> list[tuple[str, Path]]:
    """The environment and the file, for each env("NAME") that stands in a file and has a requirements file of its name."""
    names = {path.stem.removeprefix("requirements-") for path in (ROOT / "tests").glob("requirements-*.txt")}
    files = sorted((ROOT / "tests" / "functional").rglob("*.py"))
    found = {(name, file) for file in files for name in re.findall(r'env\("([\w.-]+)"\)', file.read_text(encoding="utf-8"))}
    return sorted((pair for pair in found if pair[0] in names), key=lambda pair: (pair[1].name not in LONGEST, *pair))


def run(name: str, file: Path) -> tuple[int, str]:
    """The exit code, and what was printed."""
    command = [python_in(ROOT / ".envs" / name), "-m", "pytest", file]
    # A file, for a test that hangs is ended and may leave a server behind, which would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
        output.seek(0)
        return done.returncode, output.read()


if __name__ == "__main__":
    main()
