"""Which relations of the target database hold mock answers, so that no live run adds real ones to them unnoticed.

The table `mock_relations` is written at the start of a run, since the run may be killed, and corrected at its end.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from dbt_ai.counted import some_of
from dbt_ai.errors import ConfigurationError
from dbt_ai.modes import Mode
from dbt_ai.project_names import short_name

# Relations that a warning names.
_MOST_NAMES = 5
# What keeps the rows that it had.
_GROWING = ("incremental", "snapshot")


@dataclass(frozen=True, slots=True)
class Mark:
    """Says that a relation holds mock answers.

    relation: its name, as GraphNode.name. marked_in: the invocation that marked it. rebuilt_in: the one that is building it anew from real
    answers.
    """

    relation: str
    node: str
    marked_in: str
    rebuilt_in: str | None = None


class Marks(Protocol):
    """Where marks are kept: in the database, beside the answers."""

    def read(self) -> list[Mark]:
        """All of them. Reading creates nothing."""

    def replace(self, relations: Collection[str], marks: Sequence[Mark]) -> None:
        """Put these marks in the place of those of the relations, all together."""

    def exists(self, relation: tuple[str | None, str, str]) -> bool:
        """Whether the database has this relation: its database, schema and name."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A model or snapshot of the graph.

    relation: its database, schema and name. keeps_rows: whether it is more than a text: reading a view, say, reads what is below it.
    parents: the nodes that it reads. asks: whether it has AI calls of its own. selected: whether this run builds it.
    full_refresh: whether from nothing.
    """

    id: str
    relation: tuple[str | None, str, str]
    materialized: str
    keeps_rows: bool
    parents: tuple[str, ...]
    asks: bool
    selected: bool
    full_refresh: bool

    @property
    def grows(self) -> bool:
        """Whether this run adds rows to those that are there."""
        return self.materialized in _GROWING and not self.full_refresh

    @property
    def name(self) -> str:
        """Its relation in lower case, with dots."""
        return _name(self.relation)


class MockRelations:
    """Thread-safe."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._lock = threading.Lock()

    def begin(self, invocation: str, nodes: Sequence[Mapping[str, Any]], mode: Mode) -> list[str]:
        """A run begins. Returns warnings; raises ConfigurationError if it would add real answers to mock ones."""
        graph = [GraphNode(**{**node, "relation": tuple(node["relation"]), "parents": tuple(node["parents"])}) for node in nodes]
        with self._lock:
            marked = {mark.relation: mark for mark in self._marks.read()}
            for node in graph:
                if node.name in marked and not self._marks.exists(node.relation):
                    del marked[node.name]
            if not (mode.mocks or marked):
                return []
            sources = {node.id for node in graph if node.name in marked and node.keeps_rows and not node.selected}
            if mode.mocks:
                asking = {node.id for node in graph if node.asks and (node.selected or not node.keeps_rows)}
                built = [node for node in _readers(graph, sources | asking) if node.selected and node.keeps_rows]
                mixed = [node for node in built if node.grows and node.name not in marked and self._marks.exists(node.relation)]
                self._write([_mark(node, invocation, marked) for node in built])
                warnings = [f"{node.id}: this run adds mock answers to {node.name}, which has real rows" for node in mixed]
                return [*warnings, _in_the_place_of_real(built, mode.overrides)] if mode.overrides and built else warnings
            return self._begin_live(invocation, graph, marked, sources)

    def end(self, invocation: str, built: Sequence[str]) -> None:
        """A run has ended. built: the nodes that it has built."""
        with self._lock:
            mine = [mark for mark in self._marks.read() if invocation in (mark.marked_in, mark.rebuilt_in)]
            healed = [mark for mark in mine if mark.rebuilt_in == invocation and mark.node in built]
            never_made = [mark for mark in mine if mark.marked_in == invocation and mark.node not in built]
            kept = [replace(mark, rebuilt_in=None) for mark in mine if mark not in healed and mark not in never_made and mark.rebuilt_in]
            self._write(kept, but=[mark.relation for mark in (*healed, *never_made)])

    def holds(self, invocation: str, relation: Sequence[str]) -> bool:
        """Whether a relation holds mock answers in this run. relation: the parts of its name, with or without a database."""
        name = _name(relation)
        marked = [mark.relation for mark in self._marks.read() if mark.rebuilt_in != invocation]
        return any(mark == name or mark.endswith(f".{name}") for mark in marked)

    def _begin_live(self, invocation: str, graph: Sequence[GraphNode], marked: Mapping[str, Mark], sources: set[str]) -> list[str]:
        """marked: the relations that hold mock answers. sources: those of them that this run does not build."""
        spoilt = [node for node in _readers(graph, sources) if node.selected and node.keeps_rows]
        for node in (node for node in graph if node.selected and node.grows):
            if node.name in marked:
                raise ConfigurationError(_refusal(node, f"{node.name} holds mock answers, and a live run would add real ones to them"))
            if node in spoilt:
                raise ConfigurationError(
                    _refusal(node, f"it reads {_source(graph, sources, node)}, which holds mock answers, and keeps what it read")
                )
        rebuilt = [node for node in graph if node.selected and node.name in marked and node not in spoilt]
        self._write(
            [
                *(_mark(node, invocation, marked) for node in spoilt),
                *(replace(marked[node.name], rebuilt_in=invocation) for node in rebuilt),
            ]
        )
        return [f"{node.id} reads {_source(graph, sources, node)}, which holds mock answers" for node in spoilt]

    def _write(self, marks: Sequence[Mark], but: Sequence[str] = ()) -> None:
        """but: relations whose marks go."""
        if marks or but:
            self._marks.replace([*but, *(mark.relation for mark in marks)], marks)


def _mark(node: GraphNode, invocation: str, marked: Mapping[str, Mark]) -> Mark:
    """A mark that is there keeps the invocation that set it."""
    found = marked.get(node.name)
    return replace(found, rebuilt_in=None) if found else Mark(node.name, node.id, invocation)


def _name(relation: Sequence[str | None]) -> str:
    return ".".join(part for part in relation if part).lower()


def _readers(graph: Sequence[GraphNode], start: set[str]) -> list[GraphNode]:
    """These nodes and whatever reads them in this run, directly or by way of views and of what the run builds."""
    reached, found = set(start), True
    while found:
        new = {node.id for node in graph if (node.selected or not node.keeps_rows) and not reached.isdisjoint(node.parents)} - reached
        reached, found = reached | new, bool(new)
    return [node for node in graph if node.id in reached]


def _source(graph: Sequence[GraphNode], sources: set[str], reader: GraphNode) -> str:
    return next(node.name for node in graph if node.id in sources and reader in _readers(graph, {node.id}))


def _in_the_place_of_real(built: Sequence[GraphNode], mode: str) -> str:
    """Told by the run itself: the live one after it is too late. mode: of the target."""
    said = f"DBT_AI_MODE is mock and this target's mode is {mode}: this run puts mock answers into {_some(built)}"
    growing = [node for node in built if node.materialized in _GROWING]
    if growing:
        said += f"; live runs are refused then until {_some(growing)} {'is' if len(growing) == 1 else 'are'} built anew (--full-refresh)"
    return f"{said}; give mock a target of its own"


def _some(nodes: Sequence[GraphNode]) -> str:
    return some_of([node.name for node in nodes], _MOST_NAMES)


def _refusal(node: GraphNode, why: str) -> str:
    name = short_name(node.id)
    if node.materialized == "snapshot":
        return f"{node.id}: {why}; drop {node.name} to begin it anew, or run mock on a target of its own"
    return (
        f"{node.id}: {why}; run dbt build --full-refresh --select +{name}, which asks for no answer that is stored,"
        " or run mock on a target of its own"
    )
