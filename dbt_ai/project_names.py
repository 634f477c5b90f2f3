"""What a project has that its settings may name: nodes, external models, tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """nodes: ids. models: names of external models, and of what they call. tags: of nodes.

    places: of each external model its location, and what it calls there.
    """

    nodes: Collection[str]
    models: Collection[str]
    tags: Collection[str]
    places: Collection[Sequence[str]] = ()

    @classmethod
    def of_nodes(cls, nodes: Mapping[str, Mapping[str, Any]]) -> ProjectNames:
        """Read them from nodes by their ids, as a manifest has them.

        >>> ProjectNames.of_nodes({"model.shop.labels": {"tags": ["nightly"]}}).tags
        ['nightly']
        """
        models: list[str] = []
        places: list[tuple[str, str]] = []
        for node in nodes.values():
            config = node.get("config") or {}
            if config.get("materialized") == "external_model":
                specified = (config.get("meta") or {}).get("dbt_ai") or {}
                models.extend(str(name) for name in (node.get("alias") or node.get("name"), specified.get("model")) if name)
                places.append((str(specified.get("location") or ""), str(specified.get("model") or "")))
        tags = dict.fromkeys(str(tag) for node in nodes.values() for tag in node.get("tags") or ())
        return cls([*nodes], [*dict.fromkeys(models)], [*tags], places)


def short_name(node: str) -> str:
    """The name of a node, by its id.

    >>> short_name("model.shop.labels")
    'labels'
    """
    return node.split(".", 2)[-1]
