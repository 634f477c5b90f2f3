"""docs/your_own_api_format.md is run: its class, installed as a package of its own, answers a real dbt run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, Project, Server
from models import ai_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # which pytest brings

PAGE = (REPOSITORY / "docs/your_own_api_format.md").read_text()
FILES = {name: text for _, name, text in re.findall(r"^```(\w+) (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)}


class Gateway(BaseHTTPRequestHandler):
    """What the page says of the gateway. It wants a key, and writes what it is asked in capitals."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Bearer acme-key-0123456789":
            return self._say(401, {"problem": "show me your key"})
        if self.path == "/v2/vectors":
            vectors = [[float(len(text)), 1.0] for text in request["texts"]]
            return self._say(200, {"vectors": vectors, "used": {"read": len(vectors)}})
        said = request["conversation"][-1]["content"]
        typed = any("JSON Schema" in message["content"] for message in request["conversation"])
        answer = json.dumps({"shout": said.upper(), "length": request["settings"]["length"]}) if typed else said.upper()
        return self._say(200, {"answer": answer, "ended": "cut" if "long" in said else "end", "used": {"read": 3, "written": 2}})

    def _say(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def gateway() -> Iterator[Server]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Server(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


def install(folder: Path, files: dict[str, str]) -> None:
    """Put a package where pip would put it: its modules and the description of its distribution."""
    folder.mkdir()
    project = tomllib.loads(files["pyproject.toml"])["project"]
    for name, text in files.items():
        if name.endswith(".py"):
            (folder / name).write_text(text)
    described = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in found.items()) for group, found in project["entry-points"].items()
    )
    (described / "entry_points.txt").write_text(points)


@pytest.fixture
def acme(project: Project, gateway: Server) -> Project:
    install(project.path / "site", FILES)
    project.env["PYTHONPATH"] = f"{REPOSITORY}:{project.path / 'site'}"
    project.env["ACME_SECRET"] = json.dumps({"Bearer": "acme-key-0123456789"})
    project.configure(credentials=[{"name": gateway.url, "secret_env": "ACME_SECRET"}])
    project.write(
        {name: text.replace("https://ai.acme.example", gateway.url) for name, text in FILES.items() if name.startswith("models/")}
    )
    return project


def test_the_class_is_forty_lines():
    assert len(FILES["acme_dbt_ai.py"].splitlines()) <= 40


def test_a_format_of_another_package_answers_a_real_run(acme: Project):
    acme.write(
        {
            "models/answers.sql": ai_table("""
                select body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector,
                       {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as text,
                       {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<shout STRING, length INT>') }} as typed
                from (values ('hi'), ('hello')) t(body)"""),
            "models/cut.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'a long story'\", fail_on_error=false) }} as answer"),
        }
    )
    acme.dbt_process("run", check=True)
    rows = acme.query("select body, vector::varchar, text.response, typed.shout, typed.length from answers order by body")
    assert rows == [("hello", "[5.0, 1.0]", "HELLO", "HELLO", 200), ("hi", "[2.0, 1.0]", "HI", "HI", 200)]
    [(error,)] = acme.query("select answer.errorStatus from cut")
    assert "cut off" in error


def test_the_words_of_its_refusal_are_told(acme: Project):
    acme.env["ACME_SECRET"] = json.dumps({"Bearer": "acme-key-wrong"})
    acme.write({"models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hi'\") }} as answer")})
    run = acme.dbt_process("run")
    assert not run.ok and "401 show me your key" in run.output and "Traceback" not in run.output


def test_the_test_of_the_page_passes(tmp_path: Path):
    for name in ("acme_dbt_ai.py", "test_acme.py"):
        (tmp_path / name).write_text(FILES[name])
    command = [sys.executable, "-m", "pytest", "-q", "--noconftest", "-c", "/dev/null", "--rootdir", str(tmp_path), "test_acme.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout


def test_two_packages_that_claim_one_format_are_told_in_one_sentence(acme: Project):
    other = {**FILES, "pyproject.toml": FILES["pyproject.toml"].replace("acme-dbt-ai", "rival").replace('"acme_dbt_ai:', '"rival:')}
    install(acme.path / "rival", {name.replace("acme_dbt_ai.py", "rival.py"): text for name, text in other.items()})
    acme.env["PYTHONPATH"] += f":{acme.path / 'rival'}"
    run = acme.dbt_process("run", "--select", "llm")
    claimed = "api_format 'Acme' is claimed by acme-dbt-ai (acme_dbt_ai:Acme) and rival (rival:Acme); uninstall one of them"
    assert not run.ok and f"external model 'llm': {claimed}" in run.output and "Traceback" not in run.output
