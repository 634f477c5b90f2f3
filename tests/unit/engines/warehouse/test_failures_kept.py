"""What has no answer is kept beside the answers, for SQL to read why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from types import SimpleNamespace

from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.tables import WarehouseTables, failure_rows


class Transactions(WarehouseConnection):
    """Counts the transactions that are open at once. Each stays open for a moment, in which another one may begin."""

    def __init__(self) -> None:
        place = SimpleNamespace(credentials=SimpleNamespace(database="d"), quoting={})
        super().__init__(SimpleNamespace(config=place, Relation=SimpleNamespace(create=lambda **place: place["identifier"])))
        self.changed = threading.Condition()
        self.open = self.most = self.ended = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.changed:
            self.open += 1
            self.most = max(self.most, self.open)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.open > 1, timeout=0.02)
        yield
        with self.changed:
            self.open -= 1
            self.ended += 1

    def execute(self, sql: str) -> None: ...


def test_nodes_that_end_in_the_same_moment_change_the_table_of_failures_one_after_another() -> None:
    connection = Transactions()
    tables = WarehouseTables(connection, dialect_of("bigquery"), "dbt_ai")

    def keep(key: bytes) -> None:
        tables.insert_failures(failure_rows({key: "400 no"}, "node", datetime.now(timezone.utc)))
        tables.forget_failures()

    nodes = [threading.Thread(target=keep, args=(bytes([number]),)) for number in range(2)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()
    assert (connection.ended, connection.most) == (4, 1)
