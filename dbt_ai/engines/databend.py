"""The model server that Databend's external functions call: Arrow Flight, on the vendor's databend-udf.

Every external model is two handlers. `<model>(text)` answers with the model's own parameters; `<model>__call(call, text)` also takes
the JSON constant that a macro writes (parameters, messages, schema, fail_on_error) and answers a VARIANT. A call may decide
how a known model is asked, never where a request goes.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

try:
    import pyarrow.flight as flight
    from databend_udf.udf import Headers, ScalarFunction, UDFServer
except ImportError as error:  # pragma: no cover
    raise ImportError("the Databend server needs the extra: pip install 'dbt-ai-functions[databend]'") from error

from dbt_ai.call import Call
from dbt_ai.engines.arrow import answers_column, raise_failures
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.external_model import ExternalModel
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.response import Failure
from dbt_ai.return_type import parse_return_type
from dbt_ai.runtime import Runtime

log = logging.getLogger(__name__)

# What a macro may say about a call. The model itself is the server's: SQL must not choose where requests and secrets go.
CALL_FIELDS = ("function", "parameters", "messages", "request_format", "response_format", "return_type", "questions", "fail_on_error")
REMEMBERED_FAILURES = 100_000
# The payer in the store and in `usage`. It is not the query: a server runs for months, and would write all its queries every second.
PAYER = "databend"


class Handler(ScalarFunction):  # type: ignore[misc]  # databend-udf has no types
    """One external model under one name. Works on whole batches; a NULL input is a NULL result and asks nothing."""

    def __init__(self, model: ExternalModel, specification: Mapping[str, Any], server: Service, with_call: bool) -> None:
        embeds = model.model_type == "EMBEDDINGS"
        named = (_embed_call if embeds else _query_call) if with_call else (_embed if embeds else _query)
        self.name = f"{model.name}__call" if with_call else model.name
        super().__init__(
            named,
            ["STRING"] * (2 if with_call else 1),
            "VARIANT" if with_call else ("ARRAY(FLOAT)" if embeds else "STRING"),
            name=self.name,
            batch_mode=True,
        )
        self._model = model
        self._specification = specification
        self._service = server
        self._with_call = with_call

    def eval_batch(self, batch: pa.RecordBatch, headers: Headers | None = None) -> Iterator[pa.RecordBatch]:
        """Raises flight errors only: any other exception would reach the SQL client as a traceback."""
        query = (headers.queryid if headers is not None else None) or ""
        try:
            with self._service.admitted(self._name):
                values = self._values(batch, query)
        except flight.FlightError:
            raise
        except DbtAiError as error:
            raise flight.FlightServerError(self._service.runtime.credentials.redaction.redact(str(error))) from None
        except Exception as error:
            log.error("%s: %s", self._name, self._service.runtime.credentials.redaction.redact(f"{type(error).__name__}: {error}"))
            raise flight.FlightInternalError(f"{self._name}: the model server failed ({type(error).__name__}); its log says more") from None
        yield pa.RecordBatch.from_arrays([values], schema=self._result_schema)

    def _values(self, batch: pa.RecordBatch, query: str) -> pa.Array:
        texts: list[str | None] = batch.column(batch.num_columns - 1).to_pylist()
        if not self._with_call:
            call, _ = self._call("{}")
            answers = self._service.answer(call, texts, query)
            raise_failures(answers, texts)
            return _column(answers, texts)
        values: list[bytes | None] = [None] * len(texts)
        calls: list[str | None] = batch.column(0).to_pylist()
        for written in dict.fromkeys(text for text in calls if text is not None):
            call, fail_on_error = self._call(written)
            rows = [row for row, text in enumerate(calls) if text == written]
            wanted = [texts[row] for row in rows]
            answers = self._service.answer(call, wanted, query)
            if fail_on_error:
                raise_failures(answers, wanted)
            for row, value in zip(rows, _variants(call, answers, wanted, fail_on_error), strict=True):
                values[row] = value
        return pa.array(values, pa.large_binary())

    def _call(self, written: str) -> tuple[Call, bool]:
        """The call, and whether a failed request fails the statement."""
        try:
            given = json.loads(written)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise ConfigurationError(f"{self._name}: the call is {written[:80]!r}; give the JSON object that the dbt_ai macros write")
        unknown = sorted(set(given) - set(CALL_FIELDS))
        if unknown:
            raise ConfigurationError(f"{self._name}: a call cannot decide {', '.join(unknown)}; it takes {', '.join(CALL_FIELDS)}")
        function = "ai_embed" if self._model.model_type == "EMBEDDINGS" else "ai_query"
        fail_on_error = given.pop("fail_on_error", True)
        return self._service.call({"function": function, **given, "model": self._specification}), fail_on_error


class Service:
    """What the handlers share: the runtime, the limit on concurrent requests, and what already failed in a query.

    Databend repeats a failed request up to eight times. The answers are in the store by then; a request that failed is
    remembered for its query, so that the repetition costs nothing.
    """

    def __init__(self, runtime: Runtime, concurrency: int, patience: float) -> None:
        self.runtime = runtime
        self._room = threading.BoundedSemaphore(concurrency)
        self._requests = 0
        self._idle_since = time.monotonic()
        self._patience = patience
        self._failed: OrderedDict[tuple[str, Call, str], Failure] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def admitted(self, name: str) -> Iterator[None]:
        """Room for one request. Raises FlightUnavailableError when none is free in time."""
        with self._lock:
            self._requests += 1
        try:
            if not self._room.acquire(timeout=self._patience):
                raise flight.FlightUnavailableError(f"{name}: no room for another request after {self._patience:.0f} s; try again later")
            try:
                yield
            finally:
                self._room.release()
        finally:
            with self._lock:
                self._requests -= 1
                self._idle_since = time.monotonic()

    def idle_seconds(self) -> float:
        """How long no request has been running or waiting for room."""
        with self._lock:
            return 0.0 if self._requests else time.monotonic() - self._idle_since

    def call(self, specification: Mapping[str, Any]) -> Call:
        """Read the call that a specification describes."""
        return self.runtime.call(json.dumps(specification, sort_keys=True))

    def answer(self, call: Call, texts: Sequence[str | None], query: str) -> KnownAnswers:
        """The answers to the distinct texts, stored or executed."""
        answers = KnownAnswers(call)
        asked = dict.fromkeys(text for text in texts if text is not None)
        if query and self._failed:
            known = {text: self._failed.get((query, call, text)) for text in asked}
            answers.failures.update({text: failure for text, failure in known.items() if failure is not None})
        self.runtime.answer_now(call, asked, answers, PAYER)
        failed = {text: answers.failures[text] for text in asked if text in answers.failures}
        if failed:
            with self._lock:
                self._failed.update({(query, call, text): failure for text, failure in failed.items() if query})
                while len(self._failed) > REMEMBERED_FAILURES:
                    self._failed.popitem(last=False)
            # Failures are remembered for this query only. The next query asks again.
            self.runtime.scheduler.forget_failures()
        return answers


class ModelServer(UDFServer):  # type: ignore[misc]
    """Serves from construction until `shutdown`, which finishes the requests that are running."""

    def __init__(
        self,
        service: Service,
        specifications: Sequence[Mapping[str, Any]],
        host: str,
        port: int,
        token: str | None = None,
        metrics: str | None = None,
    ) -> None:
        middleware = {"token": _TokenFactory(token)} if token else {}
        # The vendor's logger prints a traceback for every error and a CREATE FUNCTION that versions before 1.2.828 refuse.
        logging.getLogger("databend_udf").setLevel(logging.CRITICAL)
        super().__init__(f"{host}:{port}", metric_location=metrics, middleware=middleware)
        for specification in specifications:
            model = ExternalModel.from_spec(specification)
            for with_call in (False, True):
                self._serve(Handler(model, specification, service, with_call))
        if metrics:
            self._start_metrics_server()

    def _serve(self, handler: Handler) -> None:
        if handler.name in self._functions:
            raise ConfigurationError(f"two handlers would be called {handler.name!r}; rename the external model")
        self.add_function(handler)

    def get_flight_info(self, context: Any, descriptor: Any) -> Any:
        """Called by Arrow Flight: the types of a function."""
        self._require(descriptor)
        return super().get_flight_info(context, descriptor)

    def do_exchange(self, context: Any, descriptor: Any, reader: Any, writer: Any) -> None:
        """Called by Arrow Flight: rows in, answers out."""
        self._require(descriptor)
        super().do_exchange(context, descriptor, reader, writer)

    def _require(self, descriptor: Any) -> None:
        path = descriptor.path or [b""]  # a descriptor may hold a command instead, or nothing
        name = path[0].decode("utf-8", "replace")
        if name not in self._functions:
            known = ", ".join(sorted(known for known in self._functions if not known.startswith("builtin_")))
            raise flight.FlightServerError(f"there is no external model {name!r} here; this server has {known}")


class _TokenFactory(flight.ServerMiddlewareFactory):  # type: ignore[misc]
    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}"

    def start_call(self, info: Any, headers: Mapping[str, Sequence[str]]) -> None:
        import hmac

        given = next((values[0] for key, values in headers.items() if key.lower() == "authorization" and values), "")
        if not hmac.compare_digest(given.encode(), self._expected.encode()):
            raise flight.FlightUnauthenticatedError("this model server wants its token in the header `authorization: Bearer …`")


# databend-udf names a handler's arguments after the parameters of a Python function.
def _embed(text: str) -> None: ...
def _embed_call(call: str, text: str) -> None: ...
def _query(request: str) -> None: ...
def _query_call(call: str, request: str) -> None: ...


def _column(answers: KnownAnswers, texts: Sequence[str | None]) -> pa.Array:
    """With elements that may be NULL, as databend-udf declares an ARRAY(FLOAT)."""
    column = answers_column(answers, texts)
    return column.cast(pa.list_(pa.field("item", pa.float32(), nullable=True))) if answers.call.embeds else column


def _variants(call: Call, answers: KnownAnswers, texts: Sequence[str | None], fail_on_error: bool) -> Iterator[bytes | None]:
    """JSON as Databend's VARIANT takes it; {"response", "errorStatus"} where errors are data."""
    nested = call.return_type is not None and parse_return_type(call.return_type).nested
    for text, slot in zip(texts, answers.find(texts), strict=True):
        if text is None:
            yield None
            continue
        value: Any = None
        if slot >= 0 and call.embeds:
            value = answers.vectors(np.array([slot]))[0].tolist()
        elif slot >= 0:
            answer = answers.texts[slot]
            value = json.loads(answer) if answer is not None and nested else answer
        if not fail_on_error:
            failure = answers.failures.get(text)
            value = {"response": value, "errorStatus": failure.message if failure else None}
        yield json.dumps(value).encode()
