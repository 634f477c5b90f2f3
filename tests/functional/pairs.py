"""Companies, some of them written twice, and an endpoint that knows which: for ai_dedupe and ai_join."""

from __future__ import annotations

import json
import random
import re
import string
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from answering import answering_server
from models import ai_table

DIMENSIONS = 256


@dataclass
class Gold:
    """An endpoint whose vectors are counts of pairs of letters, and that answers from the numbers in brackets: [7] and [7] are one company.

    pairs: the texts that it was asked to compare, a list for each request. embedded: the texts that it made vectors of.
    """

    url: str = ""
    pairs: list[tuple[str, list[str]]] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.pairs.clear()
        self.embedded.clear()

    def models(self) -> dict[str, str]:
        return {
            "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{self.url}/v1/embeddings', api_format='OpenAI',
                model_type='EMBEDDINGS', model='e', parameters={{'dimensions': {DIMENSIONS}}}) }}}}""",
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{self.url}/v1/chat/completions', api_format='OpenAI',
                model_type='CHAT', model='c') }}}}""",
        }

    def respond(self, path: str, _: Any, asked: dict[str, Any]) -> tuple[int, str, bytes]:
        answer = self._vectors(asked["input"]) if path.endswith("embeddings") else self._decided(asked["messages"][-1]["content"])
        return 200, "application/json", json.dumps({**answer, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode()

    def _vectors(self, texts: list[str]) -> dict[str, Any]:
        self.embedded += texts
        return {"data": [{"index": number, "embedding": _vector(text)} for number, text in enumerate(texts)]}

    def _decided(self, content: str) -> dict[str, Any]:
        first, *others = re.split(r"\s*Second text(?: \d+)?: ", content.removeprefix("First text: "))
        self.pairs.append((first, others))
        same = [number for number, other in enumerate(others, 1) if _company(other) == _company(first)]
        answer = json.dumps({"answer": same if re.search(r"Second text \d", content) else bool(same)})
        return {"choices": [{"message": {"content": answer}, "finish_reason": "stop"}]}


@contextmanager
def gold_endpoint() -> Iterator[Gold]:
    gold = Gold()
    with answering_server(gold.respond) as gold.url:
        yield gold


def companies(count: int = 60, twice: int = 25) -> list[tuple[int, str | None]]:
    """Keys and names. The last `twice` of them are the first ones with a letter left out."""
    chosen = random.Random(3)
    names = ["".join(chosen.choices(string.ascii_lowercase, k=14)).capitalize() + f" [{number}]" for number in range(count)]
    again = [name[:at] + name[at + 1 :] for name in names[:twice] for at in [chosen.randrange(1, 8)]]
    return list(enumerate([*names, *again], 1))


def values(rows: list[tuple[int, str | None]]) -> str:
    listed = ", ".join(f"({key}, {_literal(text)})" for key, text in rows)
    return f"select * from (values {listed}) as t(id, name)"


def deduped(arguments: str = "") -> str:
    return ai_table(
        f"select id, ai_cluster from {{{{ dbt_ai.ai_dedupe(ref('companies'), 'id', 'name', ref('embedder'){arguments}) }}}} as deduped"
    )


def joined(arguments: str = "", right: str = "ref('suppliers')") -> str:
    return ai_table(
        f"""select id, supplier_id from {{{{ dbt_ai.ai_join(ref('companies'), {right}, 'name', 'supplier', 'Both texts name one company.',
            ref('llm'), ref('embedder'), ['id'], ['supplier_id']{arguments}) }}}} as pairs"""
    )


# What is found by the macro of clusters in a chain of 5,000 texts in any order, a hundred texts that are all the same, and 5,000 pairs.
CLUSTERED = """with recursive one_way as (
  select row_number() over (order by {random}) as place, i as node from {numbers} as numbers
), edges as (
  select one.node as dbt_ai_node, other.node as dbt_ai_other from one_way as one join one_way as other on other.place = one.place + 1
  union all
  select 10000 + one.i, 10000 + other.i from {numbers} as one join {numbers} as other on one.i < other.i and other.i <= 100
  union all
  select 20000 + i, 30000 + i from {numbers} as numbers
), dbt_ai_edges as (
  select dbt_ai_node, dbt_ai_other from edges union all select dbt_ai_other, dbt_ai_node from edges
), {{{{ dbt_ai._clusters() }}}}
select dbt_ai_node, dbt_ai_cluster, (select count(*) from dbt_ai_parents) as looked_at from dbt_ai_clusters"""
CLUSTERS = [(1, 5000), (10001, 100), *((20000 + pair, 2) for pair in range(1, 5001))]
FOUND_CLUSTERS = "select dbt_ai_cluster, count(*) from {} group by 1 order by 1"


SUPPLIERS = "select id + 1000 as supplier_id, name || ' Ltd' as supplier from {{ ref('companies') }} where id <= 60 and id % 2 = 0"


ASKING = ", model=ref('llm'), same_within=0.08, ask_within=1, k=5, min_similarity=-1"


def comparing(gold: Gold, rows: list[tuple[int, str | None]]) -> dict[str, str]:
    """A project that finds the companies among these rows that stand there twice, and those that are suppliers."""
    return {
        **gold.models(),
        "models/companies.sql": values(rows),
        "models/suppliers.sql": SUPPLIERS,
        "models/alone.sql": deduped(),
        "models/decided.sql": deduped(ASKING),
        "models/joined.sql": joined(),
        "models/together.sql": joined(", k=4, pairs_per_request=3"),
    }


def clusters(rows: list[tuple[int, str | None]]) -> list[tuple[int, int]]:
    """What is right: each key with the smallest of the same company."""
    smallest: dict[str, int] = {}
    for key, text in rows:
        smallest.setdefault(_company(text) if text else f"none {key}", key)
    return [(key, smallest[_company(text) if text else f"none {key}"]) for key, text in rows]


def _company(text: str) -> str:
    found = re.search(r"\[(\d+)\]", text)
    assert found, text
    return found[1]


def _vector(text: str) -> list[float]:
    vector = [0.0] * DIMENSIONS
    for start in range(len(text) - 1):
        vector[zlib.crc32(text[start : start + 2].lower().encode()) % DIMENSIONS] += 1
    return vector


def _literal(text: str | None) -> str:
    return "cast(null as varchar)" if text is None else "'" + text.replace("'", "''") + "'"
