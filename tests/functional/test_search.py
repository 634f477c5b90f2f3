"""ai_search on DuckDB: exact neighbours, filters, hybrid search, and what an answer over what was found costs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import REPOSITORY, Project
from models import EMBEDDER, LLM, RERANKER, ai_table

CORPUS = """select i, body, case when i = 77 then null else {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} end as embedding, i % 3 as shelf
    from (select i, 'text ' || i || case when i % 10 = 0 then ' about zebras' else '' end as body from range(3000) t(i))"""
NEAREST = "{{ dbt_ai.ai_search(corpus=ref('corpus'), vector='embedding', "


def search(arguments: str, columns: str = "*") -> str:
    return ai_table(f"select {columns} from {NEAREST}{arguments}) }}}} as found")


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("search"))
    project.set_up()
    embedded = "model=ref('embedder'), query='question', queries=ref('questions'), query_columns=['q']"
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/corpus.sql": ai_table(CORPUS),
            "models/questions.sql": "select q, 'question ' || q as question from range(1500) t(q) union all select 1500, null",
            "models/asked.sql": ai_table("select q, {{ dbt_ai.ai_embed(ref('embedder'), 'question') }} as v from {{ ref('questions') }}"),
            "models/one.sql": search("""model=ref('embedder'), query="'text 42'", k=3"""),
            "models/every.sql": search(embedded + ", k=7"),
            "models/stored.sql": search("queries=ref('asked'), query_columns=['q'], query_vector='v', k=7, min_similarity=0.9"),
            "models/filtered.sql": search(embedded + """, k=7, where="shelf = 1" """),
            "models/hybrid.sql": search("""model=ref('embedder'), query="'Zebras, 42!'", text='body', k=5""", "i, body, ai_rank"),
            "models/answered.sql": ai_table(
                "select ai_rank, {{ dbt_ai.ai_query(ref('llm'), \"'Use this: ' || body\") }} as answer from "
                + NEAREST
                + """model=ref('embedder'), query="'an unseen question'", k=4) }} as found"""
            ),
        }
    )
    project.dbt("run", check=True)
    return project


def neighbours(project: Project, k: int, least: float = -1, where: str = "true") -> list[tuple[int, int, int]]:
    """(query, row, rank), compared one by one."""
    rows = project.query(f"select i, embedding from corpus where embedding is not null and {where} order by i")
    asked = project.query("select q, v from asked where v is not null order by q")
    keys, matrix = np.array([key for key, _ in rows]), _unit([vector for _, vector in rows])
    cosines = _unit([vector for _, vector in asked]) @ matrix.T
    found = []
    for (query, _), row in zip(asked, cosines, strict=True):
        best = np.argsort(-row, kind="stable")[:k]
        found += [(query, int(keys[at]), rank) for rank, at in enumerate(best, 1) if row[at] >= least]
    return found


def _unit(vectors: list[list[float]]) -> np.ndarray:
    matrix = np.array(vectors, dtype=np.float64)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def test_a_text_finds_the_row_that_says_it_and_its_columns_come_along(searched: Project):
    [first, *_] = rows = searched.query("select i, body, shelf, round(ai_similarity, 5), ai_rank from one order by ai_rank")
    assert first == (42, "text 42", 0, 1.0, 1)
    assert [rank for *_, rank in rows] == [1, 2, 3]


def test_every_row_of_a_relation_finds_its_exact_neighbours(searched: Project):
    assert searched.query("select q, i, ai_rank from every order by q, ai_rank") == neighbours(searched, 7)


def test_stored_vectors_are_searched_for_without_a_model_down_to_a_similarity(searched: Project):
    expected = neighbours(searched, 7, 0.9)
    assert searched.query("select q, i, ai_rank from stored order by q, ai_rank") == expected
    assert 0 < len(expected) < 7 * 1500


def test_a_filter_holds_before_the_neighbours_are_counted(searched: Project):
    assert searched.query("select q, i, ai_rank from filtered order by q, ai_rank") == neighbours(searched, 7, where="shelf = 1")


def test_words_and_vectors_are_fused(searched: Project):
    rows = searched.query("select i, ai_rank from hybrid order by ai_rank")
    assert [rank for _, rank in rows] == [1, 2, 3, 4, 5]
    assert 42 in [i for i, _ in rows]
    assert any(i % 10 == 0 for i, _ in rows)


def test_a_vector_that_lacks_a_number_is_found_by_its_words_alone_and_stops_no_search(searched: Project):
    near = "from {{ dbt_ai.ai_search(corpus=ref('gaps'), vector='embedding', k=3, "
    searched.write(
        {
            "models/gaps.sql": "select i, body, case when i = 8 then array_value(1, null, 0, 0, 0, 0, 0, 0)::float[8] else embedding end"
            " as embedding from {{ ref('corpus') }} where i < 50",
            "models/gaps.yml": "models: [{name: gaps, columns: [{name: embedding, data_tests: [dbt_ai.ai_recall]}]}]",
            "models/fused.sql": ai_table(f"select i {near} model=ref('embedder'), query=\"'text 9'\", text='body') }}}} as found"),
            "models/without_direction.sql": ai_table(
                f"select i {near} model=ref('embedder'), query=\"'9'\", text='body', query_vector='(select embedding from '"
                " ~ ref('gaps') ~ ' where i = 8)') }} as found"
            ),
        }
    )
    searched.dbt("build", "--select", "gaps", "fused", "without_direction", check=True)
    assert (9,) in searched.query("select i from fused")
    assert searched.query("select count(*) from without_direction") == [(0,)], "it is near to nothing"


def test_a_corpus_may_have_columns_of_any_name(searched: Project):
    near = "from {{ dbt_ai.ai_search(corpus=ref('named'), vector='embedding', k=3, model=ref('embedder'), query=\"'text 9'\""
    names = ", ".join(f"i as {name}" for name in ("search", "query", '"row"', "similarity", "place", "score", "word", "words"))
    searched.write(
        {
            "models/named.sql": f"select body, embedding, {names} from {{{{ ref('corpus') }}}} where i < 50",
            "models/near_named.sql": ai_table(f"select * {near}) }}}} as found"),
            "models/fused_named.sql": ai_table(f"select * {near}, text='body') }}}} as found"),
        }
    )
    searched.dbt("run", "--select", "named", "near_named", "fused_named", check=True)
    for model in ("near_named", "fused_named"):
        assert searched.query(f'select search, query, "row", similarity, place, score from {model} where ai_rank = 1') == [(9,) * 6]


def test_an_ephemeral_model_is_searched(searched: Project):
    searched.write(
        {
            "models/passing.sql": "{{ config(materialized='ephemeral') }} select i, body, embedding from {{ ref('corpus') }} where i < 5",
            "models/of_passing.sql": search("query_vector='v', queries=ref('asked'), query_columns=['q'], k=2").replace(
                "'corpus'", "'passing'"
            ),
        }
    )
    searched.dbt("run", "--select", "of_passing", check=True)
    assert searched.query("select count(*), max(i) from of_passing") == [(3000, 4)]


def test_only_what_was_found_is_asked_about(searched: Project):
    assert searched.query("select count(distinct answer) from answered") == [(4,)]
    asked = "select sum(executed) from dbt_ai.usage where node like '%answered' and model {} 'c'"
    assert searched.query(asked.format("=")) == [(4,)]
    assert searched.query(asked.format("<>")) == [(1,)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "there is nothing to search for; give query"),
        ("query=\"'a'\"", "there is nothing to search for; give query"),
        ("query_vector='v', k=0", "k is 0; give the number of neighbours, 1 to 10000"),
        ("query_vector='v', min_similarity=2", "min_similarity is 2; give a cosine, -1 to 1"),
        ("query_vector='v', min_similarity=true", "min_similarity is True; give a cosine, -1 to 1"),
        ("query_vector='v', queries=ref('asked')", "queries is given and query_columns is not"),
        ("query_vector='v', query_columns=['q']", "query_columns is given and queries is not"),
        ("query_vector='v', text='body'", "text is given and query is not"),
        (
            "query_vector='v', queries=ref('asked'), query_columns=['i']",
            'query_columns has i, which is no column of "project"."main"."asked"',
        ),
        (
            "query_vector='question', queries=ref('questions'), query_columns=['q']",
            'query_vector is the column question of "project"."main"."questions", whose type is VARCHAR; give a column of vectors',
        ),
        (
            "query_vector='embedding', queries=ref('corpus'), query_columns=['i']",
            'corpus "project"."main"."corpus" has a column i, and so has',
        ),
        (
            "query_vector='embedding', queries=ref('every'), query_columns=['q']",
            'query_columns q does not identify the rows of "project"."main"."every", which has 10,500 rows and 1,500 different',
        ),
    ],
)
def test_a_search_that_cannot_work_is_refused_in_one_sentence(searched: Project, arguments: str, sentence: str):
    run = searched.dbt_on(search(arguments))
    assert not run.ok
    assert f"ai_search: {sentence}" in run.output


@pytest.mark.parametrize(("column", "type"), [("body", "VARCHAR"), ("i", "BIGINT")])
def test_a_corpus_whose_column_holds_no_vectors_is_told_its_type(searched: Project, column: str, type: str):
    run = searched.dbt_on(search("query_vector='[1, 2]'").replace("vector='embedding'", f"vector='{column}'"))
    assert not run.ok
    assert f'ai_search: vector is the column {column} of "project"."main"."corpus", whose type is {type}; give a column' in run.output


def test_vectors_of_another_model_are_refused(searched: Project):
    run = searched.dbt_on(search("query_vector='[1, 2, 3]::float[3]'"), "run")
    assert "the vectors of the queries have 3 dimensions and those that are searched 8" in run.output


def test_the_page_about_search_builds(project: Project):
    page = (REPOSITORY / "docs/search.md").read_text()
    files = dict(re.findall(r"^```sql (\S+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    articles = (
        "select 'a' || i as article_id, 'You return article ' || i || ' by post. The valve XR-' || (i * 100) as body from range(9) t(i)"
    )
    tickets = "select i as ticket_id, 'return of ' || i as subject from range(3) t(i)"
    models = {"models/embedder.sql": EMBEDDER, "models/llm.sql": LLM, "models/reranker.sql": RERANKER}
    project.write({**files, **models, "models/articles.sql": articles, "models/tickets.sql": tickets})
    project.dbt("run", check=True)
    assert project.query("select count(*) from best_passages") == [(3,)]
    assert project.query("select count(*) from returns") == [(5,)]
    assert project.query("select count(*), count(sources), count(reply) from ticket_replies") == [(3, 3, 3)]
    [(first,)] = project.query("select article_id from parts where ai_rank = 1")
    assert first == "a2", "the only one with the number of the part"
