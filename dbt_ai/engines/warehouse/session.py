"""The runtime of one warehouse in this process, and what macros ask of it."""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from dbt.adapters.base.impl import BaseAdapter
from dbt_common.invocation import get_invocation_id

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.display.node_display import NodeDisplay
from dbt_ai.display.terminal import Terminal
from dbt_ai.engines.catalog_actions import CatalogActions
from dbt_ai.engines.dbt_log import around_each_line, say, terminal
from dbt_ai.engines.dbt_stops import Stop
from dbt_ai.engines.macro_versions import warn_of_other_macros
from dbt_ai.engines.warehouse.adapters import connection_to
from dbt_ai.engines.warehouse.catalog import catalog_in_warehouse
from dbt_ai.engines.warehouse.collecting import collecting_queries
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.joining import with_joins
from dbt_ai.engines.warehouse.journal import Journal
from dbt_ai.engines.warehouse.kept_inputs import new_name
from dbt_ai.engines.warehouse.look_ups import Statement, Unreadable, read, require_names
from dbt_ai.engines.warehouse.microbatch import of_all_batches
from dbt_ai.engines.warehouse.node_queries import NodeQueries
from dbt_ai.engines.warehouse.outbox import Delivering, Outbox, WarehouseStore
from dbt_ai.engines.warehouse.staged_plan import StagedPlan
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.engines.warehouse.views import definitions, with_views, written_again
from dbt_ai.errors import DbtAiError, PlanError, StoreError
from dbt_ai.ledger import DbtNode
from dbt_ai.node_answers import weights_of
from dbt_ai.providers.mock import mock_values
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.schema import Kind
from dbt_ai.tokens import TokenCount


@dataclass(frozen=True, slots=True)
class ToBuild:
    """What is built when a plan is done. sql: as it was compiled. joined: with the answers. kept: see NodeQueries.kept."""

    invocation: str
    sql: str
    joined: str
    kept: Mapping[int, str]


class Session:
    """Lives as long as the process: dbt makes a new adapter for each invocation, the warehouse stays the same."""

    _sessions: ClassVar[dict[str, Session]] = {}
    _making: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, adapter: BaseAdapter, settings: Settings) -> None:
        self.dialect = dialect_of(adapter.type())
        self.connection = connection_to(adapter)
        self.tables = WarehouseTables(self.connection, self.dialect, settings.schema)
        self.outbox = Outbox(self.tables, say)
        credentials = adapter.config.credentials
        self.journal = Journal([adapter.type(), str(credentials.unique_field), str(credentials.database), settings.schema])
        screen = terminal()
        self._stop = Stop(self)
        self.runtime = Runtime(
            settings,
            WarehouseStore(self.journal.store, self.tables, self.outbox, subtracted=not settings.mode.uses_cassette),
            invocation=get_invocation_id,
            display=NodeDisplay(say, screen),
            began=partial(self._begin, screen),
            through=lambda store: Delivering(store, self.outbox),
        )
        named = self.runtime.named_settings(of_project=True)
        self._catalog = CatalogActions(catalog_in_warehouse(self.tables), self.runtime.credentials, settings.mode, named)
        self._to_build: dict[str, ToBuild] = {}
        self._prepared_for: str | None = None
        warn_of_other_macros()
        atexit.register(self.close)

    def _begin(self, screen: Terminal) -> None:
        """Another invocation has begun."""
        self._stop.listen()
        if screen.live:
            around_each_line(screen.cleared)

    @classmethod
    def call(cls, adapter: BaseAdapter, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What `adapter.dbt_ai(action, arguments)` answers; {'error': …} for what has a sentence."""
        try:
            session = cls._of(adapter, arguments.get("settings") or {})
            actions: dict[str, Callable[..., dict[str, Any]]] = {
                "prepare": session.prepare,
                "plan": session.plan,
                "wait": session.wait,
                "interrupt": session.interrupt,
                "counts": session.runtime.counts,
                "summary": session.summary,
                "mock": session.mock,
                "exists": session.exists,
                "catalog": session.catalog,
            }
            return actions[action](**{name: value for name, value in arguments.items() if name != "settings"})
        except DbtAiError as error:
            return {"error": str(error)}

    @classmethod
    def _of(cls, adapter: BaseAdapter, settings: Mapping[str, Any]) -> Session:
        read = Settings.for_warehouse(settings)
        credentials = adapter.config.credentials
        place = [adapter.type(), str(credentials.unique_field), str(credentials.database), read.mode.name, settings]
        key = json.dumps(place, sort_keys=True, default=str)
        with cls._making:
            if key not in cls._sessions:
                cls._sessions[key] = cls(adapter, read)
            cls._sessions[key].connection.adapter = adapter
            return cls._sessions[key]

    def prepare(self) -> dict[str, Any]:
        """Make the tables, and deliver what a process that was killed had not."""

        def make_and_deliver() -> tuple[int, bool]:
            with self.connection.opened("dbt_ai prepare"):
                self.tables.prepare()
                left = self._deliver_left()
                return left, not left and not self.tables.count()

        self._stop.listen_for_the_signal()
        left, empty = self.connection.aside(make_and_deliver)
        self._prepared_for = get_invocation_id()
        if left:
            say(f"dbt_ai: {left:,} answers of a run that ended early are in the warehouse now")
        mode = self.runtime.settings.mode
        return {"has_no_answers": empty and (mode.sends or mode.estimates)}

    def _require_prepared(self) -> None:
        """Once for each invocation: between two of a process somebody may have dropped the tables."""
        if self._prepared_for != get_invocation_id():
            self.prepare()

    def _deliver_left(self) -> int:
        try:
            left = self.journal.deliver_left(self.tables.insert_answers, say)
            if left:
                self.tables.forget_failures()
            return left
        except StoreError as error:
            say(f"dbt_ai: {error}; what a run that ended early had answered is kept on this machine")
            return 0

    def plan(
        self,
        node: str,
        owner: str,
        sql: str,
        views: Sequence[str] | Mapping[str, str] = (),
        batch: tuple[str, str] | None = None,
        tags: Sequence[str] = (),
        hooks: bool = True,
        schema: str | None = None,
    ) -> dict[str, Any]:
        """views: relations that the SQL reads and in which answers are looked up, with their SQL if it is not to be found in the warehouse.
        batch: where it ends, and its size in time. tags: of the node. hooks: whether the SQL may need what hooks do before it.
        schema: where it is built, as SQL; None where `wait` is not asked for the SQL to build."""
        self._require_prepared()
        if batch is not None:
            sql = of_all_batches(sql, *batch)
        try:
            statement = read(sql, self.dialect.name)
            require_names(statement)
            texts: list[tuple[str, Callable[[], str]]] = [(sql, statement.written_again)]
            self._check_digests(node, statement, "its SQL was compiled", "compile it again")
            if views:
                found = views if isinstance(views, Mapping) else self.connection.aside(partial(definitions, self.connection, views))
                statement = with_views(statement, found)
                texts += [(view, partial(written_again, view, self.dialect.name)) for view in found.values()]
                self._check_digests(node, statement, f"a view that it reads ({', '.join(found)}) was built", "build that again")
            new_table = (lambda: f"{schema}.{new_name()}") if schema and not views else None
            queries = unanswered = collecting_queries(statement, self._stored_model, new_table=new_table)
            if self.runtime.settings.mode.uses_cassette:
                queries = collecting_queries(statement, self._stored_model, subtract=False)
            built = self._joined(sql)
        except Unreadable as error:
            raise PlanError(f"{node}: {error}") from None
        collecting = NodeQueries(
            node,
            queries,
            unanswered,
            self.tables,
            self.outbox,
            self.runtime.call,
            partial(self._found, node),
            None if hooks else built,
            texts,
        )
        self._to_build[node] = ToBuild(get_invocation_id(), sql, built, collecting.kept)
        plan = partial(StagedPlan, collecting, sample=self.runtime.settings.sample)
        self.runtime.start_plan(
            node, owner, plan, interrupt=lambda: None, about=DbtNode(self.connection.adapter.config.target_name, tuple(tags))
        )
        return {}

    def wait(self, node: str) -> dict[str, Any]:
        """How the plan of a node is doing, the SQL that it may build when it is done, and the tables that nothing needs after that."""
        status, to_build = self.runtime.wait(node, seconds=0.9), self._to_build[node]
        kept = dict(to_build.kept)
        sql = self._joined(to_build.sql, kept) if kept and status.state != "running" else to_build.joined
        return {**asdict(status), "sql": sql, "kept": list(kept.values())}

    def _joined(self, sql: str, kept: Mapping[int, str] = MappingProxyType({})) -> str:
        return with_joins(sql, self.dialect.name, self.dialect.unique_keys, self._filters, kept)

    def stop_sending(self) -> None:
        """Send nothing more; returns at once."""
        self.runtime.stop_sending()

    def exists(self, place: tuple[str | None, str, str]) -> dict[str, Any]:
        """place: database, schema and name of a relation."""

        def find() -> bool:
            with self.connection.opened("dbt_ai exists"):
                return self.connection.adapter.get_relation(*place) is not None

        return {"exists": self.connection.aside(find)}

    def catalog(self, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the catalog answers: see CatalogActions."""

        def act() -> Any:
            with self.connection.opened("dbt_ai catalog"):
                return self._catalog(action, arguments)

        self._require_prepared()
        return {"result": self.connection.aside(act)}

    def mock(self, call: str, column: str) -> dict[str, Any]:
        """SQL of an answer as the column of `responses` holds it, the same for every input: for unit tests, which nothing plans."""
        [value] = mock_values(parse_call(call, mock=True), [""])
        if column == "vector":
            return {"sql": self.dialect.vector(value)}
        text = "[" + ", ".join(map(repr, value)) + "]" if not isinstance(value, str) else value
        return {"sql": self.dialect.literal(text, Kind.TEXT)}

    def interrupt(self) -> dict[str, Any]:
        """Send nothing more, and store what is in flight: dbt, or the command in its place, stops."""
        self.runtime.interrupt()
        return {}

    def summary(self) -> dict[str, Any]:
        """The table of what this invocation asked, once everything is delivered."""

        def deliver() -> None:
            with self.connection.opened("dbt_ai summary"):
                self.outbox.flush()
                self.outbox.flush_usage()
                if kept:
                    with self.tables.errors(), self.connection.transaction():
                        self.connection.drop(kept)

        # Where a build failed: one that succeeded has dropped them.
        kept = [
            table for to_build in self._to_build.values() if to_build.invocation == get_invocation_id() for table in to_build.kept.values()
        ]
        shown = self.runtime.summary()
        try:
            self.connection.aside(deliver)
        except StoreError as error:  # answers that a node could not do without have failed it
            shown = f"{shown}\ndbt_ai: {error}".strip()
        return {"summary": shown}

    def close(self) -> None:
        """At the end of the process, also after Ctrl-C: what is not in the warehouse by now stays in the journal."""
        self.runtime.close()
        self.outbox.close()
        try:
            if not self.outbox.is_empty or self.outbox.lacks_usage:
                with self.connection.opened("dbt_ai delivery"):
                    self.outbox.flush()
                    self.outbox.flush_usage()
        except (StoreError, Exception):  # dbt may have closed its connections for good
            pass
        self.journal.close(delivered=self.outbox.is_empty)

    def _check_digests(self, node: str, statement: Statement, made: str, instead: str) -> None:
        for look_up in statement.asking():
            if self.runtime.call(str(look_up.call)).digest != look_up.digest:
                raise PlanError(
                    f"{node}: {made} for another mode than {self.runtime.settings.mode.name}, or by another version of dbt_ai; {instead}"
                )

    def _found(self, node: str, call: Call, count: int, tokens: TokenCount) -> None:
        self.runtime.invocation.ledger.meter(node, call.model).found(count, tokens)

    def _stored_model(self, text: str) -> str | None:
        call = self.runtime.call(text)
        weights = weights_of(call)
        return call.model.stored_identity(weights) if weights else None

    def _filters(self, text: str) -> dict[str, str]:
        call = self.runtime.call(text)
        return {"function": call.function, "model": call.model.stored_identity(weights_of(call))}
