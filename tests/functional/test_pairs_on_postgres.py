"""ai_dedupe, ai_join and a reranked ai_search on Postgres, planned as every call on a warehouse is: the rows of DuckDB, asked once."""

from __future__ import annotations

import pytest
from models import RERANKER, ai_table
from pairs import clusters, companies, comparing, gold_endpoint
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

ROWS = [*companies(), (90, None), (91, "")]
SEARCHED = """{{ dbt_ai.ai_search(corpus=ref('vectors'), vector='v', model=ref('embedder'), queries=ref('suppliers'),
    query='supplier', query_columns=['supplier_id'], k="""


def test_pairs_are_found_decided_and_stored(on_postgres: WarehouseProject):
    project = on_postgres
    with gold_endpoint() as gold:
        project.write(
            {
                **comparing(gold, ROWS),
                "models/reranker.sql": RERANKER,
                "models/vectors.sql": ai_table(
                    "select id, name, {{ dbt_ai.ai_embed(ref('embedder'), 'name') }} as v from {{ ref('companies') }} where name <> ''"
                ),
                "models/nearest.sql": ai_table(f"select * from {SEARCHED}6) }}}} as found"),
                "models/best.sql": ai_table(
                    f"select * from {SEARCHED}2, rerank=ref('reranker'), rerank_text='name', candidates=6) }}}} as found"
                ),
                "models/scored.sql": ai_table(
                    "select supplier_id, id, {{ dbt_ai.ai_rank(ref('reranker'), 'supplier', 'name') }} as relevance"
                    " from {{ ref('nearest') }} as nearest join {{ ref('suppliers') }} as suppliers using (supplier_id)"
                ),
            }
        )
        project.dbt("run", check=True)
        ordered = (
            "select supplier_id, id, row_number() over (partition by supplier_id order by relevance desc) as place from analytics.scored"
        )
        assert project.query("select supplier_id, id, ai_rank from analytics.best order by 1, 3") == project.query(
            f"select * from ({ordered}) as scored where place <= 2 order by 1, 3"
        )
        for model in ("alone", "decided"):
            assert project.query(f"select id, ai_cluster from analytics.{model} order by id") == clusters(ROWS)
        right = {(key, smallest + 1000) for key, smallest in clusters(ROWS) if smallest % 2 == 0 and smallest <= 60}
        for model in ("joined", "together"):
            assert set(project.query(f"select id, supplier_id from analytics.{model}")) == right
        texts = {name for _, name in ROWS if name}
        assert set(gold.embedded) >= texts
        assert len([others for _, others in gold.pairs if len(others) == 3]) == len(texts)
        gold.forget()
        project.dbt("run", check=True)
        assert gold.pairs == [] and gold.embedded == []
