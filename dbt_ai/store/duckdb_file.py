"""Opens a DuckDB file, or says in one sentence why it cannot be opened."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import StoreError, StoreInUse

if TYPE_CHECKING:
    import duckdb


def open_file(path: str | Path, *, read_only: bool = False, config: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Raises StoreInUse for a file that is locked, naming who has it, and StoreError for one that cannot be read or made."""
    import duckdb

    if os.path.exists(path) and not os.path.isfile(path):  # a pipe may keep a reader waiting for ever
        raise StoreError(f"database {str(path)!r} cannot be used: it is not a file")
    if not read_only and not Path(path).parent.is_dir():
        raise StoreError(f"database {str(path)!r} cannot be made: there is no folder {str(Path(path).parent)!r}")
    try:
        return duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
    except duckdb.Error as error:
        raise problem(path, error) from None


# Two headers and one before them: no database is smaller.
SMALLEST = 3 * 4096


class OpenedFile:
    """A database file as it was when it was opened. Who deletes, replaces or empties it since is not noticed by DuckDB, which goes on
    writing what nobody will find.

    path: None for a database that is no file.
    """

    def __init__(self, path: str | Path | None) -> None:
        self._path = path
        self._opened = self._found()

    def require(self) -> None:
        """Raises StoreError where the path does not lead to it any more."""
        if self._opened is not None and self._found() != self._opened:
            raise StoreError(
                f"database {str(self._path)!r} was deleted, replaced or emptied while it was open, and what was stored in it in this run"
                " is lost with it; find out who does that, and run it again"
            )

    def _found(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path) if self._path else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found and found.st_size >= SMALLEST else None


def share_of_limited_memory() -> int | None:
    """Bytes that a database may take where this process has a limit (`ulimit -v`); None without one. DuckDB knows the memory of the
    machine only, and what it then cannot have fails in the middle of storing an answer."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit // 4


def problem(path: str | Path, error: duckdb.Error) -> StoreError:
    """What is wrong with this database. DuckDB tells a lock from a damaged file in words only."""
    said = str(error)
    if "Could not set lock" not in said:
        return StoreError(f"database {str(path)!r} cannot be used: {said.splitlines()[0]}")
    holder = re.search(r"held in (.+? \(PID \d+\))", said)
    by = f" by {holder[1]}" if holder else ""
    return StoreInUse(f"database {str(path)!r} is in use{by}; DuckDB lets one process in, try again when it has ended")
