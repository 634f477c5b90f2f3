"""Databend for real: its engine, dbt-databend-cloud, and `dbt-ai serve` in a process of its own."""

from __future__ import annotations

import concurrent.futures
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import integration
import pyarrow as pa
import pyarrow.flight as flight
import pytest
from conftest import free_port
from databend_engine import EmbeddedEngine

pytestmark = pytest.mark.env("databend")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with integration.project(tmp_path_factory.mktemp("databend") / "project") as folder:
        yield folder


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine()
    engine.take_the_place_of_the_driver()
    engine.execute("set global external_server_request_retry_times = 1")
    return engine


class Server:
    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self.log = folder / f"serve-{self.port}.log"
        command = [sys.executable, "-m", "dbt_ai.commands.cli", "serve", "--target", "duckdb", "--port", str(self.port)]
        command += ["--metrics-port", str(self.metrics_port), *options]
        with self.log.open("w") as output:
            env = {**os.environ, "PYTHONPATH": str(integration.REPOSITORY)}
            self.process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT)

    def wait_until_up(self) -> Server:
        deadline = time.monotonic() + 300
        while "serving" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)
        return self

    def call(self, handler: str, headers: dict[str, str] | None = None, **columns: list[str | None]) -> list[Any]:
        from databend_udf.client import UDFClient

        client = UDFClient(host="127.0.0.1", port=self.port)
        if headers:
            options = flight.FlightCallOptions(headers=[(key.encode(), value.encode()) for key, value in headers.items()])
            info = client.client.get_flight_info(flight.FlightDescriptor.for_path(handler), options)
            client._schema_cache = {handler: info.schema}
        return list(client.call_function_batch(handler, headers=headers, **columns))

    def rows(self, handler: str) -> int:
        """How many rows the server has been asked for, by its own count."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=60) as answer:
            found = re.search(rf'udf_server_rows_count_total{{function_name="{handler}"}} ([\d.e+]+)', answer.read().decode())
        return int(float(found[1])) if found else 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    server = Server(folder).wait_until_up()
    yield server
    assert server.stop() == 0, server.log.read_text()


@pytest.fixture(scope="module")
def built(folder: Path, engine: EmbeddedEngine, server: Server) -> None:
    integration.build("databend", "--vars", f"{{dbt_ai_databend_address: 'http://127.0.0.1:{server.port}'}}")


@pytest.mark.usefixtures("built")
def test_every_row_is_the_row_that_duckdb_gives(folder: Path, engine: EmbeddedEngine) -> None:
    expected = integration.rows_on_duckdb(folder)
    assert all(expected.values())
    assert not integration.differences(expected, engine.rows)


@pytest.mark.usefixtures("built")
def test_only_what_changed_is_asked_again(folder: Path, engine: EmbeddedEngine, server: Server) -> None:
    address = {"dbt_ai_databend_address": f"http://127.0.0.1:{server.port}"}
    counts = integration.calls_of_changes("databend", address, lambda: server.rows("llm"), engine.execute, folder)
    # The server counts the row without a text too.
    asked = {"nothing": 0, "a new row": 1, "an edit of the SQL": 0, "another prompt": 11, "the same prompt again": 0, "full refresh": 11}
    assert counts == asked
    engine.execute("delete from analytics.tickets where ticket_id = 2")
    integration.build("databend", "--select", "ticket_summaries", "--vars", "{instruction: Shorten}", command="run")
    assert sorted(engine.rows("select ticket_id from analytics.ticket_summaries")) == [(id,) for id in (1, *range(3, 12))]


@pytest.mark.usefixtures("built")
def test_a_row_that_failed_is_asked_again_and_alone(folder: Path, engine: EmbeddedEngine, server: Server) -> None:
    engine.execute("create or replace table analytics.notes as select 1 as id, 'a note' as text union all select 2, ''")
    (folder / "models/note_embeddings.sql").write_text(
        """{{ config(materialized='ai_table') }}
        {% set notes = api.Relation.create(schema='analytics', identifier='notes') %}
        select id, {{ dbt_ai.ai_embed(ref('embedder'), 'text', fail_on_error=false) }} as answer
        from {{ dbt_ai.ai_changed_rows(notes, unique_key='id', inputs=['text'],
                errors=[dbt_ai.ai_field('answer', 'errorStatus')]) }} as notes"""
    )
    arguments = ("--select", "note_embeddings", "--vars", f"{{dbt_ai_databend_address: 'http://127.0.0.1:{server.port}'}}")
    counts = []
    for change in ("", "", "update analytics.notes set text = 'no longer empty' where id = 2", ""):
        if change:
            engine.execute(change)
        before = server.rows("embedder__call")
        integration.build("databend", *arguments, command="run")
        counts.append(server.rows("embedder__call") - before)
    assert counts == [2, 1, 1, 0]


@pytest.mark.usefixtures("built")
def test_a_constant_is_embedded_once_while_planning(engine: EmbeddedEngine, server: Server) -> None:
    before = server.rows("embedder")
    engine.rows("select embedder('a question') from analytics.articles")
    assert server.rows("embedder") - before == 1


@pytest.mark.usefixtures("built")
def test_a_statement_with_a_row_that_cannot_be_answered_fails_in_one_sentence(engine: EmbeddedEngine) -> None:
    with pytest.raises(RuntimeError, match="ai_embed by external model 'embedder' failed for 1 request ") as error:
        engine.rows("select embedder(if(article_id = 2, '', content)) from analytics.articles")
    assert "Traceback" not in str(error.value) and str(integration.REPOSITORY) not in str(error.value)


@pytest.mark.usefixtures("built")
def test_where_errors_are_data_a_poison_row_fails_alone(engine: EmbeddedEngine) -> None:
    rows = engine.rows(
        """select article_id, answer:errorStatus::string, answer:response is null or is_null_value(answer:response) from (
             select article_id, embedder__call('{"fail_on_error": false}', if(article_id = 2, '', content)) as answer
             from analytics.articles) order by 1"""
    )
    assert [row[0] for row in rows if row[1] is not None] == [2] == [row[0] for row in rows if row[2]]


@pytest.mark.usefixtures("built")
def test_a_call_cannot_decide_where_a_request_goes(engine: EmbeddedEngine) -> None:
    with pytest.raises(RuntimeError, match="a call cannot decide model"):
        engine.rows("""select llm__call('{"model": {"location": "https://elsewhere.example"}}', body) from analytics.tickets""")


@pytest.mark.usefixtures("built")
def test_drop_removes_both_functions(folder: Path, engine: EmbeddedEngine, server: Server) -> None:
    from dbt.cli.main import dbtRunner

    address = f"http://127.0.0.1:{server.port}"
    for name, types in (("passing", "(STRING)"), ("passing__call", "(STRING, STRING)")):
        returns = "STRING" if name == "passing" else "VARIANT"
        handler = name.replace("passing", "llm")
        engine.execute(f"create function {name} {types} returns {returns} language python handler = '{handler}' address = '{address}'")
    arguments = ["run-operation", "drop_external_model", "--args", "{name: passing}", "--target", "databend"]
    assert dbtRunner().invoke(["--quiet", *arguments]).success
    assert not engine.rows("select name from system.user_functions where name like 'passing%'")


def test_what_was_answered_is_stored_when_the_server_is_told_to_stop(folder: Path) -> None:
    server = Server(folder, "--store", "stopped.duckdb").wait_until_up()
    texts = [f"text {number}" for number in range(20_000)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answering = pool.submit(server.call, "embedder", text=texts)
        while not server.rows("embedder"):
            time.sleep(0.01)
        assert server.stop() == 0
        assert len(answering.result()) == len(texts)
    with duckdb.connect(str(folder / "stopped.duckdb"), read_only=True) as store:
        assert store.execute("select count(*) from dbt_ai.responses").fetchall() == [(len(texts),)]


def test_a_store_that_is_deleted_under_the_server_is_told_and_nothing_more_is_asked(folder: Path) -> None:
    server = Server(folder, "--store", "deleted.duckdb").wait_until_up()
    server.call("embedder", text=["one"])
    (folder / "deleted.duckdb").unlink()
    with pytest.raises(flight.FlightServerError, match="was deleted, replaced or emptied while it was open") as refused:
        server.call("embedder", text=["two"])
    assert ".py" not in str(refused.value)
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_client_that_holds_an_idle_exchange_does_not_keep_the_server_from_stopping(folder: Path) -> None:
    server = Server(folder, "--store", "idle.duckdb").wait_until_up()
    client = flight.connect(f"grpc://127.0.0.1:{server.port}")
    writer, reader = client.do_exchange(flight.FlightDescriptor.for_path("embedder"))
    batch = pa.RecordBatch.from_arrays([pa.array(["one"])], names=["text"])
    writer.begin(batch.schema)
    writer.write_batch(batch)
    assert reader.read_chunk().data.num_rows == 1
    assert server.stop() == 0
    with duckdb.connect(str(folder / "idle.duckdb"), read_only=True) as store:
        assert store.execute("select count(*) from dbt_ai.responses").fetchall() == [(1,)]


@pytest.mark.parametrize("descriptor", [flight.FlightDescriptor.for_path(), flight.FlightDescriptor.for_command(b"x")])
def test_a_descriptor_that_names_no_function_is_refused_in_one_sentence(server: Server, descriptor: flight.FlightDescriptor) -> None:
    client = flight.connect(f"grpc://127.0.0.1:{server.port}")
    with pytest.raises(flight.FlightServerError, match="there is no external model '' here") as refused:
        client.get_flight_info(descriptor)
    assert ".py" not in str(refused.value)


def test_equal_texts_are_asked_once_and_stored_answers_never_again(folder: Path) -> None:
    server = Server(folder, "--store", "deduplicated.duckdb").wait_until_up()
    first = server.call("embedder", text=["one", "two", None, "one"])
    assert server.call("embedder", text=["two"]) == [first[1]] and first[0] == first[3] and first[2] is None
    assert server.stop() == 0
    with duckdb.connect(str(folder / "deduplicated.duckdb"), read_only=True) as store:
        assert store.execute("select count(*), count(distinct key) from dbt_ai.responses").fetchall() == [(2, 2)]


def test_usage_does_not_grow_with_the_number_of_queries(folder: Path) -> None:
    server = Server(folder, "--store", "usage.duckdb").wait_until_up()
    for number in range(5):
        server.call("llm", headers={"x-databend-query-id": f"query-{number}"}, request=[f"request {number}"])
    assert server.stop() == 0
    with duckdb.connect(str(folder / "usage.duckdb"), read_only=True) as store:
        assert store.execute("select node, external_model, executed from dbt_ai.usage").fetchall() == [("databend", "llm", 5)]
        assert store.execute("select distinct node from dbt_ai.responses").fetchall() == [("databend",)]


def test_no_more_batches_than_the_limit_are_answered_at_once_and_none_is_turned_away(folder: Path) -> None:
    slow = SlowEndpoint(together=3)
    url = f"http://127.0.0.1:{slow.port}/v1/embeddings"
    specification = f"location='{url}', api_format='OpenAI', model_type='EMBEDDINGS', model='m'"
    (folder / "models/slow.sql").write_text(f"{{{{ dbt_ai.create_external_model({specification}) }}}}")
    server = Server(folder, "--concurrency", "3", "--store", "concurrency.duckdb").wait_until_up()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: server.call("slow", text=[f"text {number}"]), range(8)))
    assert [len(answer) for answer in answers] == [1] * 8
    assert slow.most == 3 and slow.asked == 8
    assert server.stop() == 0
    slow.close()
    (folder / "models/slow.sql").unlink()


def test_what_failed_is_not_repeated_in_its_query_and_asked_again_by_the_next(folder: Path) -> None:
    endpoint = SlowEndpoint()
    specification = f"location='http://127.0.0.1:{endpoint.port}/v1/embeddings', api_format='OpenAI', model_type='EMBEDDINGS', model='m'"
    (folder / "models/broken.sql").write_text(f"{{{{ dbt_ai.create_external_model({specification}) }}}}")
    server = Server(folder, "--store", "failed.duckdb").wait_until_up()
    endpoint.refuses = True
    for _ in range(2):
        with pytest.raises(flight.FlightServerError, match="failed for 1 request "):
            server.call("broken", headers={"x-databend-query-id": "first"}, text=["a text"])
    assert endpoint.asked == 1
    endpoint.refuses = False
    assert server.call("broken", headers={"x-databend-query-id": "second"}, text=["a text"]) == [[1.0, 2.0]]
    assert server.stop() == 0
    endpoint.close()
    (folder / "models/broken.sql").unlink()


class SlowEndpoint:
    """Embeds each text in a fifth of a second, or refuses to, and knows how many it was asked for at once.
    together: it answers nothing before so many have come."""

    def __init__(self, together: int = 1) -> None:
        endpoint = self
        enough = threading.Event()
        self.refuses = False
        self.most = self.asked = self._running = 0
        self._lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with endpoint._lock:
                    endpoint._running += 1
                    endpoint.asked += 1
                    endpoint.most = max(endpoint.most, endpoint._running)
                    if endpoint.most >= together:
                        enough.set()
                enough.wait(60)
                time.sleep(0.2)
                with endpoint._lock:
                    endpoint._running -= 1
                data = [{"index": index, "embedding": [1.0, 2.0]} for index in range(len(request["input"]))]
                body = json.dumps({"data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}).encode()
                self.send_response(400 if endpoint.refuses else 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()


def test_beyond_loopback_a_token_is_wanted(folder: Path) -> None:
    server = Server(folder, "--host", "0.0.0.0")
    assert server.process.wait(timeout=300) == 1
    assert "--token-env" in server.log.read_text()


def test_a_request_without_the_token_is_turned_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_SERVER_TOKEN", "open sesame")
    server = Server(folder, "--token-env", "MODEL_SERVER_TOKEN", "--store", "token.duckdb").wait_until_up()
    with pytest.raises(flight.FlightUnauthenticatedError):
        server.call("llm", request=["hello"])
    answers = server.call("llm", headers={"authorization": "Bearer open sesame"}, request=["hello"])
    assert answers[0].startswith("mock answer")
    assert server.stop() == 0


def test_every_row_is_the_same_where_answers_are_looked_up(tmp_path: Path, engine: EmbeddedEngine) -> None:
    """The last test: external models are views then, and no functions."""
    with integration.project(tmp_path / "project", DBT_AI_CACHE_DIR=str(tmp_path / "cache")) as folder:
        expected = integration.rows_on_duckdb(folder)
        integration.build("databend", *integration.LOOKED_UP)
    assert not integration.differences(expected, engine.rows)
