"""The dbt-duckdb plugin: how the runtime enters DuckDB.

Functions are registered on the base connection only: DuckDB catalogues a Python function for the whole database, but the callable
belongs to the connection object that registered it. Registered on a cursor, it is freed when dbt closes that cursor, and the next
call crashes the process (https://github.com/duckdb/duckdb-python/issues/530).
"""

from __future__ import annotations

import atexit
import re
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import Environment
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.events.contextvars import get_node_info
from dbt_common.invocation import get_invocation_id

from dbt_ai.catalog import catalog_in_duckdb
from dbt_ai.display.node_display import NodeDisplay
from dbt_ai.display.terminal import Terminal
from dbt_ai.engines.dbt_log import around_each_line, say, terminal
from dbt_ai.engines.dbt_stops import Stop
from dbt_ai.engines.duckdb_functions import counting, register
from dbt_ai.engines.duckdb_vector_index import VectorIndexes
from dbt_ai.engines.macro_versions import warn_of_other_macros
from dbt_ai.errors import ConfigurationError, DbtAiError, PlanError, StoreError, StoreInUse
from dbt_ai.ledger import DbtNode
from dbt_ai.outside_text import in_one_line
from dbt_ai.plan import PassFailed, PassKind, Plan
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.duckdb_file import OpenedFile, open_file, share_of_limited_memory
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, DuckDBStore
from dbt_ai.store.schema import Tables, literal
from dbt_ai.store.version_1 import Version1

# The session variable that tells a function who is asking: the running node, which need not be the node whose text holds the call.
NODE = "dbt_ai_node"
# What macros/internal/_require_identifying.sql raises. It is so whatever is answered, so the node is not executed without a plan.
NOT_IDENTIFIED = "does not identify the rows of"
# What DuckDB says of SQL before it reads a row, and of types while it reads them. Both are so whatever is answered.
_WHATEVER_IS_ANSWERED = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
_NO_SUCH_CAST = "Unimplemented type for cast"


class Plugin(BasePlugin):
    """What a DuckDB profile names. dbt-duckdb makes it; docs/configuration.md lists what stands under `config`.

    shop:
      target: dev
      outputs:
        dev:
          type: duckdb
          path: shop.duckdb
          plugins:
            - module: dbt_ai
              config: {max_cost_usd: 5}
    """

    creds: DuckDBCredentials

    def initialize(self, config: dict[str, Any]) -> None:
        """Read the configuration and wire the runtime. dbt-duckdb calls this first, for each invocation.

        config: `config` of the plugin in the profile. Raises what dbt shows as an error, in one sentence.
        """
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened_first: duckdb.DuckDBPyConnection | None = None
        self._store_file: duckdb.DuckDBPyConnection | None = None
        self._answers_in = OpenedFile(None)
        with _told_by_dbt():
            settings = Settings.from_config(self._written(config))
            target = Tables(settings.schema, self.creds.database)
            self.catalog = catalog_in_duckdb(self.cursor, target.place)
            tables, version_1 = Tables(settings.schema) if settings.store else target, Version1(self.catalog.external_models)
            self._store = DuckDBStore(self._store_cursor, tables, version_1=version_1, say=say, keep_inputs=settings.keep_inputs)
            screen = terminal()
            self._stop = Stop(self)
            self.runtime = Runtime(
                settings,
                self._store,
                invocation=get_invocation_id,
                display=NodeDisplay(say, screen),
                began=partial(self._begin, screen),
                version_1=version_1,
            )
        atexit.register(_close, weakref.ref(self))
        warn_of_other_macros()

    def _begin(self, screen: Terminal) -> None:
        """Another invocation has begun."""
        self._stop.listen()
        if screen.live:
            around_each_line(screen.cleared)

    def _written(self, config: dict[str, Any]) -> Mapping[str, Any]:
        """What the profile says under `config` of this plugin: dbt-duckdb adds the `settings` of DuckDB itself to what it gives us."""
        for plugin in (self.creds.plugins if self.creds else None) or []:
            if (plugin.alias or plugin.module.rpartition(".")[2]) == self.name:
                return plugin.config or {}
        return config

    def stop_sending(self) -> None:
        self.runtime.stop_sending()

    def interrupt(self) -> None:
        """Send nothing more: dbt stops."""
        self.runtime.interrupt()

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Refuse a database that the runtime cannot run in, or that is locked. dbt-duckdb calls this before it connects."""
        with _told_by_dbt():
            if creds.is_motherduck:
                raise ConfigurationError(
                    f"plugin dbt_ai: path {creds.path!r} is MotherDuck, whose servers cannot call functions of this process; move"
                    " the plugin's config to `vars: dbt_ai:` of dbt_project.yml, where the runtime works as on a warehouse"
                )
            # Of a locked file dbt-duckdb prints a traceback, so we open it before dbt-duckdb does. DuckDB gives both the same database,
            # if their settings are the same: no plugin that comes later may change them. Who configured retries wants to wait.
            if Path(creds.path).is_file() and not creds.retries and creds.plugins and creds.plugins[-1].module == "dbt_ai":
                self._opened_first = open_file(creds.path, config=config)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions. dbt-duckdb calls this for each connection that it opens."""
        self._connection = conn
        if self.runtime.settings.store is None:
            self._answers_in = OpenedFile(self.creds.path)
        if self._opened_first is not None:
            self._opened_first.close()
        if "checkpoint_threshold" not in (self.creds.config_options or {}):
            conn.execute(f"set global checkpoint_threshold = '{CHECKPOINT_THRESHOLD}'")
        share = share_of_limited_memory()
        if share and "memory_limit" not in {**(self.creds.config_options or {}), **(self.creds.settings or {})}:
            conn.execute(f"set global memory_limit = '{share}B'")
        indexes = VectorIndexes(self.creds.path, say)
        register(conn, self.runtime, self.catalog, self.start_plan, self._store.count, indexes)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Say on whose behalf this cursor asks. dbt-duckdb calls this for each cursor that it gives to a node: a node that is not planned
        may read a view, whose text names the view as who asks."""
        if node := get_node_info().get("unique_id"):
            cursor.execute(f"set variable {NODE} = {literal(node)}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of dbt's connection, with a transaction of its own."""
        assert self._connection is not None, "dbt-duckdb configures the connection before it runs a statement"
        return self._connection.cursor()

    def start_plan(self, node: str, owner: str, sql: str, options: Mapping[str, Any]) -> None:
        """Begin the plan of a node and return at once.

        sql: what the node selects. options: `allow_large_plan`, from the node's configuration; `target` and `tags`, see DbtNode.
        """
        running = NodeQuery(self, node, sql)
        plan = partial(Plan, node, running.run, sample=self.runtime.settings.sample, rows_guard=not options.get("allow_large_plan"))
        self.runtime.start_plan(node, owner, plan, running.interrupt, DbtNode(options.get("target"), tuple(options.get("tags", ()))))

    def _store_cursor(self) -> duckdb.DuckDBPyConnection:
        self._answers_in.require()
        path = self.runtime.settings.store
        if path is None:
            return self.cursor()
        if self._store_file is None:
            try:
                self._store_file = open_file(path, config={"checkpoint_threshold": CHECKPOINT_THRESHOLD})
            except StoreInUse:
                raise
            except StoreError as error:
                raise ConfigurationError(
                    f"plugin dbt_ai: store {path!r} cannot be opened ({error}); give a DuckDB file in a folder that exists, which is not"
                    " the target's own, or leave `store` out to keep answers in the target"
                ) from None
            self._answers_in = OpenedFile(path)
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
        """Run the node's SQL as one pass. Returns the number of rows; raises PassFailed where the SQL raises."""
        try:
            cursor = Environment.initialize_cursor(self._plugin.creds, self._plugin.cursor())
        except duckdb.Error as error:  # dbt has closed the database: it was interrupted
            raise PassFailed(str(error)) from error
        with self._lock:
            self._cursor = cursor
        try:
            cursor.execute(f"set variable {NODE} = '{kind.value} {self._node}'")
            [(rows, _)] = cursor.execute(self._sql).fetchall()
        except (duckdb.OutOfMemoryException, duckdb.FatalException) as error:
            raise PlanError(f"{self._node}: its SQL cannot be run: {str(error).splitlines()[0]}") from error
        except duckdb.Error as error:
            if NOT_IDENTIFIED in str(error):
                raise PlanError(in_one_line(error, 600).removeprefix("Invalid Input Error: ")) from error
            if _NO_SUCH_CAST in str(error):  # told when rows are read, so building the node would ask for them first
                raise PlanError(f"{self._node}: {'; '.join(filter(None, [str(error).splitlines()[0], _hint(str(error))]))}") from error
            refused = isinstance(error, _WHATEVER_IS_ANSWERED)
            raise PassFailed(in_one_line(error), refused, _hint(str(error)) if refused else "") from error
        finally:
            with self._lock:
                self._cursor = None
            cursor.close()
        return int(rows)

    def interrupt(self) -> None:
        """End the query that runs, if one does."""
        with self._lock:
            if self._cursor is not None:
                self._cursor.interrupt()


def _hint(error: str) -> str:
    """What to do about SQL that DuckDB refuses, where its own words do not say so."""
    if "errorStatus" in error and (_NO_SUCH_CAST in error or "STRUCT(response" in error):
        return "with fail_on_error=false an answer is a struct: write .response behind the call, or leave fail_on_error out"
    if re.search(r'Referenced column "[^"]*[^\w"][^"]*" not found', error):
        return "double quotes name a column in SQL; a text stands in single quotes, as in \"'Summarize: ' || body\""
    return ""


@contextmanager
def _told_by_dbt() -> Iterator[None]:
    """dbt-duckdb tells a RuntimeError as an error of the connection, and any other exception with a traceback."""
    try:
        yield
    except DbtAiError as error:
        raise RuntimeError(str(error)) from None


def _close(plugin: weakref.ref[Plugin]) -> None:
    """End the idle threads that wait for requests before the interpreter does: what their stacks reach would be reported as leaked
    by DuckDB's bindings, on every user's terminal."""
    found = plugin()
    if found is not None:
        found.runtime.close()
