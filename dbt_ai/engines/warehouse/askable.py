"""Refuses what cannot be asked: what is another thing each time it is read, and what cannot stand where a look-up has it."""

from __future__ import annotations

from sqlglot import exp

from dbt_ai.engines.warehouse.look_ups import LookUp, Unreadable, is_look_up

# What gives another value each time; the second by the names of functions that sqlglot has no class for.
_UNSETTLED = (exp.Rand, exp.Randn, exp.Uuid, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime)
_UNSETTLED_NAMES = frozenset(("now", "clock_timestamp", "timeofday", "gen_random_uuid", "newid", "sysdatetime", "getdate", "sysdate"))


def require_askable(look_up: LookUp, asked: exp.Expr) -> None:
    """Raises Unreadable. asked: the input, in rows that need its answer."""
    _refuse_window(look_up)
    _refuse_unsettled(look_up.select, asked)


def _refuse_window(look_up: LookUp) -> None:
    """What is asked stands in the condition of the look-up's own select, where no engine takes one."""
    window = next((node for node in look_up.input.walk(prune=is_look_up) if isinstance(node, exp.Window)), None)
    if window is not None:
        raise Unreadable(
            f"an AI call is asked the window function {window.sql()}; compute it in a CTE, and call on the column that this has"
        )


def _refuse_unsettled(select: exp.Select, asked: exp.Expr) -> None:
    """What is asked must be what is looked up a moment later."""
    unsettled = next((node for node in asked.walk() if isinstance(node, _UNSETTLED) or _is_unsettled(node)), None)
    samples = select.args.get("sample") or any(source.find(exp.TableSample) for source in _sources(select))
    if unsettled is not None or samples:
        what = "reads a sample" if unsettled is None else f"is asked {unsettled.sql()}"
        raise Unreadable(
            f"an AI call {what}, which is another one each time it is read; materialize those rows in a model of their own first"
        )


def _is_unsettled(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in _UNSETTLED_NAMES


def _sources(select: exp.Select) -> list[exp.Expr]:
    return [source for source in (select.args.get("from_"), *(select.args.get("joins") or [])) if source is not None]
