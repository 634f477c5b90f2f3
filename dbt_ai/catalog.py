"""The catalog `external_models`: which external models a database knows, with the columns of SQL Server's sys.external_models.

https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-external-models-transact-sql
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import MODEL_TYPES, ExternalModel
from dbt_ai.mock_relations import MockRelations
from dbt_ai.providers import provider_of
from dbt_ai.store.duckdb_catalog import Connect, DuckDBMarks, DuckDBModels

MODEL_PRIVILEGES = ("EXECUTE", "CONTROL", "ALTER", "VIEW DEFINITION", "REFERENCES", "TAKE OWNERSHIP")

_SPECIFICATION = ("location", "api_format", "model_type", "model", "credential", "parameters", "identity", "authorization",
                  "local_runtime_path", "native")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an external model comes from: the project and target schema that made it, and its node; None for one made by hand."""

    project: str | None = None
    target_schema: str | None = None
    node: str | None = None


class ModelTable(Protocol):
    """The rows of `external_models`, one for each schema and name. DuckDB and warehouses keep them each in their own way."""

    @property
    def name(self) -> str:
        """The table, with its schema."""

    def rows(self) -> list[dict[str, Any]]:
        """All of them. Reading creates nothing."""

    def put(self, row: Mapping[str, Any]) -> None:
        """In the place of the one with its schema and name."""

    def delete(self, schema: str, name: str) -> None:
        """Forget one."""


class Catalog:
    """The external models of one target database. A model is known by its schema and its name. Thread-safe."""

    def __init__(self, table: ModelTable, mock_relations: MockRelations) -> None:
        self.mock_relations = mock_relations
        self._table = table
        # Two threads that create the same table or write the same row at once end in a write-write conflict.
        self._lock = threading.Lock()

    def put(self, schema: str, model: ExternalModel, origin: Origin) -> None:
        """Create the model or alter it to match; create_time, id and grants stay, modify_time changes with the model."""
        with self._lock:
            there = self._table.rows()
            values, now = _row(model, origin), datetime.now(timezone.utc)
            found = _found(there, schema, model.name)
            if found is None:
                # DuckDB has no principals and no credentials, nor have most warehouses: ids are derived from names.
                number = 1 + max((int(row["external_model_id"]) for row in there), default=0)
                made = {"external_model_id": number, "schema_name": schema, "create_time": now, "modify_time": now}
                self._table.put({**values, **made, "grants": "[]", "privileges_enforced": False})
            elif any(found[name] != value for name, value in values.items()):
                self._table.put({**found, **values, "modify_time": now})

    def alter(self, schema: str, name: str, changes: Mapping[str, Any]) -> None:
        """Change some fields of a model. Raises ConfigurationError for a model that is not there or would not work."""
        specification = {**self.specification(schema, name), **changes}
        found = self.find(schema, name)
        assert found is not None
        model = ExternalModel.from_spec(specification)
        provider_of(model)
        self.put(schema, model, Origin(found["project"], found["target_schema"], found["node"]))

    def drop(self, schema: str, name: str) -> bool:
        """Forget a model; False if there was none."""
        with self._lock:
            if self.find(schema, name) is None:
                return False
            self._table.delete(schema, name)
            return True

    def grant(self, schema: str, name: str, privilege: str, grantees: Sequence[str]) -> None:
        """Record who may do what. DuckDB has no privileges: nothing here is enforced, which privileges_enforced says."""
        granted = self._grants(schema, name)
        wanted = [{"privilege": _privilege(privilege), "grantee": grantee} for grantee in grantees]
        self._set_grants(schema, name, [*granted, *(grant for grant in wanted if grant not in granted)])

    def revoke(self, schema: str, name: str, privilege: str, grantees: Sequence[str]) -> None:
        """Take a privilege from grantees. One that nobody had is not an error."""
        revoked = [{"privilege": _privilege(privilege), "grantee": grantee} for grantee in grantees]
        self._set_grants(schema, name, [grant for grant in self._grants(schema, name) if grant not in revoked])

    def replace_grants(self, schema: str, name: str, grants: Mapping[str, Sequence[str]]) -> None:
        """Record exactly these grants, privilege -> grantees, as dbt's `grants` config means it."""
        self._set_grants(
            schema, name, [{"privilege": _privilege(held), "grantee": grantee} for held, who in grants.items() for grantee in who]
        )

    def prune(self, project: str, target_schema: str, nodes: Iterable[str]) -> list[str]:
        """Forget what this project made in this target from nodes that it no longer has; the names of what is gone."""
        kept = set(nodes)
        gone = [
            model
            for model in self.models()
            if model["project"] == project and model["target_schema"] == target_schema and model["node"] and model["node"] not in kept
        ]
        for model in gone:
            self.drop(model["schema_name"], model["name"])
        return [model["name"] for model in gone]

    def models(self) -> list[dict[str, Any]]:
        """Every row, by schema and name. Reading creates nothing."""
        return sorted(self._table.rows(), key=lambda row: (row["schema_name"], row["name"]))

    def external_models(self) -> list[ExternalModel]:
        """Every model with what tells it from the others: name, place and identity."""
        named = ("name", "location", "api_format", "model", "identity")
        return [ExternalModel(model_type=row["model_type_desc"], **{field: row[field] for field in named}) for row in self.models()]

    def find(self, schema: str, name: str) -> dict[str, Any] | None:
        """The row of an external model, or None."""
        return _found(self._table.rows(), schema, name)

    def specification(self, schema: str, name: str) -> dict[str, Any]:
        """What create_external_model was given for this model. Raises ConfigurationError with the models that there are."""
        row = self.find(schema, name)
        if row is None and name.lstrip().startswith("ref("):
            raise ConfigurationError(f"external model {name!r} is a text; write {name.strip()} without the outer quotes")
        if row is None:
            there = ", ".join(model["name"] for model in self.models() if model["schema_name"] == schema) or "none"
            raise ConfigurationError(
                f"external model {name!r} is not in {self._table.name} for schema {schema!r}; create it first, or use one of: {there}"
            )
        read = {**row, "model_type": row["model_type_desc"], "authorization": row["owner"]}
        specification = {field: read[field] for field in _SPECIFICATION if read[field] is not None}
        for field in ("parameters", "native"):
            specification[field] = json.loads(specification.get(field) or "{}")
        return {"name": name, **specification}

    def _grants(self, schema: str, name: str) -> list[dict[str, str]]:
        self.specification(schema, name)
        found = self.find(schema, name)
        grants: list[dict[str, str]] = json.loads(found["grants"]) if found else []
        return grants

    def _set_grants(self, schema: str, name: str, grants: Sequence[Mapping[str, str]]) -> None:
        with self._lock:
            found = self.find(schema, name)
            if found is not None:
                self._table.put({**found, "grants": json.dumps(list(grants))})


def catalog_in_duckdb(connect: Connect, place: str) -> Catalog:
    """The catalog of a DuckDB database; see DuckDBModels."""
    return Catalog(DuckDBModels(connect, place), MockRelations(DuckDBMarks(connect, place)))


def _found(rows: Iterable[dict[str, Any]], schema: str, name: str) -> dict[str, Any] | None:
    return next((row for row in rows if (row["schema_name"], row["name"]) == (schema, name)), None)


def _row(model: ExternalModel, origin: Origin) -> dict[str, Any]:
    parameters = dict(model.parameters)
    if model.retry_count is not None:
        parameters["sql_rest_options"] = {"retry_count": model.retry_count}
    return {
        "name": model.name,
        "principal_id": _id_of(model.authorization),
        "location": model.location,
        "api_format": model.api_format,
        "model_type_id": MODEL_TYPES.index(model.model_type) + 1,
        "model_type_desc": model.model_type,
        "model": model.model,
        "credential_id": _id_of(model.credential),
        "parameters": json.dumps(parameters) if parameters else None,
        "owner": model.authorization,
        "credential": model.credential,
        "identity": model.identity,
        "local_runtime_path": model.local_runtime_path,
        "native": json.dumps(dict(model.native)) if model.native else None,
        "project": origin.project,
        "target_schema": origin.target_schema,
        "node": origin.node,
    }


def _id_of(name: str | None) -> int | None:
    return zlib.crc32(name.encode()) & 0x7FFFFFFF if name else None


def _privilege(privilege: str) -> str:
    wanted = " ".join(privilege.upper().split())
    if wanted not in MODEL_PRIVILEGES:
        raise ConfigurationError(f"privilege {privilege!r} on an external model is not known; use one of {', '.join(MODEL_PRIVILEGES)}")
    return wanted
