"""The way into dbt-core: one more method on every adapter, which macros call while a node runs.

dbt imports each installed module called dbt_* and instantiates what its attribute `plugins` lists, before it makes the adapter
(dbt.plugins.manager). It calls that interface experimental: nothing else of ours knows it. DuckDB has a door of its own, which is
stable: dbt_ai.engines.duckdb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dbt.adapters.base.impl import BaseAdapter
from dbt.plugins.manager import dbtPlugin

from dbt_ai.engines.dbt_docs import describe
from dbt_ai.engines.dbt_results import NothingBuilt, estimated, with_counts
from dbt_ai.engines.end_signals import end_signals

METHOD = "dbt_ai"
# Where an adapter's class lists the methods that macros may call.
AVAILABLE = "_available_"
# What needs no runtime: results that macros give dbt.
_RESULTS: Mapping[str, Callable[..., Any]] = {"with_counts": with_counts, "estimated": estimated}


class WarehousePlugin(dbtPlugin):
    """Gives every adapter, loaded or yet to be loaded, the method that adapters/… and macros/… call."""

    def initialize(self) -> None:
        """Give every adapter the method by which macros call the runtime. dbt calls this when it has found the plugin."""
        setattr(BaseAdapter, METHOD, call_runtime)
        for adapter in _with_subclasses(BaseAdapter):
            # A class that is made later takes the names of its bases.
            setattr(adapter, AVAILABLE, getattr(adapter, AVAILABLE) | {METHOD})


def call_runtime(adapter: Any, action: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`adapter.dbt_ai('plan', {…})`. An error that has a sentence is {'error': …}, which the macro raises as dbt's own."""
    if action in _RESULTS:
        return {"response": _RESULTS[action](**arguments)}
    if action == "describe":
        describe(**arguments)
        return {}
    if action == "begin_run":
        end_signals.take_over()
        return {}
    if action == "build_nothing":
        raise NothingBuilt(arguments["stack"])
    try:
        from dbt_ai.engines.warehouse.session import Session
    except ModuleNotFoundError as error:
        if error.name != "sqlglot":
            raise
        return {"error": "the runtime on this warehouse needs the extra: pip install 'dbt-ai-functions[warehouse]'"}
    return Session.call(adapter, action, arguments)


def _with_subclasses(adapter: type[Any]) -> Iterator[type[Any]]:
    yield adapter
    for subclass in adapter.__subclasses__():
        yield from _with_subclasses(subclass)
