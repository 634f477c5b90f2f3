"""`dbt-ai report`: what the AI calls of a project did, as one HTML file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from dbt_ai.commands.model_names import ModelNames
from dbt_ai.commands.store import StorePlace, WarehousePlace
from dbt_ai.errors import ConfigurationError
from dbt_ai.report.artefacts import read_artefacts
from dbt_ai.report.comparisons import saved
from dbt_ai.report.contents import gather
from dbt_ai.report.duckdb_source import DuckDBSource
from dbt_ai.report.html import page
from dbt_ai.report.source import ReportSource
from dbt_ai.store.duckdb_file import open_file


def write_report(store: StorePlace | WarehousePlace, title: str, artefacts: Path, output: Path) -> int:
    """Write the page; returns its size in bytes. artefacts: dbt's target folder.

    Raises ConfigurationError where there is no store, or where the page cannot be written.
    """
    found = read_artefacts(artefacts)
    with _in_warehouse(store) if isinstance(store, WarehousePlace) else _in_file(store) as source:
        names = ModelNames.of(source.stored().models, source.external_models())
        contents = gather(title, f"{datetime.now():%Y-%m-%d %H:%M}", source, found, names.shown, saved(artefacts))
    written = page(contents).encode("utf-8", "replace")
    try:
        output.write_bytes(written)
    except OSError as error:
        raise ConfigurationError(f"{str(output)!r} cannot be written: {error.strerror}; give another file with -o") from None
    return len(written)


def size_shown(size: int) -> str:
    """Bytes as people read them.

    >>> size_shown(48_200), size_shown(2_350_000)
    ('48 kB', '2.4 MB')
    """
    return f"{size / 1e6:,.1f} MB" if size >= 1_000_000 else f"{max(size / 1e3, 1):,.0f} kB"


@contextmanager
def _in_file(store: StorePlace) -> Iterator[ReportSource]:
    with ExitStack() as opened:
        answers = opened.enter_context(store.open_current())
        built = answers if store.catalog == store.path else opened.enter_context(open_file(store.catalog, read_only=True))
        yield DuckDBSource(answers, store.tables, built, partial(store.external_models, answers))


@contextmanager
def _in_warehouse(store: WarehousePlace) -> Iterator[ReportSource]:
    """Brings the tables there up to date first, as a run does. Imported here: a project on DuckDB has no extra [warehouse]."""
    from dbt_ai.engines.warehouse.transfer import tables_of
    from dbt_ai.report.warehouse_source import WarehouseSource

    with tables_of(store.options) as tables:
        tables.prepare()
        yield WarehouseSource(tables)
