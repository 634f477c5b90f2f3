"""The tables of a store in a warehouse, and their columns."""

from __future__ import annotations

from dbt_ai.store.schema import EXTERNAL_MODELS, MOCK_RELATIONS, RESPONSES, STORE_VERSION, USAGE, Column, Kind

# Why a request has no answer, until it has one.
FAILURES = (
    Column("key", Kind.BYTES),
    Column("message", Kind.TEXT),
    Column("node", Kind.TEXT, required=False),
    Column("failed_at", Kind.MOMENT),
)
# Jobs of batch APIs: see dbt_ai.engines.warehouse.jobs.
JOBS = (Column("name", Kind.TEXT), Column("part", Kind.INTEGER), Column("document", Kind.TEXT))
TABLES = {
    "responses": RESPONSES,
    "failures": FAILURES,
    "usage": USAGE,
    "jobs": JOBS,
    "external_models": EXTERNAL_MODELS,
    "mock_relations": MOCK_RELATIONS,
    "store_version": STORE_VERSION,
}
