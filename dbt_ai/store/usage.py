"""What an invocation used, as rows of the table `usage`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

from dbt_ai.budget import Payer, Spent, Used
from dbt_ai.ledger import Usage
from dbt_ai.store.schema import USAGE, arrow_schema


def rows(invocation: str, usages: Sequence[Usage]) -> pa.Table:
    """One row for each node and model, in the columns of the table `usage`."""
    return pa.Table.from_pylist([_row(invocation, usage) for usage in usages], arrow_schema(USAGE))


def _row(invocation: str, usage: Usage) -> dict[str, Any]:
    """A column is the attribute of the same name, but for those that SQL or the invocation names."""
    named = {
        "invocation_id": invocation,
        "distinct_requests": usage.distinct,
        "started_at": datetime.fromtimestamp(usage.started, timezone.utc),
        "tags": json.dumps(list(usage.tags), ensure_ascii=False) if usage.tags else None,
    }
    return {column.name: named[column.name] if column.name in named else getattr(usage, column.name) for column in USAGE}


# What `read_used` reads of a row.
USED = ("node", "external_model", "model", "tags", "started_at", "requests", "input_tokens", "output_tokens", "cost_usd")


def read_used(row: Sequence[Any]) -> Used:
    """A row of the table `usage`, in the columns of USED. The table may have been written by hand."""
    node, external_model, model, tags, at, requests, read, written, cost = row
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    spent = Spent(int(requests or 0), int(read or 0) + int(written or 0), float(cost or 0.0))
    return Used(Payer(str(node), (str(external_model), str(model)), _tags(tags)), spent, at)


def _tags(text: str | None) -> tuple[str, ...]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()
