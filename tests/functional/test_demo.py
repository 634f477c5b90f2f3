"""`make demo`, as a newcomer runs it: a copy of the example, a real local model, a real language model's server.

Of its reviews the first hundred, which show the same: a language model takes minutes to label three hundred on two cores.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY

REVIEWS = 100


def test_the_demo_builds_the_example_and_a_second_time_without_a_request(tmp_path: Path):
    example = tmp_path / "a folder with spaces/reviews"
    leftovers = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb")
    shutil.copytree(REPOSITORY / "examples/reviews", example, ignore=leftovers)
    reviews = example / "seeds/reviews.csv"
    reviews.write_text("".join(reviews.read_text(encoding="utf-8").splitlines(keepends=True)[: 1 + REVIEWS]), encoding="utf-8")
    (example / "packages.yml").write_text(f"packages: [{{local: '{REPOSITORY}'}}]")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(
        [sys.executable, example / "demo.py"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert run.returncode == 0, run.stdout
    assert "\n0 requests, " in run.stdout
    assert "great" in run.stdout.split("Nearest in meaning:")[1]
    agreement = int(run.stdout.split("the same reviews in ")[1].split("%")[0])
    assert agreement >= 70, run.stdout
    # Everything is stored now: building it anew must not even load the framework of the local model.
    again = (
        "import sys; from dbt.cli.main import dbtRunner;"
        "result = dbtRunner().invoke(['build', '--full-refresh', '--profiles-dir', '.']); assert result.success;"
        "assert 'torch' not in sys.modules and 'sentence_transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", again], cwd=example, env=environment, check=True, capture_output=True)
