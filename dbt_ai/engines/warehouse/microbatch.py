"""What all batches of a microbatch model ask: dbt runs the hook that plans for the first of them only."""

from __future__ import annotations

from datetime import datetime, timezone

from dbt import flags
from dbt.artifacts.resources.types import BatchSize
from dbt.materializations.incremental.microbatch import MicrobatchBuilder


def of_all_batches(sql: str, batch_end: str, batch_size: str) -> str:
    """The SQL of one batch, read to the end of the last one. batch_end: as dbt wrote it into the SQL."""
    asked_end = getattr(flags.GLOBAL_FLAGS, "EVENT_TIME_END", None)
    end = asked_end.replace(tzinfo=timezone.utc) if asked_end else datetime.now(timezone.utc)
    return sql.replace(f"'{batch_end}'", f"'{MicrobatchBuilder.ceiling_timestamp(end, BatchSize(batch_size))}'")
