"""What a project has that its settings may name: nodes, external models, tags."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What stands around the name in an id: what it is and its project, and behind it the hash of a test, or the way of a comparison.
_AROUND_NAME = r"^[^.]*\.[^.]*\.|\.([0-9a-f]{10}|compare_[ab])$"
# `named_in` of the column `node`, in DuckDB's SQL.
NAMED_IN = f"regexp_replace(node, '{_AROUND_NAME}', '', 'g')"


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


def named_in(node: str) -> str:
    """The name under which a node's user knows what it asked, by its id. It may have dots.

    >>> named_in("model.shop.labels.v2"), named_in("model.shop.labels.compare_a"), named_in("test.shop.labels_are_known.a41f3c0d9e")
    ('labels.v2', 'labels', 'labels_are_known')
    """
    return re.sub(_AROUND_NAME, "", node)


def short_name(node: str) -> str:
    """The name of a node, by its id.

    >>> short_name("model.shop.labels")
    'labels'
    """
    return node.split(".", 2)[-1]
