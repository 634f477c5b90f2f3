"""What a run asked, as OpenTelemetry: one span for each node and external model, by the conventions for generative AI.

https://opentelemetry.io/docs/specs/otlp/ (OTLP over HTTP, as JSON) and https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/.
One document leaves at the end of a run. The SDK of OpenTelemetry would bring a thread, protobuf and five packages for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx

from dbt_ai import __version__
from dbt_ai.counted import counted
from dbt_ai.errors import ConfigurationError
from dbt_ai.ledger import Usage
from dbt_ai.security.allowed_hosts import AllowedHosts
from dbt_ai.security.urls import parse_url

# Headers, such as a key, come from the environment, under the name that OpenTelemetry gives them: `name=value,name=value`.
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
SERVICE = "OTEL_SERVICE_NAME"
SECONDS = 10.0

# `gen_ai.provider.name` where the conventions have a name that is not ours in lower case.
_PROVIDERS = {"Azure OpenAI": "azure.ai.openai", "Gemini": "gcp.gemini"}
_OPERATIONS = {"EMBEDDINGS": "embeddings"}


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans are sent. url: of a collector's traces."""

    url: str

    @classmethod
    def from_config(cls, endpoint: str, allowed_hosts: Sequence[str]) -> Telemetry:
        """endpoint: as OTEL_EXPORTER_OTLP_ENDPOINT has it, without `/v1/traces`. Raises ConfigurationError for one that may not be called.

        Who names a host here allows it; plain http needs loopback, or the host in allowed_hosts.
        """
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
        spans = document(invocation, usages)
        if spans is None:
            return ""
        try:
            # A collector on this machine is not reached by way of a proxy.
            with httpx.Client(timeout=SECONDS, trust_env=not parse_url(self.url).is_loopback) as client:
                response = client.post(self.url, json=spans, headers=_headers(os.environ.get(HEADERS, "")))
        except (httpx.HTTPError, ValueError) as error:
            return f"Spans were not sent to {self.url}: {type(error).__name__}"
        return "" if response.is_success else f"Spans were not taken by {self.url}: status {response.status_code}"


def document(invocation: str, usages: Sequence[Usage]) -> dict[str, Any] | None:
    """An ExportTraceServiceRequest as JSON; None where nothing was asked."""
    asked = [usage for usage in usages if usage.distinct or usage.requests]
    if not asked:
        return None
    trace, root = _id(16, invocation), _id(8, invocation, "run")
    target = next((usage.target for usage in asked if usage.target), None)
    spans = [_span(usage, trace, root, _id(8, invocation, usage.node, usage.external_model, usage.answered_by)) for usage in asked]
    spans.append(
        {
            "traceId": trace,
            "spanId": root,
            "name": "dbt_ai run",
            "kind": 1,
            "startTimeUnixNano": min((span["startTimeUnixNano"] for span in spans), key=int),
            "endTimeUnixNano": max((span["endTimeUnixNano"] for span in spans), key=int),
            "attributes": _attributes({"dbt.invocation_id": invocation, "dbt.target": target}),
        }
    )
    service = os.environ.get(SERVICE) or "dbt_ai"
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": service})},
                "scopeSpans": [{"scope": {"name": "dbt_ai", "version": __version__}, "spans": spans}],
            }
        ]
    }


def _span(usage: Usage, trace: str, root: str, span: str) -> dict[str, Any]:
    operation = _OPERATIONS.get(usage.model_type, "chat")
    provider = _PROVIDERS.get(usage.api_format, usage.api_format.lower().replace(" ", "_"))
    failed: dict[str, Any] = {"code": 2, "message": f"{counted(usage.failed, 'request')} failed"} if usage.failed else {}
    return {
        "traceId": trace,
        "spanId": span,
        "parentSpanId": root,
        "name": f"{operation} {usage.model}",
        "kind": 3,
        "startTimeUnixNano": _nanoseconds(usage.started),
        "endTimeUnixNano": _nanoseconds(usage.started + usage.seconds),
        "status": failed,
        "attributes": _attributes(
            {
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": usage.model,
                "gen_ai.usage.input_tokens": usage.input_tokens,
                "gen_ai.usage.output_tokens": usage.output_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
                "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
                "gen_ai.usage.cost": usage.cost_usd,
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
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    """As OTLP's JSON has it: a whole number of 64 bits is a text."""
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": str(value)}


def _headers(written: str) -> dict[str, str]:
    """Raises ValueError for what is no list of `name=value`, without its text: it may hold a key."""
    pairs = [pair.partition("=") for pair in written.split(",") if pair.strip()]
    if not all(separator and name.strip() for name, separator, _ in pairs):
        raise ValueError(f"{HEADERS} is not name=value,name=value")
    return {unquote(name.strip()): unquote(value.strip()) for name, _, value in pairs}


def _id(length: int, *parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[: 2 * length]


def _nanoseconds(seconds: float) -> str:
    return str(int(seconds * 1e9))
