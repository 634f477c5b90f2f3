"""Refuses what cannot be asked: what is another thing each time it is read, and what cannot stand where a look-up has it."""

from __future__ import annotations

from sqlglot import exp

from dbt_ai.engines.warehouse.look_ups import CALL, LookUp, Unreadable, is_look_up

_OWN_NAMES = ("dbt_ai_key", "dbt_ai_value", CALL)
# What gives another value each time; the second by the names of functions that sqlglot has no class for.
_UNSETTLED = (
    *(exp.Rand, exp.Randn, exp.Uuid, exp.TableSample),
    *(exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime, exp.Localtimestamp, exp.Localtime),
)
_UNSETTLED_NAMES = frozenset(
    (
        *("now", "clock_timestamp", "transaction_timestamp", "statement_timestamp", "timeofday", "sysdatetime"),
        *("getdate", "sysdate", "gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "newid"),
        *("random_normal", "setseed", "nextval", "txid_current", "pg_current_xact_id"),
    )
)


def require_askable(look_up: LookUp, asked: exp.Expr) -> None:
    """Raises Unreadable. asked: the input, in rows that need its answer."""
    _refuse_own_names(look_up)
    _refuse_window(look_up)
    _refuse_unsettled(look_up.select, asked)


def _refuse_own_names(look_up: LookUp) -> None:
    """A column with the name of one of the look-up's own would be that one where the look-up reads it."""
    for column in look_up.input.walk(prune=is_look_up):
        if isinstance(column, exp.Column) and not column.table and column.name.lower() in _OWN_NAMES:
            raise Unreadable(f"an AI call is asked the column {column.name}, a name that its look-up has too; give the column another name")


def _refuse_window(look_up: LookUp) -> None:
    """What is asked stands in the condition of the look-up's own select, where no engine takes one."""
    window = next((node for node in look_up.input.walk(prune=is_look_up) if isinstance(node, exp.Window)), None)
    if window is not None:
        raise Unreadable(
            f"an AI call is asked the window function {window.sql()}; compute it in a CTE, and call on the column that this has"
        )


def _refuse_unsettled(select: exp.Select, asked: exp.Expr) -> None:
    """What is asked must be what is looked up a moment later."""
    unsettled = next((node for node in asked.walk() if is_unsettled(node)), None)
    samples = select.args.get("sample") or any(source.find(exp.TableSample) for source in _sources(select))
    if unsettled is not None or samples:
        what = "reads a sample" if unsettled is None else f"is asked {unsettled.sql()}"
        raise Unreadable(
            f"an AI call {what}, which is another one each time it is read; materialize those rows in a model of their own first"
        )


def is_unsettled(node: exp.Expr) -> bool:
    """Whether a node of the SQL may be another thing each time it is read."""
    return isinstance(node, _UNSETTLED) or (isinstance(node, exp.Anonymous) and node.name.lower() in _UNSETTLED_NAMES)


def _sources(select: exp.Select) -> list[exp.Expr]:
    return [source for source in (select.args.get("from_"), *(select.args.get("joins") or [])) if source is not None]
