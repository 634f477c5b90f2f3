"""What a run asked, as OpenTelemetry: one span for each node and external model, by the conventions for generative AI.

https://opentelemetry.io/docs/specs/otlp/ (OTLP over HTTP) and https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/.
One message leaves at the end of a run, as protobuf: some receivers read no JSON. It is made with OpenTelemetry's own schema (extra [otel]).
Its SDK is made for programs that trace while they run, follows redirects with our headers, and logs them where they are malformed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from dbt_ai import __version__
from dbt_ai.counted import counted
from dbt_ai.errors import ConfigurationError
from dbt_ai.ledger import Usage
from dbt_ai.outside_text import whole
from dbt_ai.security.allowed_hosts import AllowedHosts
from dbt_ai.security.proxies import proxies_of_environment
from dbt_ai.security.urls import parse_url

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

# From the environment, by the names that OpenTelemetry gives them. Headers, which may hold a key, and attributes: `name=value,name=value`.
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
SERVICE = "OTEL_SERVICE_NAME"
RESOURCE = "OTEL_RESOURCE_ATTRIBUTES"
SECONDS = 10.0

# `gen_ai.provider.name` where the conventions have a name that is not ours in lower case.
_PROVIDERS = {"Azure OpenAI": "azure.ai.openai", "Gemini": "gcp.gemini"}
_OPERATIONS = {"EMBEDDINGS": "embeddings"}


class UnreadableVariable(Exception):
    """An environment variable holds no list of `name=value`."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans are sent. url: of a collector's traces."""

    url: str

    @classmethod
    def from_config(cls, endpoint: str, allowed_hosts: Sequence[str]) -> Telemetry:
        """endpoint: as OTEL_EXPORTER_OTLP_ENDPOINT has it, without `/v1/traces`. Raises ConfigurationError for one that may not be called.

        Who names a host here allows it; plain http needs loopback, or the host in allowed_hosts.
        """
        if find_spec("opentelemetry") is None or find_spec("opentelemetry.proto") is None:
            raise ConfigurationError("plugin dbt_ai: otlp_endpoint needs the extra: pip install 'dbt-ai-functions[otel]'")
        try:
            url = parse_url(endpoint)
        except ValueError as error:
            raise ConfigurationError(f"plugin dbt_ai: otlp_endpoint {endpoint!r} cannot be called: {error}") from None
        refusal = AllowedHosts.from_config(allowed_hosts if url.scheme == "http" else ()).refusal(url)
        if refusal:
            raise ConfigurationError(f"plugin dbt_ai: otlp_endpoint {endpoint!r} may not be called: {refusal}")
        return cls(endpoint.rstrip("/") + "/v1/traces")

    def send(self, invocation: str, usages: Sequence[Usage]) -> str:
        """Send the spans of a run. Returns why they were not taken, empty if they were: nobody's run fails for it."""
        try:
            spans = message(invocation, usages)
            if spans is None:
                return ""
            headers = {"Content-Type": "application/x-protobuf", **_pairs(HEADERS)}
            if not parse_url(self.url).is_loopback:
                proxies_of_environment()
            # A collector on this machine is not reached by way of a proxy.
            with httpx.Client(timeout=SECONDS, trust_env=not parse_url(self.url).is_loopback) as client:
                response = client.post(self.url, content=spans.SerializeToString(), headers=headers)
        except (UnreadableVariable, ConfigurationError) as error:
            return f"Spans were not sent to {self.url}: {error}"
        except (httpx.HTTPError, ValueError) as error:  # the text of these may quote a header
            return f"Spans were not sent to {self.url}: {type(error).__name__}"
        return "" if response.is_success else f"Spans were not taken by {self.url}: status {response.status_code}"


def message(invocation: str, usages: Sequence[Usage]) -> ExportTraceServiceRequest | None:
    """What is sent; None where nothing was asked. Raises UnreadableVariable."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

    asked = [usage for usage in usages if usage.distinct or usage.requests]
    if not asked:
        return None
    trace, root = _id(16, invocation), _id(8, invocation, "run")
    target = next((usage.target for usage in asked if usage.target), None)
    resource = {"service.name": "dbt_ai", "deployment.environment.name": target, **_pairs(RESOURCE)}
    resource["service.name"] = os.environ.get(SERVICE) or resource["service.name"]
    # Readers look for the session, which groups runs, in each span.
    session = {"session.id": resource.get("session.id")}
    spans = [
        _span(usage, trace, root, _id(8, invocation, usage.node, usage.external_model, usage.answered_by, str(number)), session)
        for number, usage in enumerate(asked)
    ]
    run = Span(
        trace_id=trace,
        span_id=root,
        name="dbt_ai run",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=min(span.start_time_unix_nano for span in spans),
        end_time_unix_nano=max(span.end_time_unix_nano for span in spans),
        attributes=_attributes({"dbt.invocation_id": invocation, "dbt.target": target, **session, **_in_words(asked)}),
    )
    scope = ScopeSpans(scope=InstrumentationScope(name="dbt_ai", version=__version__), spans=[*spans, run])
    return ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=Resource(attributes=_attributes(resource)), scope_spans=[scope])]
    )


def _span(usage: Usage, trace: bytes, root: bytes, span: bytes, session: Mapping[str, str | None]) -> Span:
    from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

    operation = _OPERATIONS.get(usage.model_type, "chat")
    provider = _PROVIDERS.get(usage.api_format, usage.api_format.lower().replace(" ", "_"))
    failed = Status(code=Status.STATUS_CODE_ERROR, message=f"{counted(usage.failed, 'request')} failed") if usage.failed else None
    return Span(
        trace_id=trace,
        span_id=span,
        parent_span_id=root,
        name=whole(f"{operation} {usage.model}"),
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=_nanoseconds(usage.started),
        end_time_unix_nano=_nanoseconds(usage.started + usage.seconds),
        status=failed,
        attributes=_attributes(
            {
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": usage.model,
                "gen_ai.usage.input_tokens": usage.input_tokens,
                "gen_ai.usage.output_tokens": usage.output_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
                "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
                "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
                "gen_ai.usage.cost": usage.cost_usd,
                **session,
                **_in_words([usage]),
                "dbt.node": usage.node or None,
                "dbt.tags": list(usage.tags) or None,
                "dbt_ai.external_model": usage.external_model,
                "dbt_ai.mode": usage.mode,
                "dbt_ai.requests": usage.requests,
                "dbt_ai.distinct": usage.distinct,
                "dbt_ai.from_store": usage.from_store,
                "dbt_ai.executed": usage.executed,
                "dbt_ai.failed": usage.failed,
                "dbt_ai.saved_usd": usage.saved_usd,
                "dbt_ai.latency_p50": usage.latency_p50,
                "dbt_ai.latency_p95": usage.latency_p95,
            }
        ),
    )


def _in_words(usages: Sequence[Usage]) -> Mapping[str, str]:
    """What was asked and what came of it, where readers show the texts of a conversation: figures, for no text of a row leaves."""
    distinct, stored = sum(usage.distinct for usage in usages), sum(usage.from_store for usage in usages)
    executed, failed = sum(usage.executed for usage in usages), sum(usage.failed for usage in usages)
    return {
        "input.value": f"{counted(distinct, 'distinct request')}, {stored:,} of them from the store",
        "output.value": f"{counted(executed, 'new answer')}, {failed:,} failed",
    }


def _attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue

    return [KeyValue(key=key, value=_value(value)) for key, value in values.items() if value is not None]


def _value(value: Any) -> AnyValue:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue

    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[_value(one) for one in value]))
    if isinstance(value, float):
        return AnyValue(double_value=value)
    # Names may hold half a character of two, which protobuf has no bytes for.
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=whole(str(value)))


def _pairs(variable: str) -> dict[str, str]:
    """What an environment variable lists. Raises UnreadableVariable, without its text: it may hold a key."""
    pairs = [pair.partition("=") for pair in os.environ.get(variable, "").split(",") if pair.strip()]
    if not all(separator and name.strip() for name, separator, _ in pairs):
        raise UnreadableVariable(f"{variable} is not name=value,name=value")
    return {unquote(name.strip()): unquote(value.strip()) for name, _, value in pairs}


def _id(length: int, *parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()[:length]


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
