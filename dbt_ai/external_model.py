"""The external model: where a model lives and how to call it. Everything is called against one of these."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dbt_ai.errors import ConfigurationError
from dbt_ai.outside_text import shown
from dbt_ai.parameters import SECRETS, bare, read_parameters
from dbt_ai.security.urls import parse_url, shown_url

# CUSTOM is a model of one's own behind an endpoint: it takes features and answers predictions, not text. DECISIONS answers questions with
# probabilities, RERANKING how relevant a text is to a query; neither writes text.
MODEL_TYPES = ("EMBEDDINGS", "CHAT", "CUSTOM", "DECISIONS", "RERANKING")
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

# A location is in SQL, logs and artefacts too. In the queries of the APIs that take secrets there these words mean one as well.
_SECRET_QUERIES = SECRETS | {"key", "code", "sig", "signature", "token", "auth"}

_PORTS = {"https": 443, "http": 80}

_REQUIRED = ("location", "api_format", "model_type", "model")
_OPTIONAL = ("credential", "authorization", "local_runtime_path", "identity")
_SENDING = ("execution", "wait", "batch_above")
_KNOWN = {"name", *_REQUIRED, *_OPTIONAL, *_SENDING, "parameters", "native"}

# live: each request at once. batch: as jobs of the provider's batch API. flex: at once, at a lower price, and slower.
EXECUTIONS = ("live", "batch", "flex")
# Far more than any node asks: a larger number is a slip, and dbt itself writes none beyond 64 bits.
MOST_ABOVE = 1_000_000_000
_WAIT = re.compile("([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


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
    execution: one of EXECUTIONS. wait: seconds that a node waits for its jobs; None for as long as they take.
    batch_above: no job is made for as many new requests of a call, or fewer: they go at once.

    >>> written = {"location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS"}
    >>> ExternalModel.from_spec({"name": "embedder", "model": "text-embedding-3-small", **written}).model
    'text-embedding-3-small'
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
    execution: str = "live"
    wait: float | None = None
    batch_above: int = 0

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> ExternalModel:
        """Build and check a model from the mapping that `create_external_model` wrote.

        What only one api_format can know, such as the shape of its URLs, is checked by its provider.
        Raises ConfigurationError naming the model, the field, the value and what would be accepted.
        """
        read = _Specification(spec)
        read.require_known_names()
        read.require_texts()
        # T-SQL writes MODEL_TYPE = EMBEDDINGS as a word of the language, where case means nothing.
        model_type = spec["model_type"].upper()
        if model_type not in MODEL_TYPES:
            raise read.unknown("model_type", MODEL_TYPES)
        parameters, retry_count = read.parameters()
        read.require_place()
        native = read.native()
        execution, wait, batch_above = read.sending()
        return cls(
            name=read.name,
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
            native=native,
            execution=execution,
            wait=wait,
            batch_above=batch_above,
        )

    @property
    def key_identity(self) -> str:
        """What decides an answer apart from parameters and input: `identity`, else the format, the model and where it is.

        An endpoint is its host, port and path. The port belongs to it: two servers on one host are two models.
        """
        if self.identity:
            return self.identity
        place = urlsplit(self.location)
        host, port = (place.hostname or "").lower(), ""
        named = re.search(":([0-9]+)$", place.netloc)
        if named and int(named[1]) != _PORTS.get(place.scheme, int(named[1])):
            host, port = f"[{host}]" if ":" in host else host, f":{int(named[1])}"
        return json.dumps([self.api_format, self.model, f"{host}{port}{place.path}"])

    @property
    def identity_parts(self) -> tuple[str, ...]:
        """The identity, not as one text. macros/internal/_call.sql makes the same."""
        return (self.identity,) if self.identity else tuple(json.loads(self.key_identity))

    def stored_identity(self, weights: str) -> str:
        """The identity with the weights of a local model: what other weights answered are other answers."""
        if not weights:
            return self.key_identity
        return f"{self.identity} {weights}" if self.identity else json.dumps([*self.identity_parts, weights])

    def is_stored_as(self, identity: str) -> bool:
        """Whether answers with this stored identity are of this model, whichever weights gave them."""
        if identity == self.key_identity or urlsplit(self.location).scheme in _PORTS:
            return identity == self.key_identity
        return identity.startswith(f"{self.identity} " if self.identity else f"{self.key_identity.removesuffix(']')}, ")


class _Specification:
    """What `create_external_model` wrote. Every method raises ConfigurationError for what cannot work."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self.name = str(written.get("name") or "?")
        self._written = written

    def wrong(self, sentence: str, field: str, accepted: Sequence[str] = ()) -> ConfigurationError:
        """The error that a field is wrong. It holds no value that may be a secret."""
        value = self._written.get(field)
        if field not in _KNOWN:
            value = None  # it may be a secret that was written where none belongs
        elif field in ("location", "credential") and isinstance(value, str):
            value = shown_url(value) if field == "location" or "://" in value else None
        return ConfigurationError(f"external model {self.name!r}: {sentence}", model=self.name, field=field, value=value, accepted=accepted)

    def unknown(self, field: str, accepted: Sequence[str]) -> ConfigurationError:
        """The error that a field holds none of the words that it may hold."""
        return self.wrong(f"{field} {self._written[field]!r} is not known; use one of {', '.join(accepted)}", field, accepted)

    def require_known_names(self) -> None:
        unknown = sorted(set(self._written) - _KNOWN)
        if unknown:
            known = (*_REQUIRED, *_OPTIONAL, *_SENDING, "parameters", "native")
            raise self.wrong(f"{unknown[0]} is not known; use one of {', '.join(known)}", unknown[0], known)

    def require_texts(self) -> None:
        for part in _REQUIRED:
            if not isinstance(self._written.get(part), str) or not self._written[part].strip():
                one_of = f", one of {', '.join(MODEL_TYPES)}" if part == "model_type" else ""
                raise self.wrong(f"{part} is missing; give it as a string{one_of}", part)
        for part in _OPTIONAL:
            if self._written.get(part) is not None and not isinstance(self._written[part], str):
                raise self.wrong(f"{part} {self._written[part]!r} is not a string", part)

    def parameters(self) -> tuple[dict[str, Any], int | None]:
        """The parameters, and the retry count among them."""
        try:
            return read_parameters(self._written.get("parameters"), f"external model {self.name!r}")
        except ConfigurationError as error:
            raise ConfigurationError(str(error), model=self.name, field="parameters") from None

    def require_place(self) -> None:
        """A location that holds no secret, and what belongs to it."""
        location = self._written["location"]
        if problem := _credential_problem(self._written.get("credential"), location):
            raise self.wrong(problem, "credential")
        for query, _ in parse_qsl(urlsplit(location).query, keep_blank_values=True):
            if bare(query) in _SECRET_QUERIES:
                raise self.wrong(f"location has {query!r} in its query, where a secret would be seen; use a credential", "location")
        if (runtime := self._written.get("local_runtime_path")) and self._written["api_format"] != "ONNX Runtime":
            raise self.wrong(
                f"local_runtime_path {runtime!r} belongs to api_format 'ONNX Runtime' only; leave it out", "local_runtime_path"
            )

    def native(self) -> dict[str, str]:
        """Engine -> model."""
        native = self._written.get("native")
        if problem := _native_problem(native):
            raise self.wrong(problem, "native", NATIVE_ENGINES)
        return dict(native or {})

    def sending(self) -> tuple[str, float | None, int]:
        """execution, wait and batch_above."""
        execution, above = self._written.get("execution"), self._written.get("batch_above")
        execution, above = "live" if execution is None else execution, 0 if above is None else above
        if execution not in EXECUTIONS:
            raise self.unknown("execution", EXECUTIONS)
        if isinstance(above, bool) or not isinstance(above, int) or not 0 <= above <= MOST_ABOVE:
            said = f"batch_above {shown(repr(above), 40)} is not a whole number from 0 to {MOST_ABOVE:,}"
            raise self.wrong(f"{said}; give the requests up to which no job is made", "batch_above")
        try:
            return str(execution), read_wait(self._written.get("wait")), above
        except ValueError as problem:
            raise self.wrong(str(problem), "wait") from None


def mocked(model: ExternalModel) -> ExternalModel:
    """The mock that answers in a model's place. Its api_format and location are others: it never shares a key with the model."""
    return replace(model, api_format="Mock", location="mock:", credential=None, identity=None, execution="live")


def read_wait(value: Any) -> float | None:
    """Seconds; None for `forever`, which is also what no value means. Raises ValueError.

    >>> read_wait("30m"), read_wait("none"), read_wait("forever")
    (1800.0, 0.0, None)
    """
    if value is None or value == "forever":
        return None
    found = _WAIT.fullmatch(str(value))
    if value != "none" and not found:
        raise ValueError(f"wait {value!r} is not a time; write '30m', '6h', 'none' or 'forever'")
    return float(int(found[1]) * _SECONDS[found[2]]) if found else 0.0


def require_own_identities(models: Sequence[ExternalModel]) -> None:
    """Raises ConfigurationError if two endpoints would be answered with each other's stored answers, and no `identity` says so.

    macros/internal/_require_own_identity.sql has the same rule, for what dbt compiles.
    """
    for number, one in enumerate(models):
        for other in models[:number]:
            shared = one.key_identity == other.key_identity and not one.identity and urlsplit(one.location).scheme in _PORTS
            same = one.parameters == other.parameters or urlsplit(one.location).query != urlsplit(other.location).query
            if shared and same:
                raise ConfigurationError(
                    f"external models {other.name!r} and {one.name!r} are one model to stored answers: {one.key_identity};"
                    " give both the same identity='…' if they may share their answers, else give one of them an identity of its own"
                )


def _credential_problem(credential: str | None, location: str) -> str | None:
    if not credential:
        return None
    try:
        named = parse_url(credential)
    except ValueError as error:
        if "://" not in credential:  # it may be the secret itself
            return (
                "credential is not a URL (rule 1); write the URL below which the secret may be sent, such as 'https://api.openai.com',"
                " and where the secret is under credentials of the plugin dbt_ai"
            )
        return f"credential {shown_url(credential)!r} is not accepted (rule 1: its name has to be a URL): {error}"
    if named.query is not None:
        return f"credential {shown_url(credential)!r} has a query (rule 3); end it before the question mark"
    if location.partition("://")[0].lower() not in ("http", "https"):
        return f"location {location!r} is a local model and needs no credential; leave it out"
    return None


def _native_problem(native: Any) -> str | None:
    if native is None:
        return None
    if not isinstance(native, Mapping):
        return f"native {native!r} is not a mapping; write {{'snowflake': 'snowflake-arctic-embed-l-v2.0'}}"
    for engine, model in native.items():
        if engine not in NATIVE_ENGINES:
            return f"native names engine {engine!r}; use {', '.join(NATIVE_ENGINES)}"
        if not isinstance(model, str) or not model:
            return f"native model {model!r} of {engine} is not a string; give its name there"
    return None
