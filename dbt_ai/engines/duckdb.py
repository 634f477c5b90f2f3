"""The dbt-duckdb plugin: how the runtime enters DuckDB.

Functions are registered on the base connection only: DuckDB catalogues a Python function for the whole database, but the callable
belongs to the connection object that registered it. Registered on a cursor, it is freed when dbt closes that cursor, and the next
call crashes the process (https://github.com/duckdb/duckdb-python/issues/530).
"""

from __future__ import annotations

import atexit
import sys
import threading
import weakref
from collections.abc import Mapping
from typing import Any

import duckdb
from dbt import flags
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import Environment
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.invocation import get_invocation_id

from dbt_ai.catalog import Catalog
from dbt_ai.display.terminal import Terminal
from dbt_ai.engines.duckdb_functions import counting, register
from dbt_ai.errors import ConfigurationError
from dbt_ai.plan import PassFailed, PassKind
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, Store

# The session variable that tells a function who is asking: the running node, which need not be the node whose text holds the call.
NODE = "dbt_ai_node"


class Plugin(BasePlugin):
    """`plugins: - module: dbt_ai` in a DuckDB profile."""

    creds: DuckDBCredentials

    def initialize(self, config: dict[str, Any]) -> None:
        settings = Settings.from_config(config)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._store_file: duckdb.DuckDBPyConnection | None = None
        atexit.register(_close, weakref.ref(self))
        store = Store(self._store_cursor, self._store_place(settings))
        terminal = Terminal(sys.stderr, quiet=getattr(flags.GLOBAL_FLAGS, "QUIET", False))
        self.runtime = Runtime(settings, store, invocation=get_invocation_id, say=AdapterLogger("dbt_ai").info, terminal=terminal)
        self.catalog = Catalog(self.cursor, f"{_quoted(self.creds.database)}.{_quoted(settings.schema)}")

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        if creds.is_motherduck:
            raise ConfigurationError(
                f"plugin dbt_ai: path {creds.path!r} is MotherDuck, whose servers cannot call functions of this process; build the models"
                " with AI calls in a local DuckDB file and attach MotherDuck to it for the rest"
            )

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        self._connection = conn
        if "checkpoint_threshold" not in (self.creds.config_options or {}):
            conn.execute(f"set global checkpoint_threshold = '{CHECKPOINT_THRESHOLD}'")
        register(conn, self)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "dbt-duckdb configures the connection before it runs a statement"
        return self._connection.cursor()

    def start_plan(self, node: str, owner: str, sql: str, options: Mapping[str, Any]) -> None:
        running = NodeQuery(self, node, sql)
        self.runtime.start_plan(node, owner, running.run, running.interrupt, rows_guard=not options.get("allow_large_plan"))

    def _store_place(self, settings: Settings) -> str:
        schema = _quoted(settings.schema)
        return schema if settings.store else f"{_quoted(self.creds.database)}.{schema}"

    def _store_cursor(self) -> duckdb.DuckDBPyConnection:
        path = self.runtime.settings.store
        if path is None:
            return self.cursor()
        if self._store_file is None:
            try:
                self._store_file = duckdb.connect(path, config={"checkpoint_threshold": CHECKPOINT_THRESHOLD})
            except duckdb.Error as error:
                raise ConfigurationError(
                    f"plugin dbt_ai: store {path!r} cannot be opened ({error}); give a DuckDB file in a folder that exists, which no other"
                    " process has open and which is not the target's own, or leave `store` out to keep answers in the target"
                ) from error
        return self._store_file.cursor()


class NodeQuery:
    """Runs one node's SQL for its plan, on a cursor of its own: answering NULL can then never leak into what the node
    materializes, and SQL that raises on NULL aborts no transaction."""

    def __init__(self, plugin: Plugin, node: str, sql: str) -> None:
        self._plugin = plugin
        self._node = node
        self._sql = counting(sql)
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def run(self, kind: PassKind) -> int:
        cursor = Environment.initialize_cursor(self._plugin.creds, self._plugin.cursor())
        with self._lock:
            self._cursor = cursor
        try:
            cursor.execute(f"set variable {NODE} = '{kind.value} {self._node}'")
            [(rows, _)] = cursor.execute(self._sql).fetchall()
        except duckdb.Error as error:
            raise PassFailed(str(error)) from error
        finally:
            with self._lock:
                self._cursor = None
            cursor.close()
        return int(rows)

    def interrupt(self) -> None:
        with self._lock:
            if self._cursor is not None:
                self._cursor.interrupt()


def _close(plugin: weakref.ref[Plugin]) -> None:
    """End the idle threads that wait for requests before the interpreter does: what their stacks reach would be reported as leaked
    by DuckDB's bindings, on every user's terminal."""
    found = plugin()
    if found is not None:
        found.runtime.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
