"""`dbt-ai report`: what the AI calls of a project did, as one HTML file."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_ai.commands.model_names import ModelNames
from dbt_ai.commands.store import StorePlace, WarehousePlace
from dbt_ai.errors import ConfigurationError
from dbt_ai.report.artefacts import read_artefacts
from dbt_ai.report.comparisons import saved
from dbt_ai.report.contents import gather
from dbt_ai.report.html import page
from dbt_ai.store.duckdb_file import open_file

if TYPE_CHECKING:
    import duckdb


def write_report(store: StorePlace | WarehousePlace, title: str, artefacts: Path, output: Path) -> int:
    """Write the page; returns its size in bytes. artefacts: dbt's target folder.

    Raises ConfigurationError where there is no store, or where the page cannot be written.
    """
    if isinstance(store, WarehousePlace):
        raise ConfigurationError(f"the report reads a DuckDB store, and this target is {store.type}; its figures are in dbt_ai.usage there")
    found = read_artefacts(artefacts)
    with ExitStack() as opened:
        answers = opened.enter_context(store.open_current())
        built = answers if store.catalog == store.path else opened.enter_context(open_file(store.catalog, read_only=True))
        names = ModelNames.of(_models(answers, store), store.external_models(answers))
        contents = gather(title, f"{datetime.now():%Y-%m-%d %H:%M}", answers, store.tables, built, found, names.shown, saved(artefacts))
    written = page(contents).encode()
    try:
        output.write_bytes(written)
    except OSError as error:
        raise ConfigurationError(f"{str(output)!r} cannot be written: {error.strerror}; give another file with -o") from None
    return len(written)


def _models(connection: duckdb.DuckDBPyConnection, store: StorePlace) -> set[str]:
    return {model for (model,) in connection.execute(f"select distinct model from {store.tables.responses}").fetchall()}


def size_shown(size: int) -> str:
    """Bytes as people read them.

    >>> size_shown(48_200), size_shown(2_350_000)
    ('48 kB', '2.4 MB')
    """
    return f"{size / 1e6:,.1f} MB" if size >= 1_000_000 else f"{max(size / 1e3, 1):,.0f} kB"
