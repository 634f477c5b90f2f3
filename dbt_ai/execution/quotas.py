"""What the configuration says of endpoints: `endpoints` of the plugin, a list of URLs with their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.pacer import Quota
from dbt_ai.external_model import ExternalModel


@dataclass(frozen=True, slots=True)
class Quotas:
    """entries: (beginning of a URL, name of a model or None, limits). The longest beginning wins."""

    entries: tuple[tuple[str, str | None, Quota], ...] = ()

    @classmethod
    def from_config(cls, entries: Sequence[Mapping[str, Any]]) -> Quotas:
        """Raises ConfigurationError naming the entry, the field, the value and what would be accepted."""
        known = {field.name for field in fields(Quota)}
        read = []
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("url"), str):
                raise ConfigurationError(f"plugin dbt_ai: entry {number} of endpoints has no url; give the beginning of a location")
            place = f"plugin dbt_ai: endpoints {entry['url']!r}"
            limits = {name: value for name, value in entry.items() if name not in ("url", "model")}
            for name, value in limits.items():
                if name not in known:
                    raise ConfigurationError(f"{place}: {name} is not known; use {', '.join(sorted(known))}")
                if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
                    raise ConfigurationError(f"{place}: {name} is {value!r}; give a number above 0")
            if "max_in_flight" in limits:
                limits["max_in_flight"] = int(limits["max_in_flight"])
            read.append((entry["url"], entry.get("model"), Quota(**limits)))
        return cls(tuple(sorted(read, key=lambda entry: (len(entry[0]), entry[1] is not None), reverse=True)))

    def of(self, model: ExternalModel) -> Quota:
        for url, name, quota in self.entries:
            if model.location.startswith(url) and name in (None, model.model):
                return quota
        return Quota()
