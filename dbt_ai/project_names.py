"""What a project has that its settings may name: nodes, external models, tags."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectNames:
    """nodes: ids. models: names of external models, and of what they call. tags: of nodes.

    places: of each external model its location, and what it calls there.
    """

    nodes: Collection[str]
    models: Collection[str]
    tags: Collection[str]
    places: Collection[Sequence[str]] = ()
