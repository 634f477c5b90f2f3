"""What goes into Postgres when another process writes the same keys. The connection is a fake one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest
from dbt_common.exceptions import DbtDatabaseError

from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.postgres import PostgresConnection
from dbt_ai.engines.warehouse.tables import WarehouseTables, failure_rows
from dbt_ai.errors import StoreError
from dbt_ai.store.schema import Column


class Refused(Exception):
    """As psycopg's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.pgcode = code


class Keys(PostgresConnection):
    """Holds keys alone. refusals: of the next copies of rows, by their codes; another process then has written the first key."""

    def __init__(self) -> None:
        self.there: set[bytes] = set()
        self.refusals: list[str] = []
        self.compared: list[bytes] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def execute(self, sql: str) -> None: ...

    def fetched(self, sql: str) -> list[Sequence[Any]]:
        return [(key,) for key in self.compared if key in self.there]

    def copy(self, table: str, columns: Sequence[Column], rows: pa.Table) -> None:
        keys = rows.column("key").to_pylist()
        if table == "dbt_ai_new":
            self.compared = keys
            return
        if self.refusals:
            self.there.add(keys[0])
            raise DbtDatabaseError("refused") from Refused(self.refusals.pop())
        assert self.there.isdisjoint(keys)
        self.there.update(keys)


class Tables(WarehouseTables):
    def name(self, table: str) -> str:
        return table


def rows(count: int) -> pa.Table:
    return failure_rows({bytes([number]) * 32: "why" for number in range(count)}, "node", None)


@pytest.mark.parametrize("code", ["23505", "40P01"])
def test_a_key_that_another_process_writes_in_the_same_moment_is_left_to_it(code: str) -> None:
    keys = Keys()
    keys.refusals = [code, code]
    Tables(keys, dialect_of("postgres"), "dbt_ai").insert_failures(rows(5))
    assert len(keys.there) == 5 and keys.refusals == []


def test_whatever_else_goes_wrong_is_told_at_once() -> None:
    keys = Keys()
    keys.refusals = ["never reached", "53100"]
    with pytest.raises(StoreError, match="answers cannot be kept in schema dbt_ai"):
        Tables(keys, dialect_of("postgres"), "dbt_ai").insert_failures(rows(5))
    assert keys.refusals == ["never reached"]
