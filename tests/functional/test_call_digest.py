"""SQL finds an answer by the key that the runtime stores it under: the macros and Python agree about what a call is."""

from __future__ import annotations

import json

import golden
import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.keys import KEY_VERSION, PLACEMENT

LOCATIONS = (
    "HTTP://Host.Example:8080/V1/Chat?x=1#y",
    "http://[::1]:80/v1",
    "http://[::1]:8080/v1",
    "https://host.test:443/v1",
    "https://host.test:0443/v1/",
    "https://host.test",
    "hf://Org/Model",
    "file:///models/M",
    "package://m",
    "mock:",
    "/models/m",
)
CASES = {
    "plain": "'ai_query', llm",
    "a prompt in words of the world": """'ai_query', llm, {}, {'messages': [{'role': 'system', 'content': "It's „so“ 👍\\n"}]}""",
    "parameters of the call win": "'ai_query', llm, {'max_tokens': 7, 'temperature': 0.25, 'p': 1.0, 'stop': ['a'], 'user': none}",
    "parameters that nest": "'ai_query', llm, {'logit_bias': {50256: -100, 'b': {'Z': 1, 'a': [1, 2.5]}}}",
    "how requests are sent and where they are computed": "'ai_query', llm, {'sql_rest_options': {'retry_count': 2}, 'device': 'cuda'}",
    "a type": "'ai_query', llm, {}, {'return_type': 'STRUCT<label STRING>'}",
    "a format": "'ai_query', llm, {}, {'response_format': 'json_object'}",
    "a format that is none": "'ai_query', llm, {}, {'response_format': 'text'}",
    "both": """'ai_query', llm, {}, {'response_format': '{"type": "object"}', 'return_type': 'STRING'}""",
    "a request that is JSON": "'ai_query', llm, {}, {'request_format': 'json'}",
    "dimensions as text": "'ai_embed', embedder, {'Dimensions': '256'}",
    "a mock": "'ai_query', llm, {}, {'mock': true}",
    "an identity": "'ai_query', dict(llm, identity='small')",
    **{f"at {location}": f"'ai_query', dict(llm, location='{location}', credential=none)" for location in LOCATIONS},
}


@pytest.mark.parametrize("case", CASES)
def test_the_macros_and_python_make_the_same_digest_of_a_call(case: str) -> None:
    code = (
        "{% set llm = dbt_ai._external_model(ref('llm'), 'CHAT', 'ai_query') %}"
        "{% set embedder = dbt_ai._external_model(ref('embedder'), 'EMBEDDINGS', 'ai_embed') %}"
        f"{{% set call = dbt_ai._call({CASES[case]}) %}}{{{{ tojson([call, dbt_ai._call_digest(call)]) }}}}"
    )
    rendered = golden.compiler().render(golden.ENGINES["postgres"], code)
    assert rendered.error is None
    call, digest = json.loads(rendered.sql or "")
    assert parse_call(json.dumps(call)).digest == digest


def test_the_macros_know_the_version_of_the_recipe_and_what_is_no_part_of_it() -> None:
    source = (golden.REPOSITORY / "macros/internal/_call.sql").read_text()
    assert f"[{KEY_VERSION}, call.function," in source
    assert all(f"'{name}'" in source for name in PLACEMENT)
