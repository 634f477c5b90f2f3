"""dbt's adapters: the one of a project's target outside of any dbt command, and the connection that carries rows fastest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.adapters.base.impl import BaseAdapter

from dbt_ai.dbt_project import DbtOptions, read_target, run_dbt, working_in
from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.errors import ConfigurationError


def connection_to(adapter: BaseAdapter) -> WarehouseConnection:
    """The connection for this adapter's warehouse."""
    if adapter.type() == "postgres":
        from dbt_ai.engines.warehouse.postgres import PostgresConnection

        return PostgresConnection(adapter)
    if adapter.type() == "bigquery":
        from dbt_ai.engines.warehouse.bigquery import BigQueryConnection

        return BigQueryConnection(adapter)
    if adapter.type() == "snowflake":
        from dbt_ai.engines.warehouse.snowflake import SnowflakeConnection

        return SnowflakeConnection(adapter)
    return WarehouseConnection(adapter)


@contextmanager
def adapter_of(options: DbtOptions) -> Iterator[Any]:
    """The adapter of the project's target. dbt reads an empty project with the same profile: the project itself may be one for another dbt.

    Raises ConfigurationError where the profile, the target or the adapter's package is not there.
    """
    from dbt.adapters.factory import FACTORY

    target = read_target(options)
    with tempfile.TemporaryDirectory() as folder, working_in(options.project_folder):
        Path(folder, "dbt_project.yml").write_text("name: dbt_ai_outside\nprofile: none\n")
        stub = DbtOptions(Path(folder), options.profiles_folder, profile=target.place[0], target=target.place[2])
        run_dbt("parse", stub, selection=False)
        adapter: Any = FACTORY.adapters.get(target.type)
        if adapter is None:
            raise ConfigurationError(f"dbt has no adapter {target.type!r}; install dbt-{target.type}")
        try:
            yield adapter
        finally:
            adapter.cleanup_connections()
