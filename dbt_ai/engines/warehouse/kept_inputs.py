"""Inputs that stay in the warehouse from the query that finds what is asked to the SQL that is built, since both need each of them once.

Finding the inputs of a million rows twice took a fifth of a run that had nothing to ask.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlglot import exp

from dbt_ai.engines.warehouse.look_up_position import may_be_correlated
from dbt_ai.engines.warehouse.look_ups import LookUp, holds_look_up

# The columns of a table of inputs.
INPUT, KEY = "dbt_ai_input", "dbt_ai_key"
# Where casts are dear and rows are not spread over many machines: a vector of 384 numbers takes as long as ten rows of a join.
_CASTS_ONCE = ("postgres",)
# What is left of a process that was killed. The name of a table says when it was made, for Postgres does not.
_LEFT_AFTER = timedelta(days=1)
_PREFIX = "dbt_ai_asked_"


def new_name() -> str:
    """Of a table of inputs. No other process has it."""
    return f"{_PREFIX}{_moment(datetime.now(timezone.utc))}_{uuid.uuid4().hex[:8]}"


def names_left() -> tuple[str, str]:
    """Names between these two, in the order of their bytes, are of tables that nobody will read any more."""
    return _PREFIX, f"{_PREFIX}{_moment(datetime.now(timezone.utc) - _LEFT_AFTER)}"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S")


@dataclass(frozen=True, slots=True)
class KeptInputs:
    """table: its name, as SQL. start: of the look-up, see LookUp.
    rows: the query of the rows that the look-up is computed for. made: the query of the table: each input, and the key of its answer.
    sql: what CollectingQuery.sql gives, read from the table.
    """

    table: str
    start: int
    rows: str
    made: str
    sql: str


def is_cast_once(look_up: LookUp, dialect: str) -> bool:
    """Whether its inputs can be read apart from the rows: from one table, by a condition that no answer decides."""
    select, where = look_up.select, look_up.select.args.get("where")
    return (
        dialect in _CASTS_ONCE
        and isinstance(look_up.node.parent, exp.Cast)
        and select.args.get("from_") is not None
        and isinstance(select.args["from_"].this, exp.Table)
        and not select.args.get("joins")
        and not holds_look_up(look_up.input)
        and not (where is not None and holds_look_up(where))
        and not may_be_correlated(select)
    )


def query_of_inputs(rows: str, input: str, key: str) -> str:
    """The query that makes the table. rows: with a column of this name. key: the expression of a key, of the column INPUT.

    The collation keeps texts apart that differ in any byte.
    """
    return (
        f"select {INPUT}, {key} as {KEY} from (select distinct dbt_ai_rows.{input} collate \"C\" as {INPUT} from ({rows}) as dbt_ai_rows"
        f" where dbt_ai_rows.{input} is not null) as dbt_ai_asked"
    )  # fmt: skip
