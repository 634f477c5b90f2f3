"""The external model: where a model lives and how to call it. Everything is called against one of these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dbt_ai.errors import ConfigurationError

MODEL_TYPES = ("EMBEDDINGS", "CHAT")


@dataclass(frozen=True, slots=True, eq=False)
class ExternalModel:
    """One `create_external_model`, as the macros hand it to the runtime.

    location: the full URL that is posted to, or `hf://`, `file:///`, `package://` for a local model.
    parameters: appended to every request; a parameter of the call wins.
    identity: what stands for this model in request keys instead of its location, so that answers survive a move.
    """

    name: str
    location: str
    api_format: str
    model_type: str
    model: str
    credential: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    identity: str | None = None

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> ExternalModel:
        """Build and check a model from the mapping that `create_external_model` wrote.

        Raises ConfigurationError naming the model, the field, the value and what would be accepted.
        """
        name = str(spec.get("name") or "?")
        for required in ("location", "api_format", "model_type", "model"):
            if not isinstance(spec.get(required), str) or not spec[required]:
                raise ConfigurationError(f"external model {name!r}: {required} is missing; give it as a string")
        model = cls(
            name=name,
            location=spec["location"],
            api_format=spec["api_format"],
            model_type=spec["model_type"],
            model=spec["model"],
            credential=spec.get("credential") or None,
            parameters=dict(spec.get("parameters") or {}),
            identity=spec.get("identity") or None,
        )
        if model.model_type not in MODEL_TYPES:
            raise ConfigurationError(
                f"external model {name!r}: model_type {model.model_type!r} is not known; use one of {', '.join(MODEL_TYPES)}"
            )
        return model

    @property
    def key_identity(self) -> str:
        """What decides an answer apart from parameters and input: never host-independent unless the user says so."""
        if self.identity:
            return self.identity
        place = urlsplit(self.location)
        return json.dumps([self.api_format, self.model, f"{(place.hostname or '').lower()}{place.path}"])
