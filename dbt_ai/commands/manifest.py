"""The nodes of a manifest.json, whichever dbt wrote it."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.outside_json import read_file
from dbt_ai.project_names import ProjectNames


@dataclass(frozen=True, slots=True)
class ManifestNode:
    """One node with its SQL as it was compiled; empty where it was not.

    place: database, schema and name of its relation. relation: these as SQL.
    """

    id: str
    name: str
    path: str
    fqn: str
    tags: tuple[str, ...]
    parents: tuple[str, ...]
    sql: str
    materialized: str
    place: tuple[str | None, str, str]
    relation: str

    @property
    def looks_up(self) -> bool:
        """Whether its SQL looks answers up, as macros/internal/_look_up.sql writes it."""
        return "dbt_ai_answer" in self.sql


@dataclass(frozen=True, slots=True)
class DbtManifest:
    """nodes: the models, seeds and snapshots by id, in the order of the DAG. names: what settings may name."""

    nodes: Mapping[str, ManifestNode]
    names: ProjectNames

    @classmethod
    def from_nodes(cls, found: Mapping[str, Mapping[str, Any]], target: Path) -> DbtManifest:
        """Read the nodes of a manifest. target: the folder of the files that it names."""
        nodes = {id: _node(id, node, target) for id, node in found.items() if node.get("resource_type") in ("model", "snapshot", "seed")}
        return cls(_in_order(nodes), ProjectNames.of_nodes(found))

    @classmethod
    def from_dbt(cls, nodes: Iterable[Any]) -> DbtManifest:
        """Read nodes as dbt has them in memory."""
        return cls.from_nodes({node.unique_id: node.to_dict(omit_none=True) for node in nodes}, Path())

    def looks_up(self, node: ManifestNode) -> bool:
        """Whether answers are looked up by the node, or by a view that it reads."""
        return node.looks_up or any(view.looks_up for view in self.views_below(node.parents))

    def views_below(self, parents: Iterable[str]) -> list[ManifestNode]:
        """The views and ephemeral models among these nodes, and those that they read. Who reads a view makes its calls."""

        def views(ids: Iterable[str]) -> list[str]:
            return [id for id in ids if id in self.nodes and self.nodes[id].materialized in ("view", "ephemeral")]

        return [self.nodes[id] for id in sorted(_reached(views(parents), lambda id: views(self.nodes[id].parents)))]


def read_manifest(target: Path) -> DbtManifest:
    """Read manifest.json. Raises ConfigurationError where there is none."""
    path = target / "manifest.json"
    try:
        return DbtManifest.from_nodes(read_file(path)["nodes"], target)
    except OSError:
        raise ConfigurationError(
            f"there is no manifest in {target}; run `dbt compile`, or say with --target-path where dbt wrote it"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{path} is not a manifest of dbt; run `dbt compile`, which writes it anew") from None


def select(nodes: Sequence[ManifestNode], selected: Sequence[str], excluded: Sequence[str]) -> list[ManifestNode]:
    """Names, fqns, `tag:` and `path:`, with `*` and with `+` before or after; a criterion that matches nothing is an error."""
    wanted = {node.id for criterion in selected for node in _matching(nodes, criterion)} if selected else {node.id for node in nodes}
    wanted -= {node.id for criterion in excluded for node in _matching(nodes, criterion)}
    return [node for node in nodes if node.id in wanted]


def _matching(nodes: Sequence[ManifestNode], criterion: str) -> Iterable[ManifestNode]:
    bare = criterion.strip("+")
    method, colon, value = bare.rpartition(":")
    if method not in ("", "tag", "path", "fqn"):
        raise ConfigurationError(f"--select {criterion}: the manifest is searched by name, fqn:, tag: and path:, not by {method}{colon}")
    found = [node for node in nodes if _matches(node, method, value)]
    if not found:
        raise ConfigurationError(f"--select {criterion} matches no model of the manifest")
    ids = {node.id for node in found}
    if criterion.startswith("+"):
        parents = {node.id: node.parents for node in nodes}
        ids |= _reached((node.id for node in found), lambda id: parents.get(id, ()))
    if criterion.endswith("+"):
        children: dict[str, list[str]] = {}
        for node in nodes:
            for parent in node.parents:
                children.setdefault(parent, []).append(node.id)
        ids |= _reached((node.id for node in found), lambda id: children.get(id, ()))
    return [node for node in nodes if node.id in ids]


def _matches(node: ManifestNode, method: str, value: str) -> bool:
    if method == "tag":
        return any(fnmatch.fnmatchcase(tag, value) for tag in node.tags)
    if method == "path":
        return fnmatch.fnmatchcase(node.path, value) or node.path.startswith(value.rstrip("/") + "/")
    return any(fnmatch.fnmatchcase(name, value) for name in (node.name, node.fqn)) or node.fqn.startswith(value + ".")


def _reached(ids: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    """These and whatever follows them, directly or by way of others."""
    reached = set(ids)
    left = list(reached)
    while left:
        new = set(following(left.pop())) - reached
        reached |= new
        left.extend(new)
    return reached


def _node(id: str, node: Mapping[str, Any], target: Path) -> ManifestNode:
    sql = node.get("compiled_code") or ""
    if not sql and node.get("compiled_path"):  # a manifest may leave the text to the file
        file = target.parent / str(node["compiled_path"])
        sql = file.read_text(encoding="utf-8") if file.is_file() else ""
    return ManifestNode(
        id=id,
        name=str(node.get("name")),
        path=str(node.get("original_file_path") or ""),
        fqn=".".join(node.get("fqn") or ()),
        tags=tuple(node.get("tags") or ()),
        parents=tuple((node.get("depends_on") or {}).get("nodes") or ()),
        sql=sql,
        materialized=str((node.get("config") or {}).get("materialized") or node.get("resource_type")),
        place=(node.get("database"), str(node.get("schema")), str(node.get("alias") or node.get("name"))),
        relation=str(node.get("relation_name") or ""),
    )


def _in_order(nodes: Mapping[str, ManifestNode]) -> dict[str, ManifestNode]:
    ordered: dict[str, ManifestNode] = {}
    seen: set[str] = set()

    def add(id: str) -> None:
        if id in nodes and id not in seen:
            seen.add(id)
            for parent in nodes[id].parents:
                add(parent)
            ordered[id] = nodes[id]

    for id in sorted(nodes):
        add(id)
    return ordered
