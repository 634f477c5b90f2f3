"""The judges of compiled SQL: parsers and planners that other people wrote. Each answers None, or why it refuses."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def with_a_bracket_too_many(sql: str) -> str | None:
    """The statement broken on purpose: its last closing bracket outside of quotes doubled. None if it has none."""
    quoted = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*", re.DOTALL)
    code = quoted.sub(lambda found: " " * len(found.group()), sql)
    last = code.rfind(")")
    return None if last < 0 else sql[:last] + ")" + sql[last:]


TSQL_VERSIONS = {"sqlserver": "2025", "fabric": "fabricdw"}


def sqlglot_refusal(dialect: str, sql: str) -> str | None:
    """sqlglot knows a dialect's grammar, not its functions' arguments. A statement it only carries through unread is refused."""
    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        # The body of a function is a string to sqlglot.
        bodies = [f"select {body}" for body in re.findall(r"\$\$(.*)\$\$", sql, re.DOTALL)]
        for statement in sqlglot.parse(";".join([sql, *bodies]), read=dialect):
            if isinstance(statement, exp.Command):
                return f"sqlglot does not read this statement: {sql[:80]}"
    except sqlglot.errors.SqlglotError as error:
        return str(error)
    return None


def tsql_refusal(version: str, sql: str) -> str | None:
    """ScriptDom, Microsoft's own T-SQL grammar. A select is read as the body of a view, where dbt puts it."""
    program = shutil.which("maxdop", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if program is None:
        raise FileNotFoundError("maxdop is not installed beside this Python: pip install maxdop==0.1.3")
    # Its grammar is older than the last clause of Fabric's AI functions.
    sql = sql.replace(" ERROR ON ERROR)", ")") if version == TSQL_VERSIONS["fabric"] else sql
    text = f"CREATE OR ALTER VIEW v AS {sql}" if sql.lower().startswith(("select", "with")) else sql
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        # dbt quotes names with ", which is a string to a T-SQL session that has not been told otherwise.
        config.write('{"initialQuotedIdentifiers": true}')
        config.flush()
        command = [program, "--config", config.name, "--parser-version", version]
        result = subprocess.run(command, input=text, capture_output=True, text=True)
    # Exit 2 is the formatter's own trouble with a statement that did parse.
    return result.stderr.strip() if "could not be parsed" in result.stderr else None


def duckdb_refusal(sql: str) -> str | None:
    """DuckDB's parser, without binding: json_serialize_sql reads a select and looks nothing up."""
    import json

    import duckdb

    answer = duckdb.connect().execute("select json_serialize_sql(?)", [sql]).fetchone()
    verdict = json.loads(answer[0]) if answer else {"error": True, "error_message": "no answer"}
    return verdict["error_message"] if verdict["error"] else None


def spark() -> Any:
    """A Spark session, in a JVM of its own."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()  # type: ignore[attr-defined]


def spark_refusal() -> Callable[[str], str | None]:
    """Spark's own parser. Reading looks nothing up."""
    from pyspark.errors import ParseException

    parser = spark()._jsparkSession.sessionState().sqlParser()

    def refusal(sql: str) -> str | None:
        try:
            parser.parsePlan(sql)
        except ParseException as error:
            return str(error)
        return None

    return refusal


def databend_refusal(setup: list[str]) -> Callable[[str], str | None]:
    """Databend's planner, which also resolves names and types: `setup` creates what the statements read.

    CREATE FUNCTION … ADDRESS is planned by connecting to the address: a server that is not there (code 2604) is found after the
    statement was read.
    """
    context = start_databend()
    for statement in setup:
        context.sql(statement).collect()

    def refusal(sql: str) -> str | None:
        for statement in sql.split(";\n"):
            try:
                # Planned when it is given; what would change something is not executed.
                context.sql(f"explain {statement}" if statement.lower().startswith(("select", "with")) else statement)
            except BaseException as error:  # the binding raises RuntimeError and, on panics, a BaseException
                if "Code: 2604" not in str(error):
                    return str(error)
        return None

    return refusal


def start_databend() -> Any:
    """A session of Databend in this process, where it can be started once. Its data go with the process."""
    import databend

    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = Path(folder, "databend.toml")
    config.write_text(DATABEND_CONFIG.format(folder=folder, port=8815))
    databend.init_service(config=str(config))
    return databend.SessionContext()


DATABEND_CONFIG = """[query]
tenant_id = "t"
cluster_id = "c"
enable_udf_server = true
udf_server_allow_insecure = true
udf_server_allow_list = ["http://127.0.0.1:{port}"]
[meta]
embedded_dir = "{folder}/meta"
[storage]
type = "fs"
allow_insecure = true
[storage.fs]
data_path = "{folder}/data"
"""
