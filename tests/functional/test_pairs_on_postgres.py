"""ai_dedupe, ai_join and a reranked ai_search on Postgres, planned as every call on a warehouse is: the rows of DuckDB, asked once."""

from __future__ import annotations

import pytest
from models import RERANKER, ai_table
from pairs import CLUSTERED, CLUSTERS, FOUND_CLUSTERS, clusters, companies, comparing, deduped, gold_endpoint
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
                "models/components.sql": CLUSTERED.format(random="sin(i)", numbers="(select generate_series(1, 5000) as i)"),
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
        assert project.query(FOUND_CLUSTERS.format("analytics.components")) == CLUSTERS
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
        twice = "{{ config(materialized='ephemeral') }} select id % 2 as id, 'new ' || name as name from {{ ref('companies') }}"
        project.write({"models/passing.sql": twice, "models/of_passing.sql": deduped().replace("'companies'", "'passing'")})
        run = project.dbt("run", "--select", "of_passing")
        assert "ai_dedupe: unique_key id does not identify the rows of passing, which has 87 rows and 2 different" in run.output
        assert not run.ok and gold.embedded == []


def test_an_index_that_finds_too_little_leaves_no_query_with_fewer_than_k_rows(on_postgres: WarehouseProject):
    config = """{{ config(vector_index={'column': 'v'}, post_hook="{{ dbt_ai.ai_vector_index() }}") }}"""
    vector = "(select array_agg(sin(i * 17.3 + d * (1 + i % 89))) from generate_series(1, 4) d)::vector(4)"
    search = """select i, shelf, ai_rank from {{ dbt_ai.ai_search(corpus=ref('pages'), vector='v', query_vector="'[1,0,0,1]'", """
    on_postgres.write(
        {
            "models/pages.sql": f"{config} select i, i % 100 as shelf, {vector} as v from generate_series(1, 2000) i",
            "models/many.sql": search + "k=100) }} as found",
            "models/filtered.sql": search + "k=10, where='shelf < 2') }} as found",
        }
    )
    on_postgres.dbt("run", check=True)
    assert on_postgres.query("select count(*), max(ai_rank) from analytics.many") == [(100, 100)], "hnsw looks at 40 rows"
    true = "select i from (select i from analytics.pages where shelf < 2 order by (v <=> '[1,0,0,1]') + 0 limit 10) as rows order by i"
    assert on_postgres.query("select i from analytics.filtered order by i") == on_postgres.query(true)


def test_an_address_that_is_searched_for_is_one_word_whatever_signs_it_has(on_postgres: WarehouseProject):
    addresses = ["example.com/p?x=1&y=2", "example.com/p?x=1&y=3", "example.com/p?x=1"]
    rows = ", ".join(f"({number}, 'see {address}', '[1,1]'::vector)" for number, address in enumerate(addresses))
    questions = "(0, 'example.com/p?x=1&y=3'), (1, '&|!:*'), (2, '')"
    on_postgres.write(
        {
            "models/pages.sql": f"select * from (values {rows}) as t(id, body, v)",
            "models/questions.sql": f"select * from (values {questions}) as t(q, question)",
            "models/found.sql": """select q, id, ai_rank from {{ dbt_ai.ai_search(corpus=ref('pages'), vector='v', k=2, text='body',
                query='question', queries=ref('questions'), query_columns=['q'], query_vector="'[1,1]'") }} as found""",
        }
    )
    on_postgres.dbt("run", check=True)
    assert on_postgres.query("select id from analytics.found where q = 0 and ai_rank = 1") == [(1,)]
    assert on_postgres.query("select q, count(*) from analytics.found group by q order by q") == [(0, 2), (1, 2), (2, 2)]
