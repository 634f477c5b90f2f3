"""What is sent to rerank endpoints, and what is read of their answers."""

import json

import pytest

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.execution.packing import pack
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import HttpResponse, provider_named, provider_of

PAIRS = [json.dumps({"query": "returns", "text": text}) for text in ("Send it back.", "We ship on Mondays.")]
# The scores of the two texts, in the order in which each format has them: best first, or as asked.
BODIES = {
    "TEI": [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.25}],
    "Cohere": {
        "results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.25}],
        "meta": {"billed_units": {"search_units": 1}},
    },
    "Voyage": {
        "object": "list",
        "data": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.25}],
        "usage": {"total_tokens": 26},
    },
}
every = pytest.mark.parametrize("api_format", BODIES)


def call(api_format, **parameters):
    model = ExternalModel("reranker", "https://ai.acme.example/rerank", api_format, "RERANKING", "rr-1")
    return Call("ai_rank", model, parameters, return_type="DOUBLE")


def read(api_format, body):
    asked = call(api_format)
    return typed(asked, provider_named(api_format).decode(asked, PAIRS, HttpResponse(200, {}, json.dumps(body).encode())))


@pytest.mark.parametrize(
    ("api_format", "body"),
    [
        ("TEI", {"truncate": False, "query": "returns", "texts": ["Send it back.", "We ship on Mondays."]}),
        ("Cohere", {"model": "rr-1", "truncate": False, "query": "returns", "documents": ["Send it back.", "We ship on Mondays."]}),
        ("Voyage", {"model": "rr-1", "truncate": False, "query": "returns", "documents": ["Send it back.", "We ship on Mondays."]}),
    ],
)
def test_one_query_and_its_texts_go_out_and_a_parameter_of_the_call_wins(api_format, body):
    assert json.loads(provider_named(api_format).encode(call(api_format, truncate=False), PAIRS).body) == body


@every
def test_each_text_gets_its_own_score(api_format):
    assert [float(value) for value in read(api_format, BODIES[api_format]).values] == [0.25, 0.9]


def test_tokens_are_what_the_endpoint_says_and_else_estimated():
    assert read("Voyage", BODIES["Voyage"]).tokens.input == 26
    assert read("TEI", BODIES["TEI"]).tokens.estimated and read("TEI", BODIES["TEI"]).tokens.input > 0


@every
@pytest.mark.parametrize("score", [None, "high", True, float("nan"), float("inf"), 10**400])
def test_a_text_without_a_number_is_refused_in_one_sentence(api_format, score):
    body = json.loads(json.dumps(BODIES[api_format]))
    [listed] = [body] if isinstance(body, list) else [part for part in body.values() if isinstance(part, list)]
    listed[1]["score" if api_format == "TEI" else "relevance_score"] = score
    with pytest.raises(ProviderError, match=r"the endpoint answered no number under '\w+' for text 1 of 2"):
        read(api_format, body)


@every
@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([(0, 0.5)], "no number under '\\w+' for text 2 of 2"),
        ([(0, 0.5), (2, 0.4)], "no number under '\\w+' for text 2 of 2"),
        ([(0, 0.5), (-1, 0.4)], "no number under '\\w+' for text 2 of 2"),
        ([(0, 0.5), (1, 0.4), (0, 0.6)], "answered 0.5 and 0.6 under '\\w+' for text 1"),
        ([(0, 0.5), (1, 0.4), (2, 0.6)], "answered 3 scores to 2 texts"),
        ([("0", 0.5), (1.0, 0.4)], "no number under '\\w+' for text 1 of 2"),
    ],
)
def test_fewer_texts_than_were_sent_or_one_text_twice_are_refused(api_format, entries, says):
    name = "score" if api_format == "TEI" else "relevance_score"
    listed = [{"index": index, name: score} for index, score in entries]
    with pytest.raises(ProviderError, match=says):
        read(api_format, {"TEI": listed, "Cohere": {"results": listed}, "Voyage": {"data": listed}}[api_format])


@every
@pytest.mark.parametrize("body", [None, 3, {}, {"results": 3, "data": {}}, {"results": [None], "data": [1]}])
def test_an_answer_of_another_shape_is_refused(api_format, body):
    with pytest.raises(ProviderError):
        read(api_format, body)


@every
def test_texts_of_different_queries_never_travel_together(api_format):
    inputs = [json.dumps({"query": f"query {number % 3}", "text": f"text {number}"}) for number in range(300)]
    limits = provider_named(api_format).limits(call(api_format))
    batches = list(pack(inputs, range(300), limits))
    assert sorted(position for batch in batches for position in batch) == list(range(300))
    assert all(len({inputs[position][:19] for position in batch}) == 1 and len(batch) <= limits.inputs for batch in batches)
    assert len(batches) == {"TEI": 12, "Cohere": 3, "Voyage": 3}[api_format]


@every
def test_a_location_that_ranks_nothing_is_refused(api_format):
    model = ExternalModel("reranker", "https://ai.acme.example/v1/embeddings", api_format, "RERANKING", "rr-1")
    with pytest.raises(ConfigurationError, match=r"/rerank$"):
        provider_of(model)


@every
def test_a_boolean_is_the_place_of_no_text(api_format):
    body = json.loads(json.dumps(BODIES[api_format]).replace('"index": 1', '"index": true').replace('"index": 0', '"index": false'))
    with pytest.raises(ProviderError, match="for text 1 of 2"):
        read(api_format, body)
