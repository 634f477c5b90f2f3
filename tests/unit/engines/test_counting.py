import duckdb
import pyarrow as pa
import pytest

from dbt_ai.engines.duckdb_functions import counting


@pytest.mark.parametrize("column", ["asked(body)", "coalesce(asked(body), '')", "asked(body) is null", "{'a': asked(body)}"])
def test_a_pass_computes_every_row_also_where_none_can_be_null(column):
    connection, seen = duckdb.connect(), set()

    def asked(texts):
        seen.update(texts.to_pylist())
        return pa.nulls(len(texts), pa.string())

    connection.create_function("asked", asked, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")
    sql = f"select {column} from (select i::varchar as body from range(5000) t(i)) -- a comment at the end"
    assert connection.execute(counting(sql)).fetchall()[0][0] == 5000
    assert seen >= {str(i) for i in range(5000)}
