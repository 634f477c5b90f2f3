"""What the configuration says of endpoints: `endpoints` of the plugin, a list of URLs with their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.pacer import Quota
from dbt_ai.external_model import ExternalModel
from dbt_ai.project_names import ProjectNames
from dbt_ai.yaml_values import instead, read_number, read_text, read_whole_number, refuse_unknown

_LIMITS: Mapping[str, Any] = {
    "requests_per_minute": read_number,
    "tokens_per_minute": read_number,
    "max_in_flight": read_whole_number,
    "request_seconds": read_number,
}


@dataclass(frozen=True, slots=True)
class Quotas:
    """entries: (beginning of a URL, name of a model or None, limits). The longest beginning wins.

    >>> quotas = Quotas.from_config([{"url": "https://api.openai.com/", "max_in_flight": 64}])
    >>> quotas.of(ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")).max_in_flight
    64
    """

    entries: tuple[tuple[str, str | None, Quota], ...] = ()

    @classmethod
    def from_config(cls, entries: Sequence[Mapping[str, Any]]) -> Quotas:
        """Read `endpoints` of the plugin. Where several hold, the longest url wins, and then the one that names the model.

        url: the beginning of a location.
        model: what an external model calls, as its `model` says; every model there unless given.
        requests_per_minute: HTTP requests.
        tokens_per_minute: tokens, as the endpoint counts them.
        max_in_flight: requests at once.
        request_seconds: the longest that one request may take.

        Raises ConfigurationError naming the entry, the field, the value and what would be accepted.
        """
        read = []
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("url"), str):
                raise ConfigurationError(f"plugin dbt_ai: entry {number} of endpoints has no url; give the beginning of a location")
            place = f"plugin dbt_ai: endpoints {entry['url']!r}"
            refuse_unknown(place, entry, ("url", "model", *_LIMITS))
            model = None if entry.get("model") is None else read_text(f"{place}: model", entry["model"])
            limits = {name: _LIMITS[name](f"{place}: {name}", value, positive=True) for name, value in entry.items() if name in _LIMITS}
            read.append((entry["url"], model, Quota(**limits)))
        return cls(tuple(sorted(read, key=lambda entry: (len(entry[0]), entry[1] is not None), reverse=True)))

    def unknown_names(self, names: ProjectNames) -> list[str]:
        """A sentence for each entry whose limits no external model has."""
        found = []
        for url, model, _ in self.entries:
            there = sorted({called for location, called in names.places if location.startswith(url)})
            if not there:
                locations = sorted({location for location, _ in names.places})
                found.append(f"dbt_ai: endpoints name {url!r}, where no external model of this project is; {instead(url, locations)}")
            elif model is not None and model not in there:
                found.append(f"dbt_ai: endpoints name the model {model!r}, which nobody calls at {url!r}; {instead(model, there)}")
        return found

    def of(self, model: ExternalModel) -> Quota:
        """The limits that the configuration gives this model; those of the longest URL, and of the named model first."""
        for url, name, quota in self.entries:
            if model.location.startswith(url) and name in (None, model.model):
                return quota
        return Quota()
