"""Databricks model serving, and MLflow's own servers: one URL that ends in /invocations, and a body for each kind of model.

Foundation and external models speak OpenAI's chat and embeddings; a custom model takes a table of features and answers `predictions`.
Formats: https://docs.databricks.com/machine-learning/model-serving/score-custom-model-endpoints,
https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_json import parse
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._errors import missing
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._json import read_json
from dbt_ai.providers._means import DATABRICKS_MEANS, DATABRICKS_VECTORS, Means
from dbt_ai.providers._usage import read_usage
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, Limits, called_url, wrong_location
from dbt_ai.providers.openai import USAGE, OpenAI, read_embeddings, without_nulls
from dbt_ai.response import Failure, Responses
from dbt_ai.return_type import parse_return_type
from dbt_ai.return_type.types import Array, Decimal, Enum, Scalar

# Many rows in one request, but not more than the smallest endpoint scores within its time limit. A body may have 16 MB.
_ROWS = 100
_BYTES = 8 * 1024 * 1024
_CUSTOM = "CUSTOM"


class Databricks(OpenAI):
    """parameters of a CUSTOM model: `input_format`, one of dataframe_records (unless given), dataframe_split, inputs and
    instances; the others are the model's own `params`."""

    api_format = "Databricks"
    model_types: ClassVar[tuple[str, ...]] = ("EMBEDDINGS", "CHAT", _CUSTOM)
    flex: ClassVar[bool] = False

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        """None: Databricks has batch inference of its own, `ai_query` in SQL."""
        return None

    def check(self, model: ExternalModel) -> None:
        if called_url(model).path[-1:] != ("invocations",):
            raise wrong_location(model, "https://{workspace}/serving-endpoints/{name}/invocations")
        shape = model.parameters.get("input_format", "dataframe_records")
        if model.model_type != _CUSTOM and "input_format" in model.parameters:
            raise ConfigurationError(f"external model {model.name!r}: input_format belongs to model_type 'CUSTOM' only; leave it out")
        if shape not in _SHAPES:
            raise ConfigurationError(f"external model {model.name!r}: input_format {shape!r} is not known; use one of {', '.join(_SHAPES)}")

    def limits(self, call: Call) -> Limits:
        return Limits(inputs=_ROWS, bytes=_BYTES) if call.model.model_type == _CUSTOM else super().limits(call)

    def check_questions(self, call: Call) -> None:
        EndpointProvider.check_questions(self, call)  # it reads answers in shapes of its own, in which log-probabilities have no place

    def means(self, call: Call) -> Sequence[Means]:
        if call.model.model_type == _CUSTOM:
            return ()
        return DATABRICKS_VECTORS if call.embeds else DATABRICKS_MEANS

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        # The URL names the model; some endpoints refuse a body that does too.
        if call.model.model_type == _CUSTOM:
            parameters = dict(call.parameters)
            shape = parameters.pop("input_format", "dataframe_records")
            body: dict[str, Any] = {shape: _SHAPES[shape]([json.loads(text) for text in inputs])}
            if parameters:
                body["params"] = parameters
        elif call.embeds:
            body = {**call.parameters, "input": inputs[0] if call.bare else list(inputs)}
        else:
            body = without_nulls({"temperature": 0.0, **call.parameters, **chat_body(call, inputs[0])})
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        if call.model.model_type == _CUSTOM:
            return _predictions(read_json(response), call, inputs)
        if call.embeds:
            document = read_json(response)
            # MLflow wraps the same list where the model was not logged for the task llm/v1/embeddings.
            answered = document.get("predictions", document)
            if isinstance(answered, list):
                answered = {"data": [{"embedding": vector} for vector in answered]}
            return read_embeddings(answered, inputs, read_usage(answered.get("usage"), USAGE, call, inputs))
        return super().decode(call, inputs, response)

    def refusal(self, response: HttpResponse) -> str:
        said = super().refusal(response)
        try:
            # MLflow's message only says that the model raised; what it raised is the last line of the trace.
            raised = parse(response.body)["stack_trace"].strip().splitlines()[-1]
        except (ValueError, LookupError, TypeError, AttributeError):
            return said
        return f"{said} {raised[:300]}"


def _predictions(document: Mapping[str, Any], call: Call, inputs: Sequence[str]) -> Responses:
    """One text a row: a prediction that is text as it is, any other as JSON."""
    predictions = document.get("predictions")
    if isinstance(predictions, Mapping) and predictions and all(isinstance(column, list) for column in predictions.values()):
        columns = list(predictions)
        predictions = [dict(zip(columns, row, strict=True)) for row in zip(*predictions.values(), strict=True)]
    if isinstance(predictions, Mapping) and len(inputs) == 1:
        predictions = [predictions]
    if not isinstance(predictions, list):
        raise missing(document, "the answer holds no list under 'predictions'; a model that is not a custom one has model_type 'CHAT'")
    if len(predictions) != len(inputs):
        raise ProviderError(f"the endpoint answered {len(predictions)} predictions to {len(inputs)} rows")
    if call.return_type and isinstance(parse_return_type(call.return_type).type, (Scalar, Decimal, Enum, Array)):
        # MLflow writes a pandas series, the usual answer of a model with one output, as records of one column: {"0": 1.5}.
        predictions = [next(iter(row.values())) if isinstance(row, Mapping) and len(row) == 1 else row for row in predictions]
    failures = {
        position: Failure("null prediction", "the model predicted null") for position, value in enumerate(predictions) if value is None
    }
    return Responses([value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in predictions], failures)


def _records(rows: Sequence[Any]) -> Any:
    for row in rows:
        if not isinstance(row, dict):
            raise ProviderError(
                f"the request {json.dumps(row)[:60]} has no field names, which dataframe_records and dataframe_split need;"
                " use dbt_ai.ai_struct(…), or set parameters={'input_format': 'inputs'}"
            )
    return list(rows)


def _split(rows: Sequence[Any]) -> Any:
    columns = list(_records(rows)[0])
    return {"columns": columns, "data": [[row[column] for column in columns] for row in rows]}


def _inputs(rows: Sequence[Any]) -> Any:
    """Tensors: named columns for structs, one list for single values."""
    if isinstance(rows[0], dict):
        return {column: [row[column] for row in rows] for column in rows[0]}
    return list(rows)


_SHAPES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "dataframe_records": _records,
    "dataframe_split": _split,
    "inputs": _inputs,
    "instances": list,
}
