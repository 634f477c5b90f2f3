"""What was answered and may not be in the warehouse yet, on this machine: a process that is killed loses nothing.

One DuckDB file for each process, since DuckDB lets one process in. What a file holds that nobody has open any more is delivered by
the next process that works on the same warehouse.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from dbt_ai.errors import StoreError
from dbt_ai.outside_text import in_one_line
from dbt_ai.settings import cache_dir
from dbt_ai.store import answer_rows
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables
from dbt_ai.store.store import Store

_TABLES = Tables("dbt_ai")
# It writes, and seldom reads: what does not fit waits in DuckDB's temporary files. Its log is never written anew into its file, which
# takes a second for each 100,000 vectors, for a file that is deleted soon.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"checkpoint_threshold": "1TB", "memory_limit": "64MB"}
# Answers that are delivered at once.
_DELIVERED = 10_000


class Journal:
    """warehouse: what tells one warehouse, database and schema from another. Raises StoreError where no file can be written."""

    def __init__(self, warehouse: Sequence[str]) -> None:
        name = hashlib.sha256(json.dumps(list(warehouse)).encode()).hexdigest()[:16]
        self.folder = cache_dir() / "journals" / name
        self._path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.duckdb"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._connection = _opened(self._path)
        except (OSError, duckdb.IOException) as error:
            raise StoreError(
                f"answers are kept in {self.folder} until the warehouse has them, which cannot be written"
                f" ({in_one_line(error, 200)}); set DBT_AI_CACHE_DIR to a folder that can"
            ) from None
        self.store: Store = DuckDBStore(self._connection.cursor, _TABLES)

    def deliver_left(self, deliver: Callable[[pa.Table], None], say: Callable[[str], None]) -> int:
        """Deliver what processes that have ended left; returns the number of answers. What cannot be read stays, and is said."""
        delivered = 0
        for path in sorted(self.folder.glob("*.duckdb")):
            if path == self._path:
                continue
            try:
                connection = _opened(path)
            except duckdb.Error:
                continue  # its process is alive, or it is being delivered by another
            with connection:
                try:
                    for rows in _answers(connection):
                        deliver(rows)
                        delivered += len(rows)
                except (duckdb.Error, ValueError) as error:  # a newer version may have written it
                    say(f"dbt_ai: {path} keeps what a run that ended early had answered, and cannot be read: {in_one_line(error, 200)}")
                    continue
            _remove(path)
        return delivered

    def close(self, delivered: bool) -> None:
        """delivered: nothing is left in it."""
        self._connection.close()
        if delivered:
            _remove(self._path)


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), config=_CONFIG)
    connection.execute("pragma disable_checkpoint_on_shutdown")
    return connection


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    """Also those that an older version wrote. Raises ValueError for what is not a table of answers."""
    try:
        found = connection.sql(f"select * from {_TABLES.responses}")
    except duckdb.CatalogException:
        return  # killed before it answered anything
    row = 1
    with found.to_arrow_reader(_DELIVERED) as batches:
        answer_rows.check_columns(batches.schema)
        for batch in batches:
            if len(batch):
                yield answer_rows.checked(batch, row)
            row += len(batch)


def _remove(path: Path) -> None:
    for file in (path, path.with_name(f"{path.name}.wal")):
        file.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)
