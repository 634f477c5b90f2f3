"""`dbt-ai compare`: a node's question asked in two ways about the same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from dbt_ai.commands.estimate import estimate_sql
from dbt_ai.dbt_project import DbtOptions, compile_nodes, read_target, working_in
from dbt_ai.errors import ConfigurationError
from dbt_ai.estimate import Estimate
from dbt_ai.report.artefacts import read_artefacts
from dbt_ai.report.comparisons import Comparison, Side, compared, save
from dbt_ai.settings import forced_mode
from dbt_ai.store.schema import literal, quoted

# The call as JSON, the first argument of a SQL function of ours.
_CALL = re.compile(r"(\bdbt_ai_(?:try_)?query\()'((?:[^']|'')*)'")
# Where the type of the input decides how the call takes it, SQL stands in the JSON; see adapters/duckdb/_answer.sql.
_BY_TYPE = re.compile(r"\"request_format\": \"(' \|\| case when .*? end \|\| ')\"")
# What a call says of its model, as macros/internal/_call.sql does.
_SPECIFICATION = ("location", "api_format", "model_type", "model", "credential", "parameters", "identity", "local_runtime_path")
_MARK = "by type of the input"


@dataclass(frozen=True, slots=True)
class Variation:
    """How the other way differs. model: an external model of the project. prompt: the system message. parameters: of the call."""

    model: str | None = None
    prompt: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = [
            self.model and f"model {self.model}",
            self.prompt and f"prompt {self.prompt!r}",
            self.parameters and f"parameters {json.dumps(dict(self.parameters))}",
        ]
        return ", ".join(part for part in said if part)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared. column: SQL of the answer; label: the column that says what is right; shown: the one that tells a row."""

    node: str
    change: Variation
    rows: int
    column: str | None = None
    label: str | None = None
    shown: str | None = None


def compare(
    options: DbtOptions, wanted: Wanted, agreed: Callable[[Sequence[Estimate]], bool], say: Callable[[str], None]
) -> Comparison | None:
    """Ask both ways and keep the comparison for the report; None if the user does not agree to what they would ask.

    Raises ConfigurationError where the project does not compile, or where there is nothing to compare.
    """
    if not str(wanted.change):
        raise ConfigurationError("nothing differs; give --model, --prompt or --parameters for the other way")
    target = read_target(options).type
    if target != "duckdb":
        raise ConfigurationError(
            f"compare asks in this process, which works on DuckDB, and this target is {target}; give --target for one on DuckDB, or write"
            " the other way as a model of its own and compare the two tables with the test ai_agreement"
        )
    folder = options.project_folder
    with working_in(folder):
        say("compiling the project")
        with forced_mode("estimate"):
            selected = (wanted.node, *([wanted.change.model] if wanted.change.model else []))
            nodes = {node.name: node for node in compile_nodes(replace(options, select=selected, exclude=()))}
            wanted, sqls = _statements(wanted, nodes, folder / "target")
            expected = _run(sqls, partial(_estimated, wanted), say)
        if not agreed(expected):
            return None
        (a, rows), (b, others) = _run(sqls, partial(_asked, wanted), say)
    pairs = [(*row, other[2]) for row, other in zip(rows, others, strict=True)]
    sides = (_side("current", a, rows), _side(str(wanted.change), b, others))
    found = compared(wanted.node, wanted.column or "", f"{datetime.now():%Y-%m-%d %H:%M}", sides, pairs)
    save(found, folder / "target")
    return found


def changed(sql: str, change: Variation, specification: Mapping[str, Any] | None) -> str:
    """The compiled SQL with its calls asking in the other way. specification: of the other model.

    Raises ConfigurationError if it has no call that this changes.
    """

    def other(found: re.Match[str]) -> str:
        call = json.loads(found[2].replace("''", "'"))
        return found[1] + literal(json.dumps(_changed(call, change, specification), ensure_ascii=False))

    by_type = _BY_TYPE.findall(sql)
    plain = _BY_TYPE.sub(f'"request_format": "{_MARK}"', sql)
    asked_otherwise = _CALL.sub(other, plain)
    if asked_otherwise == plain:
        raise ConfigurationError("its SQL asks no CHAT model, so there is nothing to compare; name a node that does")
    for sql_of_type in by_type:
        asked_otherwise = asked_otherwise.replace(_MARK, sql_of_type, 1)
    return asked_otherwise


def _changed(call: dict[str, Any], change: Variation, specification: Mapping[str, Any] | None) -> dict[str, Any]:
    if specification is not None:
        call["model"] = dict(specification)
    call["parameters"] = {**(call.get("parameters") or {}), **change.parameters}
    if change.prompt is not None:
        kept = [message for message in call.get("messages") or [] if message.get("role") != "system"]
        call["messages"] = [{"role": "system", "content": change.prompt}, *kept]
    return call


def _statements(wanted: Wanted, nodes: Mapping[str, Any], target: Path) -> tuple[Wanted, list[tuple[str, str]]]:
    """What is compared, with the columns that the project's tests name, and each way's id and SQL."""
    node = nodes.get(wanted.node)
    if node is None or not node.compiled_code:
        raise ConfigurationError(f"{wanted.node!r} is no model of the project; give the name of one with AI calls")
    specification = None
    if wanted.change.model:
        other = nodes.get(wanted.change.model)
        meta = (other.config.meta.get("dbt_ai") if other else None) or {}
        if other is None or other.config.materialized != "external_model":
            raise ConfigurationError(f"--model {wanted.change.model!r} is no external model of the project")
        if meta.get("model_type") != "CHAT":
            said = f"--model {other.name!r} is of model_type {meta.get('model_type')}"
            raise ConfigurationError(f"{said}, and compare asks for texts; give a CHAT model")
        specification = {"name": other.name, **{name: meta[name] for name in _SPECIFICATION if meta.get(name) is not None}}
    judged = next((one for one in read_artefacts(target).judged if one.node == wanted.node), None)
    column = wanted.column or (judged.answer if judged else None)
    label = wanted.label or (judged.label if judged else None)
    if column is None:
        raise ConfigurationError(f"no test of {wanted.node!r} says which column holds the answers; name it with --column")
    sample = "select * from (\n{}\n) as compared limit " + str(wanted.rows)
    sqls = [node.compiled_code, changed(node.compiled_code, wanted.change, specification)]
    ids = [f"{node.unique_id}.compare_{way}" for way in "ab"]
    return replace(wanted, column=column, label=label), list(zip(ids, map(sample.format, sqls), strict=True))


def _run(sqls: Sequence[tuple[str, str]], do: Callable[[Any, str, str], Any], say: Callable[[str], None]) -> list[Any]:
    """Do something with each statement, on a connection whose plugin has the mode of this moment."""
    from dbt.adapters.factory import FACTORY

    adapter: Any = FACTORY.adapters["duckdb"]
    try:
        with adapter.connection_named("dbt_ai_compare"):
            found = []
            for node, sql in sqls:
                say(f"looking at {node.split('.', 2)[-1]}")
                found.append(do(adapter, node, sql))
            return found
    finally:
        # dbt-duckdb keeps the plugin, and its mode, as long as the database is open.
        adapter.cleanup_connections()
        adapter.connections.close_all_connections()


def _estimated(wanted: Wanted, adapter: Any, node: str, sql: str) -> Estimate:
    found = estimate_sql(adapter, node, sql)
    if found.expected is None:
        raise ConfigurationError(f"the SQL of {node} cannot run yet: {found.problem}; build what it reads first")
    # A column that is not there is found before anything is paid.
    _rows(adapter, f"describe {_reading(wanted, adapter, sql)}")
    return found.expected


def _rows(adapter: Any, statement: str) -> list[tuple[Any, ...]]:
    from dbt_common.exceptions import DbtRuntimeError

    try:
        _, table = adapter.execute(statement, fetch=True)
    except DbtRuntimeError as error:
        raise ConfigurationError(f"what is compared cannot be read: {error.msg.splitlines()[0]}") from None
    return [tuple(row) for row in table.rows]


def _reading(wanted: Wanted, adapter: Any, sql: str) -> str:
    """SQL that reads of each row what is shown, its label and its answer. As JSON: what is a number as text must not be read as one."""
    label = f"cast({quoted(wanted.label)} as varchar)" if wanted.label else "null"
    first = wanted.shown or str(_rows(adapter, f"describe {sql}")[0][0])
    shown = f"cast({quoted(first)} as varchar)"
    return f"select to_json([{shown}, {label}, cast({wanted.column} as varchar)])::varchar || ' ' from ({sql}) as answered"


def _asked(wanted: Wanted, adapter: Any, node: str, sql: str) -> tuple[Mapping[str, Any], list[tuple[str, str | None, str | None]]]:
    """Ask, then read: the counts of this way, and of each row what is shown, its label and its answer."""
    rows = partial(_rows, adapter)
    rows(f"select dbt_ai_plan({literal(node)}, {literal(node)}, {literal(sql)}, '{{}}')")
    status: Mapping[str, Any] = {"state": "running"}
    while status["state"] == "running":
        status = json.loads(rows(f"select dbt_ai_wait({literal(node)})")[0][0])
    if status["state"] == "failed":
        raise ConfigurationError(status["message"])
    rows(f"set variable dbt_ai_node = {literal(node)}")
    read = rows(_reading(wanted, adapter, sql))
    counts = json.loads(rows(f"select dbt_ai_counts({literal(node)}) || ' '")[0][0])["counts"]
    return counts, [tuple(json.loads(row)) for (row,) in read]


def _side(said: str, counts: Mapping[str, Any], rows: Sequence[tuple[str, str | None, str | None]]) -> Side:
    cost, saved = counts.get("cost_usd"), counts.get("saved_usd")
    return Side(
        said,
        answered=sum(answer is not None for _, _, answer in rows),
        requests=counts.get("requests", 0),
        tokens=counts.get("input_tokens", 0) + counts.get("output_tokens", 0),
        cost_usd=None if cost is None or saved is None else cost + saved,
        latency_p50=counts.get("latency_p50"),
        latency_p95=counts.get("latency_p95"),
        right=sum(label is not None and label == answer for _, label, answer in rows),
    )
