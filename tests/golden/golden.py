"""Compiles the models of tests/golden/project for any engine, with dbt itself and without that engine.

dbt parses the project once (on DuckDB); for each engine its adapter is then told to answer dispatch, relations and `target.type`
as that engine's adapter would. `python tests/golden/golden.py` rewrites the golden files.
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, make_dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

GOLDEN = Path(__file__).parent
REPOSITORY = GOLDEN.parent.parent
PROJECT = GOLDEN / "project"


@dataclass(frozen=True)
class Engine:
    """How dbt's adapter for an engine dispatches and names relations.

    prefixes: the engine and what its plugin declares as dependencies. quote: None where its adapter does not quote. text: what
    dbt.type_string() answers.
    database: whether its relations have three parts. judges: who reads what is compiled, see parsers.py.
    """

    name: str
    prefixes: tuple[str, ...]
    quote: str | None
    judges: str
    text: str
    database: bool = True
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """`target.type`; the name tells variants of an engine apart as well."""
        return self.prefixes[0]


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("duckdb", ("duckdb",), '"', "DuckDB", "TEXT"),
        Engine("databricks", ("databricks", "spark"), "`", "sqlglot (databricks) and Spark's parser", "string"),
        Engine("sqlserver", ("sqlserver",), '"', "Microsoft's T-SQL parser (maxdop, 2025)", "varchar(8000)"),
        Engine("fabric", ("fabric",), '"', "Microsoft's T-SQL parser (maxdop, fabricdw)", "varchar(8000)"),
        Engine("databend", ("databend",), None, "Databend's planner", "string", database=False),
        Engine("snowflake", ("snowflake",), '"', "sqlglot (snowflake)", "TEXT"),
        Engine("bigquery", ("bigquery",), "`", "sqlglot (bigquery)", "string"),
        Engine("spark", ("spark",), "`", "sqlglot (spark) and Spark's parser", "string", database=False),
        Engine("postgres", ("postgres",), '"', "sqlglot (postgres)", "TEXT"),
        *(
            Engine(
                f"postgres-{provider}", ("postgres",), '"', "sqlglot (postgres)", "TEXT", variables={"dbt_ai_postgres_provider": provider}
            )
            for provider in ("azure_ai", "alloydb", "aws_ml", "pgai")
        ),
        Engine("redshift", ("redshift", "postgres"), '"', "sqlglot (redshift)", "TEXT"),
        Engine("trino", ("trino",), '"', "sqlglot (trino)", "varchar"),
        Engine("clickhouse", ("clickhouse",), "`", "sqlglot (clickhouse)", "String", database=False),
        # Where a vendor has functions, the other way.
        *(
            Engine(f"{name}-runtime", prefixes, quote, judges, text, database, variables={"dbt_ai": {"way": "runtime"}})
            for name, prefixes, quote, judges, text, database in (
                ("databricks", ("databricks", "spark"), "`", "sqlglot (databricks) and Spark's parser", "string", True),
                ("sqlserver", ("sqlserver",), '"', "Microsoft's T-SQL parser (maxdop, 2025)", "varchar(8000)", True),
                ("fabric", ("fabric",), '"', "Microsoft's T-SQL parser (maxdop, fabricdw)", "varchar(8000)", True),
                ("snowflake", ("snowflake",), '"', "sqlglot (snowflake)", "TEXT", True),
                ("bigquery", ("bigquery",), "`", "sqlglot (bigquery)", "string", True),
                ("redshift", ("redshift", "postgres"), '"', "sqlglot (redshift)", "TEXT", True),
                ("spark", ("spark",), "`", "sqlglot (spark) and Spark's parser", "string", False),
            )
        ),
    )
}

# What a judge cannot read, by engine and macro: the golden file says so and the judge is not asked.
UNREAD: dict[tuple[str, str], str] = {
    ("sqlserver", "databricks_examples"): "the examples end in Databricks' limit",
    ("redshift", "create_external_model"): "sqlglot does not read Redshift's CREATE EXTERNAL MODEL",
    ("redshift", "drop_external_model"): "sqlglot does not read DROP MODEL",
    ("redshift", "grant_external_model"): "sqlglot does not read GRANT … ON MODEL",
    ("redshift", "revoke_external_model"): "sqlglot does not read REVOKE … ON MODEL",
    ("bigquery", "ai_vector_index"): "sqlglot does not read a script",
    ("postgres-alloydb", "create_external_model"): "sqlglot does not read an anonymous block",
    ("postgres-alloydb", "databricks_examples"): "sqlglot does not read an anonymous block",
}


# What is compiled for the other way: a function of each kind.
OTHER_WAY = ("ai_classify", "ai_decide", "ai_embed", "ai_filter", "ai_query", "ai_similarity")

# The model of the project that an earlier run has built.
BUILT = "next_run"

# Needs a catalog with models in it: tests/functional/test_external_models.py. Asks the database what an index has: test_vector_index.py and
# test_duckdb_vector_index.py.
ELSEWHERE = {
    *(("duckdb", f"{verb}_external_model") for verb in ("alter", "drop", "grant", "revoke")),
    *((engine, "ai_vector_index") for engine in ENGINES if engine.split("-")[0] in ("duckdb", "postgres")),
}


@dataclass(frozen=True)
class Case:
    """One model of the project: `macro` is its folder. sql is None where the engine's compile error stands in `error`.

    sql is what the model renders to, or for macros that render to nothing the statements that they send.
    """

    macro: str
    name: str
    source: str
    sql: str | None
    error: str | None


@cache
def compiler() -> Compiler:
    """The one of this process: parsing takes seconds."""
    return Compiler()


class Compiler:
    """The parsed project. Holds DuckDB's adapter, so one process compiles for one engine at a time."""

    def __init__(self) -> None:
        # What the last model sent to the database, and whether that began a transaction.
        self.sent: list[tuple[str, bool]] = []
        from dbt.cli.main import dbtRunner

        with tempfile.TemporaryDirectory() as target:
            result = dbtRunner().invoke(
                ["-q", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target,
                 "--log-path", target, "--no-partial-parse"]
            )  # fmt: skip
        if not result.success:
            raise RuntimeError(f"the golden project does not parse: {result.exception}")
        self._manifest: Any = result.result
        self._manifest.build_flat_graph()

    def compile(self, engine: Engine) -> list[Case]:
        """Every model of the project as `engine` compiles it, in the order of their paths."""
        cases = []
        with self._as(engine) as config:
            for node in sorted(self._manifest.nodes.values(), key=lambda node: node.original_file_path):
                macro = Path(node.original_file_path).parent.name
                if node.resource_type != "model" or macro == "models" or (engine.name, macro) in ELSEWHERE:
                    continue
                if not engine.name.endswith("-runtime") or macro in OTHER_WAY:
                    cases.append(self._case(config, node, macro, engine))
        return cases

    def render(self, engine: Engine, code: str, model: str = "tickets", materialized: str | None = None) -> Case:
        """This model of the project with this code instead of its own, as `engine` compiles it."""
        node = copy.deepcopy(next(node for node in self._manifest.nodes.values() if node.name == model))
        node.raw_code = code
        node.depends_on.nodes = [other.unique_id for other in self._manifest.nodes.values()]
        if materialized is not None:
            node.config.materialized = materialized
        with self._as(engine) as config:
            return self._case(config, node, "", engine)

    @contextmanager
    def macros(self, engine: Engine) -> Iterator[Any]:
        """The package's macros as Python functions, as a model on `engine` calls them."""
        from dbt.context.providers import generate_runtime_model_context

        with self._as(engine) as config:
            node = next(node for node in self._manifest.nodes.values() if node.name == "tickets")
            context = generate_runtime_model_context(node, config, self._manifest)
            context["target"] = {**context["target"], "type": engine.type}
            yield SimpleNamespace(**context["dbt_ai"])

    def _case(self, config: Any, node: Any, macro: str, engine: Engine) -> Case:
        from dbt.clients.jinja import get_rendered
        from dbt.context.providers import generate_runtime_model_context
        from dbt_common.exceptions import CompilationError

        context = generate_runtime_model_context(node, config, self._manifest)
        context["target"] = {**context["target"], "type": engine.type}
        self.sent.clear()
        try:
            sql = get_rendered(node.raw_code, context, node).strip()
        except CompilationError as error:
            message = " ".join(str(error.msg).split())
            return Case(macro, node.name, node.raw_code.strip(), None, message)
        return Case(macro, node.name, node.raw_code.strip(), sql or "\n;\n".join(statement for statement, _ in self.sent), None)

    @contextmanager
    def _as(self, engine: Engine) -> Iterator[Any]:
        from agate import Table
        from dbt.adapters.contracts.connection import AdapterResponse
        from dbt.adapters.contracts.relation import Policy
        from dbt.adapters.factory import FACTORY, get_adapter, register_adapter
        from dbt.config.runtime import RuntimeConfig, load_profile, load_project
        from dbt.context import providers
        from dbt.flags import get_flags
        from dbt.mp_context import get_mp_context

        variables = dict(engine.variables)
        # load_profile looks where the last dbt command of this process was told to look.
        object.__setattr__(get_flags(), "PROFILES_DIR", str(PROJECT))
        profile = load_profile(str(PROJECT), variables, "golden", "golden")
        project = load_project(str(PROJECT), False, profile, variables)
        config = RuntimeConfig.from_parts(project, profile, get_flags())
        config.cli_vars = variables
        # An adapter that an earlier command of this process left behind would open that command's database.
        before = FACTORY.adapters.pop(config.credentials.type, None)
        register_adapter(config, get_mp_context())
        adapter = get_adapter(config)
        adapter.set_macro_resolver(self._manifest)
        quoted = {"database": engine.quote is not None, "schema": engine.quote is not None, "identifier": engine.quote is not None}
        as_engine = make_dataclass(
            f"{engine.type}Relation",
            [
                ("quote_character", str, field(default=engine.quote or "")),
                ("include_policy", Policy, field(default_factory=lambda: Policy(database=engine.database))),
            ],
            bases=(adapter.Relation,),
            frozen=True,
            eq=False,
            repr=False,
        )
        Adapter, connected = type(adapter), engine.name == "duckdb"

        def execute(self: Any, sql: str, auto_begin: bool = False, *arguments: Any, **options: Any) -> Any:
            sent.append((sql.strip(), auto_begin))
            return (
                execute_on_duckdb(self, sql, auto_begin, *arguments, **options) if connected else (AdapterResponse("OK"), Table([], [], []))
            )

        def get_relation(self: Any, database: str, schema: str, identifier: str) -> Any:
            return adapter.Relation.create(database, schema, identifier, type="table") if identifier == BUILT else None

        sent, execute_on_duckdb = self.sent, Adapter.execute
        try:
            with (
                mock.patch.object(Adapter, "execute", execute),
                mock.patch.object(Adapter, "get_relation", get_relation),
                mock.patch.object(Adapter, "quote", lambda _, name: f"{engine.quote or ''}{name}{engine.quote or ''}"),
                mock.patch.object(Adapter, "get_columns_in_relation", lambda *_: [adapter.Column("dbt_ai_state", engine.text)]),
                mock.patch.object(providers, "get_adapter_type_names", lambda _: list(engine.prefixes)),
                mock.patch.object(type(adapter), "type", classmethod(lambda _: engine.type)),
                mock.patch.object(type(adapter), "Relation", as_engine),
                mock.patch.object(adapter.Column, "translate_type", classmethod(lambda _, name: engine.text if name == "string" else name)),
                mock.patch.dict(config.quoting, quoted),
                adapter.connection_named("golden"),
            ):
                yield config
        finally:
            adapter.connections.close_all_connections()
            if before is not None:
                FACTORY.adapters[config.credentials.type] = before


def golden_file(engine: Engine, macro: str) -> Path:
    return GOLDEN / engine.name / f"{macro}.sql"


def golden_text(engine: Engine, macro: str, cases: list[Case]) -> str:
    """What a reviewer reads: each case's model, then what it compiles to or the error it stops with."""
    parts = [f"-- {macro} on {engine.name}. Judged by {engine.judges}. Written by tests/golden/golden.py.\n"]
    if (engine.name, macro) in UNREAD:
        parts.append(f"-- Not judged: {UNREAD[engine.name, macro]}.\n")
    for case in cases:
        parts.append(f"\n-- {case.name}\n" + "".join(f"--   {line}\n" for line in case.source.splitlines()))
        parts.append(f"{case.sql}\n;\n" if case.sql is not None else f"-- compile error: {case.error}\n")
    return "".join(parts)


def statements(engine: str, unread: bool = False) -> list[tuple[str, str]]:
    """What is written in an engine's golden files: where it stands, and the SQL. unread: also what its judge cannot read."""
    found = []
    for path in sorted((GOLDEN / engine).glob("*.sql")):
        if (engine, path.stem) in UNREAD and not unread:
            continue
        code = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
        found += [(f"{path.stem} {number}", sql.strip()) for number, sql in enumerate(code.split("\n;"), 1) if sql.strip()]
    return found


def golden_files(engines: Iterable[Engine] = ENGINES.values()) -> dict[Path, str]:
    files = {}
    for engine in engines:
        by_macro: dict[str, list[Case]] = {}
        for case in compiler().compile(engine):
            by_macro.setdefault(case.macro, []).append(case)
        for macro, cases in by_macro.items():
            files[golden_file(engine, macro)] = golden_text(engine, macro, cases)
    return files


if __name__ == "__main__":
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    sys.path.insert(0, str(REPOSITORY))
    for path, text in golden_files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
