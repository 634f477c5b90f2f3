"""The catalog `external_models`: which external models a DuckDB database knows, with the columns of SQL Server's sys.external_models.

https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-external-models-transact-sql
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import MODEL_TYPES, ExternalModel
from dbt_ai.mock_relations import MockRelations
from dbt_ai.providers import provider_of

if TYPE_CHECKING:
    import duckdb

MODEL_PRIVILEGES = ("EXECUTE", "CONTROL", "ALTER", "VIEW DEFINITION", "REFERENCES", "TAKE OWNERSHIP")

# The first twelve columns are SQL Server's. DuckDB has no principals and no credentials, so their ids are derived from their names.
_COLUMNS = """
    external_model_id integer not null,
    name varchar not null,
    principal_id integer,
    location varchar not null,
    api_format varchar not null,
    model_type_id integer not null,
    model_type_desc varchar not null,
    model varchar not null,
    credential_id integer,
    parameters json,
    create_time timestamp not null,
    modify_time timestamp not null,
    schema_name varchar not null,
    owner varchar,
    credential varchar,
    identity varchar,
    local_runtime_path varchar,
    native json,
    grants json not null,
    privileges_enforced boolean not null,
    project varchar,
    target_schema varchar,
    node varchar
"""
_SPECIFICATION = ("location", "api_format", "model_type", "model", "credential", "parameters", "identity", "authorization",
                  "local_runtime_path", "native")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an external model comes from: the project and target schema that made it, and its node; None for one made by hand."""

    project: str | None = None
    target_schema: str | None = None
    node: str | None = None


class Catalog:
    """The table `external_models` in one schema of the target database. A model is known by its schema and its name.

    connect: opens a cursor of its own for each use, so that the catalog does not depend on the caller's transaction.
    place: the schema, quoted and qualified with its database.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], place: str) -> None:
        self.mock_relations = MockRelations(connect, place)
        self._connect = connect
        self._place = place
        # Two threads that create the same table or write the same row at once end in a write-write conflict.
        self._lock = threading.Lock()

    @property
    def table(self) -> str:
        """The table, with its schema."""
        return f"{self._place}.external_models"

    def put(self, schema: str, model: ExternalModel, origin: Origin) -> None:
        """Create the model or alter it to match; create_time, id and grants stay, modify_time changes with the model."""
        with self._lock, self._connect() as cursor:
            self._create(cursor)
            values = _row(model, origin)
            # datetime2 has no time zone; it is UTC here, as on Azure.
            now = datetime.now(timezone.utc).replace(tzinfo=None)
            found = self._find(cursor, schema, model.name)
            if found is None:
                unenforced = {"grants": "[]", "privileges_enforced": False}
                new = {**values, **unenforced, "schema_name": schema, "create_time": now, "modify_time": now}
                cursor.execute(
                    f"insert into {self.table} ({', '.join(new)}, external_model_id)"
                    f" select {', '.join('?' * len(new))}, coalesce(max(external_model_id), 0) + 1 from {self.table}",
                    [*new.values()],
                )
            elif any(found[name] != value for name, value in values.items()):
                cursor.execute(
                    f"update {self.table} set {', '.join(f'{name} = ?' for name in values)}, modify_time = ? where {_THIS}",
                    [*values.values(), now, schema, model.name],
                )

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
        with self._lock, self._connect() as cursor:
            if self._find(cursor, schema, name) is None:
                return False
            cursor.execute(f"delete from {self.table} where {_THIS}", [schema, name])
            return True

    def grant(self, schema: str, name: str, privilege: str, grantees: Sequence[str]) -> None:
        """Record who may do what. DuckDB has no privileges: nothing here is enforced, which privileges_enforced says."""
        granted = self._grants(schema, name)
        wanted = [{"privilege": _privilege(privilege), "grantee": grantee} for grantee in grantees]
        self._set_grants(schema, name, [*granted, *(grant for grant in wanted if grant not in granted)])

    def revoke(self, schema: str, name: str, privilege: str, grantees: Sequence[str]) -> None:
        """Take a privilege from grantees. One that nobody had is no error."""
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
        with self._connect() as cursor:
            return self._rows(cursor, "order by schema_name, name", [])

    def external_models(self) -> list[ExternalModel]:
        """Every model with what tells it from the others: name, place and identity."""
        named = ("name", "location", "api_format", "model", "identity")
        return [ExternalModel(model_type=row["model_type_desc"], **{field: row[field] for field in named}) for row in self.models()]

    def find(self, schema: str, name: str) -> dict[str, Any] | None:
        """The row of an external model, or None."""
        with self._connect() as cursor:
            return self._find(cursor, schema, name)

    def specification(self, schema: str, name: str) -> dict[str, Any]:
        """What create_external_model was given for this model. Raises ConfigurationError with the models that there are."""
        row = self.find(schema, name)
        if row is None:
            there = ", ".join(model["name"] for model in self.models() if model["schema_name"] == schema) or "none"
            raise ConfigurationError(
                f"external model {name!r} is not in {self.table} for schema {schema!r}; create it first, or use one of: {there}"
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
        with self._lock, self._connect() as cursor:
            if self._find(cursor, schema, name) is not None:
                cursor.execute(f"update {self.table} set grants = ? where {_THIS}", [json.dumps(list(grants)), schema, name])

    def _find(self, cursor: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, Any] | None:
        rows = self._rows(cursor, f"where {_THIS}", [schema, name])
        return rows[0] if rows else None

    def _rows(self, cursor: duckdb.DuckDBPyConnection, clauses: str, values: list[Any]) -> list[dict[str, Any]]:
        import duckdb

        try:
            cursor.execute(f"select * from {self.table} {clauses}", values)
        except duckdb.CatalogException:
            return []  # nothing was ever created here
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _create(self, cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(f"create schema if not exists {self._place}")
        cursor.execute(f"create table if not exists {self.table} ({_COLUMNS})")


_THIS = "schema_name = ? and name = ?"


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
