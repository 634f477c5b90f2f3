"""create_external_model refuses a location that carries a secret as Python does, and before dbt has written it anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import golden
import pytest
import shared_cases
from conftest import Project
from dbt_common.exceptions import CompilationError
from models import external_model


@pytest.fixture(scope="module")
def macros() -> Iterator[Any]:
    with golden.compiler().macros(golden.ENGINES["duckdb"]) as macros:
        yield macros


@pytest.mark.parametrize("case", shared_cases.cases("locations")["cases"], ids=lambda case: str(case["query"]))
def test_a_secret_in_the_query_of_a_location_is_named(macros: Any, case: dict[str, Any]) -> None:
    location = f"https://h/v1/embeddings?{case['query']}"
    if case["names"] is None:
        macros._require_no_secret("location", location)
        return
    with pytest.raises(CompilationError) as refused:
        macros._require_no_secret("location", location)
    assert f"location has '{case['names']}' in its query, where a secret would be seen; use a credential" in str(refused.value.msg)


OPENAI = {"location": "https://h/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "m"}
SECRETS = {
    "location": "https://h/v1/embeddings?api-key=",
    "user_information": "https://me:{}@h/v1/embeddings",
    "credential": "https://h?code=",
}


@pytest.mark.parametrize("field", SECRETS)
def test_a_secret_in_a_url_reaches_no_artefact_and_no_log(project: Project, field: str) -> None:
    project.env["THE_KEY"] = "hunter2-0123456789"
    before, _, after = SECRETS[field].partition("{}")
    fields = {**OPENAI, "credential" if field == "credential" else "location": "THE_URL"}
    in_file = external_model(**fields).replace("'THE_URL'", f"'{before}' ~ env_var('THE_KEY') ~ '{after}'")
    project.write({"models/embedder.sql": in_file, "models/other.sql": "select 1 as a"})
    run = project.dbt("build")
    assert not run.ok and "where a secret would be seen; use a credential" in run.output
    written = [file for file in project.path.rglob("*") if file.is_file() and b"hunter2" in file.read_bytes()]
    assert not written and "hunter2" not in run.output


def test_an_external_model_is_not_altered_to_a_location_that_carries_a_secret(project: Project) -> None:
    call = "dbt_ai.alter_external_model('m', location='https://h/v1?key=' ~ env_var('THE_KEY'))"
    project.write({"macros/move.sql": "{% macro move() %}{{ " + call + " }}{% endmacro %}"})
    project.env["THE_KEY"] = "hunter2-0123456789"
    run = project.dbt("run-operation", "move")
    assert not run.ok and "location has 'key' in its query, where a secret would be seen" in run.output
    assert not [file for file in project.path.rglob("*") if file.is_file() and b"hunter2" in file.read_bytes()]
