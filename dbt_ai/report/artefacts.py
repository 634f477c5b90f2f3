"""What dbt's artefacts say of nodes with AI calls: how they ran, which answers are judged, which vectors are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.outside_json import read_file
from dbt_ai.store.schema import quoted

# The generic tests that declare a column of labels.
_JUDGES = ("ai_accepted_labels", "ai_agreement")


@dataclass(frozen=True, slots=True)
class Judged:
    """A column of answers that a test of the project judges.

    place: database, schema and name of the table.
    answer, label: SQL of DuckDB; label is None where nothing says what is right. fields: of the column, where the answer is one of them.
    several: an answer is a list of labels.
    """

    node: str
    place: tuple[str | None, str, str]
    column: str
    answer: str
    label: str | None = None
    several: bool = False
    fields: Sequence[str] = ()

    @property
    def relation(self) -> str:
        """The table as SQL of DuckDB, in the file that is opened."""
        return _relation(self.place)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Vectors that meta={'dbt_ai': {'map': …}} asks to be drawn. color, text: columns of the same model."""

    node: str
    place: tuple[str | None, str, str]
    vector: str
    color: str | None = None
    text: str | None = None

    @property
    def relation(self) -> str:
        """The table as SQL of DuckDB, in the file that is opened."""
        return _relation(self.place)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a node in the last command."""

    status: str
    seconds: float
    rows: int | None


@dataclass(frozen=True, slots=True)
class Artefacts:
    """invocation: of the last command; results: its nodes by their id. asking: ids of the nodes that read an external model."""

    invocation: str = ""
    results: Mapping[str, Result] | None = None
    judged: Sequence[Judged] = ()
    drawn: Sequence[Drawn] = ()
    asking: frozenset[str] = frozenset()


def read_artefacts(folder: Path) -> Artefacts:
    """What is in dbt's target folder. Raises ConfigurationError for files that are not dbt's."""
    manifest, run = _document(folder / "manifest.json"), _document(folder / "run_results.json")
    try:
        nodes = manifest.get("nodes", {})
        results = {one["unique_id"]: _result(one) for one in run.get("results", [])}
        invocation = str(run.get("metadata", {}).get("invocation_id") or "")
        return Artefacts(invocation, results or None, list(_judged(nodes)), list(_drawn(nodes)), frozenset(_asking(nodes)))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ConfigurationError(f"manifest.json or run_results.json in {folder} is not dbt's; run dbt again") from None


def _document(path: Path) -> dict[str, Any]:
    try:
        found = read_file(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise ConfigurationError(f"{path} cannot be read; run dbt again, which writes it anew") from None
    return found if isinstance(found, dict) else {}


def _result(found: Mapping[str, Any]) -> Result:
    rows = str((found.get("adapter_response") or {}).get("rows_affected", ""))
    return Result(str(found["status"]), float(found.get("execution_time") or 0), int(rows) if rows.isdigit() else None)


def _judged(nodes: Mapping[str, Any]) -> Iterator[Judged]:
    """One for each column; a test that knows the labels says more than one that knows which there may be."""
    found: dict[tuple[str, str], Judged] = {}
    for test in nodes.values():
        said = test.get("test_metadata") or {}
        if said.get("namespace") != "dbt_ai" or said.get("name") not in _JUDGES or test.get("attached_node") not in nodes:
            continue
        arguments, node = said["kwargs"], nodes[test["attached_node"]]
        column, field = str(arguments["column_name"]), arguments.get("field")
        parts = str(field).split(".") if field else []
        answer = ".".join([column, *map(quoted, parts)])
        label = arguments.get("label_column")
        several = arguments.get("multi_label") is True
        judged = Judged(str(node["name"]), _place(node), column, answer, label, several, parts)
        if label or (node["unique_id"], answer) not in found:
            found[node["unique_id"], answer] = judged
    return iter(found.values())


def _drawn(nodes: Mapping[str, Any]) -> Iterator[Drawn]:
    for node in nodes.values():
        said = ((node.get("config") or {}).get("meta") or {}).get("dbt_ai") or {}
        drawn = said.get("map") if isinstance(said, dict) else None
        if isinstance(drawn, dict) and drawn.get("vector"):
            color, text = (str(drawn[name]) if drawn.get(name) else None for name in ("color", "text"))
            yield Drawn(str(node["name"]), _place(node), str(drawn["vector"]), color, text)


def _asking(nodes: Mapping[str, Any]) -> Iterator[str]:
    models = {id for id, node in nodes.items() if (node.get("config") or {}).get("materialized") == "external_model"}
    return (id for id, node in nodes.items() if not models.isdisjoint((node.get("depends_on") or {}).get("nodes") or ()))


def _place(node: Mapping[str, Any]) -> tuple[str | None, str, str]:
    return node.get("database"), node["schema"], node.get("alias") or node["name"]


def _relation(place: tuple[str | None, str, str]) -> str:
    """In the file that is opened, whatever its database is called there."""
    return f"{quoted(place[1])}.{quoted(place[2])}"
