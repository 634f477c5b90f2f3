import json

import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.request import parse_call
from dbt_ai.store.cassette import Cassette


def test_a_line_that_is_no_answer_is_named_to_every_node(tmp_path):
    """Read in part, a cassette would be paid for again, or lack answers that it has."""
    file = tmp_path / "cassette.jsonl"
    file.write_text(json.dumps({"key": "00", "value": "a"}) + '\n{"key": "01", "val\n')
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    cassette = Cassette(file)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="line 2 of cassette"):
            list(cassette.lookup(parse_call(json.dumps({"function": "ai_query", "model": model})), [b"\0"]))
