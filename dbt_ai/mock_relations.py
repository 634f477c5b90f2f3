"""Which relations of the target database hold mock answers, so that no live run adds real ones to them unnoticed.

The table `mock_relations` is written at the start of a run, since the run may be killed, and corrected at its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError

if TYPE_CHECKING:
    import duckdb

# What keeps no rows of its own: reading it reads what is below it.
_VIRTUAL = ("view", "ephemeral", "external_model")
# What keeps the rows that it had.
_GROWING = ("incremental", "snapshot")

# marked_in: the invocation that marked it. rebuilt_in: the one that is building it anew from real answers.
_COLUMNS = "relation varchar not null, node varchar not null, marked_in varchar not null, rebuilt_in varchar"


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A model or snapshot of the graph.

    relation: its database, schema and name. parents: the nodes that it reads. asks: whether it has AI calls of its own.
    selected: whether this run builds it. full_refresh: whether from nothing.
    """

    id: str
    relation: tuple[str, str, str]
    materialized: str
    parents: tuple[str, ...]
    asks: bool
    selected: bool
    full_refresh: bool

    @property
    def keeps_rows(self) -> bool:
        """Whether its rows are kept: no view, and not ephemeral."""
        return self.materialized not in _VIRTUAL

    @property
    def grows(self) -> bool:
        """Whether this run adds rows to those that are there."""
        return self.materialized in _GROWING and not self.full_refresh

    @property
    def name(self) -> str:
        """Its relation in lower case, with dots."""
        return ".".join(self.relation).lower()


class MockRelations:
    """Thread-safe.

    connect: opens a cursor of its own for each use. place: the schema, quoted and qualified with its database.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], place: str) -> None:
        self._connect = connect
        self._table = f"{place}.mock_relations"
        self._place = place
        self._lock = threading.Lock()

    def begin(self, invocation: str, nodes: Sequence[Mapping[str, Any]], mock: bool) -> list[str]:
        """A run begins. Returns warnings; raises ConfigurationError if it would add real answers to mock ones."""
        graph = [GraphNode(**{**node, "relation": tuple(node["relation"]), "parents": tuple(node["parents"])}) for node in nodes]
        with self._lock, self._connect() as cursor:
            marked = self._marked(cursor)
            marked -= {node.name for node in graph if node.name in marked and not _exists(cursor, node)}
            if not (mock or marked):
                return []
            sources = {node.id for node in graph if node.name in marked and node.keeps_rows and not node.selected}
            if mock:
                asking = {node.id for node in graph if node.asks and (node.selected or not node.keeps_rows)}
                built = [node for node in _readers(graph, sources | asking) if node.selected and node.keeps_rows]
                mixed = [node for node in built if node.grows and node.name not in marked and _exists(cursor, node)]
                self._mark(cursor, invocation, built)
                return [f"{node.id}: this run adds mock answers to {node.name}, which has real rows" for node in mixed]
            return self._begin_live(cursor, invocation, graph, marked, sources)

    def end(self, invocation: str, built: Sequence[str]) -> None:
        """A run has ended. built: the nodes that it has built."""
        with self._lock, self._connect() as cursor:
            if self._marked(cursor):
                done = "(select unnest(?::varchar[]))"
                cursor.execute(
                    f"delete from {self._table} where rebuilt_in = ? and node in {done} or marked_in = ? and node not in {done}",
                    [invocation, list(built), invocation, list(built)],
                )
                cursor.execute(f"update {self._table} set rebuilt_in = null where rebuilt_in is not null")

    def holds(self, invocation: str, relation: Sequence[str]) -> bool:
        """Whether a relation holds mock answers in this run."""
        with self._connect() as cursor:
            return ".".join(relation).lower() in self._marked(cursor, but_rebuilt_in=invocation)

    def _begin_live(
        self, cursor: duckdb.DuckDBPyConnection, invocation: str, graph: Sequence[GraphNode], marked: set[str], sources: set[str]
    ) -> list[str]:
        """marked: the relations that hold mock answers. sources: those of them that this run does not build."""
        spoilt = [node for node in _readers(graph, sources) if node.selected and node.keeps_rows]
        for node in (node for node in graph if node.selected and node.grows):
            if node.name in marked:
                raise ConfigurationError(_refusal(node, f"{node.name} holds mock answers, and a live run would add real ones to them"))
            if node in spoilt:
                raise ConfigurationError(
                    _refusal(node, f"it reads {_source(graph, sources, node)}, which holds mock answers, and keeps what it read")
                )
        self._mark(cursor, invocation, spoilt)
        for node in graph:
            if node.selected and node.name in marked and node not in spoilt:
                cursor.execute(f"update {self._table} set rebuilt_in = ? where relation = ?", [invocation, node.name])
        return [f"{node.id} reads {_source(graph, sources, node)}, which holds mock answers" for node in spoilt]

    def _marked(self, cursor: duckdb.DuckDBPyConnection, but_rebuilt_in: str = "") -> set[str]:
        """Reading creates nothing."""
        import duckdb

        try:
            where = "where rebuilt_in is distinct from ?"
            return {name for (name,) in cursor.execute(f"select relation from {self._table} {where}", [but_rebuilt_in]).fetchall()}
        except duckdb.CatalogException:
            return set()

    def _mark(self, cursor: duckdb.DuckDBPyConnection, invocation: str, nodes: Sequence[GraphNode]) -> None:
        if not nodes:
            return
        cursor.execute(f"create schema if not exists {self._place}")
        cursor.execute(f"create table if not exists {self._table} ({_COLUMNS})")
        marked = self._marked(cursor)
        for node in nodes:
            if node.name in marked:
                cursor.execute(f"update {self._table} set rebuilt_in = null where relation = ?", [node.name])
            else:
                cursor.execute(f"insert into {self._table} values (?, ?, ?, null)", [node.name, node.id, invocation])


def _readers(graph: Sequence[GraphNode], start: set[str]) -> list[GraphNode]:
    """These nodes and whatever reads them in this run, directly or by way of views and of what the run builds."""
    reached, found = set(start), True
    while found:
        new = {node.id for node in graph if (node.selected or not node.keeps_rows) and not reached.isdisjoint(node.parents)} - reached
        reached, found = reached | new, bool(new)
    return [node for node in graph if node.id in reached]


def _source(graph: Sequence[GraphNode], sources: set[str], reader: GraphNode) -> str:
    return next(node.name for node in graph if node.id in sources and reader in _readers(graph, {node.id}))


def _refusal(node: GraphNode, why: str) -> str:
    name = node.id.split(".", 2)[-1]
    if node.materialized == "snapshot":
        return f"{node.id}: {why}; drop {node.name} to begin it anew, or run mock on a target of its own"
    return (
        f"{node.id}: {why}; run dbt build --full-refresh --select +{name}, which asks for no answer that is stored,"
        " or run mock on a target of its own"
    )


def _exists(cursor: duckdb.DuckDBPyConnection, node: GraphNode) -> bool:
    database, schema, name = node.relation
    return bool(
        cursor.execute(
            "select 1 from information_schema.tables"
            " where lower(table_catalog) = lower(?) and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
            [database, schema, name],
        ).fetchall()
    )
