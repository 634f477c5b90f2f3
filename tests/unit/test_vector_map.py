"""The map of `dbt-ai report` draws whatever column a project names, or says why not."""

import duckdb
import pytest

from dbt_ai.report.artefacts import Drawn
from dbt_ai.report.duckdb_source import DuckDBSource
from dbt_ai.report.vector_map import VectorMap, map_of
from dbt_ai.store.schema import Tables


def drawn(values: str) -> VectorMap:
    connection = duckdb.connect()
    connection.execute(f"create table t as select {values} as v from range(5) t(i)")
    source = DuckDBSource(connection, Tables("dbt_ai"), connection, list)
    return map_of(source, Drawn("node", (None, "main", "t"), "v", None, None))


@pytest.mark.parametrize("values", ["['a', 'b']", "['inf'::float, 1]", "['nan'::float, 1]", "[null, 1.0]", "[[1.0], [2.0]]"])
def test_a_column_that_holds_no_vectors_is_a_sentence_in_the_report(values):
    assert drawn(values).problem == "v holds a row that is not made of finite numbers; a map needs vectors"


def test_numbers_near_the_end_of_what_a_float_holds_are_drawn():
    assert {0.0, 1.0} <= {point.x for point in drawn("[i * 4e307, 1.0]").points} and drawn("[i * 4e307, 1.0]").kept == pytest.approx(1)


def test_a_column_of_vectors_is_drawn():
    assert sorted(point.x for point in drawn("[i::float, 1, i * 2]").points) == [0.0, 0.25, 0.5, 0.75, 1.0]
