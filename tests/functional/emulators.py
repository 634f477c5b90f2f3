"""Servers in the place of Snowflake and of BigQuery, for dbt's own adapters of both."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conftest import SERVERS, environment, free_port, serve
from dbt_common.behavior_flags import BehaviorFlagRendered

# Who made a flag of an adapter. dbt looks for it in the sources of the whole stack, which is pytest's, once for each flag and command.
BehaviorFlagRendered._default_source = staticmethod(lambda: "an adapter")


class SnowflakeServer:
    """fakesnow."""

    def __init__(self, port: int) -> None:
        self.port = port

    def database(self) -> str:
        """The name of a new one; connecting makes it."""
        return f"PROJECT_{uuid.uuid4().hex[:8].upper()}"

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        from snowflake.connector import connect

        with connect(**self._place(database)) as connection:
            return [tuple(row) for row in connection.cursor().execute(sql).fetchall()]

    def output(self, database: str) -> dict[str, Any]:
        """Of profiles.yml."""
        return {"type": "snowflake", **self._place(database), "threads": 4}

    def _place(self, database: str) -> dict[str, Any]:
        server = {"account": "fakesnow", "host": "localhost", "port": self.port, "protocol": "http"}
        return {**server, "user": "fake", "password": "snow", "role": "r", "warehouse": "w", "database": database, "schema": "analytics"}


class BigQueryServer:
    """Crucible. Its databases are the projects of Google Cloud."""

    def __init__(self, url: str) -> None:
        self._url = url
        # dbt-bigquery and Google's client take an emulator's address from here.
        os.environ["BIGQUERY_EMULATOR_HOST"] = url

    def database(self) -> str:
        return f"project-{uuid.uuid4().hex[:8]}"

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud.bigquery import Client

        client = Client(project=database, credentials=AnonymousCredentials(), client_options={"api_endpoint": self._url})
        return [tuple(row.values()) for row in client.query(sql).result()]

    def output(self, database: str) -> dict[str, Any]:
        token = {"method": "oauth-secrets", "token": "fake"}
        return {"type": "bigquery", **token, "project": database, "dataset": "analytics", "api_endpoint": self._url, "threads": 4}


@contextmanager
def snowflake_server() -> Iterator[SnowflakeServer]:
    port = free_port()
    command = [str(environment("emulators") / "bin/python"), str(SERVERS / "snowflake_server.py"), str(port)]
    with serve(command, f"http://localhost:{port}", "/"):
        yield SnowflakeServer(port)


@contextmanager
def bigquery_server() -> Iterator[BigQueryServer]:
    port = free_port()
    command = [str(environment("emulators") / "bin/python"), str(SERVERS / "bigquery_server.py"), str(port)]
    with serve(command, f"http://localhost:{port}", "/") as server:
        yield BigQueryServer(server.url)
