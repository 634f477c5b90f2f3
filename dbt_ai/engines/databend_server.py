"""`dbt-ai serve`: the model server of a dbt project, from its start to a stop that loses nothing."""

from __future__ import annotations

import logging
import os
import signal
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_ai.dbt_project import DbtOptions, load_project
from dbt_ai.engines.databend import ModelServer, Service
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.runtime import Runtime
from dbt_ai.security.urls import is_loopback
from dbt_ai.store.duckdb_file import OpenedFile, open_file
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, DuckDBStore
from dbt_ai.store.schema import Tables
from dbt_ai.store.version_1 import Version1

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger(__name__)

# Databend sends the next rows of an exchange as soon as it has the last answers: one that is silent for so long is only held open.
IDLE_EXCHANGE = 3.0


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """dbt: the project whose external models are served.

    host, port: where Databend reaches the server. metrics_port: Prometheus on the same host, 0 for none.
    store: a DuckDB file of its own for the answers: a DuckDB file is locked by its process, so it cannot be the target database.
    concurrency: requests of Databend executed at once; patience: seconds that another one waits for room.
    token_env: the environment variable that holds the token every request must carry; required beyond loopback.
    """

    dbt: DbtOptions
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
    project = load_project(options.dbt)
    path = options.store or Path(project.settings.store or options.dbt.project_folder / "dbt_ai_serve.duckdb")
    with open_file(path, config=STORE_CONFIG) as database:
        settings = replace(project.settings, store=str(path))
        opened = OpenedFile(path)

        def cursor() -> duckdb.DuckDBPyConnection:
            opened.require()
            return database.cursor()

        models = [ExternalModel.from_spec(specification) for specification in project.models.values()]
        runtime = Runtime(settings, DuckDBStore(cursor, Tables(settings.schema), version_1=Version1(lambda: models), say=log.info))
        # Blocked before the server's threads exist, so that they inherit it and the signal is ours to wait for.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        service = Service(runtime, options.concurrency, options.patience)
        server = ModelServer(
            service,
            list(project.models.values()),
            options.host,
            options.port,
            token=token,
            metrics=f"{options.host}:{options.metrics_port}" if options.metrics_port else None,
        )
        log.info("serving %s at grpc://%s:%s, answers in %s", ", ".join(project.models), options.host, server.port, path)
        received = signal.sigwait({signal.SIGTERM, signal.SIGINT})
        log.info("%s: finishing the requests that are running", signal.Signals(received).name)
        ended = _ended(server, service)
        runtime.invocation.write_usage()
        runtime.close()
    log.info("stopped")
    if not ended:
        logging.shutdown()
        os._exit(0)  # Arrow Flight would wait for its client when the interpreter ends


def _ended(server: ModelServer, service: Service) -> bool:
    """Take no more requests, and wait for those that run. Whether all exchanges ended: a client may hold one without asking anything."""
    closing = threading.Thread(target=server.shutdown, name="dbt_ai shutdown", daemon=True)
    closing.start()
    while closing.is_alive() and service.idle_seconds() < IDLE_EXCHANGE:
        closing.join(0.1)
    return not closing.is_alive()


def _token(options: ServerOptions) -> str | None:
    if options.token_env is None:
        if not is_loopback(options.host):
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
STORE_CONFIG = {"checkpoint_threshold": CHECKPOINT_THRESHOLD, "memory_limit": "512MB"}
