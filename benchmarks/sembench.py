"""The ten movie queries of SemBench (VLDB 2026, https://github.com/SemBench/SemBench) as dbt models.

python benchmarks/sembench.py FOLDER [--answers gold|smollm2] [--together] [--reviews N]

FOLDER has Reviews.csv and Movies.csv of the scenario; they are Kaggle's data and not part of this project. Each query is an ai_table that
asks for itself what it needs; what another has asked is found in the store. gold: an endpoint that answers from the labels, so that what is
lost is lost by our SQL. smollm2: llama.cpp's server with SmolLM2-135M-Instruct on one thread. together: the sentiment and the score of a
review in one request. reviews: the first so many only.

Prints for each query its requests, tokens, seconds and quality against the labels, and the totals of a first and a second run.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
from sentiment import REPOSITORY, served_smollm2

ANT_MAN = "id = 'ant_man_and_the_wasp_quantumania'"
SENTIMENT = "{'POSITIVE': 'the reviewer likes the movie', 'NEGATIVE': 'the reviewer does not like it'}"
# A review that a small model has no answer to counts as one without a label.
APART = {
    "label": f"({{{{ dbt_ai.ai_classify(ref('llm'), 'reviewText', {SENTIMENT}, probabilities=true, fail_on_error=false) }}}}).response",
    "score": "({{ dbt_ai.ai_score(ref('llm'), 'reviewText', 'how much the reviewer likes the movie', fail_on_error=false) }}).response",
}
DECIDED = f"""({{{{ dbt_ai.ai_decide(ref('llm'), 'reviewText', {{
    'sentiment': {{'type': 'choice', 'choices': {SENTIMENT}}},
    'liking': {{'type': 'score', 'instructions': 'how much the reviewer likes the movie', 'levels': ['1', '2', '3', '4', '5']}}}},
    fail_on_error=false) }}}}).response"""
TOGETHER = {
    "label": f"(select struct_pack(label := d.sentiment.choice, confidence := d.sentiment.confidence) from (select {DECIDED} as d))",
    "score": f"({DECIDED}.liking.score + 1)",
}
# Reviews stand twice in the data, so that a row has a number of its own.
LABELLED = "labelled as (select review, reviewId, {label} as answer from reviews where {movie})"
PAIRS = """with {labelled} select one.review as one, other.review as other
    from labelled as one join labelled as other on one.reviewId <> other.reviewId and one.answer.label {compared} other.answer.label"""
QUERIES = {
    "q1": "with {any} select review from labelled where answer.label = 'POSITIVE' order by answer.confidence desc, review limit 5",
    "q2": "with {taken} select review from labelled where answer.label = 'POSITIVE' order by answer.confidence desc, review limit 5",
    "q3": "with {taken} select count(*) as found from labelled where answer.label = 'POSITIVE'",
    "q4": "with {taken} select avg((answer.label = 'POSITIVE')::int) as found from labelled",
    "q5": "{same} order by all limit 10",
    "q6": "{opposite} order by all limit 10",
    "q7": "{opposite}",
    "q8": "with {taken} select answer.label as label, count(*) as found from labelled group by all",
    "q9": "select review, {score} as score from reviews where " + ANT_MAN,
    "q10": "select id, avg(score) as score from (select id, {score} as score from reviews) group by all",
}
DUCKDB = "{type: duckdb, path: sembench.duckdb, threads: 1, plugins: [{module: dbt_ai}]}"
MODEL = "{{{{ dbt_ai.create_external_model(location='{}', api_format='{}', model_type='{}', model='m') }}}}"
# Of every query one number, from the tables of the queries, `reviews` and `movies`.
NUMBER = "try_cast(regexp_extract(originalScore, '[0-9.]+') as double)"
GOLD = f"(select review, reviewId, scoreSentiment as label, {NUMBER} as number, id from reviews)"
RIGHT = f"select count(*) / {{asked}} from {{query}} join {GOLD} using (review) where label = 'POSITIVE'{{movie}}"
PAIRED = f"""select count(*) / {{asked}} from {{query}} join {GOLD} as a on a.review = one join {GOLD} as b on b.review = other
    where a.label {{compared}} b.label"""
SPEARMAN = """select corr(a, b) from (select rank() over (order by score) + (count(*) over (partition by score) - 1) / 2 as a,
    rank() over (order by gold) + (count(*) over (partition by gold) - 1) / 2 as b from ({rows}))"""
TAKEN_GOLD = "from reviews where id = 'taken_3'"
MEASURES = {
    "q1": ("right", RIGHT.format(asked=5, query="q1", movie="")),
    "q2": ("right", RIGHT.format(asked=5, query="q2", movie=" and id = 'taken_3'")),
    "q3": ("relative error", f"select abs(found / (select count(*) filter (scoreSentiment = 'POSITIVE') {TAKEN_GOLD}) - 1) from q3"),
    "q4": ("relative error", f"select abs(found / (select avg((scoreSentiment = 'POSITIVE')::int) {TAKEN_GOLD}) - 1) from q4"),
    "q5": ("right", PAIRED.format(asked=10, query="q5", compared="=")),
    "q6": ("right", PAIRED.format(asked=10, query="q6", compared="<>")),
    "q7": (
        "F1",
        f"""with gold as (select a.review as one, b.review as other from {GOLD} as a join {GOLD} as b
            on a.label <> b.label and a.reviewId <> b.reviewId
            where a.{ANT_MAN} and b.{ANT_MAN})
        select 2 * count(*) / ((select count(*) from gold) + (select count(*) from q7)) from q7 semi join gold using (one, other)""",
    ),
    "q8": (
        "relative error",
        f"""select avg(abs(coalesce(found, 0) / gold - 1)) from q8
            right join (select scoreSentiment as label, count(*) as gold {TAKEN_GOLD} group by all) using (label)""",
    ),
    "q9": ("Spearman", SPEARMAN.format(rows=f"select score, number as gold from q9 join {GOLD} using (review) where number is not null")),
    "q10": (
        "Spearman",
        SPEARMAN.format(rows="select score, audienceScore as gold from q10 join movies using (id) where audienceScore is not null"),
    ),
}
PUBLISHED = """Published for the ten queries with gemini-2.5-flash: BigQuery 401 s, 14.2 M tokens, $5.47; LOTUS 1,544 s, 17.2 M, $5.94;
Palimpzest 1,400 s, 25.6 M, $8.23; ThalamusDB (8 queries) 647 s, 0.38 M, $0.165. Q7 F1 .695, .202, .679, .571; Q9 .776, .748, .780;
Q10 .438, .404, .420."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--answers", choices=("gold", "smollm2"), default="gold")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--reviews", type=int)
    asked = parser.parse_args()
    with (asked.folder / "Reviews.csv").open(encoding="utf-8") as file:
        reviews = list(csv.DictReader(file))[: asked.reviews]
    serving = gold_endpoint(reviews) if asked.answers == "gold" else served_smollm2()
    with serving as url, tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.folder, url, TOGETHER if asked.together else APART, len(reviews))
    print(PUBLISHED)


@contextmanager
def gold_endpoint(reviews: list[dict[str, str]]) -> Iterator[str]:
    """A System One endpoint that answers from the labels."""
    labels = {review["reviewText"]: review["scoreSentiment"] for review in reviews}
    numbers = {review["reviewText"]: found.group() for review in reviews if (found := re.search(r"[0-9.]+", review["originalScore"]))}
    most = max(map(float, numbers.values()))

    def answer(question: Mapping[str, Any], text: str) -> dict[str, Any]:
        if question["type"] == "choice":
            return {"probabilities": {name: 0.98 if name == labels[text] else 0.02 for name in question["criteria"]}}
        levels = len(question["criteria"])
        place = float(numbers.get(text, 0)) / most * (levels - 1)
        return {"probabilities": {str(level): max(0.0, 1 - abs(level - place)) for level in range(levels)}}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answers = {name: answer(question, asked["state"]) for name, question in asked["questions"].items()}
            body = json.dumps(
                {"model": "gold", "answers": answers, "usage": {"input_tokens": len(asked["state"]) // 4, "output_tokens": 0}}
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments: object) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = 512  # with Python's five, connections are refused on a busy machine, and their requests sent again

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/systemone"
    finally:
        server.shutdown()


def measure(folder: Path, data: Path, url: str, calls: Mapping[str, str], reviews: int) -> None:
    api_format, model_type = ("System One", "DECISIONS") if url.endswith("systemone") else ("OpenAI", "CHAT")
    parts = {
        "any": LABELLED.format(label=calls["label"], movie="true"),
        "taken": LABELLED.format(label=calls["label"], movie="id = 'taken_3'"),
        "score": calls["score"],
    }
    of_ant_man = LABELLED.format(label=calls["label"], movie=ANT_MAN)
    parts["same"], parts["opposite"] = (PAIRS.format(labelled=of_ant_man, compared=compared) for compared in ("=", "<>"))
    source = f"from read_csv('{data}/Reviews.csv', header=true, all_varchar=true) limit {reviews}"
    files = {
        "dbt_project.yml": "name: sembench\nversion: '1.0'\nprofile: sembench\nmodels: {+materialized: ai_table}\n",
        "profiles.yml": f"sembench: {{target: dev, outputs: {{dev: {DUCKDB}}}}}\n",
        "packages.yml": f"packages: [{{local: '{REPOSITORY}'}}]",
        "models/llm.sql": MODEL.format(url, api_format, model_type),
        "models/reviews.sql": "{{ config(materialized='table') }}\nselect row_number() over () as review, * " + source,
        "models/movies.sql": f"{{{{ config(materialized='table') }}}}\nselect * from read_csv('{data}/Movies.csv', header=true)",
        **{f"models/{name}.sql": query(sql, parts) for name, sql in QUERIES.items()},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)
    run(folder, "llm", "reviews", "movies")
    first = [run(folder, name) for name in QUERIES]
    with duckdb.connect(str(folder / "sembench.duckdb"), read_only=True) as connection:
        report(connection, dict(zip(QUERIES, first, strict=True)))
    print("second run")
    seconds = run(folder, *QUERIES)
    with duckdb.connect(str(folder / "sembench.duckdb"), read_only=True) as connection:
        [(requests, found)] = connection.execute(
            "select coalesce(sum(requests), 0)::int, coalesce(sum(from_store), 0)::int from dbt_ai.usage where invocation_id ="
            " (select invocation_id from dbt_ai.usage order by started_at desc limit 1)"
        ).fetchall()
    print(f"all   {requests:9,} requests, {found:,} answers from the store, {seconds:.1f} s")


def query(sql: str, parts: Mapping[str, str]) -> str:
    for name, text in parts.items():
        sql = sql.replace("{" + name + "}", text)
    # Five rows are taken of all reviews, and a count of many: SemBench asks for that.
    allowed = "{{ config(meta={'dbt_ai': {'allow_large_plan': true}}) }}\n"
    return allowed + re.sub(r"\b(from|join) reviews\b", r"\1 {{ ref('reviews') }}", sql)


def run(folder: Path, *names: str) -> float:
    """Build these models; returns their seconds."""
    env = {**os.environ, "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONPATH": str(REPOSITORY)}
    dbt = shutil.which("dbt", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert dbt
    subprocess.run([dbt, "--quiet", "run", "--select", *names], cwd=folder, env=env, check=True)
    return sum(result["execution_time"] for result in json.loads((folder / "target/run_results.json").read_text())["results"])


def report(connection: duckdb.DuckDBPyConnection, seconds: Mapping[str, float]) -> None:
    print("query  requests    tokens  seconds  quality")
    totals = [0, 0, 0.0]
    for name, (measured_as, sql) in MEASURES.items():
        [(requests, tokens)] = connection.execute(
            f"select coalesce(sum(requests), 0)::int, coalesce(sum(input_tokens + output_tokens), 0)::int from dbt_ai.usage"
            f" where node = 'model.sembench.{name}'"
        ).fetchall()
        [(quality,)] = connection.execute(sql).fetchall()
        print(f"{name:5} {requests:9,} {tokens:9,} {seconds[name]:8.1f}  {quality if quality is None else round(quality, 3)} {measured_as}")
        totals = [totals[0] + requests, totals[1] + tokens, totals[2] + seconds[name]]
    print(f"total {totals[0]:9,} {totals[1]:9,} {totals[2]:8.1f}")


if __name__ == "__main__":
    main()
