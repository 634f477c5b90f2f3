"""`dbt-ai serve`: the model server of a dbt project, from its start to a stop that loses nothing."""

from __future__ import annotations

import logging
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dbt_ai.engines.databend import ModelServer, Service
from dbt_ai.engines.project import load_project
from dbt_ai.errors import ConfigurationError
from dbt_ai.runtime import Runtime
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, Store

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """project, profiles, target: the dbt project whose external models are served.

    host, port: where Databend reaches the server. metrics_port: Prometheus on the same host, 0 for none.
    store: a DuckDB file of its own for the answers: a DuckDB file is locked by its process, so it cannot be the target database.
    concurrency: requests of Databend executed at once; patience: seconds that another one waits for room.
    token_env: the environment variable that holds the token every request must carry; required beyond loopback.
    """

    project: Path
    profiles: Path | None = None
    target: str | None = None
    host: str = "127.0.0.1"
    port: int = 8815
    metrics_port: int = 0
    store: Path | None = None
    concurrency: int = 8
    patience: float = 120.0
    token_env: str | None = None


def serve(options: ServerOptions) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests that are running and close the store.

    Raises ConfigurationError before a port is opened if the project or the options cannot work.
    """
    token = _token(options)
    project = load_project(options.project, options.profiles, options.target)
    path = options.store or Path(project.settings.store or options.project / "dbt_ai_serve.duckdb")
    with _opened(path) as database:
        settings = replace(project.settings, store=str(path))
        runtime = Runtime(settings, Store(database.cursor, f'"{settings.schema}"'))
        # Blocked before the server's threads exist, so that they inherit it and the signal is ours to wait for.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        server = ModelServer(
            Service(runtime, options.concurrency, options.patience),
            list(project.models.values()),
            options.host,
            options.port,
            token=token,
            metrics=f"{options.host}:{options.metrics_port}" if options.metrics_port else None,
        )
        log.info("serving %s at grpc://%s:%s, answers in %s", ", ".join(project.models), options.host, server.port, path)
        received = signal.sigwait({signal.SIGTERM, signal.SIGINT})
        log.info("%s: finishing the requests that are running", signal.Signals(received).name)
        server.shutdown()
        runtime.write_usage()
        runtime.close()
    log.info("stopped")


def _token(options: ServerOptions) -> str | None:
    if options.token_env is None:
        if options.host not in LOOPBACK:
            raise ConfigurationError(
                f"dbt-ai serve --host {options.host}: anybody who reaches this address could call your models; name the environment"
                " variable that holds a token with --token-env, or bind 127.0.0.1"
            )
        return None
    token = os.environ.get(options.token_env)
    if not token:
        raise ConfigurationError(f"dbt-ai serve --token-env {options.token_env}: the environment variable is empty; put the token there")
    return token


# By default DuckDB takes most of the machine's memory for a cache, which belongs to the models. What is written stays in it up to the
# limit: the server grows to this. Half of it is too little to read 40,000 stored vectors of 3,072 dimensions for 8 queries at once.
STORE_CONFIG: dict[str, str | bool | int | float | list[str]] = {"checkpoint_threshold": CHECKPOINT_THRESHOLD, "memory_limit": "512MB"}


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), config=STORE_CONFIG)
    except duckdb.IOException as error:
        raise ConfigurationError(f"dbt-ai serve: the store {path} cannot be opened: {str(error).splitlines()[0]}") from None
