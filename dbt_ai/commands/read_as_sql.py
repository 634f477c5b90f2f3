"""What a build would make anew before a node reads it, so that a fill reads its SQL in the place of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from dbt_ai.commands.manifest import ManifestNode
from dbt_ai.errors import DbtAiError

# What a build writes anew from its SQL alone. The rows of others are partly older than their SQL.
_WRITTEN_ANEW = ("table", "ai_table", "view")


class NotBuilt(DbtAiError):
    """A node reads what is not there and has no SQL that could be read instead."""


def read_as_sql(node: ManifestNode, nodes: Mapping[str, ManifestNode], is_built: Callable[[ManifestNode], bool]) -> dict[str, str]:
    """Relation -> SQL, for what the node reads and what these read: whatever has AI calls, reads something that has, or is not built.

    nodes: by id. Raises NotBuilt.
    """
    found: dict[str, str] = {}

    @cache
    def is_read_as_sql(id: str) -> bool:
        parent = nodes[id]
        below = [is_read_as_sql(id) for id in parent.parents if id in nodes]
        if parent.materialized == "ephemeral":  # its SQL is part of what reads it
            return any(below)
        if parent.materialized == "external_model":
            return False
        built = is_built(parent)
        if not built and not parent.sql:
            raise NotBuilt(
                f"{node.id} reads {parent.relation or parent.name}, which is not there yet; build {parent.name}, then run this again"
            )
        if built and not (parent.materialized in _WRITTEN_ANEW and (parent.looks_up or any(below))):
            return False
        found[parent.relation] = parent.sql
        return True

    for id in node.parents:
        if id in nodes:
            is_read_as_sql(id)
    return found
