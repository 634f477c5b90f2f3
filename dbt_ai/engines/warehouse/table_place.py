"""Where the tables of a store are in a warehouse, and what they are called there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt_common.exceptions import DbtBaseException

from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.engines.warehouse.dialect import Dialect
from dbt_ai.errors import StoreError
from dbt_ai.outside_text import in_one_line

# What Postgres, Snowflake and BigQuery say to a role that lacks a privilege.
_MAY_NOT = re.compile("permission denied|insufficient privileges|access denied", re.IGNORECASE)
# Replicas, databases that are shared with others, and sessions that are set so.
_READ_ONLY = re.compile("read.?only", re.IGNORECASE)


class TablePlace:
    """schema: as the user writes it. The tables are named as the macros name them."""

    def __init__(self, connection: WarehouseConnection, dialect: Dialect, schema: str) -> None:
        self.connection = connection
        self.dialect = dialect
        self.schema = schema

    def name(self, table: str) -> str:
        """One of our tables with its database and schema, quoted as the warehouse does."""
        return str(self.relation(table))

    def relation(self, table: str | None = None) -> Any:
        """One of our tables, or their schema, as the macros render it: quoted as the project says."""
        adapter = self.connection.adapter
        place = {"database": adapter.config.credentials.database, "schema": self.schema, "identifier": table}
        return adapter.Relation.create(**place, quote_policy=adapter.config.quoting)

    @contextmanager
    def errors(self, instead: str = "") -> Iterator[None]:
        """Whatever goes wrong in the warehouse is one sentence."""
        try:
            yield
        except DbtBaseException as error:
            said = in_one_line(error)
            if _READ_ONLY.search(said):
                instead = "no grant helps: let the target be a database that can be written, and not a read-only session of it"
            elif not instead and _MAY_NOT.search(said):
                instead = f"grant usage on schema {self.schema} and select, insert and delete on its tables to the role of this target"
            raise StoreError(f"answers cannot be kept in schema {self.schema} ({said}){f'; {instead}' if instead else ''}") from error
