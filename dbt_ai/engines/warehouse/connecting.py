"""Which connection carries rows fastest for an adapter."""

from __future__ import annotations

from dbt.adapters.base.impl import BaseAdapter

from dbt_ai.engines.warehouse.connection import Connection


def connection_to(adapter: BaseAdapter) -> Connection:
    """The connection for this adapter's warehouse."""
    if adapter.type() == "postgres":
        from dbt_ai.engines.warehouse.postgres import PostgresConnection

        return PostgresConnection(adapter)
    return Connection(adapter)
