"""What an invocation used, as rows of the table `usage`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

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
    }
    return {column.name: named[column.name] if column.name in named else getattr(usage, column.name) for column in USAGE}
