"""ai_join of two relations of 10,000 rows with a model that is always right: requests, and the share of the true pairs that is found.

    python benchmarks/join.py                         # 10,000 × 10,000, 10,000 true pairs, one request for each candidate
    python benchmarks/join.py --k 5 --pairs-per-request 5

A row of the left is a company's name and town, one of the right the same with letters lost and swapped, words moved and a legal form added,
as a customer list has them. Vectors are counts of groups of three letters, which stand for an embedder. The endpoint knows the pairs, and
counts every request.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from answering import answering_server
from conftest import Project

DIMENSIONS = 256
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"
FORMS = ["Ltd", "Inc.", "GmbH", "S.A.", "Holding", "Group", "& Sons", "International"]
JOINED = """{{{{ config(materialized='ai_table') }}}}
select l, r, ai_similarity
from {{{{ dbt_ai.ai_join('lefts', 'rights', 'name', 'name', 'Both texts name one company.', ref('llm'), ref('embedder'), ['l'], ['r'],
                         k={k}, pairs_per_request={pairs}) }}}} as pairs"""


class Endpoint:
    """Answers from what it knows: left text -> its right text."""

    def __init__(self, partners: Mapping[str, str]) -> None:
        self._partners = partners
        self.requests = 0

    def respond(self, path: str, _: Any, asked: dict[str, Any]) -> tuple[int, str, bytes]:
        if path.endswith("embeddings"):
            answer: dict[str, Any] = {"data": [{"index": number, "embedding": _vector(text)} for number, text in enumerate(asked["input"])]}
        else:
            self.requests += 1
            content = asked["messages"][-1]["content"]
            first, *others = re.split(r"\s*Second text(?: \d+)?: ", content.removeprefix("First text: "))
            right = [number for number, other in enumerate(others, 1) if self._partners.get(first) == other]
            said = right if re.search(r"Second text \d+: ", content) else bool(right)
            answer = {"choices": [{"message": {"content": json.dumps({"answer": said})}, "finish_reason": "stop"}]}
        return 200, "application/json", json.dumps({**answer, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rows", 10_000), ("k", 3), ("pairs-per-request", 1)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    given = arguments.parse_args()
    lefts, rights = _companies(given.rows)
    gold = Endpoint(dict(zip(lefts, rights, strict=True)))
    with tempfile.TemporaryDirectory() as folder, answering_server(gold.respond) as url:
        project = Project(Path(folder))
        project.set_up()
        project.write(
            {
                "models/embedder.sql": _model(url + "/v1/embeddings", "EMBEDDINGS", {"dimensions": DIMENSIONS}),
                "models/llm.sql": _model(url + "/v1/chat/completions", "CHAT", {}),
                "models/joined.sql": JOINED.format(k=given.k, pairs=given.pairs_per_request),
            }
        )
        with duckdb.connect(str(project.database)) as database:
            for table, key, names in (("lefts", "l", lefts), ("rights", "r", rights)):
                rows = pa.table({key: list(range(given.rows)), "name": names})
                database.register("rows", rows)
                database.execute(f"create table {table} as from rows order by hash(name)")
        began = time.perf_counter()
        project.dbt("run", check=True)
        seconds = time.perf_counter() - began
        [(found, right)] = project.query("select count(*), count(*) filter (l = r) from joined")
    print(
        f"{given.rows:,} × {given.rows:,}: {gold.requests:,} requests, {gold.requests / (3 * given.rows):.2f} of 2 × true pairs + rows;"
        f" recall {right / given.rows:.4f}, precision {right / max(found, 1):.4f}; {seconds:.0f} s"
    )


def _model(location: str, model_type: str, parameters: dict[str, int]) -> str:
    return f"""{{{{ dbt_ai.create_external_model(location='{location}', api_format='OpenAI', model_type='{model_type}', model='gold',
        parameters={parameters}) }}}}"""


def _companies(count: int) -> tuple[list[str], list[str]]:
    chosen = random.Random(0)
    lefts: dict[str, None] = {}
    while len(lefts) < count:
        lefts[f"{_word(chosen, 3).capitalize()} {_word(chosen, 2).capitalize()} {_word(chosen, 2).capitalize()}"] = None
    return list(lefts), [f"{_misspelt(chosen, name)} {chosen.choice(FORMS)}" for name in lefts]


def _word(chosen: random.Random, syllables: int) -> str:
    return "".join(chosen.choice(CONSONANTS) + chosen.choice(VOWELS) for _ in range(syllables))


def _misspelt(chosen: random.Random, name: str) -> str:
    words = name.split()
    if chosen.random() < 0.3:
        chosen.shuffle(words)
    text = " ".join(words)
    for _ in range(chosen.randrange(4)):
        at = chosen.randrange(len(text) - 1)
        text = text[:at] + text[at + 1 :] if chosen.random() < 0.5 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def _vector(text: str) -> list[float]:
    vector = [0.0] * DIMENSIONS
    padded = f" {text.lower()} "
    for start in range(len(padded) - 2):
        vector[zlib.crc32(padded[start : start + 3].encode()) % DIMENSIONS] += 1
    return vector


if __name__ == "__main__":
    main()
