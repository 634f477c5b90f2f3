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
from dbt_ai.request import TokenCount
from dbt_ai.telemetry import HEADERS, Telemetry, message

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


def test_a_collector_that_fails_is_told_and_nothing_else_happens(collector: Any, monkeypatch: pytest.MonkeyPatch):
    telemetry = Telemetry.from_config(f"http://127.0.0.1:{collector.server_port}", [])
    collector.status = 401
    assert telemetry.send("invocation", usages()).endswith("/v1/traces: status 401")
    monkeypatch.setenv(HEADERS, "sk-secret")
    assert "sk-secret" not in telemetry.send("invocation", usages())
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
