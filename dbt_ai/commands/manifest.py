"""The nodes of a manifest.json, whichever dbt wrote it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
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
    """nodes: the models, seeds and snapshots in the order of the DAG. names: what settings may name."""

    nodes: Sequence[ManifestNode]
    names: ProjectNames


def read_manifest(target: Path) -> DbtManifest:
    """Read manifest.json. Raises ConfigurationError where there is none."""
    path = target / "manifest.json"
    try:
        found = read_file(path)["nodes"]
        nodes = {id: _node(id, node, target) for id, node in found.items() if node.get("resource_type") in ("model", "snapshot", "seed")}
        return DbtManifest(_in_order(nodes), ProjectNames.of_nodes(found))
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
        ids |= _closure(ids, parents)
    if criterion.endswith("+"):
        children: dict[str, list[str]] = {}
        for node in nodes:
            for parent in node.parents:
                children.setdefault(parent, []).append(node.id)
        ids |= _closure({node.id for node in found}, children)
    return [node for node in nodes if node.id in ids]


def _matches(node: ManifestNode, method: str, value: str) -> bool:
    if method == "tag":
        return any(fnmatch.fnmatchcase(tag, value) for tag in node.tags)
    if method == "path":
        return fnmatch.fnmatchcase(node.path, value) or node.path.startswith(value.rstrip("/") + "/")
    return any(fnmatch.fnmatchcase(name, value) for name in (node.name, node.fqn)) or node.fqn.startswith(value + ".")


def _closure(ids: set[str], following: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    left = list(ids)
    while left:
        for other in following.get(left.pop(), ()):
            if other not in seen:
                seen.add(other)
                left.append(other)
    return seen


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


def _in_order(nodes: Mapping[str, ManifestNode]) -> list[ManifestNode]:
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
    return list(ordered.values())
