"""A dbt project on a warehouse where our functions do not run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from conftest import Project


class PostgresServer:
    """Postgres 16 with pgvector. Not in pytest's folder, which is its user's alone: Postgres takes a user of its own."""

    def __init__(self) -> None:
        import pgserver

        self.socket = tempfile.mkdtemp()
        self._server = pgserver.get_server(Path(self.socket), cleanup_mode="delete")
        self._databases = 0

    def database(self) -> str:
        """A new database, with pgvector."""
        self._databases += 1
        name = f"project_{self._databases}"
        self.rows("postgres", f"create database {name}")
        self.rows(name, "create extension vector")
        return name

    def rows(self, database: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        import psycopg2

        connection = psycopg2.connect(host=self.socket, user="postgres", dbname=database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def output(self, database: str) -> dict[str, Any]:
        """Of profiles.yml."""
        return {
            "type": "postgres",
            "host": self.socket,
            "user": "postgres",
            "password": "",
            "port": 5432,
            "dbname": database,
            "schema": "analytics",
            "threads": 4,
        }

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@dataclass
class WarehouseProject(Project):
    """A dbt project on a warehouse. What a DuckDB profile says under the plugin stands in `vars: dbt_ai:`.

    server: a PostgresServer, or another one with its methods.
    """

    server: Any = None
    name: str = ""

    def set_up(self) -> None:
        self.name = self.server.database()
        self.env["DBT_AI_CACHE_DIR"] = str(self.path / "cache")
        super().set_up()

    @property
    def type(self) -> str:
        """Of its adapter."""
        return str(self.server.output(self.name)["type"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.server.rows(self.name, sql)

    def answers(self) -> int:
        return int(self.query("select count(*) from dbt_ai.responses")[0][0])

    def _write_profile(self) -> None:
        self.write(
            {
                "profiles.yml": yaml.safe_dump({"project": {"target": "dev", "outputs": {"dev": self.server.output(self.name)}}}),
                "dbt_project.yml": yaml.safe_dump(
                    {
                        "name": "project",
                        "version": "1.0.0",
                        "profile": "project",
                        "models": {"+materialized": "table"},
                        "vars": {"dbt_ai": self.config},
                    }
                ),
            }
        )
