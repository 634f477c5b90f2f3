"""What planning and storing add to a node: an ai_table of 20,000 rows on the Mock model, against the same SQL with a constant.

python benchmarks/planning_overhead.py [ROWS]. Prints seconds of the node, as dbt measures them; median of five, alternating.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project

ROUNDS = 5
MODELS = {
    "models/llm.sql": "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}",
    "models/embedder.sql": """{{ dbt_ai.create_external_model(
        location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='e', parameters={'dimensions': 384}) }}""",
    "models/constant_query.sql": "{{ config(materialized='table') }} select i, 'mock answer' as answer from {{ ref('texts') }}",
    "models/mock_query.sql": """{{ config(materialized='ai_table') }}
        select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}""",
    "models/constant_embed.sql": """{{ config(materialized='table') }}
        select i, (select array_agg(0::float)::float[384] from range(384)) as e from {{ ref('texts') }}""",
    "models/mock_embed.sql": """{{ config(materialized='ai_table') }}
        select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e from {{ ref('texts') }}""",
}


def main(rows: int) -> None:
    seconds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            project = Project(Path(folder))
            project.set_up()
            project.write(
                {**MODELS, "models/texts.sql": f"select i, 'a text of some length, number ' || i as body from range({rows}) t(i)"}
            )
            project.dbt("run", "-s", "texts", "llm", "embedder", check=True)
            for run in ("new", "stored"):
                for name in ("constant_query", "mock_query", "constant_embed", "mock_embed"):
                    took = project.dbt("run", "-s", name, check=True).results[name]["execution_time"]
                    seconds.setdefault(f"{name} {run}", []).append(took)
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, taken in middle.items():
        print(f"{name:24} {taken:6.2f} s")
    for run in ("new", "stored"):
        for kind in ("query", "embed"):
            added = middle[f"mock_{kind} {run}"] - middle[f"constant_{kind} {run}"]
            print(f"ai_{kind}, {rows:,} distinct rows, answers {run}: + {added:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
