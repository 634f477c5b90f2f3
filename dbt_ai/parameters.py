"""The `parameters` of an external model and of a call: JSON that is merged into every request.

macros/external_models/_model_parameters.sql reads them as this does; tests/cases/parameters.yml holds for both.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from dbt_ai.errors import ConfigurationError

# What a provider writes itself: from a parameter these would silently change what is asked, or make the answer unreadable.
_RESERVED = ("model", "input", "messages", "stream")
# Where a chat call bounds its answers, in the words of the formats.
OUTPUT_BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "num_predict")
# Names of secrets, without - and _. Parameters are in SQL, logs and artefacts, and so would a secret be.
SECRETS = frozenset((
    "authorization", "apikey", "xapikey", "xgoogapikey", "subscriptionkey", "ocpapimsubscriptionkey", "bearer", "bearertoken",
    "accesstoken", "apitoken", "authtoken", "clientsecret", "secret", "password",
))  # fmt: skip
# Numbers whose meaning is the same wherever they are taken. A text in their place would be refused once for each row, or passed over.
_COUNTS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
NUMBERS = ("temperature", "top_p", "top_k", "topP", "topK", "min_p", "presence_penalty", "frequency_penalty", "seed", "num_predict")
MAX_RETRY_COUNT = 10
INSTEAD_OF_SECRETS = "use a credential, whose secret the endpoint gets in a header"
# DuckDB has no longer arrays, and no model longer vectors.
MOST_DIMENSIONS = 100_000


def read_parameters(given: Any, owner: str) -> tuple[dict[str, Any], int | None]:
    """Read a mapping or a JSON text of one: (what is sent, sql_rest_options.retry_count or None).

    owner: whose parameters they are, for messages.
    `dimensions` may be written in any case and as a string, as in SQL Server's documentation: {"Dimensions": "725"}.
    sql_rest_options speaks to who sends the request, not to the endpoint, and is taken out.
    Raises ConfigurationError naming the parameter, its value and what would be accepted.
    """
    parameters = _mapping(given, owner)
    retry_count = _retry_count(parameters.pop("sql_rest_options", None), owner)
    for name in parameters:
        if name.lower() in _RESERVED:
            raise ConfigurationError(f"{owner}: parameters cannot hold {name!r}, which the runtime writes itself; leave it out")
    if secret := _secret_in(parameters):
        raise ConfigurationError(f"{owner}: parameters hold {secret!r}, where a secret would be seen; {INSTEAD_OF_SECRETS}")
    spellings = [name for name in parameters if name.lower() == "dimensions"]
    if len(spellings) > 1:
        raise ConfigurationError(f"{owner}: parameters hold {' and '.join(map(repr, spellings))}; keep one")
    for spelling in spellings:
        parameters["dimensions"] = _dimensions(parameters.pop(spelling), owner)
    for name, value in parameters.items():
        _require_number(name, value, owner)
    return parameters, retry_count


def bare(name: str) -> str:
    """A name without what only some write in it.

    >>> bare("X-Api_Key")
    'xapikey'
    """
    return name.lower().replace("-", "").replace("_", "")


def _secret_in(value: Any) -> str | None:
    """The name of a text that names a secret, however deep it stands."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if inner and isinstance(inner, str) and bare(name) in SECRETS:
                return str(name)
    deeper = value.values() if isinstance(value, Mapping) else value
    return next((found for inner in deeper if isinstance(inner, (Mapping, list)) and (found := _secret_in(inner))), None)


def _require_number(name: str, value: Any, owner: str) -> None:
    """A null leaves the parameter out, whatever it is."""
    if value is None or name not in _COUNTS + NUMBERS:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if name in _COUNTS and not (number and isinstance(value, int) and value > 0):
        raise ConfigurationError(f"{owner}: parameter {name} {json.dumps(value)} is not accepted; give a whole number above 0, such as 256")
    if not number:
        raise ConfigurationError(f"{owner}: parameter {name} {json.dumps(value)} is not accepted; give a number, such as 1")


def _mapping(given: Any, owner: str) -> dict[str, Any]:
    if given is None or given == "":
        return {}
    wrong = f"{owner}: parameters {given!r} are not a JSON object; write a mapping such as {{'dimensions': 512}} or its JSON text"
    try:
        # The round trip refuses what JSON has no words for (dates, NaN), before a request would.
        text = given if isinstance(given, str) else json.dumps(given, allow_nan=False)
        parameters = json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError):
        raise ConfigurationError(wrong) from None
    if not isinstance(parameters, dict):
        raise ConfigurationError(wrong)
    return parameters


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _dimensions(value: Any, owner: str) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_DIMENSIONS:
        accepted = f"give a whole number from 1 to {MOST_DIMENSIONS:,}"
        raise ConfigurationError(f"{owner}: dimensions {value!r} is not a number of dimensions; {accepted}")
    return number


def _retry_count(options: Any, owner: str) -> int | None:
    if options is None:
        return None
    if not isinstance(options, Mapping) or set(options) != {"retry_count"}:
        raise ConfigurationError(f"{owner}: sql_rest_options {options!r} is not known; write {{'sql_rest_options': {{'retry_count': 3}}}}")
    count = options["retry_count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_RETRY_COUNT:
        raise ConfigurationError(
            f"{owner}: sql_rest_options.retry_count {count!r} is not accepted; give a whole number from 0 to {MAX_RETRY_COUNT}"
        )
    return int(count)
