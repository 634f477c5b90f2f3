from __future__ import annotations

import json
import threading
from typing import Any

import duckdb
import pytest

from dbt_ai.catalog import Catalog, Origin, catalog_in_duckdb
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.store.schema import EXTERNAL_MODELS

SPECIFICATION = {
    "name": "embedder",
    "location": "https://h/v1/embeddings",
    "api_format": "OpenAI",
    "model_type": "EMBEDDINGS",
    "model": "m",
    "credential": "https://h",
    "parameters": {"dimensions": 512, "sql_rest_options": {"retry_count": 5}},
    "identity": "in house",
    "authorization": "AI_User",
    "native": {"snowflake": "arctic"},
}


def model(**changes: Any) -> ExternalModel:
    return ExternalModel.from_spec({**SPECIFICATION, **changes})


def made_by(node: str | None, project: str = "reviews", target_schema: str = "prod") -> Origin:
    return Origin(project, target_schema, node)


@pytest.fixture
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.fixture
def catalog(database: duckdb.DuckDBPyConnection) -> Catalog:
    return catalog_in_duckdb(database.cursor, '"memory"."dbt_ai"')


def names(catalog: Catalog) -> list[tuple[str, str]]:
    return [(found["schema_name"], found["name"]) for found in catalog.models()]


def test_reading_an_empty_catalog_creates_nothing(catalog: Catalog, database: duckdb.DuckDBPyConnection):
    assert catalog.models() == [] and catalog.find("prod", "embedder") is None
    assert database.execute("select count(*) from duckdb_schemas() where schema_name = 'dbt_ai'").fetchall() == [(0,)]


def test_a_warehouse_has_the_same_columns(catalog: Catalog):
    catalog.put("prod", model(), made_by("model.reviews.embedder"))
    assert list(catalog.models()[0]) == [column.name for column in EXTERNAL_MODELS]


def test_what_was_put_is_the_specification_again(catalog: Catalog):
    catalog.put("prod", model(), made_by("model.reviews.embedder"))
    assert catalog.specification("prod", "embedder") == SPECIFICATION


def test_a_name_is_unique_in_its_schema(catalog: Catalog):
    for schema in ("prod", "prod", "dev"):
        catalog.put(schema, model(), made_by(None))
    assert names(catalog) == [("dev", "embedder"), ("prod", "embedder")]


def test_putting_the_same_model_changes_nothing_and_another_only_what_differs(catalog: Catalog):
    catalog.put("prod", model(), made_by(None))
    catalog.grant("prod", "embedder", "EXECUTE", ["reporter"])
    before = catalog.find("prod", "embedder")
    catalog.put("prod", model(), made_by(None))
    assert catalog.find("prod", "embedder") == before is not None
    catalog.put("prod", model(model="m2"), made_by(None))
    after = catalog.find("prod", "embedder")
    assert after is not None and after["modify_time"] > before["modify_time"]
    assert {name for name in after if after[name] != before[name]} == {"model", "modify_time"}


def test_altering_changes_what_is_given_and_refuses_what_cannot_work(catalog: Catalog):
    catalog.put("prod", model(), made_by(None))
    catalog.alter("prod", "embedder", {"model": "m2", "parameters": {"dimensions": 256}})
    assert catalog.specification("prod", "embedder") == {**SPECIFICATION, "model": "m2", "parameters": {"dimensions": 256}}
    with pytest.raises(ConfigurationError, match="is not where OpenAI takes EMBEDDINGS"):
        catalog.alter("prod", "embedder", {"location": "https://h/v1/completions"})
    with pytest.raises(ConfigurationError, match="external model 'other' is not in .* use one of: embedder"):
        catalog.alter("prod", "other", {"model": "m2"})


def test_dropping_forgets_a_model_once(catalog: Catalog):
    catalog.put("prod", model(), made_by(None))
    assert catalog.drop("prod", "embedder") and not catalog.drop("prod", "embedder")
    assert names(catalog) == []


def test_grants_are_recorded_once_and_labelled_as_not_enforced(catalog: Catalog):
    catalog.put("prod", model(), made_by(None))
    catalog.grant("prod", "embedder", "execute", ["reporter", "analyst"])
    catalog.grant("prod", "embedder", "EXECUTE", ["reporter"])
    catalog.revoke("prod", "embedder", "EXECUTE", ["analyst", "nobody"])
    found = catalog.find("prod", "embedder")
    assert found is not None and json.loads(found["grants"]) == [{"privilege": "EXECUTE", "grantee": "reporter"}]
    assert found["privileges_enforced"] is False
    catalog.replace_grants("prod", "embedder", {"control": ["owner"]})
    found = catalog.find("prod", "embedder")
    assert found is not None and json.loads(found["grants"]) == [{"privilege": "CONTROL", "grantee": "owner"}]
    with pytest.raises(ConfigurationError, match="privilege 'SELECT' on an external model is not known; use one of EXECUTE"):
        catalog.grant("prod", "embedder", "SELECT", ["reporter"])


def test_only_what_this_project_made_in_this_target_is_forgotten_with_its_file(catalog: Catalog):
    catalog.put("prod", model(name="kept"), made_by("model.reviews.kept"))
    catalog.put("prod", model(name="deleted"), made_by("model.reviews.deleted"))
    catalog.put("prod", model(name="by_hand"), made_by(None))
    catalog.put("prod", model(name="of_others"), made_by("model.others.m", project="others"))
    catalog.put("alice", model(name="deleted"), made_by("model.reviews.deleted", target_schema="alice"))
    assert catalog.prune("reviews", "prod", ["model.reviews.kept"]) == ["deleted"]
    assert names(catalog) == [("alice", "deleted"), ("prod", "by_hand"), ("prod", "kept"), ("prod", "of_others")]


def test_models_put_at_once_get_numbers_of_their_own(catalog: Catalog):
    threads = [threading.Thread(target=catalog.put, args=("prod", model(name=f"m{i}"), made_by(None))) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found["external_model_id"] for found in catalog.models()) == list(range(1, 17))
