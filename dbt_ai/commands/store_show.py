"""`dbt-ai store show`: stored answers in full, beside what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_ai.commands.model_names import ModelNames
from dbt_ai.commands.store import StorePlace, require_node
from dbt_ai.errors import ConfigurationError
from dbt_ai.outside_text import lines_shown
from dbt_ai.project_names import short_name
from dbt_ai.store import maintenance

MOST = 20
_COLUMNS = (
    "lower(hex(key)) as key, function, model, node, value, len(vector) as length, input_tokens, output_tokens, created_at, input, prompt"
)


def show(store: StorePlace, *, node: str | None = None, key: str | None = None) -> str:
    """The newest of the answers for which all conditions hold. Raises ConfigurationError if there are none."""
    which = maintenance.condition(node=node, key=key)
    with store.open_current() as connection:
        require_node(store, connection, node)
        count = maintenance.count(connection, store.tables, which)
        if not count:
            raise ConfigurationError(
                f"no stored answer is of {f'node {node!r}' if node else f'key {key!r}'}; dbt-ai store stats shows what there is"
            )
        found = connection.execute(
            f"select {_COLUMNS} from {store.tables.responses} where {which.sql} order by created_at desc, key limit {MOST}",
            list(which.values),
        )
        columns = [column[0] for column in found.description or []]
        answers = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        names = ModelNames.of({answer["model"] for answer in answers}, store.external_models(connection))
    more = [f"… and {count - MOST:,} more; --key shows one"] if count > MOST else []
    return "\n\n".join([*(_shown(answer, names) for answer in answers), *more])


def _shown(answer: Mapping[str, Any], names: ModelNames) -> str:
    tokens = f", {answer['input_tokens'] or 0:,.0f} tokens in, {answer['output_tokens'] or 0:,.0f} out"
    paid = f" for {short_name(answer['node'])}" if answer["node"] else ""
    value = answer["value"] if answer["value"] is not None else f"a vector of {answer['length']} numbers"
    parts = {
        "key": answer["key"],
        "asked": f"{answer['function']} by {names.shown(answer['model'])}{paid} at {answer['created_at']:%Y-%m-%d %H:%M}{tokens}",
        "prompt": answer["prompt"],
        "input": answer["input"] or "not kept; keep_inputs: true keeps it from the next run on",
        "answer": value,
    }
    return "\n".join(f"{name:<7} {_indented(text)}" for name, text in parts.items() if text is not None)


def _indented(text: str) -> str:
    return lines_shown(text).replace("\n", "\n        ")
