"""What a model's tokens cost. An unknown price is None and shown as unknown, never as nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.request import TokenCount

_MILLION = 1_000_000
_FIELDS = ("input_per_million", "output_per_million")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input_per_million: float
    output_per_million: float = 0.0

    def cost(self, tokens: TokenCount) -> float:
        return (tokens.input * self.input_per_million + tokens.output * self.output_per_million) / _MILLION


FREE = Price(0.0)


@dataclass(slots=True)
class Prices:
    """configured: by the name of the external model or of the model it calls; the configuration wins over the catalogue."""

    configured: Mapping[str, Price] = field(default_factory=dict)
    _found: dict[tuple[str, str], Price | None] = field(init=False, default_factory=dict)

    @classmethod
    def from_config(cls, entries: Sequence[Mapping[str, Any]]) -> Prices:
        """Read `prices` of the plugin: a list of {model, input_per_million, output_per_million}, in US dollars.

        Raises ConfigurationError naming the entry, the field, the value and what would be accepted.
        """
        configured = {}
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("model"), str) or "input_per_million" not in entry:
                raise ConfigurationError(
                    f"plugin dbt_ai: entry {number} of prices is {dict(entry) if isinstance(entry, Mapping) else entry!r};"
                    " write {model: …, input_per_million: …, output_per_million: …} in US dollars"
                )
            for name, value in entry.items():
                if name != "model" and (name not in _FIELDS or isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
                    raise ConfigurationError(
                        f"plugin dbt_ai: prices of {entry['model']!r}: {name} is {value!r}; give {' and '.join(_FIELDS)} as numbers"
                    )
            configured[entry["model"]] = Price(**{name: float(entry[name]) for name in _FIELDS if name in entry})
        return cls(configured)

    def of(self, model: ExternalModel) -> Price | None:
        """The price of a model; nothing for one that runs in this process; None where nobody knows."""
        for name in (model.name, model.model):
            if name in self.configured:
                return self.configured[name]
        if not model.location.startswith(("http://", "https://")):
            return FREE
        key = (model.location, model.model)
        if key not in self._found:
            self._found[key] = _catalogued(*key)
        return self._found[key]


def _catalogued(location: str, model: str) -> Price | None:
    try:
        from genai_prices import Usage, calc_price
    except ImportError:  # the extra `prices`, for Python 3.11 and later
        return None
    # Long contexts cost more with some providers: a request of a thousand tokens is priced as such.
    sample = 1000
    try:
        found = calc_price(Usage(input_tokens=sample, output_tokens=sample), model, provider_api_url=location)
    except LookupError:
        return None
    scale = _MILLION / sample
    return Price(float(found.input_price or 0) * scale, float(found.output_price or 0) * scale)
