"""The runtime of a warehouse, as a command without a dbt run asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dbt_ai.errors import INTERRUPTED, DbtAiError, Interrupted

Ask = Callable[..., dict[str, Any]]


def asker(adapter: Any, settings: Mapping[str, Any]) -> Ask:
    """`ask(action, **arguments)` answers as macros/internal/_ask_runtime.sql does. Raises DbtAiError for what the runtime refuses.

    The signals that end the process are Ctrl-C from now on, as in a run.
    """
    from dbt_ai.engines.dbt_plugin import call_runtime
    from dbt_ai.engines.end_signals import end_signals

    end_signals.take_over()

    def ask(action: str, /, **arguments: Any) -> dict[str, Any]:
        answer = call_runtime(adapter, action, {**arguments, "settings": settings})
        if "error" in answer:
            raise DbtAiError(answer["error"])
        return answer

    return ask


def planned(
    ask: Ask, command: str, node: str, sql: str, views: Sequence[str] | Mapping[str, str], tags: Sequence[str] = ()
) -> dict[str, Any]:
    """Run the plan of a node to its end; how it ended. views: see Session.plan. Raises Interrupted after Ctrl-C."""
    ask("plan", node=node, owner=command, sql=sql, views=views, tags=tags)
    status: dict[str, Any] = {"state": "running"}
    try:
        while status["state"] == "running":
            status = ask("wait", node=node)
    except KeyboardInterrupt:
        ask("interrupt")
        raise Interrupted(f"{node}: {INTERRUPTED}") from None
    return status
