"""Whose answers are those that version 1 of the key recipe stored, which knew no ports.

Two endpoints on one host shared their keys there. What they stored cannot be told apart, so it is used only where one external
model alone can have asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbt_ai.external_model import ExternalModel


class Portless:
    """known_models: the external models that may have asked, as far as anybody knows."""

    def __init__(self, known_models: Callable[[], Iterable[ExternalModel]] = tuple) -> None:
        self._known_models = known_models

    def rivals(self, model: ExternalModel) -> list[str]:
        """The identities of other endpoints that had the same portless identity."""
        shared = (known for known in self._known_models() if known.portless_identity == model.portless_identity)
        return sorted({rival.key_identity for rival in shared} - {model.key_identity})
