"""ai_search with rerank on DuckDB: which rows a model is asked about, in which order it leaves them, and what the estimate says."""

from __future__ import annotations

import pytest
from conftest import Project
from models import EMBEDDER, LLM, RERANKER, ai_table

CORPUS = "select i, body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('texts') }}"
TEXTS = "select i, 'text ' || i || case when i % 10 = 0 then ' about zebras' else '' end as body from range(300) t(i)"
ASKED = "queries=ref('questions'), query='question', query_columns=['q']"
REQUESTS = "select sum(executed)::int from dbt_ai.usage where node like '%.{}' and model = '{}'"


def search(arguments: str) -> str:
    found = "{{ dbt_ai.ai_search(corpus=ref('corpus'), vector='embedding', model=ref('embedder'), " + arguments + ") }} as found"
    return ai_table(f"select * from {found}")


@pytest.fixture(scope="module")
def reranked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("rerank"))
    project.set_up()
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/reranker.sql": RERANKER,
            "models/texts.sql": TEXTS,
            "models/corpus.sql": ai_table(CORPUS),
            "models/questions.sql": "select q, 'question ' || q as question from range(20) t(q) union all select 20, null",
            "models/nearest.sql": search(ASKED + ", k=12"),
            "models/best.sql": search(ASKED + ", k=4, rerank=ref('reranker'), rerank_text='body', candidates=12"),
            "models/scored.sql": ai_table(
                "select q, i, {{ dbt_ai.ai_rank(ref('reranker'), 'question', 'body') }} as relevance"
                " from {{ ref('nearest') }} join {{ ref('questions') }} using (q)"
            ),
            "models/fused.sql": search("query=\"'zebras'\", text='body', k=2, rerank=ref('reranker')"),
            "models/answered.sql": ai_table(
                "select q, i, {{ dbt_ai.ai_query(ref('llm'), \"'Use this: ' || body || q\") }} as answer from "
                "{{ dbt_ai.ai_search(corpus=ref('corpus'), vector='embedding', model=ref('embedder'), "
                "queries=ref('questions'), query=\"'again ' || question\", query_columns=['q'], "
                "k=2, rerank=ref('reranker'), rerank_text='body', candidates=6) }} as found"
            ),
        }
    )
    project.dbt("run", check=True)
    return project


def test_the_candidates_stand_in_the_order_of_the_model(reranked: Project):
    expected = reranked.query(
        "select q, i, row_number() over (partition by q order by relevance desc) as place from scored qualify place <= 4 order by q, place"
    )
    assert reranked.query("select q, i, ai_rank from best order by q, ai_rank") == expected
    assert reranked.query("select typeof(ai_relevance) from best limit 1") == [("DOUBLE",)]


def test_a_row_keeps_its_similarity_and_its_place_before(reranked: Project):
    rows = "select q, i, ai_similarity, {} as place from {} order by q, place"
    nearest = set(reranked.query(rows.format("ai_rank", "nearest")))
    best = reranked.query(rows.format("ai_candidate", "best"))
    assert len(best) == 20 * 4 and set(best) <= nearest


def test_only_candidates_are_asked_about_and_each_once(reranked: Project):
    # Of two nodes that need the same, the first one asks.
    paid = reranked.query("select sum(executed)::int from dbt_ai.usage where model = 'r' and (node like '%.best' or node like '%.scored')")
    assert paid == [(20 * 12,)]
    assert reranked.query(REQUESTS.format("fused", "r")) == [(10,)], "five for each row that is wanted"


def test_what_reads_the_best_rows_asks_about_no_other(reranked: Project):
    assert reranked.query("select count(*), count(answer) from answered") == [(40, 40)]
    assert reranked.query(REQUESTS.format("answered", "c")) == [(40,)]


def test_words_and_vectors_find_the_candidates(reranked: Project):
    assert reranked.query("select i % 10, ai_rank from fused order by ai_rank") == [(0, 1), (0, 2)]


def test_the_estimate_counts_the_candidates(reranked: Project):
    reranked.write({"models/more.sql": search(ASKED + ", k=3, rerank=ref('reranker'), rerank_text='upper(body)', candidates=12")})
    reranked.configure(mode="estimate")
    try:
        run = reranked.dbt("run", "--select", "more")
    finally:
        reranked.configure(mode="live")
        (reranked.path / "models/more.sql").unlink()
    assert "ESTIMATE 240 new inputs" in run.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("query=\"'a'\", rerank=ref('reranker')", "rerank is given and rerank_text is not; give what the model reads of a row"),
        ("query_vector='v', rerank=ref('reranker'), rerank_text='body'", "rerank is given and query is not"),
        (
            "query=\"'a'\", rerank=ref('reranker'), rerank_text='body', candidates=5",
            "candidates is 5; give how many of the nearest rows are reranked for each query, from k (10) to 10000",
        ),
        ("query=\"'a'\", rerank_text='body'", "rerank_text is given and rerank is not"),
        ("query=\"'a'\", candidates=50", "candidates is given and rerank is not"),
    ],
)
def test_a_rerank_that_cannot_work_is_refused_in_one_sentence(reranked: Project, arguments: str, sentence: str):
    run = reranked.dbt_on(search(arguments))
    assert not run.ok
    assert f"ai_search: {sentence}" in run.output
