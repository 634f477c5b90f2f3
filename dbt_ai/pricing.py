"""What a model's tokens cost. An unknown price is None and shown as unknown, never as nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.parameters import OUTPUT_BOUNDS
from dbt_ai.project_names import ProjectNames
from dbt_ai.tokens import TokenCount, estimated_tokens
from dbt_ai.yaml_values import instead, read_number, refuse_unknown

_MILLION = 1_000_000
_FIELDS = (
    "input_per_million",
    "output_per_million",
    "cached_input_per_million",
    "cache_write_per_million",
    "cache_write_1h_per_million",
)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. Thoughts are output.

    cached_input_per_million, cache_write_per_million: for input that came from a prompt cache, or was written to one; None where that
    costs what other input does.
    cache_write_1h_per_million: for input that was written to a cache for an hour; None where that costs twice what other input does,
    as it does at Anthropic, who alone has it.
    above: the prices of requests that read more than a number of tokens, all of whose tokens cost more; the largest number last.

    >>> Price(3.0, 15.0, cached_input_per_million=0.3).cost(TokenCount(input=1_000_000, cached_input=900_000))
    0.57
    """

    input_per_million: float
    output_per_million: float = 0.0
    cached_input_per_million: float | None = None
    cache_write_per_million: float | None = None
    cache_write_1h_per_million: float | None = None
    above: tuple[tuple[int, Price], ...] = ()

    def cost(self, tokens: TokenCount, requests: int = 1) -> float:
        """What a request costs, or several of about one length."""
        price = next((price for start, price in reversed(self.above) if tokens.input > start * requests), self)
        cached, written, kept = price.cached_input_per_million, price.cache_write_per_million, price.cache_write_1h_per_million
        total = (tokens.input - tokens.cached_input - tokens.cache_write) * price.input_per_million
        total += tokens.cached_input * (price.input_per_million if cached is None else cached)
        total += (tokens.cache_write - tokens.cache_write_1h) * (price.input_per_million if written is None else written)
        total += tokens.cache_write_1h * (2 * price.input_per_million if kept is None else kept)
        return (total + tokens.output * price.output_per_million) / _MILLION

    def at_most(self, tokens: TokenCount, cached_for_an_hour: bool = False) -> float:
        """What a request may cost: nobody knows what an endpoint writes to its cache, which may cost more than reading."""
        written = replace(tokens, cache_write=tokens.input, cache_write_1h=tokens.input if cached_for_an_hour else 0)
        return max(self.cost(tokens), self.cost(written))


FREE = Price(0.0)

# What requests cost in jobs of a batch API, or in the flex tier, as a part of what they cost at once; the same at all who offer them.
# https://platform.openai.com/docs/guides/batch and …/flex-processing, https://docs.claude.com/en/docs/build-with-claude/batch-processing
CHEAPER = 0.5


def share_of_price(model: ExternalModel, new_requests: int | None = None) -> float:
    """The part of its price that a model's requests cost. new_requests: of one call, where they are not sent one by one."""
    in_jobs = model.execution == "batch" and new_requests is not None and new_requests > model.batch_above
    return CHEAPER if in_jobs or model.execution == "flex" else 1.0


@dataclass(slots=True)
class Prices:
    """configured: by the name of the external model or of the model it calls; the configuration wins over the catalogue.

    >>> prices = Prices.from_config([{"model": "llm", "input_per_million": 2, "output_per_million": 8}])
    >>> model = ExternalModel("llm", "https://ai.acme.example/v1/chat/completions", "OpenAI", "CHAT", "acme")
    >>> prices.of(model).cost(TokenCount(500_000, 1_000))
    1.008
    """

    configured: Mapping[str, Price] = field(default_factory=dict)
    _found: dict[tuple[str, str], Price | None] = field(init=False, default_factory=dict)

    @classmethod
    def from_config(cls, entries: Sequence[Mapping[str, Any]]) -> Prices:
        """Read `prices` of the plugin, a list in US dollars for a million tokens.

        model: the name of the external model, or of what it calls.
        input_per_million: input.
        output_per_million: output, thoughts included; 0 unless given.
        cached_input_per_million: input that came from a prompt cache; as other input unless given.
        cache_write_per_million: input that was written to a prompt cache; as other input unless given.
        cache_write_1h_per_million: input that was written to a prompt cache for an hour; twice what other input costs unless given.

        Raises ConfigurationError naming the entry, the field, the value and what would be accepted.
        """
        configured = {}
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("model"), str) or "input_per_million" not in entry:
                raise ConfigurationError(
                    f"plugin dbt_ai: entry {number} of prices is {dict(entry) if isinstance(entry, Mapping) else entry!r};"
                    " write {model: …, input_per_million: …, output_per_million: …} in US dollars"
                )
            place = f"plugin dbt_ai: prices of {entry['model']!r}"
            refuse_unknown(place, entry, ("model", *_FIELDS))
            given: dict[str, Any] = {name: read_number(f"{place}: {name}", entry[name]) for name in _FIELDS if name in entry}
            configured[entry["model"]] = Price(**given)
        return cls(configured)

    def unknown_names(self, names: ProjectNames) -> list[str]:
        """A sentence for each price of a model that is not there."""
        return [
            f"dbt_ai: a price names the model {name!r}, which this project does not have; {instead(name, sorted(names.models))}"
            for name in self.configured
            if name not in names.models
        ]

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


def dollars(amount: float | None, estimated: bool = False) -> str:
    """`$0.04`, `<$0.01`, `$12.30`, `~$0.04` where tokens are estimated, or `price unknown`."""
    if amount is None:
        return "price unknown"
    shown = "<$0.01" if 0 < amount < 0.005 else f"${amount:,.2f}"
    return f"~{shown}" if estimated and amount else shown


def where_prices_come_from() -> str:
    """What to do about a price that is not known."""
    configured = "add it under `prices` of the settings of dbt_ai"
    if find_spec("genai_prices"):
        return f"{configured}; the extra [prices] knows models at their vendors' own hosts, and none behind a gateway"
    if sys.version_info < (3, 11):  # which the extra is not for
        return configured
    return f"{configured}, or install dbt-ai-functions[prices], which knows most"


def _catalogued(location: str, model: str) -> Price | None:
    try:
        from genai_prices import Usage, calc_price
    except ImportError:  # the extra `prices`, for Python 3.11 and later
        return None
    try:
        found = calc_price(Usage(input_tokens=1, output_tokens=1), model, provider_api_url=location).model_price
    except LookupError:
        return None
    classes = [getattr(found, name, None) for name in _CATALOGUED]
    starts = sorted({tier.start for price in classes for tier in getattr(price, "tiers", ())})
    return _price(classes, 0, tuple((start, _price(classes, start)) for start in starts))


_CATALOGUED = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")


def _price(classes: Sequence[Any], start: int, above: tuple[tuple[int, Price], ...] = ()) -> Price:
    """The prices, as the catalogue has them, of requests that read more than `start` tokens."""
    of_input, of_output, of_cached, of_written, of_kept = (_tier(price, start) for price in classes)
    return Price(of_input or 0.0, of_output or 0.0, of_cached, of_written, of_kept, above)


def _tier(price: Any, start: int) -> float | None:
    """A class costs a number, or has tiers; None where it has no price of its own."""
    tiers = [tier.price for tier in getattr(price, "tiers", ()) if tier.start <= start]
    price = tiers[-1] if tiers else getattr(price, "base", price)
    return None if price is None else float(price)


def told_beside(call: Call) -> int:
    """Tokens that are sent beside each text, estimated."""
    if call.one_by_one:
        told: list[Any] = [question["messages"] for question in call.questions]
    else:
        told = [*call.questions] if call.model.model_type == "DECISIONS" else [call.messages, call.schema]
    return estimated_tokens(json.dumps(told, ensure_ascii=False)) if any(told) else 0


def output_bound(call: Call, inputs: int) -> int | None:
    """The most tokens that the answers to so many inputs have; None where the call sets no bound."""
    if call.embeds or call.model.model_type == "RERANKING":
        return 0
    if call.questions:
        return inputs * (len(call.questions) if call.one_by_one else 1)  # one token each, where there are tokens at all
    bounds: Sequence[int] = [call.parameters[name] for name in OUTPUT_BOUNDS if isinstance(call.parameters.get(name), int)]
    return bounds[0] * inputs if bounds else None
