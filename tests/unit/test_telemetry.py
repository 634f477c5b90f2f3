"""Spans of a run, as a server that listens reads them with OpenTelemetry's own schema."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import DbtNode, Ledger, Usage
from dbt_ai.pricing import Price, Prices
from dbt_ai.telemetry import HEADERS, RESOURCE, Telemetry, message
from dbt_ai.tokens import TokenCount

MODEL = ExternalModel("llm", "https://x.test/v1/chat/completions", "Azure OpenAI", "CHAT", "gpt-4o-mini")


def usages() -> list[Usage]:
    ledger = Ledger(Prices({"llm": Price(1.0, 2.0)}), mode="live")
    ledger.describe("model.shop.labels", DbtNode("prod", ("nightly",)))
    meter = ledger.meter("model.shop.labels", MODEL)
    meter.sends(again=False)
    meter.tokens(TokenCount(1000, 500))
    meter.took(0.5)
    meter.settled(2, 1, mine=True)
    return ledger.usages()


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def test_what_a_proxy_answered_has_a_span_of_its_own():
    ledger = Ledger(Prices({"llm": Price(1.0, 2.0)}), mode="live")
    ledger.meter("model.shop.labels", MODEL).settled(2, 0, mine=True)
    ledger.meter("model.shop.labels", MODEL, "classifier on embedder").settled(5, 0, mine=True)
    spans = message("invocation", ledger.usages()).resource_spans[0].scope_spans[0].spans
    assert len({span.span_id for span in spans}) == len(spans) == 3


class Collector(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), ExportTraceServiceRequest.FromString(body)))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture
def collector() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Collector)
    server.taken, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_run_is_a_trace_with_a_span_for_each_node_and_model(collector: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(HEADERS, "authorization=Basic%20a2V5,x-team=data")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    telemetry = Telemetry.from_config(f"http://127.0.0.1:{collector.server_port}/", ["api.openai.com"])
    assert telemetry.send("invocation", usages()) == ""
    [(path, headers, body)] = collector.taken
    assert (path, headers["authorization"], headers["x-team"]) == ("/v1/traces", "Basic a2V5", "data")
    assert headers["Content-Type"] == "application/x-protobuf"
    found = body.resource_spans[0]
    asked, run = found.scope_spans[0].spans
    said = attributes(asked)
    assert (asked.name, asked.parent_span_id, asked.trace_id) == ("chat gpt-4o-mini", run.span_id, run.trace_id)
    tokens = said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]
    assert (said["gen_ai.provider.name"], *tokens) == ("azure.ai.openai", 1000, 500)
    assert said["gen_ai.usage.cost"] == pytest.approx(0.002) and said["dbt.node"] == "model.shop.labels"
    assert [tag.string_value for tag in said["dbt.tags"].values] == ["nightly"] and asked.status.code == 2
    assert run.start_time_unix_nano <= asked.start_time_unix_nano <= asked.end_time_unix_nano <= run.end_time_unix_nano
    assert attributes(run)["dbt.target"] == "prod"


def read_as_langfuse_does(resource: Any, span: Any) -> dict[str, Any]:
    """What Langfuse shows of a span that does not come from its own SDK, by its documented mapping of attributes, as of August 2026:
    https://langfuse.com/integrations/native/opentelemetry#property-mapping."""
    said, of_resource = attributes(span), attributes(resource)
    types = {"chat": "GENERATION", "embeddings": "EMBEDDING"}
    usage = {name.removeprefix("gen_ai.usage."): value for name, value in said.items() if name.startswith("gen_ai.usage.")}
    cached, written = usage.get("cache_read.input_tokens", 0), usage.get("cache_creation.input_tokens", 0)
    thought = usage.get("reasoning.output_tokens", 0)
    return {
        "type": types.get(said.get("gen_ai.operation.name"), "SPAN"),
        "model": said.get("gen_ai.response.model") or said.get("gen_ai.request.model"),
        "input": said.get("input.value"),
        "output": said.get("output.value"),
        "usage": {
            "input": usage.get("input_tokens", 0) - cached - written,
            "cached": cached,
            "written": written,
            "output": usage.get("output_tokens", 0) - thought,
            "reasoning": thought,
        },
        "cost": usage.get("cost"),
        "session": said.get("session.id"),
        "environment": said.get("deployment.environment.name") or of_resource.get("deployment.environment.name"),
        "level": "ERROR" if span.status.code == 2 else "DEFAULT",
        "message": span.status.message,
    }


def test_langfuse_shows_tokens_cost_session_and_figures_in_the_place_of_texts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(RESOURCE, "session.id=nightly%2042,service.version=1.2")
    ledger = Ledger(Prices({"llm": Price(1.0, 2.0)}), mode="live")
    ledger.describe("model.shop.labels", DbtNode("prod", ()))
    meter = ledger.meter("model.shop.labels", MODEL)
    meter.found(40, TokenCount(400, 40))
    meter.tokens(TokenCount(1000, 500, cached_input=600, cache_write=100, reasoning=200))
    meter.settled(3, 1, mine=True)
    found = message("invocation", ledger.usages()).resource_spans[0]
    asked, run = (read_as_langfuse_does(found.resource, span) for span in found.scope_spans[0].spans)
    assert (asked["type"], asked["model"], asked["session"], asked["environment"]) == ("GENERATION", "gpt-4o-mini", "nightly 42", "prod")
    assert asked["usage"] == {"input": 300, "cached": 600, "written": 100, "output": 300, "reasoning": 200} and asked["cost"] > 0
    assert (asked["level"], asked["message"]) == ("ERROR", "1 request failed")
    assert (run["type"], run["cost"], run["session"]) == ("SPAN", None, "nightly 42")  # sums are Langfuse's: a cost here would count twice
    for one in (asked, run):
        assert (one["input"], one["output"]) == ("43 distinct requests, 40 of them from the store", "2 new answers, 1 failed")
    assert attributes(found.resource)["service.version"] == "1.2"


def test_attributes_of_the_environment_that_cannot_be_read_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(RESOURCE, "prod")
    telemetry = Telemetry.from_config("http://127.0.0.1:1", [])
    assert telemetry.send("invocation", usages()).endswith("OTEL_RESOURCE_ATTRIBUTES is not name=value,name=value")


def test_a_collector_that_fails_is_told_and_nothing_else_happens(collector: Any, monkeypatch: pytest.MonkeyPatch):
    telemetry = Telemetry.from_config(f"http://127.0.0.1:{collector.server_port}", [])
    collector.status = 401
    assert telemetry.send("invocation", usages()).endswith("/v1/traces: status 401")
    monkeypatch.setenv(HEADERS, "sk-secret")
    told = telemetry.send("invocation", usages())
    assert "sk-secret" not in told and told.endswith("OTEL_EXPORTER_OTLP_HEADERS is not name=value,name=value")
    assert telemetry.send("invocation", []) == "" and len(collector.taken) == 1
    assert message("invocation", []) is None


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("http://collector.test:4318", "plain http goes to loopback only"),
        ("collector:4318", "'collector:4318' cannot be called"),
    ],
)
def test_an_endpoint_that_may_not_be_called_is_refused_at_once(endpoint: str, said: str):
    with pytest.raises(ConfigurationError, match=said):
        Telemetry.from_config(endpoint, [])


def test_a_name_that_is_no_whole_text_costs_no_spans():
    used = Usage("model.shop.l\ud800", "llm", "half \ud800", executed=1)
    [asked, _] = message("invocation", [used]).resource_spans[0].scope_spans[0].spans
    assert asked.name.startswith("chat half ") and attributes(asked)["dbt.node"].startswith("model.shop.l")


def test_a_missing_extra_is_named_where_an_endpoint_is_configured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dbt_ai.telemetry.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'dbt-ai-functions\[otel\]'"):
        Telemetry.from_config("http://127.0.0.1:4318", [])
