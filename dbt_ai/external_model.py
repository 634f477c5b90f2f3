"""The external model: where a model lives and how to call it. Everything is called against one of these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dbt_ai.errors import ConfigurationError
from dbt_ai.parameters import read_parameters
from dbt_ai.security.urls import parse_url, shown

# CUSTOM is a model of one's own behind an endpoint: it takes features and answers predictions, not text.
MODEL_TYPES = ("EMBEDDINGS", "CHAT", "CUSTOM")
NATIVE_ENGINES = (
    "bigquery",
    "databend",
    "databricks",
    "duckdb",
    "fabric",
    "postgres",
    "redshift",
    "snowflake",
    "spark",
    "sqlserver",
)

# Names of secrets in the queries of the APIs that take them there. A location is in SQL, logs and artefacts: its secret would be too.
_SECRET_QUERIES = frozenset(("key", "api-key", "api_key", "apikey", "code", "sig", "token", "access_token", "subscription-key"))

_REQUIRED = ("location", "api_format", "model_type", "model")
_OPTIONAL = ("credential", "authorization", "local_runtime_path", "identity")
_KNOWN = {"name", *_REQUIRED, *_OPTIONAL, "parameters", "native"}


@dataclass(frozen=True, slots=True, eq=False)
class ExternalModel:
    """One `create_external_model`, as the macros hand it to the runtime.

    location: the full URL that is posted to, or `hf://`, `file:///`, `package://` or a folder for a local model.
    credential: name of the credential whose secret is sent to it: a URL, see dbt_ai.security.credentials.
    parameters: appended to every request; a parameter of the call wins. `dimensions` is a positive int.
    retry_count: how often a request is repeated, 0 to 10; None leaves it to the scheduler.
    identity: what stands for this model in request keys instead of its location, so that answers survive a move.
    authorization: who owns the model where the database knows owners (AUTHORIZATION).
    local_runtime_path: where SQL Server finds its ONNX runtime; ours needs none.
    native: engine -> the model that stands for this one where the warehouse brings its own.
    """

    name: str
    location: str
    api_format: str
    model_type: str
    model: str
    credential: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    identity: str | None = None
    retry_count: int | None = None
    authorization: str | None = None
    local_runtime_path: str | None = None
    native: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> ExternalModel:
        """Build and check a model from the mapping that `create_external_model` wrote.

        What only one api_format can know, such as the shape of its URLs, is checked by its provider.
        Raises ConfigurationError naming the model, the field, the value and what would be accepted.
        """
        who = f"external model {str(spec.get('name') or '?')!r}"
        unknown = sorted(set(spec) - _KNOWN)
        if unknown:
            raise ConfigurationError(
                f"{who}: {unknown[0]} is not known; use one of {', '.join((*_REQUIRED, *_OPTIONAL, 'parameters', 'native'))}"
            )
        for name in _REQUIRED:
            if not isinstance(spec.get(name), str) or not spec[name].strip():
                raise ConfigurationError(f"{who}: {name} is missing; give it as a string")
        for name in _OPTIONAL:
            if spec.get(name) is not None and not isinstance(spec[name], str):
                raise ConfigurationError(f"{who}: {name} {spec[name]!r} is not a string")
        # T-SQL writes MODEL_TYPE = EMBEDDINGS as a word of the language, where case means nothing.
        model_type = spec["model_type"].upper()
        if model_type not in MODEL_TYPES:
            raise ConfigurationError(f"{who}: model_type {spec['model_type']!r} is not known; use one of {', '.join(MODEL_TYPES)}")
        parameters, retry_count = read_parameters(spec.get("parameters"), who)
        _check_credential(who, spec.get("credential"), spec["location"])
        for name, _ in parse_qsl(urlsplit(spec["location"]).query, keep_blank_values=True):
            if name.lower() in _SECRET_QUERIES:
                raise ConfigurationError(f"{who}: location has {name!r} in its query, where a secret would be seen; use a credential")
        if spec.get("local_runtime_path") and spec["api_format"] != "ONNX Runtime":
            raise ConfigurationError(
                f"{who}: local_runtime_path {spec['local_runtime_path']!r} belongs to api_format 'ONNX Runtime' only; leave it out"
            )
        return cls(
            name=str(spec.get("name") or "?"),
            location=spec["location"],
            api_format=spec["api_format"],
            model_type=model_type,
            model=spec["model"],
            credential=spec.get("credential") or None,
            parameters=parameters,
            identity=spec.get("identity") or None,
            retry_count=retry_count,
            authorization=spec.get("authorization") or None,
            local_runtime_path=spec.get("local_runtime_path") or None,
            native=_native(who, spec.get("native")),
        )

    @property
    def key_identity(self) -> str:
        """What decides an answer apart from parameters and input: never host-independent unless the user says so."""
        if self.identity:
            return self.identity
        place = urlsplit(self.location)
        return json.dumps([self.api_format, self.model, f"{(place.hostname or '').lower()}{place.path}"])


def _check_credential(who: str, credential: str | None, location: str) -> None:
    if not credential:
        return
    try:
        named = parse_url(credential)
    except ValueError as error:
        raise ConfigurationError(
            f"{who}: credential {shown(credential)!r} is not accepted (rule 1: its name has to be a URL): {error}"
        ) from None
    if named.query is not None:
        raise ConfigurationError(f"{who}: credential {shown(credential)!r} has a query (rule 3); end it before the question mark")
    if location.partition("://")[0].lower() not in ("http", "https"):
        raise ConfigurationError(f"{who}: location {location!r} is a local model and needs no credential; leave it out")


def _native(who: str, native: Any) -> Mapping[str, str]:
    if native is None:
        return {}
    if not isinstance(native, Mapping):
        raise ConfigurationError(f"{who}: native {native!r} is not a mapping; write {{'snowflake': 'snowflake-arctic-embed-l-v2.0'}}")
    for engine, model in native.items():
        if engine not in NATIVE_ENGINES:
            raise ConfigurationError(f"{who}: native names engine {engine!r}; use {', '.join(NATIVE_ENGINES)}")
        if not isinstance(model, str) or not model:
            raise ConfigurationError(f"{who}: native model {model!r} of {engine} is not a string; give its name there")
    return dict(native)
