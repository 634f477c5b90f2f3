"""The runtime inside Spark: ai_query and ai_embed as vectorised functions of a session, executed on the executors.

Each Python worker makes one runtime and loads each model once. Executors have no store: a query that runs twice asks twice, and a
task that Spark repeats asks again, so models on Spark read their input through ai_changed_rows. Secrets stay where they are: the
functions carry the names of environment variables, which the executors must have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dbt_ai.call import Call
from dbt_ai.dbt_project import DbtOptions, Project, load_project
from dbt_ai.engines.arrow import answers_column, raise_failures, with_errors
from dbt_ai.errors import ConfigurationError
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.no_store import NoStore

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

QUERY_TYPE = "STRUCT<response: STRING, errorStatus: STRING>"
EMBED_TYPE = "STRUCT<response: ARRAY<FLOAT>, errorStatus: STRING>"


def register(spark: SparkSession, project: Project) -> None:
    """Make ai_query and ai_embed of this session call the project's external models.

    ai_query(endpoint, request, call => '', failOnError => true) answers STRUCT<response STRING, errorStatus STRING>, and
    ai_embed(model, text, call => '', failOnError => true) STRUCT<response ARRAY<FLOAT>, errorStatus STRING>. With failOnError
    a request that fails raises. Raises ConfigurationError where two external models cannot be told apart.
    """
    from pyspark.sql.functions import arrow_udf

    shipped = ship(project)

    def respond(model: pa.Array, text: pa.Array, call: pa.Array, fail_on_error: pa.Array) -> pa.Array:
        return respond_on_executor(shipped, model, text, call, fail_on_error)

    for name, returns, first, second in (("ai_query", QUERY_TYPE, "endpoint", "request"), ("ai_embed", EMBED_TYPE, "model", "text")):
        spark.udf.register(f"dbt_ai_{name}", arrow_udf(respond, returns))
        # Vectorised functions have no default arguments, so a function in SQL is put around this one.
        optional = "call STRING default '', failOnError BOOLEAN default true"
        spark.sql(
            f"create or replace temporary function {name}({first} STRING, {second} STRING, {optional})"
            f" returns {returns} return dbt_ai_{name}({first}, {second}, call, failOnError)"
        )


def ship(project: Project) -> str:
    """What executors need, as JSON text. It is readable in a query plan and needs no object of this process."""
    settings = {**asdict(project.settings), "mode": project.settings.mode.name}
    return json.dumps({"models": dict(project.models), "settings": settings}, sort_keys=True)


def register_project(spark: SparkSession, folder: Path, profiles: Path | None = None, target: str | None = None) -> None:
    """Make ai_query and ai_embed of this session call the external models of the dbt project in `folder`.

    profiles, target: where profiles.yml is, and which of its outputs to parse with; None: as dbt finds them.
    Raises ConfigurationError if the project does not parse or has no external model that can work.

        from dbt_ai import register_project
        register_project(spark, Path("/opt/shop"))
        spark.sql("select ai_query('llm', body, failOnError => false) from tickets")
    """
    register(spark, load_project(DbtOptions(project_dir=folder, profiles_dir=profiles, target=target)))


def respond_on_executor(shipped: str, models: pa.Array, texts: pa.Array, calls: pa.Array, fail_on_error: pa.Array) -> pa.Array:
    """Answer one Arrow batch: its distinct requests are executed together. A NULL text is a NULL struct and asks nothing."""
    executor = executor_of_this_worker(shipped)
    rows: list[str | None] = texts.to_pylist()
    sites = list(zip(models.to_pylist(), calls.to_pylist(), fail_on_error.to_pylist(), strict=True))
    parts = []
    for site in dict.fromkeys(sites):
        positions = [row for row, other in enumerate(sites) if other == site]
        call = executor.call(str(site[0]), site[1] or "{}")
        asked = [rows[row] for row in positions]
        answers = executor.answer(call, asked)
        if site[2]:
            raise_failures(answers, asked)
        parts.append((positions, with_errors(answers_column(answers, asked), answers, asked)))
    if len(parts) == 1:
        return parts[0][1]
    order = np.argsort(np.concatenate([positions for positions, _ in parts]))
    return pa.concat_arrays([array for _, array in parts]).take(pa.array(order))


@lru_cache(maxsize=4)
def executor_of_this_worker(shipped: str) -> SparkWorker:
    """The runtime of this Python worker. Spark keeps workers between tasks, and so what they have loaded."""
    return SparkWorker(json.loads(shipped))


class SparkWorker:
    """The runtime of one Python worker, and the external models that it was sent."""

    def __init__(self, shipped: Mapping[str, Any]) -> None:
        self._models: Mapping[str, Mapping[str, Any]] = shipped["models"]
        settings = Settings.from_config(shipped["settings"])
        self._runtime = Runtime(settings, NoStore())

    def call(self, model: str, written: str) -> Call:
        """The call for a model by name. written: what a macro wrote of it, or empty."""
        if model not in self._models:
            raise ConfigurationError(f"there is no external model {model!r} in this session; it has {', '.join(sorted(self._models))}")
        specification = self._models[model]
        function = "ai_embed" if specification["model_type"] == "EMBEDDINGS" else "ai_query"
        whole = {"function": function, **json.loads(written), "model": specification}
        return self._runtime.call(json.dumps(whole, sort_keys=True))

    def answer(self, call: Call, texts: Sequence[str | None]) -> KnownAnswers:
        """Answer the distinct texts."""
        answers = KnownAnswers(call)
        self._runtime.answer_now(call, dict.fromkeys(text for text in texts if text is not None), answers, None)
        return answers
