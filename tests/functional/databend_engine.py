"""Databend in this process, under dbt-databend-cloud: the engine from PyPI has no network port, so the driver is replaced by it."""

from __future__ import annotations

import re
import threading
from typing import Any

import parsers


class EmbeddedEngine:
    """One engine for the process: Databend cannot be started twice. Its session is not thread-safe, hence the lock."""

    def __init__(self) -> None:
        self._session = parsers.start_databend()
        self._lock = threading.Lock()

    def execute(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self._lock:
            batches = self._session.sql(sql).to_py_arrow()
        rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
        return (batches[0].schema.names if batches else []), rows

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.execute(sql)[1]

    def take_the_place_of_the_driver(self) -> None:
        """Make dbt-databend-cloud talk to this engine instead of opening a connection."""
        from databend_sqlalchemy import connector

        connector.connect = lambda *_, **__: _Connection(self)


class _Connection:
    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    def cursor(self) -> _Cursor:
        return _Cursor(self._engine)

    def close(self) -> None: ...

    def commit(self) -> None: ...


class _Cursor:
    rowcount = -1

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, sql: str, parameters: Any = None) -> None:
        if parameters:
            values = iter(parameters)
            sql = re.sub(r"%s", lambda _: _literal(next(values)), sql)
        names, self._rows = self._engine.execute(sql.strip().rstrip(";"))
        self.description = [(name, None, None, None, None, None, None) for name in names]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self.fetchmany()), None)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        fetched, self._rows = self._rows[:size], self._rows[size:]
        return fetched

    def close(self) -> None: ...


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return str(value)
