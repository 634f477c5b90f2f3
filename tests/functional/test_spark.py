"""Spark for real: a local cluster with executors in processes of their own, and dbt-spark's session method."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import integration
import pyarrow as pa
import pytest
from models import mock_answer

from dbt_ai import register_project

pytestmark = pytest.mark.env("spark")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with integration.project(tmp_path_factory.mktemp("spark") / "project") as folder:
        yield folder


@pytest.fixture(scope="module")
def spark(folder: Path) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    # Executors start a Python of their own, which must be this one and find this package.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(integration.REPOSITORY)
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", str(integration.REPOSITORY))
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.task.maxFailures", "1")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .enableHiveSupport()
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    register_project(session, folder, target="duckdb")
    yield session
    session.stop()


def rows(spark: Any, sql: str) -> list[integration.Row]:
    return [tuple(row) for row in spark.sql(sql).collect()]


def test_every_row_is_the_row_that_duckdb_gives(folder: Path, spark: Any) -> None:
    expected = integration.rows_on_duckdb(folder)
    integration.build("spark")
    assert all(expected.values())
    assert not integration.differences(expected, lambda sql: rows(spark, sql))


def test_only_what_changed_is_asked_again(folder: Path, spark: Any) -> None:
    from pyspark.sql.functions import arrow_udf

    asked = spark.sparkContext.accumulator(0)

    @arrow_udf("STRUCT<response: STRING, errorStatus: STRING>")  # type: ignore[untyped-decorator]
    def counting(endpoint: pa.Array, request: pa.Array, call: pa.Array, fail_on_error: pa.Array) -> pa.Array:
        asked.add(len(request) - request.null_count)
        return pa.StructArray.from_arrays([request, pa.nulls(len(request), pa.string())], names=["response", "errorStatus"])

    spark.udf.register("dbt_ai_ai_query", counting)
    try:
        integration.build("spark", "--select", "ticket_summaries", "--full-refresh", command="run")
        counts = integration.calls_of_changes("spark", {}, lambda: asked.value, spark.sql, folder)
    finally:
        register_project(spark, folder, target="duckdb")
    # Nine of the first ten tickets have a text.
    assert counts == {
        "nothing": 0,
        "a new row": 1,
        "an edit of the SQL": 0,
        "another prompt": 10,
        "the same prompt again": 0,
        "full refresh": 10,
    }


def test_arguments_go_by_position_or_by_name_and_errors_are_data(spark: Any) -> None:
    ((named, positional, missing),) = rows(
        spark,
        """select ai_query(endpoint => 'llm', request => 'hello', failOnError => false), ai_query('llm', 'hello').response,
                  ai_query('llm', cast(null as string), failOnError => false)""",
    )
    assert named.response == positional and named.errorStatus is None and missing is None
    ((failed,),) = rows(spark, "select ai_embed(model => 'embedder', text => '', failOnError => false)")
    assert failed.response is None and "empty input" in failed.errorStatus


def test_with_fail_on_error_the_query_fails_in_the_models_words(spark: Any) -> None:
    with pytest.raises(Exception, match="there is no external model 'nobody' in this session; it has .*embedder, .*llm"):
        rows(spark, "select ai_query('nobody', 'hello')")


def test_the_work_is_spread_over_executors_and_each_makes_one_runtime(folder: Path, spark: Any) -> None:
    from pyspark.sql.functions import arrow_udf

    from dbt_ai.dbt_project import DbtOptions, load_project
    from dbt_ai.engines.spark import ship

    shipped = ship(load_project(DbtOptions(project_dir=folder, target="duckdb")))

    @arrow_udf("string")  # type: ignore[untyped-decorator]
    def runtime(text: pa.Array) -> pa.Array:
        from dbt_ai.engines.spark import executor_of_this_worker

        return pa.array([f"{os.getpid()} {id(executor_of_this_worker(shipped))}"] * len(text))

    spark.udf.register("runtime", runtime)
    found = [text.split(" ") for (text,) in rows(spark, "select distinct runtime(cast(id as string)) from range(0, 200000, 1, 8)")]
    workers = {worker for worker, _ in found}
    assert len(workers) == len(found) >= 2


def test_a_struct_travels_as_json_by_its_type(folder: Path, spark: Any) -> None:
    structs = """named_struct('a', 1, 'b', 'it''s', 'c', cast(null as string)) as x, array('p', 'q') as l, map('k', 1) as m,
        '{a: text}' as body, 7 as n, cast(null as struct<a: int>) as nothing"""
    columns = ("x", "l", "m", "body", "n", "nothing")
    calls = ", ".join(f"{{{{ dbt_ai.ai_query(ref('llm'), '{column}') }}}} as {column}" for column in columns)
    model = folder / "models/structs.sql"
    model.write_text(
        f"{{{{ config(materialized='table') }}}} select {calls} from (select {structs.replace(chr(39) * 2, chr(92) + chr(39))})"
    )
    try:
        integration.build("spark", "--select", "structs", command="run")
    finally:
        model.unlink()
    sent = ('{"a":1,"b":"it\'s","c":null}', '["p","q"]', '{"k":1}', "{a: text}", "7")
    assert rows(spark, "select * from analytics.structs") == [(*map(mock_answer, sent), None)]
